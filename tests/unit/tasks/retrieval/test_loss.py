"""The sampled softmax: counting different items is the definition, and logQ pulls it towards the full softmax."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log

import pytest
import torch
from torch import Tensor

from pdcn.tasks.retrieval.loss import sampled_softmax
from pdcn.training.throughput import sampled_softmax_plainly


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
