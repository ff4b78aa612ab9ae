"""What every data source becomes: encoded query events, an item catalogue, a time-ordered split.

Shapes: n events, N items, F categorical fields, P places of all bags, M numeric fields of a side.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from pdcn.arrays import Codes, Doubles, Flags, Floats, Ints, Numbers
from pdcn.sources import words as say
from pdcn.words import minus

UNKNOWN = "(unknown)"
"""Value of code 0: not seen in the training part."""
MISSING = "(missing)"
"""Value of a cell that the source left empty: a code of its own."""
EMPTY = "(none)"
"""What a bag without any value is in words."""
FIRST_VALUES = 3
"""So many values of a bag are told in words, and how many others there are."""

Log = Literal["", "ln", "log1p"]
LOGARITHM: dict[Log, np.ufunc] = {"ln": np.log, "log1p": np.log1p}
UNDO: dict[Log, np.ufunc] = {"ln": np.exp, "log1p": np.expm1}
Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class CategoryField:
    """A categorical field; `values[code]` is what a code stands for, `values[0]` is UNKNOWN."""

    name: str
    label: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class BagField(CategoryField):
    """A category of several values at once, at most `places` of them, such as what a user had before.

    A row's values stand first, the most telling one foremost; 0 fills its other places.
    """

    places: int

    @property
    def columns(self) -> int:
        """How many codes a row has of it."""
        return self.places

    @property
    def channels(self) -> tuple[CategoryField, ...]:
        """What each of its columns of codes counts through, `places` of them a channel."""
        return (self,)

    def told(self, codes: Codes) -> str:
        """The values of a row's codes (`columns`,) in words.

        >>> field = BagField("had", "Had before", (UNKNOWN, "milk", "bread", "eggs", "tea", "jam"), 6)
        >>> field.told(np.array([2, 1, 5, 4, 3, 0])), field.told(np.zeros(6, int))
        ('bread, milk, jam and 2 more', '(none)')
        """
        held = codes[: self.places][codes[: self.places] > 0]
        if not len(held):
            return EMPTY
        more = len(held) - FIRST_VALUES
        first = ", ".join(self.values[code] for code in held[:FIRST_VALUES])
        return say.AND_MORE(values=first, more=more) if more > 0 else first


@dataclass(frozen=True)
class SequenceField(BagField):
    """What a user did before, the latest first: of each action its value, and what each of `more` says of it, such as
    its type or how long ago it was.

    A row has `places` codes of the values, then as many of each of `more`; places without an action hold 0 everywhere.
    """

    more: tuple[CategoryField, ...] = ()

    @property
    def columns(self) -> int:
        """How many codes a row has of it."""
        return self.places * len(self.channels)

    @property
    def channels(self) -> tuple[CategoryField, ...]:
        """The field itself, then what else is known of each action."""
        return (self, *self.more)


@dataclass(frozen=True)
class NumberField:
    """A numeric field; the table holds `(log(raw) - mean) / scale`, an empty cell is 0.

    `log` is the logarithm taken of the raw number, if any. `whole` numbers, such as counts, are told without decimals;
    the data are the same with it, and so it has no part in their hash.
    """

    name: str
    label: str
    unit: str
    mean: float
    scale: float
    log: Log = ""
    whole: bool = dataclasses.field(default=False, repr=False, compare=False)

    def raw(self, standardised: Numbers | float) -> Doubles:
        """The number in its own unit again.

        >>> float(NumberField("days", "Days", "days", 1.0, 2.0, "log1p").raw(0.5).round(3))  # e^2 - 1
        6.389
        """
        number = np.asarray(standardised, np.float64) * self.scale + self.mean
        undone: Doubles = UNDO[self.log](number) if self.log else number
        return undone

    def told(self, standardised: float) -> str:
        """The number as it is read, in its own unit.

        >>> NumberField("days", "Days", "days", 1.0, 2.0, "log1p").told(0.5)
        '6.39 days'
        >>> NumberField("shown", "Times shown", "times", 8.0, 0.7, "ln", whole=True).told(0.0)
        '2,981 times'
        """
        places = 0 if self.whole else 2
        return f"{minus(f'{float(self.raw(standardised)):,.{places}f}')} {self.unit}".strip()


@dataclass(frozen=True)
class Table:
    """Rows of one side. `codes` (rows, F + P) and `values` (rows, M), columns as in the fields.

    The codes of the bags stand behind those of the categories, bag by bag.
    """

    categories: tuple[CategoryField, ...]
    numbers: tuple[NumberField, ...]
    codes: Codes
    values: Floats
    bags: tuple[BagField, ...] = ()

    def __post_init__(self) -> None:
        rows = len(self.codes)
        for name, array, kind, columns in (
            ("codes", self.codes, np.int32, len(self.categories) + sum(bag.columns for bag in self.bags)),
            ("values", self.values, np.float32, len(self.numbers)),
        ):
            if array.shape != (rows, columns) or array.dtype != kind:
                expected = f"{np.dtype(kind)} {name} of shape ({rows}, {columns})"
                raise ValueError(f"expected {expected}, got {array.dtype} {array.shape}")
        held = (part for bag, codes in zip(self.bags, self.of_bags, strict=True) for part in parts_of(bag, codes))
        channels = (channel for bag in self.bags for channel in bag.channels)
        for field, codes in zip((*self.categories, *channels), (*self.single.T, *held), strict=True):
            if codes.size and not 0 <= codes.min() <= codes.max() < len(field.values):
                raise ValueError(f"expected codes of {field.name} between 0 and {len(field.values) - 1}")
        if not np.isfinite(self.values).all():
            raise ValueError("expected finite numbers; an empty cell is 0 after standardising")
        self.codes.setflags(write=False)
        self.values.setflags(write=False)

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def fields(self) -> tuple[CategoryField | NumberField, ...]:
        """Every field, in the order in which x0 has them."""
        return (*self.categories, *self.bags, *self.numbers)

    @property
    def single(self) -> Codes:
        """The codes of the categories, (rows, F)."""
        return self.codes[:, : len(self.categories)]

    @property
    def held(self) -> list[Codes]:
        """The codes of each bag's values, (rows, places)."""
        return [codes[:, : bag.places] for bag, codes in zip(self.bags, self.of_bags, strict=True)]

    @property
    def of_bags(self) -> list[Codes]:
        """All codes of each bag, (rows, columns)."""
        ends = np.cumsum([len(self.categories), *(bag.columns for bag in self.bags)]).tolist()
        return [self.codes[:, start:end] for start, end in pairwise(ends)]

    def words(self, row: int) -> Iterator[tuple[str, str]]:
        """Label and value of every field of a row, in words; numbers in their own unit."""
        for field, code in zip(self.categories, self.single[row], strict=True):
            yield field.label, field.values[code]
        for bag, codes in zip(self.bags, self.held, strict=True):
            yield bag.label, bag.told(codes[row])
        for number, value in zip(self.numbers, self.values[row], strict=True):
            yield number.label, number.told(float(value))


def parts_of(bag: BagField, codes: Codes) -> list[Codes]:
    """The codes (rows, columns) of a bag by channel, (rows, places) each."""
    return np.split(codes, len(bag.channels), axis=1)


def spaced(rows: int, most: int) -> Ints:
    """At most so many of the rows, evenly spaced, the first and the last among them.

    >>> spaced(10, 4).tolist(), spaced(3, 9).tolist()
    ([0, 3, 6, 9], [0, 1, 2])
    """
    return np.linspace(0, rows - 1, min(rows, most)).astype(np.int64)


def spoken_time(seconds: int, zone: str) -> str:
    """A moment as one says it where the people of the data live, with the weekday of that date.

    >>> spoken_time(1_511_920_800, "America/New_York"), spoken_time(1_511_920_800, "UTC")
    ('Tuesday 28 November 2017, 21:00 New York time', 'Wednesday 29 November 2017, 02:00 UTC')
    >>> spoken_time(0, "")
    'an unknown day'
    """
    if not zone:
        return say.UNKNOWN_DAY
    when = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    place = zone if zone == "UTC" else f"{zone.rpartition('/')[2].replace('_', ' ')} time"
    return f"{when:%A} {when.day} {when:%B %Y, %H:%M} {place}"


@dataclass(frozen=True)
class PlantedCross:
    """One cross that was planted: the names of its fields, its side and its share of the variance."""

    side: Literal["query", "item"]
    fields: tuple[str, ...]
    strength: float


@dataclass(frozen=True)
class Truth:
    """What a generator knows. `query @ item.T` (n, N) are the best scores that can be known.

    Exactly so without noise; with it, the unknowable taste is averaged out to second order.
    """

    crosses: tuple[PlantedCross, ...]
    query: Floats  # (n, h)
    item: Floats  # (N, h)


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
        edges = (0, *self.bounds, len(self.queries))
        return slice(*edges[PARTS.index(part) :][:2])


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
        edges = (0, *self.bounds, len(self.queries))
        return slice(*edges[PARTS.index(part) :][:2])

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
