"""Speed against quality: which points nobody beats in both, and what an approximate index saves and loses.

Knows no torch.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from pdcn.pages.latency import words as say
from pdcn.words import capital, micro, points

LOSS = 0.01
"""Recall that an approximate index may lose here, a share: one point."""
ALIKE = 0.1
"""Two times that differ by less than this share are called alike: no interval is known of them."""
FEW = 20_000
"""Items below which reading all of them is little work."""


def front(found: pd.DataFrame) -> pd.Series:
    """Whether no other point has at most the same `p50` and at least the same `recall`, and betters one of them.

    >>> front(pd.DataFrame({"p50": [1.0, 2.0, 3.0, 2.0], "recall": [0.2, 0.3, 0.3, 0.1]})).tolist()
    [True, True, False, False]
    """
    kept = []
    for time, recall in zip(found["p50"], found["recall"], strict=True):
        there = (found["p50"] <= time) & (found["recall"] >= recall)
        better = (found["p50"] < time) | (found["recall"] > recall)
        kept.append(not bool((there & better).any()))
    return pd.Series(kept, index=found.index, dtype=bool)


def pays(rows: pd.DataFrame, arm: str) -> bool:
    """Whether an approximate index that loses at most `LOSS` of recall is clearly faster for an arm than exact search.

    `rows` as those of `serving_in_words`.
    """
    own = rows[rows["arm"] == arm]
    exact, other = own[own["index"] == "exact"], own[own["index"] != "exact"]
    good = other[other["recall"] - other["recall_exact"] >= -LOSS]
    return bool(len(good)) and bool(exact["p50"].min() / good["p50"].min() > 1 + ALIKE)


def serving_in_words(rows: pd.DataFrame, arm: str, name: str) -> str:
    """What an approximate index buys an arm, in one sentence; `name` is the arm in words.

    `rows` is of one batch size, number of threads and catalogue. The index that is held against exact search is the
    fastest setting that loses at most `LOSS` of recall.
    """
    own = rows[rows["arm"] == arm].assign(lost=rows["recall"] - rows["recall_exact"])
    exact = own[own["index"] == "exact"].sort_values("p50").iloc[0]
    known = {"arm": capital(name), "exact": micro(exact["p50"])}
    other = own[own["index"] != "exact"]
    if other.empty:
        return say.EXACT_ONLY(**known)
    good = other[other["lost"] >= -LOSS].sort_values("p50")
    if good.empty:
        least = other.sort_values("lost").iloc[-1].to_dict()
        return say.ALL_LOSE(setting=_setting(least), lost=_lost(least), **known)
    best = good.iloc[0].to_dict()
    known |= {"setting": _setting(best), "other": micro(best["p50"])}
    times = exact["p50"] / best["p50"]
    if times > 1 + ALIKE:
        return say.INDEX_WINS(times=f"{times:.1f}", lost=_lost(best), **known)
    if times < 1 / (1 + ALIKE):
        few = say.LITTLE_TO_SKIP(items=f"{int(best['items']):,}") if best["items"] < FEW else ""
        return say.EXACT_WINS(**known) + few
    return say.INDEX_ALIKE(lost=_lost(best), **known)


def share_in_words(rows: pd.DataFrame) -> str:
    """Which part of a whole exact call the query tower makes, over all arms, by medians: where a wiring could save
    anything."""
    exact = rows[rows["index"] == "exact"].sort_values("p50").drop_duplicates("arm")
    share = exact["encode_p50"] / (exact["encode_p50"] + exact["search_p50"])
    low, high = f"{share.min():.0%}", f"{share.max():.0%}"
    return say.SHARE(share=low if low == high else say.SHARE_RANGE(low=low, high=high))


def _setting(row: dict[Hashable, Any]) -> str:
    index = say.INDEXES[row["index"]]
    return say.INDEX_SETTING(index=index, setting=row["setting"]) if row["setting"] else index


def _lost(row: dict[Hashable, Any]) -> str:
    return say.LOST(points=points(row["lost"]), k=int(row["k"]))
