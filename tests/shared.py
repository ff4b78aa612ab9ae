"""What several processes of tests need is made by the first that asks, once a run of the tests."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from filelock import FileLock

from pdcn.config import Experiment
from pdcn.jobs.analysis import Analysis
from pdcn.jobs.analyst import work_out
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


class Unanswered(Exception):
    """An analysis came to nothing, and has said why in its folder."""


def answered_once(factory: pytest.TempPathFactory, analysis: Analysis) -> None:
    """Work an analysis out, unless that of the same name was: the name follows from settings and weights.

    The run's other files have to be as long as they were, too: a damaged one may not be seen otherwise. What reads a
    clock, and what is about no run, is worked out each time; so is what failed.
    """

    def make(folder: Path) -> None:
        if work_out(analysis).state != "done":
            raise Unanswered
        _take_answer(analysis.path, folder)

    if analysis.recipe.timed or not analysis.recipe.of_a_run:
        work_out(analysis)
        return
    files = sorted(path for path in analysis.folder.path.iterdir() if path.suffix in (".json", ".parquet"))
    lengths = [(path.name, path.stat().st_size) for path in files if path.stem not in ("request", "progress")]
    name = f"{analysis.name}-{hashlib.sha256(repr(lengths).encode()).hexdigest()[:12]}"
    with suppress(Unanswered):
        kept = made_once(factory, name, make)
        if not analysis.done:
            try:
                _take_answer(kept, analysis.path)
            except OSError:  # a home without room, where the test is about what is said of it
                work_out(analysis)


def _take_answer(here: Path, there: Path) -> None:
    there.mkdir(parents=True, exist_ok=True)
    for name in (*sorted(path.name for path in here.glob("*.parquet")), "done.json"):
        shutil.copy2(here / name, there / name)


def expire(*folders: Path) -> None:
    """As if the term of a worker that was killed had passed."""
    for folder in folders:
        lease._write(folder, lease._read(folder)[0], -1.0)
