"""The paired difference against K, on the axis of the recall above it."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from pdcn.pages.compare import words as say
from pdcn.shell.figures.theme import FAINT, add_band, by_arm, finish, log_k_axis, shade
from pdcn.words import capital, points, span, spoken


def largest_difference(differences: pd.DataFrame) -> str:
    """Which arm's difference is farthest from zero, at which K, in words; `differences` as `difference_frame` makes
    it."""
    row = differences.iloc[int(differences["difference"].abs().to_numpy().argmax())]
    told = {"arm": capital(spoken(row["arm"])), "against": spoken(row["against"]), "k": f"{int(row['k']):,}"}
    told["points"] = points(row["difference"])
    if row["seeds"] > 1:
        return say.DIFFERENCE_FOUND(interval=span(row["low"], row["high"]), **told)
    return say.DIFFERENCE_FOUND_ONE_SEED(**told)


def difference_figure(differences: pd.DataFrame) -> go.Figure:
    """Each arm's recall minus the baseline arm's, in points, with its 95% interval at every K.

    `differences` as `difference_frame` makes it.
    """
    figure = go.Figure()
    figure.add_hline(y=0, line={"color": FAINT, "width": 1.5})
    for arm, rows, style in by_arm(differences):
        if rows["seeds"].iloc[0] > 1:
            low, high = rows["low"] * 100, rows["high"] * 100
            add_band(figure, rows["k"], low, high, shade(style.colour, 0.18), name=f"{arm} interval", group=arm)
        figure.add_scatter(
            x=rows["k"],
            y=rows["difference"] * 100,
            mode="lines",
            legendgroup=arm,
            name=say.MINUS(arm=spoken(arm), against=spoken(rows["against"].iloc[0])),
            customdata=rows[["low", "high"]] * 100,
            line={"color": style.colour, "width": 2.5, "dash": style.dash},
            hovertemplate=say.DIFFERENCE_HOVER(
                points="%{y:+.2f}", low="%{customdata[0]:+.2f}", high="%{customdata[1]:+.2f}"
            ),
        )
    pairs = differences[["arm", "against"]].drop_duplicates()
    arm, against = map(spoken, pairs.iloc[0])
    alone = say.ALONE_AXIS(arm=arm, against=against) if len(pairs) == 1 else ""
    finish(figure, x=say.K_AXIS, y=alone or say.DIFFERENCE_AXIS, height=260, key="difference", showlegend=not alone)
    if alone:  # the axis names it
        figure.update_layout(margin_t=16, margin_l=76)
    return log_k_axis(figure, int(differences["k"].max()))
