"""What a trained model loses when a branch is muted or its crosses bypassed, with intervals: recall, or grouped AUC.

The model is not trained again: this is what it relies on, not what another model could do without.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from pdcn.arrays import Ints, Numbers
from pdcn.evaluation.compare import compare
from pdcn.evaluation.near import shared
from pdcn.evaluation.statistics import paired_interval
from pdcn.nn.model import Model
from pdcn.nn.two_tower import TwoTower
from pdcn.pages.inside.work import words as say
from pdcn.pages.inside.work.branches import branch_means, changed, changes_of, first_items, rank_correlation
from pdcn.pages.inside.work.reliance import BYPASS, INTACT
from pdcn.tasks.measured import Measured
from pdcn.tasks.metric import Metric
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.metrics import LARGEST_K, Recall, headline_k, log_cuts
from pdcn.tasks.task import Task


class Variant(NamedTuple):
    """A change of a model and the towers that it changes: both, query, item or joint; none for the intact model.

    >>> str(Variant("mute deep", "both")), str(WHOLE)
    ('mute deep, both', 'intact')
    """

    change: str
    sides: str = ""

    def __str__(self) -> str:
        return ", ".join(filter(None, self))


WHOLE = Variant(INTACT)


def variants(model: Model) -> dict[Variant, tuple[str, ...]]:
    """What can be done to a model, and to which of its towers."""
    found: dict[Variant, tuple[str, ...]] = {}
    possible = {side: changes_of(tower) for side, tower in model.towers.items()}
    changes = dict.fromkeys(change for own in possible.values() for change in own)
    for change in sorted(changes, key=lambda one: one == BYPASS):
        sides = tuple(side for side, own in possible.items() if change in own)
        if len(sides) == 2:
            found[Variant(change, "both")] = sides
        found |= {Variant(change, side): (side,) for side in sides}
    return found


def changed_measures(task: Task, model: Model, data: DeviceData, events: Ints) -> dict[Variant, Numbers]:
    """What the task measures of the events (n,) by variant, the intact model's first."""
    means = branch_means(model, data, events)
    found = {WHOLE: task.measure(model, data, events)}
    for variant, sides in variants(model).items():
        with changed(model, variant.change, means, sides):
            found[variant] = task.measure(model, data, events)
    return found


def recall_frames(
    ranks: Mapping[int, Mapping[Variant, Numbers]], user: Ints, items: int, *, sets: int | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Recall curves with their 95% intervals, and the drops at the headline K (`drop_frame`).

    `ranks` by seed and variant. Curves: variant, change, sides, k, recall, low, high. `sets`: as `Measured` has them.
    """
    measured, named = _measured(ranks, user, sets)
    seeds, cuts = sorted(ranks), log_cuts(min(LARGEST_K, items))
    curves = []
    for name in named:
        found = paired_interval(
            measured.by_user(name, seeds, [Recall(int(k)) for k in cuts]), sets=measured.sets_of(seeds)
        )
        low, high = np.clip((found.low, found.high), 0, 1)  # a share
        curve = {"variant": name, "k": cuts, "recall": found.mean, "low": low, "high": high, "seeds": len(seeds)}
        curves.append(pd.DataFrame(curve))
    drops = drop_frame(ranks, user, Recall(headline_k(items)), sets=sets)
    return _told(pd.concat(curves, ignore_index=True), named, len(seeds)), drops


def drop_frame(
    found: Mapping[int, Mapping[Variant, Numbers]], user: Ints, metric: Metric, *, sets: int | None = None
) -> pd.DataFrame:
    """What the metric loses by each variant against the intact model: variant, change, sides, and of `Comparison` what
    an interval needs, paired over users and seeds, adjusted (Holm) over the variants.

    `found` by seed and variant; `k` is the metric's, None where it has none.
    """
    measured, named = _measured(found, user, sets)
    lost = compare(measured, tuple(named), INTACT, [metric], metric)
    columns = ["arm", "k", "difference", "low", "high", "p", "adjusted", "verdict", "seeds", "users", "events"]
    drops = pd.DataFrame([one.record() for one in lost], columns=columns).rename(columns={"arm": "variant"})
    return _told(drops, named, len(found))


def _measured(
    found: Mapping[int, Mapping[Variant, Numbers]], user: Ints, sets: int | None
) -> tuple[Measured, dict[str, Variant]]:
    """What was measured, with variants in the place of arms; and the variants by name."""
    cells = {(str(variant), seed): column for seed, of in found.items() for variant, column in of.items()}
    return Measured(user, cells, {}, sets=sets), {str(variant): variant for variant in found[min(found)]}


def _told(frame: pd.DataFrame, named: Mapping[str, Variant], seeds: int) -> pd.DataFrame:
    """The table with `change` and `sides` of each variant; of one seed without an interval."""
    if seeds == 1:
        frame[["low", "high"]] = np.nan
    parts = [named[name] for name in frame["variant"]]
    frame[["change", "sides"]] = pd.DataFrame(parts, columns=["change", "sides"])
    return frame


def agreement_frame(
    models: dict[int, TwoTower],
    ranks: Mapping[int, Mapping[Variant, Numbers]],
    data: DeviceData,
    events: Ints,
    at: Ints,
) -> pd.DataFrame:
    """How far each branch alone (the other muted in every tower that has both) ranks like the other, where the branches
    are cross and deep.

    Columns seed, one, other, overlap (mean share of the top K that both lists hold), chance (that of two lists drawn
    at random, K / N), correlation (Spearman, of the true items' ranks), k, events. Also each branch against the intact
    model, and the intact model against that of the next seed, which is what two trainings of the same share. Overlaps
    are of the events `events[at]`, correlations of all.
    """
    k, items = headline_k(len(data.items.codes)), len(data.items.codes)
    cross, deep = say.ALONE["cross"], say.ALONE["deep"]
    rows, lists = [], {}
    for seed, model in models.items():
        lists[seed] = first_items(model, data, events[at], k)
        known = variants(model)
        # in both towers where it can be, which comes first
        muted = {variant.change: variant for variant in reversed(known) if variant.change != BYPASS}
        if {*muted} != {"mute cross", "mute deep"}:
            continue
        means = branch_means(model, data, events)
        alone = {INTACT: (lists[seed], ranks[seed][WHOLE])}
        for word, variant in ((cross, muted["mute deep"]), (deep, muted["mute cross"])):
            with changed(model, variant.change, means, known[variant]):
                alone[word] = (first_items(model, data, events[at], k), ranks[seed][variant])
        for one, other in ((cross, deep), (cross, INTACT), (deep, INTACT)):
            (a, ra), (b, rb) = alone[one], alone[other]
            rows.append((seed, one, other, shared(a, b, k).mean(), k / items, rank_correlation(ra, rb)))
    for seed, following in pairwise(models):
        both = shared(lists[seed], lists[following], k).mean()
        correlation = rank_correlation(ranks[seed][WHOLE], ranks[following][WHOLE])
        rows.append((seed, INTACT, say.NEXT_SEED, both, k / items, correlation))
    frame = pd.DataFrame(rows, columns=["seed", "one", "other", "overlap", "chance", "correlation"])
    return frame.assign(k=k, events=len(at))
