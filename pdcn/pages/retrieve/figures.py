"""What each field adds to an item's score in two arms, or where the item's rank goes without it."""

from __future__ import annotations

import math
from html import escape
from textwrap import wrap
from typing import Literal

import pandas as pd
import plotly.graph_objects as go

from pdcn.arrays import Numbers
from pdcn.pages.retrieve import words as say
from pdcn.shell.figures.theme import FAINT, by_arm, filled, finish, outlined
from pdcn.words import spoken

Measure = Literal["score", "rank"]
ROW, FRAME, LINE = 48, 110, 28
"""Height of a row and of all that is around the rows, in pixels; letters in a line of a label."""


def occlusion_figure(
    frame: pd.DataFrame,
    order: list[str],
    *,
    seed: int,
    measure: Measure = "score",
    words: dict[str, str],
    letters: int = 13,
) -> go.Figure:
    """A row a field: each arm's large mark is the seed on show, its small marks, of scores alone, the other seeds.

    `frame` has the columns of the occlusion, `arm` and `seed`; `order` names its fields from top to bottom; `words`
    says what each of them is in this query or item; `letters` is the size of the type. Ranks count from 1 and stand on
    a log scale, 1 on the left.
    """
    figure = go.Figure()
    at = {name: place for place, name in enumerate(reversed(order))}
    rows = frame[frame["field"].isin(order)]
    rows = rows.assign(
        y=rows["field"].map(at), words=rows["field"].map(words), first=rows["rank"] + 1, after=rows["rank_without"] + 1
    )
    column = "adds" if measure == "score" else "after"
    shown = rows[rows["seed"] == seed]
    for y, pair in shown.groupby("y"):
        figure.add_scatter(
            x=pair[column],
            y=[y] * len(pair),
            mode="lines",
            line={"color": FAINT, "width": 2},
            showlegend=False,
            hoverinfo="skip",
        )
    for lane, (arm, own, style) in enumerate(by_arm(shown)):
        others = rows[(rows["arm"] == arm) & (rows["seed"] != seed)]
        apart = 0.0 if rows["arm"].nunique() == 1 else 0.16 - 0.32 * lane
        if measure == "score" and len(others):
            figure.add_scatter(
                x=others["adds"],
                y=others["y"] + apart,
                mode="markers",
                name=say.OTHER_SEEDS_OF(arm=spoken(arm)),
                showlegend=False,
                legendgroup=arm,
                customdata=others["seed"],
                marker={"symbol": filled(style.marker, True), "size": 6, "color": style.colour, "opacity": 0.6},
                hovertemplate=say.SEED_ADDS(seed="%{customdata}", adds="%{x:+.2f}"),
            )
        figure.add_scatter(
            x=own[column],
            y=own["y"],
            mode="markers",
            name=spoken(arm),
            legendgroup=arm,
            customdata=own[["label", "words", "adds", "first", "after"]],
            marker=outlined(style, 13, style.marker, 1.5),
            hovertemplate=say.FIELD_ADDS(
                field="%{customdata[0]}",
                value="%{customdata[1]}",
                arm=spoken(arm),
                adds="%{customdata[2]:+.2f}",
                rank="%{customdata[3]:,}",
                without="%{customdata[4]:,}",
            ),
        )
        if measure == "rank":
            figure.add_vline(
                x=float(own["first"].iloc[0]), line={"color": style.colour, "dash": style.dash, "width": 2}, opacity=0.7
            )
    name = say.ADDS_AXIS if measure == "score" else say.RANK_AXIS
    height = FRAME + ROW * len(order) * letters // 13
    finish(figure, x=name, y="", height=height, key=f"occlusion-{measure}", hovermode="closest", margin_l=8)
    labels = dict(zip(rows["field"], rows["label"], strict=True))
    ticks = [_label(labels[field], words.get(field, "")) for field in order]
    figure.update_yaxes(
        tickvals=[at[field] for field in order], ticktext=ticks, range=[-0.6, len(order) - 0.4], ticksuffix="  "
    )
    figure.update_yaxes(automargin=True, showgrid=True, tickfont_size=letters)
    figure.update_xaxes(tickfont_size=letters, title_font_size=letters)
    figure.update_layout(legend_font_size=letters)
    if measure == "score":
        figure.add_vline(x=0, line={"color": FAINT, "width": 1.5})
    else:
        _rank_axis(figure, shown[["first", "after"]].to_numpy())
    return figure


def _rank_axis(figure: go.Figure, ranks: Numbers) -> None:
    """Ranks on a log scale, at least one power of ten wide, so that a step from 4 to 5 does not look like a fall."""
    low, high = math.log10(ranks.min()), math.log10(ranks.max())
    spare = max(0.1, (1 - (high - low)) / 2)
    ticks = [digit * 10**power for power in range(8) for digit in ((1, 2, 5) if high - low < 2 else (1,))]
    figure.update_xaxes(
        type="log", range=[low - spare, high + spare], tickvals=ticks, ticktext=[f"{t:,}" for t in ticks]
    )


def _label(label: str, words: str) -> str:
    """The field's name and, smaller, what it is here.

    >>> _label("Age", "45-54")
    'Age<br><span style="font-size:85%;opacity:0.7">45-54</span>'
    """
    name = "<br>".join(map(escape, wrap(label, LINE)))
    short = words if len(words) <= LINE + 4 else words[: LINE + 3] + "…"
    return f'{name}<br><span style="font-size:85%;opacity:0.7">{escape(short)}</span>' if short else name
