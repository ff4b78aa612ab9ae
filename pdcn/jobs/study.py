"""Runs an experiment in stages that hand frozen values on: prepare, match, tune, race, evaluate, summarise.

An executor trains the cells; everything else happens here, and all that is found lies in the run's folder.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from pdcn import sources as datasets
from pdcn.config import RETRIEVAL, Experiment
from pdcn.evaluation.slices import slice_frame
from pdcn.evaluation.stability import stability
from pdcn.evaluation.verdict import UNITS
from pdcn.files import atomic_path
from pdcn.host import cores
from pdcn.jobs import words as say
from pdcn.jobs.cells import Bench, Cell, Executor, Lap, Lost, Trained, cells_of
from pdcn.jobs.executors import check, executing
from pdcn.jobs.job import LOCAL, Control, Job, Stopped
from pdcn.jobs.needs import SCORES_A_SECOND
from pdcn.jobs.pace import SLICES, Pace
from pdcn.jobs.raced import Raced
from pdcn.jobs.tuner import Tuned, Tuner
from pdcn.nn.model import Model
from pdcn.nn.two_tower import TwoTower, two_towers
from pdcn.runs.apart import parts_of
from pdcn.runs.folder import Progress, RunFolder, State
from pdcn.runs.result import Built, plans_of, summarise
from pdcn.settings import SettingError
from pdcn.sources.dataset import Dataset
from pdcn.sources.profile import profile
from pdcn.sources.source import DataSettings
from pdcn.tasks import task_for
from pdcn.tasks.measured import Measured
from pdcn.training.budget import Fit, matched
from pdcn.training.device import calm_threads, describe, pick
from pdcn.training.loop import LivePoint, steps_of
from pdcn.training.tuning import epochs_of, narrows, trials, tuning_seed
from pdcn.words import capital, spoken

FEW = 4
"""So many cells that wait are named."""


class Study(Job):
    """One experiment on its way into a folder."""

    def __init__(
        self,
        folder: RunFolder,
        control: Control | None = None,
        watch: Callable[[Progress], None] | None = None,
        load: Callable[..., Dataset] = datasets.load,
    ) -> None:
        super().__init__(folder, control, watch)
        self.load = load
        self.task = task_for(self.experiment)
        self.executes = check(str(folder.request.get("executor", LOCAL)))
        self.executor: Executor
        self.points: dict[str, list[object]] = {field.name: [] for field in fields(LivePoint)}
        self.cells: Sequence[Cell] = ()
        self.reached: dict[Cell, tuple[str, int]] = {}
        self.stopped = False
        self.look = 1
        self.worlds: dict[DataSettings, Bench] = {}
        self.waited = ""

    def run(self) -> State:
        """Carry the experiment out; errors go to the caller, with all that was reached kept."""
        self._say(phase=say.PREPARING)
        device = pick(self.folder.request["device"])
        with executing(self.executes, self.folder) as self.executor:
            try:
                self._stages(device)
            except Stopped:
                self.stopped = True
                self._tell_apart()
        state: State = "stopped" if self.stopped else "done"
        if not self.stopped:
            shutil.rmtree(self.folder.cells, ignore_errors=True)
        self._say(state=state, phase="", left=None if self.stopped else 0.0)
        return state

    def _stages(self, device: torch.device) -> None:
        dataset, found = self._listening(self._prepare)
        self.folder.write_json("profile.json", found)
        self.folder.log(f"data {dataset.hash}: {len(dataset.queries)} events")
        self.bench = Bench.of(dataset, device)
        watched = self.task.watched(len(dataset.items))
        self.validated = str(watched)
        if self.experiment.fairness.match != "none":
            self._say(phase=say.MATCHING(what=UNITS[self.experiment.fairness.match]))
        fits = self._listening(self._match)
        own = {arm: fit.experiment for arm, fit in fits.items()}
        plans = {arm: {"plan": plans_of(model)} for arm, model in self._models(own).items()}
        self.folder.write_json("towers.json", plans)
        plan = trials(self.experiment)
        race = list(cells_of(own, self.experiment.seed_list[: self.experiment.seeds]))
        tuning = self.planned(race[0]) / self.experiment.training.epochs * epochs_of(self.experiment)
        scores = self.task.scores(len(self.bench.events), len(dataset.items))
        steps = sum(map(self.planned, race)) + round(len(own) * tuning)
        self.pace = Pace(steps, len(race), scores / SCORES_A_SECOND / cores())
        tuned = Tuner(self.experiment, self.folder, str(watched), watched.higher_is_better, self._carried_out).tune(
            own, plan
        )
        self.folder.write_json("arms.json", {arm: at.record() for arm, at in tuned.own.items()})
        self._race(fits, tuned)
        self._tell_apart()
        self._say(phase=say.SLICES, left=self.pace.after(SLICES))
        judged, events = self.raced.measured.judged(self.experiment.outcomes.outcome), self.task.events(dataset, "test")
        frame = slice_frame(judged, dataset, events, self.experiment)
        self.folder.write_frame("slices.parquet", frame)
        if dataset.feedback is not None and self.experiment.task == RETRIEVAL:
            self._say(phase=say.STABILITY)
            self._add({"stability": stability(self._learned(tuned), self.bench.data)})

    def _tell_apart(self) -> None:
        """Add to the record, if there is one, what was found for parts of the events, once no more trainings come."""
        if record := self.folder.result:
            self._add(parts_of(record, self.experiment, self.raced.measured))

    def _add(self, found: Mapping[str, Any]) -> None:
        if found:
            self.folder.write_json("result.json", {**(self.folder.result or {}), **found})

    def _learned(self, tuned: Tuned) -> Iterator[tuple[str, Iterator[TwoTower]]]:
        """Each arm's two towers, with the weights that are kept."""
        for arm, own in tuned.own.items():
            kept = [self.folder.weights(arm, seed) for seed in self.folder.seeds_of(arm)]
            yield arm, (self._with(own, arm, path) for path in kept)

    def _with(self, own: Experiment, arm: str, path: Path) -> TwoTower:
        model = two_towers(self.task.model(self.bench.data.dataset, own, arm))
        model.load_state_dict(load_file(path))
        return model.to(self.bench.data.device).eval()

    def _prepare(self) -> tuple[Dataset, dict[str, Any]]:
        dataset = self._loaded(self.experiment.data)
        return dataset, profile(dataset)

    def _loaded(self, data: DataSettings) -> Dataset:
        """Data as the task reads it."""
        return self.task.view(self.load(data), self.experiment)

    def _match(self) -> dict[str, Fit]:
        calm_threads()  # training time is measured as the trainings will take it
        return matched(self.experiment, self.bench.data)

    def _models(self, own: Mapping[str, Experiment]) -> dict[str, Model]:
        return {arm: self.task.model(self.bench.data.dataset, at, arm) for arm, at in own.items()}

    def _race(self, fits: Mapping[str, Fit], tuned: Tuned) -> None:
        """Train every arm from every seed; those of a further look only where the question is still open."""
        dataset, events, built = self.bench.data.dataset, self.bench.events, dict[str, Built]()
        weight, labels = self.task.weights(dataset, events), self.task.labels(dataset, events)
        baselines = self.task.baselines(dataset, events)
        sets = None if self.experiment.training_sets == "one" else self.experiment.sets
        worlds = self.experiment.in_worlds
        self.raced = Raced(Measured(dataset.user[events], {}, baselines, weight, sets, worlds, labels=labels))
        record: dict[str, Any] = {}
        for look, (first, last) in enumerate(pairwise((0, *self.experiment.looks)), start=1):
            if look > 1:
                if record["looks"]["sure"]:
                    break
                self.look = look
            race = list(cells_of(tuned.own, self.experiment.seed_list[first:last]))
            self.pace.total = self.pace.done + sum(map(self.planned, race))  # arms may be tuned to other epochs
            self.pace.cells = len(race)
            for ended in self._carried_out(race):
                # counting costs takes a moment, for which nobody should wait before the first lap
                built = built or {arm: Built.of(model) for arm, model in self._models(tuned.own).items()}
                for one in ended:
                    self._evaluate(self.raced.checked(one))
                self.raced = self.raced.in_order([*cells_of(tuned.own, self.experiment.seed_list)])
                record = self._summarise(fits, tuned, built)
                self.pace.end_measuring(len(ended))
                self._say(**self._pace())

    def _summarise(self, fits: Mapping[str, Fit], tuned: Tuned, built: Mapping[str, Built]) -> dict[str, Any]:
        """Put together what all trainings came to so far, and keep it."""
        self.folder.write_frame("ranks.parquet", self.raced.measured.to_frame())
        pairs = {f"{arm}.{seed}": asdict(pairing) for (arm, seed), pairing in self.raced.pairing.items()}
        self.folder.write_json("pairing.json", pairs)
        record = summarise(
            self.folder.run,
            self.experiment,
            self.bench.data.dataset,
            ", ".join(sorted(self.raced.devices)) or describe(self.bench.data.device),
            built,
            self.raced.arms,
            self.raced.measured,
            fits,
            tuned.record,
            {(one.cell.arm, one.cell.seed): one.why for one in self.raced.lost},
            self.look,
        )
        self.folder.write_json("result.json", record)
        return record

    def _evaluate(self, ended: Trained | Lost) -> None:
        """Count a cell that has ended, and keep its weights."""
        self.raced = self.raced.add(ended)
        cell = ended.cell
        bench = self._bench_of(cell)
        if bench is not self.bench:  # its weights are not kept: the pages that look inside show the first world
            users = {**self.raced.measured.users, cell.seed: bench.data.dataset.user[bench.events]}
            self.raced = replace(self.raced, measured=replace(self.raced.measured, users=users))
        if isinstance(ended, Lost):
            self.folder.log(f"{cell.arm} seed {cell.seed}: lost, {ended.why}")
            return
        self.folder.log(f"{cell.arm} seed {cell.seed}: {ended.record.state} {ended.record.reason}".strip())
        if ended.weights and bench is self.bench:
            _save(ended.weights, self.folder.weights(cell.arm, cell.seed))

    def _carried_out(self, cells: Sequence[Cell]) -> Iterator[Sequence[Trained | Lost]]:
        """What the executor makes of cells; after a stop `Stopped`, once those that had begun are told.

        Trials that were stopped tell nothing.
        """
        left = Counter(cell.data for cell in cells)
        for ended in self.executor(self._bench_of, cells, self):
            if self.stopped and cells[0].trial is not None:
                break
            for one in ended:
                state, at = ("lost", self.reached.get(one.cell, ("", 0))[1])
                if isinstance(one, Trained):
                    state, at = one.record.state, one.record.steps
                self.reached[one.cell] = state, at
                if not self.stopped:  # a cell that ended early has no steps left to wait for
                    self.pace.total -= self.planned(one.cell) - at
            yield ended
            left.subtract(one.cell.data for one in ended)
            for data in {one.cell.data for one in ended if not left[one.cell.data]}:
                self.worlds.pop(data, None)
        if self.stopped:
            raise Stopped

    def _bench_of(self, cell: Cell) -> Bench:
        """What a cell works on."""
        data = cell.data
        if data == self.experiment.data:
            return self.bench
        if data not in self.worlds:
            found = Bench.of(self._loaded(data), self.bench.data.device)
            if len(found.events) != len(self.bench.events):
                raise SettingError(say.UNEQUAL_WORLDS)
            self.worlds[data] = found
        return self.worlds[data]

    def goes_on(self, cells: Sequence[Cell]) -> bool:
        """Say how far these cells are, and ask whether they may go on."""
        self.cells = cells
        self._say(phase=self._phase(), **self._pace())
        self.stopped = not self.control.proceed(self.progress)
        self.pace.begin()
        return not self.stopped

    @property
    def stepping(self) -> bool:
        """Whether the last answer was good for one lap alone."""
        return self.control.paused

    def keep(self, laps: Iterable[Lap]) -> None:
        """Put the points of laps into the picture, and keep snapshots."""
        done, new = 0, list[LivePoint]()
        for lap in laps:
            cell = lap.cell
            done += lap.step - self.reached.get(cell, ("", 0))[1]
            self.reached[cell] = lap.state, lap.step
            new += lap.points if cell.trial is None else ()
            if lap.snapshot:
                _save(lap.snapshot, self.folder.snapshot(cell.arm, lap.step))
        if new:
            for name, column in self.points.items():
                column += [getattr(point, name) for point in new]
            self.folder.write_frame("history.parquet", pd.DataFrame({**self.points, "validated": self.validated}))
        self.pace.end(done)

    def measures(self, cells: Sequence[Cell]) -> None:
        """Say that these cells are about to be ranked."""
        self.cells = cells
        if cells[0].trial is None:
            self.pace.begin_measuring()
            events, items = len(self.bench.events), len(self.bench.data.dataset.items)
            whole = self.task.scores(events, items) == events * items
            said = say.RANKING(events=f"{events:,}", items=f"{items:,}") if whole else say.SCORING(events=f"{events:,}")
            self._say(phase=said, **self._pace())

    def waits(self, cells: Sequence[Cell], what: str) -> None:
        """Say which cells wait for what, until that has come."""
        told = [say.CELL(arm=capital(spoken(cell.arm)), seed=cell.seed) for cell in cells[:FEW]]
        more = say.AND_MORE(more=len(cells) - FEW) if len(cells) > FEW else ""
        said = say.WAITS_FOR_MACHINE(cells=", ".join(told) + more, what=what) if cells else ""
        if said and said != self.waited:
            self.folder.log(said)
        self.waited = said

    def planned(self, cell: Cell) -> int:
        """Steps of a cell, at most."""
        return steps_of(cell.experiment.training, len(self.bench.data))

    def _phase(self) -> str:
        if self.waited:
            return self.waited
        trial = self.cells[0].trial
        if trial is not None:
            count = self.experiment.fairness.tune
            again = narrows(count) and self.cells[0].seed != tuning_seed(self.experiment)
            return (say.TUNING_AGAIN if again else say.TUNING)(trial=trial + 1, trials=count)
        seeds, looks = self.experiment.seed_list, self.experiment.looks
        places = [seeds.index(cell.seed) + 1 for cell in self.cells]
        first, last = min(places), max(places)
        told = {
            "seeds": say.SEED(seed=first) if first == last else say.SEEDS(first=first, last=last),
            "all": looks[self.look - 1],
        }
        if self.experiment.until_sure:
            return say.TRAINING_LOOK(**told, look=self.look, looks=len(looks))
        return say.TRAINING(**told)

    def _pace(self) -> dict[str, object]:
        reached = {cell: self.reached.get(cell, ("training", 0)) for cell in self.cells}
        return {
            "done": self.pace.done,
            "total": self.pace.total,
            "left": self.pace.after(len(self.cells)) if self.stopped else self.pace.left,
            "arms": {cell.name: state for cell, (state, _) in reached.items()},
            "step": max((step for _, step in reached.values()), default=0),
            "steps": max(map(self.planned, self.cells), default=0),
        }


def _save(weights: Mapping[str, Tensor], path: Path) -> None:
    with atomic_path(path) as partial:
        save_file(dict(weights), partial)
