"""The worker: a real process that takes queued runs, listens, outlives its server, and may die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from pdcn.jobs.cells import lap_of
from pdcn.jobs.process import NICE, STARTED
from pdcn.jobs.submit import ensure_worker, submit, wake
from pdcn.runs import lease
from pdcn.runs.folder import OVER, RunFolder
from pdcn.runs.store import Store
from tests.shared import expire
from tests.unit.studies_help import ROOT, long_study, tiny, wait_for

SUBMIT = """
import sys
from pathlib import Path
from pdcn.config import Experiment
from pdcn.jobs.submit import submit
from pdcn.runs.store import Store
print(submit(Store(Path(sys.argv[1])), Experiment.from_json(sys.argv[2]), "cpu").run)
"""
LATE = """
import sys
from pdcn.jobs import worker
from pdcn.jobs.submit import ensure_worker
from pdcn.runs.store import Store
from pdcn.config import Experiment
worker.IDLE_SECONDS, worker.prepare_default = 0.0, lambda load: None
serve, late = worker.serve, []
def serve_and_then(store, load):
    serve(store, load)
    if not late:  # a run that comes when the last look was taken, and the lock is still held
        late.append(store.create(Experiment.from_json(sys.argv[1]), "cpu"))
        assert not ensure_worker(store)
        worker.IDLE_SECONDS = 1.0
worker.serve = serve_and_then
ended = worker.main()
assert not {"torch._dynamo", "sympy"} & {*sys.modules}  # PyTorch's compiler is no part of a study
sys.exit(ended)
"""


def workers(home: Path) -> list[psutil.Process]:
    """Processes that serve `home`, or are about to."""
    found = []
    for process in psutil.process_iter():
        try:
            is_worker = "pdcn.jobs.worker" in process.cmdline()
            if is_worker and process.environ().get("PDCN_HOME") == str(home):
                found.append(process)
        except psutil.Error:
            continue
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]


def end_workers(home: Path) -> None:
    """End the workers of a home; show what they left, should a test have failed."""
    for name in ("worker.*", "runs/*/progress.json", "runs/*/log.txt"):
        for file in home.glob(name):
            print(file, file.read_text())
    for process in workers(home):
        process.kill()
        process.wait(10)
    for started in STARTED[:]:
        if started.poll() is not None:
            STARTED.remove(started)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A home of its own, for tests of how a worker begins and ends."""
    yield Store(tmp_path)
    end_workers(tmp_path)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("served")
    yield home
    end_workers(home)


@pytest.fixture
def served(home: Path) -> Iterator[Store]:
    """A home whose worker goes on from test to test, each of which leaves it idle."""
    yield Store(home)
    for row in Store(home).rows():
        Store(home).ask(row.run, "stop")
    wait_for(lambda: all(row.state in OVER for row in Store(home).rows()))


def over(store: Store, folder: RunFolder) -> bool:
    return store.state(folder.run) in OVER


def training(folder: RunFolder) -> bool:
    return folder.progress.state == "running" and folder.history is not None


def steps(folder: RunFolder) -> int:
    history = folder.history
    return 0 if history is None else int(history["step"].max())


def worker_log(store: Store) -> str:
    return (store.home / "worker.log").read_text()


def test_runs_to_done_in_order_and_starts_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PDCN_NICE")  # as a person's worker
    first = submit(store, tiny(), "cpu")
    assert not ensure_worker(store)  # it is on its way
    second = submit(store, tiny(seed=7), "cpu")
    wait_for(lambda: over(store, second))
    assert not ensure_worker(store)  # it is there
    assert len(workers(store.home)) == 1
    for folder in (first, second):
        assert store.state(folder.run) == folder.progress.state == "done"
        assert folder.progress.share == 1.0
        assert folder.result is not None
        assert (folder.path / "weights").is_dir()
    assert [row.verdict for row in store.rows()] == [
        folder.result["verdict"] for folder in (second, first) if folder.result
    ]
    ended = [(folder.path / "result.json").stat().st_mtime for folder in (first, second)]
    assert ended[0] < (second.path / "profile.json").stat().st_mtime < ended[1]
    assert worker_log(store) == ""
    (worker,) = workers(store.home)
    assert worker.nice() >= NICE or sys.platform == "win32"  # pages come first


def test_pause_step_resume_stop(served: Store) -> None:
    folder = submit(served, long_study(), "cpu")
    wait_for(lambda: training(folder))
    served.ask(folder.run, "pause")
    wait_for(lambda: served.state(folder.run) == "paused")
    at, progress = steps(folder), folder.progress
    assert progress.state == "paused"
    assert progress.left is None
    time.sleep(0.5)
    assert (steps(folder), folder.progress) == (at, progress)
    again = Store(served.home)  # a page that was loaded anew, another tab
    assert again.state(folder.run) == "paused"
    lap = lap_of(progress.total // 4)
    for turn in (1, 2):
        again.ask(folder.run, "step")
        far_enough = partial(lambda least: steps(folder) >= least, at + turn * lap)
        wait_for(far_enough)
        wait_for(lambda: served.state(folder.run) == folder.progress.state == "paused")
        time.sleep(0.3)
        assert steps(folder) == at + turn * lap
        assert served.state(folder.run) == "paused"
    served.ask(folder.run, "resume")
    wait_for(lambda: steps(folder) > at + 3 * lap and served.state(folder.run) == "running")
    served.ask(folder.run, "stop")
    wait_for(lambda: over(served, folder))
    assert folder.progress.state == "stopped"
    result = folder.result
    assert result is not None
    reached = {seed["steps"] for arm in result["arms"].values() for seed in arm["seeds"]}
    assert reached == {steps(folder)}
    assert worker_log(served) == ""


def test_stop_while_paused_and_stop_while_queued(served: Store) -> None:
    folder, queued = submit(served, long_study(), "cpu"), submit(served, tiny(), "cpu")
    wait_for(lambda: training(folder))
    served.ask(folder.run, "pause")
    wait_for(lambda: served.state(folder.run) == "paused")
    served.ask(queued.run, "stop")
    assert served.state(queued.run) == "stopped"
    served.ask(folder.run, "stop")
    wait_for(lambda: over(served, folder))
    assert served.state(folder.run) == "stopped"
    assert folder.ranks is not None
    last = submit(served, tiny(), "cpu")
    wait_for(lambda: over(served, last))
    assert queued.history is None


def test_a_stop_is_heard_within_two_seconds_while_millions_of_events_are_prepared(served: Store) -> None:
    folder = submit(served, tiny(events=3_000_000))
    wait_for(lambda: served.state(folder.run) == "running")
    asked = time.monotonic()
    served.ask(folder.run, "stop")
    wait_for(lambda: served.state(folder.run) == "stopped")
    assert time.monotonic() - asked < 2
    assert folder.profile is None
    assert folder.history is None


def test_killed_worker_leaves_what_it_had_reached(served: Store) -> None:
    store = served
    folder = submit(store, long_study(epochs=2, seeds=50), "cpu")
    waiting = submit(store, tiny(), "cpu")
    wait_for(lambda: folder.result is not None and training(folder))
    (worker,) = workers(store.home)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait(10)
    assert store.state(folder.run) == "running"  # for all that anybody knows until its lease runs out
    expire(folder.path, store.home)
    wait_for(lambda: store.state(folder.run) == "interrupted", 10)
    now, result, history, ranks = folder.progress, folder.result, folder.history, folder.ranks
    assert now.state == "interrupted"
    assert "ended before" in now.message
    assert now.left is None
    assert 0 < now.done < now.total
    assert result is not None
    assert history is not None
    assert ranks is not None
    for arm, found in result["arms"].items():
        assert found["seeds"]
        for seed in found["seeds"]:
            assert seed["state"] == "finished"
            assert f"{arm}.{seed['seed']}" in ranks
            assert folder.weights(arm, seed["seed"]).exists()
    assert store.state(waiting.run) == "queued"
    wait_for(lambda: wake(store), 10)  # as a page does when it is looked at
    assert not wake(store)
    wait_for(lambda: over(store, waiting))
    assert store.state(waiting.run) == "done"
    assert not wake(store)
    assert store.state(folder.run) == "interrupted"


def test_killed_while_paused_and_a_new_submit_by_a_process_that_its_worker_outlives(served: Store) -> None:
    store = served
    folder = submit(store, long_study(), "cpu")
    wait_for(lambda: training(folder))
    store.ask(folder.run, "pause")
    wait_for(lambda: store.state(folder.run) == "paused")
    (worker,) = workers(store.home)
    worker.kill()
    worker.wait(10)
    expire(folder.path, store.home)
    wait_for(lambda: store.state(folder.run) == "interrupted", 10)
    assert steps(folder) > 0
    done = subprocess.run(
        [sys.executable, "-c", SUBMIT, str(store.home), long_study().to_json()],
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=True,
        timeout=200,
    )
    after = store.folder(done.stdout.strip())
    wait_for(lambda: training(after))
    (new,) = workers(store.home)
    assert new.pid != worker.pid
    assert os.getsid(new.pid) != os.getsid(0)  # nor does Ctrl-C in the server's terminal end it
    assert not ensure_worker(store)
    at = steps(after)
    wait_for(lambda: steps(after) > at)
    store.ask(after.run, "stop")
    wait_for(lambda: over(store, after))
    assert store.state(after.run) == "stopped"
    last = submit(store, tiny(), "cpu")
    wait_for(lambda: over(store, last))
    assert store.state(last.run) == "done"


def test_failing_run_does_not_end_the_worker(served: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDCN_MOST_WAITING", "10")
    failing = submit(served, tiny(), "teapot")
    damaged = served.create(tiny())
    (damaged.path / "experiment.json").write_text("{")
    gone = served.create(tiny())
    gone.remove()
    fine = submit(served, tiny(), "cpu")
    wait_for(lambda: over(served, fine))
    assert served.state(fine.run) == "done"
    assert served.state(failing.run) == served.state(damaged.run) == "failed"
    assert failing.progress.message.startswith("device: expected one of")
    assert "\n" not in damaged.progress.message
    assert len(workers(served.home)) == 1
    assert worker_log(served) == ""


def test_index_deleted_while_training(served: Store) -> None:
    folder = submit(served, long_study(), "cpu")
    wait_for(lambda: training(folder))
    for name in ("runs.sqlite", "runs.sqlite-wal", "runs.sqlite-shm"):
        (served.home / name).unlink(missing_ok=True)
    assert served.state(folder.run) == "running"
    served.ask(folder.run, "stop")  # reaches the worker by the index that was made anew
    wait_for(lambda: over(served, folder))
    assert served.state(folder.run) == "stopped"


def test_run_that_comes_as_the_worker_leaves_is_not_stranded(store: Store) -> None:
    worker = subprocess.run(
        [sys.executable, "-c", LATE, tiny().to_json()],
        cwd=ROOT,
        env={**os.environ, "PDCN_HOME": str(store.home)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert (worker.returncode, worker.stderr) == (0, "")
    (row,) = store.rows()
    assert row.state == "done"
    assert workers(store.home) == []
    assert not lease.held(store.home)  # so that the next one starts at once


def test_second_worker_leaves_at_once(served: Store) -> None:
    folder = submit(served, tiny(), "cpu")
    wait_for(lambda: over(served, folder))
    second = subprocess.run(
        [sys.executable, "-m", "pdcn.jobs.worker"],
        cwd=ROOT,
        env={**os.environ, "PDCN_HOME": str(served.home)},
        timeout=200,
        check=False,
        capture_output=True,
    )
    assert (second.returncode, second.stdout, second.stderr) == (0, b"", b"")
    assert len(workers(served.home)) == 1
    assert not ensure_worker(served)
