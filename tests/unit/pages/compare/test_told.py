"""What the figures of the Compare page show, in sentences, counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from pdcn.pages.compare.told import curves_told


def curve(arm: str, *recalls: float, seed: int = 0) -> pd.DataFrame:
    return pd.DataFrame({"arm": arm, "seed": seed, "k": [1, 10, 100], "value": recalls})


LOW, HIGH = curve("sequential", 0.1, 0.2, 0.3), curve("parallel", 0.2, 0.3, 0.4)
CROSSING = curve("deep_only", 0.3, 0.1, 0.1)
POPULARITY = curve("popularity", 0.1, 0.1, 0.9, seed=-1)


@pytest.mark.parametrize(
    ("curves", "told"),
    [
        ([LOW, HIGH, POPULARITY], "The curve of parallel is above that of sequential at every K."),
        ([LOW, LOW.assign(arm="parallel")], "The curves lie on each other."),
        ([LOW, CROSSING], "The curves cross: that of sequential is above that of deep only at 2 of 3 K."),
        ([LOW, HIGH, CROSSING], "The curves cross: of the 3 arms, parallel is the highest most often, at 2 of 3 K."),
        ([LOW, HIGH, CROSSING.assign(value=0.0)], "Of the 3 arms, parallel has the highest curve at every K."),
        ([HIGH, POPULARITY], "The curves cross: that of parallel is above that of popularity at 2 of 3 K."),
        ([LOW.assign(value=0.0), POPULARITY], "The curve of sequential is never above that of popularity."),
        ([HIGH], ""),
        ([POPULARITY], ""),
    ],
)
def test_the_arm_with_the_highest_curve_is_named(curves: list[pd.DataFrame], told: str) -> None:
    assert curves_told(pd.concat(curves)) == told


def test_seeds_count_by_their_mean() -> None:
    one, other = curve("parallel", 0.0, 0.0, 0.0), curve("parallel", 0.3, 0.5, 0.7, seed=1)  # a mean of .15, .25, .35
    assert curves_told(pd.concat([one, other, LOW])) == "The curve of parallel is above that of sequential at every K."
