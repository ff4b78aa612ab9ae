"""The Decide page: the decision with its figure, the form, and what it is worth; on good runs and on odd ones."""

from __future__ import annotations

import re
from typing import Any, cast

import pandas as pd
import pytest

from pdcn.decision import words as say
from pdcn.evaluation.causes import PATH
from pdcn.files import SHOWCASE, read_json
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from tests.app.app_help import (
    SHOWN,
    charts,
    experiment_in,
    follow,
    open_app,
    plain,
    plant,
    run_in,
    set_to,
    texts,
    unfold,
    widget,
)

HOSTILE = "![x](http://away/p.png) <script>alert(1)</script> **bold** $x$ :red[y]"


def lead_of(at: Any) -> str:
    return next(plain(one.value) for one in at.markdown if str(one.value).startswith("**"))


def test_the_showcase_is_decided_at_first_sight() -> None:
    at = open_app("decide")
    row = next(row for row in read_json(SHOWCASE / "result.json")["comparison"] if row["k"] == 100)
    assert at.title[0].value == say.TITLE
    assert f"{100 * row['difference']:+.2f} points of recall@100" in lead_of(at)
    assert "decide-gain" in charts(at)
    assert [name for name in say.ROWS.values() if f"**{name}**" not in texts(at)] == []
    assert f"{1_000 * row['difference']:+.1f} hits" in texts(at)


def test_what_is_said_of_the_person_stands_in_the_address_and_changes_the_answers() -> None:
    said = {"decide_device": "cuda", "decide_task": "ranking", "decide_crossing": "other", "decide_size": "large"}
    at = unfold(open_app("decide", run="showcase", decide_plot="parameters", decide_requests="1000.0", **said))
    assert {key: widget(at, key).value for key in said} == said
    assert "which we don't know" in lead_of(at)
    assert "grouped AUC" in texts(at)
    assert say.LEANS["unknown"](count=4) in texts(at)
    assert "In a day: +32.0 hits" in texts(at)
    at = set_to(at, **{"decide_task-labelled": "retrieval"})
    assert "grouped AUC" not in texts(at)


def test_one_press_opens_compare_with_what_would_settle_it() -> None:
    (link,) = [
        one.proto for one in open_app("decide", run="showcase").get("page_link") if one.proto.label == say.OPEN_COMPARE
    ]
    assert link.page == "compare"
    asked = experiment_in(follow(f"?{link.query_string}"))
    assert {*asked.arms} == {*PATH}
    assert asked.model_copy(update={"arms": SHOWN.experiment.arms}) == SHOWN.experiment


def odd(store: Store, race: RunFolder, **values: Any) -> RunFolder:
    """A run with other values in its record."""
    folder = plant(store, "done", race)
    result = cast(dict[str, Any], race.result)
    folder.write_json("result.json", {**result, **values})
    return folder


def test_a_run_with_hostile_names_is_shown_inert(store: Store, race: RunFolder) -> None:
    result = cast(dict[str, Any], race.result)
    folder = odd(store, race, data={**result["data"], "title": HOSTILE}, note=HOSTILE, warning=HOSTILE)
    slices = pd.read_parquet(SHOWCASE / "slices.parquet").assign(value=HOSTILE, field=HOSTILE)
    folder.write_frame("slices.parquet", slices)
    folder.write_json("profile.json", {**(race.profile or {}), "note": HOSTILE})
    at = unfold(open_app("decide", run=folder.run))
    assert "`![x](http://away/p.png)`" in texts(at)
    bare = re.sub("`[^`]*`", "", texts(at))
    assert [part for part in HOSTILE.split() if part in bare] == []


def test_one_seed_without_controls_decides_nothing(store: Store, race: RunFolder) -> None:
    result = cast(dict[str, Any], race.result)
    rows = [{**row, "verdict": "too few seeds", "seeds": 1} for row in result["comparison"]]
    at = open_app("decide", run=odd(store, race, comparison=rows).run)
    assert lead_of(at).startswith("**We don't know yet: one training of each")
    assert say.WORTH_UNKNOWN in texts(at)
    assert "decide-gain" in charts(at)


def test_another_arm_can_be_decided_on(store: Store, race: RunFolder) -> None:
    result = cast(dict[str, Any], race.result)
    arms = {**result["arms"], "deep_only": result["arms"]["parallel"]}
    rows = [*result["comparison"], *({**row, "arm": "deep_only"} for row in result["comparison"])]
    run = odd(store, race, arms=arms, comparison=rows).run
    assert widget(unfold(open_app("decide", run=run)), "decide_arm").value == "parallel"
    at = unfold(open_app("decide", run=run, decide_arm="deep_only"))
    assert "Deep only has " in texts(at)  # so many parameters
    assert "Parallel has " not in texts(at)


@pytest.mark.parametrize("state", ["running", "interrupted", "queued"])
def test_a_run_without_a_result_says_that_nobody_knows(store: Store, race: RunFolder, state: Any) -> None:
    folder = plant(store, state, race, files=())
    at = open_app("decide", run=folder.run)
    assert run_in(at) == folder.run
    assert lead_of(at) == f"**{say.UNKNOWN_NOTHING if state == 'interrupted' else say.UNKNOWN_TRAINING}**"
    assert say.NO_FIGURE in texts(at)


def test_own_runs_are_cited_with_a_way_to_them(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    at = unfold(open_app("decide", run="showcase", decide_data="few"))
    assert f"Your run {folder.run}" in texts(at)
    links = [one.proto.query_string for one in at.get("page_link")]
    assert f"run={folder.run}" in links
