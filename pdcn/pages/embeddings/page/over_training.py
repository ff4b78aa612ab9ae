"""The same map at every snapshot: how the space came to be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pdcn.inert import words
from pdcn.jobs.analysis import Tables
from pdcn.pages.embeddings import words as say
from pdcn.pages.embeddings.figures.film import BETWEEN, Maps, film_figure
from pdcn.pages.embeddings.figures.maps import Colouring
from pdcn.pages.embeddings.page import selection
from pdcn.pages.embeddings.page.controls import Controls, colour_of, umap_frames
from pdcn.pages.embeddings.page.points import points_of
from pdcn.pages.embeddings.work.layout import drawn_in, rotation
from pdcn.runs.folder import RunFolder
from pdcn.shell.frame import says_errors
from pdcn.shell.inputs import one_of, toggle
from pdcn.shell.parts import remark
from pdcn.shell.shown_run import text_colour
from pdcn.words import spoken

FOLLOW = "map_follow"


def show_training(folder: RunFolder, arms: tuple[str, ...], frames: Tables) -> None:
    """Draw the film."""
    if not all(folder.steps_of(arm) for arm in arms):
        st.info(say.NO_SNAPSHOTS, icon=":material/info:")
        return
    _film(folder, arms, frames)


@st.fragment
@says_errors
def _film(folder: RunFolder, arms: tuple[str, ...], frames: Tables) -> None:
    first = folder.seeds_of(arms[0])[0]
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = toggle(say.SHOW_FILM, key="film_shown", help=say.SHOW_FILM_HELP)
        method = one_of(say.FILM_METHOD, ["PCA", "UMAP"], key="film_method", label_visibility="collapsed")
        follow = toggle(say.FOLLOW, key=FOLLOW, help=say.FOLLOW_HELP)
    if not shown:
        remark(say.FILM_IS)
        return
    table = frames["training"]
    if method == "UMAP":
        asked = Controls("UMAP", "items", 2, first, "", {})
        found = umap_frames(folder, arms, asked, over_training=True)
        if found is None:
            remark(say.FILM_UNTIL_THEN)
        else:
            table = found[found["step"] >= 0]
    moments = moments_of(table, arms)
    if not moments:
        return
    if table is not frames["training"]:
        moments = _drawn_in(moments)
    points = points_of(folder, frames)
    ids = table.loc[(table["arm"] == arms[0]) & (table["step"] == max(moments)), "point"].to_numpy(np.int64)
    choice, label = colour_of(points, "items")
    colouring = Colouring.of(points.values(choice).iloc[ids], label, points.unit(choice))
    chosen = selection.chosen()
    mask = np.isin(ids, chosen) if follow and chosen is not None and len(chosen) else None
    if follow and mask is None:
        remark(say.NOTHING_SELECTED)
    st.plotly_chart(
        film_figure(
            moments,
            [points.names[at] for at in ids],
            colouring,
            {arm: spoken(arm) for arm in arms},
            chosen=mask,
            text=text_colour(),
        ),
        key="film",
        config={"displayModeBar": False},
        alt=say.FILM_ALT,
    )
    sample = (
        say.FILM_SAMPLE(drawn=len(ids), every=points.split) if len(ids) < points.split else say.FILM_ALL(drawn=len(ids))
    )
    known = {"items": sample, "seed": first, "colour": words(label.lower()), "count": len(moments), "between": BETWEEN}
    remark(say.FILM_READING(**known))


def moments_of(table: pd.DataFrame, arms: tuple[str, ...]) -> dict[int, Maps]:
    """Maps by step and arm, of the steps that every arm has; all of an arm are turned by what turns its last one
    onto the first arm's."""
    own = {arm: table[table["arm"] == arm] for arm in arms}
    steps = sorted(set.intersection(*(set(map(int, rows["step"].unique())) for rows in own.values())))
    maps: dict[str, dict[int, Any]] = {
        arm: {step: rows.loc[rows["step"] == step, ["x", "y"]].to_numpy(np.float32) for step in steps}
        for arm, rows in own.items()
    }
    for arm in arms[1:] if steps else ():
        turn = rotation(maps[arms[0]][steps[-1]], maps[arm][steps[-1]])
        maps[arm] = {step: (drawn - drawn.mean(0)) @ turn for step, drawn in maps[arm].items()}
    return {step: {arm: maps[arm][step] for arm in arms} for step in steps}


def _drawn_in(moments: dict[int, Maps]) -> dict[int, Maps]:
    names = [(step, arm) for step, maps in moments.items() for arm in maps]
    nearer = dict(zip(names, drawn_in([moments[step][arm] for step, arm in names]), strict=True))
    return {step: {arm: nearer[step, arm] for arm in maps} for step, maps in moments.items()}
