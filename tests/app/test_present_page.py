"""The Present page: each slide of good runs and of odd ones, and the ways to it."""

from __future__ import annotations

from html import escape
from shutil import rmtree
from typing import Any

import pandas as pd
import pytest

from pdcn.decision.sheet import sheet
from pdcn.decision.words import ALL_FINISHED
from pdcn.evaluation.causes import conclusion
from pdcn.pages.present import STEPS
from pdcn.pages.present import words as say
from pdcn.pages.present.page import _names
from pdcn.pages.present.page.slides import _list
from pdcn.research.answers import cause_steps
from pdcn.research.findings import PLANTED, bundled
from pdcn.runs.cautions import not_finished
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from tests.app.app_help import SHOWN, charts, open_app, plain, plant, set_to, texts, widget


def told(at: Any) -> str:
    """What the slide says."""
    return "\n".join(body for one in at.get("html") if 'class="pr' in (body := str(one.proto.body)))


def test_the_showcase_in_six_slides() -> None:
    found, at = sheet(SHOWN), open_app("present", run="showcase")
    assert widget(at, "slide").value == "question"
    assert escape(found.question) in told(at)
    assert charts(at) == ["room-tower-sequential", "room-tower-parallel"]
    heads, drawn = {}, {}
    for step in STEPS:
        at = set_to(at, slide=step)
        heads[step], drawn[step] = told(at), charts(at)
        assert not at.error
    assert say.CHOSEN_BY_RULE.partition(":")[0] in heads["lists"]
    assert heads["lists"].count("class=true") == 2
    assert escape(found.verdict) in heads["curve"]
    assert drawn["curve"] == ["room-curve"]
    assert drawn["why"] == ["room-steps"]
    assert f"{found.cost('parameters').of['parallel']:,.0f}" in heads["cost"]
    assert escape(found.settle.said) in heads["decision"]
    assert escape(found.decision.doubt) in heads["decision"]


def test_a_link_leads_to_a_slide_and_nonsense_to_the_first_which_is_said() -> None:
    assert "43.3%" in told(open_app("present", run="showcase", slide="cost"))
    at = open_app("present", run="showcase", slide="<b>")
    assert widget(at, "slide").value == "question"
    said = (
        "In the link, slide: expected one of question, lists, curve, why, cost, decision, got `<b>`; question is used."
    )
    assert said in texts(at)
    assert said not in texts(set_to(at, slide="cost"))


@pytest.mark.parametrize("page", ["compare", "decide"])
def test_a_button_leads_there_and_no_menu(page: str) -> None:
    links = [one.proto for one in open_app(page, run="showcase").get("page_link")]
    (there,) = [one for one in links if one.page == "present"]
    assert there.label == "Present"
    assert "run=showcase" in there.query_string


def test_runs_of_which_little_is_known_are_presented_with_what_is(
    store: Store, race: RunFolder, alone: RunFolder
) -> None:
    busy, one = plant(store, "running", race), plant(store, "done", alone)
    assert say.BUSY in texts(open_app("present", run=busy.run, slide="curve"))
    failed = plant(store, "failed", None)
    assert say.NO_RESULT in texts(open_app("present", run=failed.run))
    at = open_app("present", run=one.run)
    assert list(_names(one, "question")) == ["question", "curve", "cost", "decision"]
    assert list(_names(one, "lists")) == ["question", "lists", "curve", "cost", "decision"]  # a link asked for it
    assert list(_names(plant(store, "done", race), "question")) == list(STEPS)
    for step in STEPS:
        at = set_to(at, slide=step)
        assert not at.error
        assert " and were " not in told(at)
        assert " and differ" not in told(at)
        if step == "lists":
            assert escape(say.NO_LISTS_OF_ONE) in told(at)


def test_a_run_that_is_deleted_as_it_is_shown_is_said_to_be_gone(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    at = open_app("present", run=folder.run)
    rmtree(folder.path)
    at = set_to(at, slide="cost")
    assert not at.error
    assert "is not on this computer" in at.info[0].value


def test_a_hostile_run_is_presented_as_text(store: Store, race: RunFolder) -> None:
    evil = "<img src=http://evil.example> <script>evil()</script> **evil** [evil](http://evil.example)"
    folder = plant(store, "done", race)
    record = folder.result
    assert record is not None
    record["data"]["title"] = record["device"] = record["note"] = evil
    folder.write_json("result.json", record)
    for step in STEPS:
        said = told(open_app("present", run=folder.run, slide=step))
        assert "<img" not in said
        assert "<script" not in said
    rows = pd.DataFrame([{"name": evil, "features": evil, "place": 0.0, "true": True, "both": True, "further": False}])
    assert _list(rows, evil, "#000000", evil).count(escape(evil)) == 4


def test_what_speaks_against_a_verdict_is_said_beside_it_on_every_page(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    note = not_finished(["parallel", "sequential"])
    rows = [{**row, "verdict": "better"} for row in (race.result or {})["comparison"]]
    folder.write_json(
        "result.json",
        {**(race.result or {}), "comparison": rows, "unfinished": ["parallel", "sequential"], "note": note},
    )
    assert f"</h1><p>{note}</p>" in told(open_app("present", run=folder.run, slide="curve"))
    compare = open_app("compare", run=folder.run)
    said = [plain(str(getattr(one, "value", ""))) for one in compare.main if one.type in ("header", "markdown")]
    assert said[said.index(note) - 1].startswith("On Planted crosses, parallel is better than sequential")
    assert "So far, per 1,000 requests" in texts(open_app("decide", run=folder.run))


def test_slides_say_whose_reason_and_whose_times_they_show(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    rows = [{**row, "verdict": "no detectable difference"} for row in (race.result or {})["comparison"]]
    arms = {name: {**arm, "train_seconds": 0.04} for name, arm in (race.result or {})["arms"].items()}
    well = {"comparison": rows, "arms": arms, "note": "", "unfinished": []}
    folder.write_json("result.json", {**(race.result or {}), **well})
    why = told(open_app("present", run=folder.run, slide="why"))
    assert f"<h1>{escape(say.NO_ADVANTAGE(arm='parallel'))}</h1><small>In our study on planted crosses, " in why
    cost = told(open_app("present", run=folder.run, slide="cost"))
    assert '<h1 class="long">This run was not timed. In the showcase, ' in cost
    assert f'<th scope="row">{say.TIME_THERE}</th>' in cost
    assert cost.count("<td>less than 0.1 s</td>") == 2
    assert ALL_FINISHED in sheet(folder).how_sure
    assert ALL_FINISHED not in told(open_app("present", run=folder.run, slide="decision"))
    own = told(open_app("present", run="showcase", slide="cost"))
    assert "A call of parallel takes 1." in own
    assert say.TIME_THERE not in own


def test_a_runs_own_steps_are_the_reason_of_an_advantage_that_it_found(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    steps = cause_steps((bundled("cause") or {})["rows"])[PLANTED]
    own = {"steps": [step.record() for step in steps], "note": not_finished(["parallel"])}
    concluded = escape(conclusion(steps))
    for verdict, begins in (
        ("better", f"<h1>{concluded}</h1><small>{own['note']}</small>"),
        ("worse", f"<h1>{escape(say.NO_ADVANTAGE(arm='parallel'))}</h1><small>{concluded}</small>"),
    ):
        rows = [{**row, "verdict": verdict} for row in (race.result or {})["comparison"]]
        folder.write_json("result.json", {**(race.result or {}), **own, "comparison": rows})
        said = told(open_app("present", run=folder.run, slide="why")).replace(' class="long"', "")
        assert begins in said


def test_damage_is_one_sentence(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    (folder.path / "ranks.parquet").unlink()
    for step in ("curve", "lists"):
        (said,) = open_app("present", run=folder.run, slide=step).error
        assert "expected a readable ranks.parquet, but it is gone" in said.value
    (folder.path / "result.json").write_text("{")
    (said,) = open_app("present", run=folder.run).error
    assert "expected a readable result.json, but it is damaged" in said.value
