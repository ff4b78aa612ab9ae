"""Why two lists differ: each field hidden in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pandas as pd
import streamlit as st

from pdcn.pages.retrieve.figures import Measure, occlusion_figure
from pdcn.pages.retrieve.page.cards import ItemWords
from pdcn.pages.retrieve.page.scene import Scene
from pdcn.shell.analysis_view import reading, take_csv
from pdcn.shell.inputs import from_list, one_of
from pdcn.shell.shown_run import once
from pdcn.sources.spoken import field_words

if TYPE_CHECKING:
    from pdcn.pages.retrieve.work.retrieval import Query

FEW = 8
"""Fields shown at first."""
LARGE = 20_000
"""In catalogues beyond this size only the seed on show is measured: ranking takes too long for a click."""


def show_why(scene: Scene, event: int, seed: int, query: Query, items: list[int], *, room: bool) -> None:
    """What each field adds to an item's score, for both arms; `items` are those on show, the true one first."""
    from pdcn.pages.retrieve.work.retrieval import by_difference

    st.markdown("#### Why do they differ?" if len(scene.arms) > 1 else "#### What moves this item?")
    row = st.container(horizontal=True, vertical_alignment="bottom")
    words = ItemWords(scene.dataset)
    item = from_list(
        "Item",
        items,
        key=f"why_item-{event}",
        place=row,
        format_func=words.full,
        width=460,
        help="The item that was chosen comes first; all others on show can be asked about.",
    )
    sides = {"query": "fields of the query", "item": "fields of the item"}
    side = one_of("Hidden in turn", list(sides), key="why_side", place=row, format_func=sides.__getitem__)
    measure: Measure = one_of("Seen in", get_args(Measure), key="why_measure", place=row)
    seeds = scene.seeds if len(scene.dataset.items) <= LARGE else (seed,)
    frame = occlusion_frame(scene, seeds, side, query, item)
    order = by_difference(frame, scene.arms, seed)
    every = len(order)
    drawn = st.container()
    if every > FEW and not st.toggle(f"All {every} fields", key="why_all", bind="query-params"):
        order = order[:FEW]
    with drawn:
        table, at = (query.table(scene.dataset.queries), 0) if side == "query" else (scene.dataset.items, item)
        said = dict(zip(frame["field"].unique(), (value for _, value in field_words(table, at)), strict=True))
        _drawn(frame, order, seed, measure, said, 17 if room else 13)
    _read(scene, seeds, measure, side)
    take_csv(frame.assign(item=words.full(item)), "occlusion")


@once
def _drawn(
    frame: pd.DataFrame, order: list[str], seed: int, measure: Measure, words: dict[str, str], letters: int
) -> None:
    figure = occlusion_figure(frame, order, seed=seed, measure=measure, words=words, letters=letters)
    st.plotly_chart(figure, key="occlusion", config={"displayModeBar": False})


def occlusion_frame(scene: Scene, seeds: tuple[int, ...], side: str, query: Query, item: int) -> pd.DataFrame:
    """What each field of a side adds, for every arm and seed."""
    parts = []
    for arm in scene.arms:
        for seed in seeds:
            model = scene.retriever(arm, seed)
            found = model.query_occlusion(query, item) if side == "query" else model.item_occlusion(query, item)
            parts.append(found.assign(arm=arm, seed=seed))
    return pd.concat(parts, ignore_index=True)


def _read(scene: Scene, seeds: tuple[int, ...], measure: Measure, side: str) -> None:
    """How to read the figure, and what it does not show."""
    mean = "its mean over the training events" if side == "query" else "its mean over the catalogue"
    how = f"Each field in turn is replaced by {mean}; "
    if measure == "score":
        how += "right of the line the field speaks for the item, left of it against."
    else:
        how += "right of its arm's upright line the item falls behind without the field. One training, the one on show."
    how += " Sorted by how much the two scores differ." if len(scene.arms) > 1 else " Sorted by size."
    if measure == "score" and len(seeds) > 1:
        how += " Small marks are the other seeds: where the arms' marks lie mixed, the difference is a training's luck."
    reading(
        how,
        "shares of a score: fields act together, so these do not add up, and a query with a field hidden lies "
        "outside of the data. Each arm's scores have a scale of their own; ranks can be compared.",
    )
