"""Runs an experiment: prepares the data, races the arms seed by seed, ranks, and keeps the result.

Arms of a seed train in lock step, so that the live picture compares like with like and a study that is stopped midway
stops all of them at the same step: one a core, or on a GPU all seeds of an arm at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Protocol, TypeVar

import pandas as pd
from safetensors.torch import save_file

from pdcn import sources as datasets
from pdcn.config import Experiment
from pdcn.evaluation.slices import slice_frame
from pdcn.evaluation.verdict import UNITS
from pdcn.files import atomic_path
from pdcn.host import cores
from pdcn.nn.two_tower import cost
from pdcn.runs.folder import Progress, RunFolder
from pdcn.runs.result import ArmSeed, plans_of, settings_in_words, summarise
from pdcn.runs.snapshots import Snapshots
from pdcn.sources.profile import profile
from pdcn.sources.schema import Dataset
from pdcn.tasks import task_named
from pdcn.tasks.base import Measured, Numbers
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.ranks import part_events
from pdcn.training.budget import Fit, matched
from pdcn.training.device import calm_threads, describe, pick
from pdcn.training.ensemble import crews
from pdcn.training.loop import Point, Trainer
from pdcn.training.tuning import Trial, applied, best, ranges, trials, tuning_seed

T = TypeVar("T")
LAPS, LONGEST_LAP = 40, 25
"""A training is driven in about so many laps, none of more steps: between laps it can be paused."""


class Control(Protocol):
    """What drives a study listens to. `proceed` may wait (paused); false means stop. `stopping` answers at once."""

    def proceed(self, progress: Progress) -> bool: ...
    def stopping(self) -> bool: ...


@dataclass(frozen=True)
class Free:
    """Control that never interferes."""

    def proceed(self, progress: Progress) -> bool:
        """Go on."""
        return True

    def stopping(self) -> bool:
        """Never."""
        return False


class Stopped(Exception):
    """A stop was asked for while the study worked on something that cannot be cut short."""


LISTEN_SECONDS = 0.2
"""How often a stop is looked for during such work."""
_AT_WORK = threading.Lock()
"""Held by such work, also where its study no longer waits for it: two at once could be too much memory."""


@dataclass
class Clock:
    """Time at work, and what it says of the time left; waiting while paused does not count."""

    total: int
    done: int = 0
    worked: float = 0.0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Count the time that the block takes."""
        start = time.perf_counter()
        yield
        self.worked += time.perf_counter() - start

    @property
    def left(self) -> float | None:
        """Seconds to go at the pace so far."""
        return self.worked / self.done * (self.total - self.done) if self.done else None


def lap_of(steps: int) -> int:
    """Steps of a lap of a training of so many steps.

    >>> lap_of(10), lap_of(718), lap_of(100_000)
    (1, 17, 25)
    """
    return min(max(1, steps // LAPS), LONGEST_LAP)


class Study:
    """One experiment on its way into a folder. `run` returns the state in which it ended."""

    def __init__(
        self,
        folder: RunFolder,
        control: Control | None = None,
        watch: Callable[[Progress], None] | None = None,
        load: Callable[..., Dataset] = datasets.load,
    ) -> None:
        self.folder, self.control, self.watch, self.load = folder, control or Free(), watch, load
        self.experiment: Experiment = folder.experiment
        self.progress = Progress("running", "preparing the data")
        self.points: list[Point] = []
        self.arms: list[ArmSeed] = []
        self.task = task_named(self.experiment.task)
        self.cells: dict[tuple[str, int], Numbers] = {}

    def run(self) -> Literal["done", "stopped"]:
        """Carry the experiment out; errors go to the caller, with all that was reached kept."""
        self._say()
        self.device = pick(self.folder.request["device"])
        try:
            stopped = self._whole()
        except Stopped:
            stopped = True
        state: Literal["done", "stopped"] = "stopped" if stopped else "done"
        self._say(state=state, phase="", left=None if stopped else 0.0)
        return state

    def _whole(self) -> bool:
        """From the data to the slices; whether a stop ended it."""
        self.dataset, found = self._listening(self._prepared)
        self.folder.write_json("profile.json", found)
        self.folder.log(f"data {self.dataset.hash}: {len(self.dataset.queries)} events")
        self.data = DeviceData(self.dataset, self.device)
        watched = self.task.watched(len(self.dataset.items))
        self.validated, self.higher = str(watched), watched.higher_is_better
        self.events = part_events(self.dataset, "test")
        self.baselines = self.task.baselines(self.dataset, self.events)
        stopped = self._race()
        if not stopped:
            self._say(phase="looking where the difference comes from")
            self._slice()
        return stopped

    def _prepared(self) -> tuple[Dataset, dict[str, Any]]:
        dataset = self.load(self.experiment.data)
        return dataset, profile(dataset)

    def _matched(self) -> dict[str, Fit]:
        calm_threads()  # training time is measured as the trainings will take it
        return matched(self.experiment, self.data)

    def _listening(self, work: Callable[[], T]) -> T:
        """What `work` returns; `Stopped` as soon as a stop is asked for, whatever the work is busy with.

        The work runs in a thread of its own, which goes on after a stop: a dataset that it prepares is in the cache
        then.
        """
        found: Future[T] = Future()
        awaited = threading.Event()
        awaited.set()

        def carry_out() -> None:
            try:
                with _AT_WORK:
                    if awaited.is_set():  # else it was stopped before its turn came
                        found.set_result(work())
            except BaseException as error:  # whoever waits is told, whatever it is
                found.set_exception(error)

        threading.Thread(target=carry_out, daemon=True).start()
        while not wait([found], LISTEN_SECONDS).done:
            if self.control.stopping():
                awaited.clear()
                raise Stopped
        return found.result()

    def _race(self) -> bool:
        """Match, tune, then all groups of trainers, one after the other; whether a stop ended it."""
        if self.experiment.fairness.match != "none":
            self._say(phase=f"matching {UNITS[self.experiment.fairness.match]}")
        self.fits = self._listening(self._matched)
        self.own = {arm: fit.experiment for arm, fit in self.fits.items()}
        first = [self._trainer(arm, self.experiment.seed) for arm in self.experiment.arms]
        self.folder.write_json("towers.json", {t.arm: {"plan": plans_of(t.model)} for t in first})
        plan = trials(self.experiment)
        rounds = self.experiment.seeds + len(plan)
        self.clock = Clock(total=sum(trainer.steps for trainer in first) * rounds)
        workers = cores() if self.device.type == "cpu" else 1
        with ThreadPoolExecutor(workers, initializer=calm_threads) as pool:
            if self._tune(plan, pool):
                return True
            own = {arm: at.model_dump(mode="json") for arm, at in self.own.items()}
            self.folder.write_json("arms.json", own)
            for group in self._groups():
                trainers = [self._trainer(arm, seed) for arm, seed in self._pairs(group)]
                stopped = self._train(trainers, pool, self._seeds_phase(group))
                self._evaluate(trainers, pool)
                if stopped:
                    return True
        return False

    def _tune(self, plan: list[Trial], pool: ThreadPoolExecutor) -> bool:
        """Try every setting of the plan in every arm, keep the best of each; whether a stop ended it."""
        seed = tuning_seed(self.experiment)
        tried: dict[str, list[dict[str, Any]]] = {arm: [] for arm in self.experiment.arms}
        self.tuning = {"trials": len(plan), "settings": settings_in_words(self.experiment)}
        for place, trial in enumerate(plan):
            trainers = [Trainer(self.data, applied(self.own[arm], trial), arm, seed) for arm in self.experiment.arms]
            if self._train(trainers, pool, f"tuning, trial {place + 1} of {len(plan)}", keep=False):
                return True
            for trainer in trainers:
                recall = None if trainer.state == "diverged" else trainer.best_validation
                row = {"validation": recall, "best_step": trainer.best_step, "state": trainer.state}
                tried[trainer.arm].append({**trial, **row})
            chosen = {arm: best([row["validation"] for row in rows], higher=self.higher) for arm, rows in tried.items()}
            self.tuning |= {
                "seed": seed,
                "validated": self.validated,
                "ranges": {name: list(ends[:2]) for name, ends in ranges(self.experiment).items()},
                "arms": {arm: {"chosen": chosen[arm], "trials": rows} for arm, rows in tried.items()},
            }
            self.folder.write_json("tuning.json", self.tuning)
        if plan:
            self.own = {arm: applied(at, plan[chosen[arm]]) for arm, at in self.own.items()}
        return False

    def _seeds_phase(self, group: Sequence[int]) -> str:
        seeds = self.experiment.seed_list
        first, last = (seeds.index(seed) + 1 for seed in (group[0], group[-1]))
        places = f"seed {first}" if first == last else f"seeds {first} to {last}"
        return f"training {places} of {len(seeds)}"

    def _groups(self) -> list[tuple[int, ...]]:
        """Seeds that train beside each other: on a processor as many as fill the cores, on a GPU all of them."""
        seeds = self.experiment.seed_list
        beside = 1
        if self.device.type == "cpu":
            beside = max(1, cores() // len(self.experiment.arms))
        elif self.device.type == "cuda":
            beside = len(seeds)
        return [seeds[at : at + beside] for at in range(0, len(seeds), beside)]

    def _pairs(self, seeds: Sequence[int]) -> list[tuple[str, int]]:
        return [(arm, seed) for seed in seeds for arm in self.experiment.arms]

    def _trainer(self, arm: str, seed: int) -> Trainer:
        return Trainer(self.data, self.own[arm], arm, seed)

    def _train(self, trainers: list[Trainer], pool: ThreadPoolExecutor, phase: str, *, keep: bool = True) -> bool:
        """Lap by lap until all are done; whether a stop ended it. `keep` puts points into the picture."""
        lap, going = lap_of(trainers[0].steps), crews(trainers)
        snapshots = Snapshots(self.folder, self.experiment.seed)
        for trainer in trainers if keep else ():
            snapshots.take(trainer)
        while any(trainer.state == "training" for trainer in trainers):
            self._say(phase=phase, **self._pace(trainers))
            if not self.control.proceed(self.progress):
                return True
            before = sum(trainer.step for trainer in trainers)
            with self.clock.at_work():
                for points in pool.map(lambda crew: crew.lap(lap), going):
                    self.points += points if keep else []
                if keep:
                    history = pd.DataFrame(map(asdict, self.points)).assign(validated=self.validated)
                    self.folder.write_frame("history.parquet", history)
                    for trainer in trainers:
                        snapshots.take(trainer)
            self.clock.done += sum(trainer.step for trainer in trainers) - before
        for trainer in trainers:  # an arm that ended early has no steps left to wait for
            self.clock.total -= trainer.steps - trainer.step
        return False

    def _evaluate(self, trainers: list[Trainer], pool: ThreadPoolExecutor) -> None:
        trainers = [trainer for trainer in trainers if trainer.step]
        if not trainers:
            return
        finished = any(arm.state in ("finished", "stopped early") for arm in self.arms)
        phase = f"ranking {len(self.events):,} test events against {len(self.dataset.items):,} items"
        self._say(phase=phase, **self._pace(trainers))
        for trainer, ranks in zip(trainers, _map(pool, self._rank, trainers), strict=True):
            model = trainer.finish()
            self.arms.append(ArmSeed.of(trainer, cost(model)))
            self.folder.log(f"{trainer.arm} seed {trainer.seed}: {trainer.state} {trainer.reason}".strip())
            if trainer.state == "diverged":
                continue
            weights = {name: weight.cpu() for name, weight in model.state_dict().items()}
            with atomic_path(self.folder.weights(trainer.arm, trainer.seed)) as partial:
                save_file(weights, partial)
            if not (trainer.state == "stopped" and finished):  # half a training is no sample of whole ones
                self.cells[trainer.arm, trainer.seed] = ranks
        self.folder.write_frame("ranks.parquet", self._measured.to_frame())
        record = summarise(
            self.folder.run,
            self.experiment,
            self.dataset,
            describe(self.device),
            self.arms,
            self._measured,
            self.fits,
            self.tuning,
        )
        self.folder.write_json("result.json", record)
        self._say(**self._pace(trainers))

    @property
    def _measured(self) -> Measured:
        weight = None if self.dataset.weight is None else self.dataset.weight[self.events]
        return Measured(self.dataset.user[self.events], self.cells, self.baselines, weight)

    def _slice(self) -> None:
        """Where the difference comes from, once everything is ranked."""
        frame = slice_frame(self._measured, self.dataset, self.events, self.experiment)
        self.folder.write_frame("slices.parquet", frame)

    def _pace(self, trainers: list[Trainer]) -> dict[str, object]:
        arms = {f"{trainer.arm}.{trainer.seed}": trainer.state for trainer in trainers}
        return {
            "done": self.clock.done,
            "total": self.clock.total,
            "left": self.clock.left,
            "arms": arms,
            "step": max(trainer.step for trainer in trainers),
            "steps": trainers[0].steps,
        }

    def fail(self, message: str, state: Literal["failed", "interrupted"] = "failed") -> None:
        """End the run with an explanation; what it had reached stays in the folder."""
        self._say(state=state, left=None, message=message)

    def _rank(self, trainer: Trainer) -> Numbers:
        return self.task.measure(trainer.finish(), self.data, self.events)

    def _say(self, **changes: object) -> None:
        self.progress = replace(self.progress, **changes)  # type: ignore[arg-type]
        if self.watch:
            self.watch(self.progress)
        else:
            self.folder.write_progress(self.progress)


def _map(pool: ThreadPoolExecutor, work: Callable[[Trainer], T], over: list[Trainer]) -> list[T]:
    return list(pool.map(work, over))
