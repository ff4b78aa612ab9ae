"""One test event that stands for the others: two arms differ about it as they typically do."""

from __future__ import annotations

import numpy as np

from pdcn.arrays import Doubles

LISTED = 100
"""The item of a typical event is among so many first ones of both arms: what nobody finds tells nothing."""


def typical(left: Doubles, right: Doubles) -> int:
    """An event, from 0, with a typical difference between two arms: neither the largest nor none.

    `left` and `right` are ranks (n,) counted from 0; a difference is a number of doublings, so 2 against 4 counts as
    much as 20 against 40. Of the events that both arms rank among the first 100, and not alike, it takes those in which
    the arm is better that is so more often. Of these it is the one whose difference is the median, and the first in
    time of several. Where there is none, it is the one with the best worst rank.

    >>> typical(np.array([0.0, 9.0, 1.0, 1.0, 3.0]), np.array([0.0, 4.0, 7.0, 500.0, 4.0]))  # 0, -1, +2, far off, +0.3
    4
    """
    size = np.log2(right + 1) - np.log2(left + 1)
    size[np.maximum(left, right) >= LISTED] = 0
    sign = 1 if (size > 0).sum() >= (size < 0).sum() else -1
    found = np.flatnonzero(sign * size > 0)
    if not len(found):
        return int(np.argmin(np.maximum(left, right)))
    own = np.abs(size[found])
    return int(found[np.argmin(np.abs(own - np.quantile(own, 0.5, method="lower")))])
