"""What several processes of tests need is made by the first that asks, once a run of the tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from pdcn.config import Experiment
from pdcn.jobs.worker import carry_out
from pdcn.runs import lease
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder of that name that `make` filled: here or in another process, for which this one waits."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # the processes' folders lie side by side in it
    folder, made = base / "shared" / name, base / "shared" / f"{name}.made"
    folder.parent.mkdir(exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of one that failed halfway
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


def trained_once(factory: pytest.TempPathFactory, name: str, experiment: Experiment) -> RunFolder:
    """A run of this experiment that is done, alone in a home with its data; not to be written to."""

    def train(home: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PDCN_HOME", str(home))
            store = Store()
            assert carry_out(store, store.create(experiment, "cpu", own=True)).state == "done"

    store = Store(made_once(factory, name, train))
    (row,) = store.rows()
    return store.folder(row.run)


def expire(*folders: Path) -> None:
    """As if the term of a worker that was killed had passed."""
    for folder in folders:
        lease._write(folder, lease._read(folder)[0], -1.0)
