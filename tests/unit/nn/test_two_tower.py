"""The two-tower model: the layout of x0, paired starts, temperature, length, vmap."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

from pdcn import wirings
from pdcn.config import Experiment, Network, Training
from pdcn.crossings import CROSSINGS
from pdcn.nn.cross import CrossLayer, FullCross
from pdcn.nn.model import cost, initialise
from pdcn.nn.tower import Tower, unit
from pdcn.nn.two_tower import TEMPERATURE_RANGE, TwoTower
from pdcn.sources.encoded_table import Table
from tests.unit.nn import nn_reference as reference

QUERIES = reference.table((4, 3, 5), 2, rows=6, seed=0)
ITEMS = reference.table((6, 2), 1, rows=6, seed=1)
SMALL = Network(embedding=2, deep=(6, 4), output=3, cross_rank=2, experts=2)
every_wiring = pytest.mark.parametrize("wiring", wirings.WIRINGS)


def make_model(arm: str = "parallel", seed: int = 0, **settings: Any) -> TwoTower:
    experiment = Experiment(**{"network": SMALL, **settings})
    model = TwoTower(QUERIES, ITEMS, experiment, arm)
    initialise(model, seed, experiment.training.embedding_std)
    return model


def batch(table: Table) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(table.codes.copy()), torch.from_numpy(table.values.copy())


def weights(model: nn.Module) -> dict[str, Tensor]:
    return {name: weight.detach().clone() for name, weight in model.named_parameters()}


def drawn(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """The parameters that are drawn and not set: matrices and embeddings."""
    return ((name, weight) for name, weight in weights(model).items() if weight.dim() >= 2)


# names of arms


@pytest.mark.parametrize("crossing", CROSSINGS)
def test_a_crossing_behind_a_tilde_is_that_of_the_settings(crossing: str) -> None:
    named = make_model(f"parallel~{crossing}-sequential")
    of_settings = make_model("parallel-sequential", network=SMALL.model_copy(update={"cross": crossing}))
    assert named.query.plan().blocks == of_settings.query.plan().blocks
    assert weights(named.query).keys() == weights(of_settings.query).keys()
    for name, weight in weights(of_settings.query).items():
        assert torch.equal(weights(named.query)[name], weight)
    assert {type(layer) for layer in named.item.modules() if isinstance(layer, CrossLayer)} == {FullCross}


# the layout of x0


def test_x0_is_the_embeddings_in_field_order_and_then_the_numbers() -> None:
    table = reference.table((2, 3), 2, rows=1, seed=0)
    tower = Tower(table, Network(embedding=2), "cross_only")
    with torch.no_grad():
        tower.embedding.weight.copy_(torch.arange(10.0).reshape(5, 2))
    # field 0 owns rows 0 and 1 of the table, field 1 owns rows 2, 3 and 4; row i is (2i, 2i + 1)
    codes = torch.tensor([[0, 0], [1, 0], [0, 2], [1, 2]], dtype=torch.int32)
    values = torch.tensor([[0.5, -0.5]] * 4)
    assert tower.x0(codes, values).tolist() == [
        [0, 1, 4, 5, 0.5, -0.5],
        [2, 3, 4, 5, 0.5, -0.5],
        [0, 1, 8, 9, 0.5, -0.5],
        [2, 3, 8, 9, 0.5, -0.5],
    ]
    assert tower.width == 6


def test_fields_do_not_share_embeddings() -> None:
    """One code in three fields is three embeddings, and every row of the table is used."""
    table = reference.table((3, 3, 3), 0, rows=1, seed=0)
    model = TwoTower(table, table, Experiment(network=SMALL), "parallel")
    with torch.no_grad():
        model.query.embedding.weight.copy_(torch.arange(18.0).reshape(9, 2))
    codes = torch.arange(3)[:, None].expand(3, 3)  # row c: code c in every field
    x0 = model.query.x0(codes, torch.zeros(3, 0))
    vectors = {tuple(vector.tolist()) for vector in x0.reshape(9, 2)}
    assert vectors == {tuple(row.tolist()) for row in model.query.embedding.weight}
    assert len(vectors) == 9


@pytest.mark.parametrize(("sizes", "numbers"), [((4, 3), 0), ((), 3), ((2,), 1)])
def test_sides_without_fields_or_without_numbers(sizes: tuple[int, ...], numbers: int) -> None:
    table = reference.table(sizes, numbers, rows=5, seed=0)
    model = TwoTower(table, table, Experiment(network=SMALL), "parallel")
    initialise(model, 0, 0.3)
    assert model.query.width == 2 * len(sizes) + numbers
    assert model.query.x0(*batch(table)).shape == (5, model.query.width)
    assert model.query(*batch(table)).shape == (5, 3)


# paired starts


@every_wiring
def test_arms_share_what_they_have_in_common(wiring: str) -> None:
    """Same seed, other wiring: bit-equal embeddings, crosses and deep layers."""
    parallel, other = weights(make_model("parallel")), weights(make_model(wiring))
    shared = {name for name in parallel.keys() & other.keys() if parallel[name].shape == other[name].shape}
    for name in shared:
        assert torch.equal(parallel[name], other[name]), name
    for side in ("query", "item"):
        assert f"{side}.embedding.weight" in shared
        for depth in range(2):
            cross = f"{side}.wiring.cross.layers.{depth}.W.weight"
            deep = f"{side}.wiring.deep.linears.{depth}.weight"
            named = {(name, part.kind) for name, part in wirings.WIRINGS[wiring].parts.items()}
            assert (cross in shared) == (("cross", "cross") in named)
            assert (deep in shared) == (("deep", "deep") in named)


def test_arms_share_each_tower_by_its_wiring() -> None:
    mixed, sequential = (weights(make_model("parallel-sequential")), weights(make_model("sequential")))
    items = [name for name in sequential if name.startswith("item.")]
    assert len(items) == 11  # table; two crosses, two deep layers and a head with a bias each
    assert all(torch.equal(mixed[name], sequential[name]) for name in items)


def test_a_change_of_depth_leaves_the_other_weights() -> None:
    """Weights are drawn by name, not one after the other."""
    shallow = weights(make_model(network=SMALL.model_copy(update={"cross_layers": 1})))
    deeper = weights(make_model(network=SMALL.model_copy(update={"cross_layers": 4})))
    assert shallow.keys() < deeper.keys()
    assert all(torch.equal(shallow[name], deeper[name]) for name in shallow)


@every_wiring
def test_another_seed_draws_every_weight_anew(wiring: str) -> None:
    first, second = make_model(wiring, seed=0), make_model(wiring, seed=1)
    for (name, one), (_, two) in zip(drawn(first), drawn(second), strict=True):
        known = one != 0  # unknown values have embeddings of 0
        assert not torch.isin(one[known], two).any(), name
        assert known.any(), name


def test_no_two_weights_of_a_model_are_drawn_alike() -> None:
    """Layers of one shape, the two sides and the two deep networks each draw their own."""
    model = make_model("stacked_parallel", network=SMALL.model_copy(update={"deep": (6, 6)}))
    starts = [tuple(weight.flatten()[-3:].tolist()) for _, weight in drawn(model)]
    scaled = [tuple(value / start[-1] for value in start[:-1]) for start in starts]
    assert len(set(scaled)) == len(scaled) > 10


@pytest.mark.parametrize("inner", ["none", "relu"])
def test_the_global_generator_neither_matters_nor_moves(inner: str) -> None:
    network = SMALL.model_copy(update={"cross": "mixture", "inner": inner, "layer_norm": True})
    with torch.random.fork_rng():
        torch.manual_seed(1)
        first = make_model("parallel_gated", network=network)
        torch.manual_seed(2)
        second = make_model("parallel_gated", network=network)
        for weight in second.parameters():  # whatever memory held before
            if weight is not second.log_temperature:
                nn.init.constant_(weight, math.nan)
        before = torch.get_rng_state()
        initialise(second, 0, Training().embedding_std)
        assert torch.equal(torch.get_rng_state(), before)
    for (name, one), two in zip(weights(first).items(), weights(second).values(), strict=True):
        assert torch.equal(one, two), name


def test_a_golden_draw() -> None:
    """The draw is that of the name and the seed as documented: SHA-256, eight bytes, one stream."""
    digest = hashlib.sha256(b"7/item.embedding.weight").digest()[:8]
    draws = torch.Generator().manual_seed(int.from_bytes(digest, "big") % 2**63)
    model = make_model(seed=7, training=Training(embedding_std=2.0))
    expected = torch.randn(8, 2, generator=draws) * 2.0
    expected[[0, 6]] = 0.0  # code 0 of the two fields, of six and two values
    assert torch.equal(model.item.embedding.weight, expected)


def test_unknown_values_start_at_zero() -> None:
    """Code 0 of every field, and nothing else, has an embedding of 0."""
    model = make_model()
    for tower, table in ((model.query, QUERIES), (model.item, ITEMS)):
        for field, category in enumerate(table.categories):
            codes = torch.zeros(len(category.values), len(table.categories), dtype=torch.int32)
            codes[:, field] = torch.arange(len(category.values))
            vectors = tower.embedding(codes)  # (values, F E): other fields stay at code 0
            own = slice(field * 2, field * 2 + 2)
            assert (vectors[0] == 0).all()
            assert (vectors[1:, own] != 0).all()
            vectors[:, own] = 0
            assert (vectors == 0).all()


# spread


@pytest.mark.parametrize("std", [0.05, 0.3, 2.0])
def test_spread_of_the_embeddings(std: float) -> None:
    table = reference.table((3000,), 0, rows=1, seed=0)
    model = TwoTower(table, table, Experiment(network=Network(embedding=16)), "cross_only")
    initialise(model, 0, std)
    for tower in (model.query, model.item):
        drawn = tower.embedding.weight.detach()[1:] / std  # without the unknown value
        # 48,000 draws: standard errors are 0.003 for the spread and 0.005 for the mean
        assert drawn.std().item() == pytest.approx(1, abs=0.015)
        assert drawn.mean().item() == pytest.approx(0, abs=0.02)
        assert (drawn.abs() > 2).double().mean().item() == pytest.approx(0.0455, abs=0.005)


@pytest.mark.parametrize(
    "settings",
    [{"cross": "full"}, {"cross": "low_rank"}, {"cross": "mixture", "inner": "tanh"}],
    ids=lambda settings: settings["cross"],
)
def test_spread_of_the_weights(settings: dict[str, Any]) -> None:
    """Matrices: uniform in +-sqrt(3 / fan in). Biases 0, layer norms 1."""
    table = reference.table((2, 2), 0, rows=1, seed=0)
    network = Network(embedding=48, deep=(80, 60), output=40, head=(90,), layer_norm=True, cross_rank=30, **settings)
    model = TwoTower(table, table, Experiment(network=network), "parallel_gated")
    initialise(model, 0, 0.3)
    fan_in = {"U": 30, "C": 30, "V": 96, "W": 96, "gate": 96, "project": 96, "head": 90}
    seen = set()
    for name, weight in weights(model.query).items():
        if name == "embedding.weight":
            continue
        if weight.dim() == 1:
            one = "norms" in name and name.endswith("weight")
            assert torch.equal(weight, torch.full_like(weight, float(one))), name
            continue
        part = name.removesuffix(".weight").split(".")[-1]
        expected = fan_in.get(part, weight.shape[-1])
        if name == "wiring.combine.gate.weight":
            expected = 2 * 60
        seen.add(part)
        bound = math.sqrt(3 / expected)
        if weight.numel() < 1000:
            assert weight.abs().max() <= bound, name
            continue
        # uniform: spread bound / sqrt(3), flat up to the bound; at least 1,000 draws
        assert weight.std().item() == pytest.approx(math.sqrt(1 / expected), rel=0.06), name
        assert weight.mean().item() == pytest.approx(0, abs=0.12 * bound), name
        assert 0.98 * bound < weight.abs().max().item() <= bound * (1 + 1e-6), name
    assert len(seen) >= 4


def test_a_linear_layer_keeps_the_spread_of_its_input() -> None:
    model = make_model("deep_only", network=Network(embedding=2, deep=(500, 400), output=3))
    second = next(w for name, w in drawn(model.query) if name == "wiring.deep.linears.1.weight")
    x = torch.randn(200, 500, generator=torch.Generator().manual_seed(0))
    assert (x @ second.T).std().item() == pytest.approx(1, rel=0.03)


# temperature


def test_temperature_starts_where_it_is_told() -> None:
    for start in (0.01, 0.1, 2.5, 10.0):
        model = make_model(training=Training(temperature=start))
        assert model.temperature.item() == pytest.approx(start, rel=1e-6)
        assert model.log_temperature.item() == pytest.approx(math.log(start), rel=1e-6)


@pytest.mark.parametrize(
    ("log_temperature", "expected"),
    [
        (-100.0, 0.01),
        (math.log(0.009), 0.01),
        (math.log(0.011), 0.011),
        (0.0, 1.0),
        (math.log(9.9), 9.9),
        (math.log(10.5), 10.0),
        (100.0, 10.0),
    ],
)
def test_temperature_is_bounded(log_temperature: float, expected: float) -> None:
    assert TEMPERATURE_RANGE == (0.01, 10.0)
    model = make_model()
    nn.init.constant_(model.log_temperature, log_temperature)
    assert model.temperature.item() == pytest.approx(expected, rel=1e-5)


def test_temperature_learns_on_a_log_scale() -> None:
    model = make_model(training=Training(temperature=0.5))
    model.temperature.backward()  # type: ignore[no-untyped-call]
    assert model.log_temperature.grad is not None
    assert model.log_temperature.grad.item() == pytest.approx(0.5)  # d exp(t) / dt = exp(t)


# outputs


@every_wiring
def test_outputs_have_length_one(wiring: str) -> None:
    model = make_model(wiring, network=SMALL.model_copy(update={"activation": "tanh"}))
    for tower, table in ((model.query, QUERIES), (model.item, ITEMS)):
        out = tower(*batch(table))
        assert out.shape == (6, 3)
        torch.testing.assert_close(out.norm(dim=-1), torch.ones(6))


def test_a_dead_output_stays_zero_and_passes_no_gradient_on() -> None:
    """All ReLUs of the last layer off: zeros, where `normalize` would have a slope of 1e12."""
    model = make_model("sequential")
    nn.init.constant_(model.query.get_parameter("wiring.deep.linears.1.bias"), -100.0)
    out = model.query(*batch(QUERIES))
    assert torch.equal(out, torch.zeros(6, 3))
    out.sum().backward()
    for name, weight in model.query.named_parameters():
        assert weight.grad is not None
        assert torch.equal(weight.grad, torch.zeros_like(weight)), name
    x = torch.tensor([[3.0, 4.0], [0.0, 0.0], [0.0, -2.0]], requires_grad=True)
    (unit(x) * torch.tensor([1.0, 0.0])).sum().backward()  # type: ignore[no-untyped-call]
    # d (x / |x|) / dx = 1/|x| - x^2/|x|^3: 1/5 - 9/125 and -12/125; at (0, -2): 1/2 and 0
    expected = torch.tensor([[16 / 125, -12 / 125], [0, 0], [1 / 2, 0]])
    torch.testing.assert_close(x.grad, expected)


@every_wiring
def test_without_normalising_outputs_keep_their_length(wiring: str) -> None:
    """Only the length is free: the same weights give outputs along the same direction."""
    with_length = make_model(wiring, network=SMALL.model_copy(update={"normalise": False}))
    out, unit = with_length.query(*batch(QUERIES)), make_model(wiring).query(*batch(QUERIES))
    assert ((out.norm(dim=-1) - 1).abs() > 1e-2).any()
    torch.testing.assert_close(out, unit * out.norm(dim=-1, keepdim=True))
    x0 = with_length.query.x0(*batch(QUERIES))
    assert torch.equal(out, with_length.query.head(with_length.query.wiring(x0)))


# two different towers


def test_towers_can_be_wired_differently() -> None:
    model = make_model("parallel-sequential")
    assert model.query.wiring.wiring is wirings.WIRINGS["parallel"]
    assert model.item.wiring.wiring is wirings.WIRINGS["sequential"]
    assert (model.query.plan().wiring, model.item.plan().wiring) == ("parallel", "sequential")
    assert model.query(*batch(QUERIES)).shape == model.item(*batch(ITEMS)).shape == (6, 3)


def test_the_item_tower_can_have_blocks_of_its_own() -> None:
    own = SMALL.model_copy(update={"deep": (5,), "cross": "low_rank", "cross_layers": 1, "embedding": 3})
    model = make_model("sequential", item_network=own)
    names = [block.name for block in model.query.plan().blocks]
    assert names == ["Embeddings", "Cross 1", "Cross 2", "Deep 1", "Deep 2", "Head"]
    names = [block.name for block in model.item.plan().blocks]
    assert names == ["Embeddings", "Cross 1", "Deep 1", "Head"]
    assert (model.query.width, model.item.width) == (3 * 2 + 2, 2 * 3 + 1)
    assert model.query(*batch(QUERIES)).shape == model.item(*batch(ITEMS)).shape == (6, 3)
    found = cost(model)
    assert found.total == sum(weight.numel() for weight in model.parameters())
    assert found.total - found.dense == (4 + 3 + 5) * 2 + (6 + 2) * 3


# stacked models


class Scores(nn.Module):
    """Query vectors, item vectors and scores of a model: what vmap has to trace through."""

    def __init__(self, model: TwoTower) -> None:
        super().__init__()
        self.model = model

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        query, item = self.model.query(*inputs[:2]), self.model.item(*inputs[2:])
        return query, item, query @ item.T / self.model.temperature


NETWORKS = {
    "full": SMALL.model_copy(update={"layer_norm": True, "head": (5,)}),
    "low_rank": SMALL.model_copy(update={"cross": "low_rank", "activation": "gelu"}),
    "softmax": SMALL.model_copy(update={"cross": "mixture"}),
    "sigmoid tanh": SMALL.model_copy(
        update={"cross": "mixture", "gate": "sigmoid", "inner": "tanh", "normalise": False}
    ),
}


@pytest.mark.parametrize(
    ("wiring", "network"),
    [(wiring, "full") for wiring in wirings.WIRINGS]
    + [("parallel_gated", name) for name in NETWORKS if name != "full"],
)
def test_stacked_models_are_each_model(wiring: str, network: str) -> None:
    """vmap over the stacked weights of two seeds: outputs and gradients are each model's own."""
    models = [Scores(make_model(wiring, seed, network=NETWORKS[network])) for seed in (0, 1)]
    for model, start in zip(models, (-1.0, 0.5), strict=True):
        nn.init.constant_(model.model.log_temperature, start)
    inputs = (*batch(QUERIES), *batch(ITEMS))
    stacked, buffers = stack_module_state(models)

    def run(parameters: dict[str, Tensor], buffers: dict[str, Tensor]) -> Any:
        return functional_call(models[0], (parameters, buffers), inputs)

    together = vmap(run)(stacked, buffers)
    together[2].square().sum().backward()
    for index, model in enumerate(models):
        own = model(*inputs)
        for one, other in zip(together, own, strict=True):
            torch.testing.assert_close(one[index], other, rtol=1e-5, atol=1e-5)
        own[2].square().sum().backward()
        for name, weight in model.named_parameters():
            gradient = stacked[name].grad
            assert gradient is not None
            torch.testing.assert_close(gradient[index], weight.grad, rtol=1e-3, atol=1e-3)
    assert not torch.allclose(together[2][0], together[2][1], rtol=0.1)
