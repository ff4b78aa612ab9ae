"""What a row of a side can hold: categories, bags and sequences of them, and numbers."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pdcn.arrays import Codes, Doubles, Numbers
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


def parts_of(bag: BagField, codes: Codes) -> list[Codes]:
    """The codes (rows, columns) of a bag by channel, (rows, places) each."""
    return np.split(codes, len(bag.channels), axis=1)
