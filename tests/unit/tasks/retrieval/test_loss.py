"""The sampled softmax: counting different items is the definition, and logQ pulls it towards the full softmax."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log

import pytest
import torch
from torch import Tensor

from pdcn.config import Training
from pdcn.nn.tower import Tower
from pdcn.nn.two_tower import TwoTower
from pdcn.tasks.retrieval import Retrieval
from pdcn.tasks.retrieval.batches import Batch, draws
from pdcn.tasks.retrieval.loss import sampled_softmax, with_branches
from pdcn.training.loop import OneModel
from pdcn.training.throughput import sampled_softmax_plainly
from tests.unit.pages.analysis_help import small_data, small_model


def plainly(query: Tensor, table: Tensor, log_q: Tensor, ids: Tensor) -> Tensor:
    """By the definition: every candidate by itself, its accidental hits masked."""
    hits = ids[: len(query), None] == ids
    hits.fill_diagonal_(False)
    return sampled_softmax_plainly(query, table[ids], log_q[ids], hits)


def counted(query: Tensor, table: Tensor, log_q: Tensor, ids: Tensor) -> Tensor:
    """Every different item once, with how often it is a candidate."""
    items, place, times = torch.unique(ids, return_inverse=True, return_counts=True)
    return sampled_softmax(query, table[items], log_q[items], times, place[: len(query)])


Loss = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
LOSSES: tuple[Loss, ...] = (counted, plainly)
both = pytest.mark.parametrize("loss", LOSSES, ids=["counted", "plainly"])


def case(batch: int, uniform: int, *, hits: bool, seed: int = 0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Random query (B, 5), a table of items (N, 5), their log_q (N,), and candidates (C,), in float64."""
    draws = torch.Generator().manual_seed(seed)
    total = batch + uniform
    ids = torch.randint(4, (total,), generator=draws) if hits else torch.randperm(total, generator=draws)
    if hits:
        ids[batch - 1] = ids[0]
    query = torch.randn(batch, 5, generator=draws, dtype=torch.float64, requires_grad=True)
    table = torch.randn(total, 5, generator=draws, dtype=torch.float64, requires_grad=True)
    log_q = torch.rand(total, generator=draws, dtype=torch.float64).log()
    return query, table, log_q, ids


@pytest.mark.parametrize("hits", [True, False])
@pytest.mark.parametrize("uniform", [0, 7])
@pytest.mark.parametrize("batch", [3, 16, 600])  # the last one in more than one go
def test_counted_and_plainly_agree(batch: int, uniform: int, hits: bool) -> None:
    own = case(batch, uniform, hits=hits, seed=batch + uniform)
    values, gradients = [], []
    for loss in LOSSES:
        value = loss(*own)
        values.append(value.item())
        gradients.append(torch.autograd.grad(2.5 * value, own[:2]))  # an outer factor passes
    assert values[0] == pytest.approx(values[1], abs=1e-12)
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)
        assert ours.abs().max() > 1e-3


@both
@pytest.mark.parametrize("hits", [True, False])
def test_gradients_are_those_of_finite_differences(loss: Loss, hits: bool) -> None:
    query, table, log_q, ids = case(4, 3, hits=hits)
    assert torch.autograd.gradcheck(lambda q, v: loss(q, v, log_q, ids), (query, table))


@both
def test_by_hand(loss: Loss) -> None:
    """Two events, one uniform negative; scores are products, divided by how likely each was drawn."""
    query = torch.tensor([[1.0], [2.0]], dtype=torch.float64)
    table = torch.tensor([[1.0], [0.0], [3.0]], dtype=torch.float64)
    log_q = torch.tensor([0.5, 0.25, 0.25], dtype=torch.float64).log()
    first = -log((exp(1) / 0.5) / (exp(1) / 0.5 + exp(0) / 0.25 + exp(3) / 0.25))
    second = -log((exp(0) / 0.25) / (exp(2) / 0.5 + exp(0) / 0.25 + exp(6) / 0.25))
    value = loss(query, table, log_q, torch.tensor([0, 1, 2]))
    assert value.item() == pytest.approx((first + second) / 2, abs=1e-12)
    first = -log((exp(1) / 0.5) / (exp(1) / 0.5 + exp(0) / 0.25))  # the negative is its own positive: a hit
    second = -log((exp(0) / 0.25) / (2 * exp(2) / 0.5 + exp(0) / 0.25))  # for the other row it stands twice
    value = loss(query, table, log_q, torch.tensor([0, 1, 0]))
    assert value.item() == pytest.approx((first + second) / 2, abs=1e-12)


@both
def test_an_accidental_hit_has_no_weight_and_no_gradient(loss: Loss) -> None:
    """Every event has the same positive: nothing is left to be held against it."""
    query, table, log_q, _ = case(4, 0, hits=False)
    value = loss(query, table, log_q, torch.zeros(4, dtype=torch.int64))
    assert value.item() == pytest.approx(0, abs=1e-12)
    assert all((gradient.abs() < 1e-12).all() for gradient in torch.autograd.grad(value, (query, table)))
    other = loss(query, table, log_q, torch.tensor([0, 0, 0, 1]))
    assert other.item() > 0.1


@both
def test_a_score_far_below_the_others_has_a_finite_loss(loss: Loss) -> None:
    query = torch.tensor([[1.0], [0.0]])
    table = torch.tensor([[-150.0], [150.0]])
    value = loss(query, table, torch.zeros(2), torch.tensor([0, 1]))
    assert value.item() == pytest.approx((300 + log(2)) / 2)


@both
def test_an_all_equal_log_q_changes_nothing(loss: Loss) -> None:
    query, table, log_q, ids = case(6, 2, hits=True)
    flat = torch.zeros_like(log_q)
    one, other = loss(query, table, flat, ids), loss(query, table, flat - 3, ids)
    assert one.item() == pytest.approx(other.item(), abs=1e-12)
    assert one.item() != pytest.approx(loss(query, table, log_q, ids).item(), abs=1e-3)


@both
def test_a_popular_candidate_is_held_against_less(loss: Loss) -> None:
    """log q goes off the score: the likelier a negative was to be drawn, the less it weighs."""
    query, table, log_q, _ = case(4, 1, hits=False)
    ids = torch.arange(5)
    rare, popular = log_q.clone(), log_q.clone()
    rare[4], popular[4] = log(0.001), log(0.9)
    assert loss(query, table, popular, ids).item() < loss(query, table, rare, ids).item()


# what the correction is for: all queries alike, items chosen by popularity


def popularity(items: int = 40) -> Tensor:
    weights = 1 / torch.arange(1.0, items + 1, dtype=torch.float64)
    return weights / weights.sum()


def mean_gradient(scores: Tensor, chances: Tensor, sign: int, batch: int = 64, trials: int = 400) -> Tensor:
    """Gradient by score (N,), mean over batches drawn by `chances`, the same ones for every sign."""
    draws = torch.Generator().manual_seed(5)
    query = torch.ones(batch, 1, dtype=torch.float64)
    total = torch.zeros_like(scores)
    for _ in range(trials):
        positive = torch.multinomial(chances, batch, replacement=True, generator=draws)
        table = scores.clone().requires_grad_()
        value = counted(query, table[:, None], sign * chances.log(), positive)
        total += torch.autograd.grad(value, table)[0]
    return total / trials


@pytest.mark.parametrize("seed", range(3))
def test_the_correction_brings_the_gradient_nearer_to_the_full_softmax(seed: int) -> None:
    """The gradient of the full softmax by a score is its probability minus the item's popularity."""
    chances = popularity()
    scores = torch.randn(40, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    full = scores.softmax(0) - chances
    away = {sign: (mean_gradient(scores, chances, sign) - full).norm().item() for sign in (1, 0, -1)}
    assert away[1] < 0.1 * full.norm()
    assert away[1] < 0.2 * away[0]
    assert away[0] < away[-1]


def test_only_the_corrected_loss_rests_at_the_true_odds() -> None:
    """Scores log p are what the full softmax learns; without logQ in-batch training leads away."""
    chances = popularity()
    pull = {sign: mean_gradient(chances.log(), chances, sign) for sign in (1, 0, -1)}
    assert pull[1].norm() < 0.4 * pull[0].norm()
    assert pull[0].norm() < pull[-1].norm()
    assert pull[0][0] > 0.05  # uncorrected, the most popular item is pushed down


# a loss for each branch

DATA = small_data()


def a_batch() -> Batch:
    training = Training(batch=8, epochs=1)
    batch: Batch = next(Retrieval().batches(DATA, training, draws(DATA, training, 5)))
    return batch


def scored(model: TwoTower, batch: Batch, query: Tensor, items: Tensor) -> Tensor:
    return sampled_softmax_plainly(query / model.temperature, items, batch.log_q[batch.place], batch.hits)


def of_branch(tower: Tower, inputs: tuple[Tensor, Tensor], columns: slice, part: str) -> Tensor:
    """The head applied to one branch alone, at length one."""
    x = tower.wiring.get_submodule(part)(tower.x0(*inputs))
    out: Tensor = x @ tower.head.weight[:, columns].T + tower.head.bias
    return torch.nn.functional.normalize(out)


def test_every_branch_of_fcn_has_its_own_loss() -> None:
    """L + sum max(0, L_k - L) L_k from the two halves of the head's columns; weights pass no gradient."""
    model, batch = small_model(DATA, "fcn", seed=7).requires_grad_(True), a_batch()
    found = Retrieval().loss(OneModel(model, DATA), DATA, batch)
    inputs = DATA.queries[batch.events], DATA.items[batch.candidates]
    whole = scored(model, batch, model.query(*inputs[0]), model.item(*inputs[1]))
    own = []
    for place, part in enumerate(("exponential", "linear")):
        made = []
        for tower, given in zip((model.query, model.item), inputs, strict=True):
            D = tower.width
            made.append(of_branch(tower, given, slice(place * D, place * D + D), part))
        own.append(scored(model, batch, *made))
    weights = [max(0.0, one.item() - whole.item()) for one in own]
    assert weights[0] > weights[1] == 0
    expected = whole + weights[0] * own[0] + weights[1] * own[1]
    torch.testing.assert_close(found, expected)
    parameters = list(model.parameters())
    for ours, theirs in zip(*(torch.autograd.grad(one, parameters) for one in (found, expected)), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("arm", ["parallel", "fcn-parallel", "sequential-fcn"])
def test_towers_that_are_no_pair_have_the_plain_loss(arm: str) -> None:
    model, batch = small_model(DATA, arm), a_batch()
    assert not model.own_losses
    found = Retrieval().loss(OneModel(model, DATA), DATA, batch)
    plain = scored(model, batch, model.query(*DATA.queries[batch.events]), model.item(*DATA.items[batch.candidates]))
    torch.testing.assert_close(found, plain)


def test_a_branch_that_does_as_well_as_the_whole_adds_nothing() -> None:
    whole, worse, better = (torch.tensor([one, one], requires_grad=True) for one in (2.0, 4.0, 1.0))
    with_branches(whole, worse, better).sum().backward()  # type: ignore[no-untyped-call]
    assert with_branches(whole, worse, better).tolist() == [2.0 + (4 - 2) * 4] * 2  # of several models each
    assert [None if one.grad is None else one.grad.tolist() for one in (whole, worse, better)] == [
        [1.0, 1.0],
        [4.0 - 2.0] * 2,
        [0.0, 0.0],
    ]
