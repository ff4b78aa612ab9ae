"""A map at every snapshot of training, as frames that a browser plays by itself."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from pdcn.arrays import Flags, Numbers
from pdcn.inert import LONGEST_WORD, label
from pdcn.pages.embeddings import words as say
from pdcn.pages.embeddings.figures.maps import BARE, GREY, PANEL, Colouring, size_of, span

BETWEEN = 3
"""Frames between two snapshots, on a straight line from one to the next: so that the eye can follow a point."""
PAUSE = 110
"""Milliseconds that a frame stays."""
HEIGHT = 560
UNSEEN = "rgba(0,0,0,0)"
FINEST = 30_000
"""Coordinates are sent as whole numbers of 16 bits, the largest this: a quarter of the bytes, finer than a screen."""
Maps = dict[str, Numbers]


def film_figure(
    moments: dict[int, Maps],
    names: list[str],
    colouring: Colouring,
    titles: dict[str, str],
    *,
    chosen: Flags | None = None,
    text: str = "#1B2430",
) -> go.Figure:
    """Maps (n, 2) of one or two arms by step, the last one on show; `titles` names the arms in the order to show.

    Between two snapshots there are frames that are interpolated. The slider has a step for every frame, so that it
    always stands at what is shown: Plotly ignores a press on the step that a slider stands at. With `chosen` (n,) all
    other points are grey.
    """
    steps, arms = sorted(moments), list(titles)
    figure = make_subplots(cols=len(arms), subplot_titles=[titles[arm] for arm in arms], horizontal_spacing=0.03)
    every = [moments[step][arm] for step in steps for arm in arms]
    scale = FINEST / (max(float(np.abs(drawn).max()) for drawn in every) or 1.0)
    window = [[scale * end for end in ends] for ends in span(*every)]
    colours = colouring.inks()
    if chosen is not None:
        colours = [colour if yes else GREY for colour, yes in zip(colours, chosen, strict=True)]
    order = np.argsort(chosen, kind="stable") if chosen is not None else np.arange(len(names))
    for column, arm in enumerate(arms, 1):
        drawn = moments[steps[-1]][arm][order]
        figure.add_scattergl(
            **_whole(drawn, scale),
            mode="markers",
            name=titles[arm],
            row=1,
            col=column,
            text=[label(names[at], LONGEST_WORD) for at in order],
            hovertemplate="%{text}<extra></extra>",
            marker={
                "color": [colours[at] for at in order],
                "size": size_of(len(names)),
                "opacity": 0.85,
                "line": {"width": 0},
            },
        )
    frames = frames_of(moments)
    figure.frames = [
        go.Frame(
            name=name,
            traces=list(range(len(arms))),
            data=[go.Scattergl(**_whole(maps[arm][order], scale)) for arm in arms],
        )
        for name, maps in frames
    ]
    figure.update_annotations(yshift=4)
    figure.update_xaxes(**BARE, range=window[0])
    figure.update_yaxes(**BARE, range=window[1])
    for column in range(1, len(arms) + 1):
        figure.update_yaxes(scaleanchor="x" if column == 1 else f"x{column}", col=column)
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 4, "r": 4, "t": 30, "b": 120},
        showlegend=False,
        hovermode="closest",
        dragmode="pan",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor=PANEL,
        font={"size": 13},
        uirevision="film",
        meta={"scale": scale},
        updatemenus=[_buttons(text)],
        sliders=[_slider([name for name, _ in frames], text)],
    )
    return figure


def frames_of(moments: dict[int, Maps]) -> list[tuple[str, Maps]]:
    """Every frame with its name: a snapshot's is its step, one between two is named by both and its place."""
    steps = sorted(moments)
    found: list[tuple[str, Maps]] = []
    for before, after in pairwise(steps):
        found.append((str(before), moments[before]))
        for at in range(1, BETWEEN + 1):
            share = at / (BETWEEN + 1)
            between = {arm: (1 - share) * drawn + share * moments[after][arm] for arm, drawn in moments[before].items()}
            found.append((f"{before}-{after}-{at}", between))
    return [*found, (str(steps[-1]), moments[steps[-1]])]


def _whole(drawn: Numbers, scale: float) -> dict[str, NDArray[np.int16]]:
    """A map (n, 2) in whole numbers, by axis."""
    return dict(zip("xy", np.round(drawn * scale).astype(np.int16).T, strict=True))


def _how(duration: int) -> dict[str, Any]:
    return {
        "mode": "immediate",
        "fromcurrent": True,
        "transition": {"duration": 0},
        "frame": {"duration": duration, "redraw": True},
    }


def _buttons(text: str) -> dict[str, Any]:
    return {
        "type": "buttons",
        "direction": "left",
        "showactive": False,
        "x": 0,
        "xanchor": "left",
        "y": 0,
        "yanchor": "top",
        "pad": {"t": 12, "r": 8},
        "font": {"color": text},
        "bgcolor": "rgba(128,138,150,0.15)",
        "borderwidth": 0,
        "buttons": [
            {"label": say.PLAY, "method": "animate", "args": [None, _how(PAUSE)]},
            {"label": say.PAUSE, "method": "animate", "args": [[None], _how(0)]},
        ],
    }


def _slider(names: list[str], text: str) -> dict[str, Any]:
    return {
        "active": len(names) - 1,
        "x": 0,
        "len": 1,
        "y": 0,
        "yanchor": "top",
        "pad": {"t": 48, "b": 4, "l": 6, "r": 6},
        "currentvalue": {
            "prefix": say.AFTER_STEP,
            "xanchor": "right",
            "offset": 2,
            "font": {"color": text, "size": 13},
        },
        "font": {"color": UNSEEN, "size": 11},
        "bgcolor": "rgba(128,138,150,0.25)",
        "bordercolor": "rgba(128,138,150,0.4)",
        "tickcolor": "rgba(128,138,150,0.6)",
        "transition": {"duration": 0},
        "steps": [
            {"label": _label(name, text), "value": name, "method": "animate", "args": [[name], _how(0)]}
            for name in names
        ],
    }


def _label(name: str, text: str) -> str:
    """A snapshot's step, or about which step a frame between two snapshots stands for.

    Only a snapshot brings its colour along, and so only snapshots are read below the rail. The words above it have
    a colour for both.
    """
    if "-" not in name:
        return f'<span style="color:{text};fill-opacity:1">{int(name):,}</span>'
    before, after, at = map(int, name.split("-"))
    return f"≈{round(before + (after - before) * at / (BETWEEN + 1)):,}"
