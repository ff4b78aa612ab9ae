"""What each point of each tower keeps of its input, what each branch contributes, and how both came to be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from pdcn.arrays import Ints, spaced
from pdcn.evaluation.sides import labelled, rows_of, table_of
from pdcn.evaluation.similarity import effective_rank, linear_cka
from pdcn.evaluation.taps import points_of, taps
from pdcn.jobs.analysis import Say, Settings
from pdcn.nn.model import Model
from pdcn.nn.two_tower import TwoTower
from pdcn.pages.inside.work import words
from pdcn.pages.inside.work.branches import branches_of, gate_frame, gradient_norms, output_shares
from pdcn.pages.inside.work.muting import agreement_frame, changed_measures, drop_frame, recall_frames
from pdcn.pages.inside.work.probes import JudgedField, crossed, fields_of, judged_fields, probe, third_by
from pdcn.pages.inside.work.sequences import Facts, facts_of, kept_of_sequences
from pdcn.runs.trained import TrainedRun
from pdcn.tasks import task_for
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.task import Task

LISTS = 2_048
"""Events whose lists are compared, evenly spaced over those that are looked at."""
BATCHES, BATCH_SEED = 4, 1_000_003
"""Training batches of the gradient: the same ones at every step and for every arm, in an order nobody trained in."""
NO_LISTS = {name: pd.DataFrame(columns=["arm", "sides", "one"]) for name in ("recall", "agreement")}
"""Of a network that ranks no list of the whole catalogue."""
Tick = Callable[[float, str], None]
"""Told of a part of the work as it begins: how much it is, in units of about a second, and what, in words."""


@dataclass(frozen=True)
class Sample:
    """The test events that are looked at, evenly spaced, their users, and what is asked of each side's fields."""

    events: Ints
    user: Ints
    asked: dict[str, list[JudgedField]]
    left_out: pd.DataFrame
    facts: Facts

    @classmethod
    def of(cls, data: DeviceData, rows: Ints, towers: Iterable[str]) -> Sample:
        """These test events (n,); of items the whole catalogue."""
        dataset = data.dataset
        user, items = dataset.user[rows], len(dataset.items)
        by = {words.USERS: third_by(user), words.EVENTS: third_by(np.arange(len(rows)))}
        asked, without = {}, []
        for name in towers:
            split = {words.ITEMS: crossed(items)} if name == "item" else by
            asked[name], left = judged_fields(fields_of(*table_of(dataset, name, rows)), split)
            without += [(name, *why) for why in left.items()]
        left_out = pd.DataFrame(without, columns=["side", "label", "why"])
        told = facts_of(dataset, rows) if "query" in asked else {}  # a joint network has no tower to ask by itself
        facts = {bag: judged_fields(own, by)[0] for bag, own in told.items()}
        return cls(rows, user, asked, left_out, facts)


def inspect(opened: TrainedRun, settings: Settings, say: Say) -> dict[str, pd.DataFrame]:
    """Tables points, fields, left_out, recall, drops, agreement and shares; sequences, where one is encoded; and gates,
    where there are experts."""
    folder, arms = opened.folder, opened.arms
    trained = sum(len(folder.seeds_of(arm)) for arm in arms)
    snapshots = sum(len(folder.steps_of(arm)) for arm in arms)
    total, done = 9.0 * trained + 0.4 * snapshots, 0.0

    def tick(work: float, phase: str) -> None:
        nonlocal done
        say(min(0.99, done / total), phase)
        done += work

    with threadpool_limits(1):  # sharing small matrices among threads is many times slower on a busy machine
        first = opened.any_model(opened.arms[0], folder.seeds_of(opened.arms[0])[0])
        sample = Sample.of(opened.data, opened.events(int(settings["events"])), first.towers)
        points, fields = _probed(opened, sample, tick)
        encoded = _sequences(opened, sample, tick) if isinstance(first, TwoTower) else []
        return {
            "points": points,
            "fields": fields,
            "left_out": sample.left_out,
            **_muted(opened, sample, tick),
            "shares": _shared(opened, sample, tick),
            **_gated(opened, sample),
            **({"sequences": pd.concat(encoded, ignore_index=True)} if encoded else {}),
        }


def _probed(opened: TrainedRun, sample: Sample, tick: Tick) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Effective rank, CKA with x0 and the mean score at each point, and each field's score there."""
    points, fields = [], []
    for arm in opened.arms:
        for seed in opened.folder.seeds_of(arm):
            for moment, model in (("trained", opened.any_model(arm, seed)), ("before", opened.any_initial(arm, seed))):
                tick(3.0, words.PROBING)
                for side in model.towers:
                    tower = model.tower(side)
                    rows, index = rows_of(opened.data, side, sample.events)
                    layers = taps(tower, rows, index)
                    for place, point in enumerate(points_of(tower.plan())):
                        layer = layers[point.key]
                        which: dict[str, Any] = {"arm": arm, "seed": seed, "moment": moment, "side": side}
                        which |= {"point": point.key, "name": point.name, "place": place, "width": point.width}
                        scores = probe(layer, sample.asked[side])
                        fields.append(scores.assign(**which))
                        which |= {"kept": scores["score"].clip(lower=0).mean(), "fields": len(scores)}
                        which |= {"rank": effective_rank(layer), "cka": linear_cka(layer, layers["embedding"])}
                        points.append({**which, "rows": len(layer)})
    return pd.DataFrame(points), pd.concat(fields, ignore_index=True)


def _sequences(opened: TrainedRun, sample: Sample, tick: Tick) -> list[pd.DataFrame]:
    """What the projection of each sequence of the query tower keeps, of every trained model that has one."""
    found = []
    for arm in opened.arms:
        for seed in opened.folder.seeds_of(arm):
            tick(0.0, words.PROBING)
            frames = kept_of_sequences(opened.model(arm, seed).query, opened.data, sample.events, sample.facts)
            found += [frame.assign(arm=arm, seed=seed, side="query", moment="trained") for frame in frames]
    return found


def kept_by_projections(opened: TrainedRun, events: int) -> pd.DataFrame:
    """What the projection of each sequence keeps, of every trained model of a run and so many test events, as
    `kept_of_sequences` has it, with `arm` and `seed`."""
    with threadpool_limits(1):
        sample = Sample.of(opened.data, opened.events(events), ("query",))
        return pd.concat(_sequences(opened, sample, lambda work, phase: None), ignore_index=True)


def _muted(opened: TrainedRun, sample: Sample, tick: Tick) -> dict[str, pd.DataFrame]:
    """What is lost without a branch; of two towers also by K, and how far their branches agree.

    A joint network is judged on as many events, half of each label where there are enough.
    """
    recall, drops, agreement = [], [], []
    dataset, task, sets = opened.data.dataset, task_for(opened.experiment), opened.folder.experiment.drawn_sets
    items, at = len(dataset.items), spaced(len(sample.events), LISTS)
    for arm in opened.arms:
        models = {seed: opened.any_model(arm, seed) for seed in opened.folder.seeds_of(arm)}
        towers = {seed: model for seed, model in models.items() if isinstance(model, TwoTower)}
        events = sample.events if towers else labelled(dataset, opened.events(), len(sample.events))
        found = {}
        for seed, model in models.items():
            tick(2.0, words.MUTING)
            found[seed] = changed_measures(task, model, opened.data, events)
        tick(float(len(models)), words.MUTING)
        if not towers:
            drops.append(drop_frame(found, dataset.user[events], task.headline(items), sets=sets).assign(arm=arm))
            continue
        curves, lost = recall_frames(found, sample.user, items, sets=sets)
        recall.append(curves.assign(arm=arm))
        drops.append(lost.assign(arm=arm))
        agreement.append(agreement_frame(towers, found, opened.data, events, at).assign(arm=arm))
    if not recall:
        return {"drops": _together(drops), **NO_LISTS}
    kept = {"recall": recall, "drops": drops, "agreement": agreement}
    return {name: _together(frames) for name, frames in kept.items()}


def _shared(opened: TrainedRun, sample: Sample, tick: Tick) -> pd.DataFrame:
    """Each branch's share of the output and of the gradient: at each snapshot, and of every trained model.

    A row an arm, seed, moment ("step" or "trained"), step and side whose wiring has a cross and a deep part.
    """
    task, training = task_for(opened.experiment), opened.experiment.training
    fixed = list(islice(task.batches(opened.data, training, task.draws(opened.data, training, BATCH_SEED)), BATCHES))
    rows = [
        which | row
        for which, model in _moments(opened, tick)
        for row in _shares(model, opened.data, sample.events, fixed, task)
    ]
    columns = [
        *("arm", "seed", "moment", "step", "side", "output", "cosine", "cka", "gradient"),
        *("cross_norm", "deep_norm", "cross_parameters", "deep_parameters"),
    ]
    return pd.DataFrame(rows, columns=columns)


def _moments(opened: TrainedRun, tick: Tick) -> Iterator[tuple[dict[str, Any], Model]]:
    """Every trained model and every snapshot, and which one it is."""
    for arm in opened.arms:
        steps = opened.folder.steps_of(arm)
        for seed in opened.folder.seeds_of(arm):
            last = steps[-1] if steps else 0
            yield {"arm": arm, "seed": seed, "moment": "trained", "step": last}, opened.any_model(arm, seed)
        for step in steps:
            tick(0.4, words.SHARING)
            seed = opened.experiment.seed
            yield {"arm": arm, "seed": seed, "moment": "step", "step": step}, opened.any_snapshot(arm, step)


def _gated(opened: TrainedRun, sample: Sample) -> dict[str, pd.DataFrame]:
    """How much each expert counts on each surface, of every trained model, the mean over the events there: the table
    `gates`, with `arm`, `seed`, `side`, `surface`, `expert` (from 1), `share` and `rows`; none without experts."""
    told, frames = opened.data.dataset.feedback, []
    for arm in opened.arms:
        for seed in opened.folder.seeds_of(arm):
            for side, tower in opened.any_model(arm, seed).towers.items():
                if told is None or len(tower.networks) == 1:
                    continue
                own = gate_frame(tower, opened.data, side, sample.events, told.surface)
                frames.append(own.assign(arm=arm, seed=seed, side=side))
    return {"gates": pd.concat(frames, ignore_index=True)} if frames else {}


def _shares(model: Model, data: DeviceData, events: Ints, fixed: list[Any], task: Task) -> Iterator[dict[str, Any]]:
    for side, sizes in gradient_norms(model, data, fixed, task).items():
        total = sizes["cross_norm"] + sizes["deep_norm"]
        row: dict[str, Any] = {"side": side, **sizes, "gradient": sizes["cross_norm"] / total if total else np.nan}
        if branches_of(tower := model.tower(side)):
            row |= output_shares(tower, *rows_of(data, side, events))
        yield row


def _together(frames: list[pd.DataFrame]) -> pd.DataFrame:
    some = [frame for frame in frames if len(frame)]
    return pd.concat(some or frames[:1], ignore_index=True)
