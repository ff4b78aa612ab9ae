"""The paired difference against K, on the axis of the recall above it."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from pdcn.shell.figures.theme import FAINT, finish, ink, log_k_axis, shade
from pdcn.words import spoken


def difference_figure(differences: pd.DataFrame) -> go.Figure:
    """Each arm's recall minus the baseline arm's, in points, with its 95% interval at every K.

    `differences` as `difference_frame` makes it.
    """
    figure = go.Figure()
    figure.add_hline(y=0, line={"color": FAINT, "width": 1.5})
    arms = tuple(differences["arm"].unique())
    for arm in arms:
        rows = differences[differences["arm"] == arm]
        style = ink(arm, arms)
        if rows["seeds"].iloc[0] > 1:
            figure.add_scatter(
                x=[*rows["k"], *rows["k"][::-1]],
                y=[*(rows["high"] * 100), *(rows["low"][::-1] * 100)],
                fill="toself",
                fillcolor=shade(style.colour, 0.18),
                line={"width": 0},
                hoverinfo="skip",
                showlegend=False,
                name=f"{arm} interval",
                legendgroup=arm,
            )
        figure.add_scatter(
            x=rows["k"],
            y=rows["difference"] * 100,
            mode="lines",
            legendgroup=arm,
            name=f"{spoken(arm)} − {spoken(rows['against'].iloc[0])}",
            customdata=rows[["low", "high"]] * 100,
            line={"color": style.colour, "width": 2.5, "dash": style.dash},
            hovertemplate="%{y:+.2f} points [%{customdata[0]:+.2f}, %{customdata[1]:+.2f}]",
        )
    finish(figure, x="K, items returned (log scale)", y="difference (points)", height=260, key="difference")
    figure.update_layout(showlegend=True)
    return log_k_axis(figure, int(differences["k"].max()))
