"""The Crosses page: what the cross layers learned, which of it matters, and what happens without it."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pdcn.crossings import CROSSINGS, Crossing
from pdcn.inert import code, words
from pdcn.jobs.analysis import Tables
from pdcn.pages.crosses import CROSSES
from pdcn.pages.crosses.figures import block_map, largest_by_kind, weight_map
from pdcn.pages.crosses.page.evidence import (
    LayerView,
    layer_of,
    numbers_of,
    pairs_of,
    planted,
    show_importance,
    show_recovery,
    show_spectrum,
    with_labels,
)
from pdcn.pages.crosses.page.what_if import what_if
from pdcn.runs.folder import RunFolder
from pdcn.shell.address import standing
from pdcn.shell.analysis_view import analysed, arm_pair, reading, run_inside, take_csv, trained_run
from pdcn.shell.frame import says_errors
from pdcn.shell.inputs import from_list, one_of
from pdcn.shell.shown_run import once
from pdcn.wirings import WIRINGS, wirings
from pdcn.words import capital, listed, spoken

LISTED, FEWER = 6, 3
"""So many of the largest crosses of two categories are told, planted ones among them; and at least so many that are
not."""
MEAN, SPREAD = "mean over seeds", "spread over seeds"
WHY_DIRECTED = (
    "Row *i*, column *j* is what the cross layer multiplies field *i* of x0 with, as it reads field *j*: x0ᵢ · (Wᵢⱼ "
    "xⱼ). The product *age × hour* can be written at the place of age (reading hour) or at the place of hour (reading "
    "age), and the layers above see the two at different positions. Training is free to use either, both, or to split "
    "the work: so W is directed, and the map is not symmetric. To ask how much a cross is used at all, read both "
    "directions together, as the list and the tables below do."
)


@says_errors
def draw() -> None:
    """Draw the page."""
    folder = run_inside("crosses", "What the crosses learned")
    if folder is None:
        return
    if folder.towers is None:
        raise folder.damaged("towers.json")
    crossed = tuple(arm for arm in arm_pair(folder) if crossed_sides(folder, arm))
    if not crossed:
        st.info(
            "None of these arms has a cross layer, so there is no cross to look at. Choose arms with one on the "
            "Compare page.",
            icon=":material/info:",
        )
        return
    tables = analysed(folder, CROSSES)
    if tables is None:
        return
    _say_unseen(folder, tables, crossed)
    if tables["blocks"].empty:
        return
    crossed = tuple(arm for arm in crossed if (tables["blocks"]["arm"] == arm).any())
    shown = _controls(*_choices(tables, crossed))
    ranked = _rankings(folder, tables, shown, crossed)
    begin = _largest(next(iter(ranked.values())))
    if shown.every_weight:
        _weights(folder, shown, crossed)
    else:
        _maps(folder, tables, shown, crossed, begin)
    _show_rankings(folder, tables, shown, crossed)
    name = f"{shown.side}-layer-{shown.layer + 1}"
    with st.container(horizontal=True):
        take_csv(lambda: _now(folder, tables, shown, crossed), f"blocks-{name}", "Every block as CSV")
        take_csv(
            lambda: pd.concat([rows.assign(arm=arm) for arm, rows in ranked.items()]),
            f"pairs-{name}",
            "Every pair as CSV",
        )
        if shown.layer == 0:
            take_csv(
                lambda: _values(folder, tables, shown.side, crossed), f"values-{shown.side}", "Pairs of values as CSV"
            )
    show_recovery(folder, tables, shown.side, crossed)
    what_if(folder, crossed, shown.side, shown.layer, begin)
    show_importance(folder, tables, shown, crossed)
    show_spectrum(folder, tables, shown, crossed)


def _now(folder: RunFolder, tables: Tables, shown: LayerView, arms: tuple[str, ...]) -> pd.DataFrame:
    """Blocks of the layer and the moment that are shown."""
    own = layer_of(folder, tables, shown, arms)
    return own[own["moment"] == shown.moment]


def _values(folder: RunFolder, tables: Tables, side: str, arms: tuple[str, ...]) -> pd.DataFrame:
    """Pairs of values of a side, with the fields' labels."""
    values = with_labels(folder, tables["values"], ("a", "b"))
    return values[(values["side"] == side) & values["arm"].isin(arms)]


@once
def _choices(tables: Tables, arms: tuple[str, ...]) -> tuple[dict[str, int], list[int], tuple[str, ...]]:
    """What there is to choose from: how many cross layers by side, seeds, and moments of training."""
    own = tables["blocks"][tables["blocks"]["arm"].isin(arms)]
    layers = own.groupby("side", sort=False)["layer"].max() + 1
    by_arm = [{*moments} - {"initial", "learned"} for moments in own.groupby("arm")["moment"].unique()]
    steps = sorted(map(int, set.intersection(*by_arm)))  # an arm that ended before the others has fewer
    counts = {str(side): int(count) for side, count in layers.items()}
    return counts, sorted(own["seed"].unique().tolist()), ("initial", *map(str, steps), "learned")


def crossed_sides(folder: RunFolder, arm: str) -> set[str]:
    """The sides whose tower has cross layers, by the arm's plan: known before anything is measured."""
    plans = (folder.towers or {}).get(arm, {}).get("plan", {})
    kinds = {side: {block["kind"] for branch in plan["branches"] for block in branch} for side, plan in plans.items()}
    return {side for side, own in kinds.items() if "cross" in own}


def _say_unseen(folder: RunFolder, tables: Tables, arms: tuple[str, ...]) -> None:
    """Why a tower's cross layers can't be shown, where they have no matrix, and what can be measured all the same; and
    which cross network it is, where a tower has several."""
    seen = {*zip(tables["blocks"]["side"], tables["blocks"]["arm"], strict=True)}
    for side in ("query", "item"):
        crossed = [arm for arm in arms if side in crossed_sides(folder, arm)]
        unseen = [arm for arm in crossed if (side, arm) not in seen]
        for why in dict.fromkeys(_kind_of(folder, arm, side).unseen for arm in unseen):
            own = [spoken(arm) for arm in unseen if _kind_of(folder, arm, side).unseen == why]
            whose = f" of {listed(own)}" if len(own) < len(crossed) else ""
            command = code(f"python -m pdcn inspect {folder.run} --kind importance")
            st.info(
                f"The {side} tower{whose}: {why} What each pair of fields is worth can be measured all the same: "
                f"{command}",
                icon=":material/info:",
            )
    several = [arm for arm in arms if any(len(_kinds(folder, arm, side)) > 1 for side in ("query", "item"))]
    for arm in several:
        st.caption(f"{capital(spoken(arm))} has several cross networks in a tower; what is shown here is of the first.")


def _kinds(folder: RunFolder, arm: str, side: str) -> tuple[str, ...]:
    """The kinds of the cross networks of an arm's tower."""
    wiring = WIRINGS[dict(zip(("query", "item"), wirings(arm), strict=True))[side]]
    return wiring.crossings(folder.experiment.network_of(side).cross)


def _kind_of(folder: RunFolder, arm: str, side: str) -> Crossing:
    """The kind of the cross network that is shown."""
    return CROSSINGS[_kinds(folder, arm, side)[0]]


def _largest(ranking: pd.DataFrame) -> tuple[str, str] | None:
    """The largest cross of two fields, with which the question below begins; None where there is none."""
    two = ranking[ranking["a"] != ranking["b"]]
    return (two["a"].iloc[0], two["b"].iloc[0]) if len(two) else None


def _controls(layers: dict[str, int], seeds: list[int], moments: tuple[str, ...]) -> LayerView:
    row = st.columns([1.1, 1, 1.3, 1.5, 1.5], vertical_alignment="bottom")
    side = one_of("Tower", list(layers), key="cross_side", place=row[0])
    count = range(layers[side])
    layer = one_of("Cross layer", count, key="cross_layer", place=row[1], format_func=lambda at: str(at + 1))
    view = one_of("Show", ["fields", "every weight"], key="cross_view", place=row[2])
    options = [*([MEAN, SPREAD] if len(seeds) > 1 else []), *(f"seed {seed}" for seed in seeds)]
    chosen = from_list("Seeds", options, key="cross_seeds", place=row[3])
    scaled = row[4].toggle(
        "Scaled by the inputs",
        value=True,
        key="cross_scaled",
        bind="query-params",
        help="Weighs every weight with how large the embeddings are that it multiplies (their root mean square over "
        "real events). Without it a field whose embeddings are small needs large weights and looks important by "
        "itself.",
    )
    moment = st.select_slider(
        "Training",
        moments,
        value="learned",
        key="cross_moment",
        bind="query-params",
        format_func=lambda m: f"step {int(m):,}" if m.isdigit() else str(m),
        help="Initial: before the first step. Steps: of the first seed, from half-precision snapshots. Learned: the "
        "weights that were evaluated, those of the best validation check.",
    )
    return LayerView(side, layer, "scaled" if scaled else "norm", str(chosen), str(moment), view != "fields")


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
        return cube[0], labels, f"seed {seeds[0]}"
    values = cube.std(0, ddof=1) if shown.seeds == SPREAD else cube.mean(0)
    return values, labels, f"{shown.seeds}, {len(seeds)} of them"


@once
def _map_figures(
    folder: RunFolder, tables: Tables, shown: LayerView, arms: tuple[str, ...], picked: tuple[str, str]
) -> tuple[tuple[str, ...], list[tuple[str, Any, str]]]:
    """The labels of the blocks in order; and an arm, its map, and in words which seeds it is of."""
    rows, truth = layer_of(folder, tables, shown, arms), planted(folder, shown.side)
    settled = rows[rows["moment"] != "initial"] if shown.moment != "initial" else rows
    found = {arm: values_of(rows, arm, shown) for arm in arms}
    labels = next(iter(found.values()))[1]
    numbers = [labels.index(label) for label in numbers_of(folder, shown.side)]
    ends = [values for values, _, _ in found.values()]
    if shown.seeds != SPREAD:  # one scale while the slider moves
        size = settled.groupby(["write", "read"], sort=False)[shown.size].max()
        ends = [size.to_numpy(np.float64).reshape(len(labels), -1)]
    largest = largest_by_kind(np.max(ends, axis=0), numbers)
    place = {label: at for at, label in enumerate(labels)}
    rings = [(place[a], place[b]) for pair in truth for a, b in (sorted(pair), sorted(pair)[::-1])]
    drawn = []
    for arm in arms:
        values, _, of = found[arm]
        figure = block_map(
            values,
            labels,
            largest,
            what="scaled norm" if shown.size == "scaled" else "norm",
            title=spoken(arm),
            numbers=numbers,
            planted=rings,
            picked=(place[picked[0]], place[picked[1]]) if {*picked} <= {*place} else None,
            bar=arm == arms[-1],
        )
        drawn.append((arm, figure, of))
    return labels, drawn


def _maps(
    folder: RunFolder, tables: Tables, shown: LayerView, arms: tuple[str, ...], begin: tuple[str, str] | None
) -> None:
    write, read = begin or ("", "")
    picked = standing("what_if_write", write), standing("what_if_read", read)
    labels, drawn = _map_figures(folder, tables, shown, arms, picked)
    for column, (arm, figure, of) in zip(st.columns(len(arms)), drawn, strict=True):
        key, bare = f"cross-map-{arm}-{shown.side}", {"displayModeBar": False}
        pick = partial(_pick, key, labels)
        column.plotly_chart(figure, key=key, on_select=pick, selection_mode="points", config=bare)
        column.caption(capital(of))
    ringed = " Rings mark what was planted." if planted(folder, shown.side) else ""
    several = (
        " Blocks between categories have one colour scale and blocks with a number, in grey, another: an embedding "
        "has several columns and a number has one, so they do not compare. All maps share the two, also over the "
        "slider."
        if numbers_of(folder, shown.side)
        else " All maps share one colour scale, also over the slider."
    )
    reading(
        "A bright block is a field (row) that is multiplied with much of what another field (column) holds."
        f"{several}{ringed} Click a block to try the model without it.",
        "whether anything depends on a block: a large norm can be idle, and a small one needed. That is measured "
        "below.",
    )
    with st.popover("Why is the map not symmetric?", icon=":material/help:"):
        st.markdown(WHY_DIRECTED)


def _pick(key: str, labels: tuple[str, ...]) -> None:
    points = st.session_state[key]["selection"]["points"]
    if points:
        row, column = divmod(int(points[-1]["point_index"]), len(labels))
        st.session_state["what_if_write"], st.session_state["what_if_read"] = labels[row], labels[column]


def _weights(folder: RunFolder, shown: LayerView, arms: tuple[str, ...]) -> None:
    from pdcn.pages.crosses.work.scoring import Scoring
    from pdcn.pages.crosses.work.weights import cross_layers
    from pdcn.pages.crosses.work.weights_job import model_at
    from pdcn.training.device import one_thread

    one_thread()
    run = trained_run(folder)
    events = run.data.dataset.events("test", 512)
    seed = int(shown.seeds.removeprefix("seed ")) if shown.seeds.startswith("seed ") else run.experiment.seed
    seed = seed if shown.moment in ("initial", "learned") else run.experiment.seed
    found = {}
    for arm in arms:
        scoring = Scoring(model_at(run, arm, seed, shown.moment), run.data, events)
        layers = list(cross_layers(scoring.towers[shown.side], scoring.x0[shown.side]))
        if shown.layer < len(layers):
            found[arm] = layers[shown.layer].W, scoring.blocks[shown.side]
    largest = max(float(np.quantile(np.abs(W), 0.998)) for W, _ in found.values())
    for column, (arm, (W, blocks)) in zip(st.columns(len(found)), found.items(), strict=True):
        column.plotly_chart(
            weight_map(W, blocks.edges, blocks.labels, largest, f"{spoken(arm)}, seed {seed}"),
            key=f"cross-weights-{arm}-{shown.side}",
        )
    summary = " ".join(dict.fromkeys(_kind_of(folder, arm, shown.side).summary for arm in found)).strip()
    reading(
        "Every weight of W as it is, blue negative and red positive, with a line at every field's border; the "
        f"strongest 0.2% share the end of the scale.{summary and ' ' + summary}",
        "sizes of inputs: a large weight that only ever meets small numbers does little. The view by fields takes "
        "that in.",
    )


@once
def _rankings(folder: RunFolder, tables: Tables, shown: LayerView, arms: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """Pairs of fields by arm, as `_ranking` has them."""
    rows = layer_of(folder, tables, shown, arms)
    truth, numbers = planted(folder, shown.side), numbers_of(folder, shown.side)
    return {arm: _ranking(rows, shown, arm, truth, numbers) for arm in arms}


def _ranking(
    rows: pd.DataFrame, shown: LayerView, arm: str, truth: set[frozenset[str]], numbers: set[str]
) -> pd.DataFrame:
    """Pairs of fields of an arm: planted ones first, then crosses of two categories, then all others; the largest
    first.

    Columns `a`, `b`, `mean` over seeds, `low` and `high`, `seeds`, `planted`, `kind` ("two categories" or "other",
    which has a number or is a field with itself), `place` from 1 among its kind, `of` so many, and `moment`.
    """
    moment = shown.moment if shown.moment in ("initial", "learned") else "learned"
    pairs = pairs_of(rows[(rows["moment"] == moment) & (rows["arm"] == arm)], shown.size)
    found = pairs.groupby(["a", "b"], sort=False, as_index=False).agg(
        mean=(shown.size, "mean"), low=(shown.size, "min"), high=(shown.size, "max"), seeds=("seed", "nunique")
    )
    two = (found["a"] != found["b"]) & ~found["a"].isin(numbers) & ~found["b"].isin(numbers)
    found["planted"] = [frozenset(pair) in truth for pair in zip(found["a"], found["b"], strict=True)]
    found["kind"] = np.where(two, "two categories", "other")
    kinds = found.groupby("kind")["mean"]
    found["place"], found["of"] = kinds.rank(ascending=False, method="min").astype(int), kinds.transform("size")
    found = found.assign(two=two, moment=moment)
    by = ["planted", "two", "mean"]
    return found.sort_values(by, ascending=False, kind="stable", ignore_index=True).drop(columns="two")


@once
def _show_rankings(folder: RunFolder, tables: Tables, shown: LayerView, arms: tuple[str, ...]) -> None:
    """The largest crosses of each arm as a list."""
    ranked = _rankings(folder, tables, shown, arms)
    values = _values(folder, tables, shown.side, arms)
    st.markdown("##### The largest crosses, in words")
    with_values = shown.layer == 0 and shown.moment not in ("initial",) and len(values) > 0
    for column, (arm, ranking) in zip(st.columns(len(ranked)), ranked.items(), strict=True):
        column.caption(spoken(arm))
        own = values[values["arm"] == arm] if with_values else values[:0]
        set_in, two = ranking["planted"], ranking["kind"] == "two categories"
        more = max(FEWER, LISTED - int(set_in.sum()))
        rest = "Not planted, of two category fields" if set_in.any() else "Of two category fields"
        for heading, part in (
            ("Planted", ranking[set_in]),
            (rest, ranking[two & ~set_in].head(more)),
            ("With a number, or of a field with itself", ranking[~two].head(FEWER)),
        ):
            if len(part):
                column.markdown("\n".join((f"*{heading}*", "", *(_line(row, own) for row in part.to_dict("records")))))
    moment = next(iter(ranked.values()))["moment"].iloc[0]
    st.caption(
        f"Both directions together, {words(moment)} weights, mean over seeds with its range. Places count among "
        "crosses of two category fields, or among all other pairs. "
        + (
            "“Most for” is the pair of real values whose product is largest, among those that occur together; of a "
            "number, its value one standard deviation above the mean."
            if with_values
            else "Pairs of values are told for the learned first layer, where a cross is a product of two fields and "
            "nothing else."
        )
    )


def _line(row: dict[Any, Any], values: pd.DataFrame) -> str:
    """A pair of fields as a line of a list: size, place, and the pair of values whose product is largest, where
    known."""
    a, b = row["a"], row["b"]
    line = f"- **{words(a)} × {words(b) if a != b else 'itself'}** {row['mean']:.2f}"
    line += f" ({row['low']:.2f} to {row['high']:.2f})" if row["seeds"] > 1 else ""
    line += f", place {row['place']} of {row['of']}"
    own = values[(values["a"] == a) & (values["b"] == b)]
    if own.empty:
        return line
    best = own.iloc[0]
    also = f" × {words(best['value_b'])}" if a != b else ""
    return line + f"  \n  most for {words(best['value_a'])}{also}"
