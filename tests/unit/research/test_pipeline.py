"""Retrieval, then ranking: candidates and places against a brute force, and runs that do not fit together."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from pdcn.cli import main
from pdcn.research.pipeline import AT, FIRST_STAGE, found_by, pipeline, reranked
from pdcn.runs.folder import RunFolder
from pdcn.runs.trained import TrainedRun
from pdcn.tasks.retrieval.metrics import NDCG, Recall
from tests.shared import trained_once
from tests.unit.studies_help import tiny

FEW = {"epochs": 2, "batch": 128}


@pytest.fixture(scope="module")
def towers(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return trained_once(tmp_path_factory, "towers", tiny(**FEW))


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return trained_once(tmp_path_factory, "networks", tiny(**FEW, task="ranking", sampled=2))


def test_places_are_those_of_a_brute_force(towers: RunFolder, networks: RunFolder) -> None:
    first, second = TrainedRun(towers), TrainedRun(networks)
    data, events = first.data, first.data.dataset.events("test", 60)
    model, network = first.model("parallel", 0), second.any_model("sequential", 1)
    found, before = found_by(model, data, events, 15)
    after = reranked(network, data, events, found, before)  # type: ignore[arg-type]
    with torch.no_grad():
        query = model.query(*data.queries[torch.from_numpy(events)])
        score = (query @ model.item(*data.items[slice(None)]).T).numpy()
        for row, event in enumerate(events):
            own = int(data.dataset.positive[event])
            assert {*found[row].tolist()} == {*np.argsort(-score[row], kind="stable")[:15].tolist()}
            if own not in found[row]:
                assert after[row] == before[row] >= 15
                continue
            many = torch.full((15,), int(event))
            items = torch.from_numpy(found[row])
            logits = network(data.queries[many], data.items[items]).numpy()
            worth = logits[found[row] == own][0]
            assert after[row] == pytest.approx((logits > worth).sum() + ((logits == worth).sum() - 1) / 2)
    assert (after < 15).sum() == (before < 15).sum()  # no candidate is gained or lost


def test_each_stage_has_its_numbers_and_intervals(towers: RunFolder, networks: RunFolder) -> None:
    found = pipeline(towers, networks, candidates=20, events=100)
    assert (found.arm, found.candidates, found.seeds) == ("parallel", 20, (0, 1))
    assert [*found.levels] == [FIRST_STAGE, "parallel", "sequential"] == [*found.times]
    means = found.measured.by_user("sequential", [0, 1], [Recall(AT)])
    assert found.levels["sequential"][f"recall@{AT}"] == pytest.approx(means.mean())
    assert {(c.arm, c.against, c.metric) for c in found.comparisons} == {
        (arm, FIRST_STAGE, metric) for arm in ("parallel", "sequential") for metric in (Recall(AT), NDCG(AT))
    }
    first = found.measured.cells[FIRST_STAGE, 0]
    both = [found.measured.cells[FIRST_STAGE, seed] < 20 for seed in (0, 1)]
    assert found.ceiling == pytest.approx(np.mean(both))
    assert found.levels["parallel"][f"recall@{AT}"] <= 1
    assert len(first) == 100
    assert all(time > 0 for time in found.times.values())


def test_the_command_prints_both_stages(
    towers: RunFolder, networks: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["pipeline", "--retrieval", str(towers.path), "--ranking", str(networks.path), "--events", "50"]
    assert main([*command, "--candidates", "10", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["candidates"], record["events"]) == (10, 50)
    assert {*record["stages"]} == {*record["microseconds"]} == {FIRST_STAGE, "parallel", "sequential"}
    assert main([*command, "--candidates", "10", "--arm", "sequential"]) == 0
    said = capsys.readouterr().out
    assert "retrieved with sequential" in said
    assert "10 candidates of 100 items" in said


def test_runs_that_do_not_fit_say_why(
    towers: RunFolder, networks: RunFolder, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*options: str) -> str:
        assert main(["pipeline", *options]) == 2
        return " ".join(capsys.readouterr().err.split())

    one, other = str(towers.path), str(networks.path)
    assert "--retrieval: expected a run of retrieval, got one of ranking" in said(
        "--retrieval", other, "--ranking", one
    )
    assert "--ranking: expected a run of ranking" in said("--retrieval", one, "--ranking", one)
    assert "--arm: expected one of parallel, sequential" in said(
        "--retrieval", one, "--ranking", other, "--arm", "linear"
    )
    elsewhere = trained_once(tmp_path_factory, "elsewhere", tiny(**FEW, task="ranking", seeds=1, data_seed=1))
    assert "expected a run of the same data" in said("--retrieval", one, "--ranking", str(elsewhere.path))
