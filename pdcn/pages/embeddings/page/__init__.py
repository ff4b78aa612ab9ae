"""The Embeddings page: where the towers put items and queries, two arms side by side with one selection for both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import streamlit as st

from pdcn.arrays import Doubles, Floats
from pdcn.jobs.analysis import Analysis, Tables
from pdcn.pages.embeddings import SPACE
from pdcn.pages.embeddings import words as say
from pdcn.pages.embeddings.figures.maps import DRAWN, Colouring, map_figure, span
from pdcn.pages.embeddings.page import selection
from pdcn.pages.embeddings.page.controls import Controls, controls, umap_frames
from pdcn.pages.embeddings.page.detail import in_both, show_detail
from pdcn.pages.embeddings.page.numbers import in_words, show_numbers
from pdcn.pages.embeddings.page.over_training import show_training
from pdcn.pages.embeddings.page.points import SHARED, Ids, Points, points_of, vectors_of
from pdcn.pages.embeddings.work.layout import NEAREST, POOR, Faith, displacement, drawn_in, faith, pca, turn_onto
from pdcn.pages.embeddings.work.space import Extent, spread
from pdcn.runs.folder import RunFolder
from pdcn.shell.analysis_view import analysed, arm_pair, run_inside, take_csv
from pdcn.shell.figures.theme import ink
from pdcn.shell.frame import says_errors
from pdcn.shell.parts import MEASURED, folded, lead, remark, unfolded
from pdcn.shell.terms import with_terms
from pdcn.words import spoken

SHARED_BELOW = 10_000
"""Points up to which each one's share of common neighbours can be its colour."""
R = TypeVar("R")
Vectors = dict[str, Floats]
Maps = dict[str, Floats]


@says_errors
def draw() -> None:
    """Draw the page."""
    folder = run_inside("embeddings", say.TITLE)
    if folder is None:
        return
    arms = arm_pair(folder)
    frames = analysed(folder, SPACE)
    if frames is None:
        return
    selection.start(folder.run)
    lead(in_words(frames, arms))
    _maps(folder, arms, frames)
    unfolded("embeddings-film", say.FILM, show_training, folder, arms, frames)
    unfolded("embeddings-numbers", say.NUMBERS, show_numbers, frames, arms)


@dataclass(frozen=True)
class DrawnMaps:
    """What both maps show: coordinates by arm, the ids of the points, and how they came to be."""

    maps: Maps
    ids: Ids
    method: str


@st.fragment
@says_errors
def _maps(folder: RunFolder, arms: tuple[str, ...], frames: Tables) -> None:
    points = points_of(folder, frames)
    asked = controls(folder, arms, points, shared=len(arms) > 1 and len(points) <= SHARED_BELOW)
    vectors = {arm: vectors_of(folder, frames, arm, asked.seed) for arm in arms}
    shown = _shown(folder, arms, points, vectors, asked)
    which = f"{Analysis.of(folder, SPACE).path}-{arms}-{shown.method}-{asked}"
    colouring = _kept("colours", which, lambda: _colouring(folder, points, vectors, shown.ids, asked))
    _legend(colouring)
    _draw(which, shown, points, colouring, asked)
    distorted = _warn(folder, vectors, shown, asked)
    flat = say.UNDER_DISTORTED_MAPS if distorted else say.UNDER_THE_MAPS
    st.caption(with_terms(flat if asked.dimensions == 2 else say.UNDER_THE_MAPS_3D))
    ids = selection.chosen()
    if ids is not None:
        show_detail(points, vectors, ids, len(points.ids(asked.points)))
    _explain(folder, points, vectors, shown, asked)


@st.cache_resource(max_entries=96, show_spinner=False)
def _kept(what: str, which: str, _make: Callable[[], R]) -> R:
    """What is made for one state of the controls, kept for all sessions; nobody changes it."""
    return _make()


def _shown(folder: RunFolder, arms: tuple[str, ...], points: Points, vectors: Vectors, asked: Controls) -> DrawnMaps:
    """The maps that are asked for, PCA while there is no UMAP yet; of more than DRAWN points a sample."""
    if asked.method == "UMAP":
        table = umap_frames(folder, arms, asked)
        if table is not None:
            axes = ["x", "y", "z"][: asked.dimensions]
            own = {arm: table[(table["arm"] == arm) & (table["step"] == -1)] for arm in arms}
            own = {arm: rows.iloc[spread(len(rows), DRAWN)] for arm, rows in own.items()}
            ids = own[arms[0]]["point"].to_numpy(np.int64)
            nearer = drawn_in([rows[axes].to_numpy(np.float32) for rows in own.values()])
            return DrawnMaps(dict(zip(own, nearer, strict=True)), ids, "UMAP")
        remark(say.UNTIL_THEN)
    which = f"{Analysis.of(folder, SPACE).path}-{arms}-{asked.points}-{asked.dimensions}-{asked.seed}"
    return _kept("PCA", which, lambda: _by_pca(arms, points, vectors, asked))


def _by_pca(arms: tuple[str, ...], points: Points, vectors: Vectors, asked: Controls) -> DrawnMaps:
    ids = points.ids(asked.points)
    ids = ids[spread(len(ids), DRAWN)]
    maps = {arm: pca(vectors[arm][ids], asked.dimensions) for arm in arms}
    first = maps[arms[0]]
    return DrawnMaps(
        {arm: first if drawn is first else turn_onto(first, drawn) for arm, drawn in maps.items()}, ids, "PCA"
    )


def _table(shown: DrawnMaps, points: Points) -> pd.DataFrame:
    """Where each point lies on each map: `arm`, `method`, `point`, `name`, `x`, `y` (and `z`)."""
    same = {"method": shown.method, "point": shown.ids, "name": [points.names[at] for at in shown.ids]}
    return pd.concat(
        pd.DataFrame({"arm": arm, **same, **dict(zip("xyz", drawn.T, strict=False))})
        for arm, drawn in shown.maps.items()
    )


def _shared(points: Points, vectors: Vectors) -> Doubles:
    """Share of each point's nearest that both arms have in common, in percent."""
    return 100 * np.concatenate([in_both(points, vectors, points.ids(kind)) for kind in ("items", "queries")])


def _colouring(folder: RunFolder, points: Points, vectors: Vectors, ids: Ids, asked: Controls) -> Colouring:
    label = asked.colours[asked.colour]
    if asked.colour == SHARED:
        which = f"{Analysis.of(folder, SPACE).path}-{tuple(vectors)}-{asked.seed}"
        shared = _kept("shared", which, partial(_shared, points, vectors))
        return Colouring.of(pd.Series(shared[ids]), label, "%")
    return Colouring.of(points.values(asked.colour).iloc[ids], label, points.unit(asked.colour))


def _legend(colouring: Colouring) -> None:
    if colouring.codes is None:
        return
    chips = []
    for code, (name, count) in enumerate(zip(colouring.groups, colouring.counts, strict=True)):
        colour, _, sign = colouring.ink(code)
        if count:
            chips.append(
                f'<span style="white-space:nowrap;margin-right:0.9rem"><span style="color:{colour}">{sign}</span> '
                f'{escape(name[:40])} <span style="opacity:0.75">{count:,}</span></span>'
            )
    st.html(f'<div style="font-size:0.82rem;line-height:1.6">{" ".join(chips)}</div>')


def _figures(
    shown: DrawnMaps, points: Points, colouring: Colouring, asked: Controls, ids: Ids | None, round_: int
) -> dict[str, Any]:
    """The map of each arm; of some ids those are in their colours and all others grey."""
    names = points.names if len(shown.ids) == len(points) else [points.names[at] for at in shown.ids]
    mask = None if ids is None else np.isin(shown.ids, ids)
    window = span(*shown.maps.values())
    return {
        arm: map_figure(
            drawn,
            shown.ids,
            names,
            colouring,
            window=window,
            chosen=mask,
            scale=arm == list(shown.maps)[-1],
            round_=round_,
            key=f"{shown.method}-{asked.points}-{asked.dimensions}",
        )
        for arm, drawn in shown.maps.items()
    }


def _draw(which: str, shown: DrawnMaps, points: Points, colouring: Colouring, asked: Controls) -> None:
    ids, round_ = selection.chosen(), selection.round_()
    make = partial(_figures, shown, points, colouring, asked, ids, round_)
    figures = make() if ids is not None else _kept("figures", f"{which}-{round_}", make)
    for column, (arm, drawn) in zip(st.columns(len(shown.maps)), shown.maps.items(), strict=True):
        style, key = ink(arm), f"map-{arm}"
        column.html(
            f'<div style="font-weight:600;border-left:4px solid {style.colour};padding-left:0.5rem">'
            f'{escape(spoken(arm))} <span style="opacity:0.75;font-weight:400">'
            f"{say.SEED_AND_METHOD(seed=asked.seed, method=shown.method)}</span></div>"
        )
        said = say.MAP_OF(count=len(shown.ids), points=asked.points, arm=spoken(arm))
        config: dict[str, Any] = {"displaylogo": False}
        picks: dict[str, Any] = {}
        if drawn.shape[1] == 2:
            config["scrollZoom"] = True
            picks = {"on_select": partial(selection.taken, key, arm), "selection_mode": ("points", "box", "lasso")}
        column.plotly_chart(figures[arm], key=key, alt=said, config=config, **picks)


def _faith(folder: RunFolder, vectors: Vectors, shown: DrawnMaps, asked: Controls) -> dict[str, Faith]:
    """How far each arm's map can be trusted; nothing of an arm whose space is collapsed."""
    which = f"{Analysis.of(folder, SPACE).path}-{shown.method}-{asked}"
    own = {arm: (vectors[arm][shown.ids], drawn) for arm, drawn in shown.maps.items()}
    return {
        arm: _kept("faith", f"{which}-{arm}", partial(faith, *both))
        for arm, both in own.items()
        if not Extent.of(both[0]).collapsed
    }


def _warn(folder: RunFolder, vectors: Vectors, shown: DrawnMaps, asked: Controls) -> bool:
    """What nobody should miss who looks at the maps: a space that is collapsed, or a picture that is distorted, which
    is also returned."""
    found = _faith(folder, vectors, shown, asked)
    for arm in shown.maps:
        if arm not in found:
            said = Extent.of(vectors[arm][shown.ids]).said(say.WHOSE[asked.points](arm=spoken(arm)))
            st.warning(say.COLLAPSED_MAP(said=said), icon=":material/warning:")
    poor = [spoken(arm) for arm, one in found.items() if one.poor]
    if poor:
        distorted = say.DISTORTED_PCA if shown.method == "PCA" else say.DISTORTED
        maps = say.BOTH_MAPS if len(poor) > 1 else say.MAP_OF_ARM(arm=poor[0])
        st.warning(distorted(maps=maps), icon=":material/warning:")
    return bool(poor)


def _explain(folder: RunFolder, points: Points, vectors: Vectors, shown: DrawnMaps, asked: Controls) -> None:
    """How far the picture can be trusted, how to read it, and its table."""
    found = _faith(folder, vectors, shown, asked)
    trust = [
        say.TRUST(arm=spoken(arm), trust=one.trust, kept=10 * one.kept, nearest=NEAREST) for arm, one in found.items()
    ]
    rows = next(iter(found.values())).rows if found else 0
    drawn, every = len(shown.ids), len(points.ids(asked.points))
    said: list[str] = [say.READING]
    if len(shown.maps) == 2:
        said.append(say.ALIGNED(share=f"{displacement(*shown.maps.values()):.0%}"))
    said += [say.DRAWN_NEARER] if shown.method == "UMAP" else []
    said += [say.QUERIES_ARE(count=len(points.queries))] if asked.points != "items" else []
    said += [say.SAMPLED(drawn=drawn, every=every)] if drawn < every else []
    said += [say.SELECT_IN_3D] if asked.dimensions == 3 else []
    means = say.TRUST_MEANS(least=POOR, nearest=NEAREST, rows=rows, points=drawn)
    with folded(MEASURED):
        for one in (*trust, *([means] if trust else []), *said):
            st.markdown(with_terms(one))
        take_csv(lambda: _table(shown, points), f"map-{asked.points}", say.MAPS_CSV)
