"""The trunk of experts against NumPy, its cost, and what belongs to one surface alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from pdcn.config import Experiment
from pdcn.dials import assemble
from pdcn.nn.joint import Joint
from pdcn.nn.mmoe import SurfaceTower
from pdcn.nn.model import cost, initialise
from pdcn.sources import load
from pdcn.sources.dataset import Dataset
from pdcn.tasks.ranking.platt import platt

PLAIN = assemble({"data": "planted", "events": 2_000, "items": 60, "users": 40, "values": 3})
DATASET = load(PLAIN.data)
SURFACE = "q2"


def asked(**values: Any) -> Experiment:
    """A ranking in which the surface is a field of the planted query."""
    shopping = {"data": "shopping", "task": "ranking", "trunk": "mmoe", "trunk_experts": 3, "embedding": 2}
    return assemble({**shopping, "deep": (5,), "cross_layers": 1, "activation": "tanh", **values})


def model_of(experiment: Experiment, arm: str = "parallel", dataset: Dataset = DATASET) -> Joint:
    model = Joint(dataset.queries, dataset.items, experiment, arm, SURFACE)
    initialise(model, 3, 0.4)
    return model


def given(events: int = 30) -> tuple[tuple[torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]:
    rows, items = np.arange(events), DATASET.positive[:events]
    sides = ((DATASET.queries, rows), (DATASET.items, items))
    query, item = ((torch.from_numpy(t.codes[at]), torch.from_numpy(t.values[at])) for t, at in sides)
    return query, item


def softmax(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    shares = np.exp(x - x.max(-1, keepdims=True))
    return np.asarray(shares / shares.sum(-1, keepdims=True))


def test_it_is_what_the_equations_say_and_so_is_the_gates_gradient() -> None:
    """Eq. 5 to 7 of Ma et al., KDD 2018, in float64, of experts that are parallel with one layer of each kind."""
    model = model_of(asked()).double()
    query, item = given()
    tower = model.joint
    assert isinstance(tower, SurfaceTower)
    logits = model((query[0], query[1].double()), (item[0], item[1].double()))
    slope = torch.from_numpy(np.random.default_rng(0).normal(size=30))
    (logits * slope).sum().backward()

    weights = {name: value.detach().numpy() for name, value in model.state_dict().items()}
    codes = torch.cat((query[0], item[0]), 1)
    x = torch.cat((tower.embedding(codes), query[1].double(), item[1].double()), 1).detach().numpy()
    surface = query[0][:, 1].numpy()
    outputs = []
    for place in range(3):
        own = {
            name.partition(f"experts.{place}.")[2]: value
            for name, value in weights.items()
            if f"experts.{place}." in name
        }
        crossed = x * (x @ own["cross.layers.0.W.weight"].T + own["cross.layers.0.W.bias"]) + x
        deep = np.tanh(x @ own["deep.linears.0.weight"].T + own["deep.linears.0.bias"])
        outputs.append(np.hstack([crossed, deep]))
    f = np.stack(outputs, 1)  # (B, E, C)
    gate, head = weights["joint.gates.weight"], weights["joint.layers.0.weight"][:, 0]
    shares = softmax(np.einsum("bed,bd->be", gate[surface], x))
    mixed = (shares[..., None] * f).sum(1)
    bias = weights["joint.layers.0.bias"][surface]
    assert logits.detach().numpy() == pytest.approx((mixed * head[surface]).sum(1) + bias, rel=1e-9)

    # d y / d W_k[i] = g_i (h . f_i - h . f) x, where h is the surface's tower
    worth = np.einsum("bec,bc->be", f, head[surface])
    to_gate = shares * (worth - (shares * worth).sum(1, keepdims=True)) * slope.numpy()[:, None]
    expected = np.zeros_like(gate)
    np.add.at(expected, surface, to_gate[:, :, None] * x[:, None])
    assert tower.gates.weight.grad is not None
    assert tower.gates.weight.grad.numpy() == pytest.approx(expected, rel=1e-7, abs=1e-12)


@pytest.mark.parametrize(("arm", "head"), [("parallel", ()), ("sequential", (4,)), ("edcn", (6, 3))])
def test_parameters_and_flops_are_counted_exactly(arm: str, head: tuple[int, ...]) -> None:
    model = model_of(asked(head=head), arm)
    found = cost(model)
    assert found.total == sum(weight.numel() for weight in model.parameters())
    query, item = given(1)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(query, item)
    assert counter.get_total_flops() == found.flops


def test_what_belongs_to_another_surface_changes_nothing() -> None:
    model, (query, item) = model_of(asked(head=(4,))), given()
    surface = query[0][:, 1]
    before = model(query, item)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "gates" in name or ("layers" in name and "experts" not in name):
                weight.view(4, -1)[2] += 1.0
    moved = (model(query, item) != before).detach()
    assert moved.tolist() == (surface == 2).tolist()
    assert 0 < moved.sum() < len(moved)


def test_biases_begin_at_zero_and_experts_apart() -> None:
    weights = model_of(asked()).state_dict()
    assert weights["joint.layers.0.bias"].abs().sum() == 0
    first, second = (weights[f"joint.experts.{place}.deep.linears.0.weight"] for place in (0, 1))
    assert not torch.equal(first, second)


def test_without_surfaces_there_is_one_network_and_nothing_to_scale() -> None:
    model = Joint(DATASET.queries, DATASET.items, asked(surface_calibration="surface"), "parallel", "nowhere")
    assert not isinstance(model.joint, SurfaceTower)
    assert "scale" not in model.state_dict()


def test_platts_scaling_finds_what_is_off() -> None:
    draws = np.random.default_rng(0)
    true = draws.normal(-1, 1.5, 20_000)
    label = (draws.random(20_000) < 1 / (1 + np.exp(-true))).astype(np.float32)
    scale, shift = platt(2 * true + 1, label)  # logits that are twice too sure, and one too high
    assert scale == pytest.approx(0.5, abs=0.02)
    assert shift == pytest.approx(-0.5, abs=0.05)
    few = platt(np.array([3.0]), np.array([0.0]))
    assert abs(few[0] - 1) + abs(few[1]) < 1.5


def test_each_surface_is_scaled_by_its_own() -> None:
    model, (query, item) = model_of(asked(trunk="none", surface_calibration="surface")), given()
    before = model(query, item).detach()
    model.scale[1], model.shift[1] = 2.0, -1.0
    after, own = model(query, item).detach(), query[0][:, 1] == 1
    assert after[own].numpy() == pytest.approx((2 * before[own] - 1).numpy())
    assert torch.equal(after[~own], before[~own])
