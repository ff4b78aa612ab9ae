"""A small study whose towers encode and project a sequence: every page opens it, and says what it keeps and crosses."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from pdcn.jobs.analysis import Analysis
from pdcn.jobs.analyst import work_out
from pdcn.pages import PAGES
from pdcn.pages.crosses import CROSSES, IMPORTANCE
from pdcn.pages.inside import INSIDE
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from tests.app.app_help import charts, open_app, texts, unfold, widget
from tests.app.test_inside_page import bring
from tests.shared import trained_once
from tests.unit.sequence_help import acted, known

FORM = {"sequence": "transformer", "projection": "dcn_low", "projected": 6, "id_embedding": 8}


@pytest.fixture(autouse=True)
def source() -> Iterator[None]:
    """The data that the study is about is there."""
    with known():
        yield


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Two wirings over an encoded sequence, trained, and looked into once."""
    with known():
        asked = acted(acts=3000, arms=("parallel", "sequential"), seeds=1, epochs=1, **FORM)
        run = trained_once(tmp_path_factory, "encoded", asked)
        for recipe in (INSIDE, CROSSES, IMPORTANCE):
            assert work_out(Analysis.of(run, recipe)).state == "done"
    return run


def test_every_page_opens_it(store: Store, encoded: RunFolder) -> None:
    folder = bring(store, encoded)
    assert (folder.path / "analysis").exists()
    for page in PAGES:
        at = unfold(open_app(page, run=folder.run))
        assert not at.error, (page, [one.value for one in at.error])


def test_compare_draws_the_way_below_x0(store: Store, encoded: RunFolder) -> None:
    folder = bring(store, encoded)
    drawn = str(widget(open_app("compare", run=folder.run), "tower-parallel-query").proto)
    assert all(name in drawn for name in ("4 actions", "Encoder 1", "Cross 1"))
    plan = (folder.towers or {})["parallel"]["plan"]["query"]
    assert [block["name"] for block in plan["below"][0]] == ["Actions", "Encoder 1", "Cross 1", "Project"]


def test_what_the_projection_crosses_and_keeps_is_shown(store: Store, encoded: RunFolder) -> None:
    folder = bring(store, encoded)
    at = unfold(open_app("crosses", run=folder.run))
    assert {"cross-projection-parallel", "cross-projection-sequential"} <= {*charts(at)}
    assert "does not show** which of the two is crossed" in texts(at)
    frame = Analysis.of(encoded, CROSSES).tables
    assert frame is not None
    assert {*frame["projection"]["write"]} == {"1", "2", "3", "4"}
    assert {*frame["projection"]["moment"]} >= {"initial", "learned"}
    at = unfold(open_app("inside", run=folder.run))
    assert "inside-sequence-parallel" in charts(at)
    kept = Analysis.of(encoded, INSIDE).tables
    assert kept is not None
    rows = kept["sequences"]
    assert {*rows["field"]} == {"last did", "last type", "many", "taste"}
    assert rows.groupby("stage")["width"].first().to_dict() == {"mean": 8, "whole": 32, "projected": 6}
    score = rows[rows["arm"] == "parallel"].set_index(["field", "stage"])["score"]
    assert score["last did", "whole"] > score["last did", "mean"] + 0.1  # order is nothing to a mean


def test_without_the_analysis_nothing_breaks(store: Store, encoded: RunFolder) -> None:
    folder = bring(store, encoded)
    shutil.rmtree(folder.path / "analysis", ignore_errors=True)
    assert not open_app("inside", run=folder.run).error
