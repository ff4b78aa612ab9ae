"""The data sources as a list: what each is, and how large its presets are."""

from __future__ import annotations

from typing import Any

from pdcn.config import JourneyData, PlantedData
from pdcn.dials import assemble, quick
from pdcn.sources import load
from pdcn.sources.schema import Dataset

PRESETS: tuple[tuple[str, JourneyData | PlantedData], ...] = (
    ("--data journey --size quick", JourneyData(size="quick")),
    ("--data journey", JourneyData()),
    ("--data journey --size full", JourneyData(size="full")),
    ("--data planted --quick", assemble(quick({"data": "planted"})).data),
    ("--data planted", PlantedData()),
)


def listing() -> list[dict[str, Any]]:
    """Each preset with its counts; prepares what is not prepared yet, a few seconds each."""
    return [_row(setting, settings, load(settings)) for setting, settings in PRESETS]


def _row(setting: str, settings: JourneyData | PlantedData, data: Dataset) -> dict[str, Any]:
    return {
        "source": settings.source,
        "setting": setting,
        "events": len(data.queries),
        "items": len(data.items),
        "users": data.users(),
        "hash": data.hash,
        "note": data.note,
    }
