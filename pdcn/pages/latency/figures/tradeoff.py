"""What speed costs in recall: the person's own runs with their front, and approximate indexes against exact search."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from pdcn.pages.latency import words as say
from pdcn.pages.latency.figures.times import time_axis
from pdcn.shell.figures.theme import FAINT, by_arm, filled, finish, ink, outlined
from pdcn.words import spoken

INDEX_MARKS = {"exact": "star", "hnsw": "circle", "ivf": "square", "ivf_disk": "diamond"}
MOST_LOST = -5.0
"""Points at which the axis of what an index loses ends; what loses more is an open arrow there."""


def pareto_figure(points: pd.DataFrame, *, k: int, shown: str) -> go.Figure:
    """A mark a run and arm: query latency by recall@K (percent), thin marks its seeds, a step line the front.

    `points` has `run`, `label`, `arm`, `p50` (microseconds), `recall` and `seeds` (shares; a tuple) and `front`; marks
    of the run `shown` are filled, those of others open. Of one run the arms stand beside their marks, without a legend.
    """
    figure, alone = go.Figure(), points["run"].nunique() == 1
    best = points[points["front"]].sort_values("p50")
    figure.add_scatter(
        x=best["p50"],
        y=100 * best["recall"],
        mode="lines",
        name=say.FRONT_LINE,
        line={"color": FAINT, "width": 2, "shape": "hv"},
        hoverinfo="skip",
    )
    for arm, rows, style in by_arm(points):
        thin = [(row["p50"], 100 * seed) for row in rows.to_dict("records") for seed in row["seeds"]]
        figure.add_scatter(
            x=[x for x, _ in thin],
            y=[y for _, y in thin],
            mode="markers",
            showlegend=False,
            legendgroup=arm,
            name=say.SEEDS_OF(arm=spoken(arm)),
            hoverinfo="skip",
            opacity=0.6,
            marker={"symbol": "line-ew", "size": 11, "line": {"width": 1.5, "color": style.colour}},
        )
        figure.add_scatter(
            x=rows["p50"],
            y=100 * rows["recall"],
            mode="markers+text" if alone else "markers",
            text=[spoken(arm)] * len(rows) if alone else None,
            textposition="middle right",
            name=spoken(arm),
            legendgroup=arm,
            marker=outlined(style, 14, [filled(style.marker, run == shown) for run in rows["run"]]),
            customdata=rows[["label"]],
            hovertemplate=say.PARETO_HOVER(
                run="%{customdata[0]}", arm=spoken(arm), time="%{x:,.0f}", k=k, recall="%{y:.1f}"
            ),
        )
    finish(figure, x="", y=say.RECALL_AXIS(k=k), height=420, key="latency-pareto", hovermode="closest")
    figure.update_layout(showlegend=not alone)
    return time_axis(figure, "x", say.PARETO_AXIS, points["p50"])


def serving_figure(rows: pd.DataFrame) -> go.Figure:
    """End to end: time of one call (query tower and search) by what recall loses against exact search, in points.

    `rows` has `arm`, `index`, `setting`, `p50`, `encode_p50`, `search_p50` (microseconds), `recall`, `recall_exact` and
    `overlap_with_exact` (shares) at one batch size and number of threads. A line joins the
    settings of an approximate index in their order, the last first.
    """
    figure = go.Figure()
    figure.add_hline(y=0, line={"color": FAINT, "width": 1.5})
    arms = tuple(rows["arm"].unique())
    lost = 100 * (rows["recall"] - rows["recall_exact"])
    for (arm, index), own in rows.assign(lost=lost).groupby(["arm", "index"], sort=False):
        style, line = ink(str(arm), arms), own.iloc[::-1]
        named = {"arm": spoken(str(arm)), "index": say.INDEXES[str(index)]}
        marks = ["triangle-down-open" if one < MOST_LOST else INDEX_MARKS[str(index)] for one in line["lost"]]
        figure.add_scatter(
            x=line["p50"],
            y=line["lost"].clip(lower=MOST_LOST),
            mode="markers" if index == "exact" else "lines+markers",
            name=say.INDEX_OF(**named),
            legendgroup=str(arm),
            line={"color": style.colour, "width": 1.5, "dash": style.dash},
            marker={"symbol": marks, "size": 15 if index == "exact" else 10, "color": style.colour},
            customdata=line[["setting", "encode_p50", "search_p50", "overlap_with_exact", "lost"]],
            hovertemplate=say.SERVING_HOVER(
                **named,
                setting="%{customdata[0]}",
                time="%{x:,.0f}",
                tower="%{customdata[1]:,.0f}",
                search="%{customdata[2]:,.0f}",
                lost="%{customdata[4]:+.2f}",
                share="%{customdata[3]:.1%}",
            ),
        )
    finish(figure, x="", y=say.LOST_AXIS, height=440, key="latency-serving", hovermode="closest")
    figure.update_layout(showlegend=True)
    return time_axis(figure, "x", say.SERVING_AXIS, rows["p50"])
