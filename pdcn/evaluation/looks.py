"""Several looks at one study: what each may claim, so that all of them together err as one look does.

A study that adds seeds until it is sure looks several times, and each look could err. So it spends its 5% over the
looks (Lan & DeMets 1983, by a power of the share of seeds, Kim & DeMets 1987), and `Looks` turns each look's p-value
into one that counts them all. Whenever such a study ends, its interval and its p-value hold as those of one look do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pdcn.arrays import Doubles
from pdcn.evaluation.statistics import LEVEL

SPENDING = 2
"""Power of a look's share of the seeds that tells how much chance of a false alarm is spent by then."""
UNLIKE = 0.85
"""Share of that chance which is spent: looks whose spread is estimated from few seeds are less alike than the normal
ones that the boundaries are worked out for, and err in 5.3 to 5.9% of studies where 5% are spent."""


@dataclass(frozen=True)
class Looks:
    """Looks that are planned at so many seeds each, of which so many were `made`.

    >>> Looks((3, 5, 7), 2).counted(np.array([0.001, Looks((3, 5, 7), 2).chance, 0.5])).round(3).tolist()
    [0.003, 0.05, 1.0]
    """

    planned: tuple[int, ...]
    made: int

    @property
    def chance(self) -> float:
        """The p-value up to which this look claims a difference; its interval is of this level."""
        return float(_boundaries(self.planned, 1 - LEVEL)[self.made - 1])

    def counted(self, p: Doubles) -> Doubles:
        """p-values of this look (K,) as those of all looks: the chance of a false alarm that just allows the claim."""
        overall = np.array([*np.geomspace(1e-5, 0.04, 12), 1 - LEVEL, *np.linspace(0.06, 1, 12)])
        own = np.array([_boundaries(self.planned, one)[self.made - 1] for one in overall])
        found = np.interp(np.log(p), np.log(np.maximum.accumulate(own)), np.log(overall))
        return np.asarray(np.maximum(p, np.exp(found)))


@lru_cache(256)
def _boundaries(looks: tuple[int, ...], chance: float, points: int = 161) -> Doubles:
    """The p-value (K,) up to which each look claims a difference, where any look does so by `chance`.

    By recursion over the sums of seeds that have crossed no boundary yet (Armitage, McPherson & Rowe 1969).
    """
    from scipy.special import ndtr

    share = np.array(looks) / looks[-1]
    found, before, sums, mass = [], 0, np.zeros(1), np.ones(1)
    for seeds, spent in zip(looks, np.diff(UNLIKE * chance * share**SPENDING, prepend=0), strict=True):
        own = math.sqrt(seeds - before)
        low, high = 0.0, 9 * math.sqrt(seeds)
        for _ in range(40):
            middle = (low + high) / 2
            crossed = mass @ (ndtr((-middle - sums) / own) + ndtr((sums - middle) / own))
            low, high = (middle, high) if crossed > spent else (low, middle)
        found.append(2 * ndtr(-high / math.sqrt(seeds)))
        inside = np.linspace(-high, high, points)
        wide = np.full(points, inside[1] - inside[0])
        wide[[0, -1]] /= 2
        mass = wide * (np.exp(-(((inside[:, None] - sums) / own) ** 2) / 2) @ mass) / own / math.sqrt(2 * math.pi)
        before, sums = seeds, inside
    return np.array(found)
