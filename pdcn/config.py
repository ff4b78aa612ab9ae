"""Everything a person can choose, once: default, range, label and help of each setting.

Widgets, command-line options and URL keys follow from these models (`pdcn.dials`), which are
validated here, written to `experiment.json` and hashed into a run's identity.

>>> Experiment().arms
('parallel', 'sequential')
>>> Experiment.from_json(Experiment().to_json()) == Experiment()
True
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field, SerializeAsAny, field_validator, model_validator

from pdcn import glossary, words
from pdcn.crossings import CROSSINGS
from pdcn.inert import quoted
from pdcn.settings import Named, SettingError, Settings, build, dial, digest
from pdcn.sources import SOURCES
from pdcn.sources.base import EVENTS_ALONE, OUTCOMES, SEQUENCE, DataSettings
from pdcn.sources.journey import JourneyData
from pdcn.wirings import wirings

Moved = Literal["deep", "depth", "rank", "head"]
RETRIEVAL, RANKING = "retrieval", "ranking"
"""The task that an experiment has unless it names another, out of `pdcn.tasks.TASKS`, and the other one there is."""


TWO_TOWERS = "two towers"
"""What a task has that trains a tower for queries and one for items, as dials name what they need."""
JOINT = "joint"
"""The name of the one network of a task without two towers, with which the names of its weights begin."""


@dataclass(frozen=True)
class TaskSaid:
    """A task as a person chooses it: its label, and `words` about it. `offers` names what its model has.

    `quick` is laid over the quick preset of the data.
    """

    label: str
    words: str
    offers: frozenset[str] = frozenset({TWO_TOWERS})
    quick: Mapping[str, Any] = field(default_factory=dict)


ASKED: dict[str, TaskSaid] = {
    RETRIEVAL: TaskSaid("retrieval", glossary.RETRIEVAL),
    RANKING: TaskSaid("ranking", glossary.RANKING, frozenset(), {"sampled": 2, "batch": 512}),
}
"""The tasks that can be chosen, by the names that `pdcn.tasks.TASKS` has for them."""


def offered(source: str, task: str) -> set[str]:
    """What there is of a task on data of a source, as dials name what they need. Other tasks have two towers.

    >>> sorted(offered("planted", "ranking")), sorted(offered("planted", "rating"))
    (['events alone', 'ranking'], ['events alone', 'rating', 'two towers'])
    """
    of_task = ASKED[task].offers if task in ASKED else {TWO_TOWERS}
    of_data = SOURCES[source].offers if source in SOURCES else frozenset[str]()
    return {task, *of_task, *of_data, *(() if OUTCOMES in of_data else (EVENTS_ALONE,))}


class Network(Settings):
    """The blocks of a tower. Wirings arrange them; nothing else differs between arms."""

    embedding: int = dial(
        8, "Embedding width", f"The length of the embedding of each value. {glossary.EMBEDDING}", low=1, high=128
    )
    id_embedding: int = dial(
        0,
        "Id embedding width",
        "The length of the embeddings of a side's largest field, usually its id, and of fields that hold several "
        "values. It is rounded up to a multiple of the embedding width. With 0 it is that width.",
        low=0,
        high=512,
        before=0,
    )
    cross: str = dial("full", "Kind of cross layer", glossary.CROSS_LAYER, choices=CROSSINGS)
    cross_layers: int = dial(
        2,
        "Cross layers",
        f"{glossary.CROSS_LAYER} Each further layer lets one more field join a product.",
        low=0,
        high=8,
        level="main",
    )
    cross_rank: int = dial(
        16,
        "Cross rank",
        "The rank of the matrices in low-rank and mixture cross layers: a smaller one has fewer parameters.",
        low=1,
        high=512,
    )
    experts: int = dial(
        4, "Experts", "The number of experts in a mixture layer, or of heads in an attention layer.", low=1, high=16
    )
    gate: Literal["softmax", "sigmoid"] = dial("softmax", "Gate", "How a mixture layer weighs its experts.")
    inner: Literal["none", "tanh", "relu"] = dial(
        "none",
        "Inner nonlinearity",
        "A nonlinearity inside each expert (Equation 4 of the DCN V2 paper). Without one, it is Equation 3.",
    )
    deep: tuple[int, ...] = dial(
        (64, 64), "Deep widths", f"The width of each layer of the deep network. {glossary.DEEP}", level="main"
    )
    activation: Literal["relu", "gelu", "silu", "tanh"] = dial(
        "relu", "Activation", "The nonlinearity after each deep layer."
    )
    dropout: float = dial(
        0.0, "Dropout", "The share of deep activations that training sets to zero at random.", low=0.0, high=0.9
    )
    layer_norm: bool = dial(False, "Layer norm", "Normalises what each deep layer computes, before its activation.")
    head: tuple[int, ...] = dial(
        (),
        "Head widths",
        "The widths of the head's hidden layers. The head makes the tower's vector; without widths, it is one linear "
        "layer.",
    )
    output: int = dial(
        32, "Output width", "The length of the vector that each tower makes.", low=1, high=512, needs=(TWO_TOWERS,)
    )
    normalise: bool = dial(
        True, "L2 norm", "Scales the vector that each tower makes to length one.", needs=(TWO_TOWERS,)
    )
    sequence: Literal["none", "mean", "transformer"] = dial(
        "mean",
        "Actions read by",
        "How the tower reads what a user did before. Pinterest states no sizes for its Transformer and its projection: "
        "those here are ours.",
        level="main",
        named={
            "none": Named("nothing", "The tower gets zeros in their place."),
            "mean": Named("a mean", "The mean of the embeddings of all actions, whatever their order."),
            "transformer": Named(
                "a Transformer", "Every action sees every other and knows its place. Then a projection compresses them."
            ),
        },
        needs=(SEQUENCE,),
        before="mean",
    )
    sequence_layers: int = dial(
        1,
        "Transformer layers",
        "The number of layers over the actions. With 0 the projection reads the actions as they are.",
        low=0,
        high=8,
        needs=(SEQUENCE,),
        before=1,
    )
    sequence_heads: int = dial(
        2,
        "Transformer heads",
        "The number of attention heads of each layer over the actions. If it does not divide the width of an action, "
        "the next smaller number that does is taken.",
        low=1,
        high=16,
        needs=(SEQUENCE,),
        before=2,
    )
    projection: Literal["linear", "mlp", "dcn", "dcn_low", "flat"] = dial(
        "dcn_low",
        "Projection",
        "What compresses the Transformer's output before the towers read it.",
        named={
            "linear": Named("linear", "One linear layer."),
            "mlp": Named("MLP", "A hidden layer, and a linear layer."),
            "dcn": Named("DCN V2", "Cross layers over all actions, and a linear layer."),
            "dcn_low": Named("DCN V2, low rank", "The same with cross layers of low rank."),
            "flat": Named("none", "All actions side by side, not compressed."),
        },
        needs=(SEQUENCE,),
        before="dcn_low",
    )
    projected: int = dial(
        32,
        "Projected width",
        "How many numbers the projection puts out.",
        low=1,
        high=512,
        needs=(SEQUENCE,),
        before=32,
    )
    projection_layers: int = dial(
        1,
        "Cross layers of the projection",
        "The number of cross layers of a projection by DCN V2.",
        low=1,
        high=8,
        needs=(SEQUENCE,),
        before=1,
    )
    projection_rank: int = dial(
        16,
        "Cross rank of the projection",
        "The rank of the matrices of a projection by DCN V2 of low rank.",
        low=1,
        high=512,
        needs=(SEQUENCE,),
        before=16,
    )
    projection_hidden: int = dial(
        64,
        "Hidden width of the projection",
        "The width of the hidden layer of a projection by an MLP.",
        low=1,
        high=4096,
        needs=(SEQUENCE,),
        before=64,
    )

    @property
    def bag_width(self) -> int:
        """How wide the embedding of a value of a bag is, and that of an action.

        >>> Network(embedding=8, id_embedding=20).bag_width
        24
        """
        return self.embedding * max(1, math.ceil(self.id_embedding / self.embedding))

    def sequence_width(self, places: int) -> int:
        """How wide a sequence of so many places is in x0.

        >>> Network().sequence_width(20), Network(sequence="transformer").sequence_width(20)
        (8, 32)
        """
        if self.sequence != "transformer":
            return self.bag_width
        return places * self.bag_width if self.projection == "flat" else self.projected

    @property
    def attending(self) -> int:
        """Attention heads of a layer over the actions: as many as were asked for, or fewer that divide the width of an
        action.

        >>> Network(embedding=6, sequence_heads=4).attending
        3
        """
        return max(heads for heads in range(1, self.sequence_heads + 1) if not self.bag_width % heads)

    def has(self, blocks: tuple[Moved, ...]) -> bool:
        """Whether one of the blocks is there to be moved."""
        there = {"deep": True, "depth": True, "rank": CROSSINGS[self.cross].ranked, "head": bool(self.head)}
        return any(there[block] for block in blocks)

    def widths(self, values: Sequence[int], bags: int = 0) -> tuple[int, ...]:
        """How wide the embeddings of categories with so many values are, and those of so many bags behind them.

        >>> Network(embedding=8, id_embedding=32).widths([7, 900, 40], bags=1)
        (8, 32, 8, 32)
        """
        wide = self.bag_width
        most = values.index(max(values)) if values else None
        return (*(wide if at == most else self.embedding for at in range(len(values))), *(wide for _ in range(bags)))

    @field_validator("cross")
    @classmethod
    def _known(cls, cross: str) -> str:
        if cross not in CROSSINGS:
            raise ValueError(words.EXPECTED(what=words.ONE_OF(known=", ".join(CROSSINGS))))
        return cross

    @field_validator("deep", "head")
    @classmethod
    def _widths(cls, widths: tuple[int, ...]) -> tuple[int, ...]:
        if len(widths) > 8 or any(not 1 <= width <= 4096 for width in widths):
            raise ValueError(words.TOO_MANY_WIDTHS)
        return widths

    @field_validator("deep")
    @classmethod
    def _some(cls, widths: tuple[int, ...]) -> tuple[int, ...]:
        if not widths:
            raise ValueError(words.NO_WIDTH)
        return widths


class Training(Settings):
    """How every arm is trained: the same for all of them."""

    epochs: int = dial(
        30,
        "Epochs",
        "The most passes over the training events. With the plateau schedule, trainings usually end earlier.",
        low=1,
        high=200,
        level="main",
    )
    updates: int = dial(
        0, "Updates", "The most training steps. With 0, the epochs alone decide.", low=0, high=1_000_000, before=0
    )
    schedule: Literal["plateau", "cosine"] = dial(
        "plateau",
        "Schedule",
        "How the learning rate falls.",
        named={
            "plateau": Named(
                "plateau", "It stays until validation stops improving. Then it falls to zero and the training ends."
            ),
            "cosine": Named("cosine", "It falls from the start, over all epochs."),
        },
        before="cosine",
    )
    batch: int = dial(512, "Batch", f"The number of events in a batch. {glossary.BATCH}", low=2, high=65_536)
    learning_rate: float = dial(
        0.01, "Learning rate", "The highest learning rate of the optimiser (Adam).", low=1e-6, high=1.0
    )
    weight_decay: float = dial(
        0.1, "Weight decay", "How strongly each step pulls the weights towards zero (AdamW).", low=0.0, high=1.0
    )
    warmup: float = dial(
        0.1,
        "Warm-up",
        "The share of the steps over which the learning rate rises. With cosine it is of all steps; with plateau, of "
        "the first epoch.",
        low=0.0,
        high=0.9,
    )
    clip: float = dial(1.0, "Gradient clip", "The largest norm that a step's gradient may have.", low=0.001, high=1e6)
    embedding_std: float = dial(
        0.1, "Embedding spread", "The standard deviation of the embeddings before training.", low=1e-4, high=10.0
    )
    temperature: float = dial(
        0.1,
        "Temperature",
        "What scores are divided by at the start of training. It is learned from there.",
        low=0.01,
        high=10.0,
        needs=(TWO_TOWERS,),
    )
    log_q: bool = dial(True, "logQ correction", glossary.LOG_Q, needs=(TWO_TOWERS,))
    negatives: int = dial(
        0,
        "Uniform negatives",
        "The number of items added to each batch as negatives, drawn at random from the catalogue.",
        low=0,
        high=65_536,
        needs=(TWO_TOWERS,),
    )
    evaluations: int = dial(4, "Checks per epoch", "How often validation is measured in each epoch.", low=1, high=100)
    patience: int = dial(
        6,
        "Patience",
        "A training ends after this many checks without a better validation result. With 0, it goes on to the last "
        "epoch.",
        low=0,
        high=1_000,
    )


TOLERANCE = {"parameters": 0.01, "flops": 0.02, "train-time": 0.05}
"""A budget is met where an arm's cost is off by no more than this share."""


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


class Fairness(Settings):
    """What all arms get alike, so that the wiring is all that differs."""

    match: Literal["none", "parameters", "flops", "train-time"] = dial(
        "parameters",
        "Match",
        "What is made equal between the arms, by changing their sizes.",
        named={
            "none": Named("nothing", "Every arm keeps the same blocks."),
            "parameters": Named("parameters", "Equal dense parameters, within 1%."),
            "flops": Named("FLOPs", "Equal FLOPs, within 2%."),
            "train-time": Named("training time", "Equal seconds per step, within 5%."),
        },
        level="main",
    )
    target: Literal["baseline", "smallest", "largest", "middle"] = dial(
        "baseline",
        "Match to",
        "Whose cost the others are matched to. Only arms that can change set the last three.",
        named={
            "baseline": Named("baseline", "The baseline stays as it is, and all others change."),
            "smallest": Named("smallest", "Larger arms shrink."),
            "largest": Named("largest", "Smaller arms grow."),
            "middle": Named("middle", "All meet at the geometric mean."),
        },
        before="baseline",
    )
    move: tuple[Moved, ...] = dial(
        ("deep",),
        "May change",
        "What may change to meet the match.",
        named={
            "deep": Named("deep widths", "The widths of the deep layers."),
            "depth": Named("depth", "How many deep layers there are. A new one is as wide as the last."),
            "rank": Named("cross rank", "The rank of low-rank and mixture cross layers."),
            "head": Named("head widths", "The widths of the head's hidden layers."),
        },
    )
    tune: int = dial(
        0,
        "Tuning trials",
        "How many settings each arm tries: learning rate, epochs, weight decay, temperature and dropout. Validation "
        "judges them, with seeds of their own. From 12 trials on, settings may be told apart. With 0 or 1, the "
        "settings stay as they are.",
        low=0,
        high=100,
    )

    @field_validator("move")
    @classmethod
    def _something(cls, move: tuple[Moved, ...]) -> tuple[Moved, ...]:
        if not move or len(set(move)) < len(move):
            raise ValueError(words.NOTHING_TO_MOVE)
        return move


class Outcomes(Settings):
    """What is made of the outcomes of an impression, where data has several. What Pinterest did is known in outline
    only; the numbers here are ours."""

    outcome: Literal["conversion", "engagement", "all"] = dial(
        "conversion",
        "Judged by",
        "Which outcomes the verdict is about. The others are measured too.",
        level="main",
        named={
            "conversion": Named("conversions", "Such as a checkout, or a purchase with a coupon."),
            "engagement": Named("engagement", "Such as a click, or a purchase without a coupon."),
            "all": Named("all outcomes", "Whatever came of an impression."),
        },
        needs=(OUTCOMES,),
    )
    heads: Literal["unified", "two"] = dial(
        "unified",
        "Heads",
        "How the model learns from outcomes of both kinds.",
        level="main",
        named={
            "unified": Named("one for all", "One head and one loss learn from every outcome (Pinterest, 2025)."),
            "two": Named(
                "one for each",
                "Engagement and conversions have a head and a loss each (Pinterest, 2023). Served is the head of the "
                "outcome that the verdict is about, or that of conversions if it is about all.",
            ),
        },
        needs=(OUTCOMES, RETRIEVAL),
    )
    engagement_weight: float = dial(
        1.0,
        "Weight of engagement",
        "How much an event with engagement counts in training. With 0 it is not learned from.",
        low=0.0,
        high=100.0,
        needs=(OUTCOMES, RETRIEVAL),
    )
    conversion_weight: float = dial(
        1.0,
        "Weight of conversions",
        "How much a conversion counts in training. With 0 it is not learned from.",
        low=0.0,
        high=100.0,
        needs=(OUTCOMES, RETRIEVAL),
    )
    value_weight: Literal["log", "equal"] = dial(
        "log",
        "Engagement counts",
        "Whether a long click or a large purchase counts more than a short or a small one.",
        named={
            "log": Named(
                "by its value",
                "By the logarithm of its duration or price, up to a cap. What has neither, such as a save, counts "
                "whole.",
            ),
            "equal": Named("alike", "Each as much as any other."),
        },
        needs=(OUTCOMES, RETRIEVAL),
    )
    # neither hard negatives nor an advertiser loss made recall of conversions better on the validation part of shopping
    # (`tests/benchmarks/outcomes.py` repeats it on the test part), so that both are off unless they are asked for
    hard_negatives: float = dial(
        0.0,
        "Hard negatives",
        "How many impressions without engagement join the negatives of a batch, as a share of its events.",
        low=0.0,
        high=4.0,
        needs=(OUTCOMES, RETRIEVAL),
    )
    advertiser_loss: float = dial(
        0.0,
        "Advertiser loss",
        "The weight of a second loss, which matches the query with the advertiser of its item. With 0 there is none.",
        low=0.0,
        high=10.0,
        needs=(OUTCOMES, RETRIEVAL),
    )
    # where taste goes by advertiser, vectors of their own pulled the tail up and means did not, in the same benchmark
    advertiser_vector: Literal["mean", "table"] = dial(
        "table",
        "An advertiser is",
        "What stands for an advertiser in its loss. Pinterest did not state it; both are ours.",
        named={
            "mean": Named("the mean of its items", "The mean of the vectors of its items in the batch."),
            "table": Named("a vector of its own", "A learned vector for each advertiser."),
        },
        needs=(OUTCOMES, RETRIEVAL),
    )

    @model_validator(mode="after")
    def _learnable(self) -> Outcomes:
        weights = {"conversion": self.conversion_weight, "engagement": self.engagement_weight}
        if not any(weights.values()):
            raise ValueError(words.NO_WEIGHT)
        served = self.served
        if self.heads == "two" and not weights[served]:
            raise ValueError(words.SERVED_WITHOUT_WEIGHT(served=served))
        return self

    @property
    def served(self) -> str:
        """The outcomes whose head is served where each kind has one: those of the verdict, or conversions.

        >>> Outcomes().served, Outcomes(outcome="engagement").served, Outcomes(outcome="all").served
        ('conversion', 'engagement', 'conversion')
        """
        return "engagement" if self.outcome == "engagement" else "conversion"


class RankingSettings(Settings):
    """What a ranking model is made of and judged on. What was not chosen, the shares and the numbers are ours."""

    sampled: int = dial(
        4,
        "Items not chosen",
        "How many items are drawn for each event as ones that were not chosen. They are the same for every arm and "
        "seed.",
        low=1,
        high=100,
        level="main",
        needs=(RANKING, EVENTS_ALONE),
    )
    sampled_power: float = dial(
        0.75,
        "Drawn by popularity to the power",
        "How much more often popular items are drawn as not chosen. With 0, all items are drawn alike; with 1, as "
        "often as they are chosen.",
        low=0.0,
        high=1.0,
        needs=(RANKING, EVENTS_ALONE),
    )
    trunk: Literal["none", "mmoe"] = dial(
        "none",
        "Trunk",
        "What surfaces share, such as home feed and search.",
        level="main",
        named={
            "none": Named("one network", "All surfaces share everything."),
            "mmoe": Named(
                "mixture of experts",
                "Several networks of the arm's wiring, mixed anew for each surface, and a small tower for each (MMoE).",
            ),
        },
        needs=(RANKING, OUTCOMES),
    )
    trunk_experts: int = dial(
        4,
        "Experts of the trunk",
        "The number of networks in a mixture of experts.",
        low=2,
        high=16,
        needs=(RANKING, OUTCOMES),
    )
    surface_calibration: Literal["none", "global", "surface"] = dial(
        "none",
        "Calibration",
        "Whether logits are scaled and shifted after training so that chances are right on validation (Platt).",
        named={
            "none": Named("none", "Chances stay as they were learned."),
            "global": Named("one for all", "One scale and one shift for all surfaces."),
            "surface": Named("one for each surface", "A scale and a shift for each surface."),
        },
        needs=(RANKING, OUTCOMES),
    )


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
