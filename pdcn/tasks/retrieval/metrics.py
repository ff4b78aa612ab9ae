"""Recall curves, NDCG and MRR from ranks, one value an event, then means over events or users.

Each event has one relevant item, so recall@K of an event is 1 or 0 (denominator 1), its ideal DCG is
1, and NDCG@K = 1 / log2(rank + 2) where rank < K. Half ranks come from ties.
Shapes: n events, U users, K cut-offs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ranks = NDArray[np.float32]
Values = NDArray[np.float64]


def ndcg_at(ranks: Ranks, k: int) -> Values:
    """NDCG@K of each event (n,).

    >>> ndcg_at(np.array([0, 1, 5], np.float32), 2).round(4).tolist()  # 1/log2(2), 1/log2(3), cut
    [1.0, 0.6309, 0.0]
    """
    return np.where(ranks < k, 1 / np.log2(ranks.astype(np.float64) + 2), 0.0)


def reciprocal_rank(ranks: Ranks) -> Values:
    """1 / (rank + 1) of each event (n,); its mean is MRR.

    >>> reciprocal_rank(np.array([0, 3], np.float32)).tolist()
    [1.0, 0.25]
    """
    return 1 / (ranks.astype(np.float64) + 1)


def event_weights(user: NDArray[np.int64], *, by_user: bool) -> Values:
    """Weights (n,) that sum to one: equal for every event, or equal for every user.

    >>> event_weights(np.array([7, 7, 9]), by_user=True).tolist()
    [0.25, 0.25, 0.5]
    """
    if not by_user:
        return np.full(len(user), 1 / max(1, len(user)))
    _, index, counts = np.unique(user, return_inverse=True, return_counts=True)
    return 1 / (counts[index] * len(counts))


def recall_curve(ranks: Ranks, weights: Values, largest: int) -> Values:
    """recall@K for every K from 1 to `largest` (largest,), weighted: no sort, one histogram.

    >>> recall_curve(np.array([0, 2.5, 9], np.float32), np.full(3, 1 / 3), 4).round(2).tolist()
    [0.33, 0.33, 0.67, 0.67]
    """
    first_k = np.minimum(np.floor(ranks).astype(np.int64), largest)  # hit from K = first_k + 1 on
    return np.bincount(first_k, weights, minlength=largest + 1)[:largest].cumsum()


def user_recall(ranks: Ranks, user: NDArray[np.int64], cuts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Each user's mean recall at each of the cuts, (U, K), users in ascending order."""
    _, index, counts = np.unique(user, return_inverse=True, return_counts=True)
    bucket = np.searchsorted(cuts, ranks, side="right")  # the first cut with rank < K
    cells = np.bincount(index * (len(cuts) + 1) + bucket, minlength=len(counts) * (len(cuts) + 1))
    hits = cells.reshape(len(counts), -1)[:, :-1].cumsum(1)
    return hits / counts[:, None]


def user_mean(values: Values, user: NDArray[np.int64]) -> Values:
    """Each user's mean of event values (n, M), (U, M), users in ascending order.

    >>> user_mean(np.array([[1.0], [0.0], [1.0]]), np.array([7, 7, 9])).tolist()
    [[0.5], [1.0]]
    """
    _, index, counts = np.unique(user, return_inverse=True, return_counts=True)
    sums = [np.bincount(index, column, minlength=len(counts)) for column in values.T]
    return np.stack(sums, axis=1) / counts[:, None]


def log_cuts(largest: int) -> NDArray[np.int64]:
    """About forty cut-offs from 1 to `largest`, evenly spaced on a log scale, with 1, 10, 100, 1000.

    >>> [k in log_cuts(1000) for k in (1, 10, 100, 1000)], len(log_cuts(1000)) < 50
    ([True, True, True, True], True)
    """
    spaced = np.geomspace(1, largest, 40).round().astype(np.int64)
    return np.union1d(spaced, [k for k in (1, 10, 100, 1000, largest) if k <= largest])
