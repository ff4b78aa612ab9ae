"""Recall against K."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pdcn.shell import words as say
from pdcn.shell.figures.theme import add_band, at_their_ends, by_arm, finish, ink, log_k_axis, shade
from pdcn.words import spoken


def recall_figure(
    curves: pd.DataFrame, *, each_seed: bool = False, text: str = "#1B2430", label: str = "recall"
) -> go.Figure:
    """Mean recall@K of each arm (percent), or another share by K that a task calls by its `label`, a band from its
    lowest to its highest seed, and baselines: popularity, the oracle and whichever else finds most; one press on a
    name in the legend draws a further one.

    `curves` as `curve_frame` makes it; `text` is the colour of the page's text, for the oracle.
    """
    figure = go.Figure()

    def add_line(x: Any, y: pd.Series, name: str, look: dict[str, Any], **of_its_arm: Any) -> None:
        hover = "%{y:.1f}%"
        figure.add_scatter(x=x, y=y, mode="lines", name=name, line=look, hovertemplate=hover, **of_its_arm)

    for arm, own, style in by_arm(curves[curves["seed"] >= 0]):
        seeds = own.pivot(index="k", columns="seed", values="value") * 100
        if seeds.shape[1] > 1:
            low, high = seeds.min(axis=1), seeds.max(axis=1)
            add_band(figure, seeds.index, low, high, shade(style.colour, 0.18), name=f"{arm} band", group=arm)
        if each_seed:
            thin = {"color": style.colour, "width": 1, "dash": "dot"}
            for seed in seeds:
                one = say.ONE_SEED(arm=spoken(arm), seed=seed)
                add_line(seeds.index, seeds[seed], one, thin, legendgroup=arm, showlegend=False)
        thick = {"color": style.colour, "width": 3, "dash": style.dash}
        add_line(seeds.index, seeds.mean(axis=1), spoken(arm), thick, legendgroup=arm)
    baselines = curves[curves["seed"] < 0]
    drawn = {"popularity", "oracle", strongest(baselines)}
    for name, rows in baselines.groupby("arm", sort=False):
        style = ink(str(name))
        look = {"color": text if name == "oracle" else style.colour, "width": 1.5, "dash": style.dash}
        visible = True if name in drawn else "legendonly"
        add_line(rows["k"], rows["value"] * 100, spoken(str(name)), look, visible=visible)
    finish(figure, x=say.K_AXIS, y=say.AT_K(metric=label), height=400, key="recall")
    figure.update_yaxes(rangemode="tozero")
    at_their_ends(figure)
    return log_k_axis(figure, int(curves["k"].max()))


def several_seeds(curves: pd.DataFrame) -> bool:
    """Whether any arm has several seeds, and so a band.

    >>> one = pd.DataFrame({"arm": ["parallel", "popularity"], "seed": [0, -1]})
    >>> several_seeds(one), several_seeds(pd.concat([one, one.assign(seed=1)]))
    (False, True)
    """
    if curves.empty:
        return False
    return bool((curves[curves["seed"] >= 0].groupby("arm")["seed"].nunique() > 1).any())


def strongest(baselines: pd.DataFrame) -> str:
    """The baseline that finds most over all K that are drawn, the oracle aside, as it is no model; "" where there is
    none."""
    found = baselines[~baselines["arm"].isin(["popularity", "oracle"])].groupby("arm")["value"].mean()
    return "" if found.empty else str(found.idxmax())
