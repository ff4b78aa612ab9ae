"""Cross layers as pictures: block maps on shared colour scales, whole matrices, norms against what they are worth,
ranks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from pdcn.arrays import Doubles, Ints
from pdcn.inert import label
from pdcn.pages.crosses import words as say
from pdcn.shell.figures.theme import FAINT, by_arm, finish, shade, whiskers
from pdcn.tasks.metric import Metric
from pdcn.words import spoken

SCALE, NUMBERS_SCALE = "Cividis", "Gray"
"""Colours of blocks between categories, and of blocks with a number; the brighter, the larger."""
SIGNED = "RdBu"
CELL, LARGEST_CELL, MAP, AROUND = 19, 40, 320, 150
"""Pixels: the least and most of a block, those of a map where blocks have room, and all that is around it."""
PICKED = "#E8336D"
BAR = {"thickness": 10, "outlinewidth": 0, "tickfont": {"size": 11}}
"""What the bars of all colour scales have in common."""
LONGEST = 20
CROWDED = 16
"""Blocks from which their labels are smaller: upright they stay apart even on a telephone."""


def short(labels: Sequence[str]) -> list[str]:
    """Labels that leave room for the picture.

    >>> short(["Age", "Main department of the last visit"])
    ['Age', 'Main department of …']
    """
    return [label(one, LONGEST if len(one) <= LONGEST else LONGEST - 1) for one in labels]


def by_kind(values: Doubles, numbers: Collection[int]) -> tuple[Doubles, Doubles]:
    """The blocks between categories, and those that write or read one of the fields `numbers`; NaN in the others'
    places.

    An embedding has several columns and a number has one, so their blocks compare among themselves alone.

    >>> [part.tolist() for part in by_kind(np.array([[1.0, 2.0], [3.0, 4.0]]), {1})]
    [[[1.0, nan], [nan, nan]], [[nan, 2.0], [3.0, 4.0]]]
    """
    number = np.isin(np.arange(len(values)), list(numbers))
    touched = number[:, None] | number[None, :]
    return np.where(touched, np.nan, values), np.where(touched, values, np.nan)


def largest_by_kind(values: Doubles, numbers: Collection[int]) -> tuple[float, float]:
    """Ends of the two colour scales: the largest block between categories, and the largest with a number; 0 of none.

    >>> largest_by_kind(np.array([[1.0, 2.0], [3.0, 4.0]]), {1})
    (1.0, 4.0)
    """
    one, other = (float(np.nanmax(part, initial=0.0)) for part in by_kind(values, numbers))
    return one, other


def block_map(
    values: Doubles,
    labels: tuple[str, ...],
    largest: tuple[float, float],
    *,
    what: str,
    title: str = "",
    numbers: Collection[int] = (),
    planted: Collection[tuple[int, int]] = (),
    picked: tuple[int, int] | None = None,
    bar: bool = True,
) -> go.Figure:
    """A value a directed block (blocks, blocks): rows write, columns read; `numbers` are the fields that are numbers.

    Blocks between categories and blocks with a number have a colour scale each, from 0 to their own `largest`. Every
    block can be clicked: the points of the last trace stand on them, row by row. `planted` blocks carry a ring, the
    `picked` one a frame.
    """
    figure, count = go.Figure(), len(labels)
    places = list(range(count))
    both = zip(by_kind(values, numbers), largest, (SCALE, NUMBERS_SCALE), ("category", "number"), strict=True)
    kinds = [(part, end, scale, name) for part, end, scale, name in both if not np.isnan(part).all()]
    for at, (part, end, scale, name) in enumerate(kinds):
        halves = {"len": 0.45, "y": 0.77 - 0.5 * at, "title": {"text": name, "side": "top", "font": {"size": 11}}}
        figure.add_heatmap(
            z=part,
            x=places,
            y=places,
            zmin=0,
            zmax=end or 1.0,
            colorscale=scale,
            xgap=1,
            ygap=1,
            hoverinfo="skip",
            showscale=bar,
            colorbar={**BAR, **(halves if len(kinds) > 1 else {"len": 0.9})},
        )
    if planted:
        written, read = zip(*sorted(planted), strict=True)
        figure.add_scatter(
            x=read,
            y=written,
            mode="markers",
            hoverinfo="skip",
            showlegend=False,
            marker={"symbol": "circle-open", "size": 12, "color": "#D55E00", "line": {"width": 2.5}},
        )
    if picked is not None:
        (row, column), line = picked, {"color": PICKED, "width": 3}
        figure.add_shape(type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5, line=line)
    rows, columns = np.divmod(np.arange(count * count), count)
    figure.add_scatter(
        x=columns,
        y=rows,
        mode="markers",
        showlegend=False,
        marker={"symbol": "square", "size": 14, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=[
            (label(labels[row]), label(labels[column]), float(values[row, column]))
            for row, column in zip(rows, columns, strict=True)
        ],
        hovertemplate="<b>%{customdata[0]}</b> reads <b>%{customdata[1]}</b><br>"
        + what
        + " %{customdata[2]:.3f}<extra></extra>",
    )
    height = AROUND + count * max(CELL, min(LARGEST_CELL, MAP // count))
    x, y = say.READ, say.WRITTEN
    finish(figure, x=x, y=y, height=height, key=title, **_titled(title))
    _name_fields(figure, labels, places, count, 11 if count <= CROWDED else 10)
    figure.update_xaxes(tickangle=-90, constrain="domain")
    return figure.update_layout(dragmode=False, clickmode="event+select")


def _titled(title: str) -> dict[str, Any]:
    """The layout of a map with a title at its upper left."""
    text = {"text": title, "font": {"size": 14}, "x": 0.01, "xref": "container", "y": 0.99, "yanchor": "top"}
    return {"hovermode": "closest", "margin": {"t": 34, "l": 10, "r": 6, "b": 10}, "title": text}


def _name_fields(figure: go.Figure, labels: tuple[str, ...], places: Sequence[float], size: int, font: int) -> None:
    """Both axes of a square of so many cells, from the left and from the top, with each field's label at its place."""
    ticks = {"tickvals": places, "ticktext": short(labels), "tickfont": {"size": font}}
    for axis, ends in ((figure.update_xaxes, [-0.5, size - 0.5]), (figure.update_yaxes, [size - 0.5, -0.5])):
        axis(**ticks, range=ends, showgrid=False, showline=False, automargin=True)


def weight_map(W: Doubles, edges: Ints, labels: tuple[str, ...], largest: float, title: str) -> go.Figure:
    """Every weight of W (D, D), with a line at every field's border; colours from -`largest` to `largest`."""
    figure = go.Figure()
    figure.add_heatmap(
        z=W,
        zmin=-largest,
        zmax=largest,
        colorscale=SIGNED,
        hovertemplate=say.WEIGHT_HOVER(row="%{y}", column="%{x}", weight="%{z:.3f}"),
        colorbar={**BAR, "len": 0.9},
    )
    line = {"type": "line", "line": {"color": FAINT, "width": 0.6}}
    figure.layout.shapes = [
        {**line, f"{fixed}0": edge - 0.5, f"{fixed}1": edge - 0.5, f"{along}0": -0.5, f"{along}1": len(W) - 0.5}
        for edge in edges[1:-1].tolist()
        for fixed, along in ("xy", "yx")
    ]
    x, y = say.WEIGHTS_READ, say.WEIGHTS_WRITTEN
    finish(figure, x=x, y=y, height=560, key=title, **_titled(title))
    _name_fields(figure, labels, ((edges[:-1] + edges[1:] - 1) / 2).tolist(), len(W), 10)
    return figure.update_xaxes(tickangle=-60)


def worth_figure(pairs: pd.DataFrame, size: str, metric: Metric, key: str) -> go.Figure:
    """A point a pair of fields: its norm against how far events move without it; `pairs` has `arm`, `label`, `size`,
    `moved`, and `drop`, `low`, `high` (shares of the metric)."""
    figure, what = go.Figure(), say.MOVING[metric.name]
    for arm, own, style in by_arm(pairs):
        figure.add_scatter(
            x=own[size],
            y=own["moved"],
            mode="markers",
            name=spoken(arm),
            marker={"symbol": style.marker, "size": 7, "color": shade(style.colour, 0.75)},
            customdata=np.stack([own["label"].map(label), *(100 * own[["drop", "low", "high"]]).to_numpy().T], axis=1),
            hovertemplate=say.WORTH_HOVER(
                pair="%{customdata[0]}",
                what=what,
                metric=metric.label,
                moved="%{y:.3f}",
                lost="%{customdata[1]:+.2f}",
                low="%{customdata[2]:+.2f}",
                high="%{customdata[3]:+.2f}",
                arm=spoken(arm),
            ),
        )
    return finish(figure, x=say.NORM_AXIS, y=say.MOVED_AXIS(what=what), height=360, key=key, hovermode="closest")


def spectrum_figure(spectrum: pd.DataFrame, key: str) -> go.Figure:
    """Singular values as shares of the largest, mean over seeds: learned as drawn lines, initial as faint ones."""
    figure = go.Figure()
    for arm, own, style in by_arm(spectrum):
        for moment in ("initial", "learned"):
            mean = own[own["moment"] == moment].groupby("index")["share"].mean()
            learned = moment == "learned"
            figure.add_scatter(
                x=mean.index,
                y=mean.to_numpy(),
                mode="lines",
                name=say.AT_MOMENT(arm=spoken(arm), moment=moment),
                line={
                    "color": style.colour if learned else shade(style.colour, 0.4),
                    "dash": style.dash if learned else "dot",
                    "width": 2.5 if learned else 1.5,
                },
                hovertemplate=say.SINGULAR_HOVER(share="%{y:.3f}", name=say.AT_MOMENT(arm=spoken(arm), moment=moment)),
            )
    finish(figure, x=say.SINGULAR_AXIS, y=say.SHARE_AXIS, height=330, key=key)
    return figure.update_yaxes(range=[0, 1.03])


def cut_figure(cuts: pd.DataFrame, metric: Metric, key: str) -> go.Figure:
    """What the metric loses by rank, in points, with its interval; `cuts` has `arm`, `rank`, and shares `drop`, `low`,
    `high`."""
    figure = go.Figure()
    ranks = sorted(cuts["rank"].unique())
    for arm, own, style in by_arm(cuts.sort_values("rank", kind="stable")):
        figure.add_scatter(
            x=[ranks.index(rank) for rank in own["rank"]],
            y=-own["drop"] * 100,
            mode="lines+markers",
            name=spoken(arm),
            line={"color": style.colour, "dash": style.dash},
            marker={"symbol": style.marker, "size": 8},
            error_y=whiskers(
                style.colour, (own["drop"] - own["low"]) * 100, (own["high"] - own["drop"]) * 100, thickness=1.3
            ),
            customdata=np.stack([-own["high"] * 100, -own["low"] * 100], axis=1),
            hovertemplate=say.CUT_HOVER(
                points="%{y:+.2f}", low="%{customdata[0]:+.2f}", high="%{customdata[1]:+.2f}", arm=spoken(arm)
            ),
        )
    finish(figure, x=say.RANK_AXIS, y=say.CUT_AXIS(metric=metric.label), height=330, key=key)
    figure.add_hline(y=0, line={"color": FAINT, "width": 1.2})
    texts = [str(say.NO_RANK) if rank == 0 else str(rank) for rank in ranks]
    return figure.update_xaxes(tickvals=list(range(len(ranks))), ticktext=texts)


def recovery_figure(recovery: pd.DataFrame, measure: str, chance: float, key: str) -> go.Figure:
    """How well each arm's norms find the planted pairs: a point a seed, by layer; a line at chance."""
    figure = go.Figure()
    for arm, own, style in by_arm(recovery):
        figure.add_scatter(
            x=[say.LAYER_NUMBER(number=layer + 1) for layer in own["layer"]],
            y=own[measure],
            mode="markers",
            name=spoken(arm),
            marker={"symbol": style.marker, "size": 11, "color": shade(style.colour, 0.8)},
            customdata=own["seed"],
            hovertemplate=say.SEED_HOVER(seed="%{customdata}", value="%{y:.2f}", arm=spoken(arm)),
        )
    name = {"average_precision": say.PRECISION, "auc": say.AUC}[measure]
    finish(figure, x="", y=name, height=280, key=key, hovermode="closest", scattermode="group")
    figure.add_hline(y=chance, line={"color": FAINT, "dash": "dot"}, annotation_text=say.CHANCE)
    return figure.update_yaxes(range=[0, 1.05])
