"""Sessions take turns, whatever each of them asked for, and however often the server or the index is made anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdcn.config import Experiment
from pdcn.jobs.needs import needs, offered, refusal
from pdcn.jobs.submit import submit, too_many
from pdcn.jobs.waiting import place_in_words
from pdcn.runs.folder import Progress
from pdcn.runs.store import COMMAND_LINE, Store
from pdcn.runs.turns import Waiting, in_turn
from pdcn.settings import SettingError
from tests.unit.studies_help import tiny


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_one_who_asked_for_much_lets_others_in_between(store: Store) -> None:
    mine = [store.create(tiny(), by="me").run for _ in range(3)]
    yours = [store.create(tiny(), by="you").run for _ in range(2)]
    order = [mine[0], yours[0], mine[1], yours[1], mine[2]]
    assert store.queue() == order
    assert place_in_words(store, yours[0]).startswith("Place 2 in the queue: 1 run ahead")
    taken = []
    for turn in range(5):
        folder = store.claim()
        assert folder
        taken.append(folder.run)
        store.mark(folder, Progress("done"))
        if turn == 1:
            store.index.discard()  # the folders know whose turn it was
            late = store.create(tiny(), by="late").run
    assert taken == [*order[:4], late]  # before one's third, which joined the row after it
    assert store.queue() == [order[4]]


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 30)), max_size=14), st.integers(0, 40))
def test_nobody_waits_longer_than_for_one_run_of_each_other(asked: list[tuple[str, int]], now: int) -> None:
    waiting = [Waiting(f"{at:02d}", session, since) for at, (session, since) in enumerate(asked)]
    order = in_turn(waiting, {"a": float(now)})
    assert sorted(order) == [one.run for one in waiting]
    whose = {one.run: one.session for one in waiting}
    for session in {*whose.values()}:
        own = [at for at, run in enumerate(order) if whose[run] == session]
        for before, after in zip([-1, *own], own, strict=False):
            others = [whose[run] for run in order[before + 1 : after]]
            assert len(others) == len({*others})
        runs = [one for one in sorted(waiting, key=lambda one: (one.since, one.run)) if one.session == session]
        assert [order[at] for at in own] == [one.run for one in runs]


def test_a_session_may_have_a_few_runs_wait_and_all_sessions_some_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PDCN_MOST_WAITING", "2")
    monkeypatch.setenv("PDCN_MOST_WAITING_IN_ALL", "3")
    for _ in range(2):
        store.create(tiny(), by="me")
    with pytest.raises(SettingError) as said:
        submit(store, tiny(), by="me")
    assert str(said.value) == (
        "You have 2 runs waiting, the most that one session may have; stop one, or wait until one has begun."
    )
    assert too_many(store, "you") == ""
    store.create(tiny(), by="you")
    assert too_many(store, "they") == "All 3 places in the queue are taken; try again once some runs have begun."
    assert too_many(store, COMMAND_LINE) == ""
    claimed = store.claim()
    assert claimed
    assert too_many(store, "me") == too_many(store, "they") == ""
    assert len(store.rows()) == 3


def test_a_study_that_would_take_too_long_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    long: Experiment = tiny(epochs=200, events=1_000_000, patience=0)
    assert refusal(long, store.home) == ""
    monkeypatch.setenv("PDCN_LONGEST_MINUTES", "2")
    assert needs(long).seconds > 120
    said = refusal(long, store.home)
    assert said.startswith("This study takes up to ")
    assert said.endswith("and the longest that may run here takes 2 min; choose fewer epochs, seeds, arms or events.")
    assert offered(long, store.home) is None
    assert refusal(tiny(), store.home) == ""
