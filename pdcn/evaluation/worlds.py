"""One difference in several worlds, each with a study of its own: what it is in worlds like these, and how far they
differ."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pdcn.arrays import Doubles
from pdcn.evaluation.statistics import LEVEL


@dataclass(frozen=True)
class OverWorlds:
    """The mean over worlds of a difference, a share, with its 95% interval and two-sided p-value: about worlds like
    these.

    The two spreads behind it are told apart: `luck` is the standard error of a world's own difference, the root of the
    mean square; `between` is how far worlds differ beyond it (a standard deviation), 0 where luck explains all.
    """

    mean: float
    low: float
    high: float
    p: float
    between: float
    luck: float
    worlds: int


def over_worlds(differences: Doubles, errors: Doubles) -> OverWorlds:
    """Put together the differences (W,) of two or more worlds, with their standard errors (W,).

    Random effects with equal weights. The squared spread between worlds is that of the differences less the mean
    squared error (Hedges 1983). The interval is Student's t over the worlds, W - 1 degrees of freedom (Hartung & Knapp
    2001), of a spread no less than luck alone makes: a few worlds can agree by chance (Röver, Knapp & Friede 2015).

    >>> found = over_worlds(np.array([0.01, 0.02, 0.03]), np.array([0.006, 0.006, 0.006]))
    >>> round(found.between, 6)  # sqrt(.01^2 - .006^2)
    0.008
    """
    from scipy.special import stdtr, stdtrit  # a fifth of a second to import, and only needed here

    worlds, mean = len(differences), float(differences.mean())
    squared, luck = float(differences.var(ddof=1)), float(np.mean(errors**2))
    error = math.sqrt(max(squared, luck) / worlds)
    half = float(stdtrit(worlds - 1, 1 - (1 - LEVEL) / 2)) * error
    p = float(2 * stdtr(worlds - 1, -abs(mean) / error)) if error else float(mean == 0)
    return OverWorlds(mean, mean - half, mean + half, p, math.sqrt(max(0.0, squared - luck)), math.sqrt(luck), worlds)
