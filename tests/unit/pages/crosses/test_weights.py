"""W of every kind of cross layer, per block, as singular values, and in pairs of values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from pdcn.nn.cross import MixtureCross
from pdcn.nn.fields import Blocks
from pdcn.nn.tower import Tower
from pdcn.pages.crosses.work.weights import (
    FieldValues,
    Weights,
    block_frame,
    cross_layers,
    crosses_of,
    cut_to_rank,
    effective_weight,
    field_values,
    spectrum_frame,
    value_frame,
)
from tests.unit.pages.analysis_help import layers_of, small_data, small_model

DATA = small_data()


def weight_of(layer: Any, xl: torch.Tensor) -> Any:
    found = effective_weight(layer, xl)
    assert found is not None
    return found


def x0_of(arm: str = "parallel", **network: Any) -> tuple[Tower, torch.Tensor]:
    tower = small_model(DATA, arm, **network).query
    return tower, tower.x0(*DATA.queries[slice(None)])


@pytest.mark.parametrize("cross", ["full", "low_rank"])
def test_the_layer_is_its_weight_of(cross: str) -> None:
    tower, x0 = x0_of(cross=cross)
    layer = layers_of(tower)[1]
    xl = torch.randn(len(x0), 8, generator=torch.Generator().manual_seed(1))
    W = weight_of(layer, xl)
    bias = (layer.W if cross == "full" else layer.U).bias.double().numpy()
    by_hand = x0.double().numpy() * (xl.double().numpy() @ W.T + bias) + xl.double().numpy()
    assert np.allclose(layer(x0, xl).numpy(), by_hand, atol=1e-5)


@pytest.mark.parametrize("gate", ["softmax", "sigmoid"])
def test_a_mixture_whose_gates_do_not_vary_is_its_weight_of(gate: str) -> None:
    tower, x0 = x0_of(cross="mixture", gate=gate)
    layer = layers_of(tower)[0]
    assert isinstance(layer, MixtureCross)
    layer.gate.weight.zero_()  # every gate is 1/2, of two experts
    by_hand = x0.numpy() * (x0.numpy() @ weight_of(layer, x0).T + layer.b.numpy()) + x0.numpy()
    assert np.allclose(layer(x0, x0).numpy(), by_hand, atol=1e-5)


def test_a_mixtures_experts_are_weighted_by_their_mean_gate() -> None:
    tower, x0 = x0_of(cross="mixture", inner="tanh")
    layer = layers_of(tower)[0]
    layer.gate.weight.mul_(4.0)  # gates that differ
    gates = np.exp(x0.double().numpy() @ layer.gate.weight.double().numpy().T)
    share = (gates / gates.sum(1, keepdims=True)).mean(0)
    by_hand = sum(
        share[k] * layer.U[k].double().numpy() @ layer.C[k].double().numpy() @ layer.V[k].double().numpy()
        for k in range(2)
    )
    assert np.allclose(weight_of(layer, x0), by_hand, atol=1e-6)
    assert share.std() > 0.01  # or the weights would not show


def test_layers_are_told_what_they_meet() -> None:
    tower, x0 = x0_of("sequential")
    first, second = cross_layers(tower, x0)
    lowest = layers_of(tower)[0]
    met = lowest(x0, x0).double().numpy()
    assert np.allclose(first.xl, np.sqrt((x0.double().numpy() ** 2).mean(0)))
    assert np.allclose(second.xl, np.sqrt((met**2).mean(0)))
    assert np.allclose(second.x0, first.x0)
    assert not lowest._forward_hooks


def test_of_an_exponential_layer_it_is_what_it_multiplies() -> None:
    """xl itself, which in the first layer is x0; and what the map is of is the layer where the mask does not vary."""
    tower, x0 = x0_of(cross="exponential")
    layers = layers_of(tower)
    for layer in layers:
        layer.norm.weight.zero_()  # the mask is then the ReLU of its bias, for every row
    first, second = cross_layers(tower, x0)
    assert np.array_equal(first.x0, first.xl)
    xl = layers[0](x0, x0)
    assert np.allclose(second.x0, xl.double().square().mean(0).sqrt())
    by_hand = xl.double().numpy() * (xl.double().numpy() @ second.W.T + layers[1].b.double().numpy() + 1)
    assert np.allclose(layers[1](x0, xl).numpy(), by_hand, rtol=1e-4, atol=1e-4)


def test_towers_without_crosses_have_none() -> None:
    for arm, layers in (("deep_only", 2), ("parallel", 0)):
        tower, x0 = x0_of(arm, cross_layers=layers)
        assert crosses_of(tower) == ()
        assert list(cross_layers(tower, x0)) == []


def test_scaled_norms_stay_where_scale_moves_between_embeddings_and_weights() -> None:
    blocks = Blocks(("a", "b"), ("A", "B"), (2, 1))
    draws = np.random.default_rng(0)
    W, x0, xl = draws.normal(size=(3, 3)), draws.random(3) + 0.5, draws.random(3) + 0.5
    larger = np.array([4.0, 4.0, 1.0])  # the embeddings of field a four times as large
    before = block_frame(Weights(0, W, x0, xl), blocks)
    after = block_frame(Weights(0, W / np.outer(larger, larger), x0 * larger, xl * larger), blocks)
    assert np.allclose(before["scaled"], after["scaled"])
    assert not np.allclose(before["norm"], after["norm"])
    assert np.isclose(before["norm"][1], np.linalg.norm(W[:2, 2:]))
    assert before[["write", "read"]].to_numpy().tolist() == [["a", "a"], ["a", "b"], ["b", "a"], ["b", "b"]]


def test_scaled_norm_is_the_size_of_the_term_for_independent_inputs() -> None:
    draws = np.random.default_rng(5)
    W, scale = draws.normal(size=(4, 4)), np.array([0.5, 2.0, 1.0, 3.0])
    x0, xl = (draws.normal(size=(200_000, 4)) * scale for _ in range(2))
    rms = np.sqrt((x0**2).mean(0)), np.sqrt((xl**2).mean(0))
    found = block_frame(Weights(0, W, *rms), Blocks(("a", "b"), ("A", "B"), (2, 2)))
    term = x0[:, :2] * (xl[:, 2:] @ W[:2, 2:].T)
    assert np.isclose(found["scaled"][1], np.sqrt((term**2).sum(1).mean()), rtol=0.02)


def test_singular_values_and_cuts() -> None:
    W = np.random.default_rng(2).normal(size=(6, 6))
    values = np.sqrt(np.linalg.eigvalsh(W.T @ W)[::-1])
    assert np.allclose(spectrum_frame(W)["value"], values)
    assert np.isclose(np.linalg.norm(W - cut_to_rank(W, 4)), np.sqrt((values[4:] ** 2).sum()))
    assert np.linalg.matrix_rank(cut_to_rank(W, 2)) == 2
    assert np.allclose(cut_to_rank(W, 0), 0)
    assert np.linalg.matrix_rank(cut_to_rank(W, 3)) == 3
    assert spectrum_frame(np.zeros((2, 2)))["share"].tolist() == [0, 0]


def test_pairs_of_values_are_those_of_a_loop() -> None:
    model = small_model(DATA)
    tower, table = model.query, DATA.dataset.queries
    rows = np.arange(60, dtype=np.int64)
    at = Blocks.of(table, tower.fields)
    W = next(cross_layers(tower, tower.x0(*DATA.queries[slice(None)]))).W
    a, b = field_values(tower, table, rows, 0), field_values(tower, table, rows, 2)
    found = value_frame(W[at.slices[0], at.slices[2]], W[at.slices[2], at.slices[0]], a, b, 2)
    assert len(found) > 3
    for row in found.to_dict("records"):
        u, v = (table.categories[0].values.index(row["value_a"]), table.categories[2].values.index(row["value_b"]))
        x = np.zeros(8)
        x[at.slices[0]], x[at.slices[2]] = (tower.embedding.weight[u].numpy(), tower.embedding.weight[7 + v].numpy())
        both = np.concatenate(
            [
                x[at.slices[0]] * (W[at.slices[0], at.slices[2]] @ x[at.slices[2]]),
                x[at.slices[2]] * (W[at.slices[2], at.slices[0]] @ x[at.slices[0]]),
            ]
        )
        assert np.isclose(row["size"], np.linalg.norm(both))
        assert row["together"] == ((table.codes[:, 0] == u) & (table.codes[:, 2] == v)).sum() >= 2
        assert u > 0
        assert v > 0


def test_a_number_has_one_value_a_deviation_above_its_mean() -> None:
    tower, table = small_model(DATA).query, DATA.dataset.queries
    number = field_values(tower, table, np.arange(3), 3)
    assert number.x0.tolist() == [[0.0], [1.0]]
    assert f"{float(table.numbers[0].raw(1.0)):,.2f}" in number.names[1]
    one = FieldValues(np.array([1, 1]), np.array([[0.0], [2.0]]), ("", "u"))
    found = value_frame(np.array([[3.0]]), None, one, one, 1)
    assert found["size"].tolist() == [12.0]  # 2 * (3 * 2)
