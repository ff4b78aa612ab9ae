"""A ranking study from end to end, and a cross of a user's field with an item's that only crosses find."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import pdcn
from pdcn.cli import main
from pdcn.runs.store import Store
from pdcn.tasks import task_of
from pdcn.tasks.ranking.metrics import AUC, GroupedAUC, LogLoss, calibration_error

WORLD = {"task": "ranking", "data": "planted", "events": 12_000, "items": 100, "users": 200, "fields": 3, "values": 6}
LAW = {"numbers": 0, "crosses": 0, "noise": 0.0, "sampled": 1, "sampled_power": 1.0}
TRAINED = {"epochs": 3, "batch": 256, "embedding": 6, "cross_layers": 1, "match": "none", "schedule": "cosine"}


def test_a_cross_of_user_and_item_is_found_by_crosses_and_not_by_a_linear_model() -> None:
    """The true score is a sum of products of a query field's and an item field's vectors, and popularity says nothing:
    items that were not chosen are drawn by it."""
    asked = pdcn.experiment(**WORLD, **LAW, **TRAINED, arms=["cross_only", "linear"])
    data = pdcn.load_data(asked)
    found = {arm: pdcn.evaluate(pdcn.train(asked, arm, data=data)[0], asked, data) for arm in asked.arms}
    assert found["linear"]["AUC"] == pytest.approx(0.5, abs=0.05)
    assert found["cross_only"]["AUC"] > found["linear"]["AUC"] + 0.15
    assert found["cross_only"]["log loss"] < found["linear"]["log loss"] - 0.03


@pytest.mark.parametrize("match", ["flops"])
def test_a_study_is_raced_judged_and_told(
    match: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    options = ["--events", "3000", "--items", "80", "--users", "60", "--epochs", "1", "--batch", "256", "--seeds", "2"]
    command = ["compare", "--task", "ranking", "--data", "planted", *options, "--match", match, "--device", "cpu"]
    assert main([*command, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    folder = Store().folder(result["run"])
    measured = folder.measured
    assert measured is not None
    assert result["task"] == "ranking"
    assert (result["match"]["tolerance"], all(result["match"]["met"].values())) == (0.02, True)

    for arm in ("parallel", "sequential"):
        record = result["arms"][arm]
        assert [*record["plan"]] == ["joint"]
        columns = [measured.cells[arm, seed] for seed in (0, 1)]
        for kind in (GroupedAUC, AUC, LogLoss):
            each = [kind.by_user([kind()], column, measured.user).mean() for column in columns]
            assert record[f"{kind.name}_per_seed"] == pytest.approx(each)
            assert record[kind.name] == pytest.approx(np.mean(each))
        assert record["calibration_error"] == pytest.approx(np.mean([calibration_error(one) for one in columns]))
        assert {"auc", "log_loss", "grouped_auc"} <= {*record}
    assert {*result["baselines"]} == {"constant_rate", "item_rate", "oracle"}
    assert result["baselines"]["constant_rate"]["auc"] == 0.5
    assert [c["metric"] for c in result["comparison"]] == ["grouped_auc", "auc", "log_loss"]
    gap = result["arms"]["parallel"]["auc"] - result["arms"]["sequential"]["auc"]
    assert result["comparison"][1]["difference"] == pytest.approx(gap, abs=1e-9)
    assert result["validated"] == "log loss"
    assert "points of grouped AUC" in result["verdict"]
    assert result["data"]["chosen"] == pytest.approx(0.2)
    assert str(task_of(result).headline(80)) == "grouped AUC"
    slices = folder.slices
    assert slices is not None
    assert np.isfinite(slices[["recall", "difference", "low", "high"]].to_numpy(np.float64)).all()
