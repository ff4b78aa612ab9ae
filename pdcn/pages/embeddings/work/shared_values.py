"""What selected points have in common: the values that are more frequent among them than among all."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from pdcn.arrays import Flags

COLUMNS = ["field", "value", "selected", "all", "weight"]


def in_common(fields: dict[str, pd.Series[Any]], chosen: Flags, top: int = 8) -> pd.DataFrame:
    """The most telling values of the `chosen` rows, `top` at most: `field`, `value`, share `selected`, share of `all`.

    `weight` is a value's part of the Kullback-Leibler divergence of the selection from all rows, p log(p / q) in
    nats: large where a value is both frequent in the selection and rarer elsewhere. Numbers are left out. A value
    must be shared by two rows, where there are two.

    >>> fields = {"Aisle": pd.Series(["dairy", "dairy", "bread", "bread"])}
    >>> in_common(fields, np.array([True, True, False, False])).round(2).values.tolist()
    [['Aisle', 'dairy', 1.0, 0.5, 0.69]]
    """
    rows: list[tuple[str, str, float, float, float]] = []
    total, many = len(chosen), int(chosen.sum())
    for label, values in fields.items():
        if not many or pd.api.types.is_numeric_dtype(values):
            continue
        words = values.astype(str).to_numpy(object)
        every, own = Counter(words.tolist()), Counter(words[chosen].tolist())
        for value, count in own.items():
            share, usual = count / many, every[value] / total
            if count < min(2, many):
                continue
            if share > usual:
                rows.append((label, value, share, usual, share * float(np.log(share / usual))))
    rows.sort(key=lambda row: (-row[4], row[0], row[1]))
    return pd.DataFrame(rows[:top], columns=COLUMNS)
