"""How much a study can find: the power of the paired test, what it detects, and the seeds that takes."""

from __future__ import annotations

import math
from bisect import bisect_left
from functools import lru_cache

import numpy as np

from pdcn.arrays import Doubles
from pdcn.evaluation.statistics import LEVEL

POWER = 0.8
MANY_SEEDS = 200
"""More seeds than this are never asked for."""
TRAINING_LUCK, USUAL_FREEDOM = 0.01, 4
"""How far whole trainings usually spread, as a share of recall, and how well that is known; see `usual_spread`."""
NODES = 100
"""Spreads over which `power` averages, at equal shares of their distribution."""
PRECISION = 1e-4
"""To what share of itself a detectable difference is found."""


def usual_spread(floor: float, recall: float) -> float:
    """How far differences between trainings from other seeds usually spread, at that recall of the baseline arm.

    The luck of the users' events, the `floor`, is one part and well known; beyond it, whole trainings find
    about `TRAINING_LUCK` of their recall more or less. data/README.md says what that was measured on.

    >>> round(usual_spread(0.003, 0.4), 4)
    0.005
    """
    return math.hypot(floor, TRAINING_LUCK * recall)


def expected_spread(spread: float, usual: float, seeds: int) -> tuple[float, float]:
    """How far trainings from other seeds may be expected to spread, and the degrees of freedom of that estimate.

    The `spread` of two or three seeds is small by chance too often to be trusted alone. So it is joined with the
    `usual` one, which counts as `USUAL_FREEDOM` degrees of freedom (Smyth 2004 does so with the variances of genes).

    >>> expected_spread(0.01, 0.005, 5)
    (0.0079..., 8)
    """
    freedom = USUAL_FREEDOM + seeds - 1
    return math.sqrt((USUAL_FREEDOM * usual**2 + (seeds - 1) * spread**2) / freedom), freedom


@lru_cache(64)
def _halves(seeds: int, beyond: float) -> tuple[Doubles, Doubles]:
    """Spreads over their floor (N,), and the half-width (N,) that the seeds' part of an interval has there, over the
    floor too; both as logarithms."""
    from scipy.special import chdtri, ndtr

    edges = np.concatenate([[0.0], np.geomspace(1e-6, 0.01, 60), np.linspace(0.02, 1, 99)])
    own = np.sqrt((seeds - 1) / chdtri(seeds - 1, 1 - (edges[1:] + edges[:-1]) / 2))  # (M,)
    ratio = np.log(np.geomspace(0.02, 50, 80))
    possible = np.maximum(1, np.exp(ratio)[:, None] * own) / math.sqrt(seeds)  # (N, M)
    low, high = np.full(len(ratio), -10.0), np.full(len(ratio), 20.0)
    for _ in range(50):
        middle = (low + high) / 2
        inside = ndtr(np.exp(middle)[:, None] / possible) @ np.diff(edges) < beyond
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return ratio, high


def power(
    difference: float,
    spread: float,
    user_error: float,
    seeds: int,
    tests: int = 1,
    freedom: float = math.inf,
    floor: float = 0.0,
) -> float:
    """The share of studies of so many seeds, two or more, in which a true difference is claimed with its right sign.

    `spread` is that between seeds, or an estimate of it with so many degrees of freedom (`expected_spread`): the
    share is then the mean over the spreads that the estimate leaves possible. `tests` are counted together: this is the
    share where the other ones have no difference (Holm's first step); where they have one, it is larger.

    A study claims what exceeds the half-width of its interval: that of the seeds, from the study's own spread or the
    `floor`, and that of the users' normal error, joined as the root of both squares. That is right where one of them is
    all the doubt, and up to a tenth too large between.

    >>> round(power(0.02, 0.01, 0.002, 5), 2)
    0.88
    """
    from scipy.special import chdtri, ndtr, ndtri, stdtrit  # a fifth of a second to import, and only needed here

    beyond = 1 - (1 - LEVEL) / 2 / tests
    chances = (np.arange(NODES) + 0.5) / NODES
    own = np.sqrt(chdtri(seeds - 1, chances) / (seeds - 1))  # a study's spread over the true one
    true = np.array([spread])
    if math.isfinite(freedom):
        true = spread * np.sqrt(freedom / chdtri(freedom, chances))
    of_seeds = np.maximum(true, floor)[:, None] / math.sqrt(seeds)  # (N, 1)
    half = stdtrit(seeds - 1, beyond) * of_seeds * own  # (N, N)
    if floor:
        with np.errstate(divide="ignore"):
            ratio = np.log(math.sqrt(seeds) * of_seeds * own / floor)
        half = np.maximum(half, floor * np.exp(np.interp(ratio, *_halves(seeds, beyond))))
    needed = np.hypot(ndtri(beyond) * user_error, half)
    error = np.hypot(user_error, of_seeds)
    with np.errstate(over="ignore"):  # an error of next to nothing
        above = np.divide(difference - needed, error, out=np.full_like(needed, np.inf), where=error > 0)
    return float(ndtr(above).mean())


def detectable(
    spread: float, user_error: float, seeds: int, tests: int = 1, freedom: float = math.inf, floor: float = 0.0
) -> float:
    """The difference that so many seeds, two or more, find four times out of five: where `power` is 80%.

    >>> round(detectable(0.01, 0.0, 5), 4), round(detectable(0.01, 0.0, 5, freedom=8), 4)
    (0.0168, 0.0187)
    """
    doubt = math.hypot(spread, user_error)
    if not doubt:
        return 0.0
    low, high = 0.0, doubt
    while power(high, spread, user_error, seeds, tests, freedom, floor) < POWER:
        low, high = high, 2 * high
    while high - low > PRECISION * high:
        middle = (low + high) / 2
        if power(middle, spread, user_error, seeds, tests, freedom, floor) < POWER:
            low = middle
        else:
            high = middle
    return high


def seeds_needed(
    spread: float, user_error: float, detect: float, tests: int = 1, freedom: float = math.inf, floor: float = 0.0
) -> int | None:
    """The fewest seeds that make a difference of `detect` `detectable`; None where even `MANY_SEEDS` would not do:
    more seeds do not help against users that are too few.

    >>> seeds_needed(0.01, 0.002, 0.02), seeds_needed(0.01, 0.002, 0.004)
    (5, None)
    """
    counts = range(2, MANY_SEEDS + 1)
    at = bisect_left(counts, POWER, key=lambda s: power(detect, spread, user_error, s, tests, freedom, floor))
    return counts[at] if at < len(counts) else None
