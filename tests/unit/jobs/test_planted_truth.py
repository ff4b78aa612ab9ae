"""Where strong crosses are planted, towers with crosses find most of what there is, and deep alone less."""

from __future__ import annotations

import pytest

from pdcn import sources as datasets
from pdcn.dials import assemble
from pdcn.jobs.analysis import Analysis
from pdcn.jobs.analyst import work_out
from pdcn.nn.fields import pair_frame
from pdcn.pages.crosses import CROSSES, IMPORTANCE
from pdcn.pages.crosses.work.recovery import planted_pairs, recovery_frame
from pdcn.runs.folder import RunFolder
from tests.shared import trained_once


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A race on strong crosses of pairs of fields."""
    experiment = assemble(
        {
            "data": "planted",
            "strength": 3.0,
            "order": 2,
            "events": 80_000,
            "items": 500,
            "users": 300,
            "batch": 256,
            "epochs": 3,
            "schedule": "cosine",
            "weight_decay": 0.0,
            "arms": ("parallel", "sequential", "deep_only"),
            "seeds": 1,
            "evaluations": 1,
        }
    )
    return trained_once(tmp_path_factory, "planted truth", experiment)


@pytest.mark.slow
def test_crosses_pay_where_they_are_planted(folder: RunFolder) -> None:
    result = folder.result
    assert result is not None
    recall = {arm: record["recall"]["100"] for arm, record in result["arms"].items()}
    oracle = result["baselines"]["oracle"]["recall"]["100"]
    assert min(recall["parallel"], recall["sequential"]) >= 0.6 * oracle
    assert recall["deep_only"] < min(recall["parallel"], recall["sequential"])
    assert oracle >= max(recall.values())


@pytest.mark.slow
def test_the_crosses_found_are_the_planted_ones(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDCN_HOME", str(folder.path.parents[1]))
    crosses, importance = Analysis.of(folder, CROSSES), Analysis.of(folder, IMPORTANCE, events=4_096)
    assert work_out(crosses).state == work_out(importance).state == "done"
    blocks, drops = crosses.tables["blocks"], importance.tables["drops"]  # type: ignore[index]
    truth = planted_pairs(datasets.load(folder.experiment.data).truth.crosses, "query")  # type: ignore[union-attr]
    names = list(dict.fromkeys(blocks.loc[blocks["side"] == "query", "write"]))
    for moment, low, high in (("learned", 0.9, 1.0), ("initial", 0.1, 0.9)):
        own = blocks[(blocks["side"] == "query") & (blocks["moment"] == moment) & (blocks["layer"] == 0)]
        pairs = pair_frame(own, names, ["arm", "seed"], "scaled")
        found = recovery_frame(pairs, truth, ["arm", "seed"], "scaled")
        assert {"parallel", "sequential"} <= set(found["arm"])
        assert found["auc"].between(low, high).all(), (moment, found)
    own = drops[(drops["side"] == "query") & (drops["measure"] == "ablation") & (drops["layer"] == 0)]
    planted = own[[frozenset(pair) in truth for pair in zip(own["a"], own["b"], strict=True)]]
    rest = own.drop(planted.index)
    for arm in ("parallel", "sequential"):
        lost = planted.loc[planted["arm"] == arm]
        assert lost["drop"].min() > rest.loc[rest["arm"] == arm, "drop"].max()
