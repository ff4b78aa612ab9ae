"""A draft becomes a data set: cleaned, in order, split, with its catalogue; all of it or nothing."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pdcn.files import sha256_of, write_json
from pdcn.inert import quoted, short
from pdcn.settings import SettingError, digest
from pdcn.sources.table import words as say
from pdcn.sources.table.draft import (
    EVENTS,
    ITEM,
    ITEMS,
    KIND,
    NUMBER,
    QUANTILES,
    TIME,
    USER,
    USERS,
    WEIGHT,
    Draft,
    discard,
)
from pdcn.sources.table.engine import Engine, engine
from pdcn.sources.table.features import Feature, feature_term, fields_of, named_by, role_label
from pdcn.sources.table.kept import FORM, NAME, RECORD, REPLACED, Kept, folder_of_all, kept
from pdcn.sources.table.split_events import SplitAt, write_events, zoned
from pdcn.words import plural


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
    sums = [sha256_of(ready / f"{table}.parquet") for table in (EVENTS, USERS, ITEMS)]
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
        "labels": {role: role_label(draft, role) for role in (USER, ITEM)},
        "named_by": named_by(fields),
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
