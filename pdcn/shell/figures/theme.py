"""One colour, dash and marker for each wiring, the same in every figure (Okabe-Ito, colour-blind safe); and the parts
that figures have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pdcn.wirings import WIRINGS, Ink

MIXED = ("#A6761D", "#6A51A3", "#999933", "#AA4499")
"""Colours of arms whose two towers differ."""
BASELINE_INK = {
    "popularity": Ink("#8A94A0", "dash", "x"),
    "history": Ink("#6F7883", "longdash", "star"),
    "pure_svd": Ink("#7E8893", "dashdot", "triangle-up"),
    "item_knn": Ink("#A3ABB5", "longdashdot", "bowtie"),
    "item_rate": Ink("#8A94A0", "dash", "x"),
    "user_rate": Ink("#7E8893", "dashdot", "triangle-up"),
    "both_rates": Ink("#6F7883", "longdash", "star"),
    "constant_rate": Ink("#A3ABB5", "longdashdot", "bowtie"),
    "oracle": Ink("#8A94A0", "dot", "cross"),
}
GRID = "rgba(128,138,150,0.18)"
FAINT = "rgba(128,138,150,0.55)"
LETTERS = 13
"""Pixels of the letters of a figure."""
NAME_ROOM, NAME_WIDTH = 16, 7
"""Pixels that a name beside a line takes from top to bottom, and each of its letters from left to right."""


def ink(arm: str, arms: tuple[str, ...] = ()) -> Ink:
    """The ink of an arm or baseline; `arms` tells several mixed arms of a run apart."""
    if arm in WIRINGS:
        return WIRINGS[arm].ink
    if arm in BASELINE_INK:
        return BASELINE_INK[arm]
    mixed = [name for name in arms if name not in WIRINGS]
    place = mixed.index(arm) if arm in mixed else 0
    return Ink(MIXED[place % len(MIXED)], "longdash", "hexagon")


def shade(colour: str, opacity: float) -> str:
    """The colour as a see-through fill.

    >>> shade("#0072B2", 0.2)
    'rgba(0,114,178,0.2)'
    """
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def by_arm(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame, Ink]]:
    """Every arm of a table, in the order in which they come, with its own rows and its ink."""
    arms = tuple(rows["arm"].unique())
    for arm in arms:
        yield arm, rows[rows["arm"] == arm], ink(arm, arms)


def filled(marker: str, yes: bool) -> str:
    """A marker in its filled form, or in its open one.

    >>> filled("circle", False), filled("square-open", True)
    ('circle-open', 'square')
    """
    return marker.removesuffix("-open") + ("" if yes else "-open")


def outlined(style: Ink, size: int, symbol: str | list[str], width: float = 2) -> dict[str, Any]:
    """A marker that can be filled or open, in the colour of an arm."""
    return {"symbol": symbol, "size": size, "color": style.colour, "line": {"width": width, "color": style.colour}}


def whiskers(colour: str, up: Any, down: Any, thickness: float = 2, cap: int = 0) -> dict[str, Any]:
    """Error bars that reach so far `up` and so far `down` from each point."""
    ends = {"type": "data", "symmetric": False, "array": up, "arrayminus": down}
    return {**ends, "color": colour, "thickness": thickness, "width": cap}


def add_band(figure: go.Figure, x: Any, low: pd.Series, high: pd.Series, colour: str, *, name: str, group: str) -> None:
    """A see-through band from `low` to `high` over x, which comes and goes with the traces of its `group`."""
    figure.add_scatter(
        x=[*x, *x[::-1]],
        y=[*high, *low[::-1]],
        fill="toself",
        fillcolor=colour,
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
        name=name,
        legendgroup=group,
    )


def finish(figure: go.Figure, *, x: str, y: str, height: int = 380, key: str = "", **layout: Any) -> go.Figure:
    """Axis names, thin grids, legend on top; `key` keeps the zoom while a live figure is redrawn.

    What else there is of a `layout` overrides what all figures have.
    """
    ground = {
        "height": height,
        "margin": {"l": 64, "r": 16, "t": 40, "b": 52},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"},
        "hovermode": "x unified",
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": FAINT, "activecolor": FAINT},
        "uirevision": key or "steady",
        "font": {"size": LETTERS},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
    }
    across = {"title": {"text": x}, "gridcolor": GRID, "zeroline": False, "linecolor": FAINT, "showline": True}
    upwards = {"title": {"text": y}, "gridcolor": GRID, "zeroline": False}
    axes = {
        axis.plotly_name: look
        for found, look in ((figure.select_xaxes(), across), (figure.select_yaxes(), upwards))
        for axis in found
    }
    for part, look in {**ground, **axes}.items():  # part by part: `update_layout` takes four times as long
        figure.layout[part] = {**figure.layout[part].to_plotly_json(), **look} if isinstance(look, dict) else look
    return figure.update_layout(layout)


def at_their_ends(figure: go.Figure) -> go.Figure:
    """Lines of an axis that begins at zero are named at their right ends, where the names are apart, and not in a
    legend, unless it holds a line that is not drawn.

    >>> one, other = {"x": [1, 2], "y": [0, 80], "name": "one"}, {"x": [1, 2], "y": [0, 20], "name": "other"}
    >>> apart = at_their_ends(finish(go.Figure([{**one, "mode": "lines"}, {**other, "mode": "lines"}]), x="", y=""))
    >>> [(at.text, at.y) for at in apart.layout.annotations], apart.layout.showlegend
    ([('one', 80.0), ('other', 20.0)], False)
    """
    if any(one.visible == "legendonly" for one in figure.data):
        return figure  # the legend draws those that are left out
    layout = figure.layout
    lines = [one for one in figure.data if one.mode == "lines" and one.showlegend is not False]
    ends = {one.name: float(one.y[-1]) for one in lines}
    height = layout.height - layout.margin.t - layout.margin.b
    unit = height / (1.06 * max(max(one.y) for one in lines)) if lines else 0.0
    if any(not unit * (above - below) >= NAME_ROOM for below, above in pairwise(sorted(ends.values()))):
        return figure
    for name, end in ends.items():
        figure.add_annotation(x=1, xref="paper", xanchor="left", xshift=4, y=end, text=name, showarrow=False)
    figure.update_layout(margin_r=16 + NAME_WIDTH * max(map(len, ends), default=0))
    return figure.update_layout(showlegend=False)


def rows_from_top(figure: go.Figure, labels: Iterable[str]) -> go.Figure:
    """Rows named by their labels, the first on top."""
    names = {"categoryorder": "array", "categoryarray": list(labels)[::-1], "ticksuffix": "  "}
    return figure.update_yaxes(**names, automargin=True, showgrid=False)


def log_axis(figure: go.Figure, ticks: Sequence[int]) -> go.Figure:
    """Whole numbers on a log scale, from left to right."""
    return figure.update_xaxes(type="log", tickvals=ticks, ticktext=[f"{tick:,}" for tick in ticks])


def log_k_axis(figure: go.Figure, largest: int) -> go.Figure:
    """K on a log scale, with whole numbers as ticks."""
    return log_axis(figure, [k for k in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if k <= largest])
