"""The settings of `pdcn.config` as dials: one list for widgets, command-line options and URL keys.

>>> changed(assemble({"epochs": 5}))
{'epochs': '5'}
"""

from __future__ import annotations

import shlex
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from annotated_types import Ge, Le
from pydantic import BaseModel

from pdcn import words as wrong
from pdcn.config import ASKED, TWO_TOWERS, Experiment, Fairness, Network, Outcomes, RankingSettings, Training, offered
from pdcn.crossings import CROSSINGS
from pdcn.dial import EMPTY, Dial
from pdcn.glossary import DATA
from pdcn.inert import quoted
from pdcn.settings import Named, SettingError, build
from pdcn.sources import SOURCES, source_said
from pdcn.sources.source import SEQUENCE
from pdcn.words import listed, spoken

OWN_ITEM_TOWER = "own_item_tower"
"""The parameter of an address that says whether the item tower has blocks of its own: a switch among the dials."""


def _kind(annotation: Any) -> tuple[str, tuple[Any, ...]]:
    """The kind that a type tells, and what there is to choose from."""
    if typing.get_origin(annotation) is Literal:
        return "choice", typing.get_args(annotation)
    if typing.get_origin(annotation) is tuple:
        inner = typing.get_args(annotation)[0]
        return ("names", typing.get_args(inner)) if typing.get_origin(inner) is Literal else ("widths", ())
    return ("text" if annotation is str else annotation.__name__), ()


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
        registry, named = extra["choices"], extra["named"]
        if registry is not None:
            kind, choices = "choice", tuple(registry)
            named = {name: Named(one.label or spoken(name), one.words) for name, one in registry.items()}
        yield Dial(
            key=prefix + name,
            path=(*path, name),
            kind=extra["kind"] or kind,
            default=info.default,
            label=info.title,
            about=info.description or "",
            level="more" if prefix else extra["level"],
            low=None if low is None else float(typing.cast(float, low.ge)),
            high=None if high is None else float(typing.cast(float, high.le)),
            choices=choices,
            source=source,
            named=named,
            needs=(TWO_TOWERS, *extra["needs"]) if prefix else extra["needs"],  # an item tower of its own
        )


@dataclass
class DialList:
    """The list of dials, and what there was to choose from when it was made."""

    of: tuple[dict[str, object], ...] = ()
    dials: tuple[Dial, ...] = ()


_LISTED = DialList()


def dials() -> tuple[Dial, ...]:
    """Every setting of an experiment, in the order in which a person meets them.

    Those of `item_network` carry the prefix `item_`: an item tower with blocks of its own.
    """
    there: tuple[dict[str, object], ...] = {**SOURCES}, {**CROSSINGS}
    if _LISTED.of != there:
        _LISTED.of, _LISTED.dials = there, _all_dials()
    return _LISTED.dials


def _all_dials() -> tuple[Dial, ...]:
    source = Dial(
        "data",
        ("data", "source"),
        "choice",
        Experiment().data.source,
        "Data",
        DATA,
        "main",
        choices=tuple(SOURCES),
        named={name: Named(source_said(name), source.help) for name, source in SOURCES.items()},
    )
    (task,) = (dial for dial in _own_dials(Experiment, ()) if dial.key == "task")
    found = [task, source]
    for name, one in SOURCES.items():
        found += _own_dials(one.settings, ("data",), source=name)
    found += _own_dials(Outcomes, ("outcomes",))
    found += _own_dials(RankingSettings, ("ranking",))
    found += [dial for dial in _own_dials(Experiment, ()) if dial.key != task.key]
    found += _own_dials(Fairness, ("fairness",))
    found += _own_dials(Network, ("network",))
    found += _own_dials(Training, ("training",))
    found += _own_dials(Network, ("item_network",), prefix="item_")
    keys = [dial.key for dial in found]
    if len(set(keys)) < len(keys):
        raise ValueError(f"expected every setting to have a name of its own, got {max(keys, key=keys.count)} twice")
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
        one = wrong.EXPECTED(what=wrong.ONE_OF(known=", ".join(SOURCES)))
        raise SettingError(wrong.WRONG_VALUE(key="data", expected=one, value=quoted(source)))
    if source != raw["data"]["source"]:
        raw["data"] = {"source": source}
    for key in values.keys() - by_key.keys():
        raise SettingError(wrong.NO_SUCH_SETTING(key=key, known=", ".join(by_key)))
    task = values.get("task", raw["task"])
    for key, dial in by_key.items():  # in their order: an item tower starts from the query's blocks
        if key not in values:
            if dial.needs and not dial.fits(source, task) and raw[dial.path[0]] is not None:
                raw[dial.path[0]][dial.path[1]] = dial.default
            continue
        if dial.source not in (None, source):
            raise SettingError(wrong.OF_ANOTHER_SOURCE(key=key, own=dial.source, source=source))
        if not dial.fits(source, task) and values[key] != dial.default:
            raise SettingError(wrong.NOT_FOR_THIS(key=key, needs=listed(dial.needs), source=source, task=task))
        at = raw
        for part in dial.path[:-1]:
            if at.get(part) is None:  # the first item_ dial gives the item tower blocks of its own
                at[part] = dict(raw["network"])
            at = at[part]
        at[dial.path[-1]] = values[key]
    if TWO_TOWERS not in offered(source, task):
        raw["item_network"] = None
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
    start = base  # of another source, with that one's own settings as they come
    if experiment.data.source != base.data.source:
        start = base.model_copy(update={"data": SOURCES[experiment.data.source].settings()})
    found = {}
    for dial in dials():
        value = read(experiment, dial)
        reference = read(base if dial.key == "data" else start, dial)
        if dial.path[0] == "item_network" and base.item_network is None:
            reference = getattr(experiment.network, dial.path[-1])
        if value is not None and value != reference:
            found[dial.key] = dial.text(value)
    return found


def command_of(experiment: Experiment) -> str:
    """The command line that repeats an experiment.

    >>> command_of(assemble({"data": "planted", "deep": (32, 16)}))
    'python -m pdcn compare --data planted --deep 32,16'
    """
    options = [f"--{key.replace('_', '-')} {shlex.quote(text)}" for key, text in changed(experiment).items()]
    return " ".join(["python -m pdcn compare", *options])


def dials_in_address(experiment: Experiment) -> dict[str, list[str]]:
    """Every dial as an address says it, so that it leads to the same experiment beside any run and with any defaults.

    >>> dials_in_address(Experiment())["arms"], dials_in_address(Experiment())["epochs"]
    (['parallel', 'sequential'], ['30'])
    """
    found = {OWN_ITEM_TOWER: [str(experiment.item_network is not None).lower()]}
    for dial in dials():
        value = read(experiment, dial)
        if not dial.fits(experiment.data.source, experiment.task):
            continue
        if dial.several and value:
            found[dial.key] = list(value)
        elif value is not None:
            found[dial.key] = [dial.text(value) or (EMPTY if dial.kind == "widths" else "")]
    return found


def differing(one: Experiment, other: Experiment) -> list[tuple[Dial, Any, Any]]:
    """The dials on which two experiments differ, with the value of each; None where one has no such setting.

    An item tower without blocks of its own has those of the query tower. Of a setting that says something in only one
    of both nothing is told where it is at its default.

    >>> found = differing(Experiment(), assemble({"data": "planted", "epochs": 5, "users": 99, "item_deep": (16,)}))
    >>> [dial.key for dial, _, _ in found]
    ['data', 'users', 'epochs', 'item_deep']
    """
    found = []
    for dial in dials():
        ours, theirs = (_effective(experiment, dial) for experiment in (one, other))
        lacking = ours is None or theirs is None
        if ours != theirs and not (lacking and dial.default in (ours, theirs)):
            found.append((dial, ours, theirs))
    return found


COMPRESSED = ("linear", "mlp", "dcn", "dcn_low")
PROJECTED_BY: Mapping[str, tuple[str, ...]] = {
    "projected": COMPRESSED,
    "projection_layers": ("dcn", "dcn_low"),
    "projection_rank": ("dcn_low",),
    "projection_hidden": ("mlp",),
}
"""Settings of a projection, and of which projections."""


def _counts(experiment: Experiment, dial: Dial) -> bool:
    """Whether a setting changes anything in an experiment. Only queries have sequences, and only a Transformer over
    them has layers, heads and a projection."""
    if not dial.fits(experiment.data.source, experiment.task):
        return False
    if SEQUENCE not in dial.needs:
        return True
    network, name = experiment.network, dial.path[-1]
    encoded = name == "sequence" or network.sequence == "transformer"
    return encoded and dial.path[0] == "network" and network.projection in PROJECTED_BY.get(name, (network.projection,))


def _effective(experiment: Experiment, dial: Dial) -> Any:
    """The value that counts; None of a setting that changes nothing."""
    if not _counts(experiment, dial):
        return None
    own = read(experiment, dial)
    return getattr(experiment.network, dial.path[-1]) if own is None and dial.path[0] == "item_network" else own


def quick(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` laid over the quick preset of their data and task: the smallest honest setting, still three seeds.

    >>> quick({"data": "planted", "task": "ranking"})["sampled"], "sampled" in quick({"data": "planted"})
    (2, False)
    """
    source, task = values.get("data", Experiment().data.source), values.get("task", Experiment().task)
    preset = {**(SOURCES[source].quick if source in SOURCES else {}), **(ASKED[task].quick if task in ASKED else {})}
    preset |= SOURCES[source].quick_for.get(task, {}) if source in SOURCES else {}
    fitting = {dial.key for dial in dials() if dial.fits(source, task)}
    return {"data": source, **{key: value for key, value in preset.items() if key in fitting}, **values}


def parse_all(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Parse `(key, text)` pairs by the dials; unknown keys are an error."""
    by_key = {dial.key: dial for dial in dials()}
    values: dict[str, Any] = {}
    for key, text in pairs:
        if key not in by_key:
            raise SettingError(wrong.NO_SUCH_SETTING(key=key, known=", ".join(by_key)))
        values |= named_data(text) if key == "data" else {}
        if key != "data" or key not in values:
            values[key] = by_key[key].parse(text)
    return values


def named_data(text: str) -> dict[str, Any]:
    """The dials that a name of data stands for, which is none of a source; nothing where it is no name.

    >>> named_data("journey"), named_data("nowhere")
    ({}, {})
    """
    if text in SOURCES:
        return {}
    found = ((name, source.named(text)) for name, source in SOURCES.items())
    return next(({"data": name, **values} for name, values in found if values), {})
