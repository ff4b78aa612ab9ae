"""What is carried out on another machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from importlib import import_module
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import torch

from pdcn.jobs.cells import Bench, Cell, CellTraining, Trained, lap_of
from pdcn.jobs.rays.desk import LapTold
from pdcn.runs.folder import RunFolder
from pdcn.runs.trained import TrainedRun
from pdcn.sources.dataset import Dataset
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.training.device import calm_threads, describe, one_thread
from pdcn.training.ensemble import crews

TELL_SECONDS = 0.2
"""How often a cell tells how far it is."""


def carry_out(dataset: Dataset, cell: Cell, place: int, attempt: int, desk: Any) -> Trained:
    """Train a cell and measure it, on the machine that it was sent to."""
    ray = import_module("ray")
    calm_threads()
    device = torch.device("cuda" if ray.get_gpu_ids() else "cpu")
    training = CellTraining(Bench.of(dataset, device), cell)
    going, lap = crews([training.trainer]), lap_of(training.trainer.steps)
    where = describe(device)
    laps = [LapTold(training.lap(), device=where)]
    word, last = ray.get(desk.tell.remote(place, attempt, laps)), time.monotonic()
    laps = []
    while training.trainer.state == "training" and word != "stop":
        points = [*chain.from_iterable(crew.lap(lap) for crew in going)]
        laps.append(LapTold(training.lap(points)))
        if word == "step" or time.monotonic() - last > TELL_SECONDS:
            word, last = ray.get(desk.tell.remote(place, attempt, laps)), time.monotonic()
            laps = []
    told = desk.tell.remote(place, attempt, [*laps, LapTold(None, measuring=True)])
    ended = training.ended()
    ray.get(told)  # else the result could arrive before its last points
    return Trained(ended.cell, ended.record, ended.weights, ended.measured, ended.pairing, where)


def work_out_there(
    run: str, files: Mapping[str, bytes], dataset: Dataset, work: str, settings: Mapping[str, Any]
) -> dict[str, pd.DataFrame]:
    """Work an analysis out on the machine that it was sent to, in a folder that is gone afterwards."""
    one_thread()
    with TemporaryDirectory() as name:
        for path, content in files.items():
            at = Path(name) / run / path
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(content)
        opened = TrainedRun(RunFolder(Path(name) / run))
        opened.data = DeviceData(dataset, opened.device)
        tables: dict[str, pd.DataFrame] = import_module(work).inspect(opened, settings, lambda *_: None)
        return tables


def calmly(work: Callable[..., Any], *given: Any) -> Any:
    """What a function returns, in a process that trains beside others."""
    calm_threads()
    return work(*given)
