"""Differences with their intervals, one above the other: a forest plot."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from pdcn.inert import label
from pdcn.shell.figures.theme import FAINT, by_arm, filled, finish, outlined, rows_from_top, whiskers
from pdcn.words import spoken

ROW, FRAME = 30, 88
"""Height of a row and of all that is around the rows, in pixels."""


def forest_figure(rows: pd.DataFrame, *, key: str, wide: float | None = None, points: bool = True) -> go.Figure:
    """A row a difference: its mean, its 95% interval, filled where it is detectable and open where not.

    `rows` has `label`, `arm`, `difference`, `low`, `high` (shares), `verdict` and `adjusted`, top to bottom;
    labels are unique. `wide` gives several figures one axis, in points. Differences that are no shares, so not in
    `points`, stand as they are.
    """
    scale, unit, places = (100, " points", "+.2f") if points else (1, "", "+.4f")
    figure = go.Figure()
    figure.add_vline(x=0, line={"color": FAINT, "width": 1.5})
    for arm, own, style in by_arm(rows):
        sure = own["verdict"].isin(["better", "worse"])
        figure.add_scatter(
            x=own["difference"] * scale,
            y=own["label"].map(label),
            mode="markers",
            name=spoken(arm),
            marker=outlined(style, 11, [filled(style.marker, yes) for yes in sure]),
            error_x=whiskers(
                style.colour, (own["high"] - own["difference"]) * scale, (own["difference"] - own["low"]) * scale
            ),
            customdata=own[["low", "high", "adjusted"]].assign(low=own["low"] * scale, high=own["high"] * scale),
            hovertemplate=f"%{{y}}: %{{x:{places}}}{unit} [%{{customdata[0]:{places}}}, %{{customdata[1]:{places}}}], "
            "p = %{customdata[2]:.3f}, all rows counted<extra></extra>",
        )
    name = f"difference{' (points)' if points else ''}"
    finish(figure, x=name, y="", height=FRAME + ROW * len(rows), key=key, hovermode="closest", margin_t=8)
    figure.update_layout(showlegend=False)  # the labels name the arms
    rows_from_top(figure, rows["label"].map(label))
    if wide is not None:
        figure.update_xaxes(range=[-wide, wide])
    return figure
