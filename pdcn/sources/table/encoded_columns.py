"""Each column of an imported data set as fields: codes and standardised numbers, learned from what is trained on."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pdcn.arrays import Codes, Doubles, Flags, Floats, Ints
from pdcn.inert import short
from pdcn.sources.encode import Number, encode, numbered
from pdcn.sources.fields import MISSING, UNKNOWN, BagField, CategoryField, NumberField
from pdcn.sources.own import SHARED
from pdcn.sources.table import words as say
from pdcn.sources.table.draft import CATEGORY, MULTI, NUMBER, QUANTILES, TEXT
from pdcn.sources.table.engine import Engine
from pdcn.sources.table.facts import parts_of_cell
from pdcn.sources.table.features import GIVEN, Feature

ROWS = 100_000
"""Rows that are read at once."""
MOST_PLACES = 20
"""Values of a cell that are read; further ones are left."""
BUCKETS = 2_000
"""Codes that the words of a text share."""
BINS = 10
LETTERS = 80
"""Letters that are kept of a value, and of an item's name."""
OF_BUCKET = 3
"""Words that are told of those that share a code."""
Column = CategoryField | BagField | NumberField


@dataclass(frozen=True)
class Encoded:
    """A field and its codes (rows, columns), or its standardised numbers (rows,)."""

    field: Column
    codes: Codes | None = None
    values: Floats | None = None


@dataclass(frozen=True)
class Encoder:
    """Encodes the columns of a table of the data set: which of its rows each has, and which are trained on.

    A user's features lie with the users, and are repeated for each of their events.
    """

    running: Engine
    path: Path
    take: Ints | None
    train: Flags

    @property
    def table(self) -> str:
        """How a query names it."""
        return self.running.table(self.path.stem)

    def of(self, array: NDArray[Any]) -> NDArray[Any]:
        """What its rows have of an array of the table's rows."""
        return array if self.take is None else array[self.take]

    def words(self, column: str) -> list[str]:
        """The values of a column in order, that of empty cells among them."""
        told = self.running.rows(f"SELECT DISTINCT coalesce({column}, '{MISSING}') FROM {self.table} ORDER BY 1")
        return [str(one[0]) for one in told]

    def picks(self, column: str, words: Sequence[str]) -> Ints:
        """Where each row's value stands among the words."""
        known = pa.array(words, pa.string())
        found = [
            pc.index_in(batch.column(0).cast(pa.string()).fill_null(MISSING), value_set=known).to_numpy(False)
            for batch in pq.ParquetFile(self.path).iter_batches(ROWS, columns=[column])
        ]
        return np.concatenate([np.asarray(part, np.int32) for part in found])

    def floats(self, column: str) -> Doubles:
        """The numbers of a column, NaN where it is empty."""
        batches = pq.ParquetFile(self.path).iter_batches(ROWS, columns=[column])
        found = [np.asarray(batch.column(0).to_numpy(False), np.float64) for batch in batches]
        return np.concatenate(found)


def _category(field: Feature, rows: Encoder) -> list[Encoded]:
    words = rows.words(field.column)
    shown = told_apart([short(word, LETTERS) for word in words])
    values, codes = numbered(shown, rows.of(rows.picks(field.column, words)), rows.train)
    return [Encoded(CategoryField(field.name, field.label, values), codes[:, None])]


def told_apart(words: Sequence[str]) -> list[str]:
    """Words that were shortened alike, with a number behind those that are there twice."""
    counts: Counter[str] = Counter()
    found = []
    for word in words:
        counts[word] += 1
        found.append(word if counts[word] == 1 else f"{word} ({counts[word]})")
    return found


def _number(field: Feature, rows: Encoder) -> list[Encoded]:
    """Numbers, standardised; where some are missing in training, also a category that says whether one is there."""
    raw = rows.of(rows.floats(field.column))
    log = field.log if field.log == "ln" or not field.log or np.nanmin(raw, initial=0.0) >= 0 else ""
    if log == "ln" and np.nanmin(raw, initial=1.0) <= 0:
        log = "log1p" if np.nanmin(raw, initial=0.0) >= 0 else ""
    number = Number(field.name, field.label, field.unit, raw, log)  # type: ignore[arg-type]
    table = encode([], [number], rows.train)
    found = [Encoded(table.numbers[0], values=table.values[:, 0])]
    there = np.isfinite(raw)
    if not there[rows.train].all():
        words, codes = numbered((MISSING, say.GIVEN), there.astype(np.int32), rows.train)
        name, label = f"{field.name}{GIVEN}", say.IS_GIVEN(field=field.label)
        found.append(Encoded(CategoryField(name, label, words), codes[:, None]))
    return found


def _quantiles(field: Feature, rows: Encoder) -> list[Encoded]:
    """Numbers in tenths of the training part."""
    raw = rows.of(rows.floats(field.column))
    known = raw[rows.train & np.isfinite(raw)]
    edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS)) if len(known) else np.zeros(0)
    picks = np.where(np.isfinite(raw), 1 + np.searchsorted(edges, raw, "right"), 0).astype(np.int32)
    ends = [f"{edge:g}" for edge in edges]
    words = [MISSING, *(say.BIN(place=f"{at:02}", low=low, high=high) for at, (low, high) in enumerate(_between(ends)))]
    values, codes = numbered(words, picks, rows.train)
    return [Encoded(CategoryField(field.name, field.label, values), codes[:, None])]


def _between(ends: Sequence[str]) -> list[tuple[str, str]]:
    """Neighbours among numbers in words.

    >>> _between(["1", "2"])
    [('…', '1'), ('1', '2'), ('2', '…')]
    """
    return list(zip(["…", *ends], [*ends, "…"], strict=True))


Coder = Callable[[str], int]
"""The code of a part of a cell, 0 where it has none."""


def _each(counts: Counter[str]) -> tuple[list[str], Coder]:
    """A code for each part, in their order."""
    words = sorted(counts)
    at = {word: place + 1 for place, word in enumerate(words)}
    return words, lambda part: at.get(part, 0)


def _shared(counts: Counter[str]) -> tuple[list[str], Coder]:
    """Codes that some of the parts share, by their hash; each is told by its commonest parts. One each if they do."""
    if len(counts) <= BUCKETS:
        return _each(counts)
    buckets: dict[int, list[str]] = {}
    for word, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        buckets.setdefault(zlib.crc32(word.encode()) % BUCKETS, []).append(word)
    order = {bucket: place + 1 for place, bucket in enumerate(sorted(buckets))}
    words = [" / ".join(buckets[bucket][:OF_BUCKET]) for bucket in sorted(buckets)]
    return words, lambda part: order.get(zlib.crc32(part.encode()) % BUCKETS, 0)


def capped(encoded: Encoded, most: int, train: Flags, shared: int = SHARED) -> Encoded:
    """The field with codes of their own for the `most` values that are most frequent in training, of equals the first.

    The others share so many codes behind them, by their hash (Weinberger et al., ICML 2009, of a value's name); each of
    these is told by its commonest values. Values keep their order. Numbers, and fields of fewer values, stay.

    >>> colour = CategoryField("colour", "Colour", (UNKNOWN, "blue", "green", "red"))
    >>> codes = np.array([[3], [1], [3], [2], [0]], np.int32)
    >>> found = capped(Encoded(colour, codes), 1, np.ones(5, bool), shared=1)
    >>> found.field.values, found.codes.tolist()
    (('(unknown)', 'red', 'blue / green'), [[1], [2], [1], [2], [0]])
    """
    field, codes = encoded.field, encoded.codes
    if not isinstance(field, CategoryField) or codes is None or len(field.values) - 1 <= most:
        return encoded
    width = field.places if isinstance(field, BagField) else 1
    counts = np.bincount(codes[train, :width].ravel(), minlength=len(field.values))[1:]
    order = 1 + np.argsort(-counts, kind="stable")
    kept = np.sort(order[:most])
    buckets: dict[int, list[int]] = {}
    for code in order[most:].tolist():
        buckets.setdefault(zlib.crc32(field.values[code].encode()) % shared, []).append(code)
    place = np.zeros(len(field.values), np.int32)
    place[kept] = 1 + np.arange(most)
    words = [UNKNOWN, *(field.values[code] for code in kept)]
    for at, bucket in enumerate(sorted(buckets), 1 + most):
        place[buckets[bucket]] = at
        words.append(" / ".join(field.values[code] for code in buckets[bucket][:OF_BUCKET]))
    found = codes.copy()
    found[:, :width] = place[codes[:, :width]]
    return Encoded(replace(field, values=tuple(told_apart(words))), found)


def words_of(text: str) -> list[str]:
    """The words of a text, in small letters.

    >>> words_of("Bug's Life, A (1998)")
    ["bug's", 'life', 'a', '1998']
    """
    plain = "".join(letter if letter.isalnum() or letter in "'’" else " " for letter in text.lower())
    return [word.strip("'’") for word in plain.split() if word.strip("'’")]


def _bag(
    field: Feature,
    rows: Encoder,
    parts_of: Callable[[str], list[str]],
    told: Callable[[Counter[str]], tuple[list[str], Coder]],
) -> list[Encoded]:
    """A bag of what cells have, each value once, in the order of the cell; cells are taken apart once each."""
    cells = rows.words(field.column)
    picks = rows.of(rows.picks(field.column, cells))
    parts = [list(dict.fromkeys([MISSING] if cell == MISSING else parts_of(cell)))[:MOST_PLACES] for cell in cells]
    often = np.bincount(picks[rows.train], minlength=len(cells))
    counts: Counter[str] = Counter()
    for held, many in zip(parts, often.tolist(), strict=True):
        if many:
            for part in held:
                counts[part] += many
    words, code = told(counts)
    places = max((len(held) for held, many in zip(parts, often.tolist(), strict=True) if many), default=1) or 1
    codes = np.zeros((len(cells), places), np.int32)
    for row, held in enumerate(parts):
        known = list(dict.fromkeys(found for part in held if (found := code(part))))[:places]
        codes[row, : len(known)] = known
    shown = told_apart([short(word, LETTERS) for word in words])
    return [Encoded(BagField(field.name, field.label, (UNKNOWN, *shown), places), codes[picks])]


FORMS: dict[str, Callable[[Feature, Encoder], list[Encoded]]] = {
    CATEGORY: _category,
    NUMBER: _number,
    QUANTILES: _quantiles,
    MULTI: lambda field, rows: _bag(field, rows, lambda cell: parts_of_cell(cell, field.separator), _each),
    TEXT: lambda field, rows: _bag(field, rows, words_of, _shared),
}
"""How each form becomes fields."""
