"""Where side by side is free, costs little, or costs the sum: width by batch size, in three classes."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from pdcn.pages.latency import words as say
from pdcn.shell.figures.theme import finish
from pdcn.words import minus, span

CLASSES = {
    "free": ("#D7E9F5", "#10161F"),
    "costs little": ("#7FB2D6", "#10161F"),
    "costs the sum": ("#123F5C", "#F4F7FA"),
}
"""Of each verdict the colour and the colour of words on it: one hue, the darker the dearer, told apart without
colour."""
ROW, FRAME = 64, 120
"""Height of a row of cells and of all that is around the rows, in pixels."""


def region_figure(cells: pd.DataFrame) -> go.Figure:
    """A cell a width and batch size: its verdict in words and the ratio to one after the other.

    `cells` has `width`, `batch`, `verdict` (one of `CLASSES`; with a question mark unless `sure`), `ratio`,
    `ratio_low`, `ratio_high`, `overlap`, `overlap_low` and `overlap_high` of one form; a width and batch that was not
    measured stays empty.
    """
    names = list(CLASSES)
    code = cells.assign(code=cells["verdict"].map(names.index)).pivot(index="width", columns="batch", values="code")
    widths, batches = list(code.index), list(code.columns)  # in order
    figure = go.Figure()
    for at, (name, (colour, _)) in enumerate(CLASSES.items()):
        figure.add_heatmap(
            z=code.where(code == at).astype("float64").to_numpy(),
            name=name,
            showscale=False,
            hoverinfo="skip",
            colorscale=[[0, colour], [1, colour]],
            zmin=at - 0.5,
            zmax=at + 0.5,
            xgap=2,
            ygap=2,
        )
    for row in cells.to_dict("records"):
        figure.add_annotation(
            x=batches.index(row["batch"]),
            y=widths.index(row["width"]),
            text=(say.REGION_CELL if row["sure"] else say.REGION_CELL_UNSURE)(
                verdict=say.VERDICTS[row["verdict"]], ratio=f"{row['ratio']:.2f}"
            ),
            showarrow=False,
            font={"color": CLASSES[row["verdict"]][1], "size": 12},
            hovertext=minus(
                say.REGION_HOVER(
                    width=f"{row['width']:,}",
                    batch=f"{row['batch']:,}",
                    ratio=f"{row['ratio']:.2f}",
                    interval=span(row["ratio_low"], row["ratio_high"], "{:.2f}".format),
                    share=f"{row['overlap']:.0%}",
                    share_interval=span(row["overlap_low"], row["overlap_high"], "{:.0%}".format),
                )
            ),
        )
    names_of = {"x": say.REGION_AXES["batch"], "y": say.REGION_AXES["width"]}
    finish(figure, **names_of, height=FRAME + ROW * len(widths), key="latency-region", margin_t=12)
    for change, values in ((figure.update_xaxes, batches), (figure.update_yaxes, widths)):
        change(tickvals=list(range(len(values))), ticktext=[f"{value:,}" for value in values], showgrid=False)
    return figure.update_layout(hovermode="closest", showlegend=False)
