"""Inside the towers: blocks coloured by what they keep, field by point, recall without a branch, and shares."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from pdcn.inert import label
from pdcn.pages.inside import words as say
from pdcn.pages.inside.work.reliance import BYPASS, INTACT, change_words
from pdcn.shell.figures.theme import FAINT, add_band, filled, finish, ink, log_k_axis, outlined, shade
from pdcn.shell.figures.towers import Paint, tower_figure
from pdcn.words import spoken

COLOURS = "Cividis"
DARK_TEXT, LIGHT_TEXT = "#10161F", "#F4F7FA"
LIGHT_FROM = 0.5
"""From this share of the scale on, its colours are light and want dark words."""
CHANGED_LINE = {INTACT: "solid", "mute cross": "dash", "mute deep": "dot", BYPASS: "longdashdot"}
OTHER_LINES = ("dashdot", "longdash")
"""Of muted branches with other names, in their order."""
CELL, FRAME = 22, 96
"""Height of a row of the heat map and of all that is around the rows, in pixels."""


@dataclass(frozen=True)
class Scale:
    """One colour scale for several figures: what it measures, its ends, and how a value is written.

    >>> Scale("kept", 0.0, 1.0, percent=True).words(0.4261), Scale("rank", 1.0, 120.0).words(26.2)
    ('42.6%', '26.2')
    """

    title: str
    low: float
    high: float
    percent: bool = False

    def words(self, value: float) -> str:
        """A value as it is written."""
        if value != value:
            return "—"
        return f"{value:.1%}" if self.percent else f"{value:.2f}" if self.high <= 1 else f"{value:.1f}"

    def share(self, value: float) -> float:
        """Where a value lies between the ends, within 0 and 1."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def colour(self, value: float) -> str:
        """The colour of a value."""
        return str(sample_colorscale(COLOURS, [self.share(value)])[0])

    def text(self, value: float) -> str:
        """The colour of words on it."""
        return DARK_TEXT if self.share(value) >= LIGHT_FROM else LIGHT_TEXT

    def bar(self) -> dict[str, Any]:
        """The marker's settings that draw the scale below a figure."""
        place = {"orientation": "h", "thickness": 10, "len": 0.9, "y": 0, "yanchor": "top", "outlinewidth": 0}
        title = {"text": label(self.title), "side": "bottom", "font": {"size": 12}}
        bar = {**place, "title": title, **({"tickformat": ".0%"} if self.percent else {})}
        return {"colorscale": COLOURS, "cmin": self.low, "cmax": self.high, "colorbar": bar}


def measured_tower(plan: dict[str, Any], title: str, rows: pd.DataFrame, scale: Scale, text: str) -> go.Figure:
    """The diagram of a tower, each block coloured by the mean over seeds of what was measured there.

    `rows` has `moment` ("trained" or "before"), `seed`, `point` and `value`; a value that is not known stays plain.
    """
    found: dict[str, dict[Any, dict[Any, Any]]] = {"trained": {}, "before": {}}
    for moment, own in rows.groupby("moment"):
        found[str(moment)] = own.groupby("point")["value"].agg(["mean", "min", "max"]).dropna().to_dict("index")
    paint = {}
    experts = {f"{at}.0" for at, branch in enumerate(plan["branches"]) if branch and branch[0]["kind"] == "expert"}
    for point, trained in found["trained"].items():
        value, said = trained["mean"], scale.words(trained["mean"])
        ends = {"low": scale.words(trained["min"]), "high": scale.words(trained["max"])}
        more = say.MEASURED_HOVER(measure=label(scale.title), value=said, **ends)
        if before := found["before"].get(point):
            start = scale.words(before["mean"])
            if point not in experts:  # which have no room for it
                said = say.BEFORE(value=said, start=start)
            more = f"{more}<br>{say.BEFORE_HOVER(start=start)}"
        paint[point] = Paint(scale.colour(value), said, scale.text(value), more)
    figure = tower_figure(plan, title, text, paint)
    marks = {"color": [scale.low], "size": 0.1, "opacity": 0, "showscale": True, **scale.bar()}
    figure.add_scatter(x=[0], y=[0], mode="markers", hoverinfo="skip", marker=marks)
    return figure.update_layout(title_text=title, height=figure.layout.height + 40, margin_b=48)


def stand_level(figures: list[go.Figure]) -> list[go.Figure]:
    """Diagrams of towers of unequal height, their lowest blocks on one line."""
    lowest = min((figure.layout.yaxis.range[0] for figure in figures), default=0)
    highest = max((figure.layout.yaxis.range[1] for figure in figures), default=0)
    tallest = max((figure.layout.height for figure in figures), default=0)
    for figure in figures:
        figure.update_yaxes(range=[lowest, highest])
        figure.update_layout(height=tallest)
    return figures


def kept_figure(rows: pd.DataFrame, title: str, scale: Scale) -> go.Figure:
    """Field by point of one tower: the mean score over seeds, in percent; below zero counts as nothing kept.

    `rows` has `label`, `name`, `place` and `score` (shares), fields from top to bottom as they come.
    """
    order = rows.sort_values("place", kind="stable")["name"].unique()
    table = rows.pivot_table("score", "label", "name", sort=False).reindex(columns=order).clip(lower=0)
    figure = go.Figure(
        go.Heatmap(
            z=table.to_numpy(),
            x=[label(one) for one in order],
            y=[label(one) for one in table.index],
            zmin=scale.low,
            zmax=scale.high,
            colorscale=COLOURS,
            showscale=False,
            xgap=1,
            ygap=1,
            text=(100 * table).map("{:.0f}".format).to_numpy(),
            texttemplate="%{text}",
            textfont={"size": 10},
            hovertemplate=say.KEPT_HOVER(field="%{y}", stage="%{x}", share="%{z:.1%}"),
        )
    )
    finish(figure, x="", y="", height=FRAME + CELL * len(table), key="kept", hovermode="closest")
    figure.update_layout(title={"text": say.KEPT_TITLE(title=title), "font": {"size": 13}}, margin_t=56, margin_b=8)
    figure.update_xaxes(side="top", showgrid=False, showline=False, tickangle=-35, tickfont_size=11)
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True, tickfont_size=11)
    return figure


def muted_figure(recall: pd.DataFrame, arm: str, arms: tuple[str, ...], highest: float | None = None) -> go.Figure:
    """Recall@K of one arm, intact and changed, each with its 95% interval over users and seeds (percent).

    `recall` has `change`, `k`, `recall`, `low`, `high` (shares; no interval where they are NaN).
    """
    figure, style = go.Figure(), ink(arm, arms)
    others = [change for change in recall["change"].unique() if change not in CHANGED_LINE]
    lines = {**CHANGED_LINE, **dict(zip(others, cycle(OTHER_LINES), strict=False))}
    for change, rows in recall.groupby("change", sort=False):
        sure = rows["low"].notna().all()
        if sure:
            low, high, colour = 100 * rows["low"], 100 * rows["high"], shade(style.colour, 0.14)
            add_band(figure, rows["k"], low, high, colour, name=f"{change} interval", group=str(change))
        figure.add_scatter(
            x=rows["k"],
            y=100 * rows["recall"],
            mode="lines",
            legendgroup=str(change),
            name=change_words(str(change)),
            customdata=100 * rows[["low", "high"]],
            line={"color": style.colour, "width": 3 if change == INTACT else 2, "dash": lines[str(change)]},
            hovertemplate="%{y:.1f}%" + (" [%{customdata[0]:.1f}, %{customdata[1]:.1f}]" if sure else ""),
        )
    finish(figure, x=say.K_AXIS, y=say.RECALL_AXIS, height=360, key=f"muted-{arm}")
    figure.update_layout(title={"text": spoken(arm), "font": {"size": 13}, "y": 0.98}, margin_t=76, showlegend=True)
    figure.update_yaxes(range=[0, 100 * highest * 1.03] if highest else None, rangemode="tozero")
    return log_k_axis(figure, int(recall["k"].max()))


def shares_figure(shares: pd.DataFrame, measure: str, arms: tuple[str, ...]) -> go.Figure:
    """A share of the first seed over the training steps, and every seed's trained model at the end as a mark.

    `shares` has `arm`, `seed`, `moment` ("step" or "trained"), `step` and the measure, a key of
    `pdcn.pages.inside.words.SHARE_AXES`.
    """
    figure, factor, value = go.Figure(), 100, "%{y:.1f}%"
    if measure == "cka":
        factor, value = 1, "%{y:.2f}"
    for arm in arms:
        style = ink(arm, arms)
        own = shares[(shares["arm"] == arm) & shares[measure].notna()]
        line, ends = own[own["moment"] == "step"].sort_values("step"), own[own["moment"] == "trained"]
        if len(line):
            figure.add_scatter(
                x=line["step"],
                y=factor * line[measure],
                mode="lines+markers",
                name=spoken(arm),
                legendgroup=arm,
                line={"color": style.colour, "width": 2.5, "dash": style.dash},
                marker={"symbol": style.marker, "size": 7},
                hovertemplate=value,
            )
        if len(ends):
            figure.add_scatter(
                x=ends["step"],
                y=factor * ends[measure],
                mode="markers",
                legendgroup=arm,
                showlegend=not len(line),
                name=say.TRAINED_OF(arm=spoken(arm)),
                customdata=ends[["seed"]],
                marker=outlined(style, 12, filled(style.marker, False)),
                hovertemplate=say.TRAINED_HOVER(seed="%{customdata[0]}", value=value),
            )
    if measure != "cka":
        figure.add_hline(y=50, line={"color": FAINT, "width": 1, "dash": "dot"})
    finish(figure, x=say.STEP_AXIS, y=say.SHARE_AXES[measure], height=340, key=f"shares-{measure}", hovermode="closest")
    return figure.update_layout(showlegend=True).update_yaxes(range=[0, 1.02 * factor])
