"""The Latency page: offered, awaited, measured here or elsewhere, on any run; its words, dials and figures by value."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import Any, cast

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pdcn.files import SHOWCASE
from pdcn.host import machine
from pdcn.jobs.analysis import Analysis, kept
from pdcn.jobs.analyst import work_out
from pdcn.pages.latency import LATENCY
from pdcn.pages.latency.page.region import best_of
from pdcn.pages.latency.page.serving import nearest
from pdcn.pages.latency.plan import DEFAULTS
from pdcn.pages.latency.told import BUSY, claim, verdict, when_not
from pdcn.runs import lease
from pdcn.runs.folder import RunFolder, State
from pdcn.runs.store import Store
from tests.app.app_help import charts, labels, open_app, plant, press, set_to, texts, unfold, widget

TINY: dict[str, int | float | str | bool] = {
    "batches": "1,16",
    "threads": "1",
    "widths": "32",
    "seconds": 0.0,
    "repeats": 5,
    "items": 0,
    "events": 64,
    "k": 10,
}
WHOLE = [
    "latency-parts",
    "latency-hidden",
    "latency-batch-ratio",
    "latency-region",
    "latency-pareto",
    "latency-serving",
]
ELSEWHERE = "Other CPU, 64 cores"


def timed(run: RunFolder) -> dict[str, pd.DataFrame]:
    """Tables of a run, really timed, once for all tests."""
    analysis = Analysis.of(run, LATENCY, **TINY)
    if analysis.tables is None:
        assert work_out(analysis).state == "done"
    found = analysis.tables
    assert found is not None
    return found


def bring(store: Store, run: RunFolder) -> RunFolder:
    """A run in this test's home with its weights and without any analysis."""
    folder = plant(store, "done", run)
    shutil.rmtree(folder.path / "analysis", ignore_errors=True)
    return folder


def keep(
    folder: RunFolder, frames: dict[str, pd.DataFrame], *, about: dict[str, Any] | None = None, **settings: Any
) -> Analysis:
    """Tables as if they had been timed in this run, with other facts about them."""
    facts = frames["about"].assign(**{"others": 0.0, **(about or {})})
    analysis = Analysis.of(folder, LATENCY, **{**TINY, **settings})
    analysis.keep({**frames, "about": facts})
    return analysis


def opened(store: Store, run: RunFolder, **how: Any) -> tuple[AppTest, RunFolder, dict[str, pd.DataFrame]]:
    """The page on a run that was timed."""
    folder, frames = bring(store, run), timed(run)
    keep(folder, frames, **how)
    return unfold(open_app("latency", run=folder.run)), folder, frames


def waiting(at: AppTest) -> list[str]:
    """Words on the progress bars."""
    return [str(one.proto.text) for one in cast(Any, at).get("progress")]


def test_before_anything_was_timed_it_is_offered_with_how_long_it_takes(store: Store, race: RunFolder) -> None:
    at = open_app("latency", run=bring(store, race).run)
    assert labels(at) == ["Measure it"]
    assert "about four minutes on two quiet cores" in texts(at)
    assert "while something trains here it waits" in texts(at)
    assert "on the longest path" in at.dataframe[0].value  # FLOPs, until there are times
    assert charts(at) == []


def test_one_press_times_it(store: Store, race: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = replace(LATENCY, settings={**DEFAULTS, **TINY})
    monkeypatch.setattr("pdcn.pages.latency.page.LATENCY", quick)
    monkeypatch.setattr("pdcn.pages.latency.page.tradeoff.LATENCY", quick)
    folder = bring(store, race)
    at = open_app("latency", run=folder.run)
    unfold(press(at, "Measure it"))
    assert charts(at) == WHOLE
    (analysis,) = kept(folder, LATENCY)
    frames = analysis.tables
    assert frames is not None
    assert claim(frames["forms"], "query", 1, 1) in texts(at)


def test_while_something_trains_it_says_that_it_waits_and_can_be_stopped(store: Store, race: RunFolder) -> None:
    folder = bring(store, race)
    phase = "waiting until the training of another run has ended"
    analysis = Analysis.of(folder, LATENCY)
    analysis.say("running", 0.0, phase)
    lease.hold(analysis.path)
    at = open_app("latency", run=folder.run)
    assert waiting(at) == ["Waiting until the training of another run has ended · 0%"]
    assert labels(at) == ["Stop all the same"]  # this session did not ask for it
    assert charts(at) == []


def test_who_does_not_want_to_wait_is_shown_the_way_to_the_showcase(store: Store, race: RunFolder) -> None:
    at = open_app("latency", run=bring(store, race).run)
    label = "See the showcase's measurement, which is here already"
    (link,) = (one.proto for one in at.get("page_link") if one.proto.label == label)
    assert (link.page, link.query_string) == ("latency", "run=showcase")


@pytest.mark.parametrize(
    ("state", "message", "words"),
    [
        ("failed", "The clock stood still.", "The clock stood still."),
        ("stopped", "", "This was stopped"),
        ("running", "", "This was stopped"),  # and nobody is at work on it any more
    ],
)
def test_what_failed_or_was_stopped_says_so_and_can_be_tried_again(
    store: Store, race: RunFolder, state: State, message: str, words: str
) -> None:
    folder = bring(store, race)
    Analysis.of(folder, LATENCY).say(state, message=message)
    at = open_app("latency", run=folder.run)
    assert words in texts(at)
    assert labels(at) == ["Try again"]


def test_the_page_says_what_the_tables_say(store: Store, race: RunFolder) -> None:
    at, _, frames = opened(store, race)
    assert charts(at) == WHOLE
    assert at.markdown[0].value == claim(frames["forms"], "query", 1, 1)
    for point in when_not(frames["times"], frames["forms"], "query"):
        assert point in texts(at)
    for row in frames["left_out"].to_dict("records"):
        assert f"{row['variant']}: {row['why']}" in texts(at)
    assert f"Timed on {machine()}" in texts(at)
    assert texts(at).count("It does not show") == len(WHOLE) + 1  # once a figure, and the table of arms
    assert list(at.dataframe[0].value["arm"]) == ["parallel", "sequential"]
    assert labels(at).count("Measure it") == 2  # all of it, and for longer, in the last fold


def test_compiled_forms_are_held_against_each_other_in_words() -> None:
    at = open_app("latency", run="showcase")
    forms = kept(RunFolder(SHOWCASE), LATENCY)[0].tables["forms"]  # type: ignore[index]
    own = forms[(forms["tower"] == "query") & (forms["threads"] == 1) & (forms["batch"] == 1)]
    row = own[own["variant"] == "compiled parallel"].iloc[0]
    interval = f"[{row['ratio_low']:.2f}, {row['ratio_high']:.2f}]"
    assert f"side by side takes {row['ratio']:.2f} times {interval}" in texts(at)


def test_the_dials_choose_the_cell_and_stand_in_the_link(store: Store, race: RunFolder) -> None:
    at, folder, frames = opened(store, race)
    set_to(at, latency_tower="item", latency_batch=16)
    assert at.markdown[0].value == claim(frames["forms"], "item", 1, 16)
    at = unfold(open_app("latency", run=folder.run, latency_tower="item", latency_batch="16"))
    assert at.markdown[0].value == claim(frames["forms"], "item", 1, 16)
    for by in ("call", "example"):
        set_to(at, latency_by=by)
        assert f"latency-batch-{by}" in charts(at)


def test_how_busy_others_kept_the_machine_is_said_and_warned_of(store: Store, race: RunFolder) -> None:
    at, folder, frames = opened(store, race)
    assert "other programs used 0% of the cores" in texts(at)
    assert not at.warning
    keep(folder, frames, about={"others": BUSY + 0.2}, seconds=0.001)
    at = open_app("latency", run=folder.run)
    assert "kept 30% of this machine's cores busy" in at.warning[0].value


def test_a_measurement_of_another_machine_is_shown_and_named_and_this_one_is_offered(
    store: Store, race: RunFolder
) -> None:
    at, *_ = opened(store, race, about={"machine": ELSEWHERE}, machine=ELSEWHERE)
    assert f"Measured on another machine: {ELSEWHERE}. This one is: {machine()}." in at.warning[0].value
    assert f"Timed on {ELSEWHERE}" in texts(at)
    assert "This machine can be measured, too" in texts(at)
    assert "Measure it" in labels(at)
    assert charts(at) == WHOLE


def test_of_two_machines_this_one_comes_first_and_either_can_be_chosen(store: Store, race: RunFolder) -> None:
    at, folder, frames = opened(store, race)
    other = keep(folder, frames, about={"machine": ELSEWHERE}, machine=ELSEWHERE)
    at = open_app("latency", run=folder.run)
    assert f"Timed on {machine()}" in texts(at)
    assert not at.warning
    set_to(at, latency_which=other.name)
    assert f"Timed on {ELSEWHERE}" in texts(at)


def test_a_run_of_one_arm_and_no_crosses_is_timed_as_both_wirings_of_its_blocks(store: Store, alone: RunFolder) -> None:
    at, _, frames = opened(store, alone)
    assert at.markdown[0].value == claim(frames["forms"], "query", 1, 1)
    assert list(at.dataframe[0].value["arm"]) == ["deep only"]
    assert list(at.dataframe[0].value["times the baseline"]) == ["—"]
    assert {"latency-parts", "latency-pareto", "latency-serving"} <= set(charts(at))


def test_it_can_be_measured_again_with_more_and_for_longer_and_the_newest_is_shown(
    store: Store, race: RunFolder
) -> None:
    at, folder, frames = opened(store, race, about={"measured": 0.0})
    assert "Everything, 1 s for every cell instead of 0:" in texts(at)
    assert "Everything, at its default settings" in texts(at)
    whole = Analysis.of(folder, LATENCY)
    whole.keep({**frames, "about": frames["about"].assign(measured=86_400.0 * 365)})
    at = open_app("latency", run=folder.run)
    assert "1971" in texts(at).partition("Timed on")[2].partition("torch")[0]
    assert "compiled forms too" in texts(at)
    assert "Everything, 1 s for every cell instead of 0.5:" in texts(at)
    assert widget(at, "latency_which").options[0].startswith(machine())
    every: dict[str, Any] = {**DEFAULTS, "compiled": True}
    keep(folder, frames, **every)
    at = open_app("latency", run=folder.run)
    assert labels(at).count("Measure it") == 1  # there is nothing more to measure, only for longer


def test_many_arms_without_cross_layers_have_nothing_to_overlap(store: Store, wide: RunFolder) -> None:
    at, _, frames = opened(store, wide)
    assert frames["forms"][frames["forms"]["tower"] == "query"]["overlap"].isna().all()
    assert "nothing to overlap" in at.markdown[0].value
    assert "latency-hidden" not in charts(at)
    assert "parallel queries with deep only items" in list(at.dataframe[0].value["arm"])
    set_to(at, latency_tower="item")
    assert not at.exception


def test_runs_on_the_same_data_share_a_front_and_those_not_timed_are_offered(store: Store, race: RunFolder) -> None:
    other = bring(store, race)
    at, folder, frames = opened(store, race)
    assert widget(at, "latency_missing").options == [f"{other.run} · {_settings(at)}"]
    assert "Not on the figure yet" in texts(at)
    assert "1 run on the same data" in texts(at)
    arms = frames["times"]["variant"].str.startswith("arm ")
    faster = frames["times"].assign(p50=frames["times"]["p50"].where(~arms, 0.5))
    keep(other, {**frames, "times": faster})
    at = unfold(open_app("latency", run=folder.run))
    assert "2 runs on the same data" in texts(at)
    assert f"(0.5 µs, {_recall(race):.1%}, run {other.run})" in texts(at)
    assert "latency_missing" not in [one.key for one in at.selectbox]
    (other.path / "experiment.json").write_text("{")
    at = unfold(open_app("latency", run=folder.run))
    assert "1 run on the same data" in texts(at)
    assert charts(at) == WHOLE


def _settings(at: AppTest) -> str:
    """The settings of the run on show, as its first line tells them."""
    return str(at.caption[0].value).rpartition(" · ")[2]


def _recall(run: RunFolder) -> float:
    result = run.result
    assert result is not None
    return max(float(arm["recall"]["100"]) for arm in result["arms"].values())


def test_a_measurement_without_region_and_search_says_that_they_are_missing(store: Store, race: RunFolder) -> None:
    folder, frames = bring(store, race), timed(race)
    keep(folder, {**frames, "region": frames["region"].iloc[:0], "serving": frames["serving"].iloc[:0]}, widths="")
    at = unfold(open_app("latency", run=folder.run))
    assert "left the map of widths out" in texts(at)
    assert "left the search out" in texts(at)
    assert charts(at) == [one for one in WHOLE if one not in ("latency-region", "latency-serving")]


def test_the_showcase_comes_measured() -> None:
    at = unfold(open_app("latency", run=SHOWCASE.name))
    assert charts(at) == WHOLE
    assert "Timed on" in texts(at)
    for sentence in (
        "side by side as plain code",
        "Side by side costs no extra time in",
        "both faster and better",
        "of an exact call",
    ):
        assert sentence in texts(at)


def test_the_search_that_is_shown_is_the_nearest_one_measured() -> None:
    frame = pd.DataFrame([{"threads": t, "batch": b} for t in (1, 2) for b in (1, 64)])
    rows, said = nearest(frame, 1, 64)
    assert (rows.to_dict("records"), said) == ([{"threads": 1, "batch": 64}], "batch 64, 1 thread")
    rows, said = nearest(frame, 2, 40)
    assert rows.to_dict("records") == [{"threads": 2, "batch": 64}]
    assert said == "batch 64, 2 threads (the nearest to your choice that was measured)"


def test_the_map_draws_the_form_that_hides_most(race: RunFolder) -> None:
    region = timed(race)["region"]
    best = best_of(region)
    assert len(best) == len(region.drop_duplicates(["width", "batch"]))
    for row in best.to_dict("records"):
        own = region[(region["width"] == row["width"]) & (region["batch"] == row["batch"])]
        assert row["overlap"] == own["overlap"].max()
        assert set(own["verdict"]) == {row["verdict"]}
        assert row["sure"] == (verdict(row["overlap_low"]) == verdict(row["overlap_high"]))
