"""Where strong crosses are planted, towers with crosses find most of what there is, and deep alone less."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdcn.dials import assemble
from pdcn.studies.store import Store
from pdcn.studies.worker import carry_out


@pytest.mark.slow
def test_crosses_pay_where_they_are_planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    experiment = assemble(
        {
            "data": "planted",
            "strength": 3.0,
            "order": 2,
            "events": 150_000,
            "batch": 512,
            "epochs": 4,
            "arms": ("parallel", "sequential", "deep_only"),
            "seeds": 1,
            "evaluations": 1,
        }
    )
    store = Store()
    folder = store.create(experiment, "cpu", own=True)
    assert carry_out(store, folder).state == "done"
    result = folder.result
    assert result is not None
    recall = {arm: record["recall"]["100"] for arm, record in result["arms"].items()}
    oracle = result["baselines"]["oracle"]["recall"]["100"]
    assert min(recall["parallel"], recall["sequential"]) >= 0.6 * oracle
    assert recall["deep_only"] < min(recall["parallel"], recall["sequential"])
    assert oracle >= max(recall.values())
