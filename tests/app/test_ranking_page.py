"""A ranking run on every page: what applies is shown, and what does not says so in a sentence."""

from __future__ import annotations

import runpy
from dataclasses import replace
from typing import Any, cast

import pytest

from pdcn.cli import main
from pdcn.config import JOINT
from pdcn.decision import words as say
from pdcn.evaluation.words import QUERY_ONCE
from pdcn.export.ways import PLAIN, plain_ways
from pdcn.jobs.analysis import Analysis
from pdcn.jobs.analyst import work_out
from pdcn.pages.crosses import CROSSES, IMPORTANCE
from pdcn.pages.inside import INSIDE
from pdcn.pages.latency import CANDIDATES
from pdcn.pages.present import LISTS, STEPS
from pdcn.pages.retrieve.work.retrieval import Query, retriever_of
from pdcn.research.findings import FINDINGS
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.runs.trained import TrainedRun
from pdcn.words import micro
from tests.app.app_help import charts, csvs, open_app, press, set_to, sound, texts, tiny, unfold, widget
from tests.app.conftest import BUSY
from tests.app.test_inside_page import bring
from tests.app.test_retrieve_page import lists
from tests.shared import trained_once

NONE = "no vectors, no index and no list"
ARMS = {"left": "parallel", "right": "sequential"}


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A tiny ranking that was really run, with what two pages work out of it."""
    folder = trained_once(tmp_path_factory, "ranked", tiny(**BUSY, task="ranking", sampled=1))
    for recipe in (CROSSES, INSIDE, IMPORTANCE):
        if Analysis.of(folder, recipe).tables is None:
            assert work_out(Analysis.of(folder, recipe)).state == "done"
    return folder


@pytest.fixture
def run(store: Store, ranked: RunFolder) -> str:
    return bring(store, ranked).run


def test_compare_shows_levels_and_calibration_in_place_of_curves(run: str) -> None:
    at = unfold(open_app(run=run))
    assert charts(at)[0] == "levels"
    assert "calibration" in charts(at)
    published = next(one.value for one in at.dataframe if "paper" in one.value)
    assert published["paper"].iloc[-1] == "this run"
    assert published["AUC, points"].tolist()[:3] == ["+0.03", "+0.04", "+0.06"]
    assert not {"recall-curves", "difference-curve"} & {*charts(at)}
    shown = texts(at)
    assert "points of grouped AUC" in shown
    assert "recall@" not in shown
    assert {"parallel, grouped AUC", "the item's rate, grouped AUC"} <= {one.label for one in at.metric}
    assert [key for key in charts(at) if key.startswith("tower-")] == ["tower-parallel-joint", "tower-sequential-joint"]


def test_the_task_decides_which_dials_there_are(run: str) -> None:
    at = open_app(run=run)

    def keys() -> set[str]:
        return {str(one.key) for one in cast(Any, at) if getattr(one, "key", None)}

    assert {"sampled", "sampled_power"} <= keys()
    assert not {"temperature", "log_q", "output", "own_item_tower"} & keys()
    at = set_to(at, task="retrieval")
    assert {"temperature", "log_q", "output", "own_item_tower"} <= keys()
    assert "sampled" not in keys()


def test_crosses_shows_where_a_query_meets_an_item(run: str) -> None:
    at = unfold(open_app("crosses", run=run))
    shown = texts(at)
    assert "its crosses can join a field of each" in shown
    assert [key for key in charts(at) if key.startswith("cross-map-")] == [
        f"cross-map-{arm}-{JOINT}" for arm in ("parallel", "sequential")
    ]
    assert "Click a block" in shown
    assert "of the 10 largest crosses join a field of the query with one of the item." in shown
    assert "Of all pairs of fields, 53% do." in shown  # 8 times 8 of 120
    labels = widget(at, "cross_every_field").label
    assert "16" in labels  # six categories and two numbers of each side
    set_to(at, cross_every_field=True)
    sound(at)


def test_crosses_says_what_a_pair_of_fields_is_worth(run: str, ranked: RunFolder) -> None:
    at = unfold(open_app("crosses", run=run))
    shown = texts(at)
    assert "Which crosses does grouped AUC need?" in [one.label for one in at.expander]
    assert "how far odds move" in shown
    assert {"cross-worth", "cross-cuts"} <= {*charts(at)}
    assert "grouped AUC lost" in at.table[0].value
    drops = Analysis.of(ranked, IMPORTANCE).tables["drops"]  # type: ignore[index]
    assert len(drops) == 2 * 2 * 2 * 136  # arms, layers, measures, pairs of 16 fields
    assert drops["k"].isna().all()


def test_without_a_cross_the_network_gives_other_odds_and_lists(run: str) -> None:
    at = unfold(open_app("crosses", run=run))
    assert all("grouped AUC with" in one.label and one.label.endswith("taken away") for one in at.metric)
    assert "what-if" in csvs(at)
    set_to(at, what_if_factor=1.0)
    assert all((one.delta or "").startswith("0.00 points") for one in at.metric)
    said = texts(at)
    assert widget(at, "what_if_event").max == 200  # half of the examples: those with a choice
    set_to(at, what_if_event=3)
    assert texts(at) != said


def test_inside_shows_the_one_network(run: str, ranked: RunFolder) -> None:
    at = unfold(open_app("inside", run=run))
    assert {"inside-tower-parallel", "inside-tower-sequential"} <= {*charts(at)}
    shown = texts(at)
    assert "parallel" in shown
    assert "What grouped AUC loses without each part" in shown
    assert "inside-drops" in {*charts(at)} & csvs(at)
    assert "Recall at every K" not in [one.label for one in at.expander]
    drops = Analysis.of(ranked, INSIDE).tables["drops"]  # type: ignore[index]
    assert {*drops["change"]} == {"mute cross", "mute deep", "bypass cross"}
    assert {*drops["sides"]} == {JOINT}


def test_retrieve_asks_the_network_about_every_item_and_anew_of_a_changed_request(run: str) -> None:
    at = open_app("retrieve", run=run)
    shown = texts(at)
    assert "was asked about every item here" in shown
    assert "occlusion" in charts(at)
    assert widget(at, "event").max == 200  # half of the examples: those with a choice
    at = set_to(at, by_hand=True)
    before = lists(at)
    assert len(before) == 2
    first = [one for one in at.sidebar.selectbox if one.key][-1]
    first.set_value(1 + cast(int, first.value) % 3)
    sound(at.run())
    assert lists(at) != before
    assert "lists" in csvs(at)
    set_to(at, why_side="item")
    sound(at)


def test_a_page_of_two_towers_says_that_there_are_none(run: str) -> None:
    at = open_app("embeddings", run=run)
    assert [NONE in str(one.value) for one in at.info] == [True]
    assert charts(at) == []


def test_latency_times_the_candidates_of_a_request(
    run: str, store: Store, ranked: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = replace(CANDIDATES, settings={**CANDIDATES.settings, "candidates": "3,20", "rounds": 3})
    monkeypatch.setattr("pdcn.pages.latency.page.candidates.CANDIDATES", quick)
    at = open_app("latency", run=run)
    assert charts(at) == []
    assert "Nobody has timed these networks here yet" in texts(at)
    at = press(at, "Measure it")
    assert charts(at) == ["latency-candidates"]
    rows = Analysis.of(store.folder(run), quick).tables["candidates"]  # type: ignore[index]
    assert {*rows["candidates"]} == {3, 20}
    for many in (20, 3):
        at = set_to(at, latency_candidates=many)
        own = rows[(rows["candidates"] == many) & (rows["arm"] == "parallel")].set_index("way")["median"]
        ratio = own["joint network, query looked up once"] / own["query tower and dot products"]
        assert f"Of {many} candidates of a request, each takes" in texts(at)
        assert f"in parallel ({ratio:,.0f} times" in texts(at)
        assert len(at.dataframe[0].value) == 2 * 3  # arms and ways


def test_the_list_of_runs_tells_the_task_where_one_is_no_retrieval(run: str, store: Store, race: RunFolder) -> None:
    bring(store, race)
    (table,) = open_app("runs", run=run).dataframe
    assert sorted(table.value["task"]) == ["ranking", "retrieval"]
    store.delete(run)
    assert "task" not in open_app("runs").dataframe[0].value


@pytest.mark.parametrize("page", ["data", "runs", "side", "decide", "present", "story", "lessons", "findings"])
def test_every_other_page_opens(run: str, page: str) -> None:
    unfold(open_app(page, run=run))


def test_slides_turn_and_list_what_the_network_says_of_every_item(run: str, store: Store) -> None:
    drawn = {slide: charts(open_app("present", run=run, slide=slide)) for slide in STEPS}
    assert drawn["curve"] == ["room-forest"]
    opened, tables = TrainedRun(store.folder(run)), Analysis.of(store.folder(run), LISTS, **ARMS).tables
    assert tables is not None
    (event,), lists_ = tables["event"].to_dict("records"), tables["lists"]
    chosen = [row for row in opened.events() if opened.data.dataset.outcome[row] > 0]  # type: ignore[index]
    assert (event["events"], event["sampled"]) == (len(chosen), True)
    row = int(chosen[event["event"]])
    for side, arm in ARMS.items():
        answer = retriever_of(opened.any_model(arm, 0), opened.data, ()).answer(Query.of(opened.data.dataset, row))
        assert event[f"{side}_rank"] == answer.rank[opened.data.dataset.positive[row]]
        own = lists_[(lists_["arm"] == arm) & ~lists_["further"]]
        assert own["place"].tolist() == answer.top(10)["rank"].tolist()


def test_decide_cites_the_study_of_ranking_and_what_a_request_takes_once_it_is_timed(run: str, store: Store) -> None:
    at = unfold(open_app("decide", run=run, decide_task="ranking"))
    shown = texts(at)
    assert say.UNTIMED_TASK in shown
    assert "points of grouped AUC" in shown
    assert say.TO_LATENCY in [one.proto.label for one in at.get("page_link")]
    asked = say.TO_QUESTION(question=FINDINGS["ranking"].question)
    assert asked in [one.proto.label for one in at.get("link_button")]
    recipe = Analysis.of(store.folder(run), CANDIDATES, candidates="3,20", rounds=3)
    assert work_out(recipe).state == "done"
    rows = recipe.tables["candidates"]  # type: ignore[index]
    rows = rows[(rows["candidates"] == 20) & (rows["way"] == QUERY_ONCE)].set_index("arm")
    shown = texts(unfold(open_app("decide", run=run, decide_task="ranking")))
    assert say.UNTIMED_TASK not in shown
    took = {arm: micro(rows["median"][arm]) for arm in ("parallel", "sequential")}
    assert f"20 candidates of a request takes {took['parallel']} in parallel and {took['sequential']} in" in shown
    assert f"{rows['of_floor']['parallel']:,.0f} and {rows['of_floor']['sequential']:,.0f} times what two" in shown


def test_all_can_be_taken_but_an_index_of_vectors(
    run: str, store: Store, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", run, "--to", "csv,weights,experiment,pytorch", "--out", str(tmp_path / "taken")]) == 0
    capsys.readouterr()
    runpy.run_path(str(tmp_path / "taken" / "pytorch" / "tower.py"), run_name="__main__")
    assert float(capsys.readouterr().out.split()[-1]) < 1e-5
    usual, left_out = plain_ways(store.folder(run))
    assert ({*PLAIN} - {*usual}, NONE in left_out) == ({"faiss"}, True)
    curves = (tmp_path / "taken" / "csv" / "curves.csv").read_text(encoding="utf-8")
    assert "grouped_auc" in curves
    assert main(["report", run, "--out", str(tmp_path / "report.html")]) == 0
    assert "grouped AUC" in (tmp_path / "report.html").read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["export", run, "--to", "faiss", "--out", str(tmp_path / "none")]) != 0
    assert NONE in " ".join(capsys.readouterr().err.split())
