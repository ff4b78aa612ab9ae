"""Recall curves, NDCG and MRR from ranks, one value an event, then means over events or users.

Each event has one relevant item, so recall@K of an event is 1 or 0 (denominator 1), its ideal DCG is
1, and NDCG@K = 1 / log2(rank + 2) where rank < K. Half ranks come from ties.
Shapes: n events, U users, K cut-offs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from pdcn.arrays import Doubles, Flags, Ints, Numbers
from pdcn.tasks.metric import Metric

LARGEST_K = 1000
HEADLINE_K = 100
"""The K of the verdict sentence, or the catalogue's size where that is smaller."""
VALIDATED_BEFORE = "recall@100"
"""What validation measured in records that do not name it."""


def log_cuts(largest: int) -> Ints:
    """About forty cut-offs from 1 to `largest`, evenly spaced on a log scale, with 1, 10, 100, 1000.

    >>> [k in log_cuts(1000) for k in (1, 10, 100, 1000)], len(log_cuts(1000)) < 50
    ([True, True, True, True], True)
    """
    spaced = np.geomspace(1, largest, 40).round().astype(np.int64)
    return np.union1d(spaced, [k for k in (1, 10, 100, 1000, largest) if k <= largest])


class Recall(Metric):
    """Whether the true item is among the first K: rank < K."""

    name = label = "recall"

    def values(self, measured: Numbers) -> Flags:
        """1 or 0 of each event."""
        return measured < cast(int, self.k)

    @classmethod
    def means(cls, several: Sequence[Metric], measured: Numbers, weights: Doubles) -> Doubles:
        """From one histogram, at however many K, without a sort.

        >>> Recall.means([Recall(1), Recall(3)], np.array([0, 2.5, 9], np.float32), np.full(3, 1 / 3)).round(2).tolist()
        [0.33, 0.67]
        """
        cuts = np.array([one.k for one in several], np.int64)
        largest = int(cuts.max())
        first_k = np.minimum(np.floor(measured).astype(np.int64), largest)  # hit from K = first_k + 1 on
        return np.bincount(first_k, weights, minlength=largest + 1)[:largest].cumsum()[cuts - 1]

    @classmethod
    def by_user(
        cls, several: Sequence[Metric], measured: Numbers, user: Ints, weight: Numbers | None = None
    ) -> Doubles:
        """From one histogram, at however many K, which ascend."""
        _, index, counts = np.unique(user, return_inverse=True, return_counts=True)
        columns = len(several) + 1
        bucket = np.searchsorted(
            [cast(int, one.k) for one in several], measured, side="right"
        )  # the first cut with rank < K
        cells = np.bincount(index * columns + bucket, weight, minlength=len(counts) * columns)
        hits = cells.reshape(len(counts), -1)[:, :-1].cumsum(1)
        return hits / (counts if weight is None else np.bincount(index, weight))[:, None]


class NDCG(Metric):
    """How high in the first K the true item stands."""

    name, label = "ndcg", "NDCG"

    def values(self, measured: Numbers) -> Doubles:
        """1 / log2(rank + 2) of each event, 0 beyond K.

        >>> NDCG(2).values(np.array([0, 1, 5], np.float32)).round(4).tolist()  # 1/log2(2), 1/log2(3), cut
        [1.0, 0.6309, 0.0]
        """
        return np.where(measured < cast(int, self.k), 1 / np.log2(measured.astype(np.float64) + 2), 0.0)


class MRR(Metric):
    """How high in the whole list the true item stands."""

    name, label = "mrr", "MRR"

    def values(self, measured: Numbers) -> Doubles:
        """1 / (rank + 1) of each event.

        >>> MRR().values(np.array([0, 3], np.float32)).tolist()
        [1.0, 0.25]
        """
        return 1 / (measured.astype(np.float64) + 1)


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
