"""The sheet of a run: what it says follows from the records, and where nothing was measured it says so."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, cast

import pandas as pd
import pytest

from pdcn.config import Experiment
from pdcn.decision import words as say
from pdcn.decision.reason import SKIP
from pdcn.decision.sheet import choices, sheet
from pdcn.dials import assemble, dials
from pdcn.evaluation.causes import PATH
from pdcn.files import SHOWCASE, read_json
from pdcn.pages.latency import LATENCY
from pdcn.research.findings import FOLDER, PLANTED, WHOLE
from pdcn.runs.folder import Progress, RunFolder

SHOWN = RunFolder(SHOWCASE)


def in_address(address: dict[str, list[str]]) -> Experiment:
    """The experiment that Compare's dials would make of an address."""
    own = {dial.key: dial for dial in dials()}
    texts = {key: ",".join(values) for key, values in address.items() if key in own}
    return assemble({key: own[key].parse(text) for key, text in texts.items()})


def changed(folder: RunFolder, change: Callable[[dict[str, Any]], None]) -> RunFolder:
    """The run with another record."""
    result = cast(dict[str, Any], folder.result)
    change(result)
    folder.write_json("result.json", result)
    return folder


def judged(verdict: str, difference: float = 0.03, **values: Any) -> Callable[[dict[str, Any]], None]:
    """A record with this verdict in its headline, no arm below popularity, and other values."""

    def change(result: dict[str, Any]) -> None:
        at = {"verdict": verdict, "difference": difference, "low": difference - 0.02, "high": difference + 0.02}
        for row in result["comparison"]:
            row.update(at)
        for record in result["baselines"].values():
            record["recall"] = dict.fromkeys(record["recall"], 0.0)
        result.update({"unfinished": [], **values})

    return change


def test_the_showcase_has_a_whole_sheet() -> None:
    result, found = read_json(SHOWCASE / "result.json"), sheet(SHOWN, timed=LATENCY)
    row = next(row for row in result["comparison"] if (row["metric"], row["k"]) == ("recall", 100))
    assert result["verdict"].startswith(found.verdict)
    assert found.question == "On The Complete Journey, should parallel replace sequential?"
    assert found.found is not None
    assert (found.found.difference, found.found.low, found.found.high) == (row["difference"], row["low"], row["high"])
    assert f"{100 * row['difference']:+.2f} points of recall@100" in found.decision.said
    for name in ("parallel", "sequential"):
        record = result["arms"][name]
        assert found.levels[name] == record["recall"]["100"]
        assert found.seeds[name] == tuple(record["recall_per_seed"]["100"])
        assert found.cost("parameters").of[name] == record["parameters"]["dense"]
        assert found.cost("training").of[name] == pytest.approx(record["train_seconds"] / 3)
    assert found.reason.source == "bundled"
    assert "equal parameters" in " ".join(found.reason.said)


def test_our_study_casts_doubt_where_a_plain_skip_brought_all_of_it(folder: RunFolder) -> None:
    rows = read_json(FOLDER / "cause.json")["rows"]

    def step(group: str, arm: str, against: str) -> str:
        found = [row for row in rows if (row["group"], row["arm"], row["against"]) == (group, arm, against)]
        return str(found[0]["verdict"])

    for group, found in ((WHOLE, sheet(SHOWN)), (PLANTED, sheet(changed(folder, judged("better"))))):
        skip, *others = (step(group, arm, held) for held, arm in pairwise(PATH))
        alone = skip == "better" and "better" not in others
        assert found.decision.kind == "rewire"
        assert found.decision.doubt == (say.DOUBT_SKIP(group=group) if alone else "")
        assert group in found.reason.said[0]


def test_a_run_that_still_trains_decides_nothing(folder: RunFolder) -> None:
    found = sheet(changed(folder, judged("better")), state="running")
    assert (found.decision.said, found.settle.said) == (say.UNKNOWN_TRAINING, say.SETTLE_WAIT)
    assert found.so_far
    assert found.settle.address == {}


def test_times_are_those_that_were_measured_at_the_nearest_batch() -> None:
    (path,) = SHOWCASE.glob("analysis/latency-*")
    times, forms = (pd.read_parquet(path / f"{name}.parquet") for name in ("times", "forms"))
    for asked, batch in ((1, 1), (64, 64), (5_000, 4_096), (100, 64)):
        found = sheet(SHOWN, asked, timed=LATENCY).cost("latency")
        cell = "tower == 'query' and threads == 1 and batch == @batch"
        row = forms.query(f"{cell} and variant == 'arm parallel'").iloc[0]
        assert found.ratio == (row["ratio"], row["ratio_low"], row["ratio_high"])
        for arm in ("parallel", "sequential"):
            assert found.of[arm] == times.query(f"{cell} and variant == 'arm {arm}'")["p50"].iloc[0]
        assert (say.NEAREST(asked=f"{asked:,}") in found.said) == (asked != batch)
        assert found.source == "run"


def test_a_ranking_borrows_no_times_and_no_reason_of_retrieval(folder: RunFolder) -> None:
    every = read_json(FOLDER / "ranking.json")["rows"]
    rows = {(row["arm"], row["group"]): row for row in every if row["against"] == "sequential"}
    folder.write_text("experiment.json", assemble({"data": "planted", "task": "ranking"}).to_json())
    found = sheet(folder, timed=LATENCY)
    assert (found.cost("latency").said, found.cost("latency").of) == (say.UNTIMED_TASK, {})
    assert (found.reason.source, found.reason.study, found.reason.steps) == ("bundled", "ranking", ())
    skip, whole = (rows[arm, PLANTED]["difference"] for arm in (SKIP, "parallel"))
    assert f"grouped AUC by {100 * skip:+.2f} points" in found.reason.said[0]
    assert f"parallel changes it by −{-100 * whole:.2f} [" in found.reason.said[0]
    assert found.reason.said[1] == say.FOUND_DETECTED(arms="parallel")


def test_several_outcomes_are_explained_by_the_study_of_conversions_on_the_same_data(folder: RunFolder) -> None:
    folder.write_text("experiment.json", assemble({"data": "opportunities"}).to_json())
    found = sheet(folder, timed=LATENCY).reason
    assert (found.study, found.said[1]) == ("conversions", say.FOUND_NEITHER)
    assert found.said[0].startswith("In our study on promoted products, a plain skip")


def test_users_of_the_data_are_those_of_all_events(folder: RunFolder) -> None:
    profile = read_json(SHOWCASE / "profile.json")
    said = next(one for one in sheet(SHOWN).how_sure if one.startswith("The data:"))
    assert f"{profile['events']:,} events of {profile['users']:,} users" in said
    (folder.path / "profile.json").unlink()
    tested = cast(dict[str, Any], folder.result)["data"]["users"]
    assert any(f" items, {tested:,} users in the test." in one for one in sheet(folder).how_sure)


def test_what_was_not_timed_is_unknown() -> None:
    for found in (sheet(SHOWN, device="cuda", timed=LATENCY), sheet(SHOWN)):
        assert (found.cost("latency").ratio, found.cost("latency").of) == (None, {})
        assert found.cost("latency").said.startswith("We don't know")
        assert "which we don't know" in found.decision.said


def test_a_run_that_was_not_timed_borrows_the_showcases_times_and_says_so(folder: RunFolder) -> None:
    found = sheet(changed(folder, judged("better")), timed=LATENCY).cost("latency")
    assert found.source == "bundled"
    assert say.OF_SHOWCASE in found.said


def test_what_would_settle_an_advantage_is_the_race_of_its_controls() -> None:
    found = sheet(SHOWN, timed=LATENCY).settle
    assert found.experiment is not None
    assert set(found.experiment.arms) == set(PATH)
    assert in_address(found.address) == found.experiment
    assert found.experiment.model_copy(update={"arms": SHOWN.experiment.arms}) == SHOWN.experiment


@pytest.mark.parametrize(
    ("change", "kind", "begins"),
    [
        (judged("better"), "rewire", "Rewire"),
        (judged("worse", -0.03), "keep", "Keep sequential: parallel loses"),
        (judged("no detectable difference", 0.01), "unknown", "We don't know yet: we detect no difference"),
        (judged("too few seeds"), "unknown", "We don't know yet: one training"),
        (judged("too short"), "unknown", "We don't know yet: these trainings are too short"),
        (judged("better", unfinished=["parallel"]), "unknown", "We don't know yet: training was not finished"),
    ],
)
def test_the_decision_claims_no_more_than_the_verdict(
    folder: RunFolder, change: Callable[[dict[str, Any]], None], kind: str, begins: str
) -> None:
    found = sheet(changed(folder, change), timed=LATENCY)
    assert (found.decision.kind, found.decision.said[: len(begins)]) == (kind, begins)
    assert found.so_far == ("not finished" in begins)
    assert found.settle.experiment is not None
    assert in_address(found.settle.address) == found.settle.experiment


def test_a_difference_too_small_to_matter_keeps_what_there_is(folder: RunFolder) -> None:
    def change(result: dict[str, Any]) -> None:
        judged("no detectable difference", 0.001)(result)
        for row in result["comparison"]:
            row.update(low=-0.004, high=0.006)

    found = sheet(changed(folder, change))
    assert found.decision.said.startswith("Keep sequential: parallel differs by less than 1 point, +0.10 points")


def test_a_model_below_popularity_says_nothing_about_its_wiring(folder: RunFolder) -> None:
    def change(result: dict[str, Any]) -> None:
        judged("better")(result)
        result["baselines"]["popularity"]["recall"] = dict.fromkeys(result["baselines"]["popularity"]["recall"], 1.0)

    found = sheet(changed(folder, change))
    assert found.decision.said == say.UNKNOWN_BELOW(baseline="popularity")
    assert found.settle.said == say.SETTLE_EPOCHS_AND_SEEDS(epochs=30, seeds="3 seeds")  # more seeds alone are as weak


def test_more_seeds_are_offered_where_these_are_too_few(folder: RunFolder) -> None:
    def change(result: dict[str, Any]) -> None:
        judged("no detectable difference", 0.01)(result)
        for row in result["comparison"]:
            row["seeds_needed"] = 8

    found = sheet(changed(folder, change)).settle
    assert (found.experiment or Experiment()).seeds == 8
    assert found.said == say.SETTLE_SEEDS(seeds="8 seeds", matters="1 point")


def test_a_longer_training_is_offered_from_seeds_that_can_tell(folder: RunFolder) -> None:
    found = sheet(changed(folder, judged("better", unfinished=["parallel"]))).settle
    assert folder.experiment.seeds == 2
    assert (found.experiment or Experiment()).seeds == 3
    assert (found.experiment or Experiment()).training.epochs == 30
    assert found.said == say.SETTLE_EPOCHS_AND_SEEDS(epochs=30, seeds="3 seeds")


@pytest.mark.parametrize(("worse", "as_well"), [(False, True), (True, False)])
def test_a_plain_skip_that_raced_is_held_against_the_arm(folder: RunFolder, *, worse: bool, as_well: bool) -> None:
    ranks = cast(pd.DataFrame, folder.ranks)
    own = {
        f"{SKIP}.{seed}": ranks[f"parallel.{seed}"] * 0 + 90 if worse else ranks[f"parallel.{seed}"] for seed in (0, 1)
    }
    folder.write_frame("ranks.parquet", ranks.assign(**own))
    folder.write_text(
        "experiment.json", assemble({"arms": ("parallel", "sequential", SKIP)}, folder.experiment).to_json()
    )

    def change(result: dict[str, Any]) -> None:
        judged("better")(result)
        result["arms"][SKIP] = result["arms"]["parallel"]
        result["comparison"] += [{**row, "arm": SKIP} for row in result["comparison"]]

    found = sheet(changed(folder, change), timed=LATENCY)
    assert found.reason.source == "run"
    assert found.reason.skip_as_well is as_well
    assert (found.decision.kind == "skip") == as_well
    assert say.SKIP_UNTIMED in found.reason.said
    assert choices(folder) == ["parallel", SKIP]
    other = sheet(folder, timed=LATENCY, arm=SKIP)
    assert (other.arm, other.against, other.question.count("sequential skip x0")) == (SKIP, "sequential", 1)
    assert other.reason.said == (say.NO_REASON(arm="sequential skip x0", against="sequential"),)


def test_a_run_without_a_result_says_what_it_was_to_answer(folder: RunFolder) -> None:
    (folder.path / "result.json").unlink()
    folder.write_progress(Progress("interrupted"))
    found = sheet(folder, timed=LATENCY, state="interrupted")
    assert found.decision.said == say.UNKNOWN_NOTHING
    assert (found.levels, found.found, found.metric) == ({}, None, None)
    assert say.ENDED["interrupted"] in found.how_sure
    assert found.settle.experiment == folder.experiment


def test_one_arm_alone_is_offered_a_race(folder: RunFolder) -> None:
    alone = assemble({"arms": ("parallel",)}, folder.experiment)
    folder.write_text("experiment.json", alone.to_json())

    def change(result: dict[str, Any]) -> None:
        result["comparison"], result["arms"] = [], {"parallel": result["arms"]["parallel"]}

    found = sheet(changed(folder, change))
    assert (found.arm, found.against, found.decision.kind) == ("parallel", "", "unknown")
    assert (found.settle.experiment or alone).arms == ("parallel", "sequential")
