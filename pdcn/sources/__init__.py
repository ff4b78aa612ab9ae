"""Data: `schema` (the contract), `encode`, `cache`, `profile`, and one module a source."""

from __future__ import annotations

from pdcn.config import JourneyData, PlantedData
from pdcn.sources.cache import cached
from pdcn.sources.schema import Dataset


def load(settings: JourneyData | PlantedData) -> Dataset:
    """The dataset of these settings, prepared at the first call and cached from then on."""
    if isinstance(settings, JourneyData):
        return cached(settings, lambda: _journey(settings))
    return cached(settings, lambda: _planted(settings))


def _journey(settings: JourneyData) -> Dataset:
    from pdcn.sources.journey import journey

    return journey(settings)


def _planted(settings: PlantedData) -> Dataset:
    from pdcn.sources.planted import planted

    return planted(settings)
