"""Every page on runs whose files are gone or damaged: the truth in a sentence, and all the rest."""

from __future__ import annotations

import shutil
from typing import Any, cast

import pandas as pd
import pytest

from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from tests.app.app_help import button, charts, open_app, plain, plant, texts, unfold
from tests.app.test_pages import runs_in, tick

pytestmark = pytest.mark.usefixtures("folds_open")

PAGES = [
    "compare",
    "crosses",
    "embeddings",
    "inside",
    "retrieve",
    "latency",
    "findings",
    "data",
    "runs",
    "story",
    "decide",
]
LOOK_INSIDE = PAGES[1:6]
WITHOUT_A_RUN = ("findings", "story")


@pytest.mark.parametrize("page", PAGES)
def test_a_run_folder_that_was_taken_away_stops_no_page(store: Store, race: RunFolder, page: str) -> None:
    kept, gone = plant(store, "done", race), plant(store, "done", race)
    shutil.rmtree(gone.path)
    at = open_app(page)
    assert not at.error
    if page == "runs":
        assert runs_in(at) == [kept.run]
    elif page not in WITHOUT_A_RUN:
        assert f"run {kept.run}" in texts(at)


def test_a_folder_that_was_copied_in_is_listed_and_can_be_deleted(store: Store, race: RunFolder) -> None:
    mine = store.folders / "mine"
    shutil.copytree(race.path, mine)
    at = tick(open_app("runs"), 0)
    assert runs_in(at) == ["mine"]
    button(at, "Delete all the same").click().run()
    assert not at.warning
    assert [row.run for row in store.rows(deleted=True)] == ["mine"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("damage", ["{", None])
def test_a_damaged_experiment_is_said_and_something_else_shown(
    store: Store, race: RunFolder, page: str, damage: str | None
) -> None:
    kept, folder = plant(store, "done", race), plant(store, "done", race)
    path = folder.path / "experiment.json"
    path.write_text(damage) if damage else path.unlink()
    at = open_app(page, run=folder.run)
    if page == "compare":
        said = at.warning[0].value
        assert said.startswith(f"The run {folder.run} is on this computer, but its experiment.json can't be read.")
        assert str(folder.path) in said
    if page not in (*WITHOUT_A_RUN, "runs"):
        assert f"run {kept.run}" in texts(at)
    if page == "runs":
        assert runs_in(at) == [folder.run, kept.run]
        assert (
            "expected a readable experiment.json"
            in open_app("side", **{"run": kept.run, "with": folder.run}).error[0].value
        )
        button(tick(at, 0), "Delete").click().run()
        assert runs_in(at) == [kept.run]


@pytest.mark.parametrize("damage", ["junk", "another table", "gone"])
def test_damaged_ranks_leave_the_rest_of_the_answer(store: Store, race: RunFolder, damage: str) -> None:
    kept, folder = plant(store, "done", race), plant(store, "done", race)
    path = folder.path / "ranks.parquet"
    if damage == "junk":
        path.write_bytes(b"PAR1 junk")
    elif damage == "gone":
        path.unlink()
    else:
        folder.write_frame("ranks.parquet", pd.DataFrame({"step": [1]}))
    at = open_app(run=folder.run)
    (said,) = [one.value for one in at.error]
    assert said.startswith(f"run {folder.run}: expected a readable ranks.parquet, but it is")
    assert str(folder.path) in said
    assert race.result is not None
    assert plain(at.header[0].value) in race.result["verdict"]
    assert charts(at) == ["tower-parallel-query", "tower-sequential-query", "trained-recall"]
    assert "The numbers" in texts(at)
    at = open_app("side", **{"run": kept.run, "with": folder.run})
    assert [one.value for one in at.error] == [said]
    assert not charts(at)
    assert list(at.dataframe[0].value["arm"]) == ["parallel", "sequential"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("damage", ["{", "{}", None])
def test_a_damaged_result_is_said(store: Store, race: RunFolder, page: str, damage: str | None) -> None:
    folder = plant(store, "done", race)
    path = folder.path / "result.json"
    path.write_text(damage) if damage is not None else path.unlink()
    store.index.rebuild()
    at = unfold(open_app(page, run=folder.run))
    if page == "compare":
        assert at.error[0].value.startswith(f"run {folder.run}: expected a readable result.json, but it is")
        assert charts(at) == ["reached-recall", "reached-loss"]
        assert "What the run had reached when it ended" not in texts(at)
    if page == "runs":
        assert list(at.dataframe[0].value["verdict"]) == ["unknown: its result.json is damaged or gone"]


@pytest.mark.parametrize("page", LOOK_INSIDE)
@pytest.mark.parametrize("result", [True, False])
def test_weights_that_are_gone_are_said(store: Store, race: RunFolder, page: str, result: bool) -> None:
    folder = plant(store, "done", race)
    shutil.rmtree(folder.path / "weights")
    if not result:
        (folder.path / "result.json").unlink()
    at = unfold(open_app(page, run=folder.run))
    assert at.error[0].value.startswith(f"The weights of this run are gone from {folder.path / 'weights'}")
    assert "before any arm was trained" not in texts(at)


@pytest.mark.parametrize("page", ["crosses", "inside", "latency"])
def test_the_result_stands_in_for_towers_that_are_gone(store: Store, race: RunFolder, page: str) -> None:
    folder = plant(store, "done", race)
    before = charts(open_app(page, run=folder.run))
    (folder.path / "towers.json").unlink()
    at = open_app(page, run=folder.run)
    assert charts(at) == before
    assert "No arm here has a cross layer" not in texts(at)


def test_towers_that_are_gone_without_a_result_are_said(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    for name in ("towers.json", "result.json"):
        (folder.path / name).unlink()
    at = open_app("crosses", run=folder.run)
    assert at.error[0].value.startswith(f"run {folder.run}: expected a readable towers.json, but it is gone")
    assert "No arm here has a cross layer" not in texts(at)


def test_what_could_not_be_deleted_is_said_beside_the_button(store: Store, race: RunFolder) -> None:
    one, two = plant(store, "running", race), plant(store, "paused", race)
    at = tick(open_app("runs"), 0, 1)
    button(at, "Delete").click().run()
    assert sorted(said.value for said in at.warning) == sorted(
        f"Run {folder.run} is still at work: stop it first, on the Compare page or where it was started, then delete "
        "it."
        for folder in (one, two)
    )
    order = [one.type for one in cast(Any, at.main) if one.type in ("button", "warning")]
    assert order[:5] == [*["button"] * 3, "warning", "warning"]  # Open, Compare, Delete, and what it could not do
    at.run()
    assert not at.warning
