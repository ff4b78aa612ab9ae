"""The rows of one side, events or items, as codes and standardised numbers.

Shapes: F categorical fields, P places of all bags, M numeric fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from pdcn.arrays import Codes, Flags, Floats, Ints
from pdcn.sources.fields import BagField, CategoryField, NumberField, parts_of


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

    def at(self, rows: slice | Ints | Flags) -> Table:
        """The table of some of its rows."""
        return replace(self, codes=self.codes[rows], values=self.values[rows])

    def words(self, row: int) -> Iterator[tuple[str, str]]:
        """Label and value of every field of a row, in words; numbers in their own unit."""
        for field, code in zip(self.categories, self.single[row], strict=True):
            yield field.label, field.values[code]
        for bag, codes in zip(self.bags, self.held, strict=True):
            yield bag.label, bag.told(codes[row])
        for number, value in zip(self.numbers, self.values[row], strict=True):
            yield number.label, number.told(float(value))
