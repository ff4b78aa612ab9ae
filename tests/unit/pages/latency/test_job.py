"""Latency as an analysis of a run: its tables, where it is kept, found again, and waiting for whoever trains."""

from __future__ import annotations

import os
import shutil
import time
from typing import Any

import pandas as pd
import pytest
import torch

from pdcn.evaluation.timing import COMPARED, HostClock, Timer
from pdcn.files import write_json
from pdcn.host import machine
from pdcn.jobs.analysis import Analysis, kept
from pdcn.jobs.analyst import work_out
from pdcn.jobs.quiet import Quiet
from pdcn.pages.crosses import CROSSES
from pdcn.pages.latency import LATENCY
from pdcn.pages.latency.work.serving import COLUMNS
from pdcn.runs.folder import Progress, RunFolder
from pdcn.runs.store import Store
from tests.unit.studies_help import tiny

SMALL: dict[str, Any] = {
    "batches": "1,16",
    "threads": "1",
    "widths": "32",
    "seconds": 0.0,
    "repeats": 5,
    "items": 0,
    "events": 64,
    "k": 10,
}
CELL = ["tower", "device", "threads", "batch", "width"]


def test_the_tables_are_those_that_the_page_reads(folder: RunFolder) -> None:
    analysis = Analysis.of(folder, LATENCY, **SMALL)
    ended = work_out(analysis)
    assert ended.state == "done", ended.message
    frames = analysis.tables
    assert frames is not None
    assert {name: list(frame) for name, frame in frames.items()} == {
        "times": [*CELL, "variant", "p50", "p95", "p99", "repeats"],
        "forms": [*CELL, *COMPARED],
        "region": [*CELL, *COMPARED, "verdict"],
        "serving": COLUMNS,
        "about": ["machine", "device", "cores", "torch", "clock", "mhz", "measured", "others", "seconds", "remeasured"],
        "left_out": ["variant", "why"],
    }
    times, about = frames["times"], frames["about"]
    assert set(times["tower"]) == {"query", "item"}
    assert {"arm parallel", "arm sequential"} <= set(times["variant"])
    assert (times["p50"] > 0).all()
    assert len(about) == 1
    assert about["machine"].iloc[0] == machine()
    assert time.time() - 600 < about["measured"].iloc[0] <= time.time()
    assert 0 <= about["others"].iloc[0] <= 1
    assert set(frames["serving"]["arm"]) == {"parallel", "sequential"}


def test_another_machine_is_another_question_and_is_not_answered_here(folder: RunFolder) -> None:
    here, there = Analysis.of(folder, LATENCY), Analysis.of(folder, LATENCY, machine="a teapot, 1 core")
    assert here.settings["machine"] == machine()
    assert here.name != there.name
    ended = work_out(there)
    assert ended.state == "failed"
    assert ended.message == f"machine: expected this one, {machine()}, got a teapot, 1 core"


@pytest.mark.parametrize("device", ["cuda", "mps", "nonsense"])
def test_a_device_that_is_not_there_is_a_sentence(folder: RunFolder, device: str) -> None:
    if device == "cuda" and torch.cuda.is_available():
        pytest.skip("there is one")
    ended = work_out(Analysis.of(folder, LATENCY, device=device, **SMALL))
    assert ended.state == "failed"
    assert ended.message.startswith("device: expected")


def planted(folder: RunFolder, **settings: Any) -> Analysis:
    analysis = Analysis.of(folder, LATENCY, **settings)
    analysis.keep({"about": pd.DataFrame({"machine": [analysis.settings["machine"]]})})
    return analysis


def test_what_is_kept_is_found_whatever_its_settings(folder: RunFolder) -> None:
    assert kept(folder, LATENCY) == []
    there = planted(folder, machine="a teapot, 1 core")
    assert kept(folder, LATENCY) == [there]
    old, new = planted(folder, compiled=True), planted(folder, k=10)
    for at, analysis in enumerate((old, new, there)):
        moment = 1_700_000_000 + at
        os.utime(analysis.path / "done.json", (moment, moment))
    assert kept(folder, LATENCY) == [new, old, there]  # of this machine first, then the newest
    assert kept(folder, CROSSES) == []


def test_what_is_damaged_or_about_other_weights_is_not_found(folder: RunFolder) -> None:
    analysis = planted(folder)
    write_json(folder.path / "analysis" / "latency-0123456789ab" / "done.json", {"settings": {"k": 1}})
    write_json(folder.path / "analysis" / "latency-ba9876543210" / "done.json", "nonsense")
    shutil.copytree(analysis.path, analysis.path.with_name("latency-aaaaaaaaaaaa"))
    assert kept(folder, LATENCY) == [analysis]
    folder.weights("parallel", 1).unlink()
    assert kept(folder, LATENCY) == []


def test_a_cell_during_which_a_training_began_is_timed_anew_in_a_real_store(folder: RunFolder) -> None:
    store = Store()
    calls: list[float] = []

    def disturbed() -> None:
        calls.append(time.monotonic())
        if len(calls) == 6:  # a whole training, of another process as far as the clock can tell
            store.mark(store.create(tiny(seed=9), "cpu", own=True), Progress("done", ""))

    bench = Timer(HostClock(), Quiet(store, lambda words: None, nap=0.01))
    samples = bench.samples({"a": disturbed}, seconds=0.0, least=10)
    assert bench.again == 1
    assert len(samples) == 10
    assert len(calls) == 2 * 13  # with the three that warm up
