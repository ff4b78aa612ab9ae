"""Are the crosses that a tower learned the ones that were planted? Average precision and AUC over pairs of fields."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

import numpy as np
import pandas as pd

from pdcn.sources.truth import PlantedCross


def planted_pairs(crosses: Collection[PlantedCross], side: str) -> set[frozenset[str]]:
    """The pairs of fields that meet in a planted cross of a side; one of three fields plants three pairs.

    >>> sorted(map(sorted, planted_pairs([PlantedCross("query", ("a", "b", "c"), 1.0)], "query")))
    [['a', 'b'], ['a', 'c'], ['b', 'c']]
    """
    own = [cross.fields for cross in crosses if cross.side == side]
    return {frozenset(pair) for fields in own for pair in combinations(fields, 2)}


def recovery_frame(pairs: pd.DataFrame, truth: set[frozenset[str]], by: list[str], value: str) -> pd.DataFrame:
    """How high the planted pairs stand among all pairs of two fields, ordered by `value`: a row for each of `by`.

    `average_precision` against `chance`, the share of planted pairs, which a random order has on average; `auc` is the
    chance that a planted pair stands above another one, 0.5 at random. Empty where no pair is planted, or every one.
    """
    from sklearn.metrics import average_precision_score, roc_auc_score

    rows = pairs[pairs["a"] != pairs["b"]]
    is_true = np.array([frozenset(pair) in truth for pair in zip(rows["a"], rows["b"], strict=True)], dtype=bool)
    found = []
    for key, own in rows.assign(true=is_true).groupby(by, sort=False):
        true = own["true"].to_numpy()
        if 0 < true.sum() < len(true):
            score = own[value].to_numpy()
            found.append((*key, average_precision_score(true, score), roc_auc_score(true, score), true.mean()))
    return pd.DataFrame(found, columns=[*by, "average_precision", "auc", "chance"])
