"""The crosses analysis: every block of every cross layer at every moment of training; singular values; real values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pdcn.arrays import Ints
from pdcn.evaluation.sides import rows_of, table_of
from pdcn.jobs.analysis import Say, Settings
from pdcn.nn.fields import Blocks, pair_frame
from pdcn.nn.model import Model
from pdcn.pages.crosses import EVERY
from pdcn.pages.crosses.words import LOOKING_UP
from pdcn.pages.crosses.work.weights import (
    TOGETHER,
    Weights,
    block_frame,
    cross_layers,
    field_values,
    projection_layers,
    spectrum_frame,
    value_frame,
)
from pdcn.runs.trained import TrainedRun
from pdcn.tasks.retrieval.batches import DeviceData

EVENTS, ITEMS = 4_096, 20_000
"""Inputs on which x0 and xl are measured."""
PAIRS, VALUES = 16, 3
"""So many of the largest pairs of fields are told with so many pairs of their values."""


def inspect(opened: TrainedRun, settings: Settings, say: Say) -> dict[str, pd.DataFrame]:
    """Tables `blocks` and `spectrum` (a row a block or value of an arm, seed, side, moment and layer), and `values`.

    `moment` is "initial", "learned" or, for the first seed, the step of a snapshot. Where there are experts, `expert`
    says whose it is, from 1, and `EVERY` has the mean over them, weighted by how much they count (`Tower.shares`).
    Where crosses project a sequence, `projection` has their blocks, from place to place of its `field`.
    """
    blocks, spectra, projected = list[pd.DataFrame](), list[pd.DataFrame](), list[pd.DataFrame]()
    plan = list(_moments(opened))
    for place, (arm, seed, moment) in enumerate(plan):
        say(place / len(plan), "")
        model = model_at(opened, arm, seed, moment)
        key: dict[str, Any] = {"arm": arm, "seed": seed, "moment": moment}
        for side, own, fallen in _measured(opened, model):
            blocks += [frame.assign(side=side, **key) for frame in own]
            if not moment.isdigit():
                spectra += [frame.assign(side=side, **key) for frame in fallen]
        projected += [frame.assign(arm=arm, seed=seed, moment=moment) for frame in _projected(opened, model)]
    more = {"projection": pd.concat(projected, ignore_index=True)} if projected else {}
    if not blocks:
        empty = pd.DataFrame(columns=["arm", "seed", "side", "moment", "layer"])
        return {"blocks": empty, "spectrum": empty, "values": pd.DataFrame(columns=["arm"]), **more}
    blocks_frame = pd.concat(blocks, ignore_index=True).astype({"norm": np.float32, "scaled": np.float32})
    spectrum = pd.concat(spectra, ignore_index=True).astype({"value": np.float32, "share": np.float32})
    say(0.95, LOOKING_UP)
    return {"blocks": blocks_frame, "spectrum": spectrum, "values": _values(opened, blocks_frame), **more}


def _moments(opened: TrainedRun) -> Iterator[tuple[str, int, str]]:
    for arm in opened.arms:
        for seed in opened.folder.seeds_of(arm):
            yield arm, seed, "initial"
            yield arm, seed, "learned"
        for step in opened.folder.steps_of(arm):
            yield arm, opened.experiment.seed, str(step)


def model_at(opened: TrainedRun, arm: str, seed: int, moment: str) -> Model:
    """The model of an arm at a moment of its training."""
    if moment == "initial":
        return opened.any_initial(arm, seed)
    return opened.any_model(arm, seed) if moment == "learned" else opened.any_snapshot(arm, int(moment))


def _measured(opened: TrainedRun, model: Model) -> Iterator[tuple[str, list[pd.DataFrame], list[pd.DataFrame]]]:
    """Of each side the blocks and the singular values of every layer."""
    events = opened.data.dataset.events("test", EVENTS)
    for side in model.towers:
        places, counts = blocks_of(opened.data, model, side), shares_of(opened.data, model, side, events)
        each = [layers_of(opened.data, model, side, events, expert) for expert in range(len(counts))]
        blocks = [[block_frame(one, places) for one in layers] for layers in each]
        fallen = [[spectrum_frame(one.W).assign(layer=one.layer) for one in layers] for layers in each]
        yield side, _with_mean(blocks, counts, "norm", "scaled"), _with_mean(fallen, counts, "value", "share")


def _with_mean(frames: list[list[pd.DataFrame]], counts: list[float], *columns: str) -> list[pd.DataFrame]:
    """A table for each layer; where there are experts, one for each of them too, and the mean of these columns over
    them, weighted by what they count."""
    if len(counts) == 1:
        return frames[0]
    found = [frame.assign(expert=at) for at, layers in enumerate(frames, start=1) for frame in layers]
    for layer in zip(*frames, strict=True):
        mean = {name: sum(share * one[name] for share, one in zip(counts, layer, strict=True)) for name in columns}
        found.append(layer[0].assign(**mean, expert=EVERY))
    return found


def shares_of(data: DeviceData, model: Model, side: str, events: Ints) -> list[float]:
    """How much each network of a tower counts, the mean over these events: 1.0 of the one there is, or of each
    expert."""
    tower = model.towers[side]
    if len(tower.networks) == 1:
        return [1.0]
    codes, x0 = _met(data, model, side, events)
    return [float(share) for share in tower.shares(x0, codes).double().mean(0)]


def layers_of(data: DeviceData, model: Model, side: str, events: Ints, expert: int = 0) -> list[Weights]:
    """The cross layers of a tower, or of its expert at a place, as they meet these events, or the catalogue."""
    return list(cross_layers(model.towers[side], _met(data, model, side, events)[1], expert))


@torch.no_grad()
def _met(data: DeviceData, model: Model, side: str, events: Ints) -> tuple[Tensor, Tensor]:
    """Codes, and the x0 that a tower looks up for them, of these events or of the catalogue."""
    rows, index = rows_of(data, side, events)
    own = rows[index[:: max(1, len(index) // ITEMS)]]
    return own[0], model.towers[side].x0(*own)


def blocks_of(data: DeviceData, model: Model, side: str) -> Blocks:
    """Where each field of a tower is in its x0."""
    table, _ = table_of(data.dataset, side, np.zeros(0, np.int64))
    return Blocks.of(table, model.towers[side].fields)


def _projected(opened: TrainedRun, model: Model) -> Iterator[pd.DataFrame]:
    """The blocks of the crosses that project sequences; `write` and `read` are places, from 1, the latest action."""
    dataset = opened.data.dataset
    events = torch.from_numpy(dataset.events("test", EVENTS)).to(opened.device)
    sides = {"query": (dataset.queries, opened.data.queries[events][0]), "item": (dataset.items, None)}
    for side, tower in model.towers.items():
        if side not in sides:  # a joint network reads pairs: its sequences are told by those of two towers
            continue
        table, codes = sides[side]
        for bag in tower.embedding.sequences:
            field = table.bags[bag]
            own = opened.data.items.codes if codes is None else codes
            places = tuple(str(place + 1) for place in range(field.places))
            for one in projection_layers(tower, bag, own):
                at = Blocks(places, places, (len(one.x0) // field.places,) * field.places)
                yield block_frame(one, at).assign(side=side, field=field.label)


def _values(opened: TrainedRun, blocks: pd.DataFrame) -> pd.DataFrame:
    """The strongest pairs of values of the strongest pairs of fields of each arm and side, meaned over seeds."""
    first = blocks[(blocks["layer"] == 0) & (blocks["moment"] == "learned")]
    if "expert" in first:
        first = first[first["expert"] == EVERY]
    found = []
    for arm in opened.arms:
        for side in dict.fromkeys(first["side"]):
            own = first[(first["arm"] == arm) & (first["side"] == side)]
            if len(own):
                found += [frame.assign(arm=arm, side=side) for frame in _values_of(opened, arm, side, own)]
    return pd.concat(found, ignore_index=True)


def _values_of(opened: TrainedRun, arm: str, side: str, own: pd.DataFrame) -> Iterator[pd.DataFrame]:
    dataset = opened.data.dataset
    of_items = side == "item"
    table, rows = table_of(dataset, side, dataset.events("train"))
    names = list(dict.fromkeys(own["write"]))
    by_seed = pair_frame(own, names, ["seed"], "scaled")
    mean = by_seed.groupby(["a", "b"], sort=False, as_index=False).agg(scaled=("scaled", "mean"))
    largest = mean.sort_values("scaled", ascending=False).head(PAIRS)
    events = dataset.events("test", EVENTS)
    models = [opened.any_model(arm, seed) for seed in opened.folder.seeds_of(arm)]
    counted = [
        (share, layers_of(opened.data, model, side, events, expert)[0].W, model.tower(side))
        for model in models
        for expert, share in enumerate(shares_of(opened.data, model, side, events))
    ]
    embedding, at = models[0].tower(side).embedding, blocks_of(opened.data, models[0], side)
    without = {embedding.single + bag for bag in embedding.encoded}  # of which x0 has no vector for each value
    for a, b in zip(largest["a"], largest["b"], strict=True):
        i, j = names.index(a), names.index(b)
        if {i, j} & without:
            continue
        seeds = [
            value_frame(
                one[at.slices[i], at.slices[j]],
                None if i == j else one[at.slices[j], at.slices[i]],
                field_values(tower, table, rows, i),
                field_values(tower, table, rows, j),
                1 if of_items else TOGETHER,
            ).assign(share=share / len(models))
            for share, one, tower in counted
        ]
        every = pd.concat(seeds).assign(size=lambda rows: rows["size"] * rows["share"])
        size = every.groupby(["value_a", "value_b", "together"], sort=False, as_index=False)
        best = size.agg(size=("size", "sum")).sort_values("size", ascending=False, kind="stable")
        yield best.head(VALUES).assign(a=a, b=b)
