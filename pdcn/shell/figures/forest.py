"""Differences with their intervals, one above the other: a forest plot."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from pdcn.inert import label
from pdcn.shell import words as say
from pdcn.shell.figures.theme import FAINT, by_arm, filled, finish, outlined, rows_from_top, whiskers
from pdcn.words import spoken

ROW, DENSE, FRAME = 30, 24, 88
"""Height of a row, of one among groups, and of all that is around the rows, in pixels."""
UNSEEN = "\u200b"
"""Tells rows of the same label apart where they are of different groups."""


def forest_figure(rows: pd.DataFrame, *, key: str, points: bool = True, name: str = say.DIFFERENCE) -> go.Figure:
    """A row a difference: its mean, its 95% interval, filled where it is detectable and open where not.

    `rows` has `label`, `arm`, `difference`, `low`, `high` (shares), `verdict` and `adjusted`, top to bottom; labels are
    unique, or unique in each `group` where it has this column too: then a line with its name leads each group. The
    axis, named by `name`, fits the rows and has 0. Differences that are no shares, so not in `points`, are not scaled.
    """
    scale, unit, places = (100, say.UNIT_POINTS, "+.2f") if points else (1, "", "+.4f")
    rows = rows.assign(row=rows["label"].map(label))
    order = list(rows["row"])
    if "group" in rows:
        groups = list(dict.fromkeys(rows["group"]))
        rows["row"] += rows["group"].map(lambda group: UNSEEN * groups.index(group))
        order = [one for group in groups for one in (f"<b>{label(group)}</b>", *rows[rows["group"] == group]["row"])]
    figure = go.Figure()
    figure.add_vline(x=0, line={"color": FAINT, "width": 1.5})
    for arm, own, style in by_arm(rows):
        sure = own["verdict"].isin(["better", "worse"])
        figure.add_scatter(
            x=own["difference"] * scale,
            y=own["row"],
            mode="markers",
            name=spoken(arm),
            marker=outlined(style, 11, [filled(style.marker, yes) for yes in sure]),
            error_x=whiskers(
                style.colour, (own["high"] - own["difference"]) * scale, (own["difference"] - own["low"]) * scale
            ),
            customdata=own[["low", "high", "adjusted"]].assign(low=own["low"] * scale, high=own["high"] * scale),
            hovertemplate=say.FOREST_HOVER(
                label="%{y}",
                value=f"%{{x:{places}}}",
                unit=unit,
                low=f"%{{customdata[0]:{places}}}",
                high=f"%{{customdata[1]:{places}}}",
                p="%{customdata[2]:.3f}",
            ),
        )
    name = say.IN_POINTS(name=name) if points else name
    height = FRAME + (DENSE if "group" in rows else ROW) * len(order)
    finish(figure, x=name, y="", height=height, key=key, hovermode="closest", margin_t=8)
    figure.update_layout(showlegend=False)  # the labels name the arms
    rows_from_top(figure, order).update_yaxes(range=[-0.7, len(order) - 0.3])
    ends = rows[["difference", "low", "high"]]
    low, high = scale * min(0.0, float(ends.min().min())), scale * max(0.0, float(ends.max().max()))
    room = 0.05 * (high - low)
    return figure.update_xaxes(range=[low - room, high + room], automargin=True) if room else figure
