"""The settings of `pdcn.config` as dials: one list for widgets, command-line options and URL keys.

>>> changed(assemble({"epochs": 5}))
{'epochs': '5'}
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from annotated_types import Ge, Le
from pydantic import BaseModel

from pdcn.config import SOURCES, Experiment, Fairness, Network, Training
from pdcn.inert import quoted
from pdcn.settings import Level, SettingError, build, real_number, whole_number
from pdcn.wirings import WIRINGS

EMPTY = "none"
"""How one writes no widths at all."""
Kind = Literal["int", "float", "bool", "choice", "text", "widths", "names", "arms"]


@dataclass(frozen=True)
class Dial:
    """One setting as every surface shows it.

    `key` is its name in the URL and, with hyphens, on the command line; `path` leads to it in the
    experiment; `source` is the data source that it belongs to, None for all.
    """

    key: str
    path: tuple[str, ...]
    kind: Kind
    default: Any
    label: str
    help: str
    level: Level
    low: float | None = None
    high: float | None = None
    choices: tuple[Any, ...] = ()
    source: str | None = None

    def parse(self, text: str) -> Any:
        """Read a value from the command line or the URL; `SettingError` says what was expected."""
        try:
            if self.kind in ("int", "float"):
                return self._number(text)
            if self.kind == "bool":
                return {"true": True, "false": False}[text.lower()]
            if self.kind == "choice":
                return {str(choice): choice for choice in self.choices}[text]
            if self.kind == "text":
                return text
            if self.kind == "widths" and text.strip().lower() == EMPTY:
                return ()
            parts = [part.strip() for part in text.split(",") if part.strip()]
            if not set(parts) <= set(self.choices) and self.kind == "names":
                raise ValueError
            return tuple(whole_number(part) for part in parts) if self.kind == "widths" else tuple(parts)
        except (ValueError, KeyError):
            raise SettingError(f"{self.key}: expected {self.expected()}, got {quoted(text)}") from None

    def _number(self, text: str) -> int | float:
        number = whole_number(text) if self.kind == "int" else real_number(text)
        assert self.low is not None
        assert self.high is not None
        if not self.low <= number <= self.high:  # so nan is refused too
            raise ValueError
        return number

    def text(self, value: Any) -> str:
        """The value as the command line and the URL write it; the inverse of `parse`."""
        if self.kind == "bool":
            return str(value).lower()
        return ",".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)

    def expected(self) -> str:
        """What may be given, in words."""
        if self.kind == "choice":
            return f"one of {', '.join(map(str, self.choices))}"
        if self.kind == "names":
            return f"some of {', '.join(self.choices)}, separated by commas"
        if self.kind == "text":
            return "auto or one of the arms"
        if self.kind == "arms":
            return f"wirings separated by commas, out of {', '.join(WIRINGS)}"
        if self.kind == "widths":
            return "whole numbers separated by commas, such as 64,64" + ("" if self.default else f", or {EMPTY}")
        if self.low is None or self.high is None:
            return "true or false"
        if self.kind == "int":
            return f"a whole number between {self.low:.0f} and {self.high:.0f}"
        return f"a number between {self.low:g} and {self.high:g}"


def _kind(annotation: Any) -> tuple[Kind, tuple[Any, ...]]:
    if typing.get_origin(annotation) is Literal:
        return "choice", typing.get_args(annotation)
    if typing.get_origin(annotation) is tuple:
        inner = typing.get_args(annotation)[0]
        if typing.get_origin(inner) is Literal:
            return "names", typing.get_args(inner)
        return ("widths" if inner is int else "arms"), ()
    return ("text" if annotation is str else typing.cast(Kind, annotation.__name__)), ()


def _own_dials(
    model: type[BaseModel], path: tuple[str, ...], *, prefix: str = "", source: str | None = None
) -> Iterator[Dial]:
    for name, info in model.model_fields.items():
        if info.title is None or (prefix and name == "output"):  # one width for both towers
            continue
        kind, choices = _kind(info.annotation)
        bounds = {type(rule): rule for rule in info.metadata}
        extra = typing.cast("dict[str, Any]", info.json_schema_extra)
        low, high = bounds.get(Ge), bounds.get(Le)
        yield Dial(
            key=prefix + name,
            path=(*path, name),
            kind=kind,
            default=info.default,
            label=info.title,
            help=info.description or "",
            level="more" if prefix else extra["level"],
            low=None if low is None else float(typing.cast(float, low.ge)),
            high=None if high is None else float(typing.cast(float, high.le)),
            choices=choices,
            source=source,
        )


def dials() -> tuple[Dial, ...]:
    """Every setting of an experiment, in the order in which a person meets them.

    Those of `item_network` carry the prefix `item_`: an item tower with blocks of its own.
    """
    source = Dial(
        "data",
        ("data", "source"),
        "choice",
        "journey",
        "Data",
        "journey: real-pattern grocery purchases; planted: synthetic, the crosses are known.",
        "main",
        choices=tuple(SOURCES),
    )
    found = [source]
    for name, model in SOURCES.items():
        found += _own_dials(model, ("data",), source=name)
    found += _own_dials(Experiment, ())
    found += _own_dials(Fairness, ("fairness",))
    found += _own_dials(Network, ("network",))
    found += _own_dials(Training, ("training",))
    found += _own_dials(Network, ("item_network",), prefix="item_")
    return tuple(found)


def assemble(values: Mapping[str, Any], base: Experiment | None = None) -> Experiment:
    """An experiment from dial values by key, over `base`; `SettingError` if they do not fit together.

    Values of another data source than the chosen one are an error, not ignored.

    >>> assemble({"epochs": 5, "item_deep": (16,)}).item_network.deep
    (16,)
    """
    by_key = {dial.key: dial for dial in dials()}
    raw: dict[str, Any] = (base or Experiment()).model_dump(mode="json")
    source = values.get("data", raw["data"]["source"])
    if source not in SOURCES:
        raise SettingError(f"data: expected one of {', '.join(SOURCES)}, got {quoted(source)}")
    if source != raw["data"]["source"]:
        raw["data"] = {"source": source}
    for key in values.keys() - by_key.keys():
        raise SettingError(f"{key}: no such setting; expected one of {', '.join(by_key)}")
    for key, dial in by_key.items():  # in their order: an item tower starts from the query's blocks
        if key not in values:
            continue
        if dial.source not in (None, source):
            raise SettingError(f"{key}: belongs to --data {dial.source}, but the data is {source}")
        at = raw
        for part in dial.path[:-1]:
            if at.get(part) is None:  # the first item_ dial gives the item tower blocks of its own
                at[part] = dict(raw["network"])
            at = at[part]
        at[dial.path[-1]] = values[key]
    if "output" in values and raw["item_network"]:  # one width for both towers
        raw["item_network"]["output"] = values["output"]
    return build(Experiment, raw)


def read(experiment: Experiment, dial: Dial) -> Any:
    """The value that a dial has in an experiment; None where the experiment has no such part."""
    at: Any = experiment
    for part in dial.path:
        at = getattr(at, part, None)
    return at


def changed(experiment: Experiment, base: Experiment | None = None) -> dict[str, str]:
    """Keys and texts of the dials that differ from `base`: what a link or a command has to carry.

    >>> changed(assemble({"data": "planted", "epochs": 5}))
    {'data': 'planted', 'epochs': '5'}
    """
    base = base or Experiment()
    start = assemble({"data": experiment.data.source}, base)
    found = {}
    for dial in dials():
        value = read(experiment, dial)
        reference = read(base if dial.key == "data" else start, dial)
        if dial.path[0] == "item_network" and base.item_network is None:
            reference = getattr(experiment.network, dial.path[-1])
        if value is not None and value != reference:
            found[dial.key] = dial.text(value)
    return found


QUICK: Mapping[str, Mapping[str, Any]] = types.MappingProxyType(
    {
        "journey": {"data": "journey", "size": "quick", "epochs": 1, "batch": 256},
        "planted": {"data": "planted", "events": 60_000, "items": 500, "epochs": 2, "batch": 256},
    }
)
"""The smallest honest setting of each source: small data and batches, still three seeds."""


def quick(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` laid over the quick preset of their data source."""
    return {**QUICK.get(values.get("data", "journey"), {}), **values}


def parse_all(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Parse `(key, text)` pairs by the dials; unknown keys are an error."""
    by_key = {dial.key: dial for dial in dials()}
    values = {}
    for key, text in pairs:
        if key not in by_key:
            raise SettingError(f"{key}: no such setting; expected one of {', '.join(by_key)}")
        values[key] = by_key[key].parse(text)
    return values
