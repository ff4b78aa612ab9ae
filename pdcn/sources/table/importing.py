"""A draft becomes a data set: cleaned, in order, split, with its catalogue; all of it or nothing."""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from pdcn.arrays import Ints
from pdcn.files import write_json
from pdcn.inert import line, quoted, short
from pdcn.settings import SettingError, digest
from pdcn.sources.encode import time_bounds
from pdcn.sources.table import words as say
from pdcn.sources.table.cells import moment_term, number_term, told_moment, zoned_term
from pdcn.sources.table.draft import (
    EVENTS,
    ITEM,
    ITEMS,
    KIND,
    NUMBER,
    QUANTILES,
    SIDES,
    TEXT,
    TIME,
    USER,
    USERS,
    VALUE,
    WEIGHT,
    Column,
    Draft,
    discard,
)
from pdcn.sources.table.engine import Engine, engine, literal
from pdcn.sources.table.kept import FORM, NAME, RECORD, REPLACED, Kept, folder_of_all, kept
from pdcn.sources.table.nouns import speaks_of
from pdcn.words import plural

VALIDATION, TEST = 0.05, 0.1
DAY = 86_400
GIVEN = "_given"
"""End of the name of a field that says whether a number is there."""


@dataclass(frozen=True)
class Feature:
    """A feature of the data set: the column that holds it in a table of the data set, and how it is encoded."""

    table: str
    column: str
    side: str
    form: str
    name: str
    label: str
    values: int
    unit: str = ""
    separator: str = ""
    log: str = ""


@dataclass(frozen=True)
class SplitAt:
    """What was sorted and split: events, and where validation and test begin."""

    events: int
    bounds: tuple[int, int]


def label_of(name: str) -> str:
    """A column's name as people read it.

    >>> label_of("release_year"), label_of("AGE")
    ('Release year', 'AGE')
    """
    plain = short(line(name.replace("_", " ")))
    return plain[:1].upper() + plain[1:]


def fields_of(draft: Draft) -> list[Feature]:
    """The features of a draft, in the order of its tables and columns, each with a name and a label of its own."""
    found: list[Feature] = []
    names = {"user", "item", "weekday", "hour", "earlier", "earlier_count", "earlier_days", "earlier_ago"}
    labels = {side: {say.WEEKDAY, say.HOUR, *(_label(draft, role) for role in (USER, ITEM))} for side in SIDES}
    for table, columns in draft.columns.items():
        for at, column in enumerate(columns):
            if column.feature is None:
                continue
            side, form = column.feature
            name = re.sub(r"\W+", "_", column.name.lower(), flags=re.ASCII).strip("_") or "field"
            name, label = _unlike(name, names, "_"), _unlike(label_of(column.name), labels[side], " ")
            days = form in (NUMBER, QUANTILES) and not column.numbers
            unit = say.DAYS if days else ""
            values, separator = min(column.distinct, column.filled), column.separator
            own = f"{table[0]}{at}"
            found.append(Feature(table, own, side, form, name, label, values, unit, separator, column.log))
    return found


def _unlike(name: str, taken: set[Any], between: str) -> str:
    """The name, or with a number behind it where it is taken; it is taken from now on."""
    found, number = name, 1
    while found in taken or f"{found}{GIVEN}" in taken or f"{found}".removesuffix(GIVEN) in taken:
        number += 1
        found = f"{name}{between}{number}"
    taken.add(found)
    return found


def feature_term(column: Column, at: int, form: str) -> str:
    """The term of a query that makes a feature of a cell: a number, days of a date, or the text itself."""
    if form not in (NUMBER, QUANTILES):
        return f"c{at}"
    if column.numbers:
        return number_term(f"c{at}", column.numbers)
    return f"{moment_term(f'c{at}', column.moments)} / {float(DAY)}"


def rows_that_count(draft: Draft, running: Engine) -> str:
    """The query for the rows that are events: with a user, an item, a time where there is one, and an outcome that
    counts. Its columns are row, who, what, moment, weight, kind, and features as e0 and on."""
    columns = draft.columns[EVENTS]
    user, item, time = (draft.at(EVENTS, role) for role in (USER, ITEM, TIME))
    if user is None or item is None:
        raise SettingError(say.NEEDED(role=USER if user is None else ITEM))
    terms = {"row": "file_row_number", "who": f"c{user}", "what": f"c{item}"}
    terms["moment"] = moment_term(f"c{time}", columns[time].moments) if time is not None else "0::BIGINT"
    conditions = ["who IS NOT NULL", "what IS NOT NULL", "moment IS NOT NULL"]
    weights = []
    if (at := draft.at(EVENTS, WEIGHT)) is not None:
        weights.append(f"greatest(coalesce({number_term(f'c{at}', columns[at].numbers)}, 0), 0)")
    if (at := draft.at(EVENTS, KIND)) is not None:
        cases = " ".join(f"WHEN {literal(kind)} THEN {weight!r}" for kind, weight in draft.kinds.items())
        weights.append(f"CASE c{at} {cases} ELSE 0.0 END")
        terms["kind"] = f"c{at}"
    if weights:
        terms["weight"] = f"({' * '.join(weights)})::DOUBLE"
        conditions.append("weight > 0")
    if (at := draft.at(EVENTS, VALUE)) is not None and draft.positive_from is not None:
        terms["value"] = number_term(f"c{at}", columns[at].numbers)
        conditions.append(f"value >= {draft.positive_from!r}")
    for at, column in enumerate(columns):
        if column.feature:
            terms[f"e{at}"] = feature_term(column, at, column.feature[1])
    listed = ", ".join(f'{term} AS "{name}"' for name, term in terms.items())
    query = f"SELECT * FROM (SELECT {listed} FROM {running.table(EVENTS)}) WHERE {' AND '.join(conditions)}"
    if draft.repeats == "once":
        query += " QUALIFY row_number() OVER (PARTITION BY who, what ORDER BY moment, row) = 1"
    return query


def zoned(draft: Draft, running: Engine) -> bool:
    """Whether all times of the events are the same moment in every zone; also where there is no time."""
    if (at := draft.at(EVENTS, TIME)) is None:
        return True
    told = zoned_term(f"c{at}", draft.columns[EVENTS][at].moments)
    return bool(running.row(f"SELECT coalesce(bool_and({told}), true) FROM {running.table(EVENTS)}")[0])


def write_events(draft: Draft, running: Engine, name: str, columns: Sequence[str]) -> SplitAt:
    """Write the events in the order of the dataset, with these columns, and say where its parts begin."""
    counting = rows_that_count(draft, running)
    chosen = ", ".join(f'"{column}"' for column in columns)
    if draft.split == "time":
        running.write(name, f'SELECT {chosen}, moment AS "when" FROM ({counting}) ORDER BY moment, row')
        events = running.table(name)
        return bounds_at(running, events, draft.cuts) if draft.cuts else bounds_in_time(running, events)
    if draft.split == "per-user":
        placed = (
            "SELECT *, count(*) OVER (PARTITION BY who) AS many, "
            f"row_number() OVER (PARTITION BY who ORDER BY moment DESC, row DESC) AS last FROM ({counting})"
        )
        tests = f"greatest(1, round({TEST} * many))"
        part = (
            f"CASE WHEN many < 3 OR last > {tests} + greatest(1, round({VALIDATION} * many)) THEN 0 "
            f"WHEN last > {tests} THEN 1 ELSE 2 END"
        )
        moment = "moment"
    else:
        many = running.row(f"SELECT count(*) FROM ({counting})")[0]
        ends = time_bounds(many, VALIDATION, TEST)
        placed = f"SELECT *, row_number() OVER (ORDER BY md5(row::VARCHAR), row) - 1 AS place FROM ({counting})"
        part = f"CASE WHEN place < {ends[0]} THEN 0 WHEN place < {ends[1]} THEN 1 ELSE 2 END"
        moment = "part"  # time plays no part, but what is trained on comes first
    parts = f"SELECT *, ({part})::BIGINT AS part FROM ({placed})"
    running.write(name, f'SELECT {chosen}, {moment} AS "when", part FROM ({parts}) ORDER BY part, {moment}, row')
    counts = np.bincount(column_of(running.folder / f"{name}.parquet", "part"), minlength=3)
    return SplitAt(int(counts.sum()), (int(counts[0]), int(counts[:2].sum())))


def column_of(path: Path, name: str) -> Ints:
    """A column of whole numbers of a table."""
    return np.asarray(pq.read_table(path, columns=[name]).column(0).to_numpy(), np.int64)


def bounds_at(running: Engine, events: str, cuts: tuple[int, int]) -> SplitAt:
    """Where validation and test begin among events, given the moments at which they do; `SettingError` where a part
    would have no event."""
    many, first, second, low, high = running.row(
        f'SELECT count(*), count(*) FILTER ("when" < {cuts[0]}), count(*) FILTER ("when" < {cuts[1]}), '
        f'coalesce(min("when"), 0), coalesce(max("when"), 0) FROM {events}'
    )
    if not 0 < first < second < many:
        counts = {"train": first, "validation": second - first, "test": many - second}
        told = {part: f"{count:,}" for part, count in counts.items()}
        raise SettingError(say.CUTS_LEAVE_NONE(first=told_moment(low), last=told_moment(high), **told))
    return SplitAt(many, (first, second))


def bounds_in_time(running: Engine, events: str) -> SplitAt:
    """Where validation and test begin among events in order of time, so that no moment is in two parts.

    Of the moments around the shares that are wanted, the two whose beginnings lie nearest; 0 where there are none.
    """
    many = running.row(f"SELECT count(*) FROM {events}")[0]
    ends = time_bounds(many, VALIDATION, TEST)
    places: list[list[int]] = []
    for end in ends:
        told = running.row(
            f'WITH e AS (SELECT "when" AS t FROM {events}), m AS (SELECT "when" AS t FROM {events} '
            f"WHERE file_row_number = {min(end, many - 1)}), "
            "o AS (SELECT max(e.t) FILTER (e.t < m.t) AS before, min(e.t) FILTER (e.t > m.t) AS after FROM e, m) "
            "SELECT count(*) FILTER (e.t < o.before), count(*) FILTER (e.t < m.t), count(*) FILTER (e.t <= m.t), "
            "count(*) FILTER (e.t <= o.after) FROM e, m, o"
        )
        places.append([int(place) for place in told])
    return SplitAt(many, nearest_pair(places[0], places[1], ends, many))


def nearest_pair(first: Sequence[int], second: Sequence[int], ends: tuple[int, int], many: int) -> tuple[int, int]:
    """One place of each, in order and neither at the edge, as near to the ends as there are; 0 where there are none.

    >>> nearest_pair([840, 848, 856], [890, 899, 903], (850, 900), 1000), nearest_pair([0, 5], [0, 5], (4, 4), 5)
    ((848, 899), (0, 0))
    """
    pairs = [(one, other) for one in first for other in second if 0 < one < other < many]
    return min(pairs, key=lambda pair: abs(pair[0] - ends[0]) + abs(pair[1] - ends[1]), default=(0, 0))


def in_order(running: Engine, column: str, rows: str) -> str:
    """How ids are ordered: whole numbers by their size, others as text."""
    whole = running.row(f"SELECT bool_and(regexp_full_match({column}, '0|[1-9][0-9]{{0,17}}')) FROM {rows}")[0]
    return f"{column}::BIGINT" if whole else column


def import_data(draft: Draft, name: str, *, replacing: bool = False, about: str = "") -> Kept:
    """Make the data set of a draft, which is used up; `SettingError` where it can't be, and nothing is left behind.

    `about` is what many know it as.
    """
    from pdcn.sources import SOURCES

    if not NAME.fullmatch(name):
        raise SettingError(say.BAD_NAME(name=quoted(name)))
    if name in SOURCES:
        raise SettingError(say.TAKEN_BY_SOURCE(name=quoted(name)))
    place = folder_of_all() / name
    if place.exists() and not replacing:
        raise SettingError(say.TAKEN(name=quoted(name)))
    ready = draft.folder / "ready"
    try:
        shutil.rmtree(ready, ignore_errors=True)
        ready.mkdir()
        record = _written(draft, ready, name) | {"about": about}
        write_json(ready / RECORD, record)
        old = place.with_name(f".{name}{REPLACED}")
        shutil.rmtree(old, ignore_errors=True)
        if place.exists():
            place.rename(old)
        ready.rename(place)
        shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        shutil.rmtree(ready, ignore_errors=True)
        raise
    discard(draft)
    return kept(name)


def _written(draft: Draft, ready: Path, name: str) -> dict[str, Any]:
    """Write the tables of the data set into a folder; its record."""
    fields = fields_of(draft)
    own = [field.column for field in fields if field.table == EVENTS]
    roles = [column for column, role in (("weight", WEIGHT), ("kind", KIND)) if draft.at(EVENTS, role) is not None]
    if draft.at(EVENTS, KIND) is not None and "weight" not in roles:
        roles.append("weight")
    with engine(draft.folder, draft.limits) as running:
        everywhere = zoned(draft, running)
        part = write_events(draft, running, "sorted", ["who", "what", *roles, *own])
        if not 0 < part.bounds[0] < part.bounds[1] < part.events:
            raise SettingError(say.TOO_FEW_TO_SPLIT(events=plural(part.events, "event"), split=draft.split))
        events = running.table("sorted")
        items = _write_items(draft, running, fields, events, part)
        users = _write_users(draft, running, fields, events)
        dropped = [f'"{field.column}"' for field in fields if field.table == EVENTS and field.side == "item"]
        if dropped:
            without = f"EXCLUDE ({', '.join(['file_row_number', *dropped])})"
            running.write("final", f"SELECT * {without} FROM {events} ORDER BY file_row_number")
    for table, at in (("final" if dropped else "sorted", EVENTS), ("final-users", USERS), ("final-items", ITEMS)):
        (draft.folder / f"{table}.parquet").rename(ready / f"{at}.parquet")
    (draft.folder / "sorted.parquet").unlink(missing_ok=True)
    sums = [_sha256(ready / f"{table}.parquet") for table in (EVENTS, USERS, ITEMS)]
    # an item's feature that the events tell lies with the items from now on
    told = [asdict(field) | {"table": ITEMS if field.side == "item" else field.table} for field in fields]
    record = {
        "form": FORM,
        "name": name,
        "imported": datetime.now(UTC).date().isoformat(),
        "at": time.time(),
        "split": draft.split,
        "cuts": list(draft.cuts) if draft.cuts else None,
        "repeats": draft.repeats,
        "positive_from": draft.positive_from,
        "kinds": dict(draft.kinds),
        "timed": draft.at(EVENTS, TIME) is not None and draft.split != "random",
        "zoned": everywhere,
        "bounds": list(part.bounds),
        "counts": {"events": part.events, "users": users, "items": items},
        "labels": {role: _label(draft, role) for role in (USER, ITEM)},
        "named_by": _named_by(fields),
        "fields": told,
        "files": [
            {
                "table": table,
                "name": short(staged.landed.called),
                "path": staged.landed.came_from,
                "sha256": staged.landed.sha256,
                "bytes": staged.landed.bytes,
                "modified": staged.landed.modified,
            }
            for table, staged in draft.tables.items()
        ],
    }
    about = {
        key: record[key] for key in ("split", "repeats", "kinds", "bounds", "fields", "labels", "named_by", "timed")
    }
    if not everywhere:  # which times of a zone are others
        about["zoned"] = False
    return record | {"hash": digest([*sums, about])}


def _label(draft: Draft, role: str) -> str:
    """What people call a user or an item of this data."""
    column = draft.having(EVENTS, role)
    return label_of(column.name) if column and not column.name.startswith("column ") else role.capitalize()


def _named_by(fields: Sequence[Feature]) -> str:
    """The column of the items that has their names: the text that is called so, or else the first text."""
    texts = [field for field in fields if field.side == "item" and field.form == TEXT]
    texts.sort(key=lambda field: not speaks_of(field.name, "name"))
    return texts[0].column if texts else ""


def _side_table(
    draft: Draft, running: Engine, table: str, role: str, fields: Sequence[Feature]
) -> tuple[str, list[str]]:
    """The query for the keys and features of a table of users or of items, each key once, and its features' columns."""
    key = draft.at(table, role)
    assert key is not None
    columns = draft.columns[table]
    own = [field for field in fields if field.table == table]
    terms = [f"{feature_term(columns[int(f.column[1:])], int(f.column[1:]), f.form)} AS {f.column}" for f in own]
    query = (
        f"SELECT {', '.join([f'c{key} AS id', *terms])} FROM {running.table(table)} WHERE c{key} IS NOT NULL "
        f"QUALIFY row_number() OVER (PARTITION BY c{key} ORDER BY file_row_number) = 1"
    )
    return query, [field.column for field in own]


def _write_items(draft: Draft, running: Engine, fields: Sequence[Feature], events: str, part: SplitAt) -> int:
    """Write the catalogue in its order: each item's id, training events, and features; how many items there are.

    A feature that events tell is what most of its training events say, and of numbers the median; what is no number is
    taken from later events where an item has none in training.
    """
    trained = f"file_row_number < {part.bounds[0]}"
    running.run(
        f"CREATE OR REPLACE TEMP TABLE catalogue AS SELECT what AS id, count(*) FILTER ({trained}) AS trained "
        f"FROM {events} GROUP BY what"
    )
    joins, chosen = [], []
    for field in fields:
        if field.side != "item" or field.table != EVENTS:
            continue
        column = field.column
        if field.form in (NUMBER, QUANTILES):
            told = f"SELECT what AS id, median({column}) AS v FROM {events} WHERE {trained} GROUP BY what"
        else:
            counts = (
                f"SELECT what, {column} AS v, count(*) FILTER ({trained}) AS n FROM {events} WHERE {column} IS NOT NULL"
            )
            told = f"SELECT what AS id, first(v ORDER BY n DESC, v) AS v FROM ({counts} GROUP BY ALL) GROUP BY what"
        joins.append(f"LEFT JOIN ({told}) of_{column} ON of_{column}.id = c.id")
        chosen.append(f"of_{column}.v AS {column}")
    if draft.at(ITEMS, ITEM) is not None:
        query, columns = _side_table(draft, running, ITEMS, ITEM, fields)
        running.run(f"CREATE OR REPLACE TEMP TABLE described AS {query}")
        running.run("INSERT INTO catalogue SELECT id, 0 FROM described WHERE id NOT IN (SELECT id FROM catalogue)")
        joins.append("LEFT JOIN described d ON d.id = c.id")
        chosen += [f"d.{column}" for column in columns]
    order = in_order(running, "id", "catalogue")
    features = ", ".join(["c.id", "c.trained", *chosen])
    running.write("final-items", f"SELECT {features} FROM catalogue c {' '.join(joins)} ORDER BY c.{order}")
    count: int = running.row("SELECT count(*) FROM catalogue")[0]
    return count


def _write_users(draft: Draft, running: Engine, fields: Sequence[Feature], events: str) -> int:
    """Write the users of the events in their order, with their features; how many there are."""
    running.run(f"CREATE OR REPLACE TEMP TABLE people AS SELECT DISTINCT who AS id FROM {events}")
    joins, chosen = "", ["p.id"]
    if draft.at(USERS, USER) is not None:
        query, columns = _side_table(draft, running, USERS, USER, fields)
        joins = f"LEFT JOIN ({query}) d ON d.id = p.id"
        chosen += [f"d.{column}" for column in columns]
    order = in_order(running, "id", "people")
    running.write("final-users", f"SELECT {', '.join(chosen)} FROM people p {joins} ORDER BY p.{order}")
    count: int = running.row("SELECT count(*) FROM people")[0]
    return count


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
