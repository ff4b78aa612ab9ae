"""The joint network: fields of both sides in one x0, its cost, and its gradient against NumPy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from pdcn import sources
from pdcn.dials import assemble
from pdcn.nn.joint import Joint, beside, together, widths_of
from pdcn.nn.model import cost, initialise
from pdcn.nn.two_tower import TwoTower, two_towers
from pdcn.runs.trained import TrainedRun
from pdcn.settings import SettingError
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import BagField
from pdcn.tasks import load
from pdcn.tasks.ranking.loss import cross_entropy, inputs, logits_of
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.training.ensemble import Ensemble
from pdcn.training.loop import OneModel, Trainer

EXPERIMENT = assemble(
    {"task": "ranking", "data": "planted", "events": 2_000, "items": 60, "users": 40, "embedding": 3, "deep": (6, 4)}
)
DATA = DeviceData(load(EXPERIMENT), torch.device("cpu"))


def with_bag(table: Table, name: str) -> Table:
    """The table with a bag of two places behind its fields."""
    codes = np.random.default_rng(len(table)).integers(0, 5, (len(table), 2)).astype(np.int32)
    bag = BagField(name, "Had", ("(unknown)", "a", "b", "c", "d"), 2)
    return replace(table, codes=np.hstack([table.codes, codes]), bags=(bag,))


def test_rows_beside_each_other_are_what_the_network_reads() -> None:
    dataset = DATA.dataset
    events = np.arange(50)
    queries = with_bag(
        replace(dataset.queries, codes=dataset.queries.codes[:50], values=dataset.queries.values[:50]), "had"
    )
    rows = dataset.positive[:50]
    items = with_bag(replace(dataset.items, codes=dataset.items.codes[rows], values=dataset.items.values[rows]), "had")
    table = beside(queries, items)
    single = len(queries.categories), len(items.categories)
    given = [(torch.from_numpy(one.codes.copy()), torch.from_numpy(one.values.copy())) for one in (queries, items)]
    codes, values = together(given[0], given[1], single)
    assert codes.tolist() == table.codes.tolist()
    assert values.tolist() == table.values.tolist()
    assert [bag.name for bag in table.bags] == ["had", "item_had"]
    assert [bag.label for bag in table.bags] == ["Had", "Had (item)"]
    wide = EXPERIMENT.network.model_copy(update={"id_embedding": 6})
    widths = widths_of(wide, queries, items)
    assert len(widths) == len(table.categories) + 2
    assert sorted(widths)[-4:] == [6, 6, 6, 6]  # on each side its largest field, and its bag
    codes, _ = inputs(DATA, torch.from_numpy(events))
    assert codes.shape == (50, sum(single))


@pytest.mark.parametrize("arm", ["parallel", "sequential~low_rank", "fcn", "edcn", "linear"])
def test_parameters_and_flops_are_counted_exactly(arm: str) -> None:
    model = Joint(DATA.dataset.queries, DATA.dataset.items, EXPERIMENT, arm)
    initialise(model, 0, 0.1)
    found = cost(model)
    assert found.total == sum(weight.numel() for weight in model.parameters())
    assert found.total - found.dense == model.joint.embedding.weight.numel()
    codes, values = inputs(DATA, torch.arange(1))
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.joint(codes, values)
    assert counter.get_total_flops() == found.flops
    assert {name.partition(".")[0] for name, _ in model.named_parameters()} == {"joint"}
    assert "joint.head.bias" in model.state_dict()


def test_the_gradient_is_that_of_the_mean_log_loss() -> None:
    """Of parallel with one cross layer and one deep one, against NumPy in float64."""
    own = assemble({"cross_layers": 1, "deep": (5,), "activation": "tanh"}, EXPERIMENT)
    model = Joint(DATA.dataset.queries, DATA.dataset.items, own, "parallel").double()
    initialise(model, 1, 0.3)
    events = torch.arange(40)
    codes, values = inputs(DATA, events)
    model.zero_grad()
    x0 = model.joint.x0(codes, values.double()).detach()
    logits = model.joint.above(x0.requires_grad_()).squeeze(-1)
    label = DATA.outcome[events].double() if DATA.outcome is not None else torch.zeros(40)
    torch.nn.functional.binary_cross_entropy_with_logits(logits, label).backward()  # type: ignore[no-untyped-call]

    weights = {name: weight.detach().numpy() for name, weight in model.state_dict().items()}
    x, y = x0.detach().numpy(), label.numpy()
    W, b = weights["joint.wiring.cross.layers.0.W.weight"], weights["joint.wiring.cross.layers.0.W.bias"]
    V, c = weights["joint.wiring.deep.linears.0.weight"], weights["joint.wiring.deep.linears.0.bias"]
    h, a = weights["joint.head.weight"][0], weights["joint.head.bias"][0]
    joined = np.hstack([x * (x @ W.T + b) + x, np.tanh(x @ V.T + c)])
    chance = 1 / (1 + np.exp(-(joined @ h + a)))
    error = (chance - y) / len(y)
    assert model.joint.head.bias.grad is not None
    assert model.joint.head.bias.grad.item() == pytest.approx(error.sum(), rel=1e-9)
    assert model.joint.head.weight.grad.numpy()[0] == pytest.approx(error @ joined, rel=1e-9)  # type: ignore[union-attr]
    to_cross = error[:, None] * h[: x.shape[1]] * x
    found = model.joint.wiring.get_parameter("cross.layers.0.W.weight").grad
    assert found is not None
    assert found.numpy() == pytest.approx(to_cross.T @ x, rel=1e-7, abs=1e-12)


def test_an_event_counts_its_weight_and_branches_have_losses_of_their_own() -> None:
    events = torch.arange(64)
    model = Joint(DATA.dataset.queries, DATA.dataset.items, EXPERIMENT, "parallel")
    initialise(model, 0, 0.5)
    plain = cross_entropy(OneModel(model, DATA), DATA, events)
    weighted = DeviceData(
        replace(DATA.dataset, weight=np.where(DATA.dataset.outcome == 1, 2, 1).astype(np.float32)), DATA.device
    )
    assert weighted.weight is not None
    assert weighted.outcome is not None
    each = torch.nn.functional.binary_cross_entropy_with_logits(
        torch.from_numpy(logits_of(model, DATA, events.numpy())), weighted.outcome[events], reduction="none"
    )
    assert plain.item() == pytest.approx(each.mean().item(), rel=1e-5)
    assert weighted.weight[: DATA.dataset.bounds[0]].mean().item() == pytest.approx(1, rel=1e-5)
    found = cross_entropy(OneModel(model, weighted), weighted, events)
    assert found.item() == pytest.approx((weighted.weight[events] * each).mean().item(), rel=1e-5)
    fcn = Joint(DATA.dataset.queries, DATA.dataset.items, EXPERIMENT, "fcn")
    initialise(fcn, 0, 0.5)
    assert fcn.own_losses
    assert cross_entropy(OneModel(fcn, DATA), DATA, events).item() > 0


def test_all_seeds_at_once_learn_what_each_learns_alone() -> None:
    own = assemble({"epochs": 1, "evaluations": 1, "batch": 512}, EXPERIMENT)
    alone, together_ = ([Trainer(DATA, own, "fcn", seed) for seed in (0, 1)] for _ in range(2))
    for one in alone:
        one.lap(one.steps)
    Ensemble(together_).lap(alone[0].steps)
    for one, other in zip(alone, together_, strict=True):
        assert other.best_validation == pytest.approx(one.best_validation, rel=1e-3)


def test_a_page_of_two_towers_is_told_that_there_are_none() -> None:
    model = Joint(DATA.dataset.queries, DATA.dataset.items, EXPERIMENT, "parallel")
    with pytest.raises(TypeError, match="expected a query tower and an item tower, got joint"):
        two_towers(model)
    with pytest.raises(SettingError, match="reads query and item together"):
        TrainedRun._two(TrainedRun.__new__(TrainedRun), model)
    plain = assemble({"data": "planted", "events": 2_000, "items": 60, "users": 40})
    dataset = sources.load(plain.data)
    assert [*TwoTower(dataset.queries, dataset.items, plain, "parallel").towers] == ["query", "item"]


@pytest.mark.parametrize("arm", ["parallel", "sequential"])
def test_candidates_of_one_query_score_as_whole_rows_do(arm: str) -> None:
    """Also with bags on both sides, whose places are between those of the categories."""
    dataset, some = DATA.dataset, slice(0, 20)
    queries, items = with_bag(dataset.queries, "had"), with_bag(dataset.items, "held")
    wide = assemble({"id_embedding": 6}, EXPERIMENT)
    model = Joint(queries, items, wide, arm)
    initialise(model, 0, 0.5)
    query, item = ((torch.from_numpy(t.codes.copy()), torch.from_numpy(t.values.copy())) for t in (queries, items))
    one = query[0][3:4], query[1][3:4]
    several = item[0][some], item[1][some]
    whole = model((one[0].expand(20, -1), one[1].expand(20, -1)), several)
    assert model.candidates(one, several).detach().numpy() == pytest.approx(whole.detach().numpy(), rel=1e-5, abs=1e-6)
