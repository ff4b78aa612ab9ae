"""What a household did before each of its visits: strictly earlier visits, no other.

Shapes: n lines, V visits (a household at one moment); `first` (V,) is the first visit of the same household, lines and
visits of a household lie together.
"""

from __future__ import annotations

from itertools import islice, pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pdcn.arrays import Codes, Doubles, Flags, Ints

HOUSEHOLDS_A_BLOCK = 64  # bounds the memory of `favourites`: visits of a block x kinds


def find_visits(lines: pd.DataFrame) -> tuple[pd.DataFrame, Ints]:
    """Visits (V rows: household, when) sorted by both, and each line's visit (n,).

    Baskets that a household paid at one moment are one visit: neither came before the other.
    """
    start = int(lines["when"].min())
    span = int(lines["when"].max()) - start + 1
    keys = lines["household"].to_numpy() * span + (lines["when"].to_numpy() - start)
    visits, visit = np.unique(keys, return_inverse=True)
    found = pd.DataFrame({"household": visits // span, "when": visits % span + start})
    return found, visit.astype(np.int64)


def history(lines: pd.DataFrame, visits: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """What is known of a household when a visit begins (V rows): its earlier visits, no other.

    Categoricals are empty and numbers NaN where there is no earlier visit.
    """
    rows = lines.take(np.argsort(lines["visit"].to_numpy(), kind="stable"))
    visit = rows["visit"].to_numpy()
    product = rows["product"].to_numpy()
    household = visits["household"].to_numpy()
    first: Ints = np.searchsorted(household, household)
    numbers = _past_numbers(
        visit,
        cents=rows["cents"].to_numpy(),
        private=(products["brand"] == "Private").to_numpy()[product],
        when=visits["when"].to_numpy(),
        first=first,
    )
    departments, categories = products["department"].array, products["category"].array
    department = departments.codes[product]
    best = favourites(visit, department, first, len(departments.categories), 3)
    category = categories.codes[product]
    best_category = favourites(visit, category, first, len(categories.categories), 1)
    last = _last_favourite(visit, department, first, len(departments.categories))
    return pd.DataFrame(
        {
            **{f"favourite_department_{at + 1}": _named(best[:, at], departments) for at in range(3)},
            "favourite_category": _named(best_category[:, 0], categories),
            "last_department": _named(last, departments),
            **numbers,
        }
    )


def _past_numbers(visit: Ints, *, cents: Ints, private: Flags, when: Ints, first: Ints) -> dict[str, Doubles]:
    """Numbers (V,) of the earlier visits; NaN where there is none."""
    visits = np.arange(len(first)) - first
    lines = _before(np.bincount(visit, minlength=len(first)), first)
    spent = _before(np.bincount(visit, cents, len(first)), first)
    own = _before(np.bincount(visit, private, len(first)), first)
    some = visits > 0
    away = np.full(len(first), np.nan)
    away[1:] = np.diff(when) / 86_400

    def mean(total: Doubles, count: Doubles) -> Doubles:
        ratio: Doubles = np.divide(total, count, out=np.full(len(first), np.nan), where=some)
        return ratio

    return {
        "days": np.where(some, away, np.nan),
        "lines": mean(lines, visits.astype(np.float64)),
        "spent": mean(spent / 100, visits.astype(np.float64)),
        "private": mean(own, lines),
        "visits": np.where(some, visits, np.nan),
    }


def _before(amount: Ints | Doubles, first: Ints) -> Doubles:
    """Sums (V,) of an amount of each visit (V,) over the earlier visits of the household.

    >>> _before(np.array([2, 3, 1, 5]), np.array([0, 0, 0, 3])).tolist()
    [0.0, 2.0, 5.0, 0.0]
    """
    total: Doubles = np.cumsum(amount, dtype=np.float64) - amount
    return total - total[first]


def tally(row: Ints, kind: NDArray[np.integer], rows: int, kinds: int) -> Codes:
    """Counts (rows, kinds) of the pairs of a row (n,) and a kind (n,); kind -1 is left out."""
    known = kind >= 0
    cells = row[known] * kinds + kind[known]
    return np.bincount(cells, minlength=rows * kinds).astype(np.int32).reshape(rows, kinds)


def favourites(visit: Ints, kind: NDArray[np.integer], first: Ints, kinds: int, best: int) -> Ints:
    """The `best` kinds (V, best) with most lines in the earlier visits of the household; -1: none.

    `visit` (n,) is sorted; of kinds with equally many lines the lower comes first.

    >>> visit, kind = np.array([0, 0, 0, 1, 1, 2]), np.array([4, 4, 1, 1, 1, 0])
    >>> favourites(visit, kind, np.zeros(3, int), 5, 2).tolist()
    [[-1, -1], [4, 1], [1, 4]]
    """
    found = np.full((len(first), best), -1, np.int64)
    edges = [*np.unique(first)[::HOUSEHOLDS_A_BLOCK].tolist(), len(first)]
    for low, high in pairwise(edges):
        part = slice(*np.searchsorted(visit, [low, high]))
        counts = tally(visit[part] - low, kind[part], high - low, kinds)
        before = counts.cumsum(axis=0, dtype=np.int32) - counts  # (visits of the block, kinds)
        before -= before[first[low:high] - low]
        every = np.arange(high - low)
        for place in range(best):
            top = before.argmax(axis=1)
            found[low:high, place] = np.where(before[every, top] > 0, top, -1)
            before[every, top] = 0
    return found


def _last_favourite(visit: Ints, kind: NDArray[np.integer], first: Ints, kinds: int) -> Ints:
    """The kind (V,) with most lines in the previous visit of the household; -1: no such visit."""
    top = tally(visit, kind, len(first), kinds).argmax(axis=1)
    return np.where(np.arange(len(first)) > first, np.roll(top, 1), -1)


def bought_before(lines: pd.DataFrame, visits: pd.DataFrame, catalogue: Ints, places: int) -> Codes:
    """Products that a household bought in earlier visits, (V, places): their places in the catalogue from 1, each once,
    those bought latest first; 0 where there are no more."""
    rows = lines[np.isin(lines["product"], catalogue)].sort_values(["visit", "product"])
    bought = (np.searchsorted(catalogue, rows["product"]) + 1).tolist()
    edges = np.searchsorted(rows["visit"], np.arange(len(visits) + 1)).tolist()
    found = np.zeros((len(visits), places), np.int32)
    household, held = None, dict[int, None]()
    for visit, own in enumerate(visits["household"].tolist()):
        if own != household:
            household, held = own, {}
        latest = list(islice(reversed(held), places))
        found[visit, : len(latest)] = latest
        for product in bought[edges[visit] : edges[visit + 1]]:
            held.pop(product, None)  # it moves to the end, where the latest stand
            held[product] = None
    return found


def _named(codes: Ints, kinds: pd.Categorical) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, categories=kinds.categories)
