"""Is the difference between two arms real? One paired, two-sided method.

The estimand: the mean over users of the difference that a user drawn at random sees in recall@K (or
NDCG, or MRR), averaged over trainings with another seed. A user with many events weighs as much as any
other. All of it is about one training set, in one world: another year of purchases may differ by more.

Two things vary. Which users happened to be in the test: they are resampled, all of a user's events
together and the same users for both arms (bootstrap). Which seeds happened to be trained: with three
of them, resampling seeds would understate their spread, so each resample adds the error that the
mean of S values has, a normal of the spread over sqrt(S).

A two-way table of seeds and users (random effects, Searle, Casella & McCulloch 1992, ch. 4) tells luck apart. What
a user's mean difference owes to the luck of the S trainings is in their spread already: the users' deviations are
shrunk by it before they are resampled, so that no luck is counted twice. And the luck of the users' events in each
training is a `floor` of the spread between seeds, known from many users: seeds that agree by chance spread by no
less. So the squared spread of a resample is the larger of the floor's and (S - 1) s^2 over a chi-square with S - 1
degrees of freedom (a generalised interval, Weerahandi 1993, held to where the variance can lie). Far above the floor
this is Student's t; it is never narrower, so it covers no less.

Where each seed trains on users drawn anew from the one training set, all of it is about training sets like that one.
Sets that are drawn anew spread around it as it spreads around the truth (the bootstrap's principle, Efron 1979). The
spread between seeds then holds that between sets. So beside the mean's own share of it, 1 / S, stands the luck of the
one set, which no number of seeds averages away: once more all of it, above the floor. What the one set means to each
user by himself is in the users' spread already. The seeds' own luck can't be told apart from that of the sets and is
counted with it: the safe side.

Where several seeds share each set, it can be told apart: seeds are nested in sets, a one-way table with random effects
(Searle, Casella & McCulloch 1992, ch. 3; by unweighted means where a seed is missing, Thomas & Hultquist 1978). The
variance between the sets' means is that of sets and, over the seeds of one, that of seeds. So a resample draws both,
each over its own chi-square (Weerahandi 1993), and what the first has beyond the second is the variance of sets. That
counts for the mean, and once more for the luck of the one set; the seeds' variance counts for the mean alone. Seeds are
split over sets, not crossed with them: a seed means something else with each set, so the same seeds again would tell no
more than other ones. More sets narrow the interval faster than more seeds of each.

Where each set is another world, drawn as the first was, no one set is the source of the others, and the variance of
sets counts for the mean alone. Each world has users of its own, whose luck is part of how far worlds differ.

The interval is the middle 95% of the resamples, the p-value twice the smaller share of resamples on one
side of zero. `python -m pdcn calibrate` measures how often this claims a difference where there is none.

`pdcn.evaluation.power` says what such an interval can find, and `pdcn.evaluation.looks` what several of them may
claim.

Shapes: S seeds, U users, K cut-offs or other columns, R resamples.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from pdcn.arrays import Doubles, Flags

Outcome = Literal["better", "worse", "no detectable difference", "not tested", "too few seeds", "too short"]

RESAMPLES = 10_000
LEVEL = 0.95
CHUNK = 1_000
CHUNK_PICKS = 20_000_000
"""Users drawn at once, over all resamples of a chunk: bounds the memory, however many users there are."""
KEPT_PICKS = 3_500_000
"""So many picks of users are kept for the next interval of as many users: 7 MB."""
ROUNDING = 1e-12
"""Sums closer to zero than this share of the largest difference are zero, whichever side they fell on."""


@dataclass(frozen=True)
class Interval:
    """A mean, its 95% interval and p-value, and the two spreads behind them, each (K,).

    `seed_spread` is the standard deviation between seeds, `seed_floor` how much the luck of the users' events in each
    training explains by itself, both NaN for one seed; the interval uses the larger one, since a few seeds can agree by
    chance. Where several seeds share a training set, both are within a set, and `set_spread` is the standard deviation
    between sets beyond what seeds make of it, 0 where they explain all; else it is NaN. `user_error` is the standard
    error that comes from the choice of users, 0 where it can't be told from the luck of the trainings.
    """

    mean: Doubles
    low: Doubles
    high: Doubles
    p: Doubles
    seed_spread: Doubles
    seed_floor: Doubles
    user_error: Doubles
    set_spread: Doubles


def paired_interval(
    difference: Doubles,
    present: Flags | None = None,
    seed: int = 0,
    resamples: int = RESAMPLES,
    chance: float = 1 - LEVEL,
    *,
    sets: Sequence[int] = (),
    worlds: bool = False,
) -> Interval:
    """Interval of per-seed, per-user differences (S, U, K), which misses the truth by `chance`.

    `present` (U, K) says which users a column is about, by default all: a slice of the events may know
    only some. With one seed the interval knows of users only; `outcome` then refuses a verdict. `sets` (S,) is the
    training set of each seed where they were drawn anew, and empty where all trained on the one. Seeds that all drew
    the same set say nothing of others: then p is 1. With `worlds` the sets are worlds of their own.
    """
    seeds, users, cuts = difference.shape
    there = np.ones((users, 1)) if present is None else present.astype(np.float64)
    count = there.sum(0)  # (K,) or (1,)
    of_seed = (difference * there).sum(1) / count  # (S, K)
    of_user = difference.mean(0)  # (U, K)
    mean = of_seed.mean(0)
    deviation = (of_user - mean) * there
    spread = floor = between = np.full(cuts, np.nan)
    known = np.ones(cuts)
    drawn = len({*sets})
    shared = 1 < drawn < seeds
    if seeds > 1:
        spread = of_seed.std(0, ddof=1)
        rest = (difference - of_user - of_seed[:, None] + mean) * there
        luck = (rest**2).sum((0, 1)) / (seeds - 1) / seeds  # of means over S trainings, summed over users
        total = (deviation**2).sum(0)
        floor = np.sqrt(seeds * luck) / count
        known = np.sqrt(np.clip(1 - luck / np.where(total > 0, total, 1), 0, 1))
    if shared:
        of_set = np.array([[one == own for one in sets] for own in {*sets}], np.float64)  # (W, S)
        size = of_set.sum(1)  # (W,)
        alike = 1 / np.mean(1 / size)  # seeds of a set, the harmonic mean
        within = seeds - drawn
        set_mean = of_set @ of_seed / size[:, None]  # (W, K)
        spread = np.sqrt(((of_seed - of_set.T @ set_mean) ** 2).sum(0) / within)
        table = np.tensordot(of_set.T @ (of_set / size[:, None]), difference, 1)  # (S, U, K): the mean of its set
        rest = (difference - table - (of_seed - of_set.T @ set_mean)[:, None]) * there
        floor = np.sqrt((rest**2).sum((0, 1)) / within) / count
        of_sets = set_mean.var(0, ddof=1)
        between = np.sqrt(np.maximum(0, of_sets - spread**2 / alike))
        share = float(((size / seeds) ** 2).sum())
    deviation *= known
    means = np.empty((resamples, cuts))
    freedoms = (within, drawn - 1) if shared else (seeds - 1,) * (seeds > 1)
    start = 0
    for counts, squares, normal in _drawn(seed, users, resamples, freedoms):
        weights = counts.astype(np.float64)
        found = means[start : (start := start + len(weights))]
        found[:] = (weights @ deviation) / (weights @ there)
        if shared:
            own = np.maximum(floor**2, spread**2 * within / squares[0])
            all_of = of_sets * (drawn - 1) / squares[1]
            apart = np.maximum(0, all_of - own / alike)
            found += normal * np.sqrt((share + (not worlds)) * apart + own / seeds)
        elif seeds > 1:
            doubt = np.sqrt((seeds - 1) / squares[0])
            possible = np.maximum(floor, spread * doubt)
            if (
                drawn > 1 and not worlds
            ):  # of a squared error of possible^2 / S, and possible^2 - floor^2 of the one set
                possible = np.sqrt((seeds + 1) * possible**2 - seeds * floor**2)
            found += normal * possible / math.sqrt(seeds)
    means += mean
    means[np.abs(means) <= ROUNDING * np.abs(difference).max(initial=0)] = 0  # neither side of zero
    low, high = np.quantile(means, [chance / 2, 1 - chance / 2], axis=0)
    smaller = np.minimum((means <= 0).sum(0), (means >= 0).sum(0))
    p = np.minimum(1.0, 2 * (smaller + 1) / (resamples + 1))
    if drawn == 1 and seeds > 1:
        p = np.ones(cuts)
    user_error = np.sqrt((deviation**2).sum(0)) / count
    return Interval(mean, low, high, p, spread, floor, user_error, between)


Chunk = tuple[npt.NDArray[np.uint16], list[Doubles], Doubles]
"""What some resamples draw: how often each user (R, U), of each spread a chi-square (R, 1), and a normal number (R, 1).
"""


def _drawn(seed: int, users: int, resamples: int, freedoms: tuple[int, ...]) -> Iterable[Chunk]:
    """What resamples draw, chunk by chunk: the same for all metrics, arms and slices of a study, so that it is kept."""
    chunk = min(CHUNK, max(1, CHUNK_PICKS // users))
    draw = _kept if users * resamples <= KEPT_PICKS else _draw
    return draw(seed, users, resamples, freedoms, chunk)


@lru_cache(4)
def _kept(seed: int, users: int, resamples: int, freedoms: tuple[int, ...], chunk: int) -> tuple[Chunk, ...]:
    return tuple(_draw(seed, users, resamples, freedoms, chunk))


def _draw(seed: int, users: int, resamples: int, freedoms: tuple[int, ...], chunk: int) -> Iterator[Chunk]:
    draws = np.random.default_rng(seed)
    for start in range(0, resamples, chunk):
        rows = min(chunk, resamples - start)
        picks = draws.integers(users, size=(rows, users)) + np.arange(rows)[:, None] * users
        counts = np.bincount(picks.ravel(), minlength=rows * users).reshape(rows, users).astype(np.uint16)
        squares = [draws.chisquare(freedom, size=(rows, 1)) for freedom in freedoms]
        yield counts, squares, draws.standard_normal((rows, 1)) if freedoms else np.zeros((rows, 1))


def holm(p: Doubles) -> Doubles:
    """p-values (M,) adjusted for being M of them (Holm 1979): the chance of any false alarm stays.

    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()  # 3 x .01, 2 x .03, then no lower than that
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(stepped)
    adjusted[order] = np.minimum(1.0, stepped)
    return adjusted


def in_order(p: Doubles) -> Doubles:
    """p-values (F, M) of F questions about M arms each, adjusted for being asked one after another.

    The first question is what it would be alone: Holm over its arms. Each later one is tested the same way, but only
    once every arm of all questions before it is told apart (serial gatekeeping, Westfall & Krishen 2001), so none of
    its p-values is smaller than the largest before it. The chance of any false alarm, at any question, stays.

    >>> in_order(np.array([[0.01, 0.02], [0.001, 0.3], [0.001, 0.002]])).round(3).tolist()
    [[0.02, 0.02], [0.02, 0.3], [0.3, 0.3]]
    """
    each = np.array([holm(row) for row in p]).reshape(p.shape)
    before = np.maximum.accumulate(each.max(1, initial=0.0))[:-1]
    each[1:] = np.maximum(each[1:], before[:, None])
    return each


@dataclass(frozen=True)
class Contrast:
    """How much one difference exceeds another, with its 95% interval and two-sided p-value."""

    difference: float
    low: float
    high: float
    p: float


def contrast(
    mean: tuple[float, float], seed_spread: tuple[float, float], user_error: tuple[float, float], seeds: tuple[int, int]
) -> Contrast:
    """The first of two differences less the second, as if the two shared neither trainings nor users.

    Welch's t (1947): the variances of the means are added, the degrees of freedom are those of the seeds' part of
    each. Where both share users, seeds or a baseline arm, their luck is alike and the interval is too wide: the
    safe side. That one difference is detectable and another is not does not say that they differ; this does.

    >>> found = contrast((0.03, 0.01), (0.004, 0.003), (0.0, 0.0), (5, 5))
    >>> round(found.low, 4), round(found.high, 4), found.p < 0.001
    (0.0148, 0.0252, True)
    """
    from scipy.special import stdtr, stdtrit  # as in `seeds_needed`

    apart = mean[0] - mean[1]
    of_seeds = [s**2 / n for s, n in zip(seed_spread, seeds, strict=True)]
    variance = sum(of_seeds) + sum(error**2 for error in user_error)
    if not variance:
        return Contrast(apart, apart, apart, float(apart == 0))
    doubt = sum(part**2 / (n - 1) for part, n in zip(of_seeds, seeds, strict=True))
    freedom = variance**2 / doubt if doubt else math.inf
    error = math.sqrt(variance)
    half = float(stdtrit(freedom, 1 - (1 - LEVEL) / 2)) * error
    return Contrast(apart, apart - half, apart + half, float(2 * stdtr(freedom, -abs(apart) / error)))


def outcome(difference: float, adjusted: float, seeds: int) -> Outcome:
    """What a difference and its adjusted p-value let one say.

    >>> outcome(0.1, 0.01, 3), outcome(-0.1, 0.3, 3), outcome(0.1, 0.01, 1)
    ('better', 'no detectable difference', 'too few seeds')
    """
    if seeds < 2:
        return "too few seeds"
    if adjusted > 1 - LEVEL:
        return "no detectable difference"
    return "better" if difference > 0 else "worse"
