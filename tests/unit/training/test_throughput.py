"""The plain loop is the same training, the floor the same products, and all take turns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from pdcn import sources as datasets
from pdcn.config import Experiment
from pdcn.dials import assemble
from pdcn.evaluation.speed import evaluating_frame
from pdcn.nn.two_tower import two_towers
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.training.loop import Trainer
from pdcn.training.throughput import Floor, PlainLoop, forget_peak, peak_memory, products, training_frame, turns

TINY = {
    "data": "planted",
    "events": 2_000,
    "items": 100,
    "users": 50,
    "batch": 128,
    "epochs": 5,
    "seeds": 2,
    "schedule": "cosine",
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DeviceData:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PDCN_HOME", str(tmp_path_factory.mktemp("home")))
        return DeviceData(datasets.load(assemble(TINY).data), torch.device("cpu"))


@pytest.mark.parametrize("arm", ["parallel", "sequential"])
@pytest.mark.parametrize("changed", [{}, {"cross": "mixture"}, {"negatives": 32, "weight_decay": 0.01}])
def test_the_plain_loop_is_the_same_training(data: DeviceData, arm: str, changed: dict[str, object]) -> None:
    experiment = assemble({**TINY, **changed})
    ours, plain = Trainer(data, experiment, arm, 0, lambda *_: 0.0), PlainLoop(data, experiment, arm, 0)
    ours.lap(15)
    plain.lap(15)
    assert plain.step == ours.step == 15
    for (name, one), other in zip(ours.model.state_dict().items(), plain.model.state_dict().values(), strict=True):
        assert torch.allclose(one, other, atol=2e-3), name  # float32, summed in another order
    plain.lap(1)
    assert not torch.equal(two_towers(ours.model).query.head.weight, two_towers(plain.model).query.head.weight)


def test_the_floor_has_every_product_of_a_step(data: DeviceData) -> None:
    experiment: Experiment = assemble(TINY)
    model = two_towers(Trainer(data, experiment, "parallel", 0, lambda *_: 0.0).model)
    found = products(model, 10, 12)
    forward = sum(2 * m * k * n for m, k, n in found[:-3:3])
    by_plan = sum(
        rows * sum(block.flops for block in tower.plan().blocks)
        for rows, tower in ((10, model.query), (12, model.item))
    )
    assert forward == by_plan
    assert sum(2 * m * k * n for m, k, n in found[:-3]) == 3 * by_plan
    assert found[-3:] == [(10, 32, 12), (10, 12, 32), (12, 10, 32)]
    floor = Floor(two_towers(model), 10, 12, torch.device("cpu"))
    floor.lap(1)
    left, right, out = floor.terms[0]
    assert np.allclose(out.numpy(), left.numpy() @ right.numpy(), atol=1e-4)


def test_all_take_turns_and_each_has_its_own_time() -> None:
    order: list[str] = []
    ticks: Iterator[float] = iter([0, 1, 10, 13, 20, 22, 30, 34])
    took = turns([lambda: order.append("a"), lambda: order.append("b")], 2, lambda: None, lambda: next(ticks))
    assert order == ["a", "b", "a", "b"]
    assert took == [[1, 2], [3, 4]]


def test_every_way_of_every_arm_is_told(data: DeviceData) -> None:
    experiment = assemble({**TINY, "arms": ("parallel", "deep_only")})
    said: list[str] = []
    found = training_frame(data, experiment, 2, 3, lambda share, words: said.append(words))
    assert list(found["way"]) == ["floor", "plain loop", "this loop", "this loop", "all seeds at once"] * 2
    assert list(found["seeds"]) == [1, 1, 1, 2, 2] * 2
    assert (found["low"] <= found["median"]).all()
    assert (found["median"] <= found["high"]).all()
    assert found["of_floor"].iloc[0] == found["of_plain"].iloc[1] == 1
    assert np.isclose(found["of_plain"].iloc[2], found["median"].iloc[2] / found["median"].iloc[1])
    assert said == ["training parallel", "training deep only"]
    assert (found["peak_bytes"] > 10_000_000).all()
    dropping = training_frame(data, assemble({**TINY, "dropout": 0.1, "arms": ("parallel",)}), 1, 1)
    assert list(dropping["way"]) == ["floor", "plain loop", "this loop", "this loop"]
    one = training_frame(data, assemble({**TINY, "seeds": 1, "arms": ("parallel",)}), 1, 1)
    assert list(one["way"]) == ["floor", "plain loop", "this loop"]


def test_ranking_is_told_beside_its_product(data: DeviceData) -> None:
    found = evaluating_frame(data, assemble(TINY), 2)
    assert list(found["way"]) == ["floor", "ranking"] * 2
    assert set(found["items"]) == {len(data.dataset.items)}
    assert found["of_floor"].iloc[0] == 1
    assert (found["low"] <= found["high"]).all()


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells a peak anew")
def test_a_peak_is_that_of_the_work_alone() -> None:
    cpu = torch.device("cpu")
    torch.ones(60_000_000)
    forget_peak(cpu)
    before = peak_memory(cpu)
    torch.ones(40_000_000)  # 160 MB
    assert 140e6 < peak_memory(cpu) - before < 200e6
