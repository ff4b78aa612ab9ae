"""Maps of an embedding space: points coloured by a field, what is selected in colour and all else grey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from pdcn.arrays import Doubles, Flags, Ints, Numbers
from pdcn.inert import LONGEST_WORD, label
from pdcn.pages.embeddings import words as say

PALETTE = ("#4E79A7", "#F28E2B", "#59A14F", "#E15759", "#B07AA1", "#EDC948", "#76B7B2", "#9C755F", "#FF9DA7")
"""Tableau 10 without its grey: of middling lightness, to be seen on light and dark; shapes tell them apart too."""
SHAPES = ("circle", "diamond", "square", "triangle-up", "cross", "triangle-down", "star", "pentagon", "hexagram")
SIGNS = ("●", "◆", "■", "▲", "✚", "▼", "★", "⬟", "✶")
OTHER, OTHER_SHAPE, OTHER_SIGN = "#A3ABB5", "circle", "●"
GREY = "rgba(128,138,150,0.22)"
SCALE = [[0, "#3E7CB1"], [0.5, "#52B788"], [1, "#F4B942"]]
"""Of rising lightness, and never as dark or as light as a page."""
WEBGL_ABOVE = 1_000
DRAWN = 20_000
"""Points that a map should draw at most: with more, a lasso takes more than a blink (`tests/benchmarks/maps.py`)."""
FLAT, ROUND = 410, 430
"""Height of a flat and of a three-dimensional map, in pixels."""
EDGE = 0.04
PANEL = "rgba(128,138,150,0.06)"
BARE = {
    "showticklabels": False,
    "showgrid": False,
    "zeroline": False,
    "showline": False,
    "title": "",
    "ticks": "",
    "automargin": False,
    "constrain": "range",
}
"""An axis without a meaning: nothing but its ends."""


@dataclass(frozen=True)
class Colouring:
    """What colours the points: a group for each (`codes` into `groups`, the last one "other"), or a number for each.

    `label` is the field in words, `unit` that of its numbers.
    """

    label: str
    unit: str
    codes: Ints | None
    groups: tuple[str, ...]
    counts: tuple[int, ...]
    numbers: Doubles | None

    @classmethod
    def of(cls, values: pd.Series[Any], label: str, unit: str = "") -> Colouring:
        """Numbers as a scale; else the nine most frequent values get a colour each, the rest is grey."""
        if pd.api.types.is_numeric_dtype(values):
            return cls(label, unit, None, (), (), values.to_numpy(np.float64))
        counts = values.astype(str).value_counts()
        counts = counts.loc[sorted(counts.index, key=lambda value: (-counts[value], value))]
        named = [value for value in counts.index if value != "nan"][: len(PALETTE)]
        place = {value: at for at, value in enumerate(named)}
        codes = values.astype(str).map(place).fillna(len(named)).to_numpy(np.int64)
        rest = int((codes == len(named)).sum())
        groups = (*named, "other")
        return cls(label, unit, codes, groups, (*(int(counts[value]) for value in named), rest), None)

    def inks(self) -> list[str]:
        """The colour of each point, numbers on the scale."""
        if self.codes is not None:
            return [self.ink(code)[0] for code in self.codes]
        assert self.numbers is not None
        low, high = self.limits
        share = np.nan_to_num((self.numbers - low) / (high - low)).clip(0, 1)
        return sample_colorscale(SCALE, share.tolist())  # type: ignore[no-any-return]

    def ink(self, code: int) -> tuple[str, str, str]:
        """Colour, shape and sign of a group."""
        if code == len(self.groups) - 1:
            return OTHER, OTHER_SHAPE, OTHER_SIGN
        return PALETTE[code], SHAPES[code], SIGNS[code]

    @property
    def limits(self) -> tuple[float, float]:
        """Ends of the scale: all but the outermost hundredths."""
        assert self.numbers is not None
        known = self.numbers[np.isfinite(self.numbers)]
        if not len(known):
            return 0.0, 1.0
        low, high = np.quantile(known, [0.01, 0.99])
        return float(low), float(high if high > low else low + 1)


def size_of(points: int) -> float:
    """Diameter of a point in pixels: the more there are, the smaller."""
    return next(
        size
        for most, size in ((300, 9), (1_500, 7), (4_000, 5), (12_000, 4), (40_000, 3), (10**9, 2))
        if points <= most
    )


def span(*maps: Numbers) -> list[list[float]]:
    """One window that holds every map (n, d), a range for each axis: so that positions compare."""
    every = np.concatenate(maps)
    low, high = every.min(0), every.max(0)
    edge = float((high - low).max()) * EDGE or 1.0
    return [[float(least - edge), float(most + edge)] for least, most in zip(low, high, strict=True)]


def map_figure(
    drawn: Numbers,
    ids: Ints,
    names: list[str],
    colouring: Colouring,
    *,
    window: list[list[float]],
    chosen: Flags | None = None,
    scale: bool = False,
    round_: int = 0,
    key: str = "",
) -> go.Figure:
    """A map (n, 2) or (n, 3). Every point carries its id, so that a selection can be taken to another map.

    `chosen` (n,) are shown in their colours and all others in grey; None greys nobody. `scale` draws the colour
    bar. `round_` changes with every cleared selection: the same figure again would come with its old one.
    """
    figure = go.Figure()
    flat = drawn.shape[1] == 2
    drawing = _Drawing(drawn, ids, names, colouring, chosen)
    for group in _groups(colouring, scale):
        (drawing.flat if flat else drawing.deep)(figure, *group)
    figure.update_layout(
        height=FLAT if flat else ROUND,
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        showlegend=False,
        hovermode="closest",
        dragmode="lasso" if flat else "orbit",
        uirevision=key or "steady",
        meta={"round": round_},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor=PANEL,
        font={"size": 13},
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": "rgba(128,138,150,0.8)", "activecolor": "#8A94A0"},
        hoverlabel={"align": "left"},
    )
    if flat:
        figure.update_xaxes(**BARE, range=window[0])
        figure.update_yaxes(**BARE, range=window[1], scaleanchor="x")
    else:
        walls = {"showbackground": False, "showspikes": False, "showline": True, "linecolor": "rgba(128,138,150,0.5)"}
        bare = {"showticklabels": False, "showgrid": False, "zeroline": False, "title": "", "ticks": ""}
        axes = {f"{axis}axis": {**bare, **walls, "range": ends} for axis, ends in zip("xyz", window, strict=True)}
        figure.update_scenes(**axes, aspectmode="cube", camera_eye={"x": 1.35, "y": 1.35, "z": 0.8})
    return figure


def _groups(colouring: Colouring, scale: bool) -> list[tuple[Ints, str, dict[str, Any]]]:
    """Rows, name and marker of each trace; the grey ones first, for the others to lie on top."""
    if colouring.codes is None:
        assert colouring.numbers is not None
        low, high = colouring.limits
        bar = {
            "thickness": 8,
            "len": 0.5,
            "x": 0.99,
            "xanchor": "right",
            "y": 0.02,
            "yanchor": "bottom",
            "outlinewidth": 0,
            "title": {"text": label(colouring.unit), "font": {"size": 11}},
        }
        marker = {
            "color": colouring.numbers,
            "colorscale": SCALE,
            "cmin": low,
            "cmax": high,
            "showscale": scale,
            "colorbar": bar,
            "symbol": "circle",
        }
        return [(np.arange(len(colouring.numbers)), colouring.label, marker)]
    found = []
    for code in reversed(range(len(colouring.groups))):
        rows = np.flatnonzero(colouring.codes == code)
        colour, shape, _ = colouring.ink(code)
        if len(rows):
            found.append((rows, colouring.groups[code], {"color": colour, "symbol": shape}))
    return found


def _hover(colouring: Colouring, name: str) -> str:
    number = f"%{{marker.color:,.2f}} {label(colouring.unit)}"
    value = number if colouring.codes is None else label(name)
    return say.VALUE_HOVER(point="%{text}", label=label(colouring.label), value=value)


@dataclass(frozen=True)
class _Drawing:
    """What is drawn on a map: points (n, 2) or (n, 3) with their ids, names and colours, and which are chosen (n,)."""

    points: Numbers
    ids: Ints
    names: list[str]
    colouring: Colouring
    chosen: Flags | None

    def marks(self, rows: Ints, name: str, marker: dict[str, Any], hover: str) -> dict[str, Any]:
        """A trace of some of the points."""
        return {
            **{axis: self.points[rows, at].astype(np.float32) for at, axis in enumerate("xyz"[: self.points.shape[1]])},
            "mode": "markers",
            "name": name,
            "marker": {**marker, "line": {"width": 0}},
            "text": [label(self.names[row], LONGEST_WORD) for row in rows],
            "customdata": self.ids[rows],
            "hovertemplate": hover,
        }

    def flat(self, figure: go.Figure, rows: Ints, name: str, marker: dict[str, Any]) -> None:
        """Draw a group of points in the plane."""
        count, chosen, size = len(self.points), self.chosen, size_of(len(self.points))
        add = figure.add_scattergl if count > WEBGL_ABOVE else figure.add_scatter
        marker = {**marker, "size": size, "opacity": 0.85 if count <= 12_000 else 0.6}
        add(
            **self.marks(rows, label(name), marker, _hover(self.colouring, name)),
            selectedpoints=None if chosen is None else np.flatnonzero(chosen[rows]).tolist(),
            selected={"marker": {"opacity": 1.0, "size": size + 2}},
            unselected={"marker": {"opacity": 0.22, "color": OTHER}},
        )

    def deep(self, figure: go.Figure, rows: Ints, name: str, marker: dict[str, Any]) -> None:
        """Draw a group in space, which knows no selected points: those that are not chosen become a trace of their
        own."""
        shape = marker["symbol"] if marker["symbol"] in ("circle", "square", "diamond", "cross", "x") else "circle"
        size, numbers, chosen = max(1.5, size_of(len(self.points)) * 0.6), self.colouring.numbers, self.chosen
        if chosen is not None and len(left := rows[~chosen[rows]]):
            grey = {"color": GREY, "symbol": "circle", "size": size}
            figure.add_scatter3d(**self.marks(left, "not selected", grey, "%{text}<extra></extra>"))
        rows = rows if chosen is None else rows[chosen[rows]]
        if len(rows):
            own = {**marker, "symbol": shape, "size": size + (1.5 if chosen is not None else 0)}
            if self.colouring.codes is None and numbers is not None:
                own["color"] = numbers[rows]
            figure.add_scatter3d(**self.marks(rows, label(name), own, _hover(self.colouring, name)))
