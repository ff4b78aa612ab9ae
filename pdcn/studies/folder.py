"""The folder of one run: the whole truth about it. The index beside the folders can be rebuilt."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from pdcn.config import Experiment
from pdcn.files import atomic_path, read_json, write_json

State = Literal["queued", "running", "paused", "done", "stopped", "interrupted", "failed"]
ACTIVE: tuple[State, ...] = ("running", "paused")
OVER: tuple[State, ...] = ("done", "stopped", "interrupted", "failed")


@dataclass(frozen=True)
class Progress:
    """How far a run is. `left` is the estimated number of seconds to go, None while unknown."""

    state: State = "queued"
    phase: str = "waiting for the worker"
    done: int = 0
    total: int = 0
    left: float | None = None
    message: str = ""
    arms: dict[str, str] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Steps done of all steps, between 0 and 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


@dataclass(frozen=True)
class RunFolder:
    """Reads and writes the files of a run; each of them appears whole or not at all."""

    path: Path

    @property
    def run(self) -> str:
        """The run's name."""
        return self.path.name

    @property
    def experiment(self) -> Experiment:
        """What was asked for."""
        return Experiment.from_json((self.path / "experiment.json").read_text(encoding="utf-8"))

    @property
    def request(self) -> dict[str, Any]:
        """When the run was asked for, and on which device."""
        return read_json(self.path / "request.json") or {"created": 0.0, "device": "auto"}

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return Progress(**(read_json(self.path / "progress.json") or {}))

    @property
    def result(self) -> dict[str, Any] | None:
        """What was found so far: of a finished run all of it, of a live one the seeds that ended."""
        found: dict[str, Any] | None = read_json(self.path / "result.json")
        return found

    @property
    def profile(self) -> dict[str, Any] | None:
        """What the data looks like, in words and counts; None before it is prepared."""
        found: dict[str, Any] | None = read_json(self.path / "profile.json")
        return found

    @property
    def history(self) -> pd.DataFrame | None:
        """Points of the live picture, one row each; None before the first."""
        return self._frame("history.parquet")

    @property
    def ranks(self) -> pd.DataFrame | None:
        """Test events by row: user, popularity, oracle where there is one, and each arm/seed."""
        return self._frame("ranks.parquet")

    def _frame(self, name: str) -> pd.DataFrame | None:
        path = self.path / name
        return pd.read_parquet(path) if path.exists() else None

    def weights(self, arm: str, seed: int) -> Path:
        """Where the weights of an arm and seed are kept."""
        return self.path / "weights" / f"{arm}.{seed}.safetensors"

    def create(self, experiment: Experiment, request: dict[str, Any]) -> None:
        """Begin the folder; a run exists from here on."""
        self.path.mkdir(parents=True)
        write_json(self.path / "request.json", request)
        self.write_text("experiment.json", experiment.to_json())
        self.write_progress(Progress())

    def write_text(self, name: str, text: str) -> None:
        """Write a text file of the run."""
        with atomic_path(self.path / name) as partial:
            partial.write_text(text + "\n", encoding="utf-8")

    def write_json(self, name: str, record: Any) -> None:
        """Write a JSON file of the run."""
        write_json(self.path / name, record)

    def write_progress(self, progress: Progress) -> None:
        """Say how far the run is."""
        write_json(self.path / "progress.json", asdict(progress))

    def write_frame(self, name: str, frame: pd.DataFrame) -> None:
        """Write a table of the run."""
        with atomic_path(self.path / name) as partial:
            frame.to_parquet(partial, index=False)

    def log(self, line: str) -> None:
        """Add a line to the run's log."""
        stamp = pd.Timestamp.now().strftime("%H:%M:%S")
        with (self.path / "log.txt").open("a", encoding="utf-8") as file:
            file.write(f"{stamp} {line}\n")

    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file())

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
