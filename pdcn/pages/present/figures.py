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


def in_a_room(figure: go.Figure, height: int, text: str) -> go.Figure:
    """The figure in large type in the colour `text`, so many pixels high: its lines are named above it, where there is
    room for the names."""
    wide = ROOM / LETTERS
    figure.update_layout(height=height, font={"size": ROOM, "color": text}, legend_font_size=ROOM)
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        axis.update(tickfont={"size": ROOM, "color": text}, title_font={"size": ROOM, "color": text}, automargin=True)
    lines = [one for one in figure.select_traces({"type": "scatter"}) if one.mode == "lines"]
    if lines:
        figure.update_layout(annotations=[], showlegend=True, margin_r=24)
        for one in lines:
            one.line.width = wide * (one.line.width or 0)
    margin = figure.layout.margin
    return figure.update_layout(margin={"t": wide * (margin.t or 0), "b": wide * (margin.b or 0)})


def large_tower(plan: Mapping[str, Any], title: str, text: str, height: int) -> go.Figure:
    """A tower with the names of its blocks alone, so many pixels high."""
    figure = tower_figure(dict(plan), title, text)
    for one in figure.data:
        if one.mode == "text":
            one.text = [words.partition(" · ")[0] for words in one.text]
    figure.update_traces(textfont_size=ROOM, hoverinfo="skip", hovertemplate=None, selector={"mode": "text"})
    head = {"text": label(title), "font": {"size": ROOM + 6, "color": text}, "x": 0.5, "xanchor": "center"}
    return figure.update_layout(title=head, height=height, margin_t=52)
