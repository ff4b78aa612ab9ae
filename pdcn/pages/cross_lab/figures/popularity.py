"""How far scores are off by the popularity of the item, with the logQ correction and without."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from pdcn.pages.cross_lab.negatives import words as say
from pdcn.shell.figures.theme import FAINT, MIXED, finish

STYLES = {
    False: {"name": say.WITHOUT, "colour": MIXED[0], "dash": "dash", "symbol": "square-open"},
    True: {"name": say.CORRECTED, "colour": MIXED[1], "dash": "solid", "symbol": "circle"},
}


def bias_figure(rows: pd.DataFrame, *, key: str) -> go.Figure:
    """A point an item and a line through them for each way of training; `rows` as `compared` in `work.popularity`."""
    figure = go.Figure()
    for corrected, own in rows.groupby("corrected"):
        style = STYLES[bool(corrected)]
        figure.add_scatter(
            x=own["popularity"],
            y=own["bias"],
            name=style["name"],
            mode="lines+markers",
            line={"color": style["colour"], "dash": style["dash"], "width": 1.5},
            marker={"color": style["colour"], "symbol": style["symbol"], "size": 8},
            hovertemplate=say.HOVER(name=style["name"]),
        )
    figure.add_hline(y=0, line={"color": FAINT, "width": 1.5})
    finish(figure, x=say.POPULARITY_AXIS, y=say.BIAS_AXIS, key=key, height=430)
    shares = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
    return figure.update_xaxes(type="log", tickvals=shares, ticktext=[f"{share:.1%}" for share in shares])
