"""What the maps show: method, points, dimensions, seed, colour, search; and UMAP's own settings."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from pdcn.pages.embeddings import LAYOUT
from pdcn.pages.embeddings.page import selection
from pdcn.pages.embeddings.page.points import KINDS, SHARED, Points
from pdcn.runs.folder import RunFolder
from pdcn.shell.address import standing
from pdcn.shell.analysis_view import analysed
from pdcn.shell.inputs import from_list, number_input, one_of

OFFER = (
    "This map is not worked out yet. UMAP runs beside the page: about {seconds} here, and up to half a minute more the "
    "first time on a computer, while it compiles itself."
)


@dataclass(frozen=True)
class Controls:
    """What the person asks for. `colours` are the colour choices with their labels."""

    method: str
    points: str
    dimensions: int
    seed: int
    colour: str
    colours: dict[str, str]
    neighbours: int = 15
    distance: float = 0.1
    draw: int = 0


def controls(folder: RunFolder, arms: tuple[str, ...], points: Points, *, shared: bool) -> Controls:
    """Draw them in one row, and take the search over into the selection."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = one_of(
            "Map",
            ["PCA", "UMAP"],
            key="map_method",
            help="PCA looks along the directions of widest spread and is there at once. UMAP bends the space so that "
            "near points stay near; it is worked out once and kept.",
        )
        kind = one_of(
            "Points",
            KINDS,
            key="map_points",
            help="Items of the catalogue, queries (test events), or both in the one space that they share.",
        )
        dimensions = one_of("Dimensions", [2, 3], key="map_dimensions", format_func=lambda d: f"{d}D")
        colours = points.choices(kind)
        if shared:
            colours[SHARED] = "Nearest ten that both arms share"
        named = colours.__getitem__
        colour = from_list("Colour by", list(colours), key=f"map_colour_{kind}", format_func=named, width=230)
        seeds = folder.seeds_of(*arms)
        help_ = "Of the trained models. Another training of the same wiring makes another map."
        seed = from_list("Seed", seeds, key="map_seed", if_several=True, width=90, help=help_)
        selection.search(points, kind, st.container(width=230))
        st.button(
            "Clear selection",
            on_click=selection.clear,
            icon=":material/deselect:",
            key="map_clear",
            disabled=selection.chosen() is None,
        )
    asked = Controls(method, kind, dimensions, seed, colour, colours)
    if method == "PCA":
        return asked
    with st.expander(f"UMAP's settings: {_settings_in_words()}"):
        near, distance, draw = st.columns(3)
        counts = "How many neighbours of each point count: few show detail, many the rough shape."
        tight = "How tightly points may be packed."
        lots = "Of UMAP's own lots. A structure that another one does not show is none."
        return replace(
            asked,
            neighbours=near.slider("Neighbours", 5, 100, 15, key="map_neighbours", bind="query-params", help=counts),
            distance=distance.slider(
                "Least distance", 0.0, 0.9, 0.1, 0.05, key="map_distance", bind="query-params", help=tight
            ),
            draw=number_input(draw, "Random seed", 0, 2**31 - 1, 0, key="map_draw", help=lots),
        )


def colour_of(points: Points, kind: str) -> tuple[str, str]:
    """What points of a kind are coloured by on the maps, key and label; what they share is left to the maps."""
    choices = points.choices(kind)
    asked = st.session_state.get(f"map_colour_{kind}")
    choice = asked if asked in choices else next(iter(choices))
    return choice, choices[choice]


def _settings_in_words() -> str:
    return (
        f"{standing('map_neighbours', 15)} neighbours, least distance {float(standing('map_distance', 0.1)):.2f}, "
        f"random seed {standing('map_draw', 0)}"
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
        offer=OFFER.format(seconds=_about(seconds)),
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
    return f"{round(seconds, -1) or 10:.0f} seconds" if seconds < 75 else f"{seconds / 60:.0f} minutes"
