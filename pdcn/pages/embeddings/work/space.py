"""Numbers about an embedding space that no picture of it shows: who is near whom, and how much of the space is used.

All work on output vectors, in their full width. Shapes: N items, n queries, H output width, k neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, cast

import numpy as np
import pandas as pd

from pdcn.arrays import Floats, Ints, Numbers
from pdcn.evaluation.near import CHUNK_SCORES, Near, different, shared
from pdcn.evaluation.similarity import effective_rank, linear_cka
from pdcn.pages.embeddings import words as say
from pdcn.words import spoken

POINT, FEW = 1e-3, 0.1
"""A space is collapsed if its rows, at length one, spread less than POINT, or if fewer than FEW of them differ."""
KS = (10, 50)
SAMPLE = 3_000
"""Rows that a number is worked out from, where there are more; candidates are always all items."""
COLUMNS = ["metric", "about", "k", "arm", "seed", "other_arm", "other_seed", "value"]


def unit_rows(vectors: Numbers) -> Floats:
    """Each row at length one, (rows, H); a row of zeros stays.

    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    vectors = np.asarray(vectors, np.float32)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return cast(Floats, vectors / np.where(length > 0, length, 1))


def spread(rows: int, sample: int = SAMPLE) -> Ints:
    """At most `sample` of so many rows, evenly spaced.

    >>> spread(10, 4).tolist()
    [0, 3, 6, 9]
    """
    if rows <= sample:
        return np.arange(rows)
    return np.linspace(0, rows - 1, sample).round().astype(np.int64)


def neighbours(of: Numbers, among: Numbers, k: int, own: Ints | None = None) -> tuple[Ints, Floats]:
    """The k rows of `among` (N, H) with the largest dot product with each of a few rows `of` (n, H).

    Indices and scores, both (n, k), the best first, of equal ones the lower index first. `own` (n,) names the row of
    `among` that each is itself and that is left out. k is cut to what there is.
    """
    first, place, _ = different(np.asarray(among, np.float32))
    score = (np.asarray(of, np.float32) @ np.asarray(among, np.float32)[first].T)[:, place]  # (n, N), equal rows tie
    if own is not None:
        score[np.arange(len(score)), own] = -np.inf
    found = np.argsort(-score, axis=1, kind="stable")[:, : min(k, len(among) - (own is not None))]
    return found, np.take_along_axis(score, found, 1)


def alignment(queries: Numbers, positives: Numbers) -> float:
    """Mean squared distance of each query to the item that was chosen, (n, H) both, rows at length one.

    Wang & Isola, ICML 2020, Sec. 4.1, with exponent 2: between 0, the same place, and 4, opposite ones.
    """
    difference = unit_rows(queries).astype(np.float64) - unit_rows(positives)
    return float((difference**2).sum(1).mean())


def uniformity(vectors: Numbers) -> float:
    """Log of the mean of exp(-2 distance^2) over all pairs of rows, at length one: the lower, the more evenly spread.

    Wang & Isola, ICML 2020, Sec. 4.1, with t = 2. 0 where all are in one place; on a sphere of many directions it
    can't go below about -4.
    """
    unit = unit_rows(vectors)
    total, rows = 0.0, len(unit)
    size = max(1, CHUNK_SCORES // max(1, rows))
    for at in range(0, rows, size):
        cosine = unit[at : at + size] @ unit.T
        total += float(np.exp(4.0 * (cosine.astype(np.float64) - 1)).sum())
    same = float(np.exp(4.0 * ((unit.astype(np.float64) ** 2).sum(1) - 1)).sum())  # each row with itself
    return float(np.log((total - same) / (rows * (rows - 1))))


def hubness(counts: Numbers) -> float:
    """Skewness of how often each row (N,) is among the k neighbours of somebody (`Near.counts`).

    Radovanovic et al., JMLR 2010, Eq. (1). 0: everybody as often as anybody. Large: a few hubs are near everything.
    NaN where all come equally often.
    """
    off = np.asarray(counts, np.float64) - np.mean(counts)
    spread_of = np.sqrt((off**2).mean())
    return float((off**3).mean() / spread_of**3) if spread_of > 1e-9 * np.mean(counts) else float("nan")


@dataclass(frozen=True)
class Extent:
    """How far vectors (N, H), at length one, lie apart: `spread`, the root of their mean squared distance to their
    mean, between 0 and 1, and `differ`, how many of the `rows` differ."""

    spread: float
    differ: int
    rows: int

    @classmethod
    def of(cls, vectors: Numbers) -> Extent:
        """The extent of the vectors (N, H)."""
        unit = unit_rows(vectors)
        off = unit - unit.mean(0, dtype=np.float64)
        return cls(float(np.sqrt((off**2).sum(1).mean())), len(different(np.asarray(vectors))[0]), len(unit))

    @property
    def collapsed(self) -> bool:
        """Whether who is near whom is chance, or says nothing beyond which rows are the same."""
        return self.rows > 1 and (self.spread < POINT or self.differ < FEW * self.rows)

    def said(self, whose: str) -> str:
        """What is to be said of a collapsed space, in a sentence; `whose` is such as "the item vectors of parallel"."""
        if self.differ == 1:
            return say.ALL_THE_SAME(rows=f"{self.rows:,}", vectors=whose)
        if self.spread < POINT:
            spread, least = f"{self.spread:.1g}", f"{POINT:g}"
            return say.NEARLY_ONE_PLACE(rows=f"{self.rows:,}", vectors=whose, spread=spread, least=least)
        return say.FEW_DIFFER(rows=f"{self.rows:,}", vectors=whose, differ=f"{self.differ:,}")


@dataclass(frozen=True)
class Vectors:
    """What one model makes of the items (N, H) and of some queries (n, H) that chose the items `positive` (n,)."""

    items: Numbers
    queries: Numbers
    positive: Ints


@dataclass(frozen=True)
class _Seen:
    """What a model makes, its neighbours of items and of queries among the items, and the extent of both sides."""

    vectors: Vectors
    items: Near
    queries: Near
    extent: dict[str, Extent]

    @classmethod
    def of(cls, vectors: Vectors) -> _Seen:
        unit, rows = unit_rows(vectors.items), spread(len(vectors.items))
        extent = {"items": Extent.of(vectors.items), "queries": Extent.of(vectors.queries)}
        near = Near.of(unit[rows], unit, KS, own=rows), Near.of(vectors.queries, vectors.items, KS)
        return cls(vectors, *near, extent)


def numbers(models: Mapping[tuple[str, int], Vectors]) -> pd.DataFrame:
    """Every number of every model (arm, seed), and of every pair worth comparing: a row a number, columns COLUMNS.

    Pairs are two arms of one seed, and two seeds of one arm: the second is the yardstick for the first, as two
    trainings of the same wiring differ too. `about` says whose neighbours or vectors: those of items among items, or
    of queries among items. Items and queries beyond SAMPLE are sampled. Ties count as `near` says. Where a space is
    collapsed (`Extent`), "spread" and how many of the "vectors" "differ" say so, and what would be chance is NaN.
    """
    seen = {name: _Seen.of(vectors) for name, vectors in models.items()}
    rows = [row for name, own in seen.items() for row in _alone(name, own)]
    for one, other in combinations(seen, 2):
        if (one[0] == other[0]) != (one[1] == other[1]):
            rows += _pair(one, other, seen[one], seen[other])
    return pd.DataFrame(rows, columns=COLUMNS)


def _alone(name: tuple[str, int], seen: _Seen) -> Iterator[tuple[Any, ...]]:
    vectors, k, chance = seen.vectors, KS[0], seen.extent["items"].collapsed
    items = vectors.items[spread(len(vectors.items))]
    for about, extent in seen.extent.items():
        for metric, value in (("spread", extent.spread), ("vectors", extent.rows), ("differ", extent.differ)):
            yield metric, about, 0, *name, "", -1, value
    for metric, about, at, value in (
        ("alignment", "queries", 0, alignment(vectors.queries, vectors.items[vectors.positive])),
        ("uniformity", "items", 0, uniformity(items)),
        ("uniformity", "queries", 0, uniformity(vectors.queries)),
        ("effective rank", "items", 0, effective_rank(items)),
        ("effective rank", "queries", 0, effective_rank(vectors.queries)),
        ("hubness", "items", k, np.nan if chance else hubness(seen.items.counts(k))),
        ("hubness", "queries", k, np.nan if chance else hubness(seen.queries.counts(k))),
    ):
        yield metric, about, at, *name, "", -1, value


def _pair(one: tuple[str, int], other: tuple[str, int], a: _Seen, b: _Seen) -> Iterator[tuple[Any, ...]]:
    chance = {about: a.extent[about].collapsed or b.extent[about].collapsed for about in a.extent}
    for k in KS:
        for about in ("items", "queries"):  # both are neighbours among the items
            both = np.nan if chance["items"] else shared(getattr(a, about), getattr(b, about), k).mean()
            yield "overlap", about, k, *one, *other, both
    left, right, rows = a.vectors, b.vectors, spread(len(a.vectors.items))
    sides = {"items": (left.items[rows], right.items[rows]), "queries": (left.queries, right.queries)}
    for about, both in sides.items():
        yield "CKA", about, 0, *one, *other, np.nan if chance[about] else linear_cka(*both)


def collapsed_in_words(table: pd.DataFrame) -> list[str]:
    """A sentence for each arm, seed and side of `numbers` whose vectors are collapsed; none for tables of earlier
    versions."""
    found, measured = [], table[table["metric"].isin(["spread", "vectors", "differ"])]
    for (arm, seed, about), rows in measured.groupby(["arm", "seed", "about"], sort=False):
        value = rows.set_index("metric")["value"]
        extent = Extent(float(value["spread"]), int(value["differ"]), int(value["vectors"]))
        if extent.collapsed:
            found.append(extent.said(say.VECTORS_OF[str(about)](arm=spoken(str(arm)), seed=seed)))
    return found
