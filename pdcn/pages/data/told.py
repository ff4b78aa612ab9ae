"""What the Data page says of a record and of a draft, without anything that draws it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time
from itertools import pairwise
from typing import Any

LONGEST_NAME = 40
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)
"""The days between which a split in time can be cut on the page."""
OPTION = re.compile(r"^--[a-z-]+: | \((?:--|behind two colons: )[^()]*\)")
"""What a sentence says for the command line alone: the option it is about, and how else one would say it."""


def in_time(record: Mapping[str, Any]) -> bool:
    """Whether the parts of the split follow one another in time. Records from before zones were kept all do.

    >>> days = [{"from": "2026-01-01", "to": "2026-03-01"}, {"from": "2026-03-01", "to": "2026-04-01"}]
    >>> in_time({"split": days}), in_time({"split": days, "zone": ""}), in_time({"split": days[::-1], "zone": "UTC"})
    (True, False, False)
    """
    parts = record["split"]
    follow = all(one["to"] <= other["from"] for one, other in pairwise(parts))
    return follow and bool(record.get("zone", "UTC"))


def timeline_of(stretches: Collection[tuple[str, Mapping[str, int]]]) -> dict[str, Any]:
    """The stretches of a preview as the record of a time line has them.

    >>> timeline_of([("2026-01-01", {"train": 3, "test": 0})])
    {'timeline': [{'part': 'train', 'from': '2026-01-01', 'events': 3}]}
    """
    rows = [
        {"part": part, "from": day, "events": events}
        for day, counts in stretches
        for part, events in counts.items()
        if events
    ]
    return {"timeline": rows}


def days_of(cuts: Sequence[int] | None, firsts: Sequence[str]) -> list[date]:
    """The days on which validation and test begin: of cuts that were chosen, or of the first days of all three parts.

    >>> days_of((86_400, 90_000), ()), days_of(None, ("2026-01-01", "2026-10-02", "2026-10-21"))
    ([datetime.date(1970, 1, 2), datetime.date(1970, 1, 2)], [datetime.date(2026, 10, 2), datetime.date(2026, 10, 21)])
    """
    days = [datetime.fromtimestamp(cut, UTC).date() for cut in cuts] if cuts else [*map(date.fromisoformat, firsts[1:])]
    return [min(max(day, EARLIEST), LATEST) for day in days]


def cuts_at(days: Sequence[date]) -> tuple[int, int]:
    """The moments at which days begin, in seconds since 1970.

    >>> cuts_at([date(1970, 1, 2), date(1970, 1, 3)])
    (86400, 172800)
    """
    validation, test = (int(datetime.combine(day, time(), UTC).timestamp()) for day in days)
    return validation, test


def on_a_page(sentence: str) -> str:
    """A sentence about a draft without the options of the command line.

    >>> on_a_page("--role: column 'x' has no dates."), on_a_page("Give one the role time (--role COLUMN=time).")
    ("column 'x' has no dates.", 'Give one the role time.')
    """
    return OPTION.sub("", sentence)


def name_for(file: str, taken: Collection[str]) -> str:
    """A name for the data of a file, which no other data has.

    >>> name_for("My Log (2).csv.gz", {"my-log-2"}), name_for("☃", ())
    ('my-log-2-2', 'mine')
    """
    stem = file.replace("\\", "/").rpartition("/")[2].lstrip(".").partition(".")[0]
    plain = re.sub(r"[^a-z0-9_]+", "-", stem.lower()).strip("-_")[: LONGEST_NAME - 4] or "mine"
    found, number = plain, 1
    while found in taken:
        number += 1
        found = f"{plain}-{number}"
    return found
