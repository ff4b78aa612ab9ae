"""Errors by depth, and what one layer learned beside the true coefficients."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from pdcn.pages.cross_lab.learn import words as say
from pdcn.shell.figures.theme import FAINT, MIXED, finish, ink
from pdcn.wirings import Ink
from pdcn.words import minus

INKS = {
    "DCN-V2": ink("cross_only"),
    "DCN": Ink(MIXED[1], "dot", "diamond"),
    "DNN": ink("deep_only"),
    "DNN, large": Ink(MIXED[0], "dash", "square"),
}
"""Cross networks and MLPs have the ink of the wiring which is only they, as on the Findings page."""
NARROW = 30
"""Where the largest error is less than so many times the smallest, the axis names more than powers of ten."""
LEAST = 1e-16
"""What is less is drawn as so much."""
WRITTEN = 8
"""Features of which each coefficient is written into its cell."""
SCALE = [[0, "rgba(213,94,0,0.65)"], [0.5, "rgba(128,138,150,0.08)"], [1, "rgba(0,158,115,0.65)"]]


def errors_figure(rows: pd.DataFrame, *, key: str) -> go.Figure:
    """A line a model over its depths, on a log scale; `published` errors, where there are any, as open marks."""
    figure = go.Figure()
    for model, style in INKS.items():
        own = rows[rows["model"] == model]
        if own.empty:
            continue
        name = say.LEGEND[model]
        figure.add_scatter(
            x=own["layers"],
            y=own["rmse"].clip(lower=LEAST),
            name=name,
            mode="lines+markers",
            line={"color": style.colour, "dash": style.dash},
            marker={"color": style.colour, "symbol": style.marker, "size": 10},
            hovertemplate=say.ERROR_HOVER(model=name),
        )
        if "published" in own and own["published"].notna().any():
            published = say.PUBLISHED_OF(model=name)
            figure.add_scatter(
                x=own["layers"],
                y=own["published"],
                name=published,
                mode="markers",
                marker={"color": style.colour, "symbol": f"{style.marker}-open", "size": 15, "line": {"width": 2}},
                showlegend=False,
                hovertemplate=say.ERROR_HOVER(model=published),
            )
    figure.add_hline(y=float(rows["spread"].mean()), line={"color": FAINT, "dash": "dot"})
    finish(figure, x=say.LAYERS_AXIS, y=say.ERROR_AXIS, height=400, key=key, hovermode="closest")
    depths = sorted(rows["layers"].unique())
    figure.update_xaxes(tickvals=depths, range=[depths[0] - 0.3, depths[-1] + 0.3])
    figure.update_yaxes(type="log", exponentformat="power", dtick=2 if rows["rmse"].min() < 1e-5 else 1)
    least, most = rows["rmse"].min(), max(rows["rmse"].max(), float(rows["spread"].mean()))
    if most < NARROW * least:  # powers of ten alone would leave the axis without any number
        named = [step * 10.0**power for power in range(-6, 4) for step in (1, 2, 5)]
        shown = [value for value in named if 0.8 * least <= value <= 1.25 * most]
        figure.update_yaxes(tickvals=shown, ticktext=[f"{value:g}" for value in shown])
    return figure


def weights_figure(rows: pd.DataFrame, *, text: str, key: str) -> go.Figure:
    """Coefficients of every pair and of every feature alone: the true ones, and beside them those that were learned,
    where there are any. Numbers have the colour `text`; of many features there is no room for them."""
    width = int(rows["one"].max()) + 1
    few = width <= WRITTEN
    kinds = [(say.TRUE, "true"), (say.LEARNED, "learned")]
    kinds = [(name, column) for name, column in kinds if column in rows]
    figure = make_subplots(1, len(kinds), subplot_titles=[name for name, _ in kinds], horizontal_spacing=0.08)
    names = [say.FEATURE(number=at + 1) for at in range(width)]
    largest = float(rows[[column for _, column in kinds]].abs().to_numpy().max()) or 1.0
    for place, (name, column) in enumerate(kinds, 1):
        cells = np.full((width, width + 1), np.nan)
        cells[rows["one"], rows["other"] + 1] = rows[column]
        figure.add_heatmap(
            z=cells,
            x=[say.ALONE, *(f"× {own}" for own in names)],
            y=names,
            zmin=-largest,
            zmax=largest,
            colorscale=SCALE,
            showscale=False,
            xgap=2 * few,
            ygap=2 * few,
            text=[["" if np.isnan(value) else _cell(value) for value in row] for row in cells] if few else None,
            texttemplate="%{text}" if few else None,
            textfont={"color": text, "size": 13 if width < 5 else 10},
            hovertemplate=say.WEIGHTS_HOVER(name=name),
            row=1,
            col=place,
        )
    margin = {"l": 30, "r": 8, "t": 72, "b": 8}
    figure.update_layout(height=360, margin=margin, font={"size": 13}, uirevision=key, dragmode=False)
    figure.update_layout(paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)")
    figure.update_annotations(font={"color": text, "size": 14}, yshift=34)
    figure.update_xaxes(side="top", showgrid=False, fixedrange=True, nticks=0 if few else 6)
    return figure.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True)


def _cell(value: float) -> str:
    """A coefficient with two decimals, or a plain 0 where nothing is left of it.

    >>> _cell(0.1), _cell(-1e-14), _cell(-0.123)
    ('0.1', '0', '−0.12')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else minus(text)
