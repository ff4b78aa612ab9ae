"""The folder of one run: the whole truth about it. The index beside the folders can be rebuilt."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd

from pdcn.config import Experiment
from pdcn.files import atomic_path, bytes_in, read_json, why_unwritable, write_json
from pdcn.inert import short
from pdcn.runs import words as say
from pdcn.settings import SettingError
from pdcn.tasks import task_named
from pdcn.tasks.measured import Measured

State = Literal["queued", "running", "paused", "done", "stopped", "interrupted", "failed"]
ACTIVE: tuple[State, ...] = ("running", "paused")
OVER: tuple[State, ...] = ("done", "stopped", "interrupted", "failed")
BEGUN_WITH = ("request.json", "experiment.json", "progress.json")
"""Files that every run has from its first moment."""
LAST_MOMENT = 4e9
"""No run is made after it, in seconds since 1970; what is beyond can't be told as a date everywhere."""
RESULT_PARTS = ("arms", "baselines", "data", "verdict")
"""What every result has, of a finished run and of one that was cut short."""


def clock(seconds: float) -> datetime:
    """A moment in the life of a run, by the clock of the computer that the app runs on: so are runs named, too."""
    return datetime.fromtimestamp(seconds)


@dataclass(frozen=True)
class Progress:
    """How far a run is. `left` is the estimated number of seconds to go, None while unknown.

    `done` and `total` count the steps of all trainings; `step` and `steps` are those of the ones at work, as on the
    axis of their curves.
    """

    state: State = "queued"
    phase: str = say.WAITING
    done: int = 0
    total: int = 0
    left: float | None = None
    message: str = ""
    arms: dict[str, str] = field(default_factory=dict)
    step: int = 0
    steps: int = 0

    @property
    def share(self) -> float:
        """Steps done of all steps, between 0 and 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


def read_frame(path: Path) -> pd.DataFrame:
    """Read a table that may be replaced meanwhile: opened once, as two files under one name would be mixed."""
    with path.open("rb") as file:
        return pd.read_parquet(file)


@dataclass(frozen=True)
class JobFolder:
    """Reads and writes the files of a job: a run, an analysis. Each of them appears whole or not at all."""

    path: Path

    def _record(self, name: str) -> dict[str, Any] | None:
        found = read_json(self.path / name)
        return found if isinstance(found, dict) else None

    def _frame(self, name: str) -> pd.DataFrame | None:
        try:
            return read_frame(self.path / name)
        except (OSError, ValueError):  # none yet, taken away this moment, or damaged
            return None

    def said(self) -> Progress | None:
        """How far whoever is at work on it last said that it is; None where that can't be read."""
        try:
            now = Progress(**(self._record("progress.json") or {"state": None}))
        except TypeError:
            return None
        return now if now.state in get_args(State) else None

    def write_text(self, name: str, text: str) -> None:
        """Write a text file."""
        with atomic_path(self.path / name) as partial:
            partial.write_text(text + "\n", encoding="utf-8")

    def write_json(self, name: str, record: Any) -> None:
        """Write a JSON file."""
        write_json(self.path / name, record)

    def write_progress(self, progress: Progress) -> None:
        """Say how far it is; on a full disk, too."""
        write_json(self.path / "progress.json", asdict(progress), cramped=True)

    def write_frame(self, name: str, frame: pd.DataFrame) -> None:
        """Write a table."""
        with atomic_path(self.path / name) as partial:
            frame.to_parquet(partial, index=False)

    def log(self, line: str) -> None:
        """Add a line to the log, unless there is no room for it; nothing is worth less without."""
        stamp = pd.Timestamp.now().strftime("%H:%M:%S")
        with suppress(OSError), open(self.path / "log.txt", "a", encoding="utf-8", opener=_own_file) as file:
            file.write(f"{stamp} {line}\n")


@dataclass(frozen=True)
class RunFolder(JobFolder):
    """The folder of a run."""

    @property
    def run(self) -> str:
        """The run's name."""
        return self.path.name

    @property
    def experiment(self) -> Experiment:
        """What was asked for; `SettingError` where its file is gone or damaged."""
        try:
            return Experiment.from_json((self.path / "experiment.json").read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            raise self.damaged("experiment.json") from None
        except SettingError as error:
            raise self.damaged("experiment.json", str(error)) from None

    def damaged(self, name: str, why: str = "") -> SettingError:
        """The error that says that a file of the run can't be read, and what to do."""
        if not (self.path / name).exists():
            said = say.GONE(run=short(self.run), file=name, folder=self.path)
        elif why:
            said = say.DAMAGED_BECAUSE(run=short(self.run), file=name, folder=self.path, why=why)
        else:
            said = say.DAMAGED(run=short(self.run), file=name, folder=self.path)
        return SettingError(said)

    @property
    def arrived(self) -> bool:
        """Whether the folder has what every run begins with; one that is still being copied may lack some of it."""
        return all((self.path / name).exists() for name in BEGUN_WITH)

    @property
    def request(self) -> dict[str, Any]:
        """When the run was asked for, on which device and by whom, when it was begun, and when it went to the bin."""
        found = {"created": 0.0, "device": "auto", **(self._record("request.json") or {})}
        if not isinstance(found["created"], (int, float)) or not 0 <= found["created"] <= LAST_MOMENT:
            found["created"] = 0.0
        return found

    @property
    def progress(self) -> Progress:
        """How far it is; "interrupted" where a run that had begun no longer says."""
        if now := self.said():
            return now
        if not (self.path / "history.parquet").exists():
            return Progress()
        return Progress("interrupted", "", message=say.RECORD_DAMAGED)

    @property
    def result(self) -> dict[str, Any] | None:
        """What was found so far: of a finished run all of it, of a live one the seeds that ended."""
        return self._record("result.json")

    def whole_result(self) -> dict[str, Any] | None:
        """As `result`, for showing it: `SettingError` where it should be there, but can't be read."""
        found = self.result
        if found is None and self.progress.state != "done" and not (self.path / "result.json").exists():
            return None
        if found is None or not all(part in found for part in RESULT_PARTS):
            raise self.damaged("result.json")
        return found

    @property
    def profile(self) -> dict[str, Any] | None:
        """What the data looks like, in words and counts; None before it is prepared."""
        return self._record("profile.json")

    @property
    def towers(self) -> dict[str, Any] | None:
        """Plans of both towers of each arm; None before the data is prepared.

        A result holds the plans, too, and stands in for a file that is gone.
        """
        return self._record("towers.json") or (self.result or {}).get("arms")

    @property
    def tuning(self) -> dict[str, Any] | None:
        """Every trial of every arm so far; None where nothing is tuned."""
        return self._record("tuning.json")

    @property
    def slices(self) -> pd.DataFrame | None:
        """Where the difference comes from, a row a slice; None before the study has ended."""
        return self._frame("slices.parquet")

    def own(self, arm: str) -> Experiment:
        """The experiment with an arm's own blocks and settings, after matching and tuning."""
        found = self._record("arms.json")
        return Experiment.of_record(found[arm]) if found and arm in found else self.experiment

    @property
    def history(self) -> pd.DataFrame | None:
        """Points of the live picture, one row each; None before the first."""
        return self._frame("history.parquet")

    @property
    def ranks(self) -> pd.DataFrame | None:
        """What was measured of each test event, in retrieval a rank: user, each baseline, each training."""
        return self._frame("ranks.parquet")

    @property
    def measured(self) -> Measured | None:
        """`ranks` by arm and seed, as the run's task reads them, of the events that its verdict is about; None where
        there are none, or not whole."""
        ranks, experiment = self.ranks, self.experiment
        if ranks is None or "user" not in ranks:
            return None
        known = tuple(task_named(experiment.task).baselines_told)
        sets = None if experiment.training_sets == "one" else experiment.sets
        measured = Measured.from_frame(
            ranks, experiment.arms, experiment.seed_list, known, sets=sets, worlds=experiment.in_worlds
        )
        return measured.judged(experiment.outcomes.outcome)

    def whole(self) -> tuple[dict[str, Any], Measured]:
        """Its result and what it measured; `SettingError` where one of them can't be read."""
        result, measured = self.whole_result(), self.measured
        if result is None:
            raise self.damaged("result.json")
        if measured is None:
            raise self.damaged("ranks.parquet")
        return result, measured

    def weights(self, arm: str, seed: int) -> Path:
        """Where the weights of an arm and seed are kept."""
        return self.path / "weights" / f"{arm}.{seed}.safetensors"

    @property
    def cells(self) -> Path:
        """Where cells that have ended are kept until the run is done, if whoever trained them keeps any."""
        return self.path / "cells"

    def seeds_of(self, *arms: str) -> tuple[int, ...]:
        """Seeds from which the weights of every one of the arms are kept, in order."""
        return tuple(seed for seed in self.experiment.seed_list if all(self.weights(a, seed).exists() for a in arms))

    @property
    def trained(self) -> tuple[str, ...]:
        """Arms that have weights."""
        return tuple(arm for arm in self.experiment.arms if self.seeds_of(arm))

    def snapshot(self, arm: str, step: int) -> Path:
        """Where the weights of the first seed after so many steps are kept."""
        return self.path / "snapshots" / f"{arm}.{step:06d}.safetensors"

    def steps_of(self, arm: str) -> tuple[int, ...]:
        """The steps at which weights of the first seed were kept, in order; empty in runs of before."""
        found = (self.path / "snapshots").glob(f"{arm}.*.safetensors")
        return tuple(sorted(int(path.name.split(".")[-2]) for path in found))

    def create(self, experiment: Experiment, request: dict[str, Any]) -> None:
        """Begin the folder; a run exists from here on."""
        self.path.mkdir(parents=True)
        write_json(self.path / "request.json", request)
        self.write_text("experiment.json", experiment.to_json())
        self.write_progress(Progress())

    def note(self, **facts: object) -> None:
        """Keep facts beside the request, so that the index can be made anew from the folder; on a full disk, too."""
        write_json(self.path / "request.json", {**self.request, **facts}, cramped=True)

    def size(self) -> int:
        """Bytes on disk; what a link leads to is not the run's."""
        return bytes_in(self.path)

    def remove(self) -> None:
        """Delete the folder; `SettingError` where something of it stays. Nothing is deleted through a link."""
        if self.path.is_symlink():
            raise SettingError(say.LINKED(run=self.run, path=self.path))
        errors: list[OSError] = []
        shutil.rmtree(self.path, onerror=lambda *failed: errors.append(failed[2][1]))
        if errors and self.path.exists():
            why = why_unwritable(self.path.parent, errors[0])
            raise type(why)(say.NOT_DELETED(run=self.run, why=why))


def _own_file(path: str, flags: int) -> int:
    """Open a file of a run, but none that it links to."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)
