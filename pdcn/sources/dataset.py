"""What every data source becomes: encoded query events, an item catalogue, a time-ordered split.

Shapes: n events, N items.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pdcn.arrays import Floats, Ints, spaced
from pdcn.sources.encoded_table import Table
from pdcn.sources.feedback import Feedback
from pdcn.sources.split import PARTS, Part, rows_of
from pdcn.sources.truth import Truth


@dataclass(frozen=True)
class Had:
    """What users had before some events (n,): `items` sorted by user and time, of which event i has those from
    `start[i]` on, `many[i]` of them."""

    items: Ints
    start: Ints
    many: Ints

    @classmethod
    def of(cls, dataset: Dataset, events: Ints) -> Had:
        """All events of a user that are strictly earlier: nothing of the same moment."""
        order = np.lexsort((dataset.when, dataset.user))
        user, when = dataset.user[order], dataset.when[order]
        start = np.searchsorted(user, dataset.user[events])
        # the place of an event among its user's, counted by pairs of user and time in one order
        span = int(when.max() - when.min()) + 1
        keys = user * span + (when - when.min())
        before = np.searchsorted(keys, dataset.user[events] * span + (dataset.when[events] - when.min()))
        return cls(dataset.positive[order], start, before - start)

    def pairs(self, at: slice) -> tuple[Ints, Ints]:
        """Of a part of the events: place in the part, and an item, for all that their users had before."""
        many, start = self.many[at], self.start[at]
        rows = np.repeat(np.arange(len(many)), many)
        first = np.repeat(start - np.concatenate(([0], many.cumsum()[:-1])), many)
        return rows, self.items[first + np.arange(len(rows))]


@dataclass(frozen=True)
class Dataset:
    """Query events with their positive items, the catalogue, and a split, as a rule in time. Immutable.

    The first `bounds[0]` events are the training part, those up to `bounds[1]` validation, the rest test; each part is
    sorted by `when` (seconds since 1970). `user` (n,) groups events for means over users. `zone` is the time zone in
    which the people of the data live: in it, and in no other, dates and weekdays are told. It is empty where no time is
    known or time plays no part; then `when` only says that what is trained on comes first.

    Where `leave_out` is set, no user has an item twice, and what a user has had is no answer any more: ranking leaves
    it out, and training does not hold it against the user.

    An event may have an `outcome`, a number that says what came of it, and a `weight`, 0 or more: how much it counts in
    the loss, and in metrics that say so. None means that nothing is known of outcomes, or that all weigh the same.
    What weighs nothing is not trained on. Where an impression can come to several things, `feedback` says which. There
    a task makes the weights, for the loss alone, so that they are no part of the content.
    """

    name: str
    title: str
    note: str
    queries: Table
    items: Table
    item_names: tuple[str, ...]
    positive: Ints  # (n,) index into items
    user: Ints  # (n,)
    when: Ints  # (n,)
    bounds: tuple[int, int]
    truth: Truth | None = None
    zone: str = "UTC"
    outcome: Floats | None = None  # (n,)
    weight: Floats | None = None  # (n,)
    leave_out: bool = False
    feedback: Feedback | None = None

    def __post_init__(self) -> None:
        n = len(self.queries)
        for name, number in self.of_events().items():
            if number.shape != (n,) or number.dtype != np.float32 or not np.isfinite(number).all():
                raise ValueError(
                    f"expected {name} as finite float32 of shape ({n},), got {number.dtype} {number.shape}"
                )
            number.setflags(write=False)
        if self.weight is not None and ((self.weight < 0).any() or not self.weight[: self.bounds[0]].any()):
            raise ValueError("expected weights of 0 or more, and some above 0 in the training part")
        if self.feedback is not None and (self.outcome is None or self.feedback.value.shape != (n,)):
            raise ValueError("expected an outcome and a value of every event where there is feedback")
        for name in ("positive", "user", "when"):
            column: Ints = getattr(self, name)
            if column.shape != (n,) or column.dtype != np.int64:
                raise ValueError(f"expected {name} as int64 of shape ({n},), got {column.dtype} {column.shape}")
            column.setflags(write=False)
        if len(self.item_names) != len(self.items):
            raise ValueError(f"expected {len(self.items)} item names, got {len(self.item_names)}")
        if not 0 < self.bounds[0] < self.bounds[1] < n:
            raise ValueError(f"expected train, validation and test events, got bounds {self.bounds} of {n}")
        moments = (self.when[self.part(part)] for part in PARTS)
        if any((own[1:] < own[:-1]).any() for own in moments):
            raise ValueError("expected events sorted by time in each part")
        if n and not 0 <= self.positive.min() <= self.positive.max() < len(self.items):
            raise ValueError(f"expected positives between 0 and {len(self.items) - 1}")

    def of_events(self) -> dict[str, Floats]:
        """What the events carry of `outcome` and `weight`."""
        known = {"outcome": self.outcome, "weight": self.weight}
        return {name: number for name, number in known.items() if number is not None}

    @property
    def bytes(self) -> int:
        """What its arrays of events and items take in memory."""
        tables = [self.queries, self.items, *([self.feedback.passed.queries] if self.feedback else [])]
        columns = sum(one.nbytes for one in (self.positive, self.user, self.when))
        columns += sum(one.nbytes for one in self.of_events().values())
        return columns + sum(one.codes.nbytes + one.values.nbytes for one in tables)

    def part(self, part: Part) -> slice:
        """The events of a part, as a slice of the event axis."""
        return rows_of(part, self.bounds, len(self.queries))

    def events(self, part: Part, most: int | None = None) -> Ints:
        """Where the events of a part stand on the event axis; of more than `most`, so many that are evenly spaced."""
        rows = self.part(part)
        found = np.arange(rows.start, rows.stop, dtype=np.int64)
        return found if most is None else found[spaced(len(found), most)]

    def users(self, rows: slice = slice(None)) -> int:
        """How many users have an event among these, by default among all."""
        return len(np.unique(self.user[rows]))

    @cached_property
    def counts(self) -> Ints:
        """(N,) how often each item is the positive of a training event."""
        return np.bincount(self.positive[self.part("train")], minlength=len(self.items))

    def had_before(self, events: Ints) -> Had | None:
        """What the users of these events (n,) had before each of them; None where nothing is left out."""
        return Had.of(self, events) if self.leave_out else None

    @cached_property
    def hash(self) -> str:
        """Twelve hex digits of the content: equal data, equal hash, on every machine."""
        sha = hashlib.sha256()
        for table in (self.queries, self.items):
            sha.update(repr((table.categories, table.numbers, *([table.bags] if table.bags else []))).encode())
            sha.update(np.ascontiguousarray(table.codes).data)  # where it lies: a copy may not fit into memory
            sha.update(np.ascontiguousarray(table.values).data)
        for column in (self.positive, self.user, self.when):
            sha.update(np.ascontiguousarray(column).data)
        sha.update(repr((self.bounds, self.item_names)).encode())
        for name, number in self.of_events().items():
            if name != "weight" or self.feedback is None:
                sha.update(name.encode() + number.tobytes())
        if self.leave_out:
            sha.update(b"leave out")
        if told := self.feedback:
            sha.update(repr((told.kinds, dict(told.groups), told.cap, told.surface, told.advertiser)).encode())
            passed = told.passed
            for part in (told.value, passed.queries.codes, passed.queries.values):
                sha.update(np.ascontiguousarray(part).tobytes())
            for column in (passed.item, passed.user, passed.when):
                sha.update(column.tobytes())
            sha.update(repr(passed.bounds).encode())
        return sha.hexdigest()[:12]
