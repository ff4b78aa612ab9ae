"""One colour, dash and marker for each wiring, the same in every figure (Okabe-Ito, colour-blind safe)."""

from __future__ import annotations

import plotly.graph_objects as go

from pdcn.wirings import WIRINGS, Ink

MIXED = ("#A6761D", "#6A51A3", "#999933", "#AA4499")
"""Colours of arms whose two towers differ."""
BASELINE_INK = {"popularity": Ink("#8A94A0", "dash", "x"), "oracle": Ink("#8A94A0", "dot", "cross")}
GRID = "rgba(128,138,150,0.18)"
FAINT = "rgba(128,138,150,0.55)"


def ink(arm: str, arms: tuple[str, ...] = ()) -> Ink:
    """The ink of an arm or baseline; `arms` tells several mixed arms of a run apart."""
    if arm in WIRINGS:
        return WIRINGS[arm].ink
    if arm in BASELINE_INK:
        return BASELINE_INK[arm]
    mixed = [name for name in arms if name not in WIRINGS]
    place = mixed.index(arm) if arm in mixed else 0
    return Ink(MIXED[place % len(MIXED)], "longdash", "hexagon")


def shade(colour: str, opacity: float) -> str:
    """The colour as a see-through fill.

    >>> shade("#0072B2", 0.2)
    'rgba(0,114,178,0.2)'
    """
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def finish(figure: go.Figure, *, x: str, y: str, height: int = 380, key: str = "") -> go.Figure:
    """Axis names, thin grids, legend on top; `key` keeps the zoom while a live figure is redrawn."""
    figure.update_layout(
        height=height,
        margin={"l": 64, "r": 16, "t": 40, "b": 52},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"},
        hovermode="x unified",
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": FAINT, "activecolor": FAINT},
        uirevision=key or "steady",
        font={"size": 13},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    figure.update_xaxes(title=x, gridcolor=GRID, zeroline=False, linecolor=FAINT, showline=True)
    figure.update_yaxes(title=y, gridcolor=GRID, zeroline=False)
    return figure


def log_k_axis(figure: go.Figure, largest: int) -> go.Figure:
    """K on a log scale, with whole numbers as ticks."""
    ticks = [k for k in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if k <= largest]
    return figure.update_xaxes(type="log", tickvals=ticks, ticktext=[f"{k:,}" for k in ticks])
