"""Cross layers: hand-computed goldens, the identity, the degree, the direction of W."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from pdcn.config import Network
from pdcn.crossings import CROSSINGS
from pdcn.nn.cross import (
    AttentionCross,
    CrossLayer,
    CrossNetwork,
    DotCross,
    ExponentialCross,
    FullCross,
    GatedCross,
    LowRankCross,
    MaskedCross,
    MixtureCross,
)
from tests.unit.nn import nn_reference

LN3, LN2 = math.log(3), math.log(2)

VARIANTS: dict[str, dict[str, Any]] = {
    "full": {"cross": "full"},
    "low_rank": {"cross": "low_rank", "cross_rank": 2},
    "dcn_v1": {"cross": "dcn_v1"},
    "gated": {"cross": "gated"},
    "masked": {"cross": "masked"},
    "exponential": {"cross": "exponential"},
    **{
        f"mixture {gate} {inner}": {"cross": "mixture", "cross_rank": 2, "experts": 3, "gate": gate, "inner": inner}
        for gate in ("softmax", "sigmoid")
        for inner in ("none", "tanh", "relu")
    },
}
every_variant = pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)


def made(width: int, network: Network) -> CrossLayer:
    layer = CrossNetwork((1,) * width, network).layers[0]
    assert isinstance(layer, CrossLayer)
    return layer


def rows(*values: list[float]) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def filled(layer: nn.Module, **weights: Any) -> nn.Module:
    """The layer in float64 with these parameters; every parameter has to be given."""
    state = {name.replace("_", "."): torch.tensor(value, dtype=torch.float64) for name, value in weights.items()}
    layer.double().load_state_dict(state)
    return layer


def randomised(module: Any, seed: int = 0) -> Any:
    draws = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in module.parameters():
            weight.copy_(torch.randn(weight.shape, generator=draws))
    return module


def test_full_golden() -> None:
    layer = filled(FullCross(2), W_weight=[[1, 2], [0, -1]], W_bias=[1, 4])
    # W xl + b = (1*5 + 2*7 + 1, -7 + 4) = (20, -3)
    # x0 * that + xl = (2*20 + 5, 3*-3 + 7)
    assert layer(rows([2, 3]), rows([5, 7])).tolist() == [[2 * 20 + 5, 3 * -3 + 7]]


def test_low_rank_golden() -> None:
    # rank 1: V^T xl = 5 + 2*7 = 19; U 19 + b = (3*19, -19 + 1) = (57, -18)
    layer = filled(LowRankCross(2, 1), V_weight=[[1, 2]], U_weight=[[3], [-1]], U_bias=[0, 1])
    assert layer(rows([2, 3]), rows([5, 7])).tolist() == [[2 * 57 + 5, 3 * -18 + 7]]


def test_low_rank_applies_v_before_u() -> None:
    # V^T xl = (5 + 2*7, 7) = (19, 7); U of it = (19, 3*19 + 7) = (19, 64); b = (1, -4)
    layer = filled(LowRankCross(2, 2), V_weight=[[1, 2], [0, 1]], U_weight=[[1, 0], [3, 1]], U_bias=[1, -4])
    assert layer(rows([2, 3]), rows([5, 7])).tolist() == [[2 * 20 + 5, 3 * 60 + 7]]


@pytest.mark.parametrize(("gate", "first", "second"), [("softmax", 1 / 4, 3 / 4), ("sigmoid", 1 / 2, 3 / 4)])
def test_mixture_golden(gate: str, first: float, second: float) -> None:
    layer = filled(
        MixtureCross(2, rank=1, experts=2, gate=gate, inner="none"),
        V=[[[1, 1]], [[2, 0]]],
        U=[[[1], [2]], [[4], [1]]],
        b=[1, 0],
        gate_weight=[[0, 0], [LN3, 0]],
    )
    # xl = (1, 2): gate logits (0, ln 3), so softmax (1, 3)/4 and sigmoid (1/2, 3/4)
    # expert 1: V^T xl = 3, U 3 + b = (3, 6) + (1, 0) = (4, 6), times x0 = (2, 3): (8, 18)
    # expert 2: V^T xl = 2, U 2 + b = (8, 2) + (1, 0) = (9, 2), times x0 = (2, 3): (18, 6)
    expected = [first * 8 + second * 18 + 1, first * 18 + second * 6 + 2]
    assert layer(rows([2, 3]), rows([1, 2])).tolist() == [pytest.approx(expected, rel=1e-14)]


def test_mixture_tanh_golden() -> None:
    # tanh(ln(a)) = (a^2 - 1) / (a^2 + 1): tanh(ln(3)/2) = 1/2 and tanh(ln 2) = 3/5
    layer = filled(
        MixtureCross(2, rank=2, experts=2, gate="softmax", inner="tanh"),
        V=[[[LN3 / 2, 0], [0, 0]], [[0, 0], [0, 0]]],
        C=[[[0, 0], [2 * LN2, 0]], [[0, 0], [0, 0]]],
        U=[[[1, 5], [2, 10]], [[7, 7], [7, 7]]],
        b=[1, 0],
        gate_weight=[[0, 0], [LN3, 0]],
    )
    # xl = (1, 2). Expert 1: g(V^T xl) = tanh(ln(3)/2, 0) = (1/2, 0)
    #   g(C .) = tanh(0, 2 ln(2) / 2) = (0, 3/5); U . + b = (3, 6) + (1, 0) = (4, 6)
    # Expert 2: nothing passes V, so its x0 * b = (2, 0). Shares 1/4 and 3/4 as above.
    expected = [8 / 4 + 2 * 3 / 4 + 1, 18 / 4 + 2]
    assert layer(rows([2, 3]), rows([1, 2])).tolist() == [pytest.approx(expected, rel=1e-14)]


def test_mixture_relu_golden() -> None:
    layer = filled(
        MixtureCross(2, rank=2, experts=1, gate="softmax", inner="relu"),
        V=[[[-3, 0], [1, 2]]],
        C=[[[1, -1], [1, 1]]],
        U=[[[1, 2], [3, -1]]],
        b=[1, 2],
        gate_weight=[[9, -9]],
    )
    # xl = (1, 2): V^T xl = (-3, 5) -> (0, 5); C . = (-5, 5) -> (0, 5); U . + b = (10, -5) + (1, 2)
    # one expert has all of a softmax; x0 = (2, 3)
    assert layer(rows([2, 3]), rows([1, 2])).tolist() == [[2 * 11 + 1, 3 * -3 + 2]]


def test_dcn_v1_golden() -> None:
    layer = filled(DotCross(2), w_weight=[[1, 2]], b=[1, -4])
    # w . xl = 5 + 2*7 = 19; b is not multiplied with x0
    assert layer(rows([2, 3]), rows([5, 7])).tolist() == [[2 * 19 + 1 + 5, 3 * 19 - 4 + 7]]
    assert isinstance(layer, DotCross)
    assert layer.matrix(rows([5, 7])).tolist() == [[1, 2], [1, 2]]


def test_gated_golden() -> None:
    layer = filled(GatedCross(2), W_weight=[[1, 2], [0, -1]], W_bias=[1, 4], G_weight=[[0, 0], [LN3 / 5, 0]])
    # W xl + b = (20, -3); the gates are sigmoid(0, ln 3) = (1/2, 3/4)
    expected = [2 * 20 / 2 + 5, 3 * -3 * 3 / 4 + 7]
    assert layer(rows([2, 3]), rows([5, 7])).tolist() == [pytest.approx(expected, rel=1e-14)]
    assert isinstance(layer, GatedCross)
    assert layer.matrix(rows([5, 7])).tolist() == [[0.5, 1], [0, pytest.approx(-0.75)]]


@pytest.mark.parametrize(("kind", "times"), [(MaskedCross, (2, 3, 4)), (ExponentialCross, (5, 7, 1))])
def test_fcn_golden(kind: type[MaskedCross], times: tuple[int, int, int]) -> None:
    weights = {"W_weight": [[1, 2, 0], [0, -1, 1]], "norm_weight": [2, 2], "norm_bias": [0, 3], "b": [1, 4, 0]}
    layer = filled(kind(3), **weights)
    # c = W xl = (5 + 2*7, -7 + 1) = (19, -6): of two numbers the norm makes (1, -1), but for its 1e-5
    # then 2 * that + (0, 3) = (2, 1), which the ReLU leaves, so Mask(c) = (38, -6)
    # D = 3 takes c and the first of Mask(c): (19, -6, 38) + b = (20, -2, 38), times x0 = (2, 3, 4), or times xl
    expected = [times[0] * 20 + 5, times[1] * -2 + 7, times[2] * 38 + 1]
    x0, xl = rows([2, 3, 4]), rows([5, 7, 1])
    assert layer(x0, xl).tolist() == [pytest.approx(expected, rel=1e-6)]
    assert isinstance(layer, MaskedCross)
    assert layer.multiplied(x0, xl).tolist() == [list(times)]
    assert layer.matrix(xl).tolist() == [[1, 2, 0], [0, -1, 1], [pytest.approx(2), pytest.approx(4), 0]]
    # with a bias of (-9, 3) the first is masked out
    masked_out = filled(kind(3), **{**weights, "norm_bias": [-9, 3]})
    assert masked_out(x0, xl).tolist() == [pytest.approx([*expected[:2], times[2] * 0 + 1], rel=1e-6)]


def test_attention_golden() -> None:
    # two fields of width 1 and one head: Q e = (ln 3, 0), K e = (1, 0), V e = (4, 8), R e = (1, -20)
    layer = filled(AttentionCross((1, 1), 1, 1), Q_weight=[[LN3]], K_weight=[[1]], V_weight=[[4]], R_weight=[[-10]])
    # xl = (1, 0): the first field's scores are (ln 3, 0), so its shares (3/4, 1/4) of V e = (4, 0): 3; R e = -10
    # the second's are (0, 0), so (1/2, 1/2): 2, and R e = 0. The ReLU stops the first.
    assert layer(rows([9, 9]), rows([1, 0])).tolist() == [[0, 2]]
    weights = {**layer.state_dict(), "R.weight": rows([10])}
    layer.load_state_dict(weights)
    assert layer(rows([9, 9]), rows([1, 0])).tolist() == [pytest.approx([13, 2], rel=1e-14)]


@pytest.mark.parametrize("heads", [1, 2, 3])
@pytest.mark.parametrize("fields", [(4, 8, 4, 1, 1), (4, 8, 4, 1)])
def test_other_ways_to_cross_are_the_papers(heads: int, fields: tuple[int, ...]) -> None:
    """Against NumPy: fields as wide as a token (4), twice as wide, and numbers; three heads do not divide four."""
    draws = torch.Generator().manual_seed(1)
    x0, xl = torch.randn(2, 6, sum(fields), generator=draws, dtype=torch.float64)
    for name in ("dcn_v1", "gated", "masked", "exponential", "attention"):
        network = CrossNetwork(fields, Network(cross=name, embedding=4, experts=heads, cross_layers=1)).double()
        layer = randomised(network).layers[0]
        weights = {f"it.{key}": value.numpy() for key, value in layer.state_dict().items()}
        found = layer(x0, xl).detach().numpy()
        for a, b, row in zip(x0.numpy(), xl.numpy(), found, strict=True):
            if name == "attention":
                expected = nn_reference.attention(weights, "it", b, fields, heads)
            else:
                expected = getattr(nn_reference, name)(weights, "it", a, b)
            np.testing.assert_allclose(row, expected, rtol=1e-10, atol=1e-12)


def test_only_equation_4_has_a_c() -> None:
    assert MixtureCross(2, 1, 1, "softmax", "none").C is None
    assert MixtureCross(2, 1, 1, "softmax", "relu").C is not None


def test_softmax_shares_one_identical_expert() -> None:
    """Equal experts under a softmax are one expert, whatever the gate; under a sigmoid they add."""
    weights = {"V": [[[1, 2]]] * 3, "U": [[[1], [-1]]] * 3, "b": [1, 2], "gate_weight": [[1, 2], [0, 3], [-1, -1]]}
    layer = filled(MixtureCross(2, 1, 3, "softmax", "none"), **weights)
    # V^T xl = 5; U 5 + b = (6, -3)
    expected = [2.0 * 6 + 1, 3.0 * -3 + 2]
    assert layer(rows([2, 3]), rows([1, 2])).tolist() == [pytest.approx(expected, rel=1e-14)]
    even = filled(MixtureCross(2, 1, 3, "sigmoid", "none"), **{**weights, "gate_weight": [[0, 0]] * 3})
    # three experts, a half of each
    expected = [3 * 0.5 * 12 + 1, 3 * 0.5 * -9 + 2]
    assert even(rows([2, 3]), rows([1, 2])).tolist() == [pytest.approx(expected, rel=1e-14)]


def test_network_golden() -> None:
    """Two layers on paper: the second multiplies with x0 again, not with the first one's output."""
    network = CrossNetwork((1,) * 2, Network(cross="full", cross_layers=2))
    filled(network.layers[0], W_weight=[[0, 1], [1, 0]], W_bias=[0, 0])
    filled(network.layers[1], W_weight=[[1, 0], [0, 2]], W_bias=[1, 0])
    # x0 = (1, 2): x1 = (1*2 + 1, 2*1 + 2) = (3, 4); x2 = (1*(3 + 1) + 3, 2*(2*4) + 4)
    assert network(rows([1, 2])).tolist() == [[1 * 4 + 3, 2 * 8 + 4]]
    # from (5, 0): x1 = (1*0 + 5, 2*5 + 0) = (5, 10); x2 = (1*(5 + 1) + 5, 2*20 + 10)
    assert network(rows([1, 2]), rows([5, 0])).tolist() == [[1 * 6 + 5, 2 * 20 + 10]]


@every_variant
@pytest.mark.parametrize("layers", [1, 3])
def test_zero_weights_are_the_identity(variant: dict[str, Any], layers: int) -> None:
    network = CrossNetwork((1,) * 4, Network(cross_layers=layers, **variant))
    for weight in network.parameters():
        nn.init.zeros_(weight)
    draws = torch.Generator().manual_seed(0)
    x0, start = torch.randn(2, 5, 4, generator=draws) * 10
    assert torch.equal(network(x0), x0)
    assert torch.equal(network(x0, start), start)
    for weight in network.parameters():
        nn.init.ones_(weight)
    assert not torch.allclose(network(x0), x0)


@every_variant
def test_no_layers_are_the_identity(variant: dict[str, Any]) -> None:
    network = CrossNetwork((1,) * 3, Network(cross_layers=0, **variant))
    x0 = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    assert torch.equal(network(x0), x0)
    assert torch.equal(network(x0, 2 * x0), 2 * x0)
    assert not list(network.parameters())


@pytest.mark.parametrize("layers", range(5))
@pytest.mark.parametrize("cross", ["full", "low_rank"])
def test_layers_reach_exactly_their_degree(cross: str, layers: int) -> None:
    """Along a line, L layers are a polynomial of degree L + 1: no less, no more.

    Weights and points are small whole numbers, so that float64 is exact and so are the differences.
    All of them are positive: the leading coefficient is then positive in every output.
    """
    draws = np.random.default_rng(layers)
    network = CrossNetwork((1,) * 3, Network(cross=cross, cross_rank=2, cross_layers=layers)).double()
    with torch.no_grad():
        for weight in network.parameters():
            weight.copy_(torch.from_numpy(draws.integers(1, 3, weight.shape)))
    at, along = draws.integers(-2, 3, (1, 3)), draws.integers(1, 3, (1, 3))
    steps = np.arange(layers + 4)[:, None]  # (L + 4, 1)
    with torch.no_grad():
        line = network(torch.from_numpy((at + steps * along).astype(float))).numpy()  # (L + 4, D)
    assert np.abs(line).max() < 2**53
    assert (np.diff(line, n=layers + 2, axis=0) == 0).all()
    leading = np.diff(line, n=layers + 1, axis=0)
    assert (leading > 0).all()
    assert (leading == leading[0]).all()


@pytest.mark.parametrize("layers", range(3))
@pytest.mark.parametrize(("cross", "degree"), [("masked", (1, 2, 3)), ("exponential", (1, 2, 4))])
def test_fcn_reaches_its_degrees(cross: str, degree: tuple[int, ...], layers: int) -> None:
    """With a mask that lets all through, L linear layers reach degree L + 1 along a line, exponential ones 2^L."""
    network = CrossNetwork((1,) * 3, Network(cross=cross, cross_layers=layers)).double()
    draws = np.random.default_rng(layers)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            drawn = torch.from_numpy(draws.integers(1, 3, weight.shape))
            weight.copy_({"norm.weight": 0 * drawn, "norm.bias": 0 * drawn + 1}.get(name.split(".", 2)[-1], drawn))
        steps = np.arange(degree[layers] + 3)[:, None]
        line = network(torch.from_numpy((np.array([-1, 0, 1]) + steps * [1, 2, 1]).astype(float))).numpy()
    assert (np.diff(line, n=degree[layers] + 1, axis=0) == 0).all()
    assert (np.diff(line, n=degree[layers], axis=0) > 0).all()


whole = st.integers(-9, 9)


@settings(max_examples=50)
@given(
    out=st.integers(0, 3),
    read=st.integers(0, 3),
    weight=whole.filter(bool),
    x0=st.lists(whole, min_size=4, max_size=4),
    xl=st.lists(whole, min_size=4, max_size=4),
)
def test_w_is_directed(out: int, read: int, weight: int, x0: list[int], xl: list[int]) -> None:
    """W[i, j] alone adds x0_i W_ij xl_j to output i and leaves all others as they were."""
    layer = FullCross(4).double()
    with torch.no_grad():
        layer.W.weight.zero_()
        layer.W.bias.zero_()
        layer.W.weight[out, read] = weight
    expected = list(xl)
    expected[out] += x0[out] * weight * xl[read]
    assert layer(rows(list(x0)), rows(list(xl))).tolist() == [expected]


@every_variant
@pytest.mark.parametrize("width", [1, 4])
def test_batch_of_one(variant: dict[str, Any], width: int) -> None:
    """Rows do not see each other, and a batch of one keeps its axis."""
    layer = randomised(made(width, Network(**variant)).double())
    draws = torch.Generator().manual_seed(1)
    x0, xl = torch.randn(2, 3, width, generator=draws, dtype=torch.float64)
    together = layer(x0, xl)
    assert together.shape == (3, width)
    for row in range(3):
        alone = layer(x0[row : row + 1], xl[row : row + 1])
        assert alone.shape == (1, width)
        torch.testing.assert_close(alone[0], together[row], rtol=1e-12, atol=1e-12)


def test_one_kind_for_each_name() -> None:
    assert isinstance(made(3, Network(cross="full")), FullCross)
    assert isinstance(made(3, Network(cross="low_rank")), LowRankCross)
    mixture = made(3, Network(cross="mixture", cross_rank=5, experts=2))
    assert isinstance(mixture, MixtureCross)
    assert mixture.V.shape == (2, 5, 3)
    low_rank = made(3, Network(cross="low_rank", cross_rank=5))
    assert isinstance(low_rank, LowRankCross)
    assert low_rank.V.weight.shape == (5, 3)


@pytest.mark.parametrize("name", CROSSINGS)
def test_every_kind_counts_its_flops_exactly(name: str) -> None:
    network = CrossNetwork((4, 4, 4, 1), Network(cross=name, embedding=4, cross_rank=3, experts=2, cross_layers=2))
    x0 = torch.randn(5, 13)
    with FlopCounterMode(display=False) as counter:
        network(x0)
    assert counter.get_total_flops() == 5 * sum(block.flops for block in network.blocks())
    assert sum(block.parameters for block in network.blocks()) == sum(weight.numel() for weight in network.parameters())
