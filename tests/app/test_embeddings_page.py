"""The Embeddings page in every state: showcase, any run, one arm, many arms, selections by search, UMAP and its
absence."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st

from pdcn.jobs.analysis import Analysis
from pdcn.jobs.analyst import work_out
from pdcn.pages.embeddings import LAYOUT, SPACE
from pdcn.pages.embeddings.page import selection as selection
from pdcn.pages.embeddings.work.layout_job import ENDED
from pdcn.runs.folder import Progress, RunFolder
from pdcn.runs.store import Store
from tests.app.app_help import SHOWN, button, charts, labels, open_app, plant, set_to, sound, texts, unfold, widget

MAPS = ["map-parallel", "map-sequential"]


@pytest.fixture(autouse=True)
def nobody_works(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Analyses that were asked for; no process is started."""
    asked: list[str] = []

    def ask(self: Analysis) -> None:
        asked.append(self.recipe.name)
        self.path.mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(Analysis, "ask", ask)
    st.cache_data.clear()
    return asked


@pytest.fixture
def inside(store: Store, answer: Callable[[Analysis], None]) -> Callable[[RunFolder], RunFolder]:
    """Makes a finished run with its weights, whose space was measured, of a run."""

    def made(source: RunFolder) -> RunFolder:
        folder = plant(store, "done", source)
        answer(Analysis.of(folder, SPACE))
        return folder

    return made


@pytest.fixture
def measured(race: RunFolder, inside: Callable[[RunFolder], RunFolder]) -> RunFolder:
    return inside(race)


def test_a_collapsed_space_is_said_to_be_one(measured: RunFolder) -> None:
    from pdcn.pages.embeddings.work.space import Vectors, numbers

    analysis = Analysis.of(measured, SPACE)
    frames = {**(analysis.tables or {})}
    vectors, items = frames["vectors"].copy(), len(frames["items"])
    left = [name for name in vectors.columns if name.startswith("parallel.")]
    vectors[left] = vectors[left].iloc[[0] * len(vectors)].to_numpy()
    models = {}
    for arm in ("parallel", "sequential"):
        own = vectors[[name for name in vectors.columns if name.startswith(f"{arm}.")]].to_numpy(np.float32)
        models[arm, 0] = Vectors(own[:items], own[items:], np.zeros(len(own) - items, np.int64))
    analysis.keep({**frames, "vectors": vectors, "numbers": numbers(models)})
    st.cache_data.clear()
    at = unfold(open_app("embeddings", run=measured.run))
    told = texts(at)
    assert f"All {items:,} of the item vectors of parallel are the same" in told
    assert f"All {items:,} of the item vectors of parallel, seed 0, are the same" in told
    assert "the item vectors of sequential are" not in told
    assert told.count("Trustworthiness **") == 1  # of sequential alone
    assert "their neighbours agree by chance alone" in told
    assert "agreement" not in charts(at)


def fake_layout(folder: RunFolder, **settings: Any) -> np.ndarray:
    """Keep a layout as UMAP would make it, of coordinates that are easily recognised."""
    import pandas as pd

    items = int((folder.profile or {})["items"])
    drawn = np.random.default_rng(0).normal(size=(items, 2)).astype(np.float32)
    frames = [
        pd.DataFrame({"arm": arm, "step": step, "point": range(items), "x": drawn[:, 0], "y": drawn[:, 1]})
        for arm in ("parallel", "sequential")
        for step in ((ENDED, *folder.steps_of(arm)) if settings.get("over_training") else (ENDED,))
    ]
    Analysis.of(folder, LAYOUT, **settings).keep({"maps": pd.concat(frames)})
    return drawn


def test_a_run_shows_both_maps_the_film_and_the_numbers(measured: RunFolder) -> None:
    at = unfold(open_app("embeddings", run=measured.run))
    assert charts(at) == [*MAPS, "agreement"]  # the film takes a second to draw: it comes when it is asked for
    assert "how these maps came to be" in texts(at)
    set_to(at, film_shown=True)
    assert charts(at) == [*MAPS, "film", "agreement"]
    assert "Over training" in texts(at)
    assert "What no picture shows" in texts(at)
    assert "It does not show" in texts(at)
    assert button(at, "Clear selection").disabled


def test_before_it_is_measured_the_page_has_it_measured(
    store: Store, race: RunFolder, nobody_works: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = plant(store, "done", race)
    monkeypatch.setattr(Analysis, "progress", property(lambda self: Progress("failed", message="no luck")))
    at = open_app("embeddings", run=folder.run)
    assert "no luck" in texts(at)
    assert "Try again" in labels(at)
    assert not charts(at)
    assert nobody_works == []
    button(at, "Try again").click().run()
    assert nobody_works == ["space"]


@pytest.mark.parametrize("method", ["PCA", "UMAP"])
def test_of_too_many_points_a_sample_is_drawn_and_said(
    measured: RunFolder, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr("pdcn.pages.embeddings.page.DRAWN", 100)
    drawn = fake_layout(measured)
    at = open_app("embeddings", run=measured.run, map_method=method, map_find="item 0")
    assert "100 of 300 points are drawn, evenly spaced." in texts(at)
    figure = json.loads(widget(at, "map-parallel").proto.spec)
    assert sum(len(trace["text"]) for trace in figure["data"]) == 100
    assert len(drawn) == 300
    assert re.search(r"\d+ of 300 points selected", texts(at))  # a search looks at every point


def test_a_poor_map_says_so(measured: RunFolder) -> None:
    fake_layout(measured)  # coordinates drawn by lot
    at = open_app("embeddings", run=measured.run, map_method="UMAP")
    assert "A distorted picture." in texts(at)
    assert "Trustworthiness **0.5" in texts(at) or "Trustworthiness **0.4" in texts(at)


def test_search_selects_and_lists_neighbours_of_both_arms(measured: RunFolder) -> None:
    name = Analysis.of(measured, SPACE).tables["items"]["_name"][7]  # type: ignore[index]
    points = open_app("embeddings", run=measured.run, map_find=name)
    shown = texts(points)
    assert f"points selected, with “{name}” in a name or a field" in shown
    assert "of the 10 are in both lists" in shown
    assert [list(one.value.columns) for one in points.dataframe if "score" in one.value.columns] == [
        ["place", "item", "score", ""]
    ] * 2
    button(points, "Clear selection").click().run()
    sound(points)
    assert not points.header
    assert widget(points, "map_find").value == ""


def test_a_search_for_nothing_that_is_there_says_so(measured: RunFolder) -> None:
    at = set_to(open_app("embeddings", run=measured.run), map_find="zzzz nowhere")
    assert "0 of " in texts(at)
    assert "No point is like that" in texts(at)
    assert charts(at)[:2] == MAPS


@pytest.mark.parametrize(("kind", "dimensions"), [("items", 3), ("queries", 2), ("both", 3)])
def test_every_kind_of_map_is_drawn_and_coloured(measured: RunFolder, kind: str, dimensions: int) -> None:
    at = open_app("embeddings", run=measured.run, map_points=kind, map_dimensions=f"{dimensions}D")
    assert widget(at, "map_dimensions").value == dimensions
    colour = widget(at, f"map_colour_{kind}")
    colour.select(colour.options[-1])  # what both arms share, a number
    at.run()
    assert charts(sound(at))[:2] == MAPS


def test_a_query_is_shown_with_what_was_chosen_and_its_place(measured: RunFolder) -> None:
    at = open_app("embeddings", run=measured.run, map_points="queries")
    event = next(one for one in Analysis.of(measured, SPACE).tables["queries"]["_when"])  # type: ignore[index]
    at = set_to(at, map_find=event)
    assert "what was chosen is at place" in texts(at)
    assert "before the temperature" in texts(at)


def test_another_seed_is_worked_out_on_the_spot(measured: RunFolder) -> None:
    first = open_app("embeddings", run=measured.run)
    said = [one.value for one in first.markdown if "Trustworthiness" in one.value]
    other = set_to(first, map_seed=1)
    assert said != [one.value for one in other.markdown if "Trustworthiness" in one.value]
    assert charts(other)[:2] == MAPS


def test_umap_is_offered_with_its_time_and_pca_stays(measured: RunFolder, nobody_works: list[str]) -> None:
    at = set_to(open_app("embeddings", run=measured.run), map_method="UMAP")
    assert "UMAP runs beside the page: about" in texts(at)
    assert "Until then this is PCA" in texts(at)
    assert charts(at)[:2] == MAPS
    assert nobody_works == []
    button(at, "Measure it").click().run()
    assert nobody_works == ["layout"]


def test_a_layout_that_failed_leaves_pca(measured: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Analysis.progress.fget  # type: ignore[attr-defined]
    failed = Progress("failed", message="layout: expected umap-learn, which can't be imported here")
    monkeypatch.setattr(Analysis, "progress", property(lambda self: failed if self.recipe is LAYOUT else honest(self)))
    at = set_to(
        unfold(open_app("embeddings", run=measured.run)), map_method="UMAP", film_method="UMAP", film_shown=True
    )
    assert "expected umap-learn" in texts(at)
    assert charts(at) == [*MAPS, "film", "agreement"]


def test_kept_layouts_are_shown(measured: RunFolder) -> None:
    fake_layout(measured)
    fake_layout(measured, over_training=True)
    at = set_to(
        unfold(open_app("embeddings", run=measured.run)), map_method="UMAP", film_method="UMAP", film_shown=True
    )
    assert "Measure it" not in labels(at)
    assert "drawn nearer" in texts(at)
    assert "Until then" not in texts(at)


def test_one_arm_is_one_map(alone: RunFolder, inside: Callable[[RunFolder], RunFolder]) -> None:
    at = set_to(unfold(open_app("embeddings", run=inside(alone).run)), film_shown=True)
    assert charts(at) == ["map-deep_only", "film"]
    assert "With one arm and one seed there is nothing to hold this against." in texts(at)
    assert "random points" not in texts(at)


def test_of_many_arms_two_are_chosen(wide: RunFolder, inside: Callable[[RunFolder], RunFolder]) -> None:
    at = open_app("embeddings", run=inside(wide).run)
    assert charts(at)[:2] == MAPS
    at = set_to(at, inside_left="cross_only", inside_right="parallel-deep_only")
    assert charts(at)[:2] == ["map-cross_only", "map-parallel-deep_only"]


def test_runs_without_snapshots_say_so(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    shutil.rmtree(folder.path / "snapshots")
    assert work_out(Analysis.of(folder, SPACE)).state == "done"
    at = unfold(open_app("embeddings", run=folder.run))
    assert "kept no weights of the way there" in texts(at)
    assert "film" not in charts(at)


def test_a_lasso_takes_over_the_ids_of_its_points(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", state)
    state["map-parallel"] = {
        "selection": {"points": [{"customdata": 7}, {"customdata": [3]}, {"customdata": 7}], "lasso": [{}], "box": []}
    }
    selection.taken("map-parallel", "parallel")
    assert selection.chosen().tolist() == [3, 7]  # type: ignore[union-attr]
    assert selection.how() == "by a lasso on the map of parallel"
    state["map-parallel"] = {"selection": {"points": [], "lasso": [{}], "box": []}}
    selection.taken("map-parallel", "parallel")
    assert selection.chosen() is None
    assert selection.round_() == 2


def test_another_run_starts_without_a_selection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})
    selection.start("a")
    selection.choose(np.array([1, 2]))
    selection.start("a")
    assert selection.chosen() is not None
    selection.start("b")
    assert selection.chosen() is None


def test_the_showcase_needs_neither_its_data_nor_torch_for_its_first_maps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (Analysis.of(SHOWN, SPACE).path / "done.json").exists():
        pytest.skip("the showcase's analyses are not here yet")

    def never(*_: Any) -> Any:
        raise AssertionError("the run was opened")

    monkeypatch.setattr("pdcn.pages.embeddings.page.points.trained_run", never)
    at = set_to(unfold(open_app("embeddings")), film_shown=True)
    assert charts(at) == [*MAPS, "film", "agreement"]
