"""What a source of data brings of its own. Nobody else asks for its name, so a new one needs no other change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pdcn.settings import Settings

if TYPE_CHECKING:
    from pdcn.sources.dataset import Dataset


class DataSettings(Settings):
    """Settings of a source. Each has `source: Literal[its name]`, and names of settings that no other part has."""

    source: str = ""


@dataclass(frozen=True)
class Speech:
    """How one speaks of an event: `who` did what (`did`, `chosen`) to which `thing`."""

    who: str = "a user"
    did: str = "chose"
    chosen: str = "chosen"
    thing: str = "item"


@dataclass(frozen=True)
class TableSize:
    """How large the table of a side is: its rows, the values of each category, its numbers, and of each bag the values
    and columns of codes. The last bags are sequences, where `sequences` has the places of each."""

    rows: int
    values: tuple[int, ...]
    numbers: int
    bags: tuple[tuple[int, int], ...] = ()
    sequences: tuple[int, ...] = ()


@dataclass(frozen=True)
class Size:
    """What data takes, as estimated before it is there; `reading` is bytes that are needed until it is prepared."""

    query: TableSize
    item: TableSize
    reading: float = 0.0


@dataclass(frozen=True)
class Calibration:
    """How the verdict is calibrated on a source: small dial values, and `on` says in words what."""

    preset: Mapping[str, Any]
    on: str


OUTCOMES, SEQUENCE = "outcomes", "sequence"
"""What data may have beyond events and items: several outcomes of an impression, what a user did before in order."""
EVENTS_ALONE = "events alone"
"""What dials need that say nothing where data has outcomes."""


def _nothing(_: Any) -> str:
    return ""


def _nothing_since(_: Any, __: float) -> str:
    return ""


def _no_name(_: str) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Source:
    """A source of data. Its module is light: `build` imports what it needs when it is called.

    `help` says in a sentence what it is, and `label` is its name as people read it. `build` makes the dataset, whose
    `name` is the source's. `size` estimates it without preparing anything. `quick` holds the dial values of the
    smallest honest setting, and `quick_for` those that a task, by its name, is given in their place. `another` makes
    settings of another world by its number, of which 0 is the one of the settings, where there are others; `presets`
    what `python -m pdcn data` lists, as options and settings.
    `offers` names what its data has beyond events and items, such as `OUTCOMES`.
    `named` gives the dial values that a name stands for where data of this source has names of its own, else none;
    `names` then tells those there are.
    `fingerprint` tells changed content from the old, where equal settings can lead to other data. These functions take
    the settings, and raise `SettingError` where these lead nowhere. `since` says in a sentence what became of the data
    after a moment, in seconds since 1970, and nothing where nothing did.
    """

    name: str
    settings: type[DataSettings]
    help: str
    build: Callable[[Any], Dataset]
    size: Callable[[Any], Size]
    quick: Mapping[str, Any]
    presets: tuple[tuple[str, DataSettings], ...]
    speech: Speech = Speech()
    calibration: Calibration | None = None
    another: Callable[[Any, int], DataSettings] | None = None
    fingerprint: Callable[[Any], str] = _nothing
    since: Callable[[Any, float], str] = _nothing_since
    label: str = ""
    offers: frozenset[str] = frozenset()
    named: Callable[[str], Mapping[str, Any]] = _no_name
    names: Callable[[], Sequence[str]] | None = None
    quick_for: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
