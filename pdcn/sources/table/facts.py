"""What the columns of a table hold, as far as roles are guessed from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pdcn.sources.fields import Log
from pdcn.sources.table.cells import Written, moment_form, number_form, padded, plain_number
from pdcn.sources.table.engine import Engine
from pdcn.sources.table.staged import WITHIN, Staged

SAMPLE = 4_000
"""Rows from which forms are guessed, evenly spaced."""
SEPARATORS = (WITHIN, "|", ";", ",", "/")
SKEWED = 1.5
"""Skewness from which numbers are looked at on a logarithm."""
SEVERAL = 0.3
"""The share of different values among all, up to which parts of cells are values and not words."""


@dataclass(frozen=True)
class Facts:
    """A column: its `filled` cells, how many values are `distinct` (about), and cells of the sample."""

    filled: int
    distinct: int
    cells: tuple[str, ...]
    numbers: Written | None
    moments: Written | None
    separator: str
    padded: bool

    @property
    def examples(self) -> tuple[str, ...]:
        """The first values that differ."""
        return tuple(dict.fromkeys(self.cells[:200]))[:3]

    @property
    def words(self) -> float:
        """Words in a cell, on average."""
        return sum(len(cell.split()) for cell in self.cells[:500]) / max(1, len(self.cells[:500]))

    @property
    def floats(self) -> list[float]:
        """The numbers of the sample."""
        found = []
        mark = self.numbers.form if self.numbers else "."
        for cell in self.cells:
            bare = "".join(plain_number(cell).split()).replace("'", "")
            bare = bare.replace(".", "").replace(",", ".") if mark == "," else bare.replace(",", "")
            try:
                found.append(float(bare))
            except ValueError:
                continue
        return found

    @property
    def whole(self) -> bool:
        """Whether its numbers are whole."""
        return all(number == int(number) for number in self.floats if abs(number) < 1e15)


def facts_of(engine: Engine, staged: Staged) -> list[Facts]:
    """What each column of a table holds."""
    table, many = engine.table(staged.name), len(staged.columns)
    counts = ", ".join(f"count(c{at}), approx_count_distinct(c{at})" for at in range(many))
    told = engine.row(f"SELECT {counts} FROM {table}")
    step = max(1, staged.rows // SAMPLE)
    names = ", ".join(f"c{at}" for at in range(many))
    rows = engine.rows(f"SELECT {names} FROM {table} WHERE file_row_number % {step} = 0 LIMIT {2 * SAMPLE}")
    found = []
    for at, column in enumerate(zip(*rows, strict=True)):
        cells = tuple(cell for cell in column if cell is not None)
        exact = len(set(cells)) if len(rows) == staged.rows else told[2 * at + 1]
        found.append(
            Facts(
                told[2 * at], exact, cells, number_form(cells), moment_form(cells), separator_of(cells), padded(cells)
            )
        )
    return found


def parts_of_cell(cell: str, separator: str) -> list[str]:
    """The values in a cell of several, without brackets and quotation marks around them.

    >>> parts_of_cell("Animation|Comedy", "|"), parts_of_cell("['a', 'b']", ",")
    (['Animation', 'Comedy'], ['a', 'b'])
    """
    return [part for part in (piece.strip(" \t[](){}'\"") for piece in cell.split(separator)) if part]


def separator_of(cells: Sequence[str]) -> str:
    """What separates several values in the cells of a column; nothing where each has one value.

    Parts are values where they come again and again, in other company: words of a title hardly do.

    >>> separator_of(["Animation|Comedy", "Comedy", "Animation|Drama", "Drama|Comedy"] * 3)
    '|'
    >>> separator_of(["Bug's Life, A (1998)", "Mask, The (1994)", "Heat (1995)"])
    ''
    """
    for separator in SEPARATORS:
        several = [cell for cell in cells if separator in cell]
        if len(several) < max(2, 0.02 * len(cells)):
            continue
        values = Counter(part for cell in cells for part in parts_of_cell(cell, separator))
        wordy = separator in ",/" and np.mean([len(part.split()) for part in values]) > 3
        if separator == WITHIN:
            return separator
        if wordy or number_form(cells) is not None or moment_form(cells) is not None:
            continue
        if len(values) <= SEVERAL * values.total() and len(values) < max(2, len(set(cells))):
            return separator
    return ""


def logarithm_of(numbers: Sequence[float]) -> Log:
    """The logarithm after which numbers spread more evenly, if any.

    >>> logarithm_of([1, 1, 2, 2, 3, 4, 900]), logarithm_of([0, 0, 1, 2, 4, 900]), logarithm_of([1, 2, 3, 4])
    ('ln', 'log1p', '')
    """
    values = np.array(numbers, np.float64)
    if len(values) < 3 or values.min() < 0 or _skewness(values) < SKEWED:
        return ""
    return "ln" if values.min() > 0 else "log1p"


def _skewness(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    away = values - values.mean()
    spread = float(np.sqrt((away**2).mean()))
    return float((away**3).mean() / spread**3) if spread > 0 else 0.0
