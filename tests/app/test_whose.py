"""Whose run it is: what a session started it stops and deletes at once, and it is asked before touching anything
else."""

from __future__ import annotations

import pytest

from pdcn.runs.folder import RunFolder, State
from pdcn.runs.store import COMMAND_LINE, Store
from pdcn.shell.words import ELSEWHERE
from tests.app.app_help import ME, button, labels, open_app, plant, texts
from tests.app.test_pages import tick


def test_what_one_started_oneself_is_not_asked_about(store: Store, race: RunFolder) -> None:
    folder = plant(store, "running", race)
    at = open_app(run=folder.run)
    assert "was started" not in texts(at)
    button(at, "Stop").click().run()
    assert store.take_command(folder.run) == "stop"


def test_a_run_that_is_started_here_is_ones_own(store: Store) -> None:
    at = open_app(data="planted")
    button(at, "Run").click().run()
    (row,) = store.rows()
    assert store.folder(row.run).request["by"] == ME
    assert "was started" not in texts(at)
    button(at, "Stop").click().run()
    assert store.rows()[0].state == "stopped"


@pytest.mark.parametrize(("by", "words"), [("0123abcd", ELSEWHERE), (COMMAND_LINE, "on the command line")])
def test_a_run_of_somebody_else_is_touched_only_after_a_word(
    store: Store, race: RunFolder, by: str, words: str
) -> None:
    folder = plant(store, "running", race, by=by)
    at = open_app(run=folder.run)
    assert f"Run {folder.run} was started {words}, just now." in texts(at)
    assert "0123abcd" not in texts(at)
    assert not {"Pause", "Stop"} & set(labels(at))
    button(at, "Pause all the same").click().run()
    assert store.take_command(folder.run) == "pause"
    assert {"Pause", "Stop"} <= set(labels(at))  # asked once


def test_a_run_of_an_earlier_version_is_somebody_elses(store: Store, race: RunFolder) -> None:
    folder = plant(store, "running", race)
    request = folder.request
    del request["by"]
    folder.write_json("request.json", request)
    assert f"Run {folder.run} was started by somebody unknown, just now." in texts(open_app(run=folder.run))


def test_only_runs_of_others_are_asked_about_before_they_are_deleted(store: Store, race: RunFolder) -> None:
    foreign, own = plant(store, "done", race, by="another"), plant(store, "done", race)
    at = tick(open_app("runs"), 0)
    button(at, "Delete").click().run()
    assert [row.run for row in store.rows()] == [foreign.run]
    at = tick(open_app("runs"), 0)
    assert f"Run {foreign.run} was started {ELSEWHERE}" in texts(at)
    assert "Delete" not in labels(at)
    button(at, "Delete all the same").click().run()
    assert not store.rows()
    assert f"Run {foreign.run} was started" in texts(at)  # where the bin is emptied
    assert f"Run {own.run} was started" not in texts(at)


INSIDE = ["crosses", "embeddings", "inside", "retrieve", "latency"]


@pytest.mark.parametrize("page", INSIDE)
@pytest.mark.parametrize("state", ["running", "queued"])
def test_a_page_of_a_run_at_work_offers_others(store: Store, race: RunFolder, page: str, state: State) -> None:
    done, live = plant(store, "done", race), plant(store, state, race)
    at = open_app(page, run=live.run)
    assert "still training" in texts(at)
    links = {link.proto.label: link.proto for link in at.get("page_link") if link.proto.query_string}
    assert list(links) == [f"The last finished run, {done.run}", "The showcase run that comes with the project"]
    assert [link.query_string for link in links.values()] == [f"run={done.run}", "run=showcase"]


def test_a_home_without_a_finished_run_offers_the_showcase(store: Store, race: RunFolder) -> None:
    at = open_app("crosses", run=plant(store, "running", race).run)
    links = [link.proto for link in at.get("page_link") if link.proto.query_string]
    assert [link.label for link in links] == ["The showcase run that comes with the project"]
