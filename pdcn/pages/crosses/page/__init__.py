"""The Crosses page: what the cross layers learned, which of it matters, and what happens without it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pdcn.config import JOINT
from pdcn.crossings import CROSSINGS, Crossing
from pdcn.inert import code, words
from pdcn.jobs.analysis import Tables
from pdcn.pages.crosses import CROSSES, EVERY
from pdcn.pages.crosses import words as say
from pdcn.pages.crosses.page.evidence import (
    LayerView,
    fields_of,
    layer_of,
    metric_of,
    numbers_of,
    show_importance,
    show_recovery,
    show_spectrum,
    side_fields,
)
from pdcn.pages.crosses.page.maps import MEAN, SHOWN_FIELDS, SPREAD, show_maps, show_weights
from pdcn.pages.crosses.page.projection import show_projection
from pdcn.pages.crosses.page.rankings import by_place, rankings, show_rankings, values_of_pairs
from pdcn.pages.crosses.page.what_if import what_if
from pdcn.runs.folder import RunFolder
from pdcn.shell.analysis_view import analysed, arm_pair, run_inside, take_csv
from pdcn.shell.frame import says_errors
from pdcn.shell.inputs import from_list, moment_of, one_of, toggle
from pdcn.shell.parts import lead, measured, remark, unfolded
from pdcn.shell.shown_run import once
from pdcn.shell.terms import with_terms
from pdcn.wirings import wiring_of, wirings
from pdcn.words import capital, listed, spoken

LARGEST_CROSSES = 10
"""Of so many crosses of a joint network it is told which sides they join."""


@says_errors
def draw() -> None:
    """Draw the page."""
    folder = run_inside("crosses", say.TITLE, towers=False)
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
    shown = _controls(folder, *_choices(tables, crossed), _experts(tables))
    ranked = rankings(folder, tables, shown, crossed)
    with place:
        _lead(folder, ranked, shown)
    begin = largest_block(ranked[crossed[0]], layer_of(folder, tables, shown, crossed[:1]), shown.size)
    if shown.every_weight and shown.expert == EVERY and _experts(tables):
        st.info(say.ONE_EXPERT, icon=":material/info:")
    elif shown.every_weight:
        show_weights(folder, shown, crossed)
    else:
        show_maps(folder, tables, shown, crossed, begin)
        if _experts(tables):
            remark(say.EXPERTS_APART if shown.expert == EVERY else say.EXPERTS_NUMBERED)
    what_if(folder, crossed, shown, begin)
    show_projection(folder, tables, shown.side, crossed)
    unfolded("crosses-in-full", say.IN_FULL, _in_full, folder, tables, shown, crossed, ranked)
    show_recovery(folder, tables, shown.side, crossed)
    of_layer, metric = (folder, tables, shown, crossed), metric_of(shown.side)
    unfolded("crosses-importance", say.IMPORTANCE(metric=metric), show_importance, *of_layer)
    unfolded("crosses-rank", say.RANK, show_spectrum, *of_layer)
    _measured(folder, shown, crossed)


def _lead(folder: RunFolder, ranked: dict[str, pd.DataFrame], shown: LayerView) -> None:
    """What the maps show: of planted crosses how many are found, else the largest cross of each arm."""
    where = say.WHERE["initial" if shown.moment == "initial" else "learned"](side=shown.side)
    arms = [spoken(arm) for arm in ranked]
    if shown.side == JOINT:
        _across(folder, ranked)
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
    firsts = [by_place(ranking)[:1] for ranking in ranked.values()]
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


def _across(folder: RunFolder, ranked: dict[str, pd.DataFrame]) -> None:
    """How many of the largest crosses join a field of the query with one of the item, and how many would by chance."""
    sides = {field["label"]: field["side"] for field in side_fields(folder, JOINT)}
    for arm, ranking in ranked.items():
        two = ranking[ranking["a"] != ranking["b"]]
        apart = two["a"].map(sides).to_numpy() != two["b"].map(sides).to_numpy()
        largest = two["mean"].rank(ascending=False, method="first").to_numpy() <= LARGEST_CROSSES
        if len(two):
            many, across = int(largest.sum()), int((largest & apart).sum())
            share = f"{apart.mean():.0%}"
            st.markdown(with_terms(words(say.ACROSS(arm=capital(spoken(arm)), many=many, across=across, share=share))))


def _in_full(
    folder: RunFolder, tables: Tables, shown: LayerView, arms: tuple[str, ...], ranked: dict[str, pd.DataFrame]
) -> None:
    show_rankings(folder, tables, shown, arms)
    name = f"{shown.side}-layer-{shown.layer + 1}" + (f"-expert-{shown.expert}" if shown.expert else "")
    with st.container(horizontal=True):
        take_csv(lambda: _now(folder, tables, shown, arms), f"blocks-{name}", say.BLOCKS_CSV)
        take_csv(
            lambda: pd.concat([rows.assign(arm=arm) for arm, rows in ranked.items()]), f"pairs-{name}", say.PAIRS_CSV
        )
        if shown.layer == 0:
            take_csv(lambda: values_of_pairs(folder, tables, shown.side, arms), f"values-{shown.side}", say.VALUES_CSV)


def _measured(folder: RunFolder, shown: LayerView, arms: tuple[str, ...]) -> None:
    if shown.every_weight:
        summaries = dict.fromkeys(_kind_of(folder, arm, shown.side).summary for arm in arms)
        measured(say.READING_WEIGHTS, *filter(None, summaries), say.WHY_DIRECTED)
        return
    grey = [say.READING_NUMBERS] if numbers_of(folder, shown.side) else []
    measured(say.READING(metric=metric_of(shown.side)), *grey, say.READING_SIZE, say.WHY_DIRECTED)


def _now(folder: RunFolder, tables: Tables, shown: LayerView, arms: tuple[str, ...]) -> pd.DataFrame:
    """Blocks of the layer and the moment that are shown."""
    own = layer_of(folder, tables, shown, arms)
    return own[own["moment"] == shown.moment]


@once
def _choices(tables: Tables, arms: tuple[str, ...]) -> tuple[dict[str, int], list[int], tuple[str, ...]]:
    """What there is to choose from: how many cross layers by side, seeds, and moments of training."""
    own = tables["blocks"][tables["blocks"]["arm"].isin(arms)]
    layers = own.groupby("side", sort=False)["layer"].max() + 1
    by_arm = [{*moments} - {"initial", "learned"} for moments in own.groupby("arm")["moment"].unique()]
    steps = sorted(map(int, set.intersection(*by_arm)))  # an arm that ended before the others has fewer
    counts = {str(side): int(count) for side, count in layers.items()}
    return counts, sorted(own["seed"].unique().tolist()), ("initial", *map(str, steps), "learned")


def _experts(tables: Tables) -> int:
    """How many experts there are to choose from; 0 where towers have one network."""
    return int(tables["blocks"]["expert"].max()) if "expert" in tables["blocks"] else 0


def crossed_sides(folder: RunFolder, arm: str) -> set[str]:
    """The sides whose tower has cross layers, by the arm's plan and wiring: known before anything is measured."""
    plans, own = (folder.towers or {}).get(arm, {}).get("plan", {}), folder.own(arm)
    layers = {side: own.network_of("item" if side == "item" else "query").cross_layers for side in plans}
    return {side for side in plans if layers[side] and _kinds(folder, arm, side)}


def sides_of(folder: RunFolder) -> tuple[str, ...]:
    """The towers that the arms of a run have, by name."""
    return tuple(dict.fromkeys(side for record in (folder.towers or {}).values() for side in record.get("plan", ())))


def _say_unseen(folder: RunFolder, tables: Tables, arms: tuple[str, ...]) -> None:
    """Why a tower's cross layers can't be shown, where they have no matrix, and what can be measured all the same; and
    which cross network it is, where a tower has several."""
    seen = {*tables["blocks"][["side", "arm"]].drop_duplicates().itertuples(index=False, name=None)}
    for side in sides_of(folder):
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
    several = [arm for arm in arms if any(len(_kinds(folder, arm, side)) > 1 for side in sides_of(folder))]
    for arm in several:
        remark(say.SEVERAL_NETWORKS(arm=capital(spoken(arm))))


def _kinds(folder: RunFolder, arm: str, side: str) -> tuple[str, ...]:
    """The kinds of the cross networks of an arm's tower."""
    query, item = wirings(arm)
    network = folder.experiment.network_of("item" if side == "item" else "query")
    return wiring_of(item if side == "item" else query).crossings(network.cross)


def _kind_of(folder: RunFolder, arm: str, side: str) -> Crossing:
    """The kind of the cross network that is shown."""
    return CROSSINGS[_kinds(folder, arm, side)[0]]


def largest_block(ranking: pd.DataFrame, rows: pd.DataFrame, size: str) -> tuple[str, str] | None:
    """The block, as who writes and who reads, with which the question below begins: of the largest cross of two fields
    the brighter way. None where there is none.

    `rows` are the blocks of the arm that is ranked.

    >>> first = {"a": "Shop", "b": "Hour", "mean": 5.0, "kind": "two categories", "place": 1, "moment": "learned"}
    >>> rows = {"write": ["Shop", "Hour"], "read": ["Hour", "Shop"], "moment": "learned", "norm": [3.0, 4.0]}
    >>> largest_block(pd.DataFrame([first]), pd.DataFrame(rows), "norm")
    ('Hour', 'Shop')
    """
    for first in by_place(ranking)[:1]:
        learned = rows[rows["moment"] == first["moment"]].groupby(["write", "read"])[size].mean()
        one, other = (first["a"], first["b"]), (first["b"], first["a"])
        return max(one, other, key=lambda block: float(learned[block]))
    return None


def _controls(
    folder: RunFolder, layers: dict[str, int], seeds: list[int], moments: tuple[str, ...], experts: int
) -> LayerView:
    """One row: tower, layer, expert, moment and fields; behind a press the rest."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    side = next(iter(layers))
    if side == JOINT:
        row.caption(with_terms(say.JOINT))
    else:
        side = one_of(say.TOWER, list(layers), key="cross_side", place=row, help=say.TOWER_HELP)
    count = range(layers[side])
    layer = one_of(
        say.LAYER, count, key="cross_layer", place=row, format_func=lambda at: str(at + 1), help=say.LAYER_HELP
    )
    expert = EVERY
    if experts:
        expert = from_list(
            say.EXPERT,
            [EVERY, *range(1, experts + 1)],
            key="cross_expert",
            place=row,
            width=150,
            format_func=lambda one: say.NUMBERED(number=one) if one else str(say.ALL_EXPERTS),
            help=say.EXPERT_HELP,
        )
    moment = moment_of(
        say.TRAINING,
        moments,
        "learned",
        key="cross_moment",
        place=row,
        width=280,
        format_func=lambda m: say.STEP(step=int(m)) if m.isdigit() else str(m),
        help=say.TRAINING_HELP,
    )
    every_field = toggle(
        say.EVERY_FIELD(count=fields_of(folder, side)),
        key="cross_every_field",
        place=row,
        help=say.EVERY_FIELD_HELP(shown=SHOWN_FIELDS),
    )
    with row.popover(say.MORE, icon=":material/tune:"):
        view = one_of(say.SHOW, ["fields", "every weight"], key="cross_view", help=say.SHOW_HELP)
        options = [*([MEAN, SPREAD] if len(seeds) > 1 else []), *(f"seed {seed}" for seed in seeds)]
        chosen = from_list(say.SEEDS, options, key="cross_seeds", help=say.SEEDS_HELP)
        scaled = toggle(say.SCALED, value=True, key="cross_scaled", help=say.SCALED_HELP)
    size = "scaled" if scaled else "norm"
    return LayerView(side, layer, size, str(chosen), str(moment), view != "fields", every_field, expert)
