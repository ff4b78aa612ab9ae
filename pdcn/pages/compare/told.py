"""What the figures of the Compare page show, each in a sentence with its own numbers."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pdcn.pages.compare import words as say
from pdcn.words import listed, spoken


def curves_told(curves: pd.DataFrame) -> str:
    """Which arm's mean curve is the highest over the K that are drawn, or how an arm alone stands beside popularity.

    `curves` as `curve_frame` makes it. Arms with the same value at a K share the lead there. Nothing where there is
    nothing to hold an arm against.

    >>> one = pd.DataFrame({"arm": "parallel", "seed": 0, "k": [1, 2], "value": [0.2, 0.3]})
    >>> other = one.assign(arm="sequential", value=[0.1, 0.3])
    >>> curves_told(pd.concat([one, other])), curves_told(one)
    ('The curve of parallel is above that of sequential at 1 of 2 K, and never below.', '')
    """
    means = curves[curves["seed"] >= 0].pivot_table(index="k", columns="arm", values="value", sort=False)
    arms = list(means.columns)
    if not arms:
        return ""
    if len(arms) == 1:
        means["popularity"] = curves[curves["arm"] == "popularity"].set_index("k")["value"]
        if means["popularity"].isna().any():
            return ""
    ahead = {arm: int((means[arm] > means.drop(columns=arm).max(axis=1)).sum()) for arm in arms}
    best = max(arms, key=lambda arm: ahead[arm])
    others = means.drop(columns=best)
    never_below = bool((means[best] >= others.max(axis=1)).all())
    known = {"arm": spoken(best), "count": ahead[best], "every": len(means)}
    if len(arms) > 2:
        told = say.HIGHEST_EVERYWHERE if ahead[best] == len(means) else say.HIGHEST_AT
        return told(**known, arms=len(arms)) if ahead[best] else say.CURVES_ALIKE
    known["other"] = spoken(str(others.columns[0]))
    if ahead[best] == len(means):
        return say.ABOVE_EVERYWHERE(**known)
    if never_below:
        return say.ABOVE_NEVER_BELOW(**known) if ahead[best] else say.CURVES_ALIKE
    return say.ABOVE_AT(**known) if ahead[best] else say.BELOW_EVERYWHERE(**known)


def training_told(kept: Mapping[tuple[str, int], int]) -> str:
    """At which steps the trainings of each arm were the best on validation, from the step by arm and seed.

    >>> training_told({("parallel", 0): 1200, ("parallel", 1): 900, ("deep_only", 0): 400})
    'Validation was best at steps 900 to 1,200 for parallel and at step 400 for deep only.'
    """
    parts = []
    for arm in dict.fromkeys(arm for arm, _ in kept):
        steps = [step for (own, _), step in kept.items() if own == arm]
        first, last = f"{min(steps):,}", f"{max(steps):,}"
        if first != last:
            parts.append(say.BEST_AT_STEPS(first=first, last=last, arm=spoken(arm)))
        else:
            parts.append(say.BEST_AT_STEP(step=first, arm=spoken(arm)))
    return say.BEST_ON_VALIDATION(parts=listed(parts)) if parts else ""
