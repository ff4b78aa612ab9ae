"""What each point of each tower keeps of its input, what each branch contributes, and how both came to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from pdcn.arrays import Ints
from pdcn.evaluation.similarity import effective_rank, linear_cka
from pdcn.jobs.analysis import Say, Settings
from pdcn.nn.two_tower import SIDES, Side, TwoTower
from pdcn.pages.inside.work.branches import branches_of, gradient_norms, output_shares, rows_of
from pdcn.pages.inside.work.muting import agreement_frame, changed_ranks, recall_frames
from pdcn.pages.inside.work.probes import JudgedField, crossed, fields_of, judged_fields, probe, third_by
from pdcn.pages.inside.work.taps import points_of, taps
from pdcn.runs.trained import TrainedRun
from pdcn.sources.schema import spaced
from pdcn.tasks import task_named
from pdcn.tasks.base import Task
from pdcn.tasks.retrieval.batches import DeviceData, draws

LISTS = 2_048
"""Events whose lists are compared, evenly spaced over those that are looked at."""
BATCHES, BATCH_SEED = 4, 1_000_003
"""Training batches of the gradient: the same ones at every step and for every arm, in an order nobody trained in."""
PROBING, MUTING, SHARING = "probing the towers", "muting branches", "following the branches through training"


@dataclass(frozen=True)
class Sample:
    """The test events that are looked at, evenly spaced, their users, and what is asked of each side's fields."""

    events: Ints
    user: Ints
    asked: dict[Side, list[JudgedField]]
    left_out: pd.DataFrame

    @classmethod
    def of(cls, data: DeviceData, events: int) -> Sample:
        """At most so many test events; of items the whole catalogue."""
        dataset = data.dataset
        rows = dataset.events("test", events)
        user, items = dataset.user[rows], np.arange(len(dataset.items))
        by = {"users never seen": third_by(user), "events never seen": third_by(np.arange(len(rows)))}
        query, of_query = judged_fields(fields_of(dataset.queries, rows), by)
        item, of_item = judged_fields(fields_of(dataset.items, items), {"items never seen": crossed(len(items))})
        left_out = [
            (side, label, why) for side, of in (("query", of_query), ("item", of_item)) for label, why in of.items()
        ]
        return cls(rows, user, {"query": query, "item": item}, pd.DataFrame(left_out, columns=["side", "label", "why"]))


@dataclass
class Ticks:
    """Tells how much of the work is done, in units of about a second."""

    total: float
    say: Say
    done: float = 0.0

    def __call__(self, work: float, words: str) -> None:
        self.say(min(0.99, self.done / self.total), words)
        self.done += work


def inspect(opened: TrainedRun, settings: Settings, say: Say) -> dict[str, pd.DataFrame]:
    """Tables points, fields, left_out, recall, drops, agreement and shares."""
    folder, arms = opened.folder, opened.arms
    trained = sum(len(folder.seeds_of(arm)) for arm in arms)
    snapshots = sum(len(folder.steps_of(arm)) for arm in arms)
    tick = Ticks(9.0 * trained + 0.4 * snapshots, say)
    with threadpool_limits(1):  # sharing small matrices among threads is many times slower on a busy machine
        sample = Sample.of(opened.data, int(settings["events"]))
        points, fields = _probed(opened, sample, tick)
        return {
            "points": points,
            "fields": fields,
            "left_out": sample.left_out,
            **_muted(opened, sample, tick),
            "shares": _shared(opened, sample, tick),
        }


def _probed(opened: TrainedRun, sample: Sample, tick: Ticks) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Effective rank, CKA with x0 and the mean score at each point, and each field's score there."""
    points, fields = [], []
    for arm in opened.arms:
        for seed in opened.folder.seeds_of(arm):
            for moment, model in (("trained", opened.model(arm, seed)), ("before", opened.initial(arm, seed))):
                tick(3.0, PROBING)
                for side in SIDES:
                    tower = model.tower(side)
                    rows, index = rows_of(opened.data, side, sample.events)
                    layers = taps(tower, rows, index)
                    for place, point in enumerate(points_of(tower.plan())):
                        layer = layers[point.key]
                        which: dict[str, Any] = {
                            "arm": arm,
                            "seed": seed,
                            "moment": moment,
                            "side": side,
                            "point": point.key,
                            "name": point.name,
                            "place": place,
                            "width": point.width,
                        }
                        scores = probe(layer, sample.asked[side])
                        fields.append(scores.assign(**which))
                        kept = scores["score"].clip(lower=0).mean()
                        points.append(
                            {
                                **which,
                                "kept": kept,
                                "fields": len(scores),
                                "rank": effective_rank(layer),
                                "cka": linear_cka(layer, layers["embedding"]),
                                "rows": len(layer),
                            }
                        )
    return pd.DataFrame(points), pd.concat(fields, ignore_index=True)


def _muted(opened: TrainedRun, sample: Sample, tick: Ticks) -> dict[str, pd.DataFrame]:
    recall, drops, agreement = [], [], []
    items = len(opened.data.dataset.items)
    at = spaced(len(sample.events), LISTS)
    for arm in opened.arms:
        models = {seed: opened.model(arm, seed) for seed in opened.folder.seeds_of(arm)}
        ranks = {}
        for seed, model in models.items():
            tick(2.0, MUTING)
            ranks[seed] = changed_ranks(model, opened.data, sample.events)
        tick(float(len(models)), MUTING)
        curves, lost = recall_frames(ranks, sample.user, items)
        recall.append(curves.assign(arm=arm))
        drops.append(lost.assign(arm=arm))
        agreement.append(agreement_frame(models, ranks, opened.data, sample.events, at).assign(arm=arm))
    kept = {"recall": recall, "drops": drops, "agreement": agreement}
    return {name: _together(frames) for name, frames in kept.items()}


def _shared(opened: TrainedRun, sample: Sample, tick: Ticks) -> pd.DataFrame:
    """Each branch's share of the output and of the gradient: at each snapshot, and of every trained model.

    A row an arm, seed, moment ("step" or "trained"), step and side whose wiring has a cross and a deep part.
    """
    task, training = task_named(opened.experiment.task), opened.experiment.training
    fixed = list(islice(task.batches(opened.data, training, draws(opened.data, training, BATCH_SEED)), BATCHES))
    rows = []
    for arm in opened.arms:
        seeds, steps = opened.folder.seeds_of(arm), opened.folder.steps_of(arm)
        for seed in seeds:
            rows += [
                {"arm": arm, "seed": seed, "moment": "trained", "step": steps[-1] if steps else 0, **row}
                for row in _shares(opened.model(arm, seed), opened.data, sample.events, fixed, task)
            ]
        for step in steps:
            tick(0.4, SHARING)
            rows += [
                {"arm": arm, "seed": opened.experiment.seed, "moment": "step", "step": step, **row}
                for row in _shares(opened.snapshot(arm, step), opened.data, sample.events, fixed, task)
            ]
    columns = [
        *("arm", "seed", "moment", "step", "side", "output", "cosine", "cka", "gradient"),
        *("cross_norm", "deep_norm", "cross_parameters", "deep_parameters"),
    ]
    return pd.DataFrame(rows, columns=columns)


def _shares(
    model: TwoTower, data: DeviceData, events: Ints, fixed: list[Any], task: Task
) -> Iterator[dict[str, float | str]]:
    norms = gradient_norms(model, data, fixed, task)
    for side in SIDES:
        tower = model.tower(side)
        own = norms[norms["side"] == side].set_index("stage")
        if own.empty:
            continue
        sizes = {f"{stage}_{name}": own.loc[stage, name] for stage in own.index for name in ("norm", "parameters")}
        total = sizes["cross_norm"] + sizes["deep_norm"]
        row = {"side": side, **sizes, "gradient": sizes["cross_norm"] / total if total else np.nan}
        if branches_of(tower):
            row |= output_shares(tower, *rows_of(data, side, events))
        yield row


def _together(frames: list[pd.DataFrame]) -> pd.DataFrame:
    some = [frame for frame in frames if len(frame)]
    return pd.concat(some or frames[:1], ignore_index=True)
