"""A person's own data as a source: its settings, words and sizes. `table` imports it and makes its events."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Literal
from zoneinfo import available_timezones

from pydantic import field_validator

from pdcn.inert import quoted
from pdcn.settings import dial
from pdcn.sources.source import SEQUENCE, DataSettings, Size, Source, TableSize
from pdcn.sources.table import words as say
from pdcn.sources.table.kept import kept, names
from pdcn.words import listed

if TYPE_CHECKING:
    from pdcn.sources.dataset import Dataset

HOURS, DAYS = 25, 8
"""Values of what a moment tells, and of how long ago something was."""
SHARED = 2_000
"""Codes that the values share which have none of their own."""
PLACES = 20
"""About how many values a cell of several has at most, as long as it is not counted."""


class OwnData(DataSettings):
    """A data set that a person imported."""

    source: Literal["own"] = "own"
    dataset: str = dial(
        "",
        "Data set",
        "The name of a data set that you imported. Import one on the Data page, or with: python -m pdcn data "
        "import FILE --name NAME.",
        level="main",
        kind="name",
    )
    own_ids: bool = dial(
        True,
        "User and item ids",
        "Gives the towers the ids of users and items as fields. Without them, they must generalise from the other "
        "fields.",
    )
    moments: bool = dial(
        True,
        "Weekday and hour",
        "Gives the query tower the weekday and the hour of an event as fields, where its time is known.",
    )
    zone: str = dial(
        "UTC",
        "Time zone",
        "The zone in which weekdays, hours and dates are told, such as Europe/Berlin. Times that name no zone are read "
        "as times of this one.",
        before="UTC",
    )
    gaps: bool = dial(
        True,
        "Missing numbers",
        "Gives the towers a field that says whether a number is there, where some are missing in training. Without it, "
        "a missing number is read as the mean alone.",
        before=True,
    )
    earlier_items: int = dial(
        0,
        "Earlier items",
        "The number of items that the user chose strictly before, told to the query tower in order: which item and how "
        "long ago. Two more fields count them. With 0 there is no such field.",
        low=0,
        high=100,
    )
    most_values: int = dial(
        0,
        "Values with a code",
        "How many values of a field have an embedding of their own: the most frequent in training. The others share "
        "2,000 embeddings by their hash. With 0, every value has its own.",
        low=0,
        high=100_000_000,
        before=0,
    )

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(say.NO_ZONE(zone=quoted(zone)))
        return zone


def _build(settings: OwnData) -> Dataset:
    from pdcn.sources.table.prepare import own_data

    return own_data(settings)


def _size(settings: OwnData) -> Size:
    record = kept(settings.dataset).record
    counts = record["counts"]
    most = settings.most_values + SHARED if settings.most_values else math.inf

    def capped(values: int) -> int:
        return int(min(values, most))

    def side(name: str, rows: int, more: tuple[int, ...], bags: tuple[tuple[int, int], ...]) -> TableSize:
        fields = [field for field in record["fields"] if field["side"] == name]
        values = tuple(field["values"] + 2 for field in fields if field["form"] in ("category", "quantiles"))
        several = tuple((field["values"] + 1, PLACES) for field in fields if field["form"] in ("multi", "text"))
        numbers = sum(field["form"] == "number" for field in fields)
        held = tuple((capped(values), places) for values, places in (*several, *bags))
        return TableSize(rows, tuple(map(capped, (*more, *values))), numbers, held)

    ids = settings.own_ids
    told = (counts["users"] + 1,) * ids + (HOURS, DAYS) * (settings.moments and record["timed"])
    places = settings.earlier_items
    earlier = ((counts["items"] + 1, 2 * places),) if places else ()
    query = replace(side("query", counts["events"], told, earlier), sequences=(places,) * len(earlier))
    return Size(query, side("item", counts["items"], (counts["items"] + 1,) * ids, ()))


def _fingerprint(settings: OwnData) -> str:
    return kept(settings.dataset).fingerprint


def _since(settings: OwnData, moment: float) -> str:
    if settings.dataset not in names():
        return say.GONE_SINCE(name=settings.dataset)
    found = kept(settings.dataset)
    if found.record.get("at", 0.0) > moment:  # not in records from before it was kept
        return say.ANEW_SINCE(name=found.name, day=found.record["imported"])
    return say.FILES_SINCE(name=found.name, files=listed(found.changed)) if found.changed else ""


OWN = Source(
    name="own",
    settings=OwnData,
    help="Data of your own that you imported.",
    label="own data",
    build=_build,
    size=_size,
    quick={"epochs": 4, "batch": 256, "schedule": "cosine"},
    presets=(),
    fingerprint=_fingerprint,
    since=_since,
    offers=frozenset({SEQUENCE}),
    named=lambda name: {"dataset": name} if name in names() else {},
    names=names,
)
