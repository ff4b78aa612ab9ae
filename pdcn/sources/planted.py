"""Planted crosses as a source: its settings, words and sizes. `planted_world` draws its events."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict, ValidationInfo, field_validator

from pdcn import glossary
from pdcn.settings import dial
from pdcn.sources import words as say
from pdcn.sources.source import Calibration, DataSettings, Size, Source, TableSize

if TYPE_CHECKING:
    from pdcn.sources.dataset import Dataset


class PlantedData(DataSettings):
    """Synthetic events whose crosses, and whose best possible scores, are known."""

    model_config = ConfigDict(validate_default=True)  # the default crosses may not fit the fields

    source: Literal["planted"] = "planted"
    events: int = dial(
        100_000, "Events", f"The number of events to draw. {glossary.EVENT}", low=2_000, high=10_000_000, level="main"
    )
    items: int = dial(1_000, "Items", f"The number of items in the catalogue. {glossary.ITEM}", low=50, high=1_000_000)
    users: int = dial(2_000, "Users", f"The number of users. {glossary.USER}", low=10, high=1_000_000)
    fields: int = dial(
        6, "Fields per side", "The number of category fields that a query has, and as many for an item.", low=2, high=20
    )
    values: int = dial(
        12, "Values per field", "The number of different values of each category field.", low=2, high=1_000
    )
    numbers: int = dial(
        2, "Numbers per side", "The number of numeric fields that a query has, and as many for an item.", low=0, high=10
    )
    order: Literal[2, 3] = dial(2, "Cross order", "The number of fields that each planted cross multiplies.")
    crosses: int = dial(
        3,
        "Crosses per side",
        "The number of crosses planted on each side. With 0, a model that only adds up fields misses nothing.",
        low=0,
        high=15,
        level="main",
    )
    strength: float = dial(
        1.5,
        "Cross strength",
        "The spread of all crosses together, relative to that of the single fields. With 0 the crosses have no effect.",
        low=0.0,
        high=10.0,
        level="main",
    )
    rank: int = dial(
        4,
        "Planted rank",
        "The rank of each planted cross, as a table of one field's values against another's.",
        low=1,
        high=16,
    )
    nonlinear: float = dial(
        0.5,
        "Smooth part",
        "The spread of a smooth nonlinear function of the numbers, relative to that of the single fields.",
        low=0.0,
        high=10.0,
    )
    noise: float = dial(
        0.3,
        "Noise",
        "The spread of each event's own taste, which no field explains, relative to that of the single fields.",
        low=0.0,
        high=10.0,
    )
    data_seed: int = dial(
        0, "Data seed", "Each number draws another world with the same settings.", low=0, high=2**31 - 1
    )

    @field_validator("crosses")
    @classmethod
    def _possible(cls, crosses: int, info: ValidationInfo) -> int:
        fields, order = info.data.get("fields"), info.data.get("order")
        if fields and order and crosses > math.comb(fields, order):
            raise ValueError(say.TOO_MANY_CROSSES(most=math.comb(fields, order), order=order, fields=fields))
        return crosses


def _build(settings: PlantedData) -> Dataset:
    from pdcn.sources.planted_world import planted

    return planted(settings)


def _size(settings: PlantedData) -> Size:
    values = (settings.values + 1,) * settings.fields
    return Size(
        TableSize(settings.events, values, settings.numbers), TableSize(settings.items, values, settings.numbers)
    )


PLANTED = Source(
    name="planted",
    settings=PlantedData,
    help="Synthetic events whose crosses are known.",
    label="planted crosses",
    build=_build,
    size=_size,
    quick={"events": 60_000, "items": 500, "epochs": 4, "batch": 256, "schedule": "cosine"},
    presets=(("--quick", PlantedData(events=60_000, items=500)), ("", PlantedData())),
    calibration=Calibration(
        {
            "events": 12_000,
            "items": 500,
            "users": 200,
            "batch": 128,
            "epochs": 2,
            "embedding": 4,
            "deep": (16,),
            "output": 8,
            "seeds": 5,
        },
        "planted worlds, another for every study",
    ),
    another=lambda settings, number: settings.model_copy(update={"data_seed": settings.data_seed + number}),
)
