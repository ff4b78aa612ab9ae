"""What a draft will be, before anything is trained: its size, its split in time, and how popularity does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from pdcn.arrays import Doubles, Ints
from pdcn.settings import SettingError
from pdcn.sources.schema import PARTS
from pdcn.sources.table import words as say
from pdcn.sources.table.draft import EVENTS, ITEM, ITEMS, TIME, Draft
from pdcn.sources.table.engine import engine
from pdcn.sources.table.importing import column_of, fields_of, write_events
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
    over a user's test events, then over users. Shares of the test part are between 0 and 1."""

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
            raise SettingError(say.TOO_FEW_TO_SPLIT(events=f"{found.events:,}", split=draft.split))
        path = running.folder / f"{LOOKED}.parquet"
        table = running.table(LOOKED)
        running.write(
            "numbered",
            "SELECT dense_rank() OVER (ORDER BY who) - 1 AS user, dense_rank() OVER (ORDER BY what) - 1 AS item, "
            f"file_row_number AS row FROM {table}",
        )
        running.write("numbers", f"SELECT user, item FROM {running.table('numbered')} ORDER BY row")
        user, item = (column_of(running.folder / "numbers.parquet", name) for name in ("user", "item"))
        items = int(item.max()) + 1
        if (key := draft.at(ITEMS, ITEM)) is not None:
            items += running.row(
                f"SELECT count(DISTINCT c{key}) FROM {running.table(ITEMS)} WHERE c{key} IS NOT NULL AND c{key} NOT IN "
                f"(SELECT what FROM {table})"
            )[0]
        timed = draft.at(EVENTS, TIME) is not None and draft.split != "random"
        when = column_of(path, "when")
        for name in (LOOKED, "numbered", "numbers"):
            (running.folder / f"{name}.parquet").unlink()
    edges = (0, *found.bounds, found.events)
    parts = []
    for at, part in enumerate(PARTS):
        rows = slice(edges[at], edges[at + 1])
        days = (_day(int(when[rows].min())), _day(int(when[rows].max()))) if timed else ("", "")
        parts.append(PartSeen(part, edges[at + 1] - edges[at], len(np.unique(user[rows])), *days))
    train, test = slice(0, edges[1]), slice(edges[2], None)
    counts = np.bincount(item[train], minlength=items)
    ranks = popularity_ranks_of(counts, item[test])
    popularity = {k: mean_over_users(ranks < k, user[test]) for k in CUTS if k < items}
    pairs = np.unique(user * np.int64(items) + item)
    seen = np.bincount(user[train], minlength=int(user.max()) + 1) > 0
    shares = 1 - len(pairs) / len(item), float((counts[item[test]] == 0).mean()), float((~seen[user[test]]).mean())
    told = Preview(
        found.events,
        int(user.max()) + 1,
        items,
        tuple(parts),
        _stretches(when, edges) if timed else (),
        popularity,
        *shares,
        (),
    )
    return Preview(**{**vars(told), "sentences": tuple(_sentences(draft, told))})


def popularity_ranks_of(counts: Ints, positive: Ints) -> Doubles:
    """The rank from 0 of each positive (n,) among items by their counts (N,), half of the ties before it.

    >>> popularity_ranks_of(np.array([5, 2, 2]), np.array([0, 1, 2])).tolist()
    [0.0, 1.5, 1.5]
    """
    order = np.sort(counts)
    more = len(counts) - np.searchsorted(order, counts[positive], "right")
    alike = np.searchsorted(order, counts[positive], "right") - np.searchsorted(order, counts[positive], "left")
    ranks: Doubles = more + (alike - 1) / 2
    return ranks


def mean_over_users(values: np.ndarray[tuple[int], np.dtype[np.bool_]], user: Ints) -> float:
    """The mean of values (n,) over a user's events, then over users.

    >>> mean_over_users(np.array([True, False, True]), np.array([0, 0, 1]))
    0.75
    """
    _, at = np.unique(user, return_inverse=True)
    return float((np.bincount(at, values) / np.bincount(at)).mean())


def _stretches(when: Ints, edges: tuple[int, ...]) -> tuple[tuple[str, Mapping[str, int]], ...]:
    ends = np.linspace(when.min(), when.max() + 1, STRETCHES + 1)
    counts = [np.histogram(when[edges[at] : edges[at + 1]], ends)[0] for at in range(len(PARTS))]
    return tuple(
        (_day(int(ends[at])), {part: int(counts[place][at]) for place, part in enumerate(PARTS)})
        for at in range(STRETCHES)
    )


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


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
