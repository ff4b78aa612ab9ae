"""Bags and wide ids: x0 as NumPy has it, gradients as differences have them, an empty bag, seeds at once."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.func import functional_call, stack_module_state, vmap

from pdcn.config import Experiment, Network
from pdcn.nn.embedding import FieldEmbedding
from pdcn.nn.model import cost, initialise
from pdcn.nn.two_tower import TwoTower
from pdcn.sources.encoded_table import Table
from tests.unit.nn import nn_reference as reference

TABLE = reference.table((4, 9, 3), 2, rows=12, seed=0, bags=((7, 3), (5, 4)))
PLAIN = reference.table((6, 2), 1, rows=6, seed=1)
NETWORK = Network(embedding=2, id_embedding=5, deep=(6, 4), output=3)
WIDTHS = (2, 6, 2, 6, 6, 1, 1)
"""Five numbers take three rows of two; the second category has most values."""


def model(seed: int = 0) -> TwoTower:
    made = TwoTower(TABLE, PLAIN, Experiment(network=NETWORK), "parallel")
    initialise(made, seed, 0.5)
    return made


def given(table: Table) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(table.codes.copy()), torch.from_numpy(table.values.copy())


def x0_of(weight: NDArray[np.float64], table: Table) -> NDArray[np.float64]:
    """x0 (rows, D), value by value, from the embedding table (rows, 2)."""
    fields = [*table.categories, *table.bags]
    spans = [width // 2 for width in WIDTHS[: len(fields)]]
    start, tables = 0, []
    for field, span in zip(fields, spans, strict=True):
        size = len(field.values)
        tables.append(weight[start : start + size * span].reshape(size, span * 2))
        start += size * span
    rows = []
    for codes, values in zip(table.codes, table.values, strict=True):
        parts = [tables[at][codes[at]] for at in range(len(table.categories))]
        column = len(table.categories)
        for at, bag in enumerate(table.bags, column):
            held = [code for code in codes[column : column + bag.places] if code]
            parts.append(np.mean([tables[at][code] for code in held], axis=0) if held else np.zeros(spans[at] * 2))
            column += bag.places
        rows.append(np.concatenate([*parts, values]))
    return np.array(rows)


def test_x0_is_what_numpy_makes_of_it() -> None:
    tower = model().query
    assert tower.fields == WIDTHS
    found = tower.x0(*given(TABLE)).detach().numpy()
    expected = x0_of(tower.embedding.weight.detach().double().numpy(), TABLE)
    assert found.shape == expected.shape == (12, sum(WIDTHS))
    assert np.allclose(found, expected, atol=1e-6)


def test_an_empty_bag_is_zeros_and_the_order_within_a_bag_says_nothing() -> None:
    tower = model().query
    codes, values = given(TABLE)
    assert not codes[0, 3:].any()
    assert not tower.x0(codes, values)[0, 10:22].any()
    turned = codes.clone()
    turned[1, 3:6] = codes[1, 3:6].flip(0)
    assert torch.allclose(tower.x0(turned, values), tower.x0(codes, values), atol=1e-6)


def test_gradients_are_those_of_differences_and_padding_gets_none() -> None:
    embedding = FieldEmbedding(TABLE, NETWORK).double()
    torch.nn.init.normal_(embedding.weight, generator=torch.Generator().manual_seed(0))
    codes = torch.from_numpy(TABLE.codes.copy())
    weight = embedding.weight.detach().requires_grad_()
    assert torch.autograd.gradcheck(lambda one: functional_call(embedding, {"weight": one}, codes), weight)
    embedding(codes).square().sum().backward()
    embedding_grad = embedding.weight.grad
    assert embedding_grad is not None
    parts = embedding_grad.split(embedding.sizes)  # type: ignore[no-untyped-call]
    assert all(part.any() for part in parts)
    assert not any(part[:3].any() for part in parts[3:])  # code 0 of a bag fills its empty places


def test_unknown_values_start_at_zero_however_wide() -> None:
    tables = model().query.embedding.tables()
    assert [tuple(one.shape) for one in tables] == [(4, 2), (9, 6), (3, 2), (7, 6), (5, 6)]
    assert not any(one[0].any() for one in tables)
    assert all((one[1:] != 0).all() for one in tables)


def test_seeds_at_once_agree() -> None:
    towers = [model(seed).query for seed in range(2)]
    weights, buffers = stack_module_state(towers)
    run = vmap(lambda own, held: functional_call(towers[0], (own, held), given(TABLE)))
    both = run(weights, buffers)
    for seed, tower in enumerate(towers):
        assert torch.allclose(both[seed], tower(*given(TABLE)), atol=1e-6)


def test_tables_do_not_count_as_dense() -> None:
    made = model()
    weights = sum(size * width for size, width in ((4, 2), (9, 6), (3, 2), (7, 6), (5, 6), (6, 6), (2, 2)))
    total = sum(one.numel() for one in made.parameters())
    assert cost(made).total == total
    assert cost(made).total - cost(made).dense == weights


@pytest.mark.parametrize(("wide", "width"), [(0, 2), (1, 2), (2, 2), (3, 4)])
def test_widths_are_whole_rows(wide: int, width: int) -> None:
    assert Network(embedding=2, id_embedding=wide).widths([3, 5, 5]) == (2, width, 2)
