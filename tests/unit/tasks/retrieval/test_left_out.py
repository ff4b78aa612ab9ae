"""What users have had is left out of rankings, baselines and the loss, against a plain second implementation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from pdcn.dials import assemble
from pdcn.nn.model import initialise
from pdcn.nn.two_tower import TwoTower
from pdcn.settings import SettingError, build
from pdcn.sources.dataset import Dataset
from pdcn.sources.journey import JourneyData
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_world import planted
from pdcn.tasks.retrieval import batches
from pdcn.tasks.retrieval.baselines import history, item_knn, list_ranks, pure_svd, table_of
from pdcn.tasks.retrieval.batches import DeviceData, assemble_batch
from pdcn.tasks.retrieval.loss import sampled_softmax
from pdcn.tasks.retrieval.ranks import model_ranks, oracle_ranks, popularity_ranks

Array = NDArray[np.float64]
CPU = torch.device("cpu")
DATA = planted(PlantedData(events=2_000, items=120, users=60, fields=2, values=6, crosses=1))
"""Where a user may have an item again; its own item is then left out of its ranking too, and comes last."""
LEFT_OUT = replace(DATA, leave_out=True)
TEST = DATA.events("test")


def counts() -> Array:
    """How often each user had each item in the training part, by a plain loop."""
    found = np.zeros((int(DATA.user.max()) + 1, len(DATA.items)))
    for event in range(DATA.bounds[0]):
        found[DATA.user[event], DATA.positive[event]] += 1
    return found


def rank(score: Array, own: int, without: set[int]) -> float:
    """Items that are scored higher and half of those that tie; nothing of an item that is left out."""
    others = [s for item, s in enumerate(score) if item != own and item not in without]
    return float(sum(s > score[own] for s in others) + sum(s == score[own] for s in others) / 2)


def had_before(data: Dataset, event: int) -> set[int]:
    earlier = (data.user == data.user[event]) & (data.when < data.when[event])
    return {*data.positive[earlier].tolist()} if data.leave_out else set()


FRESH = np.array([event for event in TEST if DATA.positive[event] not in had_before(LEFT_OUT, event)])
"""Test events whose user never had their item: the only ones there are where nothing is had twice."""


def scorers(table: Any) -> dict[str, Any]:
    return {"history": history(table), "pure_svd": pure_svd(table), "item_knn": item_knn(table)}


def model() -> TwoTower:
    made = TwoTower(DATA.queries, DATA.items, assemble({"data": "planted"}), "parallel")
    initialise(made, 0, 0.5)
    return made.eval()


def test_every_ranking_leaves_out_what_came_earlier() -> None:
    made = model()
    with torch.inference_mode():
        data = DeviceData(DATA, CPU)
        index = torch.from_numpy(FRESH)
        score = made.query(*data.queries[index]) @ made.item(*data.items[slice(None)]).T
    truth = DATA.truth
    assert truth is not None
    assert 20 < len(FRESH) < len(TEST)
    table, row = table_of(DATA)
    counts_of = DATA.counts.astype(float)
    personal = {name: score_of(row[FRESH]) for name, score_of in scorers(table).items()}
    cases = [
        (model_ranks(made, DeviceData(LEFT_OUT, CPU), FRESH), score.double().numpy().round(5)),
        (popularity_ranks(LEFT_OUT, FRESH), np.tile(counts_of, (len(FRESH), 1))),
        (oracle_ranks(LEFT_OUT, FRESH), (truth.query[FRESH] @ truth.item.T).astype(float).round(5)),
        *(
            (list_ranks(LEFT_OUT, FRESH, row, scorers(table)[name]), of_event.round(9) + 1e-12 * counts_of)
            for name, of_event in personal.items()
        ),
    ]
    for found, of_event in cases:
        expected = [
            rank(of_event[at], LEFT_OUT.positive[event], had_before(LEFT_OUT, event)) for at, event in enumerate(FRESH)
        ]
        assert np.abs(found - expected).mean() < 0.2  # scores that differ by rounding alone may change places
    assert (model_ranks(made, DeviceData(LEFT_OUT, CPU), FRESH) <= model_ranks(made, data, FRESH)).all()


def test_nothing_of_the_same_moment_is_left_out() -> None:
    together = replace(LEFT_OUT, when=np.zeros_like(DATA.when))
    had = together.had_before(TEST)
    assert had is not None
    assert not had.many.any()


def test_the_loss_leaves_out_what_a_user_has_had_as_autograd_does() -> None:
    data = DeviceData(LEFT_OUT, CPU)
    events = torch.arange(0, 64)
    batch = assemble_batch(data, events, torch.arange(0, 40), log_q=True)
    own = counts() > 0
    assert batch.had is not None
    for row, event in enumerate(events):
        for place, item in enumerate(batch.items):
            itself = int(item) == DATA.positive[event]
            assert bool(batch.had[row, place]) == (own[DATA.user[event], int(item)] and not itself)
    assert batch.had.any()
    draws = torch.Generator().manual_seed(0)
    query, items = (torch.randn(n, 4, generator=draws, dtype=torch.float64) for n in (64, len(batch.items)))
    query.requires_grad_(), items.requires_grad_()
    found = sampled_softmax(query, items, batch.log_q, batch.times, batch.own, None, batch.had)
    ours = torch.autograd.grad(found, (query, items))
    bias = batch.times.double().log() - batch.log_q.double()
    score = (query @ items.T + bias).scatter_add(1, batch.own[:, None], -batch.times[batch.own].double().log()[:, None])
    score = score.masked_fill(batch.had, -torch.inf)
    plain = torch.nn.functional.cross_entropy(score, batch.own)
    theirs = torch.autograd.grad(plain, (query, items))
    assert found.item() == pytest.approx(plain.item())
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other)
    assert assemble_batch(DeviceData(DATA, CPU), events, torch.arange(0), log_q=True).had is None


def test_too_many_pairs_are_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST_PAIRS", 100)
    with pytest.raises(SettingError, match="seen: expected at most 100 pairs of users and items"):
        DeviceData(LEFT_OUT, CPU)
    DeviceData(DATA, CPU)


def test_first_purchases_leave_out_what_a_household_has_had_unless_it_is_kept() -> None:
    assert JourneyData(purchases="first").leave_out
    assert not JourneyData().leave_out
    assert not JourneyData(purchases="first", seen="keep").leave_out
    with pytest.raises(SettingError, match="seen: expected auto or keep where all purchases count"):
        build(JourneyData, {"seen": "leave-out"})
    assert LEFT_OUT.hash != DATA.hash
