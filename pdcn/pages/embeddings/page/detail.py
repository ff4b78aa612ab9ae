"""Below the maps: the nearest neighbours of one selected point in the full space, and what many have in common."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from pdcn.arrays import Doubles, Floats
from pdcn.evaluation.near import Near, different, shared
from pdcn.inert import words
from pdcn.pages.embeddings import words as say
from pdcn.pages.embeddings.page.points import Ids, Points
from pdcn.pages.embeddings.page.selection import how
from pdcn.pages.embeddings.work.shared_values import in_common
from pdcn.pages.embeddings.work.space import neighbours, unit_rows
from pdcn.shell.address import keep
from pdcn.shell.analysis_view import take_csv
from pdcn.shell.inputs import from_list
from pdcn.shell.parts import explaining, remark, unfolded
from pdcn.shell.terms import with_terms
from pdcn.words import spoken

K = 10
LISTED = 200
Vectors = dict[str, Floats]


def nearest(points: Points, vectors: Floats, ids: Ids) -> tuple[Ids, Floats]:
    """The items nearest to points of one side, and their scores: (n, K) both. An item's are by cosine without itself,
    a query's by the model's score."""
    of, among, own = _asking(points, vectors, ids)
    return neighbours(of, among, K, own=own)


def _asking(points: Points, vectors: Floats, ids: Ids) -> tuple[Floats, Floats, Ids | None]:
    """What is held against which items, and which of them it is itself."""
    items = vectors[: points.split]
    if len(ids) and ids[0] < points.split:
        unit = unit_rows(items)
        return unit[ids], unit, ids
    return vectors[ids], items, None


def in_both(points: Points, vectors: Vectors, ids: Ids) -> Doubles:
    """Share (n,) of the K items nearest to points of one side that both arms have in common; ties are drawn by lot."""
    asking = [_asking(points, own, ids) for own in vectors.values()]
    left, right = (Near.of(of, among, [K], own=own) for of, among, own in asking)
    return shared(left, right, K)


def show_detail(points: Points, vectors: Vectors, ids: Ids, total: int) -> None:
    """All about the selection, of so many points in all."""
    count = len(ids)
    said = say.SELECTED(count=count, total=total, how=words(how())) if how() else say.SELECTED_SOMEHOW(count=count)
    st.header(said, anchor=False)
    if not count:
        st.info(say.NOTHING_LIKE_THAT, icon=":material/search_off:")
        return
    sides = [part for part in (ids[ids < points.split], ids[ids >= points.split]) if len(part)]
    if len(ids) > 1:
        _common(points, sides)
    offered = ids[:LISTED].tolist()
    first = say.NEIGHBOURS_OF_FIRST(listed=LISTED, count=count) if count > LISTED else say.NEIGHBOURS_OF
    keep("map_point", offered[0], offered)
    point = from_list(
        first,
        offered,
        key="map_point",
        format_func=lambda point: points.names[point],
        help=say.NEIGHBOURS_OF_HELP,
        disabled=len(offered) == 1,
    )
    _neighbours(points, vectors, int(point if point in offered else offered[0]))
    _agreement(points, vectors, sides)


def _common(points: Points, sides: list[Ids]) -> None:
    for part, column in zip(sides, st.columns(len(sides)), strict=True):
        called = "items" if part[0] < points.split else "queries"
        every = points.ids(called)
        mask = np.zeros(len(every), bool)
        mask[part - every[0]] = True
        found = in_common(points.described(every), mask)
        if not len(found):
            column.caption(with_terms(say.NOTHING_IN_COMMON(selected=f"{len(part):,} {called}")))
            continue
        column.caption(with_terms(say.IN_COMMON(selected=f"{len(part):,} {called}", every=len(every))))
        shares = found.assign(selected=100 * found["selected"], all=100 * found["all"]).drop(columns="weight")
        column.dataframe(
            shares,
            hide_index=True,
            column_config={
                "selected": st.column_config.NumberColumn(say.OF_THE_SELECTED, format="%.1f%%"),
                "all": st.column_config.NumberColumn(say.OF_ALL, format="%.1f%%"),
            },
        )
        take_csv(found, f"common-{called}", place=column)


def _neighbours(points: Points, vectors: Vectors, point: int) -> None:
    item, one = point < points.split, np.array([point])
    found = {arm: nearest(points, own, one) for arm, own in vectors.items()}
    lists = {arm: ids[0].tolist() for arm, (ids, _) in found.items()}
    common = set.intersection(*map(set, lists.values()))
    true = _true(points, point)
    table = pd.DataFrame(points.words(point), columns=[say.FIELD, say.VALUE])
    show = partial(st.dataframe, table, hide_index=True, column_config=explaining(table))
    unfolded("near-in-words", say.IN_WORDS, show)
    frames = []
    for column, (arm, (ids, scores)) in zip(st.columns(len(found)), found.items(), strict=True):
        marks = [_mark(at, true, common, len(found)) for at in ids[0]]
        told = {say.ITEM: [points.names[at] for at in ids[0]], say.SCORE: scores[0].astype(float), "": marks}
        frame = pd.DataFrame({say.PLACE: range(1, len(marks) + 1), **told})
        frames.append(frame.rename(columns={"": "mark"}).assign(arm=arm, point=points.names[point]))
        column.markdown(with_terms(_place(points, vectors[arm], point, true, spoken(arm))))
        column.dataframe(
            frame,
            hide_index=True,
            key=f"near-{arm}",
            column_config=explaining(
                frame,
                {
                    say.PLACE: st.column_config.NumberColumn("", width=35),
                    "": st.column_config.TextColumn(width=90),
                    say.ITEM: st.column_config.TextColumn(width="large"),
                    say.SCORE: st.column_config.NumberColumn(format="%.3f", width=60),
                },
            ),
        )
    if len(found) > 1:
        remark(say.IN_BOTH_LISTS(common=len(common), listed=K))
    remark(say.NEAR_AN_ITEM if item else say.NEAR_A_QUERY)
    take_csv(pd.concat(frames), "neighbours")


def _true(points: Points, point: int) -> int | None:
    """The item that a query chose, as a point, if it is one of them."""
    if point < points.split:
        return None
    item = int(points.queries["_item"].iloc[point - points.split])
    at = np.flatnonzero(points.items["_item"].to_numpy() == item)
    return int(at[0]) if len(at) else None


def _mark(at: int, true: int | None, common: set[int], arms: int) -> str:
    marks = [say.CHOSEN_MARK] if at == true else []
    return " · ".join([*marks, *([say.BOTH_MARK] if arms > 1 and at in common else [])])


def _place(points: Points, vectors: Floats, point: int, true: int | None, arm: str) -> str:
    """The arm, and at which place it has what a query chose."""
    if true is None:
        return f"**{arm}**"
    items = vectors[: points.split]
    first, alike, times = different(items)
    score, own = items[first] @ vectors[point], alike[true]
    place = 1 + int(times[score > score[own]].sum())
    tied = int(times[score == score[own]].sum()) - 1
    if tied:
        return say.CHOSEN_TIED(arm=arm, place=place, items=points.split, tied=tied)
    return say.CHOSEN_AT(arm=arm, place=place, items=points.split)


def _agreement(points: Points, vectors: Vectors, sides: list[Ids]) -> None:
    """How much of the neighbourhoods of the selected points both arms share, against that of all."""
    if len(vectors) < 2:
        return
    said = []
    for part in sides:
        called = "items" if part[0] < points.split else "queries"
        both = (part, points.ids(called))
        some, usual = (float(in_both(points, vectors, ids[:: max(1, len(ids) // 1_000)]).mean()) for ids in both)
        said.append(say.SHARE_OF(called=called, some=f"{some:.0%}", all=f"{usual:.0%}"))
    remark(say.SHARES(nearest=K, shares="; ".join(said)))
