"""Raw columns to codes and standardised numbers, with everything learned from training rows only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pdcn.arrays import Codes, Doubles, Flags
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import LOGARITHM, MISSING, UNKNOWN, BagField, CategoryField, Log, NumberField


@dataclass(frozen=True)
class Category:
    """A raw column that becomes codes: anything printable; empty cells become MISSING."""

    name: str
    label: str
    cells: pd.Series


@dataclass(frozen=True)
class Number:
    """A raw column of floats that becomes standardised numbers; NaN becomes 0, the mean.

    `log` names the logarithm to take first: of numbers that spread over orders of magnitude. Where all are whole, they
    are told as such.
    """

    name: str
    label: str
    unit: str
    cells: Doubles
    log: Log = ""


def encode(categories: Sequence[Category], numbers: Sequence[Number], train: Flags) -> Table:
    """A table of all rows; vocabularies, means and scales come from the rows where `train` is true.

    Values are numbered in sorted order from 1; a value that no training row has gets 0 (UNKNOWN).

    >>> colours = Category("colour", "Colour", pd.Series(["red", "blue", None, "green"]))
    >>> table = encode([colours], [], np.array([True, True, True, False]))
    >>> table.categories[0].values, table.codes[:, 0].tolist()
    (('(unknown)', '(missing)', 'blue', 'red'), [3, 2, 1, 0])
    """
    rows = len(train)
    fields, codes = [], np.zeros((rows, len(categories)), np.int32)
    for column, category in enumerate(categories):
        cells = category.cells.astype("string").fillna(MISSING)
        seen = sorted(cells[train].unique())
        fields.append(CategoryField(category.name, category.label, (UNKNOWN, *seen)))
        codes[:, column] = pd.Index(seen).get_indexer(pd.Index(cells)) + 1
    standards, values = [], np.zeros((rows, len(numbers)), np.float32)
    for column, number in enumerate(numbers):
        raw = LOGARITHM[number.log](number.cells) if number.log else number.cells
        there = np.isfinite(raw)
        known, whole = raw[train & there], bool((number.cells[there] == np.rint(number.cells[there])).all())
        mean = float(known.mean()) if len(known) else 0.0
        scale = float(known.std()) if len(known) else 1.0
        scale = scale if scale > 1e-12 else 1.0
        standards.append(NumberField(number.name, number.label, number.unit, mean, scale, number.log, whole))
        values[:, column] = np.nan_to_num((raw - mean) / scale, nan=0.0)
    return Table(tuple(fields), tuple(standards), codes, values)


def numbered(words: Sequence[str], picks: NDArray[np.integer], train: Flags | slice) -> tuple[tuple[str, ...], Codes]:
    """Values in words and codes (n,) of picks (n,), which number the words from 0; no strings are made for the rows.

    Values keep their order; those that no row of `train` has get 0, and so does a pick past the last word.

    >>> numbered(("blue", "green", "red"), np.array([2, 0, 3, 1]), slice(3))
    (('(unknown)', 'blue', 'red'), array([2, 1, 0, 0], dtype=int32))
    """
    seen = np.bincount(picks[train], minlength=len(words) + 1) > 0
    seen[len(words) :] = False
    known = (word for word, there in zip(words, seen, strict=False) if there)
    return (UNKNOWN, *known), np.where(seen, np.cumsum(seen), 0)[picks].astype(np.int32)


def with_bag(table: Table, bag: BagField, codes: Codes) -> Table:
    """The table with one bag more, of these codes (rows, places)."""
    return Table(table.categories, table.numbers, np.hstack([table.codes, codes]), table.values, (*table.bags, bag))


def beside(one: Table, other: Table) -> Table:
    """The fields of two tables of the same rows, those of the first before those of the other; none has bags."""
    return Table(
        (*one.categories, *other.categories),
        (*one.numbers, *other.numbers),
        np.hstack([one.codes, other.codes]),
        np.hstack([one.values, other.values]),
    )


def time_bounds(events: int, validation: float = 0.05, test: float = 0.1) -> tuple[int, int]:
    """Where validation and test begin among `events` sorted by time.

    >>> time_bounds(1000)
    (850, 900)
    """
    return round(events * (1 - validation - test)), round(events * (1 - test))
