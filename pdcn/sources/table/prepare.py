"""A data set that was imported becomes a dataset: codes and standardised numbers, all learned from its training part.

Shapes: n events, N items, U users.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from pdcn.arrays import Flags, Floats, Ints
from pdcn.inert import line, short
from pdcn.settings import SettingError
from pdcn.sources.dataset import Dataset
from pdcn.sources.encode import Number, encode, numbered
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import UNKNOWN, BagField, CategoryField, NumberField, SequenceField
from pdcn.sources.journey_events import HOURS, RECENCY, RECENCY_EDGES, WEEKDAYS
from pdcn.sources.own import OwnData
from pdcn.sources.table import words as say
from pdcn.sources.table.cells import told_moment
from pdcn.sources.table.draft import EVENTS, ITEMS, USERS
from pdcn.sources.table.encoded_columns import FORMS, LETTERS, Encoded, Encoder, capped, told_apart
from pdcn.sources.table.engine import Engine, engine
from pdcn.sources.table.features import DAY, Feature
from pdcn.sources.table.kept import Kept, kept
from pdcn.sources.table.split_events import column_of

THURSDAY = 3
"""The weekday of the first day of 1970, from Monday."""


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
    return tuple(told_apart(plain))


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
