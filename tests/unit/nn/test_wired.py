"""Every wiring with every cross layer against the NumPy reference: values, gradients, cost."""

from __future__ import annotations

import itertools
import math
from typing import Any, cast

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.utils.flop_counter import FlopCounterMode

from pdcn import wirings
from pdcn.config import Experiment, Network
from pdcn.nn.blocks import Block
from pdcn.nn.bridged import BridgedNetwork, End
from pdcn.nn.model import cost, initialise
from pdcn.nn.parts import DeepNetwork
from pdcn.nn.tower import Tower
from pdcn.nn.two_tower import TwoTower
from pdcn.nn.wired import Wired
from tests.unit.nn import nn_reference as reference

SIZES, NUMBERS, BATCH = (4, 3), 2, 3

MIXTURE = {"cross": "mixture", "cross_rank": 2}
NETWORKS: dict[str, Network] = {
    name: Network(embedding=2, output=3, **{"deep": (6, 4), **settings})
    for name, settings in {
        "full": {"cross_layers": 3, "activation": "relu", "layer_norm": True},
        "full, no layers": {"cross_layers": 0, "activation": "tanh", "head": (5,)},
        "low rank": {"cross": "low_rank", "cross_rank": 2, "activation": "gelu", "head": (5, 4), "deep": (5,)},
        "softmax": {**MIXTURE, "experts": 3, "activation": "silu", "layer_norm": True, "head": (5,)},
        "sigmoid": {**MIXTURE, "experts": 2, "gate": "sigmoid", "activation": "tanh", "normalise": False},
        "softmax tanh": {**MIXTURE, "experts": 2, "inner": "tanh", "head": (4,)},
        "sigmoid relu": {
            **MIXTURE,
            "experts": 2,
            "gate": "sigmoid",
            "inner": "relu",
            "activation": "gelu",
            "layer_norm": True,
            "deep": (4, 5, 3),
            "cross_layers": 1,
        },
    }.items()
}

every_wiring = pytest.mark.parametrize("wiring", wirings.WIRINGS)
every_network = pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)

Weights = dict[str, NDArray[np.float64]]


def make_tower(wiring: str, network: Network) -> tuple[Tower, Any]:
    """A float64 tower, no weight of which is a plain 0 or 1, and a batch for it."""
    table = reference.table(SIZES, NUMBERS, rows=BATCH, seed=0)
    experiment = Experiment(network=network)
    model = TwoTower(table, table, experiment, wiring)
    initialise(model, seed=0, embedding_std=1.0)
    tower = model.query.double()
    draws = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in tower.parameters():
            weight.add_(torch.randn(weight.shape, generator=draws), alpha=0.3)
    return tower, table


def numpy_weights(tower: Tower) -> Weights:
    return {name: weight.detach().numpy().copy() for name, weight in tower.state_dict().items()}


@every_wiring
@every_network
def test_equals_the_reference(wiring: str, network: Network) -> None:
    tower, table = make_tower(wiring, network)
    codes, values = torch.from_numpy(table.codes.copy()), torch.from_numpy(table.values.copy())
    expected = reference.tower(numpy_weights(tower), wiring, network, SIZES, table.codes, table.values.astype(float))
    assert expected.shape == (BATCH, network.output)
    with torch.no_grad():
        np.testing.assert_allclose(tower(codes, values.double()), expected, rtol=0, atol=1e-10)
        one = tower(codes[:1], values[:1].double())
        np.testing.assert_allclose(one, expected[:1], rtol=0, atol=1e-10)
        np.testing.assert_allclose(tower.float()(codes, values), expected, rtol=1e-4, atol=1e-4)
    assert np.ptp(expected, axis=0).min() > 1e-3  # the rows differ: nothing above is trivial


@every_wiring
@every_network
def test_gradients_equal_finite_differences(wiring: str, network: Network) -> None:
    """Along a random direction in each parameter, and in the numbers, the slopes agree."""
    tower, table = make_tower(wiring, network)
    draws = np.random.default_rng(1)
    probe = draws.normal(size=(BATCH, network.output))
    values = torch.from_numpy(table.values.astype(float)).requires_grad_()
    codes = torch.from_numpy(table.codes.copy())
    (tower(codes, values) * torch.from_numpy(probe)).sum().backward()

    weights = numpy_weights(tower)
    inputs: dict[str, torch.Tensor] = {"values": values, **dict(tower.named_parameters())}
    assert set(inputs) == {"values", *weights}
    step, slopes = 1e-6, []
    for name, point in inputs.items():
        direction = draws.normal(size=tuple(point.shape))
        ends = []
        for sign in (1, -1):
            moved = {"values": table.values.astype(float), **weights}
            moved[name] = moved[name] + sign * step * direction
            out = reference.tower(moved, wiring, network, SIZES, table.codes, moved.pop("values"))
            ends.append((out * probe).sum())
        assert point.grad is not None, name
        slope = (point.grad.numpy() * direction).sum()
        assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5, abs=1e-7), name
        slopes.append(abs(slope))
    assert np.median(slopes) > 1e-3  # the slopes are no zeros


@every_wiring
def test_gradient_at_x0(wiring: str) -> None:
    """The derivative of a wiring by x0 itself, position by position."""
    network = NETWORKS["softmax tanh"]
    tower, _ = make_tower(wiring, network)
    weights = numpy_weights(tower)
    draws = np.random.default_rng(2)
    x0, probe = draws.normal(size=tower.width), draws.normal(size=tower.wiring.out)
    start = torch.tensor(x0[None], requires_grad=True)
    (tower.wiring(start) * torch.from_numpy(probe)).sum().backward()
    step = 1e-6

    def at(point: NDArray[np.float64]) -> float:
        out = reference.wiring(weights, "wiring", wiring, point, network)
        return float(out @ probe)

    moves = step * np.eye(tower.width)
    slopes = [(at(x0 + move) - at(x0 - move)) / (2 * step) for move in moves]
    assert start.grad is not None
    np.testing.assert_allclose(start.grad[0], slopes, rtol=1e-5, atol=1e-7)


@every_wiring
@every_network
def test_plan_counts_what_pytorch_counts(wiring: str, network: Network) -> None:
    """Parameters and FLOPs of the plan, block by block and in total, are those of the modules."""
    query = reference.table(SIZES, NUMBERS, rows=BATCH, seed=0)
    item = reference.table((5, 2, 2), 1, rows=BATCH, seed=1)
    experiment = Experiment(network=network)
    model = TwoTower(query, item, experiment, wiring)
    initialise(model, seed=0, embedding_std=1.0)
    flops = 0
    for tower, table in ((model.query, query), (model.item, item)):
        codes, values = torch.from_numpy(table.codes.copy()), torch.from_numpy(table.values.copy())
        for batch in (1, BATCH):
            with FlopCounterMode(display=False) as counter:
                tower(codes[:batch], values[:batch])
            blocks = tower.plan().blocks
            assert counter.get_total_flops() == batch * sum(block.flops for block in blocks)
        assert sum(b.parameters for b in blocks) == sum(p.numel() for p in tower.parameters())
        flops += counter.get_total_flops() // BATCH
    total = sum(p.numel() for p in model.parameters())
    tables = network.embedding * (4 + 3) + network.embedding * (5 + 2 + 2)
    found = cost(model)
    assert (found.total, found.dense, found.flops) == (total, total - tables, flops)


def test_counts_on_paper() -> None:
    """Two blocks of each kind counted by hand, biases and layer norms included."""
    network = Network(embedding=2, cross_layers=1, deep=(7, 4), output=3, layer_norm=True)
    table = reference.table((4, 3), 2, rows=1, seed=0)
    width = 2 * 2 + 2
    cross = Block("Cross 1", "cross", 6, 6, width * width + width, 2 * width * width)
    deep = (
        Block("Deep 1", "deep", 6, 7, 6 * 7 + 7 + 2 * 7, 2 * 6 * 7),
        Block("Deep 2", "deep", 7, 4, 7 * 4 + 4 + 2 * 4, 2 * 7 * 4),
    )
    embeddings = Block("Embeddings", "embedding", 2, 6, 2 * (4 + 3), 0)

    plan = Tower(table, network, "sequential").plan()
    assert (plan.wiring, plan.embedding) == ("sequential", embeddings)
    assert (plan.branches, plan.join) == (((cross, *deep),), None)
    assert plan.head == Block("Head", "head", 4, 3, 4 * 3 + 3, 2 * 4 * 3)
    assert plan.blocks == (embeddings, cross, *deep, plan.head)

    plan = Tower(table, network, "parallel").plan()
    assert plan.branches == ((cross,), deep)
    assert plan.join == Block("Concat", "join", 6 + 4, 6 + 4, 0, 0)
    assert plan.head == Block("Head", "head", 10, 3, 10 * 3 + 3, 2 * 10 * 3)
    assert plan.blocks == (embeddings, cross, *deep, plan.join, plan.head)

    plan = Tower(table, network, "parallel_gated").plan()
    project, gate = 6 * 4, 8 * 4  # P reads the crosses, the gate reads both at the deep width
    assert plan.join == Block("Gated", "join", 10, 4, project + 4 + gate + 4, 2 * (project + gate))

    plan = Tower(table, network, "parallel_sum").plan()
    assert plan.join == Block("Sum", "join", 10, 4, project + 4, 2 * project)

    plan = Tower(table, network, "stacked_parallel").plan()
    assert plan.branches == ((cross, *deep), deep)
    assert plan.join == Block("Concat", "join", 4 + 4, 4 + 4, 0, 0)

    plan = Tower(table, network, "deep_then_cross").plan()
    widen = Block("Project", "deep", 4, 6, 4 * 6 + 6, 2 * 4 * 6)
    assert (plan.branches, plan.join) == (((*deep, widen, cross),), None)

    plan = Tower(table, network, "sequential_skip_cross").plan()
    assert (plan.branches, plan.starts) == (((cross, *deep), ()), ("", "0.0"))
    assert plan.join == Block("Concat", "join", 4 + 6, 4 + 6, 0, 0)

    plan = Tower(table, network, "parallel_no_linear").plan()
    assert plan.branches == ((cross, Block("Less x0", "cross", 6, 6, 0, 0)), deep)

    plan = Tower(table, network, "linear").plan()
    assert (plan.branches, plan.starts, plan.join) == (((),), ("",), None)
    assert plan.head == Block("Head", "head", 6, 3, 6 * 3 + 3, 2 * 6 * 3)

    plan = Tower(table, network, "fcn").plan()  # W of 3 x 6, the norm's weight and bias of 3 each, b of 6
    halved = Block("Cross 1", "cross", 6, 6, 3 * 6 + 2 * 3 + 6, 2 * 3 * 6)
    assert plan.branches == ((halved,), (halved,))
    assert plan.join == Block("Concat", "join", 6 + 6, 6 + 6, 0, 0)

    plan = Tower(table, network, "edcn").plan()  # two categories and two numbers: gates of four fields
    layer = (
        Block("Deep 1", "deep", 6, 6, 4 + width * width + width + 2 * width, 2 * width * width),
        Block("Cross 1", "cross", 6, 6, 4 + width * width + width, 2 * width * width),
        Block("Bridge 1", "cross", 6, 6, 0, 0),
    )
    ends = (Block("Last cross", "cross", 6, 6, 0, 0), Block("Last deep", "deep", 6, 6, 0, 0))
    assert plan.branches == ((*layer, ends[0]), (ends[1],), (Block("Last bridge", "cross", 6, 6, 0, 0),))
    assert plan.starts == ("", "0.2", "0.2")
    assert plan.join == Block("Concat", "join", 3 * 6, 3 * 6, 0, 0)

    assert Tower(table, network, "wide_deep").plan().branches == ((), deep)
    assert Tower(table, network, "deep_only").plan().branches == (deep,)
    assert Tower(table, network, "cross_only").plan().branches == ((cross,),)


@pytest.mark.parametrize(
    ("settings", "matrices", "biases"),
    [
        # D = 6, r = 2, K = 3: V and U have K r D each, C has K r r, the gate D K
        ({"cross": "low_rank"}, 2 * 6 + 6 * 2, 6),
        ({"cross": "mixture"}, 3 * 2 * 6 + 3 * 6 * 2 + 6 * 3, 6),
        ({"cross": "mixture", "inner": "tanh"}, 3 * 2 * 6 + 3 * 2 * 2 + 3 * 6 * 2 + 6 * 3, 6),
    ],
)
def test_cross_counts_on_paper(settings: dict[str, Any], matrices: int, biases: int) -> None:
    network = Network(embedding=2, cross_layers=1, cross_rank=2, experts=3, **settings)
    plan = Tower(reference.table((4, 3), 2, rows=1, seed=0), network, "cross_only").plan()
    expected = Block("Cross 1", "cross", 6, 6, matrices + biases, 2 * matrices)
    assert plan.branches == ((expected,),)


@every_wiring
@every_network
def test_widths_chain(wiring: str, network: Network) -> None:
    tower, _ = make_tower(wiring, network)
    plan = tower.plan()
    assert plan.embedding.out == tower.width == 2 * 2 + 2
    ends = []
    for branch, start in zip(plan.branches, plan.starts, strict=True):
        column, _, row = start.partition(".")
        at = plan.branches[int(column)][int(row)].out if start else plan.embedding.out
        for block in branch:
            assert block.into == at
            at = block.out
        ends.append(at)
    if plan.join is None:
        assert ends == [plan.head.into]
    else:
        assert len(ends) == len(wirings.WIRINGS[wiring].branches)
        assert plan.join.into == sum(ends)
        assert plan.join.out == plan.head.into
    assert plan.head.out == network.output
    depths = [sum(b.name.startswith("Cross") for b in branch) for branch in plan.branches]
    assert sum(depths) == len(wirings.WIRINGS[wiring].crossings("")) * network.cross_layers


def test_bridges_on_paper() -> None:
    """EDCN of two layers over two fields, one two wide: gates, the start of the crosses, and what goes to the head."""
    ln2 = math.log(2)
    network = cast(Any, BridgedNetwork((2, 1), Network(cross_layers=2, embedding=2)).double())
    with torch.no_grad():
        for weight in network.parameters():
            weight.zero_()
        network.to_cross[0].w.copy_(
            torch.tensor([ln2, 0.0], dtype=torch.float64)
        )  # shares 2/3 and 1/3, times two fields
        network.to_deep[1].w.copy_(torch.tensor([0.0, ln2], dtype=torch.float64))
        network.cross.layers[0].W.bias.fill_(1.0)
        network.cross.layers[1].W.bias.fill_(2.0)
        for deep in network.deep:
            deep.linears[0].weight.copy_(torch.eye(3))
    # the crosses start from (3 * 4/3, 6 * 4/3, 9 * 2/3) = (4, 8, 6): c_1 = start * 1 + start = (8, 16, 12)
    # d_1 is the ReLU of x0 by the even gate, (3, 6, 9), so b_1 = (24, 96, 108)
    # c_2 = start * 2 + b_1 = (32, 112, 120); d_2 = b_1 * (2/3, 2/3, 4/3) = (16, 64, 144)
    c, d = [32.0, 112, 120], [16.0, 64, 144]
    expected = [*c, *d, *(one * other for one, other in zip(c, d, strict=True))]
    out = network(torch.tensor([[3.0, 6, 9]], dtype=torch.float64))
    assert out.tolist() == [pytest.approx(expected, rel=1e-12)]
    ends = [End(end, 9)(out).tolist()[0] for end in BridgedNetwork.ENDS]
    assert [value for end in ends for value in end] == out.tolist()[0]


def test_dropout_is_off_in_evaluation_and_follows_its_share() -> None:
    network = DeepNetwork(50, Network(deep=(4000,), dropout=0.25, activation="tanh"))
    x = torch.randn(1, 50, generator=torch.Generator().manual_seed(0))
    network.eval()
    whole = network(x)
    assert torch.equal(whole, network(x))
    network.train()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        dropped = network(x)
    kept = dropped != 0
    assert 1 - kept.float().mean().item() == pytest.approx(0.25, abs=0.03)  # 4 standard errors
    torch.testing.assert_close(dropped[kept], whole[kept] / 0.75)


def test_sequential_with_identity_crosses_is_the_deep_network() -> None:
    tower = Wired((1,) * 5, Network(cross_layers=2), wirings.WIRINGS["sequential"])
    for weight in tower.part("cross").parameters():
        torch.nn.init.zeros_(weight)
    x0 = torch.randn(4, 5, generator=torch.Generator().manual_seed(0))
    assert torch.equal(tower(x0), tower.part("deep")(x0))


def test_without_its_crosses_a_control_is_the_next_simpler_one() -> None:
    """Crosses of zero: parallel is then x0 beside deep, and what they add to x0 is nothing."""
    x0 = torch.randn(4, 5, generator=torch.Generator().manual_seed(0))
    made = {}
    for name in ("parallel", "wide_deep", "parallel_no_linear", "sequential_skip_x0", "sequential_skip_cross"):
        made[name] = Wired((1,) * 5, Network(cross_layers=2, deep=(3,)), wirings.WIRINGS[name])
        for weight_name, weight in made[name].named_parameters():
            torch.nn.init.constant_(weight, 0.0 if weight_name.startswith("cross") else 0.1)
    whole = made["wide_deep"](x0)
    assert torch.equal(made["parallel"](x0), whole)
    assert torch.equal(made["parallel_no_linear"](x0), torch.cat((torch.zeros(4, 5), whole[:, 5:]), -1))
    for name in ("sequential_skip_x0", "sequential_skip_cross"):  # their deep network stands first
        assert torch.equal(made[name](x0), whole.roll(3, -1))


def test_branches_of_the_parallel_tower_do_not_touch() -> None:
    """Crosses stand before the deep part in the output, and neither reads the other."""
    tower = Wired((1,) * 5, Network(cross_layers=1, deep=(3,)), wirings.WIRINGS["parallel"])
    x0 = torch.randn(4, 5, generator=torch.Generator().manual_seed(0))
    before = tower(x0)
    for part, changed in ((tower.part("cross"), slice(0, 5)), (tower.part("deep"), slice(5, 8))):
        with torch.no_grad():
            for weight in part.parameters():
                weight.add_(1.0)
            after = tower(x0)
        same = torch.ones(8, dtype=torch.bool)
        same[changed] = False
        assert torch.equal(after[:, same], before[:, same])
        assert not torch.equal(after[:, changed], before[:, changed])
        before = after


def test_the_combinations_are_many_sided() -> None:
    """The networks above use every choice there is, so that no option goes untested."""
    for field, values in {
        "cross": ("full", "low_rank", "mixture"),
        "gate": ("softmax", "sigmoid"),
        "inner": ("none", "tanh", "relu"),
        "activation": ("relu", "gelu", "silu", "tanh"),
        "layer_norm": (True, False),
        "normalise": (True, False),
    }.items():
        assert {getattr(network, field) for network in NETWORKS.values()} == set(values)
    assert len(list(itertools.product(wirings.WIRINGS, NETWORKS))) == 15 * 7
