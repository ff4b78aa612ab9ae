"""What the Findings page draws beside its forest plots."""

from __future__ import annotations

from itertools import cycle

import pandas as pd
import plotly.graph_objects as go

from pdcn.pages.findings import words as say
from pdcn.research.projection_answers import on_front
from pdcn.shell.figures.theme import FAINT, MIXED, finish, ink, whiskers

INKS = {
    "DCN-V2": ink("cross_only").colour,
    "DNN": ink("deep_only").colour,
    "DNN, large": MIXED[0],
    "DCN": MIXED[1],
    "x0 * (W x)": MIXED[2],
}
"""The colour of each model: cross networks and MLPs have that of the wiring which is only they."""
PROJECTION_INKS = {
    "": FAINT,
    "linear": MIXED[0],
    "mlp": ink("deep_only").colour,
    "dcn": ink("cross_only").colour,
    "dcn_low": MIXED[1],
    "flat": MIXED[2],
}
"""The colour of each projection of a sequence; none without one."""
LEAST = 1e-16
"""What is less is drawn as so much."""


def synthetic_figure(rows: pd.DataFrame, *, key: str) -> go.Figure:
    """Errors of one table of the paper's synthetic experiments, on a log scale: ours filled, with the range over seeds,
    and what was published open.

    `rows` as `pdcn.research.synthetic.frame` has them, of one table: by depth where it has one function of several
    depths, else by function.
    """
    deep = rows["layers"].nunique() > 1 and rows.groupby(["target", "model"])["layers"].nunique().max() > 1
    figure = go.Figure()
    for (target, model), own in rows.groupby(["target", "model"], sort=False):
        name = say.MODEL_ON(model=model, function=target) if deep and rows["target"].nunique() > 1 else str(model)
        colour, x = INKS[str(model)], own["layers"] if deep else own["target"]
        dash = "solid" if not deep or target == rows["target"].iloc[0] else "dot"
        shown = not any(trace.name == name for trace in figure.data)
        size = own["rmse"].clip(lower=LEAST)
        figure.add_scatter(
            x=x,
            y=size,
            name=name,
            mode="lines+markers" if deep else "markers",
            line={"color": colour, "dash": dash},
            marker={"color": colour, "size": 10},
            error_y=whiskers(colour, own["high"] - size, size - own["low"].clip(lower=LEAST)),
            legendgroup=name,
            showlegend=shown,
            hovertemplate=say.ERROR_HOVER(model=name, error="%{y:.3g}"),
        )
        if own["published"].notna().any():
            figure.add_scatter(
                x=x,
                y=own["published"],
                name=say.PUBLISHED_OF(model=name),
                mode="markers",
                marker={"color": colour, "size": 13, "symbol": "circle-open", "line": {"width": 2}},
                legendgroup=name,
                showlegend=False,
                hovertemplate=say.ERROR_HOVER(model=say.PUBLISHED_OF(model=name), error="%{y:.3g}"),
            )
    finish(figure, x=say.LAYERS_AXIS if deep else say.FUNCTION_AXIS, y=say.ERROR_AXIS, key=key, hovermode="closest")
    figure.update_yaxes(type="log", exponentformat="power")
    return figure.update_xaxes(dtick=1) if deep else figure


SIDES = ("top", "bottom")
SYMBOLS = ("circle", "diamond", "square", "cross", "star")
"""Of forms without a projection, then of each width that actions are projected to, from the narrowest on: marks that
stand close together would cover numbers beside them."""
NAMES_TAKE = 0.12
"""Room beside the points for their names, as a share of the axis."""


def pareto_figure(rows: pd.DataFrame, *, metric: str, batch: int, key: str) -> go.Figure:
    """What each way to read a sequence finds, against how long its query tower takes, both with their intervals; a line
    joins those that no other beats in both. The shape of a projection's mark tells its width.

    `rows` as `pdcn.research.projection_answers.frame` has them; `metric` is what `recall` is of, and a call has `batch`
    requests.
    """
    column, figure = f"p50_{batch}", go.Figure()
    front = rows[on_front(rows, batch)].sort_values(column)
    figure.add_scatter(
        x=front[column],
        y=100 * front["recall"],
        mode="lines",
        line={"color": FAINT, "dash": "dot", "shape": "hv"},
        hoverinfo="skip",
        showlegend=False,
    )
    widths = sorted({*rows["projected"]} - {0})
    shapes = dict(zip((0, *widths), cycle(SYMBOLS)))
    for projection, own in rows.groupby("projection", sort=False):
        colour = PROJECTION_INKS[str(projection)]
        low, high = 100 * (own["recall"] - own["low"]), 100 * (own["high"] - own["recall"])
        figure.add_scatter(
            x=own[column],
            y=100 * own["recall"],
            name=say.PROJECTION_NAMES[str(projection)],
            mode="markers" if projection else "markers+text",
            text=own["form"],
            # neighbours are named above and below, so that a narrow window keeps both apart
            textposition=[f"{side} center" for side, _ in zip(cycle(SIDES), own.index)],
            customdata=own["form"],
            marker={"color": colour, "size": 11, "symbol": own["projected"].map(shapes)},
            error_y=whiskers(colour, high, low),
            error_x=whiskers(colour, own[f"p50_high_{batch}"] - own[column], own[column] - own[f"p50_low_{batch}"]),
            hovertemplate=say.PARETO_HOVER(form="%{customdata}", time="%{x:,.0f}", found="%{y:.2f}", metric=metric),
        )
    for width in widths:
        figure.add_scatter(
            x=[None],
            y=[None],
            name=say.TO_SO_MANY(width=width),
            mode="markers",
            marker={"color": FAINT, "size": 11, "symbol": shapes[width]},
        )
    finish(figure, x=say.TIME_AXIS(batch=batch), y=say.FOUND_AXIS(metric=metric), key=key, hovermode="closest")
    low, high = rows[f"p50_low_{batch}"].min(), rows[f"p50_high_{batch}"].max()
    room = NAMES_TAKE * (high - low)
    return figure.update_layout(showlegend=True).update_xaxes(range=(low - room, high + room))
