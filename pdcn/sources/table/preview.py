"""What a draft will be, before anything is trained: its size, its split in time, and how popularity does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from pdcn.arrays import Doubles, Ints
from pdcn.settings import SettingError
from pdcn.sources.split import PARTS
from pdcn.sources.table import words as say
from pdcn.sources.table.cells import told_day
from pdcn.sources.table.draft import EVENTS, ITEM, ITEMS, TIME, Draft
from pdcn.sources.table.engine import Engine, engine
from pdcn.sources.table.features import fields_of
from pdcn.sources.table.split_events import SplitAt, write_events
from pdcn.words import listed, plural

STRETCHES = 40
CUTS = (10, 100)
LOOKED = "looked"
"""The table of a draft's folder that is made for a look."""


@dataclass(frozen=True)
class PartSeen:
    """A part of the split: its events and users, and its first and last day, where time is known."""

    part: str
    events: int
    users: int
    first: str
    last: str


@dataclass(frozen=True)
class Preview:
    """`stretches` are equal ones of time, each with its first day and the events of every part. `popularity` is the
    recall at each K, as a share, of the one list that has what is chosen most in training; as in a study, it is a mean
    over a user's test events, then over users. What a user has had is not left out of the list. Shares of the test part
    are between 0 and 1."""

    events: int
    users: int
    items: int
    parts: tuple[PartSeen, ...]
    stretches: tuple[tuple[str, Mapping[str, int]], ...]
    popularity: Mapping[int, float]
    repeated: float
    new_items: float
    new_users: float
    sentences: tuple[str, ...]


def preview(draft: Draft) -> Preview:
    """A look at the data set that the draft would be; `SettingError` where it would be none."""
    with engine(draft.folder, draft.limits) as running:
        found = write_events(draft, running, LOOKED, ["who", "what"])
        if not 0 < found.bounds[0] < found.bounds[1] < found.events:
            raise SettingError(say.TOO_FEW_TO_SPLIT(events=plural(found.events, "event"), split=draft.split))
        timed = draft.at(EVENTS, TIME) is not None and draft.split != "random"
        try:
            told = _looked(draft, running, found, timed)
        finally:
            (running.folder / f"{LOOKED}.parquet").unlink()
    return replace(told, sentences=tuple(_sentences(draft, told)))


def _looked(draft: Draft, running: Engine, found: SplitAt, timed: bool) -> Preview:
    """What the sorted events say. Only the test part, and numbers of items, are held in memory."""
    table = running.table(LOOKED)
    place = f"(file_row_number >= {found.bounds[0]})::INTEGER + (file_row_number >= {found.bounds[1]})::INTEGER"
    rows = running.rows(
        f'SELECT {place} AS part, count(*), count(DISTINCT who), min("when"), max("when") FROM {table} '
        "GROUP BY 1 ORDER BY 1"
    )
    parts = tuple(
        PartSeen(PARTS[part], events, users, told_day(first) if timed else "", told_day(last) if timed else "")
        for part, events, users, first, last in rows
    )
    users, pairs, start, end = running.row(
        f'SELECT count(DISTINCT who), count(DISTINCT hash(who, what)), min("when"), max("when") FROM {table}'
    )
    running.run(
        f"CREATE TEMP TABLE counted AS SELECT what, count(*) FILTER (file_row_number < {found.bounds[0]}) AS n "
        f"FROM {table} GROUP BY what"
    )
    counts = np.asarray(running.arrays("SELECT n FROM counted")["n"], np.int64)
    if (key := draft.at(ITEMS, ITEM)) is not None:
        others = running.row(
            f"SELECT count(DISTINCT c{key}) FROM {running.table(ITEMS)} WHERE c{key} IS NOT NULL AND c{key} NOT IN "
            "(SELECT what FROM counted)"
        )[0]
        counts = np.append(counts, np.zeros(others, np.int64))
    tests = running.arrays(
        f"SELECT n, dense_rank() OVER (ORDER BY who) - 1 AS person, who IN (SELECT who FROM {table} "
        f"WHERE file_row_number < {found.bounds[0]}) AS known FROM {table} JOIN counted USING (what) "
        f"WHERE file_row_number >= {found.bounds[1]}"
    )
    often, person = np.asarray(tests["n"], np.int64), np.asarray(tests["person"], np.int64)
    ranks = popularity_ranks_of(counts, often)
    return Preview(
        found.events,
        users,
        len(counts),
        parts,
        _stretches(running, table, place, start, end) if timed else (),
        {k: mean_over_users(ranks < k, person) for k in CUTS if k < len(counts)},
        1 - pairs / found.events,
        float((often == 0).mean()),
        float(1 - np.asarray(tests["known"], np.float64).mean()),
        (),
    )


def popularity_ranks_of(counts: Ints, often: Ints) -> Doubles:
    """The rank from 0 of items that come so often (n,) among all by their counts (N,), half of the ties before it.

    >>> popularity_ranks_of(np.array([5, 2, 2]), np.array([5, 2])).tolist()
    [0.0, 1.5]
    """
    order = np.sort(counts)
    more = len(counts) - np.searchsorted(order, often, "right")
    alike = np.searchsorted(order, often, "right") - np.searchsorted(order, often, "left")
    ranks: Doubles = more + (alike - 1) / 2
    return ranks


def mean_over_users(values: np.ndarray[tuple[int], np.dtype[np.bool_]], user: Ints) -> float:
    """The mean of values (n,) over a user's events, then over users.

    >>> mean_over_users(np.array([True, False, True]), np.array([0, 0, 1]))
    0.75
    """
    _, at = np.unique(user, return_inverse=True)
    return float((np.bincount(at, values) / np.bincount(at)).mean())


def _stretches(
    running: Engine, table: str, place: str, start: int, end: int
) -> tuple[tuple[str, Mapping[str, int]], ...]:
    width = (end + 1 - start) / STRETCHES
    told = running.rows(
        f'SELECT least(floor(("when" - {start}) / {width!r}), {STRETCHES - 1})::INTEGER, {place}, count(*) '
        f"FROM {table} GROUP BY ALL"
    )
    counts = {(stretch, part): count for stretch, part, count in told}
    return tuple(
        (told_day(int(start + at * width)), {part: counts.get((at, place), 0) for place, part in enumerate(PARTS)})
        for at in range(STRETCHES)
    )


def _sentences(draft: Draft, seen: Preview) -> list[str]:
    """The preview in words."""
    counts = {"events": plural(seen.events, "event"), "users": plural(seen.users, "user")}
    found = [say.SEEN(**counts, items=plural(seen.items, "item"))]
    for part in seen.parts:
        told = {"events": plural(part.events, "event"), "users": plural(part.users, "user")}
        if part.first:
            found.append(say.PART_IN_TIME[part.part](**told, first=part.first, last=part.last))
        else:
            found.append(say.PART[part.part](**told))
    fields = fields_of(draft)
    for side in ("query", "item"):
        labels = [field.label for field in fields if field.side == side]
        found.append(say.FIELDS_OF[side](fields=listed(labels)) if labels else say.ONLY_ID[side])
    found.append(say.REPEATED(share=f"{seen.repeated:.0%}"))
    found.append(say.NEW(items=f"{seen.new_items:.1%}", users=f"{seen.new_users:.1%}"))
    for k, share in seen.popularity.items():
        found.append(say.POPULARITY_FINDS(k=k, share=f"{share:.1%}"))
    return found
