"""Recall curves of a run, or those of another metric, and paired differences between arms.

Needs no torch, so that pages read results at no cost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from pdcn.evaluation.comparison import Comparison
from pdcn.evaluation.looks import Looks
from pdcn.evaluation.power import detectable, expected_spread, seeds_needed, usual_spread
from pdcn.evaluation.statistics import LEVEL, RESAMPLES, in_order, outcome, paired_interval
from pdcn.tasks.measured import Measured
from pdcn.tasks.metric import Metric


def curve_frame(measured: Measured, arms: tuple[str, ...], curve: Sequence[Metric]) -> pd.DataFrame:
    """Metrics of one class by K: columns `arm`, `seed` (-1 for baselines), `k`, `value`; mean over users."""
    if not curve:
        return pd.DataFrame(columns=["arm", "seed", "k", "value"])
    owners = [(arm, seed, measured.cells[arm, seed]) for arm in arms for seed in measured.seeds(arm)]
    owners += [(name, -1, column) for name, column in measured.baselines.items()]
    frames = []
    for arm, seed, column in owners:
        values = measured.means(column, curve, seed)
        frames.append(pd.DataFrame({"arm": arm, "seed": seed, "k": [one.k for one in curve], "value": values}))
    return pd.concat(frames, ignore_index=True)


def compare(
    measured: Measured,
    arms: tuple[str, ...],
    against: str,
    metrics: Sequence[Metric],
    headline: Metric,
    *,
    detect: float | None = None,
    looks: Looks | None = None,
) -> list[Comparison]:
    """Every arm against the baseline arm in each metric, over the seeds that both finished.

    The headline is the one test that was stated in advance, its p-values adjusted (Holm) over the arms and nothing
    else. The other metrics follow it one by one (`in_turn`), each only once all arms are told apart in all before it;
    from there on they are "not tested". For a headline in points, the number of seeds is estimated for a difference of
    `detect`, a share, and what the seeds that there are can find; not where that is None, where the seeds were trained
    on users drawn anew, or where there are several `looks`, all of which intervals and p-values then count.
    """
    if measured.resampled or looks:  # more seeds do not average the luck of the one training set away
        detect = None
    counted = sum(arm != against and bool(measured.seeds(arm, against)) for arm in arms)
    found = [
        one
        for _, own in groupby(metrics, type)
        for one in _differences(measured, arms, against, list(own), counted, looks)
    ]
    turn = {metric: at for at, metric in enumerate(in_turn(metrics, headline))}
    rows = sorted(range(len(found)), key=lambda at: turn[found[at].metric])  # the arms of a metric stay in their order
    p = np.array([found[at].p if found[at].seeds > 1 else 1.0 for at in rows])
    adjusted = in_order(p.reshape(len(metrics), counted))
    open_ = np.concatenate([[True], np.maximum.accumulate(adjusted.max(1, initial=0))[:-1] <= 1 - LEVEL])
    for at, stands, tested in zip(rows, adjusted.ravel().tolist(), open_.repeat(counted), strict=True):
        one = found[at]
        sign = 1 if one.metric.higher_is_better else -1
        verdict = outcome(sign * one.difference, stands, one.seeds) if tested or one.seeds < 2 else "not tested"
        found[at] = replace(one, adjusted=stands, verdict=verdict)
        if one.metric == headline and detect is not None and headline.unit == "points" and one.seeds > 1:
            found[at] = replace(found[at], **_reach(one, detect))
    return found


def in_turn(metrics: Sequence[Metric], headline: Metric) -> list[Metric]:
    """The order in which metrics are tested: the headline, then its class at the other K, the nearest first, then the
    other classes, from large K to small."""

    def place(metric: Metric) -> tuple[int, float, int]:
        if type(metric) is type(headline) and metric.k and headline.k:
            return 0, abs(math.log(metric.k / headline.k)), metric.k
        return 1 + [type(one) for one in metrics].index(type(metric)), 0.0, -(metric.k or 0)

    return sorted(metrics, key=place)


def _reach(c: Comparison, detect: float) -> dict[str, Any]:
    """How many seeds would find `detect`, and what those at hand find."""
    assert c.seed_spread is not None
    assert c.usual_spread is not None
    assert c.seed_floor is not None
    expected, freedom = expected_spread(c.seed_spread, c.usual_spread, c.seeds)
    return {
        "seeds_needed": seeds_needed(expected, c.user_error, detect, c.counted, freedom, c.seed_floor),
        "detectable": detectable(expected, c.user_error, c.seeds, c.counted, freedom, c.seed_floor),
    }


def _differences(
    measured: Measured,
    arms: tuple[str, ...],
    against: str,
    metrics: list[Metric],
    counted: int = 1,
    looks: Looks | None = None,
) -> list[Comparison]:
    """Of metrics of one class, each with its own interval and p-value, which nothing has adjusted yet."""
    found = []
    for arm in arms:
        seeds = [] if arm == against else measured.seeds(arm, against)
        if not seeds:
            continue
        base = measured.by_user(against, seeds, metrics)
        apart = measured.by_user(arm, seeds, metrics) - base
        more: dict[str, Any] = {"resamples": 2 * RESAMPLES, "chance": looks.chance} if looks else {}
        interval = paired_interval(apart, sets=measured.sets_of(seeds), worlds=measured.worlds, **more)
        if looks:
            interval = replace(interval, p=looks.counted(interval.p))
        level = base.mean((0, 1))
        users, events = measured.size(seeds)
        if not measured.worlds:  # some have no value of a metric that compares the events of a user
            users = apart.shape[1]
        for at, metric in enumerate(metrics):
            mean, p = float(interval.mean[at]), float(interval.p[at])
            spread, floor = float(interval.seed_spread[at]), float(interval.seed_floor[at])
            several, of_sets = len(seeds) > 1, float(interval.set_spread[at])
            found.append(
                Comparison(
                    arm,
                    against,
                    metric,
                    mean,
                    float(interval.low[at]),
                    float(interval.high[at]),
                    outcome(mean if metric.higher_is_better else -mean, p, len(seeds)),
                    len(seeds),
                    users,
                    events,
                    100 * mean / float(level[at]) if level[at] else None,
                    p,
                    p,
                    counted,
                    seed_spread=spread if several else None,
                    seed_floor=floor if several else None,
                    usual_spread=usual_spread(floor, float(level[at])) if several else None,
                    user_error=float(interval.user_error[at]),
                    looks=looks.made if looks else 0,
                    set_spread=None if math.isnan(of_sets) else of_sets,
                    sets=0 if math.isnan(of_sets) else len({*measured.sets_of(seeds)}),
                )
            )
    return found


def difference_frame(measured: Measured, arms: tuple[str, ...], against: str, curve: Sequence[Metric]) -> pd.DataFrame:
    """Records of comparisons by row, for K on a log scale: the paired difference curve, each K by itself."""
    rows: list[dict[str, Any]] = [c.record() for c in _differences(measured, arms, against, [*curve])] if curve else []
    return pd.DataFrame(rows, columns=list(Comparison.RECORD))
