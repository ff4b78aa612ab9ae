"""A data set that was imported becomes a dataset: codes and standardised numbers, all learned from its training part.

Shapes: n events, N items, U users.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pdcn.arrays import Codes, Doubles, Flags, Floats, Ints
from pdcn.inert import line, short
from pdcn.settings import SettingError
from pdcn.sources.dataset import Dataset
from pdcn.sources.encode import Number, encode, numbered
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import MISSING, UNKNOWN, BagField, CategoryField, NumberField, SequenceField
from pdcn.sources.journey_events import HOURS, RECENCY, RECENCY_EDGES, WEEKDAYS
from pdcn.sources.own import SHARED, OwnData
from pdcn.sources.table import words as say
from pdcn.sources.table.cells import told_moment
from pdcn.sources.table.draft import CATEGORY, EVENTS, ITEMS, MULTI, NUMBER, QUANTILES, TEXT, USERS
from pdcn.sources.table.engine import Engine, engine
from pdcn.sources.table.facts import parts_of_cell
from pdcn.sources.table.importing import DAY, GIVEN, Feature, column_of
from pdcn.sources.table.kept import Kept, kept

ROWS = 100_000
"""Encoder that are read at once."""
MOST_PLACES = 20
"""Values of a cell that are read; further ones are left."""
BUCKETS = 2_000
"""Codes that the words of a text share."""
BINS = 10
LETTERS = 80
"""Letters that are kept of a value, and of an item's name."""
THURSDAY = 3
"""The weekday of the first day of 1970, from Monday."""
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


def own_data(settings: OwnData) -> Dataset:
    """The dataset of a data set that was imported; equal content and settings give an equal hash."""
    found = kept(settings.dataset)
    record = found.record
    if settings.earlier_items and not record["timed"]:
        raise SettingError(say.NO_HISTORY)
    with engine(found.folder) as running:
        return _dataset(settings, found, running)


def _dataset(settings: OwnData, found: Kept, running: Engine) -> Dataset:
    record = found.record
    bounds = (int(record["bounds"][0]), int(record["bounds"][1]))
    paths = {table: found.folder / f"{table}.parquet" for table in (EVENTS, USERS, ITEMS)}
    when = column_of(paths[EVENTS], "when")
    local = when
    if record["timed"] and settings.zone != "UTC":
        when, local = in_zone(when, settings.zone, zoned=record.get("zoned", True))
    events = np.arange(len(when)) < bounds[0]
    trained = column_of(paths[ITEMS], "trained") > 0
    every = Encoder(running, paths[EVENTS], None, events)
    ids = {
        table: [str(one[0]) for one in running.rows(f"SELECT id FROM {running.table(table)} ORDER BY file_row_number")]
        for table in (USERS, ITEMS)
    }
    user, positive = every.picks("who", ids[USERS]).astype(np.int64), every.picks("what", ids[ITEMS]).astype(np.int64)
    rows = {
        EVENTS: every,
        USERS: Encoder(running, paths[USERS], user, events),
        ITEMS: Encoder(running, paths[ITEMS], None, trained),
    }
    sides: dict[str, list[Encoded]] = {"query": [], "item": []}
    for side, picks, table, train in (
        ("query", user, USERS, events),
        ("item", np.arange(len(trained)), ITEMS, trained),
    ):
        if settings.own_ids:
            label = record["labels"]["user" if side == "query" else "item"]
            words, codes = numbered([short(one, LETTERS) for one in ids[table]], picks, train)
            name = "user" if side == "query" else "item"
            sides[side].append(Encoded(CategoryField(name, label, words), codes[:, None]))
    if settings.moments and record["timed"]:
        sides["query"] += _of_moments(local, events)
    for told in record["fields"]:
        field = Feature(**told)
        encoded = FORMS[field.form](field, rows[field.table])
        sides[field.side] += encoded if settings.gaps else encoded[:1]  # a number stands before what tells of its gaps
    names = _item_names(ids[ITEMS], record["named_by"], rows[ITEMS])
    if settings.earlier_items:
        sides["query"] += _earlier(settings.earlier_items, user, when, positive, names, events)
    if settings.most_values:
        sides["query"] = [capped(one, settings.most_values, events) for one in sides["query"]]
        sides["item"] = [capped(one, settings.most_values, trained) for one in sides["item"]]
    weight, outcome = _outcomes(record, every)
    return Dataset(
        name="own",
        title=found.name,
        note=_note(found),
        queries=_table(sides["query"], len(when)),
        items=_table(sides["item"], len(trained)),
        item_names=names,
        positive=positive,
        user=user,
        when=when,
        bounds=bounds,
        zone=settings.zone if record["timed"] else "",
        weight=weight,
        outcome=outcome,
        leave_out=record["repeats"] == "once",
    )


def _table(encoded: Sequence[Encoded], rows: int) -> Table:
    """The table of encoded fields; where there is none, of one that says nothing, since a tower needs some field."""
    if not encoded:
        encoded = [Encoded(CategoryField("all", say.EVERYONE, (UNKNOWN, say.ANYONE)), np.ones((rows, 1), np.int32))]
    categories = [one for one in encoded if type(one.field) is CategoryField]
    bags = [one for one in encoded if isinstance(one.field, BagField)]
    numbers = [one for one in encoded if isinstance(one.field, NumberField)]
    codes = [one.codes for one in (*categories, *bags) if one.codes is not None]
    values = [one.values[:, None] for one in numbers if one.values is not None]
    return Table(
        tuple(one.field for one in categories),  # type: ignore[misc]
        tuple(one.field for one in numbers),  # type: ignore[misc]
        np.hstack(codes) if codes else np.zeros((rows, 0), np.int32),
        np.hstack(values) if values else np.zeros((rows, 0), np.float32),
        tuple(one.field for one in bags),  # type: ignore[misc]
    )


def _category(field: Feature, rows: Encoder) -> list[Encoded]:
    words = rows.words(field.column)
    shown = _told_apart([short(word, LETTERS) for word in words])
    values, codes = numbered(shown, rows.of(rows.picks(field.column, words)), rows.train)
    return [Encoded(CategoryField(field.name, field.label, values), codes[:, None])]


def _told_apart(words: Sequence[str]) -> list[str]:
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
    return Encoded(replace(field, values=tuple(_told_apart(words))), found)


def _several(field: Feature, rows: Encoder) -> list[Encoded]:
    return _bag(field, rows, lambda cell: parts_of_cell(cell, field.separator), _each)


def _text(field: Feature, rows: Encoder) -> list[Encoded]:
    return _bag(field, rows, words_of, _shared)


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
    shown = _told_apart([short(word, LETTERS) for word in words])
    return [Encoded(BagField(field.name, field.label, (UNKNOWN, *shown), places), codes[picks])]


FORMS: dict[str, Callable[[Feature, Encoder], list[Encoded]]] = {
    CATEGORY: _category,
    NUMBER: _number,
    QUANTILES: _quantiles,
    MULTI: _several,
    TEXT: _text,
}
"""How each form becomes fields."""


def in_zone(seconds: Ints, zone: str, *, zoned: bool) -> tuple[Ints, Ints]:
    """Moments in seconds since 1970, and what clocks of a zone show then, in seconds likewise.

    Where the seconds are what clocks showed (not `zoned`), an hour that came twice is taken for the first, and one that
    never came for what follows it, so that the order stays.

    >>> in_zone(np.array([1_774_746_000]), "Europe/Berlin", zoned=True)  # at one o'clock they are put forward
    (array([1774746000]), array([1774753200]))
    """
    if zoned:
        shown = pd.DatetimeIndex(pd.to_datetime(seconds, unit="s", utc=True)).tz_convert(zone).tz_localize(None)
        return seconds, np.asarray(shown.as_unit("s").asi8, np.int64)
    clocks = pd.DatetimeIndex(pd.to_datetime(seconds, unit="s"))
    moments = clocks.tz_localize(zone, nonexistent="shift_forward", ambiguous=np.ones(len(seconds), np.bool_))
    return np.asarray(moments.as_unit("s").asi8, np.int64), seconds


def _of_moments(when: Ints, train: Flags) -> list[Encoded]:
    """The weekday and the hour of events; no hour where all are at the same."""
    found = []
    told = (
        ("weekday", say.WEEKDAY, WEEKDAYS, (when // DAY + THURSDAY) % 7),
        ("hour", say.HOUR, HOURS, when % DAY // 3_600),
    )
    for name, label, words, picks in told:
        if picks.min() < picks.max():
            values, codes = numbered([str(word) for word in words], picks, train)
            found.append(Encoded(CategoryField(name, label, values), codes[:, None]))
    return found


def _earlier(
    places: int, user: Ints, when: Ints, positive: Ints, names: tuple[str, ...], train: Flags
) -> list[Encoded]:
    """What users chose strictly before each event, the latest first, how long ago, and how much that was."""
    order = np.lexsort((positive, when, user))
    own, moments = user[order], when[order]
    start = np.searchsorted(own, user)
    another = np.flatnonzero(np.concatenate(([True], (np.diff(own) != 0) | (np.diff(moments) != 0))))
    lengths = np.diff(np.append(another, len(own)))
    before = np.empty(len(own), np.int64)
    before[order] = np.repeat(another, lengths)  # the place of the first event of the same user and moment
    many = before - start
    codes = np.zeros((len(user), 2 * places), np.int32)
    for place in range(places):
        there = many > place
        at = order[before[there] - 1 - place]
        codes[there, place] = positive[at] + 1
        codes[there, places + place] = np.digitize((when[there] - when[at]) / DAY, RECENCY_EDGES) + 1
    ago = CategoryField("earlier_ago", say.AGO, (UNKNOWN, *map(str, RECENCY)))
    field = SequenceField("earlier", say.EARLIER, (UNKNOWN, *names), places, (ago,))
    last = np.full(len(user), np.nan)
    some = many > 0
    last[some] = (when[some] - when[order[before[some] - 1]]) / DAY
    numbers = [
        Number("earlier_count", say.EARLIER_COUNT, say.ITEMS_UNIT, many.astype(np.float64), "log1p"),
        Number("earlier_days", say.EARLIER_DAYS, say.DAYS, last, "log1p"),
    ]
    table = encode([], numbers, train)
    counted = [Encoded(one, values=table.values[:, at]) for at, one in enumerate(table.numbers)]
    return [Encoded(field, codes), *counted]


def _item_names(ids: Sequence[str], named_by: str, rows: Encoder) -> tuple[str, ...]:
    """What each item is called: its text and its id, by which names differ."""
    plain = [short(one, LETTERS) for one in ids]
    if named_by:
        told = rows.running.rows(f"SELECT {named_by} FROM {rows.table} ORDER BY file_row_number")
        plain = [
            f"{line(short(text[0], LETTERS)).replace(' · ', ' ')} · #{one}" if text[0] else one
            for text, one in zip(told, plain, strict=True)
        ]
    return tuple(_told_apart(plain))


def _outcomes(record: Any, rows: Encoder) -> tuple[Floats | None, Floats | None]:
    """The weight of each event, and the number of its outcome, where the data tells them."""
    there = set(pq.ParquetFile(rows.path).schema_arrow.names)
    weight = rows.floats("weight").astype(np.float32) if "weight" in there else None
    if weight is not None and (weight == weight[0]).all():
        weight = None
    outcome = None
    if "kind" in there:
        outcome = (rows.picks("kind", list(record["kinds"])) + 1).astype(np.float32)
    return weight, outcome


def _note(found: Kept) -> str:
    record = found.record
    if record["about"]:
        return say.KNOWN_NOTE(title=record["about"], day=record["imported"], split=split_said(record))
    files = ", ".join(file["name"] for file in record["files"])
    return say.NOTE(files=files, day=record["imported"], split=split_said(record))


def split_said(record: Mapping[str, Any]) -> str:
    """How a data set is split, in words; records from before cuts could be given have none."""
    if cuts := record.get("cuts"):
        validation, test = map(told_moment, cuts)
        return say.SPLIT_AT(validation=validation, test=test)
    return say.SPLITS[record["split"]]
