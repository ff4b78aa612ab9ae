"""What comes with the project as evidence was made by its own commands, and its words follow from its numbers."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from pdcn.config import TOLERANCE
from pdcn.dials import assemble, changed, parse_all
from pdcn.evaluation.causes import PATH
from pdcn.evaluation.power import TRAINING_LUCK, USUAL_FREEDOM, usual_spread
from pdcn.evaluation.statistics import holm, outcome
from pdcn.files import DATA, read_json
from pdcn.research import projection_answers, projections, synthetic
from pdcn.research.answers import answer, beside_the_claim, changes, details, interval, names_of, sentences
from pdcn.research.bundle_steps import steps
from pdcn.research.calibrate import PROMISED, preset
from pdcn.research.findings import FINDINGS, FOLDER, SEEDS, bundled
from pdcn.research.fingerprints import content_of
from pdcn.research.fitting import fitted
from pdcn.research.synthetic import NAME, frame
from pdcn.research.targets import ENTRIES, Entry
from pdcn.training.version import VERSION
from pdcn.words import percent
from tests.benchmarks.spread import likeliest

README = " ".join((DATA / "README.md").read_text(encoding="utf-8").split())
BROKEN = ("planted", 2)
"""The data and the number of seeds that do not find what they promise, which the data's README says."""
CALIBRATED = sorted((DATA / "calibration").glob("*.json"))


BUNDLED = [name for name in FINDINGS if bundled(name)]


@pytest.fixture(params=BUNDLED)
def record(request: pytest.FixtureRequest) -> dict[str, Any]:
    found = bundled(request.param)
    assert found is not None
    return {**found, "finding": FINDINGS[request.param]}


def test_the_first_question_is_answered_and_nothing_else_lies_there() -> None:
    assert "cause" in BUNDLED
    assert {path.stem for path in FOLDER.glob("*.json")} >= {*BUNDLED}


def test_a_finding_has_every_race_of_its_command(record: dict[str, Any]) -> None:
    finding = record["finding"]
    assert record["command"] == f"python -m pdcn study {finding.name}"
    assert record["training"] == VERSION
    held = {name for pair in finding.levels for name in pair[1:]}  # a race of one arm that others are held against
    hashes = {
        race.experiment.hash() for race in finding.races if len(race.values["arms"]) > 1 or race.label not in held
    }
    assert {name for row in record["rows"] for name in (row["hash"], *row["also"])} == hashes
    for row in record["rows"]:
        assert assemble(parse_all(row["settings"].items())).hash() == row["hash"]
        assert row["seeds"] >= SEEDS == 5


def test_a_finding_has_a_row_for_every_pair_that_raced(record: dict[str, Any]) -> None:
    finding, rows = record["finding"], record["rows"]
    for race in finding.races:
        own = [row for row in rows if row["group"] == race.group and race.label in names_of(row)]
        there = {pair for pair in finding.pairs if set(pair) <= {*race.experiment.arms}}
        assert {(row["arm"], row["against"]) for row in own} == there


def test_a_finding_counts_all_of_its_rows(record: dict[str, Any]) -> None:
    rows = record["rows"]
    adjusted = holm(np.array([row["p"] for row in rows]))
    for row, p in zip(rows, adjusted, strict=True):
        assert row["adjusted"] == pytest.approx(p)
        assert row["verdict"] == outcome(row["difference"], p, row["seeds"])
        assert row["difference"] == pytest.approx(row["recall"][0] - row["recall"][1])


def test_what_is_said_to_change_a_difference_changes_it(record: dict[str, Any]) -> None:
    found = changes(record["finding"], record)
    assert bool(found) == bool(record["finding"].changes)
    said = " ".join(details(record["finding"], record))
    for change in found:
        apart = change.row["difference"] - change.held["difference"]
        assert change.size.difference == pytest.approx(apart)
        if change.kind:
            assert change.size.low * change.size.high > 0
            assert change.kind == ("larger" if apart > 0 else "smaller")
        assert (interval(change.size) in said) == bool(change.kind)


def test_dense_parameters_were_equal_where_they_were_to_be(record: dict[str, Any]) -> None:
    """But for arms without a width that may move and between races, which the question says; and where widths of a
    few do not allow it, which the answer says."""
    said = sentences(record["finding"], record)
    for row in record["rows"]:
        assert row["residual"] == pytest.approx(row["dense"][0] / row["dense"][1] - 1)
        fixed = {"cross_only", "linear", "edcn", "fcn"} & {row["arm"], row["against"]}
        within = row["arm"] != row["against"]
        if row["match"] == "parameters" and within and not fixed and abs(row["residual"]) > TOLERANCE["parameters"]:
            assert any("could not be made equal" in one and percent(100 * row["residual"]) in one for one in said)


def test_the_steps_add_up_to_the_advantage() -> None:
    cause = bundled("cause")
    assert cause is not None
    for group in dict.fromkeys(row["group"] for row in cause["rows"]):
        at = {
            (r["arm"], r["against"]): r["difference"]
            for r in cause["rows"]
            if r["group"] == group and "equal parameters" in names_of(r)
        }
        between = [at[arm, held] for held, arm in pairwise(PATH) if (arm, held) in at]
        assert len(between) == len(PATH) - 1
        assert sum(between) == pytest.approx(at["parallel", "sequential"])


def test_the_readme_says_what_was_found() -> None:
    cause = bundled("cause")
    assert cause is not None
    said = " ".join((DATA.parent / "README.md").read_text(encoding="utf-8").split())
    assert answer(FINDINGS["cause"], cause) in said
    assert beside_the_claim(cause) in said
    for name, told in (("conversions", 1), ("systems", 2), ("ranking", 1)):
        record = bundled(name)
        assert record is not None
        for sentence in sentences(FINDINGS[name], record)[:told]:
            assert sentence in said


def test_both_sources_were_calibrated() -> None:
    assert [path.stem for path in CALIBRATED] == ["journey", "planted"]


@pytest.mark.parametrize("path", CALIBRATED, ids=lambda path: path.stem)
def test_the_calibration_is_of_the_preset_and_keeps_its_promise(path: Any) -> None:
    record = json.loads(path.read_text(encoding="utf-8"))
    experiment = preset(path.stem)
    assert record["hash"] == experiment.hash()
    assert record["experiment"] == experiment.record()
    assert record["command"] == f"python -m pdcn calibrate --data {path.stem} --studies {record['studies']}"
    for row in record["rows"]:
        ends = binomtest(row["claims"], row["studies"]).proportion_ci(0.95, "exact")
        assert (row["rate"], row["low"], row["high"]) == pytest.approx(
            (row["claims"] / row["studies"], ends.low, ends.high)
        )
        if row["kind"] == "A/A":
            assert row["rate"] <= 0.05
            assert row["anywhere"] / row["studies"] <= 0.05
        assert row["wrong"] <= 0.025 * row["studies"]  # the other side of a test at 5%
        if row["kind"] == PROMISED and (path.stem, row["seeds"]) == BROKEN:
            assert f"in {row['rate']:.1%} only. It is {-100 * row['difference']:.0f} points there" in README
        elif row["kind"] == PROMISED:
            assert row["low"] <= 0.8 <= row["high"]


def test_the_synthetic_experiments_are_all_there_and_say_what_their_numbers_say() -> None:
    """The cross layers get to the last digits of what they can hold, wherever it is made."""
    record = read_json(FOLDER / f"{NAME}.json")
    if record is None:
        pytest.skip(f"python -m pdcn study {NAME} has not been bundled yet")
    kept = [{name: row[name] for name in asdict(entry)} for entry, row in zip(ENTRIES, record["rows"], strict=True)]
    assert kept == json.loads(json.dumps([asdict(entry) for entry in ENTRIES]))
    assert record["command"] == f"python -m pdcn study {NAME}"
    rows = frame(record)
    for row, told in zip(record["rows"], rows.to_dict("records"), strict=True):
        assert len(row["rmse"]) == synthetic.SEEDS == 5
        assert told["rmse"] == pytest.approx(sum(row["rmse"]) / 5)
        if row["model"] == "DCN-V2" and row["target"] in ("f1", "f2", "f3"):
            assert max(row["rmse"]) < 1e-9
            if row["target"] != "f3":  # made again here
                assert fitted(Entry(**{**row_of(row), "deep": ()}), 0).rmse < 1e-9


def row_of(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("table", "target", "model", "layers", "published", "published_size")}


def test_the_manifest_says_what_made_what_is_shipped() -> None:
    """Of each step just what stands there, and of those that were made or checked by which code, where and when.

    Only a step that can be checked says that it was; a step of neither says nothing of the code.
    """
    found = read_json(DATA / "manifest.json")
    assert found is not None
    every = {step.name: step for step in steps()}
    assert found["steps"].keys() == every.keys()
    for name, kept in found["steps"].items():
        step = every[name]
        assert (kept["command"], kept["path"], kept["content"]) == (
            step.command,
            step.path,
            content_of(DATA / step.path),
        )
        known = kept if "code" in kept else kept.get("checked")
        if known is None:
            assert kept.keys() == {"command", "path", "content"}
            continue
        assert {"code", "torch", "processor", "instructions", "date"} <= known.keys()
        assert known["training"] == VERSION
        assert known["seconds"] >= 0  # a part that an earlier step made anew takes no time
        assert known is kept or (step.check and "anew" in known["what"])
    assert {"showcase", *FINDINGS} <= {
        name for name, kept in found["steps"].items() if "checked" in kept or "code" in kept
    }


def test_trainings_usually_spread_no_more_than_is_reckoned_with() -> None:
    """The likeliest share of recall is what the data's README says, and half of what is reckoned with or more."""
    table = pd.read_csv(DATA / "spread.csv")
    assert len(table) == 12
    assert set(table["seeds"]) == {5}
    share, freedom = likeliest(table)
    assert 0.5 < share / TRAINING_LUCK < 1
    assert freedom == pytest.approx(USUAL_FREEDOM, rel=0.1)
    assert f"A share of {share:.2%} makes these spreads likeliest." in README
    for row in table.to_dict("records"):
        usual = usual_spread(row["floor"], row["recall"])
        assert usual**2 == pytest.approx(row["floor"] ** 2 + (TRAINING_LUCK * row["recall"]) ** 2)
        assert 1 / 5 < row["spread"] / usual < 4


def test_no_setting_is_clearly_better_than_its_default_but_for_wider_ids_on_journey() -> None:
    means = pd.read_csv(DATA / "defaults.csv").pivot(index="setting", columns="data", values="mean")
    gained = means - means.loc["default"]
    wider = gained.index.str.startswith("id_embedding")
    assert (gained.loc[wider, "journey"] > 2).all()
    assert (gained.loc[wider, "planted"] < 0).all()
    assert (gained[~wider].min(axis="columns") < 1).all()


@pytest.fixture(scope="module")
def projected() -> dict[str, Any]:
    record = bundled(projections.NAME)
    if record is None:
        pytest.skip(f"python -m pdcn study {projections.NAME} has not been bundled yet")
    return record


def test_every_form_of_a_projection_was_measured_as_the_command_does(projected: dict[str, Any]) -> None:
    assert projected["command"] == f"python -m pdcn study {projections.NAME}"
    assert projected["training"] == VERSION
    assert [row["form"] for row in projected["rows"]] == [form.name for form in projections.forms()]
    asked: list[tuple[dict[str, Any], dict[str, Any]]] = [
        (row, {**projections.BASE, **form.values})
        for row, form in zip(projected["rows"], projections.forms(), strict=True)
    ]
    for row, values in [*asked, *((row, {**projections.LASTING}) for row in projected["control"]["rows"])]:
        experiment = assemble(parse_all(row["settings"].items()))
        alike = experiment.model_copy(update={"item_network": experiment.network})  # the one that is not widened
        assert row["hash"] in (experiment.hash(), alike.hash())
        assert experiment.seeds == values["seeds"]
        known = changed(experiment)
        for name, value in changed(assemble(values)).items():
            assert known[name] == value
        assert row["deep"] == [*experiment.network.deep]


def test_a_projections_differences_are_those_of_the_levels_and_hold_for_all_together(projected: dict[str, Any]) -> None:
    rows = {row["form"]: row for row in projected["rows"]}
    for name, against in projections.AGAINST.items():
        own = [(row, row[f"against_{name}"]) for row in rows.values() if row["form"] != against]
        for row, held in own:
            assert held["difference"] == pytest.approx(row["recall"] - rows[against]["recall"], abs=1e-6)
            assert held["low"] <= held["difference"] <= held["high"]
            assert held["verdict"] == outcome(held["difference"], held["p"], projected["seeds"])
            assert np.mean(row["recall_per_seed"]) == pytest.approx(row["recall"], abs=1e-6)
    mean, whole = (row["recall"] for row in projected["control"]["rows"])
    assert projected["control"]["difference"] == pytest.approx(whole - mean, abs=1e-6)


def test_where_order_was_planted_a_transformer_finds_it(projected: dict[str, Any]) -> None:
    """The planted truth: which actions came last matters in the study's world, and not in that of the control."""
    rows = {row["form"]: row for row in projected["rows"]}
    found, control = rows[projections.HELD]["against_whole"], projected["control"]
    assert found["high"] < 0
    assert control["low"] < -found["difference"]
    assert control["high"] < -found["high"]


def test_forms_were_of_one_size_and_the_answer_says_which_were_not(projected: dict[str, Any]) -> None:
    said = " ".join(projection_answers.answer(projected))
    middle = float(np.median([row["dense"] for row in projected["rows"]]))
    for row in projected["rows"]:
        if abs(row["dense"] / middle - 1) > 0.01:
            assert f"{row['form']} {row['dense'] / middle - 1:+.0%}" in said
    readme = " ".join((DATA.parent / "README.md").read_text(encoding="utf-8").split())
    for sentence in projection_answers.answer(projected)[:2]:
        assert sentence in readme
