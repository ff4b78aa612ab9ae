"""What the advantage of parallel is made of: one bar a step from sequential to parallel, and the whole."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from pdcn.evaluation.causes import PATH, STEPS
from pdcn.evaluation.comparison import Comparison
from pdcn.shell import words as say
from pdcn.shell.figures.theme import FAINT, finish, ink, rows_from_top, shade, whiskers
from pdcn.words import points, span

ROW, FRAME = 44, 84
"""Height of a row and of all that is around the rows, in pixels."""
UNSURE = 0.35
"""Opacity within a step that is not detectable; its outline is as strong as all others, on a dark page too."""


def steps_figure(found: Sequence[Comparison], *, key: str, wide: tuple[float, float] | None = None) -> go.Figure:
    """Each step's bar begins where the last one ended; faint where it is not detectable, with its own interval.

    `found` are the steps of `pdcn.evaluation.causes`, in points. `wide` gives several figures one axis.
    """
    figure = go.Figure()
    start = 0.0
    for name, c, arm in zip(STEPS, found, PATH[1:], strict=True):
        size = 100 * c.difference
        colour = ink(arm).colour
        figure.add_bar(
            x=[size],
            base=[start],
            y=[name],
            orientation="h",
            width=0.5,
            marker={
                "color": shade(colour, 1 if c.verdict in ("better", "worse") else UNSURE),
                "line": {"color": colour, "width": 2},
            },
            error_x=whiskers(FAINT, [100 * (c.high - c.difference)], [100 * (c.difference - c.low)], cap=4),
            hovertemplate=say.STEP_HOVER(step=name, points=points(c.difference), interval=span(c.low, c.high)),
            name=name,
        )
        start += size
    whole = str(say.ALL_STEPS)
    figure.add_bar(
        x=[start],
        y=[whole],
        orientation="h",
        width=0.5,
        marker={"color": FAINT},
        hovertemplate=say.ALL_STEPS_HOVER(step=whole, points=points(start / 100)),
        name=whole,
    )
    figure.add_vline(x=0, line={"color": FAINT, "width": 1.5})
    finish(figure, x=say.RECALL_POINTS, y="", height=FRAME + ROW * 4, key=key, hovermode="closest", margin_t=8)
    figure.update_layout(showlegend=False)
    rows_from_top(figure, [*STEPS, whole])
    if wide is not None:
        figure.update_xaxes(range=list(wide))
    return figure
