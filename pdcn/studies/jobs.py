"""Submitting studies to the worker. Knows no torch, so that a page can import it at no cost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from filelock import FileLock, Timeout

from pdcn.config import Experiment
from pdcn.studies.folder import RunFolder
from pdcn.studies.store import Store


def submit(store: Store, experiment: Experiment, device: str = "auto") -> RunFolder:
    """Queue an experiment and see to it that a worker is there."""
    folder = store.create(experiment, device)
    ensure_worker(store)
    return folder


def ensure_worker(store: Store) -> bool:
    """Start a worker for this home unless one lives; whether one was started.

    The worker holds `worker.lock` for as long as it lives, so a worker that was killed leaves no
    trace behind. Two that start at once sort it out among themselves by the same lock.
    """
    try:
        with FileLock(store.home / "worker.lock").acquire(timeout=0):
            pass
    except Timeout:
        return False
    with (store.home / "worker.log").open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-m", "pdcn.studies.worker"],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PDCN_HOME": str(store.home)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # outlives the server, and its terminal's Ctrl-C
        )
    return True
