"""What can come of an impression, and what was shown in vain.

Shapes: n events, m impressions without engagement.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcn.arrays import Flags, Floats, Ints, Numbers
from pdcn.sources.encoded_table import Table
from pdcn.sources.split import Part, rows_of
from pdcn.sources.truth import Truth


@dataclass(frozen=True)
class Passed:
    """What was shown and came to nothing: m impressions without engagement, in order of time.

    `queries` has the fields of the events' queries; `item` (m,) was shown to `user` (m,) at `when` (m,). The first
    `bounds[0]` belong to the training part, those up to `bounds[1]` to validation, the rest to test.
    """

    queries: Table
    item: Ints  # (m,) index into items
    user: Ints  # (m,)
    when: Ints  # (m,)
    bounds: tuple[int, int]

    def __post_init__(self) -> None:
        m = len(self.queries)
        for name in ("item", "user", "when"):
            column: Ints = getattr(self, name)
            if column.shape != (m,) or column.dtype != np.int64:
                raise ValueError(f"expected {name} as int64 of shape ({m},), got {column.dtype} {column.shape}")
            column.setflags(write=False)
        if not 0 <= self.bounds[0] <= self.bounds[1] <= m:
            raise ValueError(f"expected bounds within {m} impressions, got {self.bounds}")
        if (np.diff(self.when) < 0).any():
            raise ValueError("expected impressions sorted by time")

    def part(self, part: Part) -> slice:
        """The impressions of a part."""
        return rows_of(part, self.bounds, len(self.queries))


@dataclass(frozen=True)
class Feedback:
    """What can come of an impression, where that is one of several things, and what was shown in vain.

    `kinds` are the labels of the outcomes, by the number that `Dataset.outcome` holds; `groups` name what a model may
    be judged by, each with the numbers of the kinds in it. `value` (n,) is what a weight may be made of, such as how
    long a click lasted in seconds, capped at `cap` and 0 where there is none; `unit` is what it is in. `surface` names
    the query's field that says where an item was shown, `advertiser` the item's field that says whose it is. Where the
    truth is known, `truths` has that of each group.
    """

    kinds: tuple[str, ...]
    groups: Mapping[str, tuple[int, ...]]
    value: Floats  # (n,)
    cap: float
    unit: str
    surface: str
    advertiser: str
    passed: Passed
    truths: Mapping[str, Truth] = dataclasses.field(default_factory=dict)

    def within(self, group: str, outcome: Numbers | Ints) -> Flags:
        """Which of the outcomes (n,) belong to a group."""
        return np.isin(outcome, self.groups[group])

    def group_of(self, outcome: Numbers) -> NDArray[np.object_]:
        """The group of each of the outcomes (n,): of several the first of those with the fewest kinds, nothing where it
        has none."""
        named = np.full(len(self.kinds), "", object)
        for group in sorted(self.groups, key=lambda name: len(self.groups[name]))[::-1]:
            named[list(self.groups[group])] = group
        found: NDArray[np.object_] = named[outcome.astype(np.int64)]
        return found
