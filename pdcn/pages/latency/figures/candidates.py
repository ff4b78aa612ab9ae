"""What a candidate costs in a ranking model, by how many a request has."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from pdcn.evaluation.words import DOT_PRODUCT, EACH_CANDIDATE, QUERY_ONCE
from pdcn.pages.latency import words as say
from pdcn.pages.latency.figures.times import time_axis
from pdcn.shell.figures.theme import finish, ink, whiskers
from pdcn.words import spoken

LINES = {DOT_PRODUCT: ("dot", "square"), EACH_CANDIDATE: ("dash", "circle-open"), QUERY_ONCE: ("solid", "circle")}
"""The line and the mark of each way to score candidates."""


def candidates_figure(rows: pd.DataFrame) -> go.Figure:
    """Microseconds a candidate by the number of candidates of a request, a line an arm and way.

    `rows` has `arm`, `way`, `candidates`, and `median`, `low` and `high` of a request.
    """
    figure, arms = go.Figure(), tuple(rows["arm"].unique())
    each = rows.assign(**{name: rows[name] / rows["candidates"] for name in ("median", "low", "high")})
    for (arm, way), own in each.groupby(["arm", "way"], sort=False):
        style, (dash, symbol) = ink(str(arm), arms), LINES[str(way)]
        name = say.WAY_OF_ARM(arm=spoken(str(arm)), way=str(way))
        figure.add_scatter(
            x=own["candidates"],
            y=own["median"],
            name=name,
            mode="lines+markers",
            line={"color": style.colour, "dash": dash},
            marker={"color": style.colour, "symbol": symbol, "size": 9},
            error_y=whiskers(style.colour, own["high"] - own["median"], own["median"] - own["low"], thickness=1.3),
            hovertemplate=say.CANDIDATE_HOVER(time="%{y:.3g}", candidates="%{x:,}", name=name),
        )
    finish(figure, x=say.CANDIDATES_AXIS, y="", height=420, key="latency-candidates", hovermode="closest")
    figure.update_layout(showlegend=True)
    figure.update_xaxes(type="log", tickvals=sorted(rows["candidates"].unique()), tickformat=",")
    return time_axis(figure, "y", say.EACH_AXIS, each["median"])
