"""The Lessons page: predictions before results, runs of one's own, links to a step and for a class, hidden settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pdcn.dials import assemble, changed, quick
from pdcn.glossary import X0
from pdcn.pages import PAGES
from pdcn.pages.lessons.work import Evidence
from pdcn.pages.lessons.written import lessons
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.shell.hidden import hidden
from tests.app.app_help import experiment_in, open_app, plant, press, set_to, switch_to, texts, visit, widget

ALL = lessons()
STEPS = [(name, at) for name, lesson in ALL.items() for at in range(1, len(lesson.steps) + 1)]


def keys(at: Any) -> set[str]:
    """Keys of everything that has one."""
    return {str(one.key) for one in at if getattr(one, "key", None)}


def links(at: Any) -> dict[str, dict[str, list[str]]]:
    """Where every link to a page leads: its parameters, by its label."""
    return {one.proto.label: parse_qs(one.proto.query_string) for one in at.get("page_link")}


@pytest.mark.parametrize(("name", "at"), STEPS)
def test_every_step_can_be_linked_to_and_asks_before_it_tells(name: str, at: int) -> None:
    step = ALL[name].steps[at - 1]
    assert step.question is not None
    shown = open_app("lessons", lesson=name, step=str(at), lesson_showcase="true")
    said = texts(shown)
    assert step.title in said
    assert step.question.then not in said
    if step.question.measure == "planted found":
        assert "Nothing was planted in this run's data" in said
    else:
        assert widget(shown, f"thinking-{name}-{at}").value in (None, [])
    assert not shown.warning


def test_the_terms_of_a_step_are_one_hover_away() -> None:
    at = open_app("lessons", lesson="cross", step="3")
    (text,) = (one.value for one in at.markdown if one.value.startswith("A full ["))
    assert re.findall(r"\[([\w ]+)\]\(#term-([\w-]+)\)", text) == [
        ("cross layer", "cross-layer"),
        ("x0", "x0"),
        ("MLP", "deep-network"),
    ]
    (ask,) = (one.value for one in at.markdown if one.value.startswith("In the parallel "))
    assert "[dense parameters](#term-dense-parameters)" in ask
    assert ALL["cross"].steps[2].text in texts(at)
    assert X0 in texts(at)  # drawn beside it


def test_a_guess_is_judged_and_stands_in_the_address() -> None:
    at = open_app("lessons", lesson="wiring", step="3")
    press(at, "Check my guess")
    assert "Guess a number from −20 to 20 first." in texts(at)
    set_to(at, **{"thinking-wiring-3": 9.0})
    press(at, "Check my guess")
    assert at.query_params["guess-wiring-3"] == "9"
    assert "You said 9 points; it is 3.20 points, 95% interval [1.64, 4.89]." in texts(at)
    assert "Your guess is 4.11 points outside the interval." in texts(at)
    again = open_app("lessons", lesson="wiring", step="3", **{"guess-wiring-3": "9"})  # reloaded
    assert "4.11 points outside" in texts(again)
    press(again, "Guess again")
    assert "guess-wiring-3" not in again.query_params
    assert "4.11 points" not in texts(again)


def test_an_order_is_asked_for_and_has_to_be_whole() -> None:
    at = open_app("lessons", lesson="wiring", step="2")
    set_to(at, **{"thinking-wiring-2": ["popularity", "parallel"]})
    press(at, "Check my guess")
    assert "Put all 3 into an order first." in texts(at)
    set_to(at, **{"thinking-wiring-2": ["parallel", "popularity", "sequential"]})
    press(at, "Check my guess")
    assert "1 of 3 are in the right place. First to last, it is parallel, sequential, popularity." in texts(at)


def test_progress_counts_what_was_guessed_in_every_lesson() -> None:
    guesses = {"guess-cross-1": "276", "guess-cross-2": "7", "guess-map-1": "no"}
    at = open_app("lessons", **guesses)
    assert "2 of 5 questions answered" in texts(at)
    assert "Go on with lesson 1" in [one.label for one in at.button]
    press(at, "Go on with lesson 1")
    assert "step 3 of 5" in texts(at)
    end = open_app("lessons", lesson="cross", step="6", **guesses)
    assert "1 of your 2 guesses were right or close." in texts(end)
    press(end, "Next lesson: Explicit against implicit")
    assert "Lesson 2 · step 1 of 5" in texts(end)


def test_a_step_without_a_run_of_ones_own_offers_its_settings_or_the_showcase() -> None:
    at = open_app("lessons", lesson="explicit", step="4")
    assert "This question is about a run of your own." in texts(at)
    there = links(at)["Open Compare with these settings"]
    compare = visit("compare", there)
    asked = assemble(quick({"data": "planted", "events": 20_000, "arms": ("cross_only", "deep_only")}))
    assert experiment_in(compare) == assemble({"baseline": "deep_only"}, asked)
    set_to(at, lesson_showcase=True)
    assert widget(at, "thinking-explicit-4").value is None


def test_a_prediction_is_made_before_the_run_and_judged_by_it(store: Store, race: RunFolder) -> None:
    at = open_app("lessons", lesson="wiring", step="5")
    said = texts(at)
    assert said.index("Your prediction") < said.index("This question is about a run of your own.")
    press(at, "Keep my guess")
    assert "Make a guess first." in texts(at)
    set_to(at, **{"thinking-wiring-5": "It is worse"})
    press(at, "Keep my guess")
    assert at.query_params["guess-wiring-5"] == "worse"
    assert "Your guess is “It is worse”." in texts(at)
    assert "Open Compare with these settings" in links(at)
    kept = {"guess-wiring-5": "worse", "guess-wiring-6": "-3"}
    end = texts(open_app("lessons", lesson="wiring", step="7", **kept))
    assert "No run can judge your guesses yet." in end  # least of all the showcase
    waiting = plant(store, "running", None)
    sized = texts(open_app("lessons", lesson="wiring", step="6", run=waiting.run, **kept))
    assert "Your guess is −3 points." in sized
    assert "Your run is still training: 50%." in sized
    mine = plant(store, "done", race)
    verdict = Evidence(mine).headline.verdict
    judged = texts(open_app("lessons", lesson="wiring", step="5", run=mine.run, **kept))
    assert ("You are right: “It is worse”." in judged) == (verdict == "worse")
    assert ("You said “It is worse”. The answer is" in judged) == (verdict != "worse")
    end = texts(open_app("lessons", lesson="wiring", step="7", run=mine.run, **kept))
    assert re.search(r"\d of your 2 guesses were right or close\.", end)


def test_a_run_of_ones_own_is_what_a_step_asks_about(store: Store, race: RunFolder) -> None:
    mine = plant(store, "done", race)
    at = open_app("lessons", lesson="explicit", step="5", run=mine.run, **{"guess-explicit-5": "50"})
    assert f"This step is about run {mine.run}. It has other settings than this step asks for" in texts(at)
    assert "You said 50 points; it is" in texts(at)
    assert links(at)["See the answer on the Compare page"]["run"] == [mine.run]
    waiting = plant(store, "running", None)
    assert "Your run is still training: 50%." in texts(open_app("lessons", lesson="map", step="5", run=waiting.run))


def test_the_newest_run_of_a_class_is_nobody_elses(store: Store, race: RunFolder) -> None:
    anothers = plant(store, "done", race, by="another")
    at = open_app("lessons", lesson="map", step="5", run=anothers.run)
    assert f"Run {anothers.run} was started in another session" in texts(at)
    del at.session_state["run"], at.query_params["run"]  # as whoever opens a link without a run finds it
    assert "This question is about a run of your own." in texts(at.run())


def test_planted_crosses_found_are_as_many_as_the_crosses_page_says(store: Store, race: RunFolder) -> None:
    mine = plant(store, "done", race)
    lead = next(one for one in texts(open_app("crosses", run=mine.run)).splitlines() if "planted crosses are" in one)
    found = lead.split(" of the ")[0].rpartition(" ")[2]
    at = open_app("lessons", lesson="map", step="5", run=mine.run, **{"guess-map-5": found})
    assert f"You said {found}; it is {found}. That is exactly right." in texts(at)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"lesson": "![x](http://away)"}, "There is no lesson called `![x](http://away)`."),
        ({"lesson": "cross", "step": "99"}, "This lesson has 5 steps, so it starts at the first one."),
        ({"lesson": "cross", "step": "two"}, "This lesson has 5 steps, so it starts at the first one."),
        ({"lesson": "cross", "step": "1", "guess-cross-1": "inf"}, "does not know: `inf`"),
        ({"lesson": "cross", "step": "4", "guess-cross-4": "<b>"}, "does not know: `<b>`"),
    ],
)
def test_a_wrong_link_is_said_in_one_sentence(query: dict[str, str], said: str) -> None:
    assert said in texts(visit("lessons", query))


def style_of(at: Any) -> str:
    """The rules that hide something on the page."""
    return "".join(str(one.proto.body) for one in at.get("html") if "display: none; }</style>" in str(one.proto.body))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_hides_what_the_link_says_and_keeps_its_lesson(page: str) -> None:
    at = open_app(page, lesson="wiring", step="2", hide="epochs,cross_layer,hand-", run="showcase")
    assert all(f"st-key-{key}" in style_of(at) for key in ("epochs", "cross_layer", "hand-"))
    assert not [one for one in at.warning if "hide nothing" in str(one.value)]
    line = "Back to lesson 3, step 2: Who is ahead?"
    assert (line in links(at)) == (page != "lessons" and not PAGES[page].alone)


def test_what_is_hidden_keeps_the_value_that_the_link_gives_it() -> None:
    at = open_app(hide="epochs,seeds", epochs="3", data="planted", run="showcase")
    assert experiment_in(at).training.epochs == 3
    assert "epochs=3" in at.sidebar.code[1].value
    everything = hidden("all-but:data")
    assert "epochs" in everything
    assert "data" not in everything
    alone = open_app(hide="all-but:data,seeds", run="showcase")
    assert "st-key-epochs" in style_of(alone)
    assert "st-key-seeds," not in style_of(alone)


def test_an_unknown_name_hides_nothing_and_is_said() -> None:
    at = open_app(hide="epoch,seeds,} body { color: red", run="showcase")
    (said,) = [str(one.value) for one in at.warning if "hide nothing" in str(one.value)]
    assert "`epoch`" in said
    assert "color: red" not in style_of(at)
    assert "st-key-seeds" in style_of(at)


def test_pages_hand_on_what_is_hidden_and_how_far_a_lesson_is() -> None:
    at = open_app("lessons", lesson="cross", step="2", hide="epochs", **{"guess-cross-1": "3"})
    for name in ("lesson", "step", "hide", "guess-cross-1"):  # as the menu's links leave it
        del at.query_params[name]
    switch_to(at, "data")
    assert at.query_params["lesson"] == "cross"
    assert at.query_params["guess-cross-1"] == "3"
    assert "st-key-epochs" in style_of(at)


def test_one_link_brings_a_class_into_the_same_state_without_a_run() -> None:
    at = open_app("lessons", lesson="explicit", step="4", hide="epochs")
    set_to(at, class_hide=["epochs", "seeds"])
    query = parse_qs(urlsplit(at.main.code[0].value).query, keep_blank_values=True)
    assert "run" not in query
    assert (query["lesson"], query["step"], query["hide"]) == (["explicit"], ["4"], ["epochs,seeds"])
    there = visit("compare", query)
    assert changed(experiment_in(there))["arms"] == "cross_only,deep_only"
    assert experiment_in(there).fairness == assemble({}).fairness
    assert "st-key-seeds" in style_of(there)


def test_a_link_that_asks_for_nothing_is_the_page_alone() -> None:
    assert urlsplit(open_app("lessons").main.code[0].value)[2:] == ("/lessons", "", "")


def test_compare_has_the_link_for_a_class_too() -> None:
    at = open_app(epochs="4", run="showcase")
    link = at.sidebar.code[2].value
    assert "epochs=4" in link
    assert "run=" not in link


@pytest.mark.parametrize(
    ("address", "warned"),
    [("http://localhost:8501", True), ("http://127.0.0.1:8501", True), ("https://lab.example.org", False)],
)
def test_a_link_that_others_cannot_open_says_so_and_what_to_do(address: str, warned: bool, monkeypatch: Any) -> None:
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.url", address)
    at = open_app("lessons")
    assert at.main.code[0].value == f"{address}/lessons"
    assert ("Others can't open an address that begins with" in texts(at)) == warned
    taken = [str(one.value) for one in open_app(run="showcase").sidebar.caption]
    assert sum("Others can't open" in one for one in taken) == (2 if warned else 0)


def test_a_lesson_that_cannot_be_read_is_said_and_other_pages_go_on(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "bad.toml").write_text("title = ", encoding="utf-8")
    monkeypatch.setattr("pdcn.pages.lessons.written.FOLDER", tmp_path)
    assert "bad.toml" in texts(open_app("lessons"))
    assert open_app("data", lesson="bad", step="1").title


def test_the_glossary_shows_twenty_terms_with_their_pictures() -> None:
    at = open_app("lessons", lessons="glossary")
    assert len([one for one in at.markdown if "data:image/svg+xml" in str(one.value)]) == 20
    assert "data:image/svg+xml" in widget(open_app(run="showcase"), "seeds").help
