"""The Story page: one shopper through both towers, the three columns, and links that lead where they say."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pdcn.dials import assemble, parse_all
from pdcn.files import SHOWCASE
from pdcn.glossary import GROUPED_AUC
from pdcn.jobs.analysis import Analysis
from pdcn.pages.story import STORY
from pdcn.pages.story import words as say
from pdcn.pages.story.page.ways import TITLES
from pdcn.pages.story.presets import PRESETS, Preset
from pdcn.research.findings import FINDINGS
from pdcn.runs.folder import RunFolder
from tests.app.app_help import button, charts, experiment_in, open_app, plain, texts, visit


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    found = Analysis.of(RunFolder(SHOWCASE), STORY).tables
    assert found is not None, "the story does not come with the showcase"
    return found


@pytest.fixture
def page() -> AppTest:
    return open_app("story")


def test_the_shopper_is_told_with_the_kept_ranks(page: AppTest, tables: dict[str, pd.DataFrame]) -> None:
    event, folder = tables["event"].iloc[0], RunFolder(SHOWCASE)
    ranks = folder.ranks
    assert ranks is not None
    measured = folder.measured
    assert measured is not None
    for row in tables["outcome"].to_dict("records"):
        assert measured.cells[row["arm"], event["seed"]][event["event"]] == row["rank"]
    by_arm = tables["outcome"].set_index("arm")["rank"]
    told = say.RANKS(parallel=f"{by_arm['parallel'] + 1:,.0f}", sequential=f"{by_arm['sequential'] + 1:,.0f}")
    assert told in texts(page)
    left, right = (measured.cells[arm, event["seed"]] for arm in ("parallel", "sequential"))
    assert event["left"] == pytest.approx((left < right).mean())
    assert event["right"] == pytest.approx((right < left).mean())


def test_both_towers_are_drawn_with_their_numbers(page: AppTest, tables: dict[str, pd.DataFrame]) -> None:
    assert charts(page)[:2] == ["story-sequential-query", "story-parallel-query"]
    blocks = tables["blocks"]
    for _, own in blocks.groupby(["arm", "side"]):
        assert [len(one) for one in own["values"]] == own["out"].tolist()
        assert (own[own["point"] == "head"]["values"].iloc[0] ** 2).sum() == pytest.approx(1, abs=1e-5)
    item = visit("story", {"story_side": "item"})
    assert charts(item)[:2] == ["story-sequential-item", "story-parallel-item"]


def test_a_chosen_block_is_told_of_both_wirings(page: AppTest, tables: dict[str, pd.DataFrame]) -> None:
    blocks = tables["blocks"]
    own = blocks[(blocks["arm"] == "sequential") & (blocks["side"] == "query")]
    parameters = dict(zip(own["name"], own["parameters"].astype(int), strict=True))
    share = parameters["Cross 1"] / sum(parameters.values())
    told = plain(next(one.value for one in page.markdown if one.value.startswith("**Cross 1.**")))
    assert say.EQUATIONS["cross"] in told
    assert f"It has {share:.0%} of this tower's parameters." in told
    item = texts(visit("story", {"story_side": "item", "story_block": "Concat"}))
    assert say.NO_SUCH_BLOCK(name="Concat") in item  # one after the other
    assert f"**Concat.** {say.EQUATIONS['join']}" in item


def test_equations_are_those_of_the_showcase() -> None:
    network = RunFolder(SHOWCASE).experiment.network
    assert (network.cross, network.activation, network.normalise) == ("full", "relu", True)
    assert {*say.EQUATIONS} == {"embedding", "cross", "deep", "join", "head"}


def test_reported_and_measured_stand_in_columns_of_their_own(page: AppTest) -> None:
    lists = [plain(one.value) for one in page.markdown if one.value.startswith("- ")]
    reported, unknown, measured, *_ = lists
    assert "+11%" in reported
    assert not re.search(r"\d%", unknown)
    assert "95% interval [" in measured
    assert "Pinterest" not in measured


def test_every_preset_is_a_row_of_a_finding_and_shows_what_its_title_says(page: AppTest) -> None:
    rows = {preset.name: preset.row for preset in PRESETS}
    assert [*rows] == [*TITLES]
    wins, ties, loses = rows.values()
    assert wins is not None
    assert ties is not None
    assert loses is not None
    assert wins["verdict"] == "better"
    assert ties["low"] < 0 < ties["high"]
    assert loses["verdict"] == "worse"
    assert {row["against"] for row in (wins, ties, loses)} == {"sequential"}
    assert "points of grouped AUC, 95% interval" in texts(page)  # what it is a difference in, where that is no recall
    assert GROUPED_AUC in texts(page)
    assert all(f"{row['verdict']}." in texts(page) for row in (wins, ties, loses))
    assert {preset.finding for preset in PRESETS} <= {*FINDINGS}
    assert say.ALL_ANSWERS(count=len(FINDINGS)) in [one.proto.label for one in page.get("page_link")]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_opens_compare_with_its_experiment(preset: Preset) -> None:
    query: dict[str, str | list[str]] = {}
    for key, text in preset.values:
        query[key] = [*query.get(key, []), text] if key == "arms" else text
    at = visit("compare", query)
    asked = experiment_in(at)
    (race,) = (r for r in FINDINGS[preset.finding].races if (r.group, r.label) == (preset.group, preset.label))
    assert asked.arms == preset.arms
    assert len(race.experiment.arms) > 2  # as the page says of where the numbers come from
    assert (asked.task, asked.fairness) == (race.experiment.task, race.experiment.fairness)
    assert asked.seeds == 3
    assert asked.data == race.experiment.data
    assert asked.network == race.experiment.network
    assert button(at, "Run").disabled is False


def test_a_link_from_when_compare_opened_the_app_still_leads_there() -> None:
    at = visit("story", {"epochs": "5", "arms": ["parallel", "sequential", "deep_only"]})
    assert experiment_in(at) == assemble(parse_all([("epochs", "5"), ("arms", "parallel,sequential,deep_only")]))


def test_the_way_to_decide_leads_to_its_page(page: AppTest) -> None:
    found = {one.proto.label: one.proto.page for one in page.get("page_link")}
    assert found[f"**{say.DECIDE}**"] == "decide"
