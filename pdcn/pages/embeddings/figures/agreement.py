"""How much two models agree: a dot a pair, arms of one seed against two seeds of one arm."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from pdcn.pages.embeddings import words as say
from pdcn.shell.figures.theme import finish, ink
from pdcn.words import spoken

ROW, FRAME = 46, 120
BETWEEN_ARMS = "#8A94A0"
STEP = 0.22
"""Distance of two kinds of pairs in a row, in rows."""


def agreement_figure(rows: pd.DataFrame, arms: tuple[str, ...]) -> go.Figure:
    """`rows` has `row` (what is compared), `arm`, `other_arm` and `value` (a share); a row of the figure for each
    `row`."""
    figure = go.Figure()
    order = list(dict.fromkeys(rows["row"]))
    kinds = [*((arm, arm) for arm in arms), *([arms] if len(arms) == 2 else [])]
    for at, pair in enumerate(kinds):
        own = rows[(rows["arm"] + "|" + rows["other_arm"]).isin(["|".join(pair), "|".join(pair[::-1])])]
        if not len(own):
            continue
        one = pair[0] == pair[1]
        style = ink(pair[0], arms)
        shift = (at - (len(kinds) - 1) / 2) * STEP
        name = (
            say.TWO_SEEDS_OF(arm=spoken(pair[0])) if one else say.SAME_SEED(arm=spoken(pair[0]), other=spoken(pair[1]))
        )
        figure.add_scatter(
            x=100 * own["value"],
            y=[len(order) - 1 - order.index(row) - shift for row in own["row"]],
            mode="markers",
            name=name,
            marker={
                "color": style.colour if one else BETWEEN_ARMS,
                "symbol": style.marker if one else "diamond-tall",
                "size": 10,
                "opacity": 0.9,
            },
            customdata=own[["row", "seeds"]],
            hovertemplate=say.PAIR_HOVER(row="%{customdata[0]}", pair=name, seeds="%{customdata[1]}", share="%{x:.1f}"),
        )
    height = FRAME + ROW * len(order)
    finish(figure, x=say.AGREEMENT_AXIS, y="", height=height, key="agreement", hovermode="closest", margin_t=48)
    ends = {"range": [-0.6, len(order) - 0.4], "automargin": True, "ticksuffix": "  "}
    figure.update_yaxes(tickvals=list(range(len(order))), ticktext=order[::-1], **ends)
    return figure.update_xaxes(range=[0, 103])
