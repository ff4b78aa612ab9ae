"""What a task without a curve over K measures: every metric of every arm, and how well chances are calibrated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from pdcn.pages.compare import words as say
from pdcn.shell.figures.theme import FAINT, finish, ink, rows_from_top
from pdcn.tasks.metric import Metric
from pdcn.words import capital, spoken

ROW, FRAME = 34, 92
"""Height of a row, and of all that is around the rows, in pixels."""


def levels_figure(
    metrics: Sequence[Metric],
    arms: Mapping[str, Mapping[str, Sequence[float]]],
    baselines: Mapping[str, Mapping[str, float]],
) -> go.Figure:
    """A part for each metric, each with a row for every arm and baseline.

    `arms` and `baselines` have values by arm, or baseline, and the metric's name: an arm's one of each seed.
    """
    names = tuple(arms)
    labels = [spoken(name) for name in (*arms, *baselines)]
    figure = make_subplots(1, len(metrics), shared_yaxes=True, horizontal_spacing=0.04)
    for column, metric in enumerate(metrics, start=1):
        unit = "%{x:.2f}%" if metric.unit == "points" else "%{x:.4f}"
        for arm, own in arms.items():
            style, values = ink(arm, names), [metric.scale * value for value in own.get(metric.name, ())]
            if not values:
                continue
            how = {"mode": "markers", "name": spoken(arm), "hovertemplate": unit, "showlegend": False}
            seeds = {"symbol": style.marker, "size": 7, "color": style.colour, "opacity": 0.5}
            mean = {"symbol": style.marker, "size": 14, "color": style.colour}
            row = spoken(arm)
            figure.add_scatter(x=values, y=[row] * len(values), marker=seeds, row=1, col=column, **how)
            figure.add_scatter(x=[sum(values) / len(values)], y=[row], marker=mean, row=1, col=column, **how)
        for name, known in baselines.items():
            if metric.name in known:
                style = ink(name)
                figure.add_scatter(
                    x=[metric.scale * known[metric.name]],
                    y=[spoken(name)],
                    mode="markers",
                    name=spoken(name),
                    showlegend=False,
                    hovertemplate=unit,
                    marker={"symbol": style.marker, "size": 10, "color": style.colour},
                    row=1,
                    col=column,
                )
    height = FRAME + ROW * len(labels)
    finish(figure, x="", y="", height=height, key="levels", hovermode="closest", margin_t=8)
    for column, metric in enumerate(metrics, start=1):
        title = say.IN_PERCENT(metric=capital(str(metric))) if metric.unit == "points" else capital(str(metric))
        figure.update_xaxes(title=title, row=1, col=column)
    return rows_from_top(figure, labels)


def calibration_figure(groups: Mapping[str, Sequence[tuple[int, float, float]]]) -> go.Figure:
    """Predicted chance against what happened, a line an arm, beside the line on which both are the same."""
    figure, arms = go.Figure(), tuple(groups)
    ends = [value for own in groups.values() for _, *both in own for value in both]
    most = 100 * max(ends, default=1.0) * 1.05
    figure.add_scatter(
        x=[0, most], y=[0, most], mode="lines", line={"color": FAINT, "width": 1.5}, hoverinfo="skip", showlegend=False
    )
    for arm, own in groups.items():
        style = ink(arm, arms)
        figure.add_scatter(
            x=[100 * predicted for _, predicted, _ in own],
            y=[100 * happened for _, _, happened in own],
            mode="lines+markers",
            name=spoken(arm),
            line={"color": style.colour, "width": 2.5, "dash": style.dash},
            marker={"symbol": style.marker, "size": 9},
            hovertemplate=say.CALIBRATION_HOVER(predicted="%{x:.1f}%", happened="%{y:.1f}%"),
        )
    finish(figure, x=say.PREDICTED_AXIS, y=say.HAPPENED_AXIS, height=340, key="calibration", hovermode="closest")
    figure.update_xaxes(range=[0, most])
    return figure.update_yaxes(range=[0, most])
