"""What the maps show: method, points, dimensions, seed, colour, search; and UMAP's own settings."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from pdcn.pages.embeddings import LAYOUT
from pdcn.pages.embeddings import words as say
from pdcn.pages.embeddings.page import selection
from pdcn.pages.embeddings.page.points import KINDS, SHARED, Points
from pdcn.runs.folder import RunFolder
from pdcn.shell.analysis_view import analysed
from pdcn.shell.inputs import from_list, number_input, number_standing, one_of, slider

NEIGHBOURS, DISTANCE, DRAW = (5, 100, 15), (0.0, 0.9, 0.1), (0, 2**31 - 1, 0)
"""Least, most and default of UMAP's own settings."""


@dataclass(frozen=True)
class Controls:
    """What the person asks for. `colours` are the colour choices with their labels."""

    method: str
    points: str
    dimensions: int
    seed: int
    colour: str
    colours: dict[str, str]
    neighbours: int = NEIGHBOURS[2]
    distance: float = DISTANCE[2]
    draw: int = DRAW[2]


def controls(folder: RunFolder, arms: tuple[str, ...], points: Points, *, shared: bool) -> Controls:
    """Draw them in one row, and take the search over into the selection."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = one_of(say.MAP, ["PCA", "UMAP"], key="map_method", help=say.MAP_HELP)
        kind = one_of(say.POINTS, KINDS, key="map_points", help=say.POINTS_HELP)
        colours = points.choices(kind)
        if shared:
            colours[SHARED] = say.SHARED
        named = colours.__getitem__
        colour = from_list(say.COLOUR_BY, list(colours), key=f"map_colour_{kind}", format_func=named, width=160)
        selection.search(points, kind, st.container(width=135))
        with st.popover(say.MORE, icon=":material/tune:"):
            dimensions = one_of(say.DIMENSIONS, [2, 3], key="map_dimensions", format_func=lambda d: f"{d}D")
            seeds = folder.seeds_of(*arms)
            seed = from_list(say.SEED, seeds, key="map_seed", if_several=True, help=say.SEED_HELP)
        st.button(
            say.CLEAR,
            on_click=selection.clear,
            icon=":material/deselect:",
            key="map_clear",
            disabled=selection.chosen() is None,
        )
    asked = Controls(method, kind, dimensions, seed, colour, colours)
    if method == "PCA":
        return asked
    with st.expander(_settings_in_words()):
        near, distance, draw = st.columns(3)
        help_ = {"near": say.NEIGHBOURS_HELP, "distance": say.DISTANCE_HELP, "draw": say.RANDOM_SEED_HELP}
        return replace(
            asked,
            neighbours=slider(say.NEIGHBOURS, *NEIGHBOURS, key="map_neighbours", place=near, help=help_["near"]),
            distance=slider(say.DISTANCE, *DISTANCE, 0.05, key="map_distance", place=distance, help=help_["distance"]),
            draw=number_input(draw, say.RANDOM_SEED, *DRAW, key="map_draw", help=help_["draw"]),
        )


def colour_of(points: Points, kind: str) -> tuple[str, str]:
    """What points of a kind are coloured by on the maps, key and label; what they share is left to the maps."""
    choices = points.choices(kind)
    asked = st.session_state.get(f"map_colour_{kind}")
    choice = asked if asked in choices else next(iter(choices))
    return choice, choices[choice]


def _settings_in_words() -> str:
    return say.UMAP_SETTINGS(
        neighbours=number_standing("map_neighbours", *NEIGHBOURS),
        distance=number_standing("map_distance", *DISTANCE),
        seed=number_standing("map_draw", *DRAW),
    )


def umap_frames(
    folder: RunFolder, arms: tuple[str, ...], asked: Controls, *, over_training: bool = False
) -> pd.DataFrame | None:
    """The table of UMAP coordinates; None while the page offers to work them out."""
    steps = len(folder.steps_of(arms[0])) if over_training else 0
    items = (folder.profile or {}).get("items", 3_000)
    points = items if asked.points == "items" else 3_000 if asked.points == "queries" else items + 3_000
    seconds = 5 + len(arms) * (points / 900 + steps * min(points, 6_000) / 1_800)
    left, right = (*arms, "")[:2]
    found = analysed(
        folder,
        LAYOUT,
        offer=say.UMAP_OFFER(time=_about(seconds)),
        left=left,
        right=right,
        seed=asked.seed,
        points=asked.points,
        dimensions=asked.dimensions,
        neighbours=asked.neighbours,
        distance=asked.distance,
        draw=asked.draw,
        over_training=over_training,
    )
    return None if found is None else found["maps"]


def _about(seconds: float) -> str:
    """A time to wait, roughly.

    >>> _about(22), _about(100)
    ('20 seconds', '2 minutes')
    """
    if seconds < 75:
        return say.SECONDS(count=f"{round(seconds, -1) or 10:.0f}")
    return say.MINUTES(count=f"{seconds / 60:.0f}")
