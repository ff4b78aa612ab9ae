"""Whoever reads a clock waits for whoever trains, and knows that somebody did."""

from __future__ import annotations

import threading

from pdcn.jobs.quiet import Quiet
from pdcn.runs.folder import Progress, RunFolder
from pdcn.runs.store import Store
from tests.unit.studies_help import tiny, wait_for


def test_while_a_run_is_trained_the_clock_waits_and_says_for_which(folder: RunFolder) -> None:
    store, said = Store(), list[str]()
    quiet = Quiet(store, said.append, nap=0.01)
    assert quiet() is False
    training = store.create(tiny(seed=9), "cpu", own=True)  # as `compare` begins one
    assert store.state(training.run) == "running"
    answers: list[bool] = []
    waiting = threading.Thread(target=lambda: answers.append(quiet()))
    waiting.start()
    wait_for(lambda: len(said) > 2)
    assert set(said) == {
        f"waiting until the training of {training.run} has ended, so that it does not disturb the clock"
    }
    assert answers == []
    store.mark(training, Progress("done", ""))
    waiting.join(20)
    assert answers == [True]
    assert quiet() is False


def test_a_training_that_came_and_went_is_noticed_too(folder: RunFolder) -> None:
    store, said = Store(), list[str]()
    quiet = Quiet(store, said.append)
    queued = store.create(tiny(seed=9))  # queued disturbs nobody
    assert quiet() is False
    assert store.claim() is not None
    store.mark(queued, Progress("done", ""))
    assert quiet() is True
    assert said == []
    assert quiet() is False
