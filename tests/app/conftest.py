"""Every app test has an empty home of its own, and no worker.

What pages keep in memory of a run stays there for the tests that come after, as it does for the next visitor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import streamlit as st
import torch

from pdcn.jobs.analysis import Analysis
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.shell import shown_run
from tests.app.app_help import open_at_once, tiny
from tests.shared import answered_once, trained_once

torch.set_num_threads(1)  # as a training sets it for the whole process: so no test depends on one before it


@pytest.fixture
def folds_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is in folds is drawn with the page."""
    open_at_once(monkeypatch)


@pytest.fixture(scope="session")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Analysis], None]:
    """Works an analysis out here and now: once for all runs of the same weights, by the name that says whose it is."""
    return partial(answered_once, tmp_path_factory)


@pytest.fixture(autouse=True)
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Callable[[Analysis], None]) -> Iterator[list[Store]]:
    """A fresh home; the stores for which a worker was asked for, none of which is started."""
    asked: list[Store] = []

    def ensure(store: Store) -> bool:
        asked.append(store)
        return False

    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    monkeypatch.setattr("pdcn.jobs.submit.ensure_worker", ensure)
    # where a process of its own would be waited for
    monkeypatch.setattr("pdcn.jobs.analysis.Analysis.ask", lambda analysis: answer(analysis))
    shown_run.store.clear()
    yield asked
    shown_run.store.clear()


@pytest.fixture
def cold() -> None:
    """A server that has just started: no page was seen, nothing is in memory."""
    st.cache_resource.clear()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """The runs of this test's home."""
    return Store(tmp_path)


BUSY = {"batch": 128, "weight_decay": 0.0, "schedule": "cosine"}
"""Enough steps for a verdict, and weights large enough to be taken apart."""


@pytest.fixture(scope="session")
def race(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A race that was really run: two seeds of planted data."""
    return trained_once(tmp_path_factory, "race", tiny(**BUSY))


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """One arm, one seed: nothing to compare."""
    return trained_once(tmp_path_factory, "alone", tiny(**BUSY, arms=("deep_only",), seeds=1))


@pytest.fixture(scope="session")
def wide(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Five arms, one of them with two wirings, an item tower of its own, and a catalogue below 100."""
    arms = ("parallel", "sequential", "stacked_parallel", "cross_only", "parallel-deep_only")
    asked = tiny(**BUSY, arms=arms, items=60, item_deep=(8,), cross_layers=0, seeds=1)
    return trained_once(tmp_path_factory, "wide", asked)
