"""The curves of two runs in one figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from pdcn.inert import label as inert
from pdcn.pages.side import words as say
from pdcn.shell import words as shell
from pdcn.shell.figures.theme import NAME_ROOM, NAME_WIDTH, add_band, finish, ink, log_k_axis, shade
from pdcn.words import spoken

DASHES = {"A": "solid", "B": "dash"}
SAMPLES = {"A": "━", "B": "╍"}
"""A piece of the line, before its name."""
HEIGHT, LONGEST = 400, 26
"""Of the figure, in pixels; and of a name beside a line, in letters."""
BAND = 0.1
"""Opacity of a band: those of two runs lie over each other."""


@dataclass(frozen=True)
class LineEnd:
    """The right end of a line: its name and value, the mean of the whole line, and how the line looks."""

    name: str
    value: float
    mean: float
    colour: str
    sample: str


def overlay_figure(first: pd.DataFrame, second: pd.DataFrame, *, label: str = "recall", one_data: bool) -> go.Figure:
    """Mean recall@K of each arm (percent), or another share by K, of run A in solid lines and of run B in dashed ones.

    Both tables as `curve_frame` makes them. Popularity is drawn where both runs have the same data.
    """
    figure, ends, most, largest = go.Figure(), list[LineEnd](), 1.0, 1
    trained = [curves[curves["seed"] >= 0] for curves in (first, second)]
    arms = tuple(pd.concat(trained)["arm"].unique())
    for which, curves in zip(DASHES, trained, strict=True):
        for arm in curves["arm"].unique():
            own, style = curves[curves["arm"] == arm], ink(arm, arms)
            seeds = own.pivot(index="k", columns="seed", values="value") * 100
            name, group = say.LINE(which=which, arm=spoken(arm)), f"{which} {arm}"
            if seeds.shape[1] > 1:
                low, high = seeds.min(axis=1), seeds.max(axis=1)
                add_band(figure, seeds.index, low, high, shade(style.colour, BAND), name=f"{name} band", group=group)
            mean = seeds.mean(axis=1)
            _add_line(figure, mean, name, {"color": style.colour, "width": 3, "dash": DASHES[which]}, group)
            ends.append(LineEnd(name, mean.iloc[-1], mean.mean(), style.colour, SAMPLES[which]))
            most, largest = max(most, float(seeds.max().max())), max(largest, int(seeds.index[-1]))
    if one_data:
        rows = first[first["arm"] == "popularity"].set_index("k")["value"] * 100
        if len(rows):
            look = ink("popularity")
            _add_line(figure, rows, spoken("popularity"), {"color": look.colour, "width": 1.5, "dash": "dot"}, "")
            ends.append(LineEnd(spoken("popularity"), rows.iloc[-1], rows.mean(), look.colour, "┄"))
            most = max(most, float(rows.max()))
    finish(figure, x=shell.K_AXIS, y=shell.AT_K(metric=label), height=HEIGHT, key="side", margin_t=16, showlegend=False)
    top = 1.06 * most
    figure.update_yaxes(range=[0, top])
    _name_lines(figure, ends, top)
    return log_k_axis(figure, largest)


def _add_line(figure: go.Figure, line: pd.Series, name: str, look: dict[str, object], group: str) -> None:
    hover = "%{y:.1f}%"
    figure.add_scatter(x=line.index, y=line, mode="lines", name=name, line=look, hovertemplate=hover, legendgroup=group)


def _name_lines(figure: go.Figure, ends: Sequence[LineEnd], top: float) -> None:
    """The name of every line at its right end, moved up or down as far as the names need to be apart.

    Where lines meet at their ends, the names are in the order of the lines' means.
    """
    height = HEIGHT - figure.layout.margin.t - figure.layout.margin.b
    order = sorted(ends, key=lambda end: (round(end.value / top * height / (2 * NAME_ROOM)), end.mean))
    at = places([end.value / top * height for end in order], height)
    for end, place in zip(order, at, strict=True):
        figure.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            xshift=4,
            y=end.value,
            yshift=place - end.value / top * height,
            text=f'<span style="color:{end.colour}">{end.sample}</span> {inert(end.name, LONGEST)}',
            showarrow=False,
        )
    figure.update_layout(margin_r=32 + NAME_WIDTH * max((min(len(end.name), LONGEST) for end in ends), default=0))


def places(wanted: list[float], height: float) -> list[float]:
    """Where names are put that want to be at these heights, from the lowest up: a line apart, and below the top.

    >>> places([10.0, 12.0, 100.0], 300.0), places([296.0, 298.0], 300.0)
    ([10.0, 26.0, 100.0], [284.0, 300.0])
    """
    found: list[float] = []
    for one in wanted:
        found.append(max(one, found[-1] + NAME_ROOM) if found else one)
    ceiling = max(height, NAME_ROOM * (len(wanted) - 1))
    for at in range(len(found) - 1, -1, -1):
        found[at] = min(found[at], ceiling - NAME_ROOM * (len(found) - 1 - at))
    return found
