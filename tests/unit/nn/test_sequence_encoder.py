"""A sequence as a field of x0: against NumPy in float64 and by hand, and what empty places and order change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from pdcn.config import Experiment, Network
from pdcn.nn.model import cost, initialise
from pdcn.nn.sequence import SequenceEncoder
from pdcn.nn.tower import Tower
from pdcn.nn.two_tower import TwoTower
from pdcn.sources.encoded_table import Table
from pdcn.training.device import one_thread
from tests.unit.sequence_help import ActedData, acted, build, known

Array = NDArray[np.float64]
PROJECTIONS = ("linear", "mlp", "dcn", "dcn_low", "flat")
DATA = build(ActedData(acts=200))
PLACES, WIDTH, SHOWN = 4, 8, 8  # the field of places stands before the sequence, eight wide


def network(**settings: Any) -> Network:
    return Network(sequence="transformer", **{"projected": 3, "projection_rank": 2, "projection_hidden": 5, **settings})


def encoder(places: int, width: int, own: Network) -> SequenceEncoder:
    made = SequenceEncoder(places, width, own).double()
    draws = torch.Generator().manual_seed(1)
    for weight in made.parameters():
        weight.data = 0.5 * torch.randn(weight.shape, generator=draws, dtype=torch.float64)
    return made


def norm(weights: Mapping[str, Array], name: str, x: Array) -> Array:
    centred = x - x.mean()
    return np.asarray(
        weights[f"{name}.weight"] * centred / np.sqrt((centred**2).mean() + 1e-5) + weights[f"{name}.bias"]
    )


def encoded(weights: Mapping[str, Array], actions: Array, there: NDArray[np.bool_], own: Network) -> Array:
    """One sequence (P, W) in plain NumPy: attention head by head, only over the places that have an action."""
    if not there.any():
        return np.zeros(own.sequence_width(len(actions)) if own.projection != "flat" else actions.size)
    x, width = actions + weights["actions.position"], actions.shape[1]
    for depth in range(own.sequence_layers):
        at = f"actions.layers.{depth}"
        made = x @ weights[f"{at}.self_attn.in_proj_weight"].T + weights[f"{at}.self_attn.in_proj_bias"]
        q, k, v = made[:, :width], made[:, width : 2 * width], made[:, 2 * width :]
        mixed, size = np.zeros_like(x), width // own.sequence_heads
        for head in range(own.sequence_heads):
            part = slice(head * size, (head + 1) * size)
            for place in range(len(x)):
                score = k[there][:, part] @ q[place, part] / np.sqrt(size)
                share = np.exp(score - score.max())
                mixed[place, part] = (share / share.sum()) @ v[there][:, part]
        out = mixed @ weights[f"{at}.self_attn.out_proj.weight"].T + weights[f"{at}.self_attn.out_proj.bias"]
        x = np.array([norm(weights, f"{at}.norm1", row) for row in x + out])
        inner = np.maximum(x @ weights[f"{at}.linear1.weight"].T + weights[f"{at}.linear1.bias"], 0)
        more = inner @ weights[f"{at}.linear2.weight"].T + weights[f"{at}.linear2.bias"]
        x = np.array([norm(weights, f"{at}.norm2", row) for row in x + more])
    whole = (x * there[:, None]).ravel()
    y = whole
    if own.projection == "mlp":
        y = np.maximum(weights["hidden.linears.0.weight"] @ whole + weights["hidden.linears.0.bias"], 0)
    for depth in range(own.projection_layers if own.projection in ("dcn", "dcn_low") else 0):
        at = f"crosses.layers.{depth}"
        if own.projection == "dcn":
            product = weights[f"{at}.W.weight"] @ y + weights[f"{at}.W.bias"]
        else:
            product = weights[f"{at}.U.weight"] @ (weights[f"{at}.V.weight"] @ y) + weights[f"{at}.U.bias"]
        y = whole * product + y
    return y if own.projection == "flat" else weights["project.weight"] @ y + weights["project.bias"]


def as_numpy(made: torch.nn.Module) -> dict[str, Array]:
    return {name: weight.detach().numpy().copy() for name, weight in made.named_parameters()}


@pytest.mark.parametrize("projection", PROJECTIONS)
def test_it_is_what_numpy_makes_of_it_with_its_gradient(projection: Any) -> None:
    own = network(projection=projection, projection_layers=2, sequence_layers=1, sequence_heads=2)
    made = encoder(3, 4, own)
    draws = np.random.default_rng(0)
    actions, there = draws.normal(size=(4, 3, 4)), np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]], np.bool_)
    given = torch.tensor(actions, requires_grad=True)
    out = made(given, torch.tensor(there))
    weights = as_numpy(made)
    expected = np.array([encoded(weights, *row, own) for row in zip(actions, there, strict=True)])
    np.testing.assert_allclose(out.detach().numpy(), expected, atol=1e-11)
    assert not out[3].any()

    toward = draws.normal(size=out.shape)
    (out * torch.tensor(toward)).sum().backward()

    def value(row: int) -> float:
        return float(encoded(weights, actions[row], there[row], own) @ toward[row])

    def slope(array: Array, at: tuple[int, ...], rows: tuple[int, ...]) -> float:
        ends = []
        for step in (1e-6, -1e-6):
            array[at] += step
            ends.append(sum(map(value, rows)))
            array[at] -= step
        return (ends[0] - ends[1]) / 2e-6

    assert given.grad is not None
    for at in ((0, 2, 1), (1, 0, 3), (2, 0, 0), (2, 1, 0), (3, 0, 0)):  # the last two are empty places
        assert slope(actions, at, (at[0],)) == pytest.approx(float(given.grad[at]), abs=1e-6)
    for name, weight in made.named_parameters():
        middle = tuple(int(one) for one in np.unravel_index(weight.numel() // 2, tuple(weight.shape)))
        assert weight.grad is not None
        assert slope(weights[name], middle, (0, 1, 2, 3)) == pytest.approx(float(weight.grad[middle]), abs=1e-6), name


@pytest.mark.parametrize("projection", ["dcn", "dcn_low"])
def test_a_projection_by_hand(projection: Any) -> None:
    made = encoder(2, 1, network(projection=projection, projected=1, projection_rank=1, sequence_layers=0))
    known_weights = {
        "actions.position": [[0.0], [0.0]],
        "crosses.layers.0.W.weight": [[0.0, 1.0], [0.0, 0.0]],
        "crosses.layers.0.W.bias": [1.0, 0.0],
        "crosses.layers.0.V.weight": [[0.0, 1.0]],
        "crosses.layers.0.U.weight": [[1.0], [0.0]],
        "crosses.layers.0.U.bias": [1.0, 0.0],
        "project.weight": [[1.0, 2.0]],
        "project.bias": [5.0],
    }
    for name, weight in made.named_parameters():
        weight.data = torch.tensor(known_weights[name], dtype=torch.float64)
    actions = torch.tensor([[[2.0], [3.0]], [[2.0], [3.0]], [[2.0], [3.0]]], dtype=torch.float64)
    there = torch.tensor([[True, True], [True, False], [False, False]])
    # (2 (3 + 1) + 2) + 2 * 3 + 5; without the second action (2 (0 + 1) + 2) + 5; without any, nothing
    assert made(actions, there).tolist() == [[21.0], [9.0], [0.0]]


def towers(**settings: Any) -> tuple[TwoTower, Tensor, Tensor]:
    with known():
        made = TwoTower(DATA.queries, DATA.items, acted(**settings), "parallel")
    initialise(made, 0, 0.5)
    return made, torch.tensor(DATA.queries.codes), torch.tensor(DATA.queries.values)


@pytest.mark.parametrize("projection", PROJECTIONS)
def test_an_empty_history_is_zeros_and_an_empty_place_changes_nothing(projection: Any) -> None:
    made, codes, values = towers(sequence="transformer", projection=projection, projected=6)
    tower = made.query
    x0 = tower.x0(codes, values)
    assert tower.fields == (8, {"flat": PLACES * WIDTH}.get(projection, 6))
    assert not x0.isnan().any()
    none = torch.tensor((DATA.queries.of_bags[0] == 0).all(1))
    assert 0 < none.sum() < len(none)
    assert not x0[none, SHOWN:].any()
    own = tower.embedding.encoders["0"]
    actions, there = tower.embedding.actions(0, codes[:, 1:])
    other = torch.where(there[..., None], actions, torch.full_like(actions, 7.0))
    torch.testing.assert_close(own(other, there), own(actions, there))
    assert float((own(other, torch.ones_like(there)) - own(actions, there)).detach().abs().max()) > 0.1
    made.eval()
    with torch.inference_mode():  # torch then takes another way through its layers
        torch.testing.assert_close(tower.x0(codes, values), x0, atol=1e-5, rtol=1e-5)


def test_order_is_nothing_to_a_mean_and_something_to_a_transformer() -> None:
    order = [0, 2, 1, 4, 3, 6, 5, 8, 7]  # pairs of places change, of both channels alike
    whole = torch.tensor((DATA.queries.of_bags[0] > 0).all(1))
    for sequence in ("mean", "transformer"):
        made, codes, values = towers(sequence=sequence)
        there, back = (made.query.x0(one[whole], values[whole]) for one in (codes, codes[:, order]))
        apart = float((there - back).detach().abs().max())
        assert (apart > 0.01) == (sequence == "transformer")
        assert apart < 1e-6 or sequence == "transformer"


def test_left_out_it_says_nothing() -> None:
    made, codes, values = towers(sequence="none")
    assert made.query.fields == (8, 8)
    assert not made.query.x0(codes, values)[:, 8:].any()


@pytest.mark.parametrize("projection", PROJECTIONS)
def test_its_blocks_count_every_parameter_and_flop(projection: Any) -> None:
    made, codes, values = towers(sequence="transformer", projection=projection, sequence_layers=2, projection_layers=2)
    plan = made.query.plan()
    assert sum(block.parameters for block in plan.blocks) == sum(p.numel() for p in made.query.parameters())
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counted:  # attention as products one can see
        made.query(codes, values)
    assert sum(block.flops for block in plan.blocks) * len(codes) == counted.get_total_flops()
    assert cost(made).total == sum(p.numel() for p in made.parameters())
    names = [block.name for block in plan.below[0]]
    assert names[:3] == ["Actions", "Encoder 1", "Encoder 2"]
    assert (
        names[3:]
        == {
            "linear": ["Project"],
            "mlp": ["Deep 1", "Project"],
            "dcn": ["Cross 1", "Cross 2", "Project"],
            "dcn_low": ["Cross 1", "Cross 2", "Project"],
            "flat": [],
        }[projection]
    )


def test_the_unknown_value_never_learns() -> None:
    made, codes, values = towers(sequence="transformer")
    codes[:, 5:] = 0  # actions of which the type is not known
    made.query(codes, values).square().sum().backward()
    gradient = made.query.embedding.weight.grad
    assert gradient is not None
    starts = made.query.embedding.starts.tolist()
    assert not gradient[starts[1:]].any()
    assert gradient[starts[1] + 1].any()


def test_data_without_actions_takes_no_transformer() -> None:
    with pytest.raises(ValueError, match="sequence: expected mean with data without earlier actions in order"):
        Experiment(network=Network(sequence="transformer"))


def test_a_table_without_a_sequence_is_as_before() -> None:
    one_thread()
    table = Table(DATA.queries.categories, (), DATA.queries.single.copy(), DATA.queries.values.copy())
    made = [Tower(table, Network(sequence=sequence), "parallel") for sequence in ("mean", "transformer")]
    assert [name for name, _ in made[0].named_parameters()] == [name for name, _ in made[1].named_parameters()]
