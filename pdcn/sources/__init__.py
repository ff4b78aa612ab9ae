"""The sources of data there are: `base` says what one brings, and each has a light module of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdcn.sources.journey import JOURNEY
from pdcn.sources.opportunities import OPPORTUNITIES
from pdcn.sources.own import OWN
from pdcn.sources.planted import PLANTED
from pdcn.sources.shopping import SHOPPING
from pdcn.sources.source import DataSettings, Source, Speech

if TYPE_CHECKING:
    from pdcn.sources.dataset import Dataset

SOURCES: dict[str, Source] = {source.name: source for source in (JOURNEY, PLANTED, SHOPPING, OPPORTUNITIES, OWN)}
"""Every source by its name."""


def load(settings: DataSettings) -> Dataset:
    """The dataset of these settings, prepared at the first call and cached as long as its content stays."""
    from pdcn.sources.cache import cached

    return cached(settings, lambda: SOURCES[settings.source].build(settings), fingerprint(settings))


def fingerprint(settings: DataSettings) -> str:
    """What tells the content behind these settings from another that they led to before."""
    return SOURCES[settings.source].fingerprint(settings)


def since(settings: DataSettings, moment: float) -> str:
    """What became of the data behind these settings after a moment, in a sentence; nothing where nothing did."""
    source = SOURCES.get(settings.source)
    return source.since(settings, moment) if source else ""


def speech_of(name: str) -> Speech:
    """How one speaks of the events of the source of that name; plainly where it is gone."""
    return SOURCES[name].speech if name in SOURCES else Speech()


def source_said(name: str) -> str:
    """A source's name as people read it; of one that is not known here, as it is written."""
    return SOURCES[name].label or name if name in SOURCES else name
