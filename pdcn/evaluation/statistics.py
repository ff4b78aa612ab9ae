"""Is the difference between two arms real? One paired, two-sided method.

The estimand: the mean over users of the difference that a user drawn at random sees in recall@K,
averaged over trainings with another seed. A user with many events weighs as much as any other.

Two things vary. Which users happened to be in the test: they are resampled, all of a user's events
together and the same users for both arms (bootstrap). Which seeds happened to be trained: with three
of them, resampling seeds would understate their spread, so each resample adds the error that the
mean of S values has, a Student t with S - 1 degrees of freedom times s / sqrt(S). The interval is the
middle 95% of the resamples.
Shapes: S seeds, U users, K cut-offs, R resamples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Outcome = Literal["better", "worse", "no detectable difference", "too few seeds"]

RESAMPLES = 10_000
LEVEL = 0.95
CHUNK = 1_000


@dataclass(frozen=True)
class Interval:
    """A mean and its 95% interval, at each cut-off (K,)."""

    mean: Values
    low: Values
    high: Values


def paired_interval(difference: Values, seed: int = 0, resamples: int = RESAMPLES) -> Interval:
    """Mean and interval (K,) of per-seed, per-user differences (S, U, K).

    With one seed the interval knows of users only; `outcome` then refuses a verdict.
    """
    seeds, users, cuts = difference.shape
    draws = np.random.default_rng(seed)
    flat = difference.transpose(1, 0, 2).reshape(users, seeds * cuts)  # (U, S K)
    means = np.empty((resamples, cuts))
    for start in range(0, resamples, CHUNK):
        rows = min(CHUNK, resamples - start)
        picks = draws.integers(users, size=(rows, users)) + np.arange(rows)[:, None] * users
        weights = np.bincount(picks.ravel(), minlength=rows * users).reshape(rows, users) / users
        resampled = (weights @ flat).reshape(rows, seeds, cuts)
        means[start : start + rows] = resampled.mean(1)
        if seeds > 1:
            error = resampled.std(1, ddof=1) / np.sqrt(seeds)
            means[start : start + rows] += draws.standard_t(seeds - 1, size=(rows, 1)) * error
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(means, [tail, 1 - tail], axis=0)
    return Interval(difference.mean((0, 1)), low, high)


def outcome(low: float, high: float, seeds: int) -> Outcome:
    """What an interval lets one say.

    >>> outcome(0.1, 0.2, 3), outcome(-0.1, 0.2, 3), outcome(0.1, 0.2, 1)
    ('better', 'no detectable difference', 'too few seeds')
    """
    if seeds < 2:
        return "too few seeds"
    if low > 0:
        return "better"
    return "worse" if high < 0 else "no detectable difference"
