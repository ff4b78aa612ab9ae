"""Why two lists differ: each field hidden in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pandas as pd
import streamlit as st

from pdcn.pages.retrieve import words as say
from pdcn.pages.retrieve.figures import Measure, occlusion_figure
from pdcn.pages.retrieve.page.scene import Scene
from pdcn.shell.analysis_view import take_csv
from pdcn.shell.inputs import from_list, one_of, toggle
from pdcn.shell.parts import measured, remark
from pdcn.shell.shown_run import once
from pdcn.sources.spoken import ItemWords, field_words

if TYPE_CHECKING:
    from pdcn.pages.retrieve.work.retrieval import Query

FEW = 8
"""Fields shown at first."""
LARGE = 20_000
"""In catalogues beyond this size only the seed on show is measured: ranking takes too long for a click."""


def show_why(scene: Scene, event: int, seed: int, query: Query, items: list[int], *, room: bool) -> None:
    """What each field adds to an item's score, for both arms; `items` are those on show, the true one first."""
    from pdcn.pages.retrieve.work.retrieval import by_difference

    st.header(say.WHY if len(scene.arms) > 1 else say.WHY_ONE, anchor=False)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    words = ItemWords(scene.dataset)
    item = from_list(
        say.ITEM, items, key=f"why_item-{event}", place=row, format_func=words.full, width=460, help=say.ITEM_HELP
    )
    side = one_of(
        say.HIDDEN, list(say.SIDES), key="why_side", place=row, format_func=say.SIDES.__getitem__, help=say.HIDDEN_HELP
    )
    measure: Measure = one_of(say.SEEN, get_args(Measure), key="why_measure", place=row, help=say.SEEN_HELP)
    seeds = scene.seeds if len(scene.dataset.items) <= LARGE else (seed,)
    frame = occlusion_frame(scene, seeds, side, query, item)
    order = by_difference(frame, scene.arms, seed)
    every = len(order)
    drawn = st.container()
    if every > FEW and not toggle(say.ALL_FIELDS(count=every), key="why_all"):
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
    remark(say.SCORE_CAPTION if measure == "score" else say.RANK_CAPTION)
    measured(
        say.REPLACED[side],
        *([say.RANK_ONE] if measure == "rank" else []),
        say.SORTED_BY_DIFFERENCE if len(scene.arms) > 1 else say.SORTED_BY_SIZE,
        *([say.OTHER_SEEDS] if measure == "score" and len(seeds) > 1 else []),
        say.LIMITS,
    )
