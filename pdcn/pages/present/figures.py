"""Figures of other pages, in the type that a room can read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from pdcn.inert import label
from pdcn.shell.figures.theme import LETTERS
from pdcn.shell.figures.towers import tower_figure

ROOM = 22
"""Pixels of the smallest letters on a slide."""


def in_a_room(figure: go.Figure, height: int, text: str, scale: float) -> go.Figure:
    """The figure in large type in the colour `text`, so many pixels high, all of it `scale` times: its lines are
    named above it, where there is room for the names."""
    letters, wide = scale * ROOM, scale * ROOM / LETTERS
    look = {"size": letters, "color": text}
    figure.update_layout(height=scale * height, font=look, legend_font=look)
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        axis.update(tickfont=look, title_font=look, automargin=True)
    lines = [one for one in figure.select_traces({"type": "scatter"}) if one.mode == "lines"]
    if lines:
        figure.update_layout(annotations=[], showlegend=True, margin_r=24 * scale)
        for one in lines:
            one.line.width = wide * (one.line.width or 0)
    margin = figure.layout.margin
    return figure.update_layout(margin={"t": wide * (margin.t or 0), "b": wide * (margin.b or 0)})


def large_tower(plan: Mapping[str, Any], title: str, text: str, height: int, scale: float) -> go.Figure:
    """A tower with the names of its blocks alone, so many pixels high, all of it `scale` times."""
    figure = tower_figure(dict(plan), title, text)
    for one in figure.data:
        if one.mode == "text":
            one.text = [words.partition(" · ")[0] for words in one.text]
    figure.update_traces(textfont_size=scale * ROOM, hoverinfo="skip", hovertemplate=None, selector={"mode": "text"})
    head = {"text": label(title), "font": {"size": scale * (ROOM + 6), "color": text}, "x": 0.5, "xanchor": "center"}
    return figure.update_layout(title=head, height=scale * height, margin_t=scale * 52)
