"""A worker gives the memory of a job back once it has ended: measured in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from pdcn.jobs import worker
from pdcn.jobs.worker import Recent
from pdcn.sources.planted import PlantedData
from pdcn.training.device import give_back
from tests.unit.studies_help import ROOT

WORK = """
import json, resource
import psutil
from pdcn.jobs import worker
from pdcn.runs.store import Store
from pdcn.training.device import give_back
from tests.unit.studies_help import tiny
worker.IDLE_SECONDS = 0.5
held = []
def noted():
    held.append(psutil.Process().memory_info().rss)
    give_back()
    held.append(psutil.Process().memory_info().rss)
worker.give_back = noted
store, load = Store(), worker.Recent()
for large in ({}, {"events": 100_000, "batch": 65_536}, {}):
    store.create(tiny(seeds=1, match="none", updates=2, **large), "cpu")
    worker.serve(store, load)
print(json.dumps([*held, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other ways to hold memory")
def test_what_a_large_job_took_is_given_back(tmp_path: Path) -> None:
    environment = {**os.environ, "PDCN_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", WORK], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    _, small, held, given, _, last, most = json.loads(done.stdout)
    assert most - small > 300e6  # it was large
    assert held - given > 20e6
    assert given - small < (most - small) / 4
    assert last - given < 20e6  # nothing piles up


def test_a_gpu_is_asked_to_give_back_too(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: asked.append("cuda"))
    give_back()
    assert asked == ["cuda"]


def test_large_data_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    settings, load = PlantedData(events=2_000, items=100, users=50), Recent()
    dataset = load(settings)
    own = [dataset.positive, dataset.user, dataset.when, dataset.queries.codes, dataset.queries.values]
    own += [dataset.items.codes, dataset.items.values]
    assert dataset.bytes == sum(np.asarray(one).nbytes for one in own)
    load.rest()
    assert load(settings) is dataset
    monkeypatch.setattr(worker, "REMEMBERED", dataset.bytes - 1)
    load.rest()
    assert load(settings) is not dataset
