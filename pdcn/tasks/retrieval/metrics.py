"""Recall curves, NDCG and MRR from ranks, one value an event, then means over events or users.

Each event has one relevant item, so recall@K of an event is 1 or 0 (denominator 1), its ideal DCG is
1, and NDCG@K = 1 / log2(rank + 2) where rank < K. Half ranks come from ties.
Shapes: n events, U users, K cut-offs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from pdcn.tasks.base import Ints, Metric, Numbers, Values

LARGEST_K = 1000
HEADLINE_K = 100
"""The K of the verdict sentence, or the catalogue's size where that is smaller."""
CLEARLY_BELOW = 5
"""Validation watches recall at a K of at most one in so many items."""
VALIDATED_BEFORE = "recall@100"
"""What validation measured in records that do not name it."""


def recall_at(ranks: Numbers, k: int) -> NDArray[np.bool_]:
    """Whether each event's true item is among the first K: rank < K. One value for each event."""
    return ranks < k


def ndcg_at(ranks: Numbers, k: int) -> Values:
    """NDCG@K of each event (n,).

    >>> ndcg_at(np.array([0, 1, 5], np.float32), 2).round(4).tolist()  # 1/log2(2), 1/log2(3), cut
    [1.0, 0.6309, 0.0]
    """
    return np.where(ranks < k, 1 / np.log2(ranks.astype(np.float64) + 2), 0.0)


def reciprocal_rank(ranks: Numbers) -> Values:
    """1 / (rank + 1) of each event (n,); its mean is MRR.

    >>> reciprocal_rank(np.array([0, 3], np.float32)).tolist()
    [1.0, 0.25]
    """
    return 1 / (ranks.astype(np.float64) + 1)


def recall_curve(ranks: Numbers, weights: Values, largest: int) -> Values:
    """recall@K for every K from 1 to `largest` (largest,), weighted: no sort, one histogram.

    >>> recall_curve(np.array([0, 2.5, 9], np.float32), np.full(3, 1 / 3), 4).round(2).tolist()
    [0.33, 0.33, 0.67, 0.67]
    """
    first_k = np.minimum(np.floor(ranks).astype(np.int64), largest)  # hit from K = first_k + 1 on
    return np.bincount(first_k, weights, minlength=largest + 1)[:largest].cumsum()


def user_recall(ranks: Numbers, user: Ints, cuts: Ints, weight: Numbers | None = None) -> NDArray[np.float64]:
    """Each user's mean recall at each of the cuts, (U, K), users in ascending order; see `user_mean` of weights."""
    _, index, counts = np.unique(user, return_inverse=True, return_counts=True)
    bucket = np.searchsorted(cuts, ranks, side="right")  # the first cut with rank < K
    cells = np.bincount(index * (len(cuts) + 1) + bucket, weight, minlength=len(counts) * (len(cuts) + 1))
    hits = cells.reshape(len(counts), -1)[:, :-1].cumsum(1)
    return hits / (counts if weight is None else np.bincount(index, weight))[:, None]


def log_cuts(largest: int) -> NDArray[np.int64]:
    """About forty cut-offs from 1 to `largest`, evenly spaced on a log scale, with 1, 10, 100, 1000.

    >>> [k in log_cuts(1000) for k in (1, 10, 100, 1000)], len(log_cuts(1000)) < 50
    ([True, True, True, True], True)
    """
    spaced = np.geomspace(1, largest, 40).round().astype(np.int64)
    return np.union1d(spaced, [k for k in (1, 10, 100, 1000, largest) if k <= largest])


class Recall(Metric):
    """Whether the true item is among the first K."""

    name = label = "recall"

    def values(self, measured: Numbers) -> NDArray[np.bool_]:
        """1 or 0 of each event."""
        return recall_at(measured, cast(int, self.k))

    @classmethod
    def means(cls, several: Sequence[Metric], measured: Numbers, weights: Values) -> Values:
        """From one histogram, at however many K."""
        cuts = cuts_in(several)
        return recall_curve(measured, weights, int(cuts.max()))[cuts - 1]

    @classmethod
    def by_user(
        cls, several: Sequence[Metric], measured: Numbers, user: Ints, weight: Numbers | None = None
    ) -> NDArray[np.float64]:
        """From one histogram, at however many K."""
        return user_recall(measured, user, cuts_in(several), weight)


def cuts_in(several: Sequence[Metric]) -> Ints:
    """The K of some metrics."""
    return np.array([one.k for one in several], np.int64)


class NDCG(Metric):
    """How high in the first K the true item stands."""

    name, label = "ndcg", "NDCG"

    def values(self, measured: Numbers) -> Values:
        """`ndcg_at`."""
        return ndcg_at(measured, cast(int, self.k))


class MRR(Metric):
    """How high in the whole list the true item stands."""

    name, label = "mrr", "MRR"

    def values(self, measured: Numbers) -> Values:
        """`reciprocal_rank`."""
        return reciprocal_rank(measured)


def cuts_of(items: int) -> list[int]:
    """The K of a record: 1, 10, 100, 1000, as far as the catalogue goes; all of it would be no test.

    >>> cuts_of(500)
    [1, 10, 100]
    """
    return [k for k in (1, 10, 100, LARGEST_K) if k < items]


def headline_k(items: int) -> int:
    """The K of the verdict in a catalogue.

    >>> headline_k(2_726), headline_k(60)
    (100, 10)
    """
    return min(HEADLINE_K, cuts_of(items)[-1])


def validated_on(items: int) -> Metric:
    """What validation measures in a catalogue: recall at the headline K, or MRR where that K is a large part of it.

    A list of a fifth of the catalogue holds the item of one event in five by chance alone; of a longer one recall
    comes so close to its ceiling that checks can't be told apart. MRR asks where in the list the item stands.

    >>> [str(validated_on(items)) for items in (2_726, 101, 60)]
    ['recall@100', 'MRR', 'recall@10']
    """
    k = headline_k(items)
    return Recall(k) if CLEARLY_BELOW * k <= items else MRR()
