"""What a trained model relies on, in words: recall with a branch muted or its crosses bypassed. Knows no torch."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from pdcn.pages.inside.work import words as say
from pdcn.words import capital, points, span, spoken

INTACT = say.INTACT
BYPASS = "bypass cross"


def change_words(change: str) -> str:
    """A change of a model in words.

    >>> change_words("mute deep"), change_words("mute expert 2"), change_words(BYPASS), change_words(INTACT)
    ('deep branch muted', 'expert 2 muted', 'crosses bypassed', 'intact')
    """
    if change == BYPASS:
        return say.BYPASSED
    muted = change.removeprefix("mute ")
    if muted == change:
        return change
    return say.MUTED(branch=muted) if muted.isidentifier() else say.MUTED_EXPERT(expert=muted)


def in_words(drops: pd.DataFrame, arms: tuple[str, ...], sides: str) -> str:
    """What changing the towers of `sides` does to recall: a sentence, and a line a change; "" where nothing can be.

    `drops` as `pdcn.pages.inside.work.muting.recall_frames` makes it, of all arms, with a column `arm`.
    """
    own = drops[drops["sides"] == sides]
    lines = []
    for change in sorted(own["change"].unique(), key=lambda one: one == BYPASS):
        of_arms = [
            _size(arm, row)
            for arm in arms
            for row in own[(own["arm"] == arm) & (own["change"] == change)].to_dict("records")
        ]
        if of_arms:
            lines.append(say.CHANGE(change=capital(change_words(change)), arms="; ".join(of_arms)))
    if not lines:
        return ""
    several = int(own["seeds"].min()) > 1
    first = (say.CHANGES if several else say.CHANGES_OF_ONE_SEED)(k=int(own["k"].iloc[0]))
    return "\n".join((first, "", *lines))


def _size(arm: str, row: dict[Hashable, Any]) -> str:
    known = {"arm": spoken(arm), "points": points(row["difference"])}
    if row["verdict"] == "too few seeds":
        return say.OF_ARM_ONE_SEED(**known)
    size = say.OF_ARM(**known, interval=span(row["low"], row["high"]))
    if row["verdict"] != "no detectable difference":
        return size
    sure = row["low"] > 0 or row["high"] < 0
    return (say.NOT_AFTER_ALL if sure else say.NOT_DETECTABLE)(change=size)
