"""Metrics against slow references and arithmetic that can be checked by hand."""

from __future__ import annotations

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdcn.tasks.metric import event_weights, user_mean
from pdcn.tasks.retrieval.metrics import MRR, NDCG, Recall, log_cuts

half_ranks = st.lists(st.integers(0, 40).map(lambda twice: twice / 2), min_size=1, max_size=30)
users = st.integers(0, 5)


def up_to(largest: int) -> list[Recall]:
    return [Recall(k) for k in range(1, largest + 1)]


def slow_weights(user: list[int]) -> list[float]:
    return [1 / user.count(one) / len(set(user)) for one in user]


@given(half_ranks, st.integers(1, 25), st.data())
def test_the_curve_counts_ranks_below_every_k(ranks: list[float], largest: int, data: st.DataObject) -> None:
    weights = data.draw(st.lists(st.floats(0, 1), min_size=len(ranks), max_size=len(ranks)))
    curve = Recall.means(up_to(largest), np.array(ranks, np.float32), np.array(weights))
    expected = [sum(w for rank, w in zip(ranks, weights, strict=True) if rank < k) for k in range(1, largest + 1)]
    assert curve.shape == (largest,)
    assert curve.tolist() == pytest.approx(expected, abs=1e-12)


def test_the_curve_by_hand() -> None:
    ranks = np.array([0, 0.5, 1, 3, 99], np.float32)
    curve = Recall.means(up_to(5), ranks, np.full(5, 1 / 5))
    assert curve.tolist() == pytest.approx([2 / 5, 3 / 5, 3 / 5, 4 / 5, 4 / 5])


@given(st.lists(users, min_size=1, max_size=20))
def test_weights_by_user_are_one_share_a_user(user: list[int]) -> None:
    found = event_weights(np.array(user), by_user=True)
    assert found.tolist() == pytest.approx(slow_weights(user))
    assert found.sum() == pytest.approx(1)


def test_weights_by_event_are_all_alike() -> None:
    assert event_weights(np.array([7, 7, 7, 9]), by_user=False).tolist() == [1 / 4] * 4


@given(st.lists(st.tuples(half_ranks.map(lambda ranks: ranks[0]), users), min_size=1, max_size=30))
def test_user_recall_is_each_users_mean(events: list[tuple[float, int]]) -> None:
    ranks = np.array([rank for rank, _ in events], np.float32)
    user = np.array([one for _, one in events])
    cuts = np.array([1, 3, 10, 20])
    expected = []
    for one in sorted(set(user.tolist())):
        own = [rank for rank, owner in events if owner == one]
        expected.append([sum(rank < k for rank in own) / len(own) for k in cuts])
    found = Recall.by_user([*map(Recall, cuts)], ranks, user)
    assert found.shape == (len(expected), 4)
    assert found.tolist() == pytest.approx(np.array(expected))
    for column, k in enumerate(cuts):  # the two ways to the same mean over users agree
        curve = Recall.means(up_to(20), ranks, event_weights(user, by_user=True))
        assert found[:, column].mean() == pytest.approx(curve[k - 1])


def test_user_recall_by_hand() -> None:
    ranks = np.array([0, 5, 2, 9.5], np.float32)
    found = Recall.by_user([*map(Recall, (1, 3, 10))], ranks, np.array([8, 8, 3, 8]))
    assert found.tolist() == [[0, 1, 1], [1 / 3, 1 / 3, 3 / 3]]  # user 3 first


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0, 1), users), min_size=1, max_size=30))
def test_user_mean_is_each_users_mean_of_every_column(events: list[tuple[float, float, int]]) -> None:
    user = np.array([one for *_, one in events])
    found = user_mean(np.array([values for *values, _ in events]), user)
    expected = []
    for one in sorted(set(user.tolist())):
        own = [(a, b) for a, b, owner in events if owner == one]
        expected.append([sum(column) / len(own) for column in zip(*own, strict=True)])
    assert found.shape == (len(expected), 2)
    assert found == pytest.approx(np.array(expected), abs=1e-12)


def test_user_mean_by_hand() -> None:
    values = np.array([[1, 0.5], [0, 0.5], [0.25, 0], [1, 0.5]])
    found = user_mean(values, np.array([8, 8, 3, 8]))
    assert found.tolist() == [[0.25, 0], [pytest.approx(2 / 3), 0.5]]  # user 3 first


def test_user_mean_of_hits_is_user_recall() -> None:
    draws = np.random.default_rng(0)
    ranks = np.array(draws.integers(0, 60, 500) / 2, np.float32)
    user = draws.integers(0, 40, 500)
    cuts = np.array([1, 5, 20])
    hits = np.where(ranks[:, None] < cuts, 1.0, 0.0)
    assert user_mean(hits, user) == pytest.approx(Recall.by_user([*map(Recall, cuts)], ranks, user))


def test_ndcg_by_hand() -> None:
    ranks = np.array([0, 1, 2, 6, 0.5, 10], np.float32)
    expected = [1 / log2(2), 1 / log2(3), 1 / log2(4), 1 / log2(8), 1 / log2(2.5), 0]
    assert NDCG(10).values(ranks).tolist() == pytest.approx(expected)
    assert NDCG(2).values(ranks).tolist() == pytest.approx([1, 1 / log2(3), 0, 0, 1 / log2(2.5), 0])
    assert NDCG(1).values(ranks).tolist() == pytest.approx([1, 0, 0, 0, 1 / log2(2.5), 0])


def test_reciprocal_rank_by_hand() -> None:
    ranks = np.array([0, 1, 2, 9, 0.5], np.float32)
    assert MRR().values(ranks).tolist() == pytest.approx([1, 1 / 2, 1 / 3, 1 / 10, 1 / 1.5])


@pytest.mark.parametrize("largest", [1, 2, 50, 100, 999, 1000, 92_000])
def test_cuts_rise_from_one_to_the_largest(largest: int) -> None:
    cuts = log_cuts(largest)
    assert (cuts[0], cuts[-1]) == (1, largest)
    assert (np.diff(cuts) > 0).all()
    assert len(cuts) <= 45
    assert all(k in cuts for k in (1, 10, 100, 1000) if k <= largest)
