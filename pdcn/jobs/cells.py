"""A cell of a study: one arm, trained from one seed. Frozen values go in and come out, so it can run in any process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from pdcn.arrays import Ints, Numbers
from pdcn.config import Experiment
from pdcn.runs.arm_seed import ArmSeed
from pdcn.runs.snapshots import Snapshots
from pdcn.sources.dataset import Dataset
from pdcn.sources.source import DataSettings
from pdcn.tasks import task_for
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.training.device import calm_threads
from pdcn.training.loop import LivePoint, Trainer, TrainingState
from pdcn.training.pairing import Pairing, first_weights

LAPS, LONGEST_LAP = 40, 25
"""A training is driven in about so many laps, none of more steps: between laps it can be paused."""


def lap_of(steps: int) -> int:
    """Steps of a lap of a training of so many steps.

    >>> lap_of(10), lap_of(718), lap_of(100_000)
    (1, 17, 25)
    """
    return min(max(1, steps // LAPS), LONGEST_LAP)


@dataclass(frozen=True)
class Bench:
    """What all cells of a study, or of one of its worlds, work on: the data on a device, and the test events (n,) that
    are measured."""

    data: DeviceData
    events: Ints

    @classmethod
    def of(cls, dataset: Dataset, device: torch.device) -> Bench:
        """A dataset, brought to the device."""
        return cls(DeviceData(dataset, device), dataset.events("test"))


@dataclass(frozen=True)
class Cell:
    """An arm to be trained from a seed, by an experiment with that arm's own widths and settings.

    A `trial` of tuning, counted from 0, is trained and not measured.
    """

    arm: str
    seed: int
    experiment: Experiment
    trial: int | None = None

    @property
    def name(self) -> str:
        """How a run's files name it, and how it is told from the others that train beside it."""
        return f"{self.arm}.{self.seed}"

    @property
    def data(self) -> DataSettings:
        """What it is trained on: the world that its seed is tested in; a trial, the first."""
        return self.experiment.data if self.trial is not None else self.experiment.data_of(self.seed)


Benches = Callable[[Cell], Bench]
"""What a cell works on. It is made when it is first asked for, in any one thread, and that can take long."""


@dataclass(frozen=True)
class Lap:
    """How far a cell is, with the points that its last lap added, and its weights where they are to be kept."""

    cell: Cell
    state: TrainingState
    step: int
    points: tuple[LivePoint, ...] = ()
    snapshot: Mapping[str, Tensor] | None = None


@dataclass(frozen=True)
class Trained:
    """What a cell came to. A trial has no weights and was not measured, and neither was an arm that diverged.

    `device` says in words where it was trained, if that was not where its study is.
    """

    cell: Cell
    record: ArmSeed
    weights: Mapping[str, Tensor]
    measured: Numbers | None
    pairing: Pairing
    device: str = ""


@dataclass(frozen=True)
class Lost:
    """A cell that came to nothing through no fault of its arm, such as a process that was killed, and why."""

    cell: Cell
    why: str


class Keeper(Protocol):
    """Whoever had cells carried out, and is told how they get on."""

    def goes_on(self, cells: Sequence[Cell]) -> bool:
        """Asked before every lap of these cells; may wait (paused), and false ends them."""

    @property
    def stepping(self) -> bool:
        """Whether the last answer was good for one lap alone."""

    def keep(self, laps: Iterable[Lap]) -> None:
        """Take what laps have added."""

    def measures(self, cells: Sequence[Cell]) -> None:
        """Told once these cells are trained and about to be measured."""

    def waits(self, cells: Sequence[Cell], what: str) -> None:
        """Told that these cells can't begin, and what they wait for; without any cells, that it has come."""


class Executor(Protocol):
    """Carries cells out, tells their keeper lap by lap, and yields what they came to, some at a time.

    Every cell comes to something: one that is lost on the way, as `Lost`. After a stop, those that had begun are
    yielded as far as they came. A bench that was asked for is held in memory until all of its cells are yielded.
    """

    def __call__(
        self, benches: Benches, cells: Sequence[Cell], keeper: Keeper
    ) -> Iterator[Sequence[Trained | Lost]]: ...


class CellTraining:
    """A cell at work: its trainer, which whoever drives it takes lap by lap."""

    def __init__(self, bench: Bench, cell: Cell) -> None:
        self.bench, self.cell = bench, cell
        self.trainer = Trainer(bench.data, cell.experiment, cell.arm, cell.seed)
        self.first = first_weights(self.trainer.model)
        self.snapshots = Snapshots() if cell.trial is None and cell.seed == cell.experiment.seed else None

    def lap(self, points: Sequence[LivePoint] = ()) -> Lap:
        """How far it is; of the points, its own."""
        own = tuple(point for point in points if (point.arm, point.seed) == (self.cell.arm, self.cell.seed))
        snapshot = self.snapshots.due(self.trainer) if self.snapshots else None
        return Lap(self.cell, self.trainer.state, self.trainer.step, own, snapshot)

    def ended(self) -> Trained:
        """End it, if it has not, and measure the test events with its best weights."""
        model = self.trainer.finish()
        whole = self.cell.trial is None and self.trainer.state != "diverged"
        return Trained(
            self.cell,
            ArmSeed.of(self.trainer),
            {name: weight.cpu() for name, weight in model.state_dict().items()} if whole else {},
            task_for(self.cell.experiment).measure(model, self.bench.data, self.bench.events) if whole else None,
            Pairing(self.first, self.trainer.drawn.kept),
        )


def train(bench: Bench, cell: Cell) -> tuple[list[Lap], Trained]:
    """Carry a whole cell out, here and now: its laps, and what it came to, as in any other process."""
    calm_threads()
    training = CellTraining(bench, cell)
    laps = [training.lap()]
    while training.trainer.state == "training":
        laps.append(training.lap(training.trainer.lap(lap_of(training.trainer.steps))))
    return laps, training.ended()


def by_world(cells: Iterable[Cell]) -> list[list[Cell]]:
    """The cells of each world together, in the order in which the worlds first come."""
    worlds: dict[DataSettings, list[Cell]] = {}
    for cell in cells:
        worlds.setdefault(cell.data, []).append(cell)
    return [*worlds.values()]


def cells_of(own: Mapping[str, Experiment], seeds: Iterable[int], trial: int | None = None) -> Iterator[Cell]:
    """Every arm from every seed, the arms of a seed beside each other."""
    return (Cell(arm, seed, at, trial) for seed in seeds for arm, at in own.items())
