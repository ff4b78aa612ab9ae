"""Baselines without a tower against dense float64 NumPy, by hand, and on users who are new."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from pdcn.tasks.retrieval.baselines import (
    NEIGHBOURS,
    item_knn,
    list_ranks,
    pure_svd,
    repeated,
    table_of,
    user_list_ranks,
)
from pdcn.tasks.retrieval.ranks import popularity_ranks
from tests.unit.tasks.retrieval.test_ranks import DATA, plainly

USERS, ITEMS = 20, 50
RANDOM = np.random.default_rng(3)
TASTE = RANDOM.dirichlet(np.full(ITEMS, 0.1), USERS)
CHOSEN = np.array([RANDOM.choice(ITEMS, p=TASTE[user]) for user in DATA.user % USERS])
WITH_TASTE = dataclasses.replace(DATA, user=DATA.user % USERS, positive=CHOSEN)
TEST = WITH_TASTE.events("test")


def dense_counts() -> NDArray[np.float64]:
    counts = np.zeros((USERS, ITEMS))
    for user, item in zip(WITH_TASTE.user[:1700], WITH_TASTE.positive[:1700], strict=True):
        counts[user, item] += 1
    return counts


def dense_svd(counts: NDArray[np.float64], factors: int) -> NDArray[np.float64]:
    """All singular values by LAPACK, the strongest kept: the matrix of that rank which is nearest."""
    left, strength, right = np.linalg.svd(np.log(1 + counts), full_matrices=False)
    found: NDArray[np.float64] = (left[:, :factors] * strength[:factors]) @ right[:factors]
    return found


def dense_knn(counts: NDArray[np.float64], neighbours: int) -> NDArray[np.float64]:
    """Loops over pairs of items."""
    logs = np.log(1 + counts)
    alike = np.zeros((ITEMS, ITEMS))
    for one in range(ITEMS):
        for other in range(ITEMS):
            length = np.linalg.norm(logs[:, one]) * np.linalg.norm(logs[:, other])
            if one != other and length:
                alike[one, other] = logs[:, one] @ logs[:, other] / length
        alike[one, np.argsort(-alike[one])[neighbours:]] = 0
    found: NDArray[np.float64] = logs @ alike.T
    return found


@pytest.mark.parametrize("factors", [3, 10])
def test_pure_svd_is_the_nearest_matrix_of_its_rank(factors: int) -> None:
    found = pure_svd(table_of(WITH_TASTE)[0], factors)(np.arange(USERS))
    assert found == pytest.approx(dense_svd(dense_counts(), factors), abs=1e-9)


@pytest.mark.parametrize("neighbours", [2, 7, NEIGHBOURS])
def test_item_knn_is_the_sum_over_the_nearest(neighbours: int) -> None:
    found = item_knn(table_of(WITH_TASTE)[0], neighbours)(np.arange(USERS))
    assert found == pytest.approx(dense_knn(dense_counts(), neighbours), abs=1e-9)


def test_lists_end_in_popularity_and_count_half_of_what_still_ties() -> None:
    counts, table = dense_counts(), table_of(WITH_TASTE)[0]
    expected = {"history": counts, "pure_svd": None, "item_knn": None}
    expected["pure_svd"] = pure_svd(table)(np.arange(USERS))
    expected["item_knn"] = item_knn(table)(np.arange(USERS))
    found = user_list_ranks(WITH_TASTE, TEST)
    assert list(found) == list(expected)
    for name, scores in expected.items():
        assert scores is not None
        _, level = np.unique(scores, return_inverse=True)  # whole numbers: popularity only parts what ties
        whole = level.reshape(scores.shape) * 10_000.0 + counts.sum(0)
        assert found[name].tolist() == plainly(whole[WITH_TASTE.user[TEST]], WITH_TASTE.positive[TEST]), name


def test_a_history_by_hand() -> None:
    """User 0 had item 5 twice and item 6 once; item 9 is popular. Nobody had items 10 to 49, nor 0 to 4, 7 and 8."""
    user, positive = np.ones(2000, np.int64), np.full(2000, 9)
    user[:3], positive[:3] = 0, [5, 6, 5]
    user[1996:], positive[1996:] = [0, 0, 0, 1], [5, 6, 9, 0]
    data = dataclasses.replace(DATA, user=user, positive=positive)
    events = np.arange(1996, 2000)
    found = user_list_ranks(data, events)["history"]
    assert found.tolist() == [0, 1, 2, 3 + 46 / 2]  # 47 that nobody had tie behind 9, 5 and 6
    assert repeated(data, events) == 0.5


def test_a_user_without_a_training_event_gets_popularity() -> None:
    user = WITH_TASTE.user.copy()
    user[TEST] = USERS
    data = dataclasses.replace(WITH_TASTE, user=user)
    popular = popularity_ranks(data, TEST).tolist()
    for name, ranks in user_list_ranks(data, TEST).items():
        assert ranks.tolist() == popular, name
    assert repeated(data, TEST) == 0


def test_ranks_do_not_depend_on_how_many_are_scored_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    table, row = table_of(WITH_TASTE)
    at_once = list_ranks(WITH_TASTE, TEST, row, item_knn(table))
    monkeypatch.setattr("pdcn.tasks.retrieval.baselines.SCORES_AT_ONCE", 7 * ITEMS)
    assert list_ranks(WITH_TASTE, TEST, row, item_knn(table)).tolist() == at_once.tolist()


def test_one_user_alone_has_no_factors() -> None:
    data = dataclasses.replace(WITH_TASTE, user=np.zeros(2000, np.int64))
    assert user_list_ranks(data, TEST)["pure_svd"].tolist() == popularity_ranks(data, TEST).tolist()
