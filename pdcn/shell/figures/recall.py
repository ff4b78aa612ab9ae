"""Recall against K."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from pdcn.shell.figures.theme import add_band, by_arm, finish, ink, log_k_axis, shade
from pdcn.words import spoken


def recall_figure(
    curves: pd.DataFrame, *, each_seed: bool = False, text: str = "#1B2430", label: str = "recall"
) -> go.Figure:
    """Mean recall@K of each arm (percent), or another share by K that a task calls by its `label`, a band from its
    lowest to its highest seed, and baselines.

    `curves` as `curve_frame` makes it; `text` is the colour of the page's text, for the oracle.
    """
    figure = go.Figure()
    for arm, own, style in by_arm(curves[curves["seed"] >= 0]):
        seeds = own.pivot(index="k", columns="seed", values="value") * 100
        if seeds.shape[1] > 1:
            low, high = seeds.min(axis=1), seeds.max(axis=1)
            add_band(figure, seeds.index, low, high, shade(style.colour, 0.18), name=f"{arm} band", group=arm)
        if each_seed:
            for seed in seeds:
                figure.add_scatter(
                    x=seeds.index,
                    y=seeds[seed],
                    mode="lines",
                    name=f"{spoken(arm)}, seed {seed}",
                    line={"color": style.colour, "width": 1, "dash": "dot"},
                    legendgroup=arm,
                    showlegend=False,
                    hovertemplate="%{y:.1f}%",
                )
        figure.add_scatter(
            x=seeds.index,
            y=seeds.mean(axis=1),
            mode="lines",
            name=spoken(arm),
            legendgroup=arm,
            line={"color": style.colour, "width": 3, "dash": style.dash},
            hovertemplate="%{y:.1f}%",
        )
    for name, rows in curves[curves["seed"] < 0].groupby("arm", sort=False):
        style = ink(str(name))
        colour = text if name == "oracle" else style.colour
        figure.add_scatter(
            x=rows["k"],
            y=rows["value"] * 100,
            mode="lines",
            name=str(name),
            line={"color": colour, "width": 1.5, "dash": style.dash},
            hovertemplate="%{y:.1f}%",
        )
    finish(figure, x="K, items returned (log scale)", y=f"{label}@K (%)", height=400, key="recall")
    figure.update_yaxes(rangemode="tozero")
    return log_k_axis(figure, int(curves["k"].max()))
