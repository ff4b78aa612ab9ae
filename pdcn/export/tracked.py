"""What a tracker of experiments is told of a run: each arm and seed is a training with settings, curves and files."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pdcn.dials import dials, read
from pdcn.export import words as say
from pdcn.export.tables import tables_of
from pdcn.inert import quoted
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError

FILES = ("experiment.json", "result.json", "slices.parquet")
"""What goes with every training, where it is there, beside its weights."""


@dataclass(frozen=True)
class TrackedPoint:
    """One number of a curve."""

    name: str
    value: float
    step: int


@dataclass(frozen=True)
class TrackedTraining:
    """One arm and seed: `params` in words, points of its `curves`, what it came to on test, and its files."""

    arm: str
    seed: int
    params: dict[str, str]
    curves: tuple[TrackedPoint, ...]
    finals: dict[str, float]
    files: tuple[Path, ...]

    @property
    def name(self) -> str:
        """Arm and seed."""
        return f"{self.arm}-seed{self.seed}"


def trainings_of(folder: RunFolder) -> list[TrackedTraining]:
    """Every training of a run that has a point of its curve; `SettingError` where none has.

    Settings are those of the arm itself, after matching and tuning, as the dials write them.
    """
    tables = tables_of(folder)
    history = tables.get("history")
    if history is None or history.empty:
        raise SettingError(say.NO_CURVES(run=quoted(folder.run)))
    finals = tables.get("curves")
    found = []
    for key, own in history.groupby(["arm", "seed"], sort=False):
        arm, seed = cast(tuple[str, int], key)
        rows = [] if finals is None else finals[(finals["arm"] == arm) & (finals["seed"] == seed)].to_dict("records")
        ended = {_named("test", f"{row['metric']}@{row['k']}"): float(row["value"]) for row in rows}
        files = [folder.path / name for name in FILES] + [folder.weights(arm, int(seed))]
        found.append(
            TrackedTraining(
                arm,
                int(seed),
                _params(folder, arm, int(seed)),
                tuple(_points(own.to_dict("records"))),
                ended,
                tuple(path for path in files if path.exists()),
            )
        )
    return found


def _params(folder: RunFolder, arm: str, seed: int) -> dict[str, str]:
    own = folder.own(arm)
    settings = {dial.key: dial.text(value) for dial in dials() if (value := read(own, dial)) is not None}
    data = str((folder.profile or {}).get("hash", ""))
    told = {"arm": arm, "training_seed": str(seed), "run": folder.run, "experiment": folder.experiment.hash()}
    return settings | told | ({"data_hash": data} if data else {})


def _points(rows: list[dict[Any, Any]]) -> Iterator[TrackedPoint]:
    """Points of what is a number: a check that was not due has no value on validation."""
    for row in rows:
        validated = str(row.get("validated") or "metric")
        values = {"train/loss": row["loss"], "train/temperature": row["temperature"], "train/gradient": row["gradient"]}
        values[_named("validation", validated)] = row["recall"]
        for name, value in values.items():
            if isinstance(value, (int, float)) and math.isfinite(value):
                yield TrackedPoint(name, float(value), int(row["step"]))


def _named(part: str, metric: str) -> str:
    """A metric's name of letters that every tracker takes.

    >>> _named("test", "recall@100"), _named("test", "mrr@None"), _named("test", "mrr@nan")
    ('test/recall_at_100', 'test/mrr', 'test/mrr')
    """
    name, _, k = metric.partition("@")
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name)
    whole = k.removesuffix(".0")
    return f"{part}/{plain}_at_{whole}" if whole.isdigit() else f"{part}/{plain}"
