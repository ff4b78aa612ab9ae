"""Edited towers compute what towers with edited weights compute."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from pdcn.nn.fields import Blocks
from pdcn.nn.tower import Tower
from pdcn.pages.crosses.work.edits import Edit, both_ways, edited, weights_in_place
from pdcn.pages.crosses.work.weights import cross_layers, effective_weight
from tests.unit.pages.analysis_help import layers_of, small_data, small_model

DATA = small_data()
BLOCKS = Blocks.of(DATA.dataset.queries, small_model(DATA).query.fields)


def weight_of(layer: Any, xl: torch.Tensor) -> Any:
    found = effective_weight(layer, xl)
    assert found is not None
    return found


def tower_of(arm: str = "parallel", **network: Any) -> tuple[Tower, torch.Tensor]:
    tower = small_model(DATA, arm, **network).query
    return tower, tower.x0(*DATA.queries[slice(None)])


@pytest.mark.parametrize("arm", ["parallel", "sequential", "deep_then_cross", "stacked_parallel"])
@pytest.mark.parametrize("factor", [0.0, 0.5, 2.0])
def test_a_scaled_block_is_a_scaled_block_of_the_weight(arm: str, factor: float) -> None:
    tower, x0 = tower_of(arm)
    with edited(tower, BLOCKS, both_ways(1, 0, 3, factor)):
        changed = tower.above(x0)
    intact = tower.above(x0)
    W = layers_of(tower)[1].W.weight
    W[BLOCKS.slices[0], BLOCKS.slices[3]] *= factor
    W[BLOCKS.slices[3], BLOCKS.slices[0]] *= factor
    assert torch.allclose(changed, tower.above(x0), atol=1e-5)
    assert not torch.allclose(changed, intact, atol=1e-3)


def test_a_low_rank_layer_loses_the_block_of_its_product() -> None:
    tower, x0 = tower_of("cross_only", cross="low_rank", cross_layers=1)
    layer = layers_of(tower)[0]
    W = weight_of(layer, x0)
    W[BLOCKS.slices[2], BLOCKS.slices[1]] = 0
    by_hand = x0.numpy() * (x0.numpy() @ W.T + layer.U.bias.numpy()) + x0.numpy()
    with edited(tower, BLOCKS, [Edit(0, 2, 1)]):
        assert np.allclose(tower.wiring(x0).numpy(), by_hand, atol=1e-5)


def test_a_mixture_computes_the_block_as_if_the_field_were_not_there() -> None:
    tower, x0 = tower_of("cross_only", cross="mixture", cross_layers=1, inner="tanh")
    layer = layers_of(tower)[0]
    without = x0.clone()
    without[:, BLOCKS.slices[1]] = 0
    by_hand = layer(x0, x0).clone()
    rows = BLOCKS.slices[2]
    by_hand[:, rows] = (layer(x0, without) - without)[:, rows] + x0[:, rows]
    with edited(tower, BLOCKS, [Edit(0, 2, 1)]):
        assert torch.allclose(tower.wiring(x0), by_hand, atol=1e-5)


def test_an_order_puts_other_rows_values_in_place() -> None:
    tower, x0 = tower_of("cross_only", cross_layers=1)
    order = torch.randperm(len(x0), generator=torch.Generator().manual_seed(0))
    layer = layers_of(tower)[0]
    W, bias = layer.W.weight, layer.W.bias
    write, read = BLOCKS.slices[1], BLOCKS.slices[2]
    read_there = x0 @ W.T + bias
    read_there[:, write] += (x0[order][:, read] - x0[:, read]) @ W[write, read].T
    with edited(tower, BLOCKS, [Edit(0, 1, 2, order=order)]):
        assert torch.allclose(tower.wiring(x0), x0 * read_there + x0, atol=1e-5)


def test_an_edit_of_every_layer_is_one_of_each() -> None:
    tower, x0 = tower_of("sequential")
    with edited(tower, BLOCKS, [Edit(None, 0, 1)]):
        every = tower.above(x0)
    with edited(tower, BLOCKS, [Edit(0, 0, 1), Edit(1, 0, 1)]):
        assert torch.equal(every, tower.above(x0))


def test_nothing_stays_behind_even_after_an_error() -> None:
    tower, x0 = tower_of()
    before = tower.above(x0)
    with pytest.raises(KeyError), edited(tower, BLOCKS, both_ways(None, 0, 1)):
        raise KeyError
    assert torch.equal(before, tower.above(x0))
    with edited(tower, BLOCKS, [Edit(0, 0, 1, factor=1.0)]):
        assert torch.equal(before, tower.above(x0))


@pytest.mark.parametrize("cross", ["full", "low_rank"])
def test_weights_in_place_of_others(cross: str) -> None:
    tower, x0 = tower_of(cross=cross)
    layers = layers_of(tower)
    own = [one.W for one in cross_layers(tower, x0)]
    before = tower.above(x0)
    with weights_in_place(list(layers), own):
        assert torch.allclose(before, tower.above(x0), atol=1e-5)
    with weights_in_place(list(layers), [np.zeros_like(W) for W in own]):
        changed = tower.above(x0)
    name = "W" if cross == "full" else "U"
    for layer in layers:
        getattr(layer, name).weight.zero_()
    assert torch.allclose(changed, tower.above(x0), atol=1e-5)
    assert not torch.allclose(changed, before, atol=1e-3)
