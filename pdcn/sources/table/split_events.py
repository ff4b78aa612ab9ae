"""The rows of a draft that are events, in the order of the data set, and where its parts begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from pdcn.arrays import Ints
from pdcn.settings import SettingError
from pdcn.sources.encode import time_bounds
from pdcn.sources.table import words as say
from pdcn.sources.table.cells import moment_term, number_term, told_moment, zoned_term
from pdcn.sources.table.draft import EVENTS, ITEM, KIND, TIME, USER, VALUE, WEIGHT, Draft
from pdcn.sources.table.engine import Engine, literal
from pdcn.sources.table.features import feature_term

VALIDATION, TEST = 0.05, 0.1


@dataclass(frozen=True)
class SplitAt:
    """What was sorted and split: events, and where validation and test begin."""

    events: int
    bounds: tuple[int, int]


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
