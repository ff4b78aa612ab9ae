"""Who is near whom, where some are equally near: ties are drawn by lot, and every number is what the draws give on
average.

A sort puts ties into some order, which says nothing about the space, and gives two sorts more in common than chance.
Equal rows are scored once, so that they tie to the last bit.
Shapes: N rows to choose from, U different ones, n rows that choose, k chosen, H width.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.sparse import csr_matrix, vstack

from pdcn.arrays import Doubles, Ints, Numbers

CHUNK_SCORES = 8_000_000
"""Scores held at once: about 32 MB."""


def different(rows: Numbers) -> tuple[Ints, Ints, Ints]:
    """The first of each different row (U,) in order, which of them each row is (N,), and how often each comes (U,).

    >>> [part.tolist() for part in different(np.array([[2.0, 1.0], [0.0, 3.0], [2.0, 1.0]]))]
    [[0, 1], [0, 1, 0], [2, 1]]
    """
    table = np.ascontiguousarray(rows + 0.0)  # -0 equals 0
    if not table.size:
        return np.arange(min(1, len(table))), np.zeros(len(table), np.int64), np.array([len(table)])
    bits = table.view(np.dtype((np.void, table.dtype.itemsize * table.shape[1])))[:, 0]
    _, first, place, times = np.unique(bits, return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(first)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return first[order], back[place.ravel()], times[order]


def chances(score: Numbers, times: Ints, ks: Collection[int], own: Ints | None = None) -> dict[int, csr_matrix]:
    """For each k the chance (b, U) of each different row to be among the k of highest score (b, U), ties drawn by lot.

    `times` (U,) says how many rows each stands for, all of which have its chance; `own` (b,) is the one among which the
    row that chooses is itself, and that stands for one row less. k is cut to the number of rows.

    >>> chances(np.array([[3.0, 1.0, 2.0]]), np.array([1, 5, 3]), [2])[2].toarray().tolist()
    [[1.0, 0.0, 0.3333333333333333]]
    """
    rows, many = np.arange(len(score))[:, None], int(times.sum()) - (own is not None)
    # so many different rows stand for k at least, and show whether there are more of the last score
    enough = min(max(ks) + 2, score.shape[1])
    best = np.argpartition(-score, enough - 1, axis=1)[:, :enough]
    best = np.take_along_axis(best, np.argsort(-np.take_along_axis(score, best, 1), axis=1), 1)
    held = np.take_along_axis(score, best, 1)  # (b, enough), the highest first
    each = times[best] - (best == own[:, None] if own is not None else 0)
    reached = each.cumsum(1)
    found = {}
    for k in ks:
        last = (reached >= min(k, many)).argmax(1)[:, None]
        edge = np.take_along_axis(held, last, 1)  # (b, 1) the lowest score that is chosen
        above, tied = held > edge, held == edge
        left = min(k, many) - (above * each).sum(1, keepdims=True)
        share = np.where(above, 1.0, tied * left / np.maximum((tied * each).sum(1, keepdims=True), 1))
        open_end = tied[:, -1] & (enough < score.shape[1])
        inside = (share > 0) & ~open_end[:, None]
        at, which, value = [np.broadcast_to(rows, best.shape)[inside]], [best[inside]], [share[inside]]
        for row in np.flatnonzero(open_end):
            its = times - (np.arange(len(times)) == own[row]) if own is not None else times
            level = np.flatnonzero(score[row] == edge[row])
            over = np.flatnonzero(score[row] > edge[row])
            rest = (min(k, many) - its[over].sum()) / its[level].sum()
            at.append(np.full(len(over) + len(level), row))
            which += [over, level]
            value += [np.ones(len(over)), np.full(len(level), rest)]
        found[k] = csr_matrix((np.concatenate(value), (np.concatenate(at), np.concatenate(which))), shape=score.shape)
    return found


@dataclass(frozen=True)
class Near:
    """For each k the chance (n, U) of each different row to be among the k nearest of each row that chooses.

    `place` (N,) says which different row each is, and `own` (n,) which row each that chooses is itself, if any.
    """

    chance: dict[int, csr_matrix]
    place: Ints
    own: Ints | None

    @classmethod
    def of(cls, of: Numbers, among: Numbers, ks: Collection[int], own: Ints | None = None) -> Near:
        """The nearest of `of` (n, H) are the rows of `among` (N, H) of largest dot product; see `neighbours`."""
        of, among = np.asarray(of, np.float32), np.asarray(among, np.float32)
        first, place, times = different(among)
        columns = among[first].T
        size = max(1, CHUNK_SCORES // max(1, len(first)))
        parts: dict[int, list[csr_matrix]] = {k: [] for k in ks}
        for at in range(0, len(of), size):
            score = of[at : at + size] @ columns
            itself = None if own is None else place[own[at : at + size]]
            for k, found in chances(score, times, ks, itself).items():
                parts[k].append(found)
        return cls({k: vstack(found, "csr") for k, found in parts.items()}, place, own)

    def of_itself(self, k: int) -> Doubles:
        """The chance (n,) that stands at each row's own place, where it does not count."""
        assert self.own is not None
        return cast(Doubles, np.asarray(self.chance[k][np.arange(len(self.own)), self.place[self.own]]).ravel())

    def counts(self, k: int) -> Doubles:
        """How often each row (N,) is among the k nearest of somebody."""
        found: Doubles = np.asarray(self.chance[k].sum(0)).ravel()[self.place]
        if self.own is not None:
            np.subtract.at(found, self.own, self.of_itself(k))
        return found


def shared(left: Near, right: Near, k: int) -> Doubles:
    """Share (n,) of the k nearest that both have, whatever their order: k / N where neither has any reason to choose.

    Both are of the same rows among the same rows, in two spaces.
    """
    _, first, times = np.unique(
        left.place * (right.place.max() + 1) + right.place, return_index=True, return_counts=True
    )
    one, other = left.chance[k][:, left.place[first]], right.chance[k][:, right.place[first]]
    both: Doubles = np.asarray(one.multiply(other) @ times).ravel()
    if left.own is not None:
        both -= left.of_itself(k) * right.of_itself(k)
    return both / max(1, min(k, len(left.place) - (left.own is not None)))
