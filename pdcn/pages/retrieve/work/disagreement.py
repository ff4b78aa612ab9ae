"""Where two arms differ most about the true item, and how often each of them is the better one.

Sizes are doublings of the rank: log2 of the right arm's rank over the left arm's, both counted from 1, averaged over
the seeds that both have. So what one training had by luck cancels out, 2 against 4 counts as much as 200 against 400,
and a size of +1 says that the left arm ranks the true item twice as high.
Shapes: n test events, S seeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from pdcn.arrays import Doubles, Flags, Ints
from pdcn.tasks.measured import Measured


class Which(StrEnum):
    """What to walk through: every disagreement, or those in which one arm is the better one."""

    BOTH = "both"
    LEFT = "left"
    RIGHT = "right"


def doublings(ranks: Measured, left: str, right: str) -> Doubles:
    """(S, n) of every seed that both arms have: above 0 where the left arm ranks the true item higher.

    >>> cells = {("a", 0): np.array([0.0, 7.0]), ("b", 0): np.array([3.0, 3.0])}
    >>> doublings(Measured(np.array([1, 2]), cells, {}), "a", "b").tolist()  # 1 against 4, 8 against 4
    [[2.0, -1.0]]
    """
    seeds = ranks.seeds(left, right)
    own, other = (np.stack([ranks.cells[arm, seed].astype(np.float64) for seed in seeds]) for arm in (left, right))
    found: Doubles = np.log2(other + 1) - np.log2(own + 1)  # a ratio would round unlike both ways
    return found


@dataclass(frozen=True)
class Walk:
    """Test events by the size of the disagreement, the largest first; `size` (n,) is the mean over seeds.

    Events in which the arms do not differ at all are no disagreements. Equal sizes stand in order of time.
    """

    size: Doubles

    def among(self, chosen: Flags) -> Walk:
        """The walk through the chosen events (n,) alone.

        >>> Walk(np.array([3.0, -1.0, 2.0])).among(np.array([False, True, True])).orders[Which.BOTH].tolist()
        [2, 1]
        """
        return Walk(np.where(chosen, self.size, 0.0))

    @cached_property
    def orders(self) -> dict[Which, Ints]:
        """Test events, numbered from 0: all that differ, and those in which one arm is the better one."""
        order = np.argsort(-np.abs(self.size), kind="stable")
        size = self.size[order]
        return {Which.BOTH: order[size != 0], Which.LEFT: order[size > 0], Which.RIGHT: order[size < 0]}

    def place(self, event: int, which: Which = Which.BOTH) -> tuple[int, bool]:
        """Where an event stands in that order, from 0, or would stand; and whether it is in it."""
        order = self.orders[which]
        found = np.flatnonzero(order == event)
        if len(found):
            return int(found[0]), True
        size = np.abs(self.size)
        before = (size[order] > size[event]) | ((size[order] == size[event]) & (order < event))
        return int(before.sum()), False

    def step(self, event: int, by: Literal[1, -1], which: Which = Which.BOTH) -> int | None:
        """The event after or before this one in that order; None where there is none."""
        order, (at, there) = self.orders[which], self.place(event, which)
        to = at + by if there else at - (by < 0)
        return int(order[to]) if 0 <= to < len(order) else None


def _mean(by_seed: Doubles) -> Doubles:
    """The mean over seeds (n,), rounded so that what cancels out is 0 whatever the order of the seeds."""
    found: Doubles = by_seed.mean(0).round(9)
    return found


def walk(ranks: Measured, left: str, right: str) -> Walk:
    """The walk through the disagreements of two arms."""
    return Walk(_mean(doublings(ranks, left, right)))


def balance(ranks: Measured, left: str, right: str) -> pd.DataFrame:
    """How often the left arm ranks the true item higher, alike, or lower: counts of events, a row a seed.

    Columns `seed`, `left`, `alike`, `right`, `events`; the last row, seed -1, is by the mean over seeds, which is the
    sign of `Walk.size`.
    """
    by_seed = doublings(ranks, left, right)
    rows = [*zip(ranks.seeds(left, right), by_seed, strict=True), (-1, _mean(by_seed))]
    return pd.DataFrame(
        {
            "seed": seed,
            "left": int((size > 0).sum()),
            "alike": int((size == 0).sum()),
            "right": int((size < 0).sum()),
            "events": len(size),
        }
        for seed, size in rows
    )


def opening(ranks: Measured, arms: tuple[str, ...], k: int) -> int:
    """The event to begin with, from 0: the first whose true item every arm and seed has in its top `k`.

    So it favours no arm. Where there is none, the first whose worst rank is the smallest.

    >>> cells = {("a", 0): np.array([9.0, 2.0, 1.0]), ("b", 0): np.array([0.0, 1.0, 1.0])}
    >>> opening(Measured(np.array([1, 1, 2]), cells, {}), ("a", "b"), 3)
    1
    """
    worst = np.max([column for (arm, _), column in ranks.cells.items() if arm in arms], axis=0)
    found = np.flatnonzero(worst < k)
    return int(found[0]) if len(found) else int(worst.argmin())
