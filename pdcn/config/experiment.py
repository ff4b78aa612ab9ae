"""A study as one record: data, arms, seeds and all settings, checked together, with a hash that names it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field, SerializeAsAny, field_validator, model_validator

from pdcn import glossary, words
from pdcn.config.fairness import Fairness
from pdcn.config.network import Network
from pdcn.config.outcomes import Outcomes
from pdcn.config.ranking import RankingSettings
from pdcn.config.tasks import ASKED, RANKING, RETRIEVAL
from pdcn.config.training import Training
from pdcn.inert import quoted
from pdcn.settings import Named, SettingError, Settings, build, dial, digest
from pdcn.sources import SOURCES
from pdcn.sources.journey import JourneyData
from pdcn.sources.source import OUTCOMES, SEQUENCE, DataSettings
from pdcn.wirings import wirings

FEWEST_SETS = 3
"""Two sets say next to nothing of how far sets differ: an interval over them is four times as wide as over four."""


def set_of(seed: int, sets: int) -> int:
    """The number that draws a seed's training set: of so many sets each takes its turn, with 0 each seed has its own.

    >>> [set_of(seed, 3) for seed in range(6)], set_of(5, 0)
    ([0, 1, 2, 0, 1, 2], 5)
    """
    return seed % sets if sets else seed


def sets_of(seeds: Iterable[int], sets: int | None) -> list[int]:
    """The training set of each seed, where so many are drawn; nothing where all train on the one (None)."""
    return [] if sets is None else [set_of(seed, sets) for seed in seeds]


class Experiment(Settings):
    """A study: data x arms x seeds. Frozen, validated, JSON both ways, with a stable hash."""

    data: SerializeAsAny[DataSettings] = JourneyData()
    arms: tuple[str, ...] = dial(
        ("parallel", "sequential"),
        "Arms",
        f"{glossary.ARM} It has one wiring for both towers, or two joined by a hyphen, for query and item: "
        "parallel-sequential. A tilde gives a wiring a crossing of its own: parallel~gated.",
        level="main",
        kind="arms",
    )
    network: Network = Network()
    item_network: Network | None = None
    fairness: Fairness = Fairness()
    training: Training = Training()
    outcomes: Outcomes = Field(default=Outcomes(), json_schema_extra={"before": {}})
    ranking: RankingSettings = Field(default=RankingSettings(), json_schema_extra={"before": {}})
    seeds: int = dial(
        3, "Seeds", f"{glossary.SEED} More seeds detect smaller differences.", low=1, high=50, level="main"
    )
    until_sure: bool = dial(False, "Run until sure", glossary.UNTIL_SURE, before=False)
    most_seeds: int = dial(
        15, "Most seeds", "A run until sure ends at this many seeds, sure or not.", low=3, high=50, before=15
    )
    seed: int = dial(0, "First seed", "The number of the first seed; the others follow it.", low=0, high=2**31 - 1)
    training_sets: Literal["one", "bootstrap", "worlds"] = dial(
        "one",
        "Training sets",
        "Which training events the verdict is about.",
        named={
            "one": Named("this one", "The verdict is about these training events. Every seed trains on them."),
            "bootstrap": Named(
                "sets like this one",
                "Each seed trains on as many events of users drawn at random, some more than once, about a third not "
                "at all. The interval is wider, for it includes how far such sets differ.",
            ),
            "worlds": Named(
                "worlds like this one",
                "Each seed trains and is tested in another world of the same settings. Only generated data has some.",
            ),
        },
        before="one",
    )
    sets: int = dial(
        0,
        "Sets or worlds",
        "How many training sets or worlds the seeds are split over. With two seeds or more for each, the result tells "
        "how far these differ from how far seeds do. With 0, each seed has its own.",
        low=0,
        high=25,
        before=0,
    )
    baseline: str = dial(
        "auto",
        "Baseline",
        glossary.BASELINE,
        kind="arm",
        named={"auto": Named("automatic", "Sequential if it runs, else the last arm.")},
    )
    task: str = dial(
        RETRIEVAL,
        "Task",
        "What is learned, and what the result is about.",
        level="main",
        choices=ASKED,
        before=RETRIEVAL,
    )
    detect: float = dial(
        1.0,
        "Smallest difference that matters",
        "In points of recall or grouped AUC. If there are too few seeds to detect it, the result estimates how many it "
        "takes.",
        low=0.01,
        high=100.0,
    )

    @field_validator("data", mode="before")
    @classmethod
    def _of_its_source(cls, data: object) -> object:
        """The settings of the source that is named."""
        if not isinstance(data, dict):
            return data
        name = data.get("source")
        if not isinstance(name, str) or name not in SOURCES:
            raise ValueError(words.NO_SUCH_SOURCE(known=", ".join(SOURCES)))
        return SOURCES[name].settings.model_validate(data)

    @field_validator("arms")
    @classmethod
    def _known(cls, arms: tuple[str, ...]) -> tuple[str, ...]:
        if not arms:
            raise ValueError(words.NO_ARM)
        if len(set(arms)) < len(arms):
            raise ValueError(words.ARM_TWICE)
        for arm in arms:
            wirings(arm)
        return arms

    @model_validator(mode="after")
    def _comparable(self) -> Experiment:
        query, item = self.networks()
        if query.output != item.output:
            raise ValueError(words.OUTPUTS_DIFFER(query=query.output, item=item.output))
        return self

    @model_validator(mode="after")
    def _held_against(self) -> Experiment:
        if self.baseline not in ("auto", *self.arms):
            raise ValueError(words.NO_SUCH_BASELINE(arms=", ".join(self.arms), value=quoted(self.baseline)))
        return self

    @model_validator(mode="after")
    def _movable(self) -> Experiment:
        fairness = self.fairness
        if fairness.match != "none" and not any(network.has(fairness.move) for network in self.networks()):
            raise ValueError(words.NO_SUCH_BLOCK(move=",".join(fairness.move)))
        return self

    @model_validator(mode="after")
    def _looked_at(self) -> Experiment:
        if self.until_sure and not 2 <= self.seeds < self.most_seeds:
            raise ValueError(words.SEEDS_UNTIL_SURE(most=self.most_seeds - 1, seeds=self.seeds))
        return self

    @model_validator(mode="after")
    def _come_of_it(self) -> Experiment:
        if self.outcomes != Outcomes() and OUTCOMES not in self.offers:
            raise ValueError(words.NO_OUTCOMES(source=self.data.source))
        return self

    @model_validator(mode="after")
    def _has_actions(self) -> Experiment:
        asked = {network.sequence for network in self.networks()} - {"mean"}
        if asked and SEQUENCE not in self.offers:
            raise ValueError(words.NO_SEQUENCE(asked=", ".join(sorted(asked)), source=self.data.source))
        return self

    @model_validator(mode="after")
    def _ranked(self) -> Experiment:
        if self.task != RANKING:
            if self.ranking != RankingSettings():
                raise ValueError(words.NO_RANKING)
            return self
        if several := [arm for arm in self.arms if "-" in arm]:
            raise ValueError(words.ONE_NETWORK(arm=quoted(several[0])))
        if self.item_network is not None:
            raise ValueError(words.NO_ITEM_TOWER)
        return self

    @model_validator(mode="after")
    def _split(self) -> Experiment:
        if self.in_worlds and OUTCOMES in self.offers:
            raise ValueError(words.NO_WORLDS_OF_OUTCOMES)
        if self.in_worlds and not SOURCES[self.data.source].another:
            raise ValueError(words.NO_WORLDS)
        if self.training_sets == "one" or not self.sets:
            return self
        if self.sets < FEWEST_SETS or 2 * self.sets > self.seeds:
            raise ValueError(words.SETS_AND_SEEDS(fewest=FEWEST_SETS, sets=self.sets, seeds=self.seeds))
        if self.until_sure:
            raise ValueError(words.SETS_UNTIL_SURE)
        return self

    @property
    def offers(self) -> frozenset[str]:
        """What its data has beyond events and items."""
        source = SOURCES.get(self.data.source)
        return source.offers if source else frozenset()

    @property
    def against(self) -> str:
        """The arm that the others are held against.

        >>> Experiment().against, Experiment(arms=("parallel", "deep_only")).against
        ('sequential', 'deep_only')
        """
        if self.baseline != "auto":
            return self.baseline
        return "sequential" if "sequential" in self.arms else self.arms[-1]

    @property
    def seed_list(self) -> tuple[int, ...]:
        """The seeds of the study, in order; of one that runs until it is sure, as many as there may be.

        >>> Experiment().seed_list, Experiment(until_sure=True, most_seeds=6).seed_list
        ((0, 1, 2), (0, 1, 2, 3, 4, 5))
        """
        return tuple(range(self.seed, self.seed + self.looks[-1]))

    @property
    def looks(self) -> tuple[int, ...]:
        """The numbers of seeds at which the study is looked at: one, or several where it runs until it is sure.

        >>> Experiment().looks, Experiment(until_sure=True, most_seeds=8).looks
        ((3,), (3, 5, 7, 8))
        """
        return (*range(self.seeds, self.most_seeds, 2), self.most_seeds) if self.until_sure else (self.seeds,)

    @property
    def resampled(self) -> bool:
        """Whether each seed trains on users drawn anew."""
        return self.training_sets == "bootstrap"

    @property
    def drawn_sets(self) -> int | None:
        """How many training sets of the one world seeds are split over, 0 where each has its own; None where all train
        on the one."""
        return self.sets if self.resampled else None

    @property
    def in_worlds(self) -> bool:
        """Whether seeds train, and are tested, in several worlds."""
        return self.training_sets == "worlds"

    def data_of(self, seed: int) -> DataSettings:
        """The data that a seed trains on and is tested with: of the first seed it is `data`.

        >>> raw = {"data": {"source": "planted"}, "training_sets": "worlds", "sets": 3, "seeds": 6}
        >>> [Experiment.of_record(raw).data_of(seed).data_seed for seed in range(6)]
        [0, 1, 2, 0, 1, 2]
        """
        another, number = SOURCES[self.data.source].another, set_of(seed - self.seed, self.sets)
        return another(self.data, number) if self.in_worlds and another else self.data

    def networks(self) -> tuple[Network, Network]:
        """Blocks of the query tower and of the item tower."""
        return self.network, self.item_network or self.network

    def network_of(self, side: str) -> Network:
        """Blocks of the tower of a side, query or item."""
        return self.networks()[("query", "item").index(side)]

    def record(self) -> dict[str, Any]:
        """See `Settings.record`; what is made of outcomes is told where data has several, ranking where it is asked."""
        found = super().record()
        if OUTCOMES not in self.offers:
            del found["outcomes"]
        if self.task != RANKING:
            del found["ranking"]
        return found

    def to_json(self) -> str:
        """The experiment as indented JSON."""
        return json.dumps(self.record(), indent=2, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Experiment:
        """Read `to_json` back; `SettingError` in one sentence if it does not fit."""
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError) as error:
            said = str(error)
            if isinstance(error, RecursionError) or "limit" in said:  # Python's own, on digits and on depth
                said = words.TOO_LONG_OR_DEEP
            raise SettingError(words.NOT_JSON(why=said)) from None
        return cls.of_record(raw)

    @classmethod
    def of_record(cls, raw: object) -> Experiment:
        """The experiment of what a record holds, from whichever version; `SettingError` if it does not fit."""
        return build(cls, cls.as_recorded(raw) if isinstance(raw, dict) else raw)

    @classmethod
    def as_recorded(cls, raw: Mapping[str, Any]) -> dict[str, Any]:
        """See `Settings.as_recorded`; so for each of its parts."""
        found = super().as_recorded(raw)
        data = raw.get("data")
        source = SOURCES.get(str(data.get("source"))) if isinstance(data, dict) else None
        parts: dict[str, type[Settings]] = {"training": Training, "fairness": Fairness, "outcomes": Outcomes}
        parts["ranking"] = RankingSettings
        parts |= {"network": Network, "item_network": Network, **({"data": source.settings} if source else {})}
        for name, part in parts.items():
            if isinstance(found.get(name), dict):
                found[name] = part.as_recorded(found[name])
        return found

    def hash(self) -> str:
        """Twelve hex digits that name this experiment, equal on every machine.

        >>> Experiment().hash() == Experiment(seeds=3).hash() != Experiment(seeds=4).hash()
        True
        """
        return digest(self.record())
