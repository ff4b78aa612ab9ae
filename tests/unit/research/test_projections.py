"""The study of projections in small: equal sizes, what it finds by planted truth, times, and what it says of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pdcn.cli import main
from pdcn.jobs.worker import carry_out
from pdcn.pages.findings.figures import pareto_figure
from pdcn.pages.inside.work.job import kept_by_projections
from pdcn.pages.inside.work.words import LATEST
from pdcn.research.projection_answers import answer, frame, keep, kept_frame, on_front
from pdcn.research.projections import BASE, LASTING, Clocked, forms, run, seconds_of
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from tests.unit.sequence_help import NAME, SMALL, known

SMALLEST: dict[str, Any] = {"data": NAME, **SMALL, "acts": 3000, "epochs": 4, "seeds": 1, "deep": (8,)}
FORMS = forms((6,), ("mlp", "dcn_low"))


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The study on planted actions, of one width and two projections."""
    with known(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("PDCN_HOME", str(tmp_path_factory.mktemp("projections")))
        store = Store()

        def train(folder: RunFolder, said: str) -> None:
            carry_out(store, folder)

        yield run(store, train, FORMS, SMALLEST, Clocked(0.01, 5), kept_by_projections, SMALLEST)


def test_forms_are_of_one_size_but_for_the_one_that_cannot_be(record: dict[str, Any]) -> None:
    rows = {row["form"]: row for row in record["rows"]}
    assert [*rows] == ["no actions", "mean", "MLP to 6", "low-rank DCN V2 to 6", "all actions"]
    held = max(row["dense"] for name, row in rows.items() if name != "all actions")
    assert all(abs(row["dense"] / held - 1) < 0.01 for name, row in rows.items() if name != "all actions")
    assert all(row["encoder"] > 0 for row in rows.values() if row["sequence"] == "transformer")
    assert all(row["settings"]["item_deep"] == "8" for row in rows.values() if row["deep"] != [8])


def test_each_form_has_what_it_finds_and_how_long_it_takes(record: dict[str, Any]) -> None:
    rows = {row["form"]: row for row in record["rows"]}
    assert rows["no actions"]["against_mean"]["high"] < 0
    assert rows["low-rank DCN V2 to 6"]["against_mean"]["low"] > 0  # a mean forgets the order
    assert all(row["low"] <= row["recall"] <= row["high"] for row in rows.values())
    assert all(np.mean(row["recall_per_seed"]) == pytest.approx(row["recall"], abs=1e-6) for row in rows.values())
    for row in rows.values():
        for batch in record["batches"]:
            assert 0 < row[f"p50_low_{batch}"] <= row[f"p50_{batch}"] <= row[f"p50_high_{batch}"]
            ratio = row[f"p50_{batch}"] / rows["all actions"][f"p50_{batch}"]
            assert row[f"times_{batch}"] == pytest.approx(ratio)
    # the control has the same settings here, so its runs are those of the forms
    assert record["control"]["difference"] == pytest.approx(-rows["mean"]["against_whole"]["difference"])


def test_probes_read_what_each_projection_keeps(record: dict[str, Any]) -> None:
    kept = kept_frame(record)
    latest = kept[kept["label"] == LATEST].set_index("form")
    assert {*latest.index} == {"MLP to 6", "low-rank DCN V2 to 6", "all actions"}
    assert latest["whole"]["all actions"] == latest["projected"]["all actions"]  # nothing is compressed
    assert (latest["whole"] > latest["mean"] + 0.1).all()  # order is nothing to a mean
    for row in record["rows"]:
        assert all(one["min"] <= one["mean"] <= one["max"] for one in row.get("kept", ()))


def test_the_control_is_the_same_world_but_for_how_long_a_taste_lasts() -> None:
    assert {**LASTING, "fresh_taste": BASE["fresh_taste"]} == BASE
    assert (BASE["fresh_taste"], LASTING["fresh_taste"]) == (1.0, 0.0)


def test_it_is_kept_as_a_record_and_as_a_table(
    record: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    as_json, as_csv = keep(record)
    assert json.loads(as_json.read_text(encoding="utf-8"))["rows"] == record["rows"]
    rows = pd.read_csv(as_csv)
    assert rows["form"].tolist() == [row["form"] for row in record["rows"]]
    assert rows["recall"].tolist() == pytest.approx([row["recall"] for row in record["rows"]])
    with known():
        assert 0 < seconds_of(FORMS, {**SMALLEST, "epochs": 1}) < seconds_of(FORMS, {**SMALLEST, "epochs": 200})
    assert BASE["data"] == "shopping"


def test_the_command_prints_the_table_and_keeps_it(
    record: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    monkeypatch.setattr("pdcn.research.projections.run", lambda *_, **__: record)
    assert main(["study", "projections"]) == 0
    said = capsys.readouterr()
    assert all(row["form"] in said.out for row in record["rows"])
    assert "all actions side by side take" in " ".join(said.out.split())
    assert "At most about" in said.err
    assert (tmp_path / "studies/projections.csv").exists()


def test_the_picture_and_the_answer_hold_what_was_measured(record: dict[str, Any]) -> None:
    rows = frame(record)
    figure = pareto_figure(rows, metric=record["metric"], batch=1, key="pareto")
    front, *marks, told = figure.data
    assert sum(len(trace.x) for trace in marks) == len(rows)
    shapes = {form: shape for trace in marks for form, shape in zip(trace.customdata, trace.marker.symbol, strict=True)}
    assert told.name == "to 6 numbers"
    assert {form for form, shape in shapes.items() if shape == told.marker.symbol} >= {"MLP to 6"}
    assert shapes["mean"] != told.marker.symbol
    assert sorted(front.x) == sorted(rows.loc[on_front(rows), "p50_1"])
    said = answer(record)
    assert said[0].startswith("Where a taste lasts a few days")
    assert said[1].startswith("At 1 a call, all actions side by side take")
    assert said[2].startswith("At 64 a call")
    assert said[4] == "One seed cannot tell whether another would say the same."


def test_an_answer_tells_where_it_holds_and_where_not(record: dict[str, Any]) -> None:
    made = {**json.loads(json.dumps(record)), "seeds": 2, "control": None}
    for row in made["rows"]:
        row |= {
            "p50_1": {"all actions": 200.0, "low-rank DCN V2 to 6": 100.0, "MLP to 6": 150.0}.get(row["form"], 300.0),
            "dense": 1_000,
        }
        row["p50_64"] = 1_000.0 if row["form"] == "all actions" else 2_000.0
        row |= {"times_high_1": row["p50_1"] / 200, "times_high_64": row["p50_64"] / 1_000}
        if row["form"] != "all actions":
            loses = row["form"] == "MLP to 6"
            verdict = "worse" if loses else "no detectable difference"
            row["against_whole"] = {"difference": -0.1 * loses, "low": -0.2 * loses, "high": 0.0, "p": 1.0}
            row["against_whole"]["verdict"] = verdict
    made["rows"][-1]["dense"] = 1_500
    assert answer(made) == [
        f"At 1 a call, all actions side by side take 200 µs. Faster without a detectable loss of {made['metric']}: "
        "low-rank DCN V2 to 6 (100 µs, 0.00 points [0.00, 0.00]).",
        "At 64 a call, all actions side by side take 1,000 µs. We detect no projection that is faster.",
        f"Less {made['metric']} than all actions side by side, after Holm's correction: MLP to 6.",
        "These differ in dense parameters from the others: all actions +50%.",
    ]
