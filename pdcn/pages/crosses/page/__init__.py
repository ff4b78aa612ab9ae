"""The Crosses page: what the cross layers learned, which of it matters, and what happens without it."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pdcn.crossings import CROSSINGS, Crossing
from pdcn.inert import code, words
from pdcn.jobs.analysis import Tables
from pdcn.pages.crosses import CROSSES
from pdcn.pages.crosses import words as say
from pdcn.pages.crosses.figures import block_map, largest_by_kind, weight_map
from pdcn.pages.crosses.page.evidence import (
    LayerView,
    fields_of,
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
from pdcn.shell.analysis_view import analysed, arm_pair, run_inside, take_csv, trained_run
from pdcn.shell.frame import says_errors
from pdcn.shell.inputs import from_list, one_of
from pdcn.shell.parts import folded, lead, measured
from pdcn.shell.shown_run import once
from pdcn.wirings import WIRINGS, wirings
from pdcn.words import capital, listed, spoken

LISTED, FEWER = 6, 3
"""So many of the largest crosses of two categories are told, planted ones among them; and at least so many that are
not."""
SHOWN_FIELDS, FIRST = 8, 4
"""So many fields has a map until all are asked for; and so many crosses stand beside the maps for each arm."""
MEAN, SPREAD = say.OVER_SEEDS


@says_errors
def draw() -> None:
    """Draw the page."""
    folder = run_inside("crosses", say.TITLE)
    if folder is None:
        return
    if folder.towers is None:
        raise folder.damaged("towers.json")
    crossed = tuple(arm for arm in arm_pair(folder) if crossed_sides(folder, arm))
    if not crossed:
        st.info(say.NO_CROSSES, icon=":material/info:")
        return
    tables = analysed(folder, CROSSES)
    if tables is None:
        return
    _say_unseen(folder, tables, crossed)
    if tables["blocks"].empty:
        return
    crossed = tuple(arm for arm in crossed if (tables["blocks"]["arm"] == arm).any())
    place = st.container()
    shown = _controls(folder, *_choices(tables, crossed))
    ranked = _rankings(folder, tables, shown, crossed)
    with place:
        _lead(ranked, shown)
    begin = _largest(next(iter(ranked.values())))
    if shown.every_weight:
        _weights(folder, shown, crossed)
    else:
        _maps(folder, tables, shown, crossed, begin)
    what_if(folder, crossed, shown.side, shown.layer, begin)
    with folded(say.IN_FULL):
        _show_rankings(folder, tables, shown, crossed)
        _take_tables(folder, tables, shown, crossed, ranked)
    show_recovery(folder, tables, shown.side, crossed)
    show_importance(folder, tables, shown, crossed)
    show_spectrum(folder, tables, shown, crossed)
    _measured(folder, shown, crossed)


def _lead(ranked: dict[str, pd.DataFrame], shown: LayerView) -> None:
    """What the maps show: of planted crosses how many are found, else the largest cross of each arm."""
    where = say.WHERE["initial" if shown.moment == "initial" else "learned"](side=shown.side)
    arms = [spoken(arm) for arm in ranked]
    both = [ranking[ranking["planted"]] for ranking in ranked.values()]
    if len(both[0]):
        many = len(both[0])
        found = [int((rows["place"] <= many).sum()) for rows in both]
        if len(arms) == 1:
            lead(say.LEAD_PLANTED_ONE(where=where, found=found[0], many=many, arm=arms[0]))
        else:
            lead(
                say.LEAD_PLANTED(
                    where=where, found=found[0], many=many, arm=arms[0], other_found=found[1], other=arms[1]
                )
            )
        return
    firsts = [_by_place(ranking)[:1] for ranking in ranked.values()]
    if not all(firsts):
        return
    pairs = [(words(row["a"]), words(row["b"])) for (row,) in firsts]
    sizes = [f"{row['mean']:.2f}" for (row,) in firsts]
    (a, b), first = pairs[0], {"where": where, "arm": arms[0], "size": sizes[0]}
    if len(arms) == 1:
        lead(say.LEAD_ONE(**first, a=a, b=b))
    elif pairs[0] == pairs[1]:
        lead(say.LEAD_SAME(**first, a=a, b=b, other=arms[1], other_size=sizes[1]))
    else:
        c, d = pairs[1]
        lead(say.LEAD_APART(**first, a=a, b=b, other=arms[1], c=c, d=d, other_size=sizes[1]))


def _by_place(ranking: pd.DataFrame) -> list[dict[Any, Any]]:
    """Crosses of two fields, the largest first; of two categories where there are such."""
    two = ranking[ranking["a"] != ranking["b"]]
    categories = two[two["kind"] == "two categories"]
    return (categories if len(categories) else two).sort_values("place", kind="stable").to_dict("records")


def _take_tables(
    folder: RunFolder, tables: Tables, shown: LayerView, arms: tuple[str, ...], ranked: dict[str, pd.DataFrame]
) -> None:
    name = f"{shown.side}-layer-{shown.layer + 1}"
    with st.container(horizontal=True):
        take_csv(lambda: _now(folder, tables, shown, arms), f"blocks-{name}", say.BLOCKS_CSV)
        take_csv(
            lambda: pd.concat([rows.assign(arm=arm) for arm, rows in ranked.items()]), f"pairs-{name}", say.PAIRS_CSV
        )
        if shown.layer == 0:
            take_csv(lambda: _values(folder, tables, shown.side, arms), f"values-{shown.side}", say.VALUES_CSV)


def _measured(folder: RunFolder, shown: LayerView, arms: tuple[str, ...]) -> None:
    if shown.every_weight:
        summaries = dict.fromkeys(_kind_of(folder, arm, shown.side).summary for arm in arms)
        measured(say.READING_WEIGHTS, *filter(None, summaries), say.WHY_DIRECTED)
        return
    grey = [say.READING_NUMBERS] if numbers_of(folder, shown.side) else []
    measured(say.READING, *grey, say.READING_SIZE, say.WHY_DIRECTED)


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
            known = {
                "side": side,
                "why": why,
                "command": code(f"python -m pdcn inspect {folder.run} --kind importance"),
            }
            said = say.UNSEEN_OF(**known, arms=listed(own)) if len(own) < len(crossed) else say.UNSEEN(**known)
            st.info(said, icon=":material/info:")
    several = [arm for arm in arms if any(len(_kinds(folder, arm, side)) > 1 for side in ("query", "item"))]
    for arm in several:
        st.caption(say.SEVERAL_NETWORKS(arm=capital(spoken(arm))))


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


def _controls(folder: RunFolder, layers: dict[str, int], seeds: list[int], moments: tuple[str, ...]) -> LayerView:
    """One row: tower, layer, moment and fields; behind a press the rest."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    side = one_of(say.TOWER, list(layers), key="cross_side", place=row, help=say.TOWER_HELP)
    count = range(layers[side])
    layer = one_of(
        say.LAYER, count, key="cross_layer", place=row, format_func=lambda at: str(at + 1), help=say.LAYER_HELP
    )
    moment = row.select_slider(
        say.TRAINING,
        moments,
        value="learned",
        key="cross_moment",
        bind="query-params",
        width=280,
        format_func=lambda m: say.STEP(step=int(m)) if m.isdigit() else str(m),
        help=say.TRAINING_HELP,
    )
    every_field = row.toggle(
        say.EVERY_FIELD(count=fields_of(folder, side)),
        key="cross_every_field",
        bind="query-params",
        help=say.EVERY_FIELD_HELP(shown=SHOWN_FIELDS),
    )
    with row.popover(say.MORE, icon=":material/tune:"):
        view = one_of(say.SHOW, ["fields", "every weight"], key="cross_view", help=say.SHOW_HELP)
        options = [*([MEAN, SPREAD] if len(seeds) > 1 else []), *(f"seed {seed}" for seed in seeds)]
        chosen = from_list(say.SEEDS, options, key="cross_seeds", help=say.SEEDS_HELP)
        scaled = st.toggle(say.SCALED, value=True, key="cross_scaled", bind="query-params", help=say.SCALED_HELP)
    size = "scaled" if scaled else "norm"
    return LayerView(side, layer, size, str(chosen), str(moment), view != "fields", every_field)


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


def _maps(
    folder: RunFolder, tables: Tables, shown: LayerView, arms: tuple[str, ...], begin: tuple[str, str] | None
) -> None:
    write, read = begin or ("", "")
    picked = standing("what_if_write", write), standing("what_if_read", read)
    labels, drawn = _map_figures(folder, tables, shown, arms, picked)
    *columns, beside = st.columns([3] * len(arms) + [2])
    for column, (arm, figure) in zip(columns, drawn, strict=True):
        key, bare = f"cross-map-{arm}-{shown.side}", {"displayModeBar": False}
        pick = partial(_pick, key, labels)
        column.plotly_chart(figure, key=key, on_select=pick, selection_mode="points", config=bare)
    with beside:
        _in_short(folder, tables, shown, arms)
    st.caption(say.BOX_AND_RINGS if planted(folder, shown.side) else say.BOX)


@once
def _in_short(folder: RunFolder, tables: Tables, shown: LayerView, arms: tuple[str, ...]) -> None:
    """The largest crosses of each arm in words, to be read beside the maps."""
    ranked = _rankings(folder, tables, shown, arms)
    st.header(say.LARGEST, anchor=False)
    st.caption(say.LIST_CAPTION(moment=capital(_moment(ranked))))
    for arm, ranking in ranked.items():
        lines = [
            (say.LIST_PLANTED if row["planted"] else say.LIST_LINE)(
                a=words(row["a"]), b=words(row["b"]), size=f"{row['mean']:.2f}"
            )
            for row in _by_place(ranking)[:FIRST]
        ]
        st.markdown("\n".join((f"**{spoken(arm)}**", "", *lines)))


def _moment(ranked: dict[str, pd.DataFrame]) -> str:
    """The moment whose weights the lists tell, in words."""
    return words(next(iter(ranked.values()))["moment"].iloc[0])


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
            weight_map(W, blocks.edges, blocks.labels, largest, say.WEIGHTS_TITLE(arm=spoken(arm), seed=seed)),
            key=f"cross-weights-{arm}-{shown.side}",
        )
    st.caption(say.EVERY_WEIGHT)


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
    with_values = shown.layer == 0 and shown.moment not in ("initial",) and len(values) > 0
    for column, (arm, ranking) in zip(st.columns(len(ranked)), ranked.items(), strict=True):
        column.markdown(f"**{spoken(arm)}**")
        own = values[values["arm"] == arm] if with_values else values[:0]
        set_in, two = ranking["planted"], ranking["kind"] == "two categories"
        more = max(FEWER, LISTED - int(set_in.sum()))
        rest = say.NOT_PLANTED if set_in.any() else say.TWO_CATEGORIES
        for heading, part in (
            (say.PLANTED, ranking[set_in]),
            (rest, ranking[two & ~set_in].head(more)),
            (say.WITH_A_NUMBER, ranking[~two].head(FEWER)),
        ):
            if len(part):
                column.markdown("\n".join((f"*{heading}*", "", *(_line(row, own) for row in part.to_dict("records")))))
    st.caption(say.IN_FULL_CAPTION(moment=_moment(ranked)))
    st.caption(say.MOST_FOR_MEANS if with_values else say.NO_VALUES)


def _line(row: dict[Any, Any], values: pd.DataFrame) -> str:
    """A pair of fields as a line of a list: size, place, and the pair of values whose product is largest, where
    known."""
    a, b = row["a"], row["b"]
    known = {"a": words(a), "b": words(b) if a != b else say.ITSELF, "place": row["place"], "of": row["of"]}
    known["size"] = f"{row['mean']:.2f}"
    several = row["seeds"] > 1
    line = (
        say.LINE_OVER_SEEDS(**known, low=f"{row['low']:.2f}", high=f"{row['high']:.2f}")
        if several
        else say.LINE(**known)
    )
    own = values[(values["a"] == a) & (values["b"] == b)]
    if own.empty:
        return line
    best = own.iloc[0]
    value = words(best["value_a"])
    return line + (say.MOST_FOR(a=value, b=words(best["value_b"])) if a != b else say.MOST_FOR_ONE(a=value))
