"""The rank of each event's true item among the whole catalogue; every metric follows from it.

rank = items scored higher + half of the items tied with it, counted from 0. So a model that scores
all items alike gets the middle of the list, not the top. Items of equal features, or of equal vectors, tie wherever
they stand in the catalogue, and equal events get equal ranks: each is computed once (`Distinct`).
Shapes: n events, N items, U different ones, H output width.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pdcn.arrays import Floats, Ints
from pdcn.nn.two_tower import TwoTower
from pdcn.sources.dataset import Dataset, Had
from pdcn.tasks.retrieval.batches import DeviceData, Rows
from pdcn.tasks.retrieval.distinct import Distinct

CHUNK_SCORES, CHUNK_ROWS = 500_000, 32
"""Scores held at once, which is what a processor's cache holds, but never of fewer events than so many at a time."""
WHOLE = 500_000
"""Different items up to which an event's scores are held all at once."""
BLOCK_ROWS, BLOCK_ITEMS = 256, 2_048
"""Events and items whose scores are held at once in larger catalogues."""
ENCODED = 8_192
"""Rows that a tower encodes at once."""


def ranks_of(score: Tensor, positive: Tensor, times: Tensor | None = None) -> Tensor:
    """Ranks (b,) of the positives (b,) in a block of scores (b, N); a NaN ranks last.

    `times` (N,) says how many items each column stands for, one where it is left out.

    >>> ranks_of(torch.tensor([[3.0, 1, 2], [5, 5, 5]]), torch.tensor([2, 0])).tolist()
    [1.0, 1.0]
    >>> ranks_of(torch.tensor([[3.0, 1, 2]]), torch.tensor([2]), torch.tensor([4, 1, 3])).tolist()
    [5.0]
    """
    own = score.gather(1, positive[:, None].long())  # (b, 1)
    # ones and zeros are summed as float32, exact up to 16 million items: summing booleans takes ten times as long
    one = torch.empty(score.shape, device=score.device)
    many = float(score.shape[1]) if times is None else float(times.sum())

    def items() -> Tensor:
        return one.sum(1) if times is None else one.mul_(times).sum(1)

    torch.gt(score, own, out=one)
    higher = items()
    torch.eq(score, own, out=one)
    rank = higher + (items() - 1) / 2
    return torch.where(own[:, 0].isnan(), many - 1.0, rank).float()


def rank_in_chunks(
    block: Callable[[slice], Tensor],
    positive: Tensor,
    items: int,
    times: Tensor | None = None,
    left_out: Had | None = None,
) -> Floats:
    """Ranks of all events, scores (b, `items`) computed by `block` for a slice of events at a time; see `ranks_of`.

    Where something is left out, each column is one item.
    """
    size = rows_at_once(items)

    def ranked(at: slice) -> Tensor:
        score, own = block(at), positive[at]
        if left_out is not None:
            rows, had = (torch.from_numpy(part).to(score.device) for part in left_out.pairs(at))
            score = score.clone()
            score[rows, had] = -torch.inf
        return ranks_of(score, own, times).cpu()

    parts = [ranked(slice(at, at + size)) for at in range(0, len(positive), size)]
    return torch.cat(parts).numpy() if parts else np.zeros(0, np.float32)


def rank_in_blocks(query: Tensor, columns: Tensor, positive: Tensor, times: Tensor | None = None) -> Floats:
    """Ranks (n,) of queries (n, H) among items as columns (H, U), block by block; see `ranks_of`.

    What an item scores comes from the product of its own block, so that it ties with itself to the last bit.
    """
    items = columns.shape[1]
    edges = range(0, items, BLOCK_ITEMS)
    many = float(items) if times is None else float(times.sum())

    def ranked(at: slice) -> Tensor:
        rows, place = query[at], positive[at].long()
        own = rows.new_zeros(len(rows))
        for block in torch.unique(place // BLOCK_ITEMS).tolist():
            mine = place // BLOCK_ITEMS == block
            start = block * BLOCK_ITEMS
            score = rows @ columns[:, start : start + BLOCK_ITEMS]
            own[mine] = score[mine].gather(1, place[mine, None] - start)[:, 0]
        higher, tied = torch.zeros(2, len(rows), dtype=torch.float64, device=rows.device)
        for start in edges:
            score = rows @ columns[:, start : start + BLOCK_ITEMS]
            counted = slice(start, start + BLOCK_ITEMS)
            one = torch.gt(score, own[:, None], out=torch.empty_like(score))
            higher += one.sum(1) if times is None else one @ times[counted]
            torch.eq(score, own[:, None], out=one)
            tied += one.sum(1) if times is None else one @ times[counted]
        return torch.where(own.isnan(), many - 1.0, higher + (tied - 1) / 2).float().cpu()

    parts = [ranked(slice(at, at + BLOCK_ROWS)) for at in range(0, len(positive), BLOCK_ROWS)]
    return torch.cat(parts).numpy() if parts else np.zeros(0, np.float32)


def rows_at_once(items: int) -> int:
    """Events that are ranked at once in a catalogue of so many items.

    >>> rows_at_once(2_000), rows_at_once(1_000_000)
    (250, 32)
    """
    return max(CHUNK_ROWS, CHUNK_SCORES // items)


@torch.inference_mode()
def encode_rows(tower: torch.nn.Module, rows: Rows, chunk: int = ENCODED) -> Tensor:
    """Output vectors (rows, H) of a tower; equal rows have equal vectors, to the last bit."""
    alike = Distinct.of(rows.codes, rows.values)
    vectors: Tensor | None = None  # filled part by part: joining them at the end would hold them twice
    for at in range(0, max(1, len(alike)), chunk):
        part = tower(*rows[alike.first[at : at + chunk]])
        vectors = part.new_empty(len(alike), part.shape[1]) if vectors is None else vectors
        vectors[at : at + chunk] = part
    assert vectors is not None
    return vectors[alike.place] if alike.repeats else vectors


@dataclass(frozen=True)
class Catalogue:
    """Items as columns (H, U), each different vector once, and which of them each item has."""

    columns: Tensor
    alike: Distinct

    @classmethod
    def of(cls, vectors: Tensor) -> Catalogue:
        """The catalogue of the items' vectors (N, H)."""
        alike = Distinct.of(vectors)
        return cls((vectors[alike.first] if alike.repeats else vectors).T, alike)

    def scores(self, query: Tensor) -> Tensor:
        """query . item of every item, (b, H) -> (b, N); items of equal vectors have equal scores."""
        score = query @ self.columns
        return score[..., self.alike.place] if self.alike.repeats else score

    def ranks(self, query: Tensor, positive: Tensor, left_out: Had | None = None) -> Floats:
        """Ranks (n,) that the queries (n, H) give to the items `positive` (n,)."""
        if left_out is not None:
            return rank_in_chunks(lambda at: self.scores(query[at]), positive, len(self.alike.place), None, left_out)
        times = self.alike.times.float() if self.alike.repeats else None
        place = self.alike.place[positive.long()]
        if self.columns.shape[1] > WHOLE:
            return rank_in_blocks(query, self.columns, place, times)
        return rank_in_chunks(lambda at: query[at] @ self.columns, place, self.columns.shape[1], times)


@torch.inference_mode()
def model_ranks(model: TwoTower, data: DeviceData, events: Ints) -> Floats:
    """Ranks (n,) that a model gives to the true items of `events` (n,) in the whole catalogue."""
    model.eval()
    catalogue = Catalogue.of(encode_rows(model.item, data.items))
    index = torch.from_numpy(events).to(data.device)
    had = data.dataset.had_before(events)
    if had is not None:  # what is left out is another for each event, however alike they are
        query = encode_rows(model.query, Rows(*data.queries[index]))
        return catalogue.ranks(query, data.positive[index], had)
    alike = Distinct.of(*data.queries[index], data.positive[index][:, None])

    def ranked(part: Tensor) -> Floats:
        return catalogue.ranks(model.query(*data.queries[part]), data.positive[part])

    parts = index[alike.first].split(ENCODED)  # type: ignore[no-untyped-call]
    return np.concatenate([ranked(part) for part in parts]).take(alike.place.cpu().numpy())


def popularity_ranks(dataset: Dataset, events: Ints) -> Floats:
    """Ranks under the one list that everybody gets: items by their count in the training part."""
    had = dataset.had_before(events)
    if had is not None:
        counts = torch.from_numpy(dataset.counts.astype(np.float32))
        positive = torch.from_numpy(dataset.positive[events])
        return rank_in_chunks(lambda at: counts.expand(len(positive[at]), -1), positive, len(counts), left_out=had)
    order, tied = np.unique(dataset.counts, return_counts=True)
    higher = len(dataset.items) - np.cumsum(tied)  # items with a strictly larger count
    rank_of_count = higher + (tied - 1) / 2
    at = np.searchsorted(order, dataset.counts[dataset.positive[events]])
    return rank_of_count[at].astype(np.float32)


def oracle_ranks(dataset: Dataset, events: Ints) -> Floats:
    """Ranks under the best scores that can be known of planted data (`Truth`)."""
    if dataset.truth is None:
        raise ValueError("expected data with a known truth, such as planted")
    query = torch.from_numpy(dataset.truth.query[events])
    positive = torch.from_numpy(dataset.positive[events])
    alike = Distinct.of(query, positive[:, None])
    catalogue = Catalogue.of(torch.from_numpy(dataset.truth.item))
    had = dataset.had_before(events)
    if had is not None:
        return catalogue.ranks(query, positive, had)
    return catalogue.ranks(query[alike.first], positive[alike.first]).take(alike.place.numpy())
