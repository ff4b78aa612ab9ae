"""Cells on other machines, with Ray itself: three machines that are processes of this one.

Skipped where Ray is not installed: `pip install -r requirements-ray.txt`, then `python -m pytest tests/far`.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest

from pdcn.config import Experiment
from pdcn.jobs.analysis import Analysis
from pdcn.jobs.analyst import work_out
from pdcn.jobs.cells import Cell, Lap, lap_of
from pdcn.jobs.rays import cluster
from pdcn.jobs.rays.desk import LapTold
from pdcn.jobs.worker import carry_out
from pdcn.pages.crosses import IMPORTANCE
from pdcn.research.calibrate import calibrate, preset
from pdcn.runs.folder import Progress, RunFolder
from pdcn.runs.store import Store
from pdcn.sources.dataset import Dataset
from tests.clusters import Machines
from tests.unit.studies_help import ROOT, tiny, wait_for

pytestmark = [
    pytest.mark.skipif(find_spec("ray") is None, reason="pip install -r requirements-ray.txt brings Ray"),
    pytest.mark.filterwarnings("default"),
    pytest.mark.timeout(600),
]
MACHINES = 2
STUDY = {"seeds": 2, "arms": ("sequential", "parallel"), "epochs": 12, "patience": 0, "evaluations": 4}


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PDCN_HOME", str(home))
        with Machines(home / "ray.log") as there:
            for _ in range(MACHINES):
                there.join()
            yield there


@pytest.fixture(scope="module")
def at_home(machines: Machines) -> RunFolder:
    """The study as this process trains it."""
    folder, ended = trained("local", tiny(**STUDY))
    assert ended.state == "done"
    return folder


Watch = Callable[[Store, RunFolder, Progress], None]


def trained(
    executor: str, experiment: Experiment, watch: Watch = lambda store, folder, now: None
) -> tuple[RunFolder, Progress]:
    """A study that an executor carries out, which `watch` is told of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PDCN_EXECUTOR", executor)
        store = Store()
        folder = store.create(experiment, "cpu", own=True)
    return folder, carry_out(store, folder, lambda now: watch(store, folder, now))


def same(one: RunFolder, other: RunFolder) -> None:
    """Two runs found the same, to the last bit, but for the time that it took."""
    names = sorted(path.name for path in (other.path / "weights").iterdir())
    assert len(names) == 4
    assert names == sorted(path.name for path in (one.path / "weights").iterdir())
    for name in names:
        assert (one.path / "weights" / name).read_bytes() == (other.path / "weights" / name).read_bytes(), name
    assert (one.path / "pairing.json").read_bytes() == (other.path / "pairing.json").read_bytes()
    assert one.ranks is not None
    assert other.ranks is not None
    assert one.ranks.equals(other.ranks)
    assert one.result is not None
    assert other.result is not None
    assert one.result["comparison"] == other.result["comparison"]
    assert one.steps_of("sequential") == other.steps_of("sequential")
    assert points(one).equals(points(other))


def points(folder: RunFolder) -> pd.DataFrame:
    """The live picture, but for when each point came."""
    assert folder.history is not None
    return folder.history.drop(columns="seconds").sort_values(["arm", "seed", "step"], ignore_index=True)


def test_a_machine_dies_and_nothing_is_lost(machines: Machines, at_home: RunFolder) -> None:
    moment = random.uniform(0.05, 0.9)
    dead: list[float] = []

    def watch(store: Store, folder: RunFolder, now: Progress) -> None:
        if not dead and now.share > moment and machines.replace_one():
            dead.append(now.share)

    folder, ended = trained(machines.address, tiny(**STUDY), watch)
    assert (ended.state, ended.message) == ("done", ""), f"killed at {moment}"
    assert dead
    same(folder, at_home)
    assert not folder.cells.exists()


def test_worlds_are_trained_beside_each_other(machines: Machines) -> None:
    experiment = tiny(**{**STUDY, "seeds": 4, "arms": ("parallel",), "training_sets": "worlds", "sets": 0})
    beside: set[int] = set()

    def watch(store: Store, folder: RunFolder, now: Progress) -> None:
        beside.add(len(now.arms))

    here, _ = trained("local", experiment)
    there, ended = trained(machines.address, experiment, watch)
    assert (ended.state, ended.message) == ("done", "")
    assert MACHINES in beside
    assert here.ranks is not None
    assert there.ranks is not None
    assert here.ranks.equals(there.ranks)
    assert (here.path / "pairing.json").read_bytes() == (there.path / "pairing.json").read_bytes()
    assert points(here).equals(points(there))


def killed_by_then(store: Store, folder: RunFolder, now: Progress) -> None:
    """Kill this process once a cell has ended."""
    if any(folder.cells.glob("*.safetensors")):
        os.kill(os.getpid(), signal.SIGKILL)


def test_who_asks_is_killed_and_another_goes_on(machines: Machines, at_home: RunFolder) -> None:
    code = f"from tests.far.test_ray import *; trained({machines.address!r}, tiny(**STUDY), killed_by_then)"
    store = Store()
    before = {row.run for row in store.rows()}
    asks = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert asks.returncode == -signal.SIGKILL, asks.stderr
    (run,) = {row.run for row in store.rows()} - before
    folder = store.folder(run)
    kept = {path: path.stat().st_mtime_ns for path in folder.cells.glob("*.safetensors")}
    assert kept
    wait_for(lambda: store.state(run) == "interrupted")

    def watch(now: Progress) -> None:
        for path, written in kept.items():
            assert not path.exists() or path.stat().st_mtime_ns == written

    ended = carry_out(store, store.resume(run, own=True), watch)
    assert (ended.state, ended.message) == ("done", "")
    same(folder, at_home)


def test_pause_step_and_stop(machines: Machines) -> None:
    """While paused nothing moves, a step is one lap of each training, and a stop keeps what was reached."""
    seen: list[int] = []

    def person(store: Store, folder: RunFolder) -> None:
        wait_for(lambda: folder.progress.state == "paused")
        for _ in range(3):
            done = folder.progress.done
            store.ask(folder.run, "step")
            wait_for(lambda done=done: folder.progress.done > done)  # type: ignore[misc]
            wait_for(lambda: folder.progress.state == "paused")
            seen.append(folder.progress.done)
        time.sleep(1.0)
        seen.append(folder.progress.done)
        store.ask(folder.run, "stop")

    asked: list[threading.Thread] = []

    def watch(store: Store, folder: RunFolder, now: Progress) -> None:
        if now.step and not asked:
            store.ask(folder.run, "pause")
            asked.append(threading.Thread(target=person, args=(store, folder)))
            asked[0].start()

    folder, ended = trained(machines.address, tiny(**{**STUDY, "epochs": 100}), watch)
    assert ended.state == "stopped"
    assert 0 < seen[2] - seen[1] <= MACHINES * lap_of(ended.total // 4)  # a training on each of them
    assert seen[3] == seen[2]
    assert 0 < ended.done < ended.total / 2
    assert folder.result is not None
    states = {seed["state"] for arm in folder.result["arms"].values() for seed in arm["seeds"]}
    assert states == {"stopped"}


def test_a_training_that_does_not_answer_a_stop_ends_with_its_process(
    machines: Machines, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lives = str(tmp_path)

    def never_ends(dataset: Dataset, cell: Cell, place: int, attempt: int, desk: Any) -> None:
        import_module("ray").get(desk.tell.remote(place, attempt, [LapTold(Lap(cell, "training", 1))]))
        (Path(lives) / str(os.getpid())).touch()
        while True:
            with suppress(BaseException):  # whatever asks it kindly
                time.sleep(0.1)

    def watch(store: Store, folder: RunFolder, now: Progress) -> None:
        if now.step and any(tmp_path.iterdir()):
            store.ask(folder.run, "stop")

    monkeypatch.setattr(cluster, "carry_out", never_ends)
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    folder, ended = trained(machines.address, tiny(**STUDY), watch)
    assert ended.state == "stopped"
    assert folder.result is None
    processes = [int(path.name) for path in tmp_path.iterdir()]
    assert processes
    wait_for(lambda: not any(map(psutil.pid_exists, processes)), 60)


def test_what_no_machine_has_is_waited_for_and_said(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "LOOK_SECONDS", 0.5)
    said: set[str] = set()

    def watch(store: Store, folder: RunFolder, now: Progress) -> None:
        said.add(now.phase)
        if "wait for" in now.phase:
            store.ask(folder.run, "stop")

    _, ended = trained(f"{machines.address}?gpus=1", tiny(seeds=1), watch)
    assert ended.state == "stopped"
    told = "Parallel seed 0, Sequential seed 0 wait for a machine that offers as much as 1 of its GPUs. "
    assert any(phase.startswith(told) for phase in said), said


def test_a_calibration_finds_the_same(machines: Machines) -> None:
    small = preset("planted").model_copy(update={"seeds": 2})
    assert calibrate(small, 2, executor=machines.address) == calibrate(small, 2)


def test_an_analysis_finds_the_same(machines: Machines, at_home: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    analysis = Analysis.of(at_home, IMPORTANCE, events=100)
    assert work_out(analysis).state == "done"
    here = analysis.tables
    assert here is not None
    (analysis.path / "done.json").unlink()
    monkeypatch.setattr("pdcn.pages.crosses.work.importance_job.inspect", None)  # not in this process
    monkeypatch.setenv("PDCN_EXECUTOR", machines.address)
    told: set[str] = set()
    ended = work_out(analysis, lambda share, phase: told.add(phase))
    assert (ended.state, ended.message) == ("done", "")
    assert told == {"worked out on another machine"}
    there = analysis.tables
    assert there is not None
    assert here.keys() == there.keys()
    assert all(here[name].equals(there[name]) for name in here)


def test_a_wrong_token_is_refused(machines: Machines, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("f" * 64)
    code = f"from tests.far.test_ray import trained, tiny; print(trained({machines.address!r}, tiny())[1].message)"
    token = {"RAY_AUTH_TOKEN_PATH": str(tmp_path / "token"), "RAY_CLIENT_INITIAL_CONNECTION_TIMEOUT_S": "2"}
    environment = {**os.environ, "PDCN_HOME": str(tmp_path), **token}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert "does not take us in; its token has to be the same here" in done.stdout, done.stderr
