"""The importance analysis: what is lost without each cross, and with W cut to a rank."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd

from pdcn.arrays import Floats, Ints
from pdcn.config import sets_of
from pdcn.host import cores
from pdcn.jobs.analysis import Say, Settings
from pdcn.pages.crosses.words import INTERVALS
from pdcn.pages.crosses.work.importance import cuts, losses, measured_without, named, removals
from pdcn.pages.crosses.work.scoring import sampled, scored
from pdcn.runs.trained import TrainedRun
from pdcn.tasks.metric import Metric
from pdcn.training.device import one_thread

Measured = tuple[Floats, list[tuple[str, int, Floats]]]
"""Of one model: what was measured without each cross, and with W cut to each rank of each side."""


def inspect(opened: TrainedRun, settings: Settings, say: Say) -> dict[str, pd.DataFrame]:
    """Tables `drops` (a row a pair of fields, measure and arm, with its interval over seeds and users), `seeds` (the
    same drops by seed) and `cuts` (the metric with every cross layer of a tower cut to a rank, with its interval).

    All of the run's headline, on the same `events` test events: recall at a K, or grouped AUC, which has none.
    """
    dataset = opened.data.dataset
    events = sampled(opened, int(settings["events"]))
    user = dataset.user[events]
    scorings = {
        (arm, seed): scored(opened.any_model(arm, seed), opened.data, events)
        for arm in opened.arms
        for seed in opened.folder.seeds_of(arm)
    }
    asked = {arm: removals(scorings[arm, opened.folder.seeds_of(arm)[0]]) for arm in opened.arms}
    total, done, lock = sum(len(asked[arm]) for arm, _ in scorings), 0, Lock()

    def step() -> None:
        nonlocal done
        with lock:
            done += 1
            say(0.95 * done / max(1, total), "")

    def measure(of: tuple[str, int]) -> Measured:
        arm, seed = of
        return measured_without(scorings[of], asked[arm], seed, step), list(cuts(scorings[of]))

    with ThreadPoolExecutor(cores(), initializer=one_thread) as pool:
        found = dict(zip(scorings, pool.map(measure, scorings), strict=True))
    say(0.96, INTERVALS)
    by_pair, by_seed, by_rank = [], [], []
    for arm in opened.arms:
        seeds = opened.folder.seeds_of(arm)
        one = scorings[arm, seeds[0]]
        facts: dict[str, Any] = {"arm": arm, "k": one.metric.k, "events": len(events)}
        own = [found[arm, seed] for seed in seeds]
        sets = sets_of(seeds, opened.folder.experiment.drawn_sets)
        if asked[arm]:
            what, lost = named(asked[arm], one), losses([column for column, _ in own], user, one.metric, sets)
            by_pair.append(pd.concat([what, lost.frame], axis=1).assign(**facts))
            by_seed += [
                what.assign(drop=lost.drop[place], moved=lost.moved[place], seed=seed, **facts)
                for place, seed in enumerate(seeds)
            ]
        if own[0][1]:
            widths = {side: tower.width for side, tower in one.towers.items()}
            frame = _cut_frame(own, user, one.metric, sets)
            by_rank.append(frame.assign(width=frame["side"].map(widths), **facts))
    return {"drops": _all(by_pair), "seeds": _all(by_seed), "cuts": _all(by_rank)}


def _cut_frame(own: list[Measured], user: Ints, metric: Metric, sets: Sequence[int]) -> pd.DataFrame:
    measured = [np.stack([intact[:, 0], *(cut for _, _, cut in by_rank)], axis=1) for intact, by_rank in own]
    where = pd.DataFrame([(side, rank) for side, rank, _ in own[0][1]], columns=["side", "rank"])
    return pd.concat([where, losses(measured, user, metric, sets).frame], axis=1)


def _all(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["arm", "side"])
