"""The Inside page: offered, measured, on any run, and its words and tables by value."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from pdcn.jobs.analysis import Analysis
from pdcn.jobs.analyst import work_out
from pdcn.pages.inside import INSIDE
from pdcn.pages.inside.work.bottleneck import in_words
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.shell.cost import costs
from pdcn.words import points
from tests.app.app_help import charts, csvs, labels, open_app, plant, set_to, texts, unfold

DIAGRAMS = ["inside-tower-parallel", "inside-tower-sequential"]
TABLES = {"points", "fields", "left_out", "recall", "drops", "agreement", "shares"}


def bring(store: Store, run: RunFolder) -> RunFolder:
    """A run in this test's home with all that it kept, its weights and snapshots too."""
    folder = plant(store, "done", run, files=())
    for path in run.path.iterdir():
        if path.name in ("progress.json", "request.json"):
            continue
        if path.is_dir():
            shutil.copytree(path, folder.path / path.name, dirs_exist_ok=True)
        else:
            shutil.copy(path, folder.path / path.name)
    return folder


def measured(run: RunFolder) -> dict[str, pd.DataFrame]:
    """The analysis of a run, worked out once and kept with it."""
    analysis = Analysis.of(run, INSIDE)
    if analysis.tables is None:
        assert work_out(analysis).state == "done"
    found = analysis.tables
    assert found is not None
    return found


def test_before_it_is_measured_it_is_offered_and_the_towers_stand(store: Store, race: RunFolder) -> None:
    folder = bring(store, race)
    shutil.rmtree(folder.path / "analysis", ignore_errors=True)
    at = unfold(open_app("inside", run=folder.run))
    assert "Measure it" in labels(at)
    assert any("half a minute" in one.value for one in at.info)
    assert charts(at) == ["inside-plain-parallel", "inside-plain-sequential"]
    assert "on the longest path" in at.dataframe[-1].value


def test_the_tables_are_whole_and_hold_what_they_say(race: RunFolder) -> None:
    found = measured(race)
    assert found.keys() == TABLES
    points_, fields = found["points"], found["fields"]
    assert set(points_["moment"]) == {"trained", "before"}
    assert points_.groupby(["arm", "moment", "side"])["seed"].nunique().eq(2).all()
    one = {"arm": "parallel", "seed": 0, "moment": "trained", "side": "query", "point": "join"}
    own = fields[(fields[list(one)] == pd.Series(one)).all(axis=1)]
    (row,) = points_[(points_[list(one)] == pd.Series(one)).all(axis=1)].to_dict("records")
    assert row["kept"] == pytest.approx(own["score"].clip(lower=0).mean())
    at_x0 = points_[points_["name"] == "x0"]
    assert (at_x0["kept"] > 0.8).all()
    assert at_x0["cka"].to_numpy() == pytest.approx(1)
    assert (points_["rank"] <= points_["width"] + 1e-6).all()
    last = found["shares"]["step"].max()
    ends = found["shares"][(found["shares"]["seed"] == 0) & (found["shares"]["step"] == last)]
    assert set(ends["moment"]) == {"step", "trained"}


def test_the_page_says_what_the_tables_say(store: Store, race: RunFolder) -> None:
    found = measured(race)
    at = unfold(open_app("inside", run=bring(store, race).run))
    arms = ("parallel", "sequential")
    said = in_words(found["points"][found["points"]["side"] == "query"], arms, "query")
    for sentence in said:
        assert sentence in texts(at)
    for row in found["drops"][found["drops"]["sides"] == "both"].to_dict("records"):
        assert f"{points(row['difference'])} [{points(row['low'])}, {points(row['high'])}]" in texts(at)
    assert charts(at) == [
        *DIAGRAMS,
        "inside-drops",
        "inside-kept-parallel",
        "inside-kept-sequential",
        "inside-muted-parallel",
        "inside-muted-sequential",
        "inside-shares",
    ]
    assert texts(at).count("It does not show") == 7  # once a figure or table
    assert "Sequential has one branch" in texts(at)
    assert csvs(at) == {
        "inside-fields-query",
        "inside-points-query",
        "inside-recall",
        "inside-drops",
        "inside-shares-query",
        "inside-agreement",
        "inside-cost",
    }
    assert at.get("page_link")[-1].proto.page == "latency"


def test_every_choice_draws(store: Store, race: RunFolder) -> None:
    measured(race)
    at = unfold(open_app("inside", run=bring(store, race).run))
    for key, value in (
        ("inside_measure_query", "rank"),
        ("inside_measure_query", "cka"),
        ("inside_share", "gradient"),
        ("inside_share", "cka"),
        ("inside_where", "item"),
        ("inside_side", "item"),
    ):
        set_to(at, **{key: value})
        assert not at.exception
    assert charts(at)[:2] == DIAGRAMS
    assert "item tower keeps" in texts(at) or "item towers keep" in texts(at)
    assert "changed in the item tower" in texts(at)


def test_one_arm_and_one_seed_say_what_is_not_there(store: Store, alone: RunFolder) -> None:
    measured(alone)
    at = unfold(open_app("inside", run=bring(store, alone).run))
    assert "Deep only has neither two branches nor cross layers" in texts(at)
    assert "so there are no shares to compare" in texts(at)
    assert charts(at) == ["inside-tower-deep_only", "inside-kept-deep_only"]


def test_many_arms_one_seed_and_towers_that_differ(store: Store, wide: RunFolder) -> None:
    found = measured(wide)
    assert found["drops"][["low", "high"]].isna().all(axis=None)
    at = unfold(open_app("inside", run=bring(store, wide).run))
    assert "one seed cannot tell" in texts(at)
    assert "of one seed, so there is no interval" in texts(at)
    set_to(at, inside_left="parallel-deep_only", inside_right="parallel", inside_where="both")
    assert "Parallel queries with deep only items: nothing to change in both towers" in texts(at)
    set_to(at, inside_right="cross_only")
    set_to(at, inside_side="item")
    assert not at.exception
    set_to(at, inside_left="stacked_parallel")
    assert not at.exception
    assert charts(at)[0] == "inside-tower-stacked_parallel"


def test_costs_add_up_and_the_longest_way_leaves_the_shorter_branch_out(race: RunFolder) -> None:
    towers = race.towers
    assert towers is not None
    plan = towers["parallel"]["plan"]["query"]
    crosses, deep, behind, whole = costs("parallel", "query", plan)
    blocks = [*(block for branch in plan["branches"] for block in branch), plan["join"], plan["head"]]
    assert whole["FLOPs"] == sum(block["flops"] for block in blocks)
    assert whole["parameters"] == sum(block["parameters"] for block in blocks)
    assert whole["on the longest path"] == max(crosses["FLOPs"], deep["FLOPs"]) + behind["FLOPs"]
    assert [row["part"] for row in costs("sequential", "item", towers["sequential"]["plan"]["item"])] == [
        "crosses then deep",
        "head",
        "all but embeddings",
    ]
