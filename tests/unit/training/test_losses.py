"""The sampled softmax: the fused form is the plain one, and logQ pulls it towards the full softmax."""

from __future__ import annotations

from math import exp, log

import pytest
import torch
from torch import Tensor

from pdcn.training.losses import sampled_softmax, sampled_softmax_plainly

torch.set_num_threads(1)

LOSSES = (sampled_softmax, sampled_softmax_plainly)
both = pytest.mark.parametrize("loss", LOSSES, ids=["fused", "plain"])


def case(batch: int, uniform: int, *, hits: bool, seed: int = 0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Random query (B, 5), items (C, 5), log_q (C,) and the places of hits, in float64."""
    draws = torch.Generator().manual_seed(seed)
    positive = (
        torch.randint(4, (batch + uniform,), generator=draws) if hits else torch.arange(batch + uniform)
    )
    positive[batch - 1] = positive[0] if hits else positive[batch - 1]
    found = positive[:batch, None] == positive
    found.fill_diagonal_(False)
    assert found.any() == hits
    query = torch.randn(batch, 5, generator=draws, dtype=torch.float64, requires_grad=True)
    items = torch.randn(batch + uniform, 5, generator=draws, dtype=torch.float64, requires_grad=True)
    log_q = torch.rand(batch + uniform, generator=draws, dtype=torch.float64).log()
    return query, items, log_q, places(found)


def places(hits: Tensor) -> Tensor:
    """Hits (B, C) as places in the flattened matrix."""
    return hits.flatten().nonzero().flatten()


@pytest.mark.parametrize("hits", [True, False])
@pytest.mark.parametrize("uniform", [0, 7])
@pytest.mark.parametrize("batch", [3, 16])
def test_fused_and_plain_agree(batch: int, uniform: int, hits: bool) -> None:
    query, items, log_q, found = case(batch, uniform, hits=hits, seed=batch + uniform)
    values, gradients = [], []
    for loss in LOSSES:
        value = loss(query, items, log_q, found)
        values.append(value.item())
        gradients.append(torch.autograd.grad(2.5 * value, (query, items)))  # an outer factor passes
    assert values[0] == pytest.approx(values[1], abs=1e-12)
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)
        assert ours.abs().max() > 0.01


@both
@pytest.mark.parametrize("hits", [True, False])
def test_gradients_are_those_of_finite_differences(loss: object, hits: bool) -> None:
    query, items, log_q, found = case(4, 3, hits=hits)
    assert callable(loss)
    assert torch.autograd.gradcheck(lambda q, v: loss(q, v, log_q, found), (query, items))


@both
def test_by_hand(loss: object) -> None:
    """Two events, one uniform negative; scores are products, divided by how likely each was drawn."""
    assert callable(loss)
    query = torch.tensor([[1.0], [2.0]], dtype=torch.float64)
    items = torch.tensor([[1.0], [0.0], [3.0]], dtype=torch.float64)
    log_q = torch.tensor([0.5, 0.25, 0.25], dtype=torch.float64).log()
    none = torch.zeros(0, dtype=torch.int64)
    first = -log((exp(1) / 0.5) / (exp(1) / 0.5 + exp(0) / 0.25 + exp(3) / 0.25))
    second = -log((exp(0) / 0.25) / (exp(2) / 0.5 + exp(0) / 0.25 + exp(6) / 0.25))
    assert loss(query, items, log_q, none).item() == pytest.approx((first + second) / 2, abs=1e-12)
    hits = torch.tensor([2])  # row 0, candidate 2
    first = -log((exp(1) / 0.5) / (exp(1) / 0.5 + exp(0) / 0.25))
    assert loss(query, items, log_q, hits).item() == pytest.approx((first + second) / 2, abs=1e-12)


@both
def test_a_masked_hit_has_no_weight_and_no_gradient(loss: object) -> None:
    assert callable(loss)
    query, items, log_q, _ = case(4, 2, hits=False)
    hits = torch.tensor([4, 10, 16, 22])  # candidate 4 of 6 in every row
    value = loss(query, items, log_q, hits)
    value.backward()
    assert items.grad is not None
    assert (items.grad[4] == 0).all()
    assert (items.grad[[0, 1, 2, 3, 5]] != 0).all()
    elsewhere = items.detach().clone()
    elsewhere[4] += 1000
    assert loss(query, elsewhere, log_q, hits).item() == value.item()
    rest = [0, 1, 2, 3, 5]
    without = loss(query, items[rest], log_q[rest], hits[:0])
    assert without.item() == pytest.approx(value.item(), abs=1e-12)


@both
def test_an_all_equal_log_q_changes_nothing(loss: object) -> None:
    assert callable(loss)
    query, items, log_q, hits = case(6, 2, hits=True)
    flat = torch.zeros_like(log_q)
    one, other = loss(query, items, flat, hits), loss(query, items, flat - 3, hits)
    assert one.item() == pytest.approx(other.item(), abs=1e-12)
    assert one.item() != pytest.approx(loss(query, items, log_q, hits).item(), abs=1e-3)


@both
def test_a_popular_candidate_is_held_against_less(loss: object) -> None:
    """log q goes off the score: the likelier a negative was to be drawn, the less it weighs."""
    assert callable(loss)
    query, items, log_q, hits = case(4, 1, hits=False)
    rare, popular = log_q.clone(), log_q.clone()
    rare[4], popular[4] = log(0.001), log(0.9)
    assert loss(query, items, popular, hits).item() < loss(query, items, rare, hits).item()


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
        hits = positive[:, None] == positive
        hits.fill_diagonal_(False)
        table = scores.clone().requires_grad_()
        value = sampled_softmax(query, table[positive][:, None], sign * chances[positive].log(), places(hits))
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
