"""Recall curves of a run, or those of another metric, and paired differences between arms.

Needs no torch, so that pages read results at no cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from pdcn.evaluation.statistics import (
    detectable,
    expected_spread,
    holm,
    outcome,
    paired_interval,
    seeds_needed,
    usual_spread,
)
from pdcn.evaluation.verdict import Comparison
from pdcn.tasks.base import Measured, Metric


def curve_frame(measured: Measured, arms: tuple[str, ...], curve: Sequence[Metric]) -> pd.DataFrame:
    """Metrics of one class by K: columns `arm`, `seed` (-1 for baselines), `k`, `value`; mean over users."""
    if not curve:
        return pd.DataFrame(columns=["arm", "seed", "k", "value"])
    weights = measured.weights(type(curve[0]))
    owners = [(arm, seed, measured.cells[arm, seed]) for arm in arms for seed in measured.seeds(arm)]
    owners += [(name, -1, column) for name, column in measured.baselines.items()]
    frames = []
    for arm, seed, column in owners:
        values = type(curve[0]).means(curve, column, weights)
        frames.append(pd.DataFrame({"arm": arm, "seed": seed, "k": [one.k for one in curve], "value": values}))
    return pd.concat(frames, ignore_index=True)


def compare(
    measured: Measured, arms: tuple[str, ...], against: str, metrics: Sequence[Metric], *, detect: float | None = None
) -> list[Comparison]:
    """Every arm against the baseline arm in each metric, over the seeds that both finished.

    p-values are adjusted (Holm) over the arms and K of a class of metrics. For the first class, if it is in points, the
    number of seeds is estimated for a difference of `detect`, a share, and what the seeds that there are can find; not
    where that is None.
    """
    found: list[Comparison] = []
    for kind, own in groupby(metrics, type):
        first = kind is type(metrics[0]) and kind.unit == "points"
        found += _compare(measured, arms, against, list(own), detect if first else None)
    return found


def _compare(
    measured: Measured, arms: tuple[str, ...], against: str, metrics: list[Metric], detect: float | None
) -> list[Comparison]:
    found, users = [], len(np.unique(measured.user))
    shared = {arm: measured.seeds(arm, against) for arm in arms if arm != against}
    together = len(metrics) * max(1, sum(map(bool, shared.values())))
    sign = 1 if metrics[0].higher_is_better else -1
    for arm, seeds in shared.items():
        if not seeds:
            continue
        base = measured.by_user(against, seeds, metrics)
        interval = paired_interval(measured.by_user(arm, seeds, metrics) - base)
        level = base.mean((0, 1))
        for at, metric in enumerate(metrics):
            mean, error = float(interval.mean[at]), float(interval.user_error[at])
            spread = float(interval.seed_spread[at])
            usual = usual_spread(float(interval.seed_floor[at]), float(level[at]))
            needed = reach = None
            if detect is not None and len(seeds) > 1:
                expected, freedom = expected_spread(spread, usual, len(seeds))
                needed = seeds_needed(expected, error, detect, together, freedom)
                reach = detectable(expected, error, len(seeds), together, freedom)
            found.append(
                Comparison(
                    arm,
                    against,
                    metric,
                    mean,
                    float(interval.low[at]),
                    float(interval.high[at]),
                    "too few seeds",
                    len(seeds),
                    users,
                    len(measured.user),
                    100 * mean / float(level[at]) if level[at] else None,
                    float(interval.p[at]),
                    seed_spread=spread if len(seeds) > 1 else None,
                    usual_spread=usual if len(seeds) > 1 else None,
                    user_error=error,
                    seeds_needed=needed,
                    detectable=reach,
                )
            )
    adjusted = holm(np.array([c.p for c in found])).tolist() if found else []
    return [
        replace(c, adjusted=p, verdict=outcome(sign * c.difference, p, c.seeds))
        for c, p in zip(found, adjusted, strict=True)
    ]


def difference_frame(measured: Measured, arms: tuple[str, ...], against: str, curve: Sequence[Metric]) -> pd.DataFrame:
    """Records of comparisons by row, for K on a log scale: the paired difference curve with its interval."""
    rows: list[dict[str, Any]] = [c.record() for c in compare(measured, arms, against, curve)] if curve else []
    return pd.DataFrame(rows, columns=list(Comparison.RECORD))
