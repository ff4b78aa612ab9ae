"""The curves of two runs in one figure."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from pdcn.inert import label as inert
from pdcn.pages.side import words as say
from pdcn.shell import words as shell
from pdcn.shell.figures.theme import NAME_ROOM, NAME_WIDTH, add_band, by_arm, finish, ink, log_k_axis, shade
from pdcn.words import spoken

DASHES = {"A": "solid", "B": "dash"}
SAMPLES = {"A": "━", "B": "╍"}
"""A piece of the line, before its name."""
HEIGHT, LONGEST = 400, 26
"""Of the figure, in pixels; and of a name beside a line, in letters."""
BAND = 0.1
"""Opacity of a band: those of two runs lie over each other."""


def overlay_figure(first: pd.DataFrame, second: pd.DataFrame, *, label: str = "recall", one_data: bool) -> go.Figure:
    """Mean recall@K of each arm (percent), or another share by K, of run A in solid lines and of run B in dashed ones.

    Both tables as `curve_frame` makes them. Popularity is drawn where both runs have the same data.
    """
    figure, ends, most, largest = go.Figure(), dict[str, tuple[float, str, str]](), 1.0, 1
    for which, curves in zip(DASHES, (first, second), strict=True):
        for arm, own, style in by_arm(curves[curves["seed"] >= 0]):
            seeds = own.pivot(index="k", columns="seed", values="value") * 100
            name, group = say.LINE(which=which, arm=spoken(arm)), f"{which} {arm}"
            if seeds.shape[1] > 1:
                low, high = seeds.min(axis=1), seeds.max(axis=1)
                add_band(figure, seeds.index, low, high, shade(style.colour, BAND), name=f"{name} band", group=group)
            mean = seeds.mean(axis=1)
            _add_line(figure, mean, name, {"color": style.colour, "width": 3, "dash": DASHES[which]}, group)
            ends[name] = float(mean.iloc[-1]), style.colour, SAMPLES[which]
            most, largest = max(most, float(seeds.max().max())), max(largest, int(seeds.index[-1]))
    if one_data:
        rows = first[first["arm"] == "popularity"].set_index("k")["value"] * 100
        if len(rows):
            look = ink("popularity")
            _add_line(figure, rows, spoken("popularity"), {"color": look.colour, "width": 1.5, "dash": "dot"}, "")
            ends[spoken("popularity")] = float(rows.iloc[-1]), look.colour, "┄"
            most = max(most, float(rows.max()))
    finish(figure, x=shell.K_AXIS, y=shell.AT_K(metric=label), height=HEIGHT, key="side", margin_t=16, showlegend=False)
    top = 1.06 * most
    figure.update_yaxes(range=[0, top])
    _name_lines(figure, ends, top)
    return log_k_axis(figure, largest)


def _add_line(figure: go.Figure, line: pd.Series, name: str, look: dict[str, object], group: str) -> None:
    hover = "%{y:.1f}%"
    figure.add_scatter(x=line.index, y=line, mode="lines", name=name, line=look, hovertemplate=hover, legendgroup=group)


def _name_lines(figure: go.Figure, ends: Mapping[str, tuple[float, str, str]], top: float) -> None:
    """The name of every line at its right end, moved up or down as far as the names need to be apart."""
    height = HEIGHT - figure.layout.margin.t - figure.layout.margin.b
    order = sorted(ends, key=lambda name: ends[name][0])
    at = places([ends[name][0] / top * height for name in order], height)
    for name, place in zip(order, at, strict=True):
        value, colour, sample = ends[name]
        figure.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            xshift=4,
            y=value,
            yshift=place - value / top * height,
            text=f'<span style="color:{colour}">{sample}</span> {inert(name, LONGEST)}',
            showarrow=False,
        )
    figure.update_layout(margin_r=32 + NAME_WIDTH * max((min(len(name), LONGEST) for name in ends), default=0))


def places(wanted: list[float], height: float) -> list[float]:
    """Where names stand that want to be at these heights (ascending), a line apart and as far as can be below the top.

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
