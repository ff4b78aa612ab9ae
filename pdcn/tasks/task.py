"""What towers may be trained for: a `Task` brings its batches, its loss, what it measures of an event, and its metrics.

Needs no torch until something is trained or measured, so that pages read what was found at no cost.
Shapes: n events, M metrics, B batch, S seeds, H output width.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from numpy.typing import NDArray

from pdcn.arrays import Floats, Ints, Numbers
from pdcn.tasks.metric import Metric, event_weights

if TYPE_CHECKING:
    from torch import Tensor

    from pdcn.config import Experiment, Training
    from pdcn.nn.model import Model
    from pdcn.sources.dataset import Dataset
    from pdcn.sources.split import Part
    from pdcn.tasks.retrieval.batches import DeviceData

VALIDATION_EVENTS = 4_096
"""Checks on validation measure this many events, evenly spaced over the validation part."""


class Towers(Protocol):
    """Both towers of a model on rows of its dataset, or those of S models at once, each on rows of its own."""

    @property
    def temperature(self) -> Tensor:
        """What products are divided by: a number, or of S models (S, 1, 1)."""

    @property
    def own_losses(self) -> bool:
        """Whether each branch is to have a loss of its own (`pdcn.nn.model.Model.own_losses`)."""

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
