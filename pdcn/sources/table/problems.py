"""What is wrong or doubtful with a draft, by column and row, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pdcn.inert import quoted, short
from pdcn.sources.table import words as say
from pdcn.sources.table.cells import moment_term, number_term, told_day, told_form
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
    VALUE,
    WEIGHT,
    Column,
    Draft,
)
from pdcn.sources.table.engine import Engine, engine
from pdcn.sources.table.roles import CONSTANT, GIVES_AWAY, LARGE, TIMES, telling
from pdcn.sources.table.split_events import rows_that_count, zoned
from pdcn.words import plural

FEW_EVENTS, FEW_ITEMS, FEW_USERS = 1_000, 50, 20
"""Below these, differences between wirings can hardly be told from chance."""
LEAST = 30
"""Events without which nothing can be trained and tested."""
SHOWN = 3
"""Rows and cells that are named."""

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Problem:
    """What is wrong, where: `error` stops an import, `warning` may spoil it, `note` says what is done. `rows` count
    from 1."""

    level: Level
    text: str
    table: str = EVENTS
    column: str = ""
    rows: tuple[int, ...] = ()


def problems(draft: Draft) -> list[Problem]:
    """Every problem of a draft, the worst first."""
    with engine(draft.folder, draft.limits) as running:
        found = [*_of_files(draft), *_of_keys(draft, running)]
        if not any(one.level == "error" for one in found):
            found += _of_events(draft, running)
            found += _of_features(draft, running)
            found += _of_sides(draft, running)
    return sorted(found, key=lambda one: ("error", "warning", "note").index(one.level))


def _rows(running: Engine, table: str, condition: str) -> tuple[int, tuple[int, ...]]:
    """How many rows of a table meet a condition, and the first of them, counted from 1."""
    where = f"FROM {running.table(table)} WHERE {condition}"
    count: int = running.row(f"SELECT count(*) {where}")[0]
    if not count:
        return 0, ()
    first = running.rows(f"SELECT file_row_number + 1 {where} ORDER BY 1 LIMIT {SHOWN}")
    return count, tuple(int(one[0]) for one in first)


def _in_words(rows: tuple[int, ...]) -> str:
    return ", ".join(f"{row:,}" for row in rows)


def _of_files(draft: Draft) -> Iterator[Problem]:
    for table, staged in draft.tables.items():
        if staged.broken.count:
            told = {
                "count": f"{staged.broken.count:,}",
                "line": f"{staged.broken.line:,}",
                "cells": staged.broken.cells,
            }
            yield Problem("warning", say.BROKEN_LINES(table=table, **told), table, "", (staged.broken.line,))
        if staged.above:
            told = {"count": f"{len(staged.above):,}", "line": quoted(staged.above[0])}
            yield Problem("note", say.LINES_ABOVE(table=table, **told), table)
        if staged.landed.encoding == "cp1252":
            yield Problem("note", say.WESTERN(table=table), table)
    for table, columns in draft.columns.items():
        for column in columns:
            if column.warning:
                yield Problem("warning", say.OF_COLUMN(column=column.name, why=column.warning), table, column.name)
            if column.reason == say.CONSTANT:
                yield Problem("note", say.CONSTANT_COLUMN(column=column.name), table, column.name)


def _of_keys(draft: Draft, running: Engine) -> Iterator[Problem]:
    """Missing columns and cells of the user, the item and the time."""
    for role in (USER, ITEM):
        at = draft.at(EVENTS, role)
        if at is None:
            yield Problem("error", say.NEEDED(role=role))
            continue
        count, rows = _rows(running, EVENTS, f"c{at} IS NULL")
        if count:
            text = say.NO_KEY(count=f"{count:,}", role=role, rows=_in_words(rows))
            yield Problem("warning", text, EVENTS, draft.columns[EVENTS][at].name, rows)
    time = draft.at(EVENTS, TIME)
    if time is None:
        yield Problem("note", say.NO_TIME)
        return
    column = draft.columns[EVENTS][time]
    count, rows = _rows(running, EVENTS, f"{moment_term(f'c{time}', column.moments)} IS NULL")
    if count:
        told = {"example": _cell(running, EVENTS, time, rows[0]), "rows": _in_words(rows)}
        yield Problem("warning", say.NO_MOMENT(count=f"{count:,}", **told), EVENTS, column.name, rows)
    said = say.TOLD_IN_UTC if zoned(draft, running) else say.READ_AS_UTC
    yield Problem("note", said(column=column.name), EVENTS, column.name)
    if column.mixed:
        first, others = told_form(column.moments.partition("|")[0]), ", ".join(map(told_form, column.mixed))
        text = say.MIXED_DATES(column=column.name, first=first, others=others)
        yield Problem("warning", text, EVENTS, column.name)


def _cell(running: Engine, table: str, at: int, row: int) -> str:
    cell = running.row(f"SELECT c{at} FROM {running.table(table)} WHERE file_row_number = {row - 1}")[0]
    return "nothing" if cell is None else quoted(cell)


def _of_events(draft: Draft, running: Engine) -> Iterator[Problem]:
    """What becomes of the rows: outcomes, repeats, and whether enough is left."""
    columns = draft.columns[EVENTS]
    if (value := draft.at(EVENTS, VALUE)) is not None and draft.positive_from is not None:
        number = number_term(f"c{value}", columns[value].numbers)
        kept, every = running.row(
            f"SELECT count(*) FILTER ({number} >= {draft.positive_from!r}), count(*) FROM {running.table(EVENTS)}"
        )
        told = {"column": columns[value].name, "least": f"{draft.positive_from:g}", "share": f"{kept / every:.0%}"}
        yield Problem("note", say.THRESHOLD(**told), EVENTS, columns[value].name)
    if draft.kinds and (kind := draft.at(EVENTS, KIND)) is not None:
        weighs = ", ".join(f"{short(name)} {weight:g}" for name, weight in draft.kinds.items() if weight)
        left = ", ".join(short(name) for name, weight in draft.kinds.items() if not weight)
        yield Problem("note", say.KINDS_COUNT(weights=weighs or "none"), EVENTS, columns[kind].name)
        if left:
            yield Problem("note", say.KINDS_LEFT_OUT(kinds=left), EVENTS, columns[kind].name)
    if (weight := draft.at(EVENTS, WEIGHT)) is not None:
        number = number_term(f"c{weight}", columns[weight].numbers)
        count, rows = _rows(running, EVENTS, f"coalesce({number}, 0) <= 0")
        if count:
            text = say.NO_WEIGHT(count=f"{count:,}", rows=_in_words(rows))
            yield Problem("warning", text, EVENTS, columns[weight].name, rows)
    counting = rows_that_count(draft, running)
    events, users, items, pairs, same, last = running.row(
        "SELECT count(*), count(DISTINCT who), count(DISTINCT what), count(DISTINCT hash(who, what)), "
        f"count(*) - count(DISTINCT hash(who, what, moment)), max(moment) FROM ({counting})"
    )
    if events < LEAST or users < 2 or items < 2:
        told = {"events": f"{events:,}", "users": f"{users:,}", "items": f"{items:,}"}
        yield Problem("error", say.TOO_FEW(**told, least=LEAST))
        return
    if events < FEW_EVENTS or items < FEW_ITEMS or users < FEW_USERS:
        yield Problem("warning", say.FEW(events=f"{events:,}", users=f"{users:,}", items=f"{items:,}"))
    if pairs < events:
        told = {"share": f"{1 - pairs / events:.1%}"}
        yield Problem("note", say.REPEATS(**told))
        if same and draft.at(EVENTS, TIME) is not None:
            yield Problem("warning", say.SAME_MOMENT(count=f"{same:,}"))
    if draft.at(EVENTS, TIME) is not None and last is not None and last > datetime.now(UTC).timestamp():
        yield Problem("warning", say.FUTURE(day=told_day(last)), EVENTS)


def _of_features(draft: Draft, running: Engine) -> Iterator[Problem]:
    """Features of the events: numbers that are none, what differs within an item, what gives the item away."""
    item = draft.at(EVENTS, ITEM)
    user = draft.at(EVENTS, USER)
    every = max(1, draft.tables[EVENTS].rows // LARGE)
    for table, columns in draft.columns.items():
        for at, column in enumerate(columns):
            if column.feature and column.feature[1] in (NUMBER, QUANTILES):
                yield from _no_numbers(draft, running, table, at, column)
    for at, column in enumerate(draft.columns[EVENTS]):
        if column.feature is None:
            continue
        if column.feature[0] == "item" and column.feature[1] != NUMBER:
            conflicts = running.rows(
                f"SELECT c{item} FROM {running.table(EVENTS)} WHERE c{item} IS NOT NULL "
                f"AND hash(c{item}) % {every} = 0 GROUP BY 1 HAVING min(c{at}) <> max(c{at}) ORDER BY count(*) DESC, 1 "
                f"LIMIT 1000"
            )
            if conflicts:
                count = f"{len(conflicts):,}"
                text = say.CONFLICTS(column=column.name, count=count, example=quoted(conflicts[0][0]))
                yield Problem("warning", text, EVENTS, column.name)
        elif column.feature[0] == "query" and item is not None and column.reason == say.CHOSEN:
            tells, popularity = telling(running, running.table(EVENTS), at, item, every)
            constant = _constant(running, at, user, every)
            if tells > GIVES_AWAY and tells > TIMES * popularity and not constant:
                text = say.WOULD_GIVE_AWAY(column=column.name, share=f"{tells:.0%}")
                yield Problem("warning", text, EVENTS, column.name)


def _constant(running: Engine, at: int, key: int | None, every: int) -> bool:
    """Whether a column is a feature of users."""
    share = running.row(
        f"SELECT avg(same) FROM (SELECT (min(c{at}) = max(c{at}))::INTEGER AS same FROM {running.table(EVENTS)} "
        f"WHERE hash(c{key}) % {every} = 0 GROUP BY c{key})"
    )[0]
    return bool((share or 0.0) >= CONSTANT)


def _no_numbers(draft: Draft, running: Engine, table: str, at: int, column: Column) -> Iterator[Problem]:
    cell = f"c{at}"
    term = number_term(cell, column.numbers) if column.numbers else moment_term(cell, column.moments)
    count, rows = _rows(running, table, f"c{at} IS NOT NULL AND {term} IS NULL")
    if count:
        told = {"example": _cell(running, table, at, rows[0]), "rows": _in_words(rows)}
        yield Problem(
            "warning", say.NO_NUMBER(column=column.name, count=f"{count:,}", **told), table, column.name, rows
        )


def _of_sides(draft: Draft, running: Engine) -> Iterator[Problem]:
    """The tables of users and items: missing and repeated keys, and ids that they lack."""
    for table, role in ((USERS, USER), (ITEMS, ITEM)):
        key, of_events = draft.at(table, role), draft.at(EVENTS, role)
        if table not in draft.tables:
            continue
        if key is None or of_events is None:
            yield Problem("error", say.NO_KEY_COLUMN(table=table, role=role), table)
            continue
        name = draft.columns[table][key].name
        count, rows = _rows(running, table, f"c{key} IS NULL")
        if count:
            yield Problem("warning", say.NO_KEY(count=f"{count:,}", role=role, rows=_in_words(rows)), table, name, rows)
        several: list[Any] = running.rows(
            f"SELECT c{key}, min(file_row_number) + 1 FROM {running.table(table)} WHERE c{key} IS NOT NULL GROUP BY 1 "
            "HAVING count(*) > 1 ORDER BY 2 LIMIT 1000"
        )
        if several:
            told = {"count": f"{len(several):,}", "role": role, "example": quoted(several[0][0])}
            yield Problem("warning", say.SEVERAL_ROWS(**told), table, name, tuple(row for _, row in several[:SHOWN]))
        unseen, known, rows_of = running.row(
            f"WITH own AS (SELECT c{of_events} AS v, count(*) AS n FROM {running.table(EVENTS)} "
            f"WHERE c{of_events} IS NOT NULL GROUP BY 1), there AS (SELECT DISTINCT c{key} AS v FROM "
            f"{running.table(table)}) SELECT count(*) FILTER (t.v IS NULL), count(t.v), "
            "coalesce(sum(n) FILTER (t.v IS NULL), 0) FROM own o LEFT JOIN there t ON t.v = o.v"
        )
        if not known:
            yield Problem("error", say.NO_KEY_AGREES(table=table, role=role, column=name), table, name)
        elif unseen:
            told = {"count": f"{unseen:,}", "role": role, "events": plural(int(rows_of), "event")}
            yield Problem("warning", say.UNSEEN(table=table, **told), table, name)
