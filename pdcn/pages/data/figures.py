"""What the data looks like: fields, the split in time, how popular items are, what comes of impressions."""

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
ROUND_SHARES = [digit * 10**power for power in range(-2, 2) for digit in (1, 2, 5)]
OUTCOME_INK = (("#56B4E9", "circle"), ("#0072B2", "square"), ("#E69F00", "diamond"), ("#D55E00", "star"))
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


def held_by_a_tenth(spread: list[list[float]]) -> float:
    """Which share of all the largest tenth holds.

    >>> held_by_a_tenth([[0.0, 0.0], [0.05, 0.4], [0.15, 0.6], [1.0, 1.0]])
    0.5
    """
    counted, held = zip(*spread, strict=True)
    return round(float(np.interp(0.1, counted, held)), 3)


def spread_figure(spread: list[list[float]], x: str, y: str) -> go.Figure:
    """Share of all that the largest share of items, or of advertisers, holds."""
    figure = go.Figure()
    counted, held = zip(*spread, strict=True)
    figure.add_scatter(
        x=[100 * share for share in counted],
        y=[100 * share for share in held],
        mode="lines",
        line={"color": SIDE_COLOUR["item"], "width": 3},
        hovertemplate=say.SPREAD_HOVER(counted="%{x:.1f}", held="%{y:.0f}"),
    )
    finish(figure, x=x, y=y, height=260)
    return figure.update_layout(hovermode="closest", showlegend=False, margin={"t": 12})


def outcomes_figure(told: dict[str, Any]) -> go.Figure:
    """Of a hundred impressions on each surface, how many come to each outcome, on a scale of powers of ten."""
    figure = go.Figure()
    surfaces = [label(row["surface"]) for row in told["shares"]]
    for at, kind in reversed([*enumerate(told["kinds"])][1:]):
        shares = [100 * row["counts"][at] / sum(row["counts"]) or None for row in told["shares"]]
        colour, marker = OUTCOME_INK[(at - 1) % len(OUTCOME_INK)]
        figure.add_scatter(
            x=shares,
            y=surfaces,
            name=label(kind),
            mode="markers",
            marker={"color": colour, "symbol": marker, "size": 13},
            hovertemplate=say.OUTCOME_HOVER(kind=label(kind), share="%{x:.2f}"),
        )
    finish(figure, x=say.OUTCOMES_X, y="", height=140 + 44 * len(surfaces))
    figure.update_xaxes(type="log", tickvals=ROUND_SHARES, ticksuffix="%")
    figure.update_yaxes(type="category", autorange="reversed", automargin=True)
    return figure.update_layout(hovermode="closest", legend_traceorder="reversed")


def value_figure(value: dict[str, Any]) -> go.Figure:
    """How the value of an event spreads, and what weight a value has."""
    edges = np.array(value["edges"])
    figure = go.Figure()
    figure.add_bar(
        x=(edges[:-1] + edges[1:]) / 2,
        y=[100 * share for share in value["shares"]],
        width=np.diff(edges),
        marker={"color": PART_COLOUR["train"]},
        name=say.VALUE_SHARE,
        hovertemplate=say.SHARE_HOVER(value="%{x:.1f}", share="%{y:.1f}"),
    )
    at = np.linspace(0, value["cap"], 60)
    figure.add_scatter(
        x=at,
        y=np.log1p(at) / np.log1p(value["cap"]),
        yaxis="y2",
        mode="lines",
        name=say.VALUE_WEIGHT,
        line={"color": SIDE_COLOUR["item"], "width": 3},
        hovertemplate=say.WEIGHT_HOVER(value="%{x:.1f}", weight="%{y:.2f}"),
    )
    finish(figure, x=say.VALUE_X(unit=label(value["unit"])), y=say.SHARE_SHORT, height=260)
    second = {"overlaying": "y", "side": "right", "range": [0, 1.05], "showgrid": False, "title": say.VALUE_WEIGHT}
    second |= {"tickvals": [0, 0.5, 1]}
    return figure.update_layout(hovermode="closest", yaxis2=second, margin={"t": 12})
