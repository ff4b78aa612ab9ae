"""What a trained model relies on, in words: recall with a branch muted or its crosses bypassed. Knows no torch."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from pdcn.words import points, span, spoken

INTACT = "intact"
BYPASS = "bypass cross"


def change_words(change: str) -> str:
    """A change of a model in words.

    >>> change_words("mute deep"), change_words(BYPASS), change_words(INTACT)
    ('deep branch muted', 'crosses bypassed', 'intact')
    """
    if change == BYPASS:
        return "crosses bypassed"
    return f"{change.removeprefix('mute ')} branch muted" if change.startswith("mute ") else change


def in_words(drops: pd.DataFrame, arms: tuple[str, ...], sides: str) -> str:
    """What changing the towers of `sides` does to recall, every change and arm in one sentence; "" where nothing can
    be.

    `drops` as `pdcn.pages.inside.work.muting.recall_frames` makes it, of all arms, with a column `arm`.
    """
    own = drops[drops["sides"] == sides]
    parts = []
    for change in sorted(own["change"].unique(), key=lambda one: one == BYPASS):
        of_arms = [
            f"{spoken(arm)} {_size(row)}"
            for arm in arms
            for row in own[(own["arm"] == arm) & (own["change"] == change)].to_dict("records")
        ]
        if of_arms:
            parts.append(f"{change_words(change)}: {', '.join(of_arms)}")
    if not parts:
        return ""
    several = int(own["seeds"].min()) > 1
    basis = "points, 95% intervals" if several else "points; one seed cannot tell whether another would say the same"
    return f"Recall@{int(own['k'].iloc[0])} against the intact model: {'; '.join(parts)} ({basis})."


def _size(row: dict[Hashable, Any]) -> str:
    if row["verdict"] == "too few seeds":
        return points(row["difference"])
    size = f"{points(row['difference'])} {span(row['low'], row['high'])}"
    if row["verdict"] != "no detectable difference":
        return size
    sure = row["low"] > 0 or row["high"] < 0
    return f"{size}, {'which does not stand after Holm' if sure else 'no detectable difference'}"
