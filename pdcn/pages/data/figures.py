"""What the data looks like: a field's distribution, the split in time, how popular items are."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pdcn.inert import label
from pdcn.pages.data import words as say
from pdcn.shell.figures.theme import finish
from pdcn.sources.spoken import said

PART_COLOUR = {"train": "#7A8694", "validation": "#E69F00", "test": "#0072B2"}
SIDE_COLOUR = {"query": "#0072B2", "item": "#E69F00"}


def field_figure(field: dict[str, Any]) -> go.Figure:
    """Shares of the training events by value (the commonest ones), or by range of a number."""
    figure = go.Figure()
    colour = SIDE_COLOUR[field["side"]]
    if "top" in field:
        top = [(said(value), 100 * share) for value, share in field["top"]][::-1]
        names, shares = [label(value) for value, _ in top], [share for _, share in top]
        ticks = [label(value, 27) for value, _ in top]
        figure.add_bar(
            x=shares,
            y=list(range(len(names))),
            orientation="h",
            marker={"color": colour},
            customdata=names,
            hovertemplate=say.SHARE_HOVER(value="%{customdata}", share="%{x:.1f}"),
        )
        share = say.SHARE_HOLDING if field["kind"] == "bag" else say.SHARE
        finish(figure, x=share, y="", height=110 + 22 * len(names))
        figure.update_yaxes(tickvals=list(range(len(names))), ticktext=ticks, showgrid=False, automargin=True)
    else:
        edges = field["edges"]
        figure.add_bar(
            x=[(low + high) / 2 for low, high in pairwise(edges)],
            y=[100 * share for share in field["shares"]],
            width=[high - low for low, high in pairwise(edges)],
            marker={"color": colour},
            hovertemplate=say.SHARE_HOVER(value="%{x:.2f}", share="%{y:.1f}"),
        )
        finish(figure, x=label(say.WITH_UNIT(label=field["label"], unit=field["unit"])), y=say.SHARE_SHORT, height=260)
    return figure.update_layout(hovermode="closest", showlegend=False, margin={"t": 12})


def timeline_figure(profile: dict[str, Any]) -> go.Figure:
    """Events over time, coloured by the part of the split that they fall into."""
    figure = go.Figure()
    for part, colour in PART_COLOUR.items():
        rows = [row for row in profile["timeline"] if row["part"] == part]
        figure.add_bar(
            x=[row["from"] for row in rows],
            y=[row["events"] for row in rows],
            name=say.PARTS[part],
            marker={"color": colour},
            hovertemplate=say.EVENTS_HOVER(count="%{y:,}"),
        )
    finish(figure, x=say.TIME, y=say.EVENTS_A_BAR, height=360, barmode="stack", bargap=0.05)
    figure.update_yaxes(tickformat=",")
    return figure.update_layout(legend_traceorder="normal")


def share_of_a_tenth(profile: dict[str, Any]) -> float:
    """Which share of the training events the most popular tenth of the catalogue has.

    >>> share_of_a_tenth({"popularity": [[0.0, 0.0], [0.05, 0.4], [0.15, 0.6], [1.0, 1.0]]})
    0.5
    """
    items, events = zip(*profile["popularity"], strict=True)
    return round(float(np.interp(0.1, items, events)), 3)


def popularity_figure(profile: dict[str, Any]) -> go.Figure:
    """Share of the training events that the most popular share of the catalogue holds."""
    figure = go.Figure()
    items, events = zip(*profile["popularity"], strict=True)
    figure.add_scatter(
        x=[100 * share for share in items],
        y=[100 * share for share in events],
        mode="lines",
        line={"color": SIDE_COLOUR["item"], "width": 3},
        hovertemplate=say.POPULARITY_HOVER(items="%{x:.1f}", events="%{y:.0f}"),
    )
    finish(figure, x=say.POPULARITY_X, y=say.POPULARITY_Y, height=260)
    return figure.update_layout(hovermode="closest", showlegend=False, margin={"t": 12})
