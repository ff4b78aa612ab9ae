"""Cross networks and MLPs on a function of the DCN-V2 paper, as the bundled study trains them from its first seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from pdcn.jobs.analysis import Say, Settings
from pdcn.pages.cross_lab.learn.paper import entries, seconds
from pdcn.pages.cross_lab.work.learning import one_by_one
from pdcn.research.fitting import Regressed, Regression, trained
from pdcn.research.targets import TARGETS, Entry

SEED = 0


def inspect(
    opened: None, settings: Settings, say: Say, so_far: Callable[[Mapping[str, pd.DataFrame]], None] = lambda _: None
) -> dict[str, pd.DataFrame]:
    """The tables of `learning.one_by_one` for the function that the settings name."""
    function = str(settings["function"])
    target = TARGETS[function](np.random.default_rng(SEED))

    def train(entry: Entry) -> tuple[Regression, Regressed]:
        draws = np.random.default_rng(SEED)  # draws the function once more and goes on with the data, as the study does
        return trained(entry, TARGETS[function](draws), draws, SEED)

    asked = sorted(zip(entries(function), seconds(function), strict=True), key=lambda one: one[1])  # the quick first
    return one_by_one(asked, target, train, say, so_far)
