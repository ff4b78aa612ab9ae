"""Arms that cross and join in ways of their own: pages say what their pictures do not show."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdcn.dials import assemble
from pdcn.jobs.analysis import Analysis
from pdcn.jobs.analyst import work_out
from pdcn.jobs.worker import carry_out
from pdcn.pages.crosses import CROSSES
from pdcn.pages.inside import INSIDE
from pdcn.runs.store import Store
from pdcn.wirings import WIRINGS
from tests.app.app_help import charts, open_app, texts, unfold

pytestmark = pytest.mark.usefixtures("folds_open")


def test_crossings_race_at_equal_size(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    monkeypatch.setattr("pdcn.jobs.analysis.Analysis.ask", work_out)
    small = {"events": 3_000, "items": 150, "users": 100, "fields": 3, "values": 6, "batch": 128, "epochs": 1}
    store, arms = Store(), ("parallel~gated", "parallel~attention", "parallel")
    folder = store.create(assemble({"data": "planted", **small, "seeds": 2, "arms": arms}), "cpu", own=True)
    assert carry_out(store, folder).state == "done"
    result = folder.whole_result()
    assert result is not None
    assert result["match"]["met"] == dict.fromkeys(arms[:2], True)
    for recipe in (CROSSES, INSIDE):
        assert work_out(Analysis.of(folder, recipe)).state == "done", recipe.name
    pages = {
        page: open_app(page, run=folder.run)
        for page in ("compare", "crosses", "embeddings", "inside", "retrieve", "runs")
    }
    for at in pages.values():
        assert not at.exception
        assert not at.error
    assert "parallel (gated)" in texts(pages["compare"])
    assert "The query tower of parallel (attention): Attention weighs the fields anew" in texts(pages["crosses"])
    drawn = [key for key in charts(pages["crosses"]) if key.startswith("cross-map-")]
    assert drawn == ["cross-map-parallel~gated-query"]  # of the first two arms, the one that has a matrix


def test_pages_say_what_is_shown_of_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The crosses of edcn are those of the settings, which have no matrix here; those of fcn are its own."""
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    monkeypatch.setattr("pdcn.jobs.analysis.Analysis.ask", work_out)
    small = {"events": 3_000, "items": 150, "users": 100, "fields": 3, "values": 6, "batch": 128, "epochs": 1}
    store, arms = Store(), ("edcn", "fcn")
    asked = {"data": "planted", **small, "seeds": 2, "cross": "attention", "arms": arms, "baseline": "fcn"}
    folder = store.create(assemble(asked), "cpu", own=True)
    assert carry_out(store, folder).state == "done"
    result = folder.whole_result()
    assert result is not None
    assert result["match"]["met"] == {"edcn": False}
    for recipe in (CROSSES, INSIDE):
        assert work_out(Analysis.of(folder, recipe)).state == "done", recipe.name
    compare, crosses, inside = (unfold(open_app(page, run=folder.run)) for page in ("compare", "crosses", "inside"))
    for at in (compare, crosses, inside):
        assert not at.exception
        assert not at.error
    assert all(WIRINGS[arm].unseen in texts(compare) for arm in arms)
    assert "could not be met" in texts(compare)
    assert "The query tower of EDCN: Attention weighs the fields anew" in texts(crosses)
    assert "FCN has several cross networks in a tower. This page shows the first." in texts(crosses)
    assert {"cross-map-fcn-query"} <= {*charts(crosses)}
    assert "cross-map-edcn-query" not in charts(crosses)
    said = texts(inside)
    assert "All branches of FCN are crosses: its exponential branch takes the place of the cross branch" in said
    assert "The deep network of EDCN reads x0" in said
    assert all(f"{branch} branch muted: EDCN" in said for branch in ("Cross", "Deep", "Bridge"))
