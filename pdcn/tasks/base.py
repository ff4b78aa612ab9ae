"""What towers may be trained for: a `Task` brings its batches, its loss, what it measures of an event, and its metrics.

Needs no torch until something is trained or measured, so that pages read what was found at no cost.
Shapes: n events, U users, M metrics, B batch, S seeds, H output width.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from pdcn.arrays import Doubles, Floats, Ints, Numbers
from pdcn.config import sets_of
from pdcn.tasks import words as say
from pdcn.words import points, signed

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor

    from pdcn.config import Experiment, Training
    from pdcn.nn.two_tower import Model
    from pdcn.sources.dataset import Dataset
    from pdcn.sources.split import Part
    from pdcn.tasks.retrieval.batches import DeviceData

LABELS = ("outcome", "surface", "advertisers")
"""What events may be told apart by: what came of them, where that was, and whether the advertiser sells much."""
ALL = "all"
"""The outcome that one names to judge by all of them."""
VALIDATION_EVENTS = 4_096
"""Checks on validation measure this many events, evenly spaced over the validation part."""


@dataclass(frozen=True)
class Metric(ABC):
    """One number that says how good a model is: a value of every event, then the mean over them.

    `name` stands in records, `label` in sentences. A metric in points is a share, and told in percent; a plain one is
    told as it is. Where `weighted`, an event counts as much as the data says that it weighs. Where an event's value
    depends on other events, the metric is one of `company`: it has values of users (`by_user`), and none of events.
    """

    k: int | None = None
    name: ClassVar[str]
    label: ClassVar[str]
    higher_is_better: ClassVar[bool] = True
    unit: ClassVar[Literal["points", "plain"]] = "points"
    weighted: ClassVar[bool] = False
    company: ClassVar[bool] = False

    @abstractmethod
    def values(self, measured: Numbers) -> NDArray[Any]:
        """The value of each event (n,), from what the task measured of it (n,)."""

    def among(self, measured: Numbers, user: Ints) -> NDArray[Any]:
        """The value of each event (n,) among those of its user, NaN where it has none; as `values` but of `company`."""
        return self.values(measured)

    @classmethod
    def means(cls, several: Sequence[Metric], measured: Numbers, weights: Doubles) -> Doubles:
        """The mean of each of several metrics of this class, (M,), where `weights` (n,) sum to one."""
        return np.array([one.values(measured) @ weights for one in several])

    @classmethod
    def by_user(
        cls, several: Sequence[Metric], measured: Numbers, user: Ints, weight: Numbers | None = None
    ) -> Doubles:
        """Each user's mean of each of several metrics of this class, (U, M), users in ascending order."""
        return user_mean(np.stack([one.values(measured) for one in several], axis=1), user, weight)

    def __str__(self) -> str:
        return self.label if self.k is None else f"{self.label}@{self.k}"

    @property
    def scale(self) -> float:
        """By what a value is multiplied where it stands in a column or on an axis: shares are shown in percent."""
        return 100.0 if self.unit == "points" else 1.0

    @property
    def printed(self) -> str:
        """How a column of values so multiplied is written."""
        return "%.1f%%" if self.unit == "points" else "%.4f"

    def level(self, value: float) -> str:
        """A value as one writes it: 41.2%, or 0.2345."""
        return f"{100 * value:.1f}%" if self.unit == "points" else f"{value:.4f}"

    def change(self, difference: float) -> str:
        """A difference as one writes it, signed: in percentage points, one decimal more than the value has, or
        plain."""
        return points(difference) if self.unit == "points" else signed(f"{difference:+.4f}")

    def told(self, difference: float) -> str:
        """A difference with what it is one of: +1.20 points of recall@100."""
        said = say.POINTS_OF if self.unit == "points" else say.CHANGE_IN
        return said(change=self.change(difference), metric=self)


def user_mean(values: NDArray[Any], user: Ints, weight: Numbers | None = None) -> Doubles:
    """Each user's mean of event values (n, M), (U, M), users in ascending order; weighted where weights (n,) are given.

    >>> user_mean(np.array([[1.0], [0.0], [1.0]]), np.array([7, 7, 9])).tolist()
    [[0.5], [1.0]]
    >>> user_mean(np.array([[1.0], [0.0], [1.0]]), np.array([7, 7, 9]), np.array([3.0, 1.0, 1.0])).tolist()
    [[0.75], [1.0]]
    """
    _, index, counts = np.unique(user, return_inverse=True, return_counts=True)
    if weight is not None:
        values, counts = values * weight[:, None], np.bincount(index, weight)
    sums = [np.bincount(index, column, minlength=len(counts)) for column in values.T]
    return np.stack(sums, axis=1) / counts[:, None]


def event_weights(user: Ints, *, by_user: bool, weight: Numbers | None = None) -> Doubles:
    """Weights (n,) that sum to one: of every event, or of every user, as much as of any other.

    Where events have a `weight` (n,) of their own, they count as much as it says: among all events, or a user's.

    >>> event_weights(np.array([7, 7, 9]), by_user=True).tolist()
    [0.25, 0.25, 0.5]
    >>> event_weights(np.array([7, 7, 9]), by_user=True, weight=np.array([3.0, 1.0, 8.0])).tolist()
    [0.375, 0.125, 0.5]
    """
    if not by_user:
        return np.full(len(user), 1 / max(1, len(user))) if weight is None else weight / weight.sum()
    _, index, counts = np.unique(user, return_inverse=True, return_counts=True)
    if weight is None:
        return 1 / (counts[index] * len(counts))
    return weight / (np.bincount(index, weight)[index] * len(counts))


@dataclass(frozen=True)
class Measured:
    """What a task measured of every test event, a column (n,) for each training and each baseline.

    A training's column is found by its arm and seed, so that no name is taken apart. It is wide, not long: a hundred
    thousand events of ten columns would be a million rows, every one of which a figure over K would group again.
    `user` says whose event it is; `weight` what it counts, None where all count alike; `sets` how many training sets
    were drawn anew for the seeds, 0 where each had its own, None where all trained on the one. With `worlds` these are
    worlds, each with as many test events: all but the columns of training belongs to the first, and `users` says whose
    the events are for a seed of another. `labels` tells events apart, a word of each for each of some `LABELS`; of
    data with one outcome there are none.
    """

    user: Ints
    cells: Mapping[tuple[str, int], Numbers]
    baselines: Mapping[str, Numbers]
    weight: Numbers | None = None
    sets: int | None = None
    worlds: bool = False
    users: Mapping[int, Ints] = field(default_factory=dict)
    labels: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def judged(self, outcome: str) -> Measured:
        """What was measured of the events with that outcome, which a verdict is about; of data with one outcome, and by
        all of them, of every event."""
        return self if outcome == ALL or "outcome" not in self.labels else self.of("outcome", outcome)

    def of(self, label: str, word: str) -> Measured:
        """What was measured of the events with that word for a label."""
        chosen = self.labels[label] == word
        return replace(
            self,
            user=self.user[chosen],
            cells={cell: column[chosen] for cell, column in self.cells.items()},
            baselines={name: column[chosen] for name, column in self.baselines.items()},
            weight=None if self.weight is None else self.weight[chosen],
            labels={name: words[chosen] for name, words in self.labels.items()},
        )

    def words_of(self, label: str) -> list[str]:
        """The words that events have for a label, the most frequent first."""
        words, counts = np.unique(self.labels.get(label, np.empty(0, object)).astype(str), return_counts=True)
        return [str(words[at]) for at in np.argsort(-counts, kind="stable") if words[at]]

    @property
    def resampled(self) -> bool:
        """Whether seeds trained on users drawn anew."""
        return self.sets is not None

    def whose(self, seed: int) -> Ints:
        """Whose the test events of a seed are, (n,)."""
        return self.users.get(seed, self.user)

    def first_world(self) -> Measured:
        """What was measured in the first world alone."""
        own = {cell: column for cell, column in self.cells.items() if cell[1] not in self.users}
        return replace(self, cells=own, sets=None, worlds=False, users={}) if self.worlds else self

    def size(self, seeds: Sequence[int]) -> tuple[int, int]:
        """Test users and test events of these seeds, over all of their worlds."""
        apart = dict(zip(self.sets_of(seeds), seeds, strict=True)) if self.worlds else {0: -1}
        return sum(len(np.unique(self.whose(seed))) for seed in apart.values()), len(apart) * len(self.user)

    def sets_of(self, seeds: Sequence[int]) -> list[int]:
        """The training set of each seed, where sets are drawn anew; nothing where there is the one."""
        return sets_of(seeds, self.sets)

    def seeds(self, *arms: str) -> list[int]:
        """The seeds from which every one of the arms has a column, in order."""
        return sorted(set.intersection(*({seed for arm, seed in self.cells if arm == one} for one in arms)))

    def by_user(self, arm: str, seeds: Sequence[int], several: Sequence[Metric]) -> Doubles:
        """An arm's metrics, all of one class, by seed and user: (S, U, M).

        Worlds share no users: there it is (S, 1, M), the mean over each world's own.
        """
        weight = self.weight if several[0].weighted else None
        of = type(several[0]).by_user
        found = [of(several, self.cells[arm, seed], self.whose(seed), weight) for seed in seeds]
        return np.stack([one.mean(0, keepdims=True) for one in found] if self.worlds else found)

    def means(self, column: Numbers, several: Sequence[Metric], seed: int = -1, *, by_user: bool = True) -> Doubles:
        """The mean of each of several metrics of one class, (M,), of a column that a seed has: over users, or over
        events. What has no values of events has the mean over users alone."""
        kind = type(several[0])
        if kind.company:
            return np.asarray(kind.by_user(several, column, self.whose(seed)).mean(0))
        return kind.means(several, column, self.weights(kind, seed, by_user=by_user))

    def weights(self, kind: type[Metric], seed: int = -1, *, by_user: bool = True) -> Doubles:
        """What every event, of a seed, counts in the mean of a metric, (n,)."""
        return event_weights(self.whose(seed), by_user=by_user, weight=self.weight if kind.weighted else None)

    def to_frame(self) -> pd.DataFrame:
        """The columns as a run keeps them: `user`, the labels, the baselines, `ARM.SEED`, and `weight` where there is
        one.

        `user.SEED` stands there of seeds in other worlds.
        """
        import pandas as pd

        own = {f"{arm}.{seed}": column for (arm, seed), column in self.cells.items()}
        last = {} if self.weight is None else {"weight": self.weight}
        users = {f"user.{seed}": column for seed, column in self.users.items()}
        labels = {name: pd.Categorical(words) for name, words in self.labels.items()}
        return pd.DataFrame({"user": self.user, **labels, **users, **self.baselines, **own, **last})

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        arms: Sequence[str],
        seeds: Sequence[int],
        baselines: Sequence[str],
        *,
        sets: int | None = None,
        worlds: bool = False,
    ) -> Measured:
        """Read `to_frame` back: the columns of these arms, seeds and baselines, as far as there are any."""
        names = {(arm, seed): f"{arm}.{seed}" for seed in seeds for arm in arms}
        return cls(
            frame["user"].to_numpy(),
            {cell: frame[name].to_numpy() for cell, name in names.items() if name in frame},
            {name: frame[name].to_numpy() for name in baselines if name in frame},
            frame["weight"].to_numpy() if "weight" in frame else None,
            sets,
            worlds,
            {seed: frame[f"user.{seed}"].to_numpy() for seed in seeds if f"user.{seed}" in frame},
            {name: frame[name].to_numpy(object) for name in LABELS if name in frame},
        )


class Towers(Protocol):
    """Both towers of a model on rows of its dataset, or those of S models at once, each on rows of its own."""

    @property
    def temperature(self) -> Tensor:
        """What products are divided by: a number, or of S models (S, 1, 1)."""

    @property
    def own_losses(self) -> bool:
        """Whether each branch is to have a loss of its own (`pdcn.nn.two_tower.Model.own_losses`)."""

    def query(self, events: Tensor, *, each: bool = False) -> Tensor:
        """Vectors (B, H) of events (B,); of S models (S, B, H) of (S, B).

        With `each` those of every branch alone come behind them: (1 + branches, B, H), or (1 + branches, S, B, H).
        """

    def item(self, items: Tensor, *, each: bool = False) -> Tensor:
        """Vectors of items, as `query`."""

    def run(self, tower: str, codes: Tensor, values: Tensor, *, each: bool = False) -> Tensor:
        """Outputs of the tower of that name on rows of its table, as `query`."""


class Task(ABC):
    """One thing that towers are trained for and judged by.

    `kinds` are the classes of its metrics, the one that matters most first; `baselines_told` says what each baseline
    is, and `floors` names those that every arm should be above, the weakest first, and says what it means where one is
    not: a sentence in which names in braces stand for what a record says of its data (`facts`). With `whole_record` a
    record has every metric of each seed and of each baseline, else those of the first class.
    """

    name: ClassVar[str]
    kinds: ClassVar[tuple[type[Metric], ...]]
    whole_record: ClassVar[bool] = False
    baselines_told: ClassVar[Mapping[str, str]] = {}
    floors: ClassVar[Mapping[str, str]] = {}
    stacks: ClassVar[bool] = True
    """Whether seeds can be trained as one model (`pdcn.training.ensemble`)."""

    def under(self, experiment: Experiment) -> Task:
        """This task as an experiment sets it."""
        return self

    def view(self, dataset: Dataset, experiment: Experiment) -> Dataset:
        """The data as this task reads it: which rows are its events, and what each of them weighs."""
        return dataset

    def rows(self, experiment: Experiment) -> int:
        """How many events the task makes of one of the data."""
        return 1

    def scores(self, events: int, items: int) -> int:
        """How many scores it takes to measure so many events, on a catalogue of so many items."""
        return events * items

    def model(self, dataset: Dataset, experiment: Experiment, arm: str) -> Model:
        """The untrained model of an arm on such data; its weights are drawn by `initialise`."""
        from pdcn.nn.two_tower import TwoTower

        return TwoTower(dataset.queries, dataset.items, experiment, arm)

    def events(self, dataset: Dataset, part: Part, most: int | None = None) -> Ints:
        """The events of a part that a verdict is about; of more than `most`, so many that are evenly spaced."""
        return dataset.events(part, most)

    def weights(self, dataset: Dataset, events: Ints) -> Floats | None:
        """What each of the events counts in metrics that are weighted, (n,); None where all count alike."""
        return None if dataset.weight is None else dataset.weight[events]

    def labels(self, dataset: Dataset, events: Ints) -> dict[str, NDArray[Any]]:
        """What the events are told apart by: of each of some `LABELS` a word for every event, (n,)."""
        return {}

    @abstractmethod
    def metrics(self, items: int) -> tuple[Metric, ...]:
        """What a record holds of a catalogue of so many items, those of a class beside each other."""

    def headline(self, items: int) -> Metric:
        """What the verdict is about."""
        return self.metrics(items)[0]

    def watched(self, items: int) -> Metric:
        """What validation measures."""
        return self.headline(items)

    @property
    def watches_shares(self) -> bool:
        """Whether what validation measures is a share, told in percent."""
        return self.kinds[0].unit == "points"

    def tabled(self, items: int) -> tuple[Metric, ...]:
        """What a table of all arms shows."""
        return self.metrics(items)

    def curve(self, items: int) -> tuple[Metric, ...]:
        """The headline's metric at many K, for a figure; nothing where it has no K."""
        return ()

    def metric(self, name: str, k: int | None) -> Metric:
        """The metric that a record names."""
        return {kind.name: kind for kind in self.kinds}[name](k)

    def assemble(self, data: DeviceData, events: Tensor, uniform: Tensor, training: Training) -> Any:
        """What the loss needs of a step's events (B,) and uniformly drawn items (M,), or of S seeds' (S, B) and
        (S, M)."""
        return events

    @abstractmethod
    def loss(self, towers: Towers, data: DeviceData, batch: Any) -> Tensor:
        """The loss of a batch, a number; of S seeds (S,)."""

    def draws(self, data: DeviceData, training: Training, seed: int) -> Iterator[tuple[Tensor, ...]]:
        """What a seed draws for every step of a training: the events (B,) and uniform items (M,)."""
        from pdcn.tasks.retrieval.batches import draws

        return draws(data, training, seed)

    def batches(self, data: DeviceData, training: Training, drawn: Iterable[tuple[Tensor, ...]]) -> Iterator[Any]:
        """Every batch of a training, of what its seed has drawn."""
        return (self.assemble(data, events, uniform, training) for events, uniform in drawn)

    @abstractmethod
    def measure(self, model: Model, data: DeviceData, events: Ints) -> Numbers:
        """What the metrics are worked out from: a number of each of the events, (n,)."""

    def finished(self, model: Model, data: DeviceData) -> None:
        """What is done to a model that has its best weights, before it is measured: nothing, of most tasks."""
        return

    def validate(self, model: Model, data: DeviceData) -> float:
        """What is `watched`, over at most VALIDATION_EVENTS events, the same ones at every check.

        As in the verdict, it is the mean over users of each user's mean.
        """
        dataset = data.dataset
        chosen = self.events(dataset, "validation", VALIDATION_EVENTS)
        metric = self.watched(len(dataset.items))
        weight = self.weights(dataset, chosen) if metric.weighted else None
        weights = event_weights(dataset.user[chosen], by_user=True, weight=weight)
        return float(metric.values(self.measure(model, data, chosen)) @ weights)

    def baselines(self, dataset: Dataset, events: Ints) -> dict[str, Numbers]:
        """The same as `measure` of what is no arm, (n,) by name."""
        return {}

    def calibrated(self, column: Numbers) -> Sequence[tuple[int, float, float]]:
        """Groups of events by their predicted chance: how many, the mean chance, and the share that it came true for;
        nothing of a task that predicts no chance."""
        return ()

    def beside(self, columns: Sequence[Numbers]) -> dict[str, Any]:
        """What else an arm's record says of what was measured of its trainings, without a test."""
        return {}

    def facts(self, dataset: Dataset, events: Ints) -> dict[str, float]:
        """What a record says of its data so that its baselines can be understood."""
        return {}
