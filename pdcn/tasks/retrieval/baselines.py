"""What finds items without a tower: popularity, a user's own history, PureSVD and item-kNN, from who had what alone.

All read one matrix, users x items, of the training part. Each user's list ends in popularity: items that score alike
stand in the order of their counts, and a user without a training event gets popularity.
Shapes: n events, u users among them, N items, k factors or neighbours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import svds

from pdcn.arrays import Doubles, Floats, Ints
from pdcn.sources.dataset import Dataset

FACTORS = 50
"""Factors of PureSVD, as in Cremonesi et al. (2010), Fig. 1."""
NEIGHBOURS = 200
"""Neighbours of an item: of 50, 100 and 200 the best on the validation part of journey (recall@100 over users)."""
SCORES_AT_ONCE = 4_000_000

Scorer = Callable[[Ints], Doubles]
"""Scores (u, N) of these rows of the matrix."""


def table_of(dataset: Dataset) -> tuple[Any, Ints]:
    """How often each user had each item in the training part, sparse (users, N); the row of every event, (n,)."""
    users, row = np.unique(dataset.user, return_inverse=True)
    train = dataset.part("train")
    once = np.ones(dataset.bounds[0])
    shape = len(users), len(dataset.items)
    return sparse.csr_array((once, (row[train], dataset.positive[train])), shape=shape), row


def repeated(dataset: Dataset, events: Ints) -> float:
    """The share of these events whose user had their item in the training part."""
    pair = dataset.user * len(dataset.items) + dataset.positive
    return float(np.isin(pair[events], pair[dataset.part("train")]).mean())


def history(table: Any) -> Scorer:
    """What a user had before, by how often."""
    return lambda rows: np.asarray(table[rows].toarray())


def pure_svd(table: Any, factors: int = FACTORS) -> Scorer:
    """R Q Q', with Q (N, k) the strongest right singular vectors of R = log(1 + counts): Cremonesi, Koren and Turrin,
    RecSys 2010, Eq. 9. A matrix too small for so many factors has one fewer than its shorter side."""
    logs = table.log1p()
    k = min(factors, *(side - 1 for side in logs.shape))
    if k < 1 or not logs.nnz:
        return lambda rows: np.zeros((len(rows), logs.shape[1]))
    start = np.random.default_rng(0).standard_normal(min(logs.shape))
    right = svds(logs, k, v0=start, return_singular_vectors="vh")[2].T  # (N, k)
    right[logs.sum(axis=0) == 0] = 0  # what nobody had scores alike, to the last bit
    return lambda rows: np.asarray((logs[rows] @ right) @ right.T)


def item_knn(table: Any, neighbours: int = NEIGHBOURS) -> Scorer:
    """The sum over what a user had of its cosine with an item, if it is among the item's nearest: item-based
    neighbours of Sarwar et al., WWW 2001, Sec. 3.1.1, on log(1 + counts).

    The sum is not divided by the similarities, which top-N lists do without (Cremonesi et al., 2010, Sec. 3.1).
    """
    logs = table.log1p()
    length = np.sqrt(logs.power(2).sum(axis=0))
    unit = logs @ sparse.diags_array(1 / np.where(length > 0, length, 1))
    alike = sparse.csr_array(unit.T @ unit)
    alike.setdiag(0)
    for item in np.flatnonzero(np.diff(alike.indptr) > neighbours):
        own = alike.data[alike.indptr[item] : alike.indptr[item + 1]]
        own[np.argpartition(own, -neighbours)[:-neighbours]] = 0
    alike.eliminate_zeros()
    toward = sparse.csr_array(alike.T)  # (N, N): from what a user had to the items whose neighbour it is
    return lambda rows: np.asarray((logs[rows] @ toward).toarray())


def list_ranks(dataset: Dataset, events: Ints, row: Ints, scores: Scorer) -> Floats:
    """Ranks (n,) of the events' items in the lists of their users: by score, then by count, half of what still ties."""
    items, counts = len(dataset.items), dataset.counts
    pair, place = np.unique(row[events] * items + dataset.positive[events], return_inverse=True)
    had = dataset.had_before(events)
    if had is not None:  # what is left out is another for each event, though user and item be the same
        pair, place = row[events] * items + dataset.positive[events], np.arange(len(events))
    user, positive = np.divmod(pair, items)
    found, size = np.empty(len(pair)), max(1, SCORES_AT_ONCE // items)
    for at in (slice(start, start + size) for start in range(0, len(pair), size)):
        users, of = np.unique(user[at], return_inverse=True)
        score, item = scores(users)[of], positive[at]  # (b, N), (b,)
        own = score[np.arange(len(item)), item][:, None]
        if had is not None:
            score[had.pairs(at)] = -np.inf
        found[at] = np.count_nonzero(score > own, axis=1)
        tied = score == own
        many = np.flatnonzero(np.count_nonzero(tied, axis=1) > 1)
        among, count = tied[many], counts[item[many], None]
        found[at][many] += np.count_nonzero(among & (counts > count), axis=1)
        found[at][many] += (np.count_nonzero(among & (counts == count), axis=1) - 1) / 2
    return found[place].astype(np.float32)


def user_list_ranks(dataset: Dataset, events: Ints) -> dict[str, Floats]:
    """Ranks (n,) of the events' items under each baseline that gives every user a list of their own."""
    table, row = table_of(dataset)
    scorers = {"history": history(table), "pure_svd": pure_svd(table), "item_knn": item_knn(table)}
    return {name: list_ranks(dataset, events, row, scores) for name, scores in scorers.items()}
