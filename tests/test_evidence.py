"""What comes with the project as evidence was made by its own commands, and its words follow from its numbers."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, f

from pdcn.dials import assemble, parse_all
from pdcn.evaluation.statistics import TRAINING_LUCK, USUAL_FREEDOM, holm, outcome, usual_spread
from pdcn.files import DATA, read_json
from pdcn.research import synthetic
from pdcn.research.answers import answer, beside_the_claim, changes, interval, tally
from pdcn.research.bundle import steps
from pdcn.research.calibrate import PROMISED, preset
from pdcn.research.findings import FINDINGS, FOLDER, SEEDS, bundled
from pdcn.research.fitting import fitted
from pdcn.research.synthetic import ENTRIES, NAME, Entry, frame
from pdcn.training.version import VERSION
from pdcn.words import spoken

CALIBRATED = sorted((DATA / "calibration").glob("*.json"))


@pytest.fixture(params=FINDINGS)
def record(request: pytest.FixtureRequest) -> dict[str, Any]:
    found = bundled(request.param)
    assert found is not None
    return {**found, "finding": FINDINGS[request.param]}


def test_a_finding_has_every_setting_of_its_command(record: dict[str, Any]) -> None:
    finding = record["finding"]
    assert record["command"] == f"python -m pdcn study {finding.name}"
    hashes = {experiment.hash() for _, experiment in finding.experiments}
    assert {name for row in record["rows"] for name in (row["hash"], *row["also"])} == hashes
    for row in record["rows"]:
        assert assemble(parse_all(row["settings"].items())).hash() == row["hash"]
        assert row["seeds"] >= SEEDS == 5


def test_a_finding_counts_all_of_its_rows(record: dict[str, Any]) -> None:
    rows = record["rows"]
    adjusted = holm(np.array([row["p"] for row in rows]))
    for row, p in zip(rows, adjusted, strict=True):
        assert row["adjusted"] == pytest.approx(p)
        assert row["verdict"] == outcome(row["difference"], p, row["seeds"])
        recall = row["recall"]
        assert row["difference"] == pytest.approx(recall[row["arm"]] - recall[row["against"]])


def test_a_findings_answer_says_what_its_rows_say(record: dict[str, Any]) -> None:
    first, *sources = answer(record, record["finding"].contrasts)
    rows, several = record["rows"], len({row["arm"] for row in record["rows"]}) > 1
    assert f"is better in {sum(row['verdict'] == 'better' for row in rows)}," in first
    for row in rows:
        (said,) = [one for one in sources if one.startswith(f"On {row['title']} (")]
        verdicts = said.split(" Held against")[0].split("; ")
        name = spoken(row["arm"]) if several else row["label"]
        (own,) = [one for one in verdicts if f"{row['verdict']} (" in one]
        assert name in own
        assert row["terms"] in said


def test_what_is_said_to_change_a_difference_changes_it(record: dict[str, Any]) -> None:
    found = changes(record, record["finding"].contrasts)
    assert bool(found) == bool(record["finding"].contrasts)
    said = " ".join(answer(record, record["finding"].contrasts))
    for change in found:
        apart = change.row["difference"] - change.held["difference"]
        assert change.size.difference == pytest.approx(apart)
        if change.kind:
            assert change.size.low * change.size.high > 0
            assert change.kind == ("larger" if apart > 0 else "smaller")
        told = interval(apart, change.size.low, change.size.high)
        assert (told in said) == bool(change.kind)


def test_budgets_that_were_met_are_met(record: dict[str, Any]) -> None:
    tolerance = {"parameters": 0.01, "flops": 0.02}
    for row in record["rows"]:
        if row["match"] in tolerance:
            assert row["met"] is (abs(row["residual"]) <= tolerance[row["match"]])
        if row["match"] != "flops":
            dense = row["dense"]
            assert row["residual"] == pytest.approx(dense[row["arm"]] / dense[row["against"]] - 1)


def test_the_tally_counts_every_training_of_parallel_once() -> None:
    records = [found for name in FINDINGS if (found := bundled(name))]
    rows = [row for found in records for row in found["rows"] if row["arm"] == "parallel"]
    first: dict[float, str] = {}
    for row in rows:
        first.setdefault(row["difference"], row["verdict"])
    counts = tally(records)
    assert sum(counts.values()) == len(first) < len(rows)
    assert counts["better"] == list(first.values()).count("better")


def test_the_published_number_stands_beside_ours() -> None:
    capacity = bundled("capacity")
    assert capacity is not None
    (row,) = [r for r in capacity["rows"] if r["data"] == "journey" and r["label"].startswith("equal parameters")]
    difference, low, high, relative = row["other"]["recall@1000"]
    said = beside_the_claim(capacity)
    assert f"{relative:+.1f}%" in said
    assert f"{100 * difference:+.2f} points, 95% interval [{100 * low:+.2f}, {100 * high:+.2f}]" in said


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
        if row["kind"] == PROMISED:
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
    found = read_json(DATA / "manifest.json")
    if found is None:
        pytest.skip("python -m pdcn bundle --out data has not been run yet")
    every = {step.name: step for step in steps()}
    assert found["steps"].keys() == every.keys()
    for name, kept in found["steps"].items():
        assert (DATA / kept["path"]).exists()
        assert (kept["command"], kept["path"]) == (every[name].command, every[name].path)
        assert kept["training"] == VERSION
        assert kept["seconds"] > 0


def test_trainings_usually_spread_as_they_were_measured_to() -> None:
    """No other share of recall and no other freedom, half or twice as much, makes the measured spreads likelier."""
    table = pd.read_csv(DATA / "spread.csv")
    assert len(table) == 12
    assert set(table["seeds"]) == {5}

    def unlikely(share: float, freedom: float) -> float:
        ratio = table["spread"] ** 2 / (table["floor"] ** 2 + (share * table["recall"]) ** 2)
        return -float(np.sum(f.logpdf(ratio, 4, freedom) + np.log(ratio)))

    here = unlikely(TRAINING_LUCK, USUAL_FREEDOM)
    assert here < min(unlikely(times * TRAINING_LUCK, USUAL_FREEDOM) for times in (0.5, 2))
    assert here < min(unlikely(TRAINING_LUCK, times * USUAL_FREEDOM) for times in (0.5, 2))
    for row in table.to_dict("records"):
        usual = usual_spread(row["floor"], row["recall"])
        assert usual**2 == pytest.approx(row["floor"] ** 2 + (TRAINING_LUCK * row["recall"]) ** 2)
        assert 1 / 4 < row["spread"] / usual < 4
