"""A queued run knows its place in the queue and the wait that it means."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdcn.jobs.needs import needs
from pdcn.jobs.waiting import place_in_words
from pdcn.runs.folder import Progress
from pdcn.runs.store import Store
from pdcn.words import duration
from tests.unit.studies_help import tiny


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_the_first_waits_only_for_the_worker(store: Store) -> None:
    own = store.create(tiny(), by="me").run
    store.create(tiny(), by="me")
    assert place_in_words(store, own) == "Waiting for the worker, which is starting"


def test_each_run_ahead_counts_with_its_time(store: Store) -> None:
    at_work, _, own = (store.create(tiny(seed=seed), by="me") for seed in range(3))
    assert store.claim()
    store.mark(at_work, Progress("running", "training", 1, 2, 7_000.0))
    wait = duration(7_000 + needs(tiny(seed=1)).seconds)
    said = f"Place 3 in the queue: 2 runs ahead, about {wait} until it begins"
    assert place_in_words(store, own.run) == said
    store.mark(at_work, Progress("done"))
    assert place_in_words(store, own.run).startswith("Place 2 in the queue: 1 run ahead, about")


def test_a_paused_run_ahead_makes_no_promise(store: Store) -> None:
    at_work, own = (store.create(tiny(), by="me") for _ in range(2))
    assert store.claim()
    store.mark(at_work, Progress("paused", "training", 1, 2))
    assert place_in_words(store, own.run) == "Place 2 in the queue: 1 run ahead, of which one is paused"


def test_a_run_of_the_command_line_keeps_nobody_waiting(store: Store) -> None:
    store.create(tiny(), own=True)
    own = store.create(tiny(), by="me").run
    assert place_in_words(store, own).startswith("Waiting for the worker")
