"""Submitting studies to the worker. Knows no torch, so that a page can import it at no cost."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from pdcn.config import Experiment
from pdcn.files import read_only
from pdcn.jobs.needs import check
from pdcn.runs import lease
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import COMMAND_LINE, Store

LOCK = "worker.lock"
STARTED: list[subprocess.Popen[bytes]] = []
"""Workers that this process started, to be waited for when they have ended."""


NICE = 10
LONGEST_LOG = 1_000_000
"""Bytes of the worker's log from which the next worker begins a new one."""


def give_way() -> None:
    """Let a person's pages come first on this machine's cores: for a process of its own that works behind them.

    Where Linux shares cores out by session (autogroup), the niceness of a process counts within its session alone, so
    that of its session is raised, too.
    """
    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        return
    process.nice(max(NICE, process.nice()))
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICE), encoding="ascii")


def submit(store: Store, experiment: Experiment, device: str = "auto", *, by: str = COMMAND_LINE) -> RunFolder:
    """Queue an experiment for the session `by`, and see to it that a worker is there.

    `SettingError` where it does not fit this machine.
    """
    check(experiment, store.home)
    folder = store.create(experiment, device, by=by)
    ensure_worker(store)
    return folder


def wake(store: Store) -> bool:
    """Start a worker if a run is queued and none lives, as after a restart of the machine.

    Cheap enough for every view of a page; whether one was started.
    """
    return store.waiting() and ensure_worker(store)


def ensure_worker(store: Store) -> bool:
    """Start a worker for this home unless one lives; whether one was started.

    The worker holds the home's lease for as long as it serves; it is reserved for one that is on its way. On a full
    disk `worker.lock` alone says that one is there. A home that is read-only has no use for one.
    """
    if read_only(store.home):
        return False
    STARTED[:] = [process for process in STARTED if process.poll() is None]
    if lease.held(store.home):
        return False
    try:
        with FileLock(store.home / LOCK).acquire(timeout=3):  # one that dies this moment keeps it
            if lease.held(store.home):
                return False
            with suppress(OSError):  # a full disk
                lease.reserve(store.home)
            STARTED.append(_start(store))
    except (Timeout, OSError):
        return False
    return True


def _start(store: Store) -> subprocess.Popen[bytes]:
    path = store.home / "worker.log"
    with path.open("ab") as log:
        if log.tell() > LONGEST_LOG:
            log.truncate(0)
        return subprocess.Popen(
            [sys.executable, "-m", "pdcn.jobs.worker"],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PDCN_HOME": str(store.home)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # outlives the server, and its terminal's Ctrl-C
        )
