"""The maps of the learned weights: a block a pair of fields, or every weight."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pdcn.jobs.analysis import Tables
from pdcn.pages.crosses import words as say
from pdcn.pages.crosses.figures import block_map, largest_by_kind, weight_map
from pdcn.pages.crosses.page.evidence import LayerView, layer_of, numbers_of, planted
from pdcn.pages.crosses.page.rankings import show_largest
from pdcn.runs.folder import RunFolder
from pdcn.shell.address import standing
from pdcn.shell.analysis_view import trained_run
from pdcn.shell.parts import remark
from pdcn.shell.shown_run import once
from pdcn.words import spoken

MEAN, SPREAD = say.OVER_SEEDS
SHOWN_FIELDS = 8
"""So many fields has a map until all are asked for."""


def values_of(rows: pd.DataFrame, arm: str, shown: LayerView) -> tuple[np.ndarray[Any, Any], tuple[str, ...], str]:
    """A value a directed block of an arm, the labels in order, and in words which seeds it is of."""
    own = rows[(rows["arm"] == arm) & (rows["moment"] == shown.moment)]
    labels = tuple(dict.fromkeys(own["write"]))
    seeds = sorted(own["seed"].unique())
    if shown.seeds.startswith("seed "):
        wanted = int(shown.seeds.removeprefix("seed "))
        seeds = [wanted] if wanted in seeds else seeds[:1]
    by_seed = (own.loc[own["seed"] == seed, shown.size].to_numpy(np.float64) for seed in seeds)
    cube = np.stack([values.reshape(len(labels), -1) for values in by_seed])
    if len(seeds) == 1:
        return cube[0], labels, say.ONE_SEED(seed=seeds[0])
    values = cube.std(0, ddof=1) if shown.seeds == SPREAD else cube.mean(0)
    return values, labels, say.OVER_SEEDS[shown.seeds](count=len(seeds))


def fields_that_matter(
    largest: np.ndarray[Any, Any], numbers: Collection[int], planted: Collection[int], count: int
) -> list[int]:
    """Places of the fields of a map of so many fields, in their order: fields of planted crosses, then categories, then
    numbers, those of each with the largest blocks first.

    `largest` (blocks, blocks) has the largest value of each block. Planted fields are there even if they are more.

    >>> fields_that_matter(np.array([[1.0, 0.0, 9.0], [0.0, 3.0, 0.0], [0.0, 2.0, 0.0]]), {2}, (), 2)
    [0, 1]
    """
    most = np.maximum(largest.max(0), largest.max(1))
    order = sorted(range(len(most)), key=lambda at: (at not in planted, at in numbers, -most[at], at))
    return sorted(order[: max(count, len({*planted}))])


@once
def _map_figures(
    folder: RunFolder, tables: Tables, shown: LayerView, arms: tuple[str, ...], picked: tuple[str, str]
) -> tuple[tuple[str, ...], list[tuple[str, Any]]]:
    """The labels of the blocks in order; and each arm with its map."""
    rows, truth = layer_of(folder, tables, shown, arms), planted(folder, shown.side)
    settled = rows[rows["moment"] != "initial"] if shown.moment != "initial" else rows
    found = {arm: values_of(rows, arm, shown) for arm in arms}
    every = next(iter(found.values()))[1]
    number = {at for at, label in enumerate(every) if label in numbers_of(folder, shown.side)}
    ends = [values for values, _, _ in found.values()]
    if shown.seeds != SPREAD:  # one scale while the slider moves
        size = settled.groupby(["write", "read"], sort=False)[shown.size].max()
        ends = [size.to_numpy(np.float64).reshape(len(every), -1)]
    largest = largest_by_kind(np.max(ends, axis=0), number)
    kept = [*range(len(every))]
    if not shown.every_field:  # the same fields while the slider moves
        learned = rows[rows["moment"] == "learned"].groupby(["arm", "write", "read"], sort=False)[shown.size].mean()
        most = learned.groupby(["write", "read"], sort=False).max().to_numpy(np.float64).reshape(len(every), -1)
        in_truth = {every.index(label) for pair in truth for label in pair}
        kept = fields_that_matter(most, number, in_truth, SHOWN_FIELDS)
    labels = tuple(every[at] for at in kept)
    place = {label: at for at, label in enumerate(labels)}
    rings = [(place[a], place[b]) for pair in truth for a, b in (sorted(pair), sorted(pair)[::-1])]
    drawn = []
    for arm in arms:
        values, _, of = found[arm]
        figure = block_map(
            values[np.ix_(kept, kept)],
            labels,
            largest,
            what="scaled norm" if shown.size == "scaled" else "norm",
            title=say.MAP_TITLE(arm=spoken(arm), seeds=of),
            numbers=[at for at, field in enumerate(kept) if field in number],
            planted=rings,
            picked=(place[picked[0]], place[picked[1]]) if {*picked} <= {*place} else None,
            bar=arm == arms[-1],
        )
        drawn.append((arm, figure))
    return labels, drawn


def show_maps(
    folder: RunFolder, tables: Tables, shown: LayerView, arms: tuple[str, ...], begin: tuple[str, str] | None
) -> None:
    write, read = begin or ("", "")
    picked = standing("what_if_write", write), standing("what_if_read", read)
    labels, drawn = _map_figures(folder, tables, shown, arms, picked)
    *columns, beside = st.columns([3.0] * (len(arms) - 1) + [3.35, 2.0])  # the bar of the last map takes some of it
    for column, (arm, figure) in zip(columns, drawn, strict=True):
        key, bare = f"cross-map-{arm}-{shown.side}", {"displayModeBar": False}
        pick = partial(_pick, key, labels)
        column.plotly_chart(figure, key=key, on_select=pick, selection_mode="points", config=bare)
    with beside:
        show_largest(folder, tables, shown, arms)
    rings = planted(folder, shown.side)
    remark((say.BOX_AND_RINGS if rings else say.BOX)(arm=spoken(arms[0])))


def _pick(key: str, labels: tuple[str, ...]) -> None:
    points = st.session_state[key]["selection"]["points"]
    if points:
        row, column = divmod(int(points[-1]["point_index"]), len(labels))
        st.session_state["what_if_write"], st.session_state["what_if_read"] = labels[row], labels[column]


def show_weights(folder: RunFolder, shown: LayerView, arms: tuple[str, ...]) -> None:
    from pdcn.pages.crosses.work.weights_job import blocks_of, layers_of, model_at
    from pdcn.training.device import one_thread

    one_thread()
    run = trained_run(folder)
    events = run.events(512)
    expert = max(0, shown.expert - 1)
    seed = int(shown.seeds.removeprefix("seed ")) if shown.seeds.startswith("seed ") else run.experiment.seed
    seed = seed if shown.moment in ("initial", "learned") else run.experiment.seed
    found = {}
    for arm in arms:
        model = model_at(run, arm, seed, shown.moment)
        layers = layers_of(run.data, model, shown.side, events, expert)
        if shown.layer < len(layers):
            found[arm] = layers[shown.layer].W, blocks_of(run.data, model, shown.side)
    largest = max(float(np.quantile(np.abs(W), 0.998)) for W, _ in found.values())
    for column, (arm, (W, blocks)) in zip(st.columns(len(found)), found.items(), strict=True):
        column.plotly_chart(
            weight_map(W, blocks.edges, blocks.labels, largest, say.WEIGHTS_TITLE(arm=spoken(arm), seed=seed)),
            key=f"cross-weights-{arm}-{shown.side}",
        )
    remark(say.EVERY_WEIGHT)
