"""What a tower costs to serve: its parts against their sum and their maximum, how much is hidden, time by batch
size."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pdcn.pages.latency.words import NAMED, PARTS, SHOWN_OVERLAP, parts_of, wholes_of
from pdcn.shell.figures.theme import FAINT, finish, ink
from pdcn.wirings import Ink
from pdcn.words import micro, minus

PART_COLOURS = {
    "cross": ink("cross_only").colour,
    "deep": ink("deep_only").colour,
    "join": "#8A94A0",
    "head": "#B9C1CA",
}
"""The branches have the colours of the arms that are nothing else; what stands behind them is grey."""
DRAWN = {
    "sequential": ("dash", "square", ""),
    "parallel": ("solid", "circle", ""),
    "fused": ("dashdot", "diamond", "/"),
    "two threads": ("dot", "triangle-up", "\\"),
    "two streams": ("dot", "triangle-down", "\\"),
    "compiled sequential": ("dot", "square-open", "."),
    "compiled parallel": ("longdash", "circle-open", "."),
    "compiled fused": ("dashdot", "diamond-open", "."),
    "graph of sequential": ("longdashdot", "square-x", "x"),
    "graph of parallel": ("longdash", "circle-x", "x"),
    "graph of fused": ("longdashdot", "diamond-x", "+"),
    "graph of two streams": ("dash", "triangle-down-open", "-"),
}
"""Dash, marker and pattern of each form: never colour alone."""
ROW, FRAME = 38, 128
"""Height of a row of bars and of all that is around the rows, in pixels."""
FAR, LONGEST_TAIL = 2.5, 1.6
"""A bar of more than 2.5 times the sum does not set the axis, which ends at 1.6 times the longest that does: what is
longer is cut off there, and stands in words."""
HIDDEN_FROM, HIDDEN_TO = -1.0, 1.5
"""Ends of the axis of how parallel a form is; what lies beyond is drawn at the end, as an arrow."""
TIMES = tuple(digit * 10**power for power in range(-2, 8) for digit in (1, 2, 5))
HEIGHT, LEGEND = 360, 18
"""Height of the figures by batch size without their legend, and of a line of it, in pixels."""
NARROW, PER_DECADE = 4.0, 2.2
"""A range of fewer times than this needs no log scale; one of more powers of ten than this names 1, 10, 100 alone."""
NAMED_FROM = 0.08
"""Share of the longest row from which a part has its name written in it."""


def form_ink(variant: str) -> Ink:
    """How a form is drawn: in its wiring's colour, with a dash and a marker of its own.

    >>> form_ink("compiled sequential").colour == ink("sequential").colour
    True
    """
    dash, marker, _ = DRAWN[variant]
    return Ink(ink("sequential" if "sequential" in variant else "parallel").colour, dash, marker)


def broken(label: str) -> str:
    """A form's name on lines of their own.

    >>> broken("side by side, two threads")
    'side by side,<br>two threads'
    """
    return label.replace(", ", ",<br>", 1)


def scale_of(longest: float) -> tuple[float, str]:
    """What microseconds are divided by on an axis up to `longest`, and the unit.

    >>> scale_of(812.0), scale_of(4_000.0)
    ((1.0, 'µs'), (1000.0, 'ms'))
    """
    return (1e3, "ms") if longest >= 1_000 else (1.0, "µs")


def parts_figure(times: pd.DataFrame, text: str = "#1B2430") -> go.Figure:
    """Of one cell: the parts stacked on top, the whole towers below, each p50 with a whisker to p95, and the two lines.

    `times` has `variant`, `p50`, `p95` (microseconds; without a whisker where NaN) and `repeats`; `text` is the colour
    of the page's text, for the lines. Both times stand in words at the end of a row, by name: neither is read as the
    other. What would crush the other bars is cut off, with an arrow.
    """
    figure, lines, whole = go.Figure(), parts_of(times), wholes_of(times)
    near = max(lines["sum"], *(time for time in whole["p50"] if time <= FAR * lines["sum"]))
    longest = min(LONGEST_TAIL * near, max(near, *whole["p50"], *whole["p95"].dropna()))
    per, unit = scale_of(longest)
    stack = "parts, one by one:<br>cross, deep, join, head"
    for part in PARTS:
        figure.add_bar(
            y=[stack],
            x=[lines[part] / per],
            orientation="h",
            name=part,
            textposition="inside",
            text=[part if lines[part] > NAMED_FROM * longest else ""],
            insidetextanchor="start",
            textangle=0,
            constraintext="inside",
            marker={"color": PART_COLOURS[part]},
            textfont={"color": "#10161F"},
            hovertemplate=f"{part} alone: {micro(lines[part])}<extra></extra>",
        )
    for row in whole.to_dict("records"):
        figure.add_bar(**_bar(row, per, longest))
    ends = whole[["p50", "p95"]].max(axis=1)
    figure.add_scatter(
        x=ends.clip(upper=longest) / per,
        y=[broken(label) for label in whole["label"]],
        mode="text",
        text=[
            "<br>".join(
                f" {name} {micro(time)}" + (" →" if time > longest else "")
                for name, time in (("p50", middle), ("p95", tail))
                if time == time
            )
            for middle, tail in zip(whole["p50"], whole["p95"], strict=True)
        ],
        textposition="middle right",
        hoverinfo="skip",
        cliponaxis=False,
    )
    for name, anchor in (("max", "right"), ("sum", "left")):
        figure.add_vline(
            x=lines[name] / per,
            line={"color": text, "width": 2, "dash": "dot" if name == "max" else "solid"},
            opacity=0.8,
        )
        figure.add_annotation(
            x=lines[name] / per,
            y=1,
            yref="paper",
            yanchor="bottom",
            xanchor=anchor,
            showarrow=False,
            text=f"{name} {micro(lines[name])}",
            font={"size": 13},
        )
    finish(figure, x=f"one call, p50 ({unit})", y="", height=FRAME + ROW * (1 + len(whole)), key="latency-parts")
    order = [stack, *(broken(label) for label in whole["label"])]
    figure.update_yaxes(
        categoryorder="array", categoryarray=order[::-1], automargin=True, showgrid=False, ticksuffix="  "
    )
    figure.update_xaxes(range=[0, 1.5 * longest / per])
    return figure.update_layout(
        barmode="stack",
        uniformtext={"minsize": 11, "mode": "hide"},
        hovermode="closest",
        showlegend=False,
        bargap=0.25,
        margin={"l": 8, "t": 32},
    )


def _bar(row: dict[Hashable, Any], per: float, longest: float) -> dict[str, Any]:
    colour, pattern = form_ink(row["variant"]).colour, DRAWN[row["variant"]][2]
    ends = min(row["p50"], longest)
    tail = min(row["p95"], longest) - ends if row["p95"] == row["p95"] else math.nan
    said = f"{row['label']}<br>p50 {micro(row['p50'])}" + (f", p95 {micro(row['p95'])}" if tail == tail else "")
    return {
        "y": [broken(row["label"])],
        "x": [ends / per],
        "orientation": "h",
        "name": row["label"],
        "marker": {
            "color": colour,
            "pattern": {"shape": pattern, "bgcolor": colour, "fgcolor": "#FFFFFF", "size": 7, "solidity": 0.25},
        },
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [tail / per],
            "arrayminus": [0],
            "color": "#8A94A0",
            "thickness": 2,
            "width": 5,
            "visible": tail > 0,
        },
        "hovertemplate": f"{said}<br>{row['repeats']:,} repeats<extra></extra>",
    }


def hidden_figure(forms: pd.DataFrame) -> go.Figure:
    """Of one cell: how much of the shorter branch each form hides, with its 95% interval; 0 is none of it, 1 all.

    `forms` has `variant`, `overlap`, `overlap_low` and `overlap_high`; rows without an overlap are left out.
    """
    own = forms[forms["variant"].isin(SHOWN_OVERLAP) & forms["overlap"].notna()]
    figure = go.Figure()
    for place, words in ((0.0, "none"), (1.0, "all")):
        figure.add_vline(x=place, line={"color": FAINT, "width": 2, "dash": "solid" if place == 0 else "dot"})
        figure.add_annotation(
            x=place, y=1, yref="paper", yanchor="bottom", showarrow=False, text=words, font={"size": 13}
        )
    for row in own.to_dict("records"):
        style, value = form_ink(row["variant"]), float(row["overlap"])
        shown = min(HIDDEN_TO, max(HIDDEN_FROM, value))
        low, high = (min(HIDDEN_TO, max(HIDDEN_FROM, row[name])) for name in ("overlap_low", "overlap_high"))
        sure = row["overlap_low"] > 0 or row["overlap_high"] < 0
        beyond = "triangle-left" if value < HIDDEN_FROM else "triangle-right" if value > HIDDEN_TO else ""
        figure.add_scatter(
            x=[shown],
            y=[broken(NAMED[row["variant"]])],
            mode="markers+text",
            name=NAMED[row["variant"]],
            text=[minus(f"{value:.0%}")],
            textposition="top center",
            marker={
                "symbol": (beyond or style.marker) + ("" if sure else "-open"),
                "size": 13,
                "color": style.colour,
                "line": {"width": 2, "color": style.colour},
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [max(0.0, high - shown)],
                "arrayminus": [max(0.0, shown - low)],
                "color": style.colour,
                "thickness": 2,
                "width": 0,
            },
            hovertemplate=f"{NAMED[row['variant']]}: "
            + minus(f"{value:.0%} [{row['overlap_low']:.0%}, {row['overlap_high']:.0%}]")
            + "<extra></extra>",
        )
    finish(
        figure,
        x="of the shorter branch hidden",
        y="",
        height=FRAME + (ROW + 14) * max(1, len(own)),
        key="latency-hidden",
    )
    order = [broken(NAMED[name]) for name in own["variant"]]
    figure.update_yaxes(
        categoryorder="array",
        categoryarray=order[::-1],
        automargin=True,
        showgrid=False,
        ticksuffix="  ",
        range=[-0.6, max(1, len(own)) - 0.3],
    )
    figure.update_xaxes(range=[HIDDEN_FROM - 0.3, HIDDEN_TO + 0.15], tickformat=".0%", dtick=0.5)
    return figure.update_layout(hovermode="closest", showlegend=False, margin={"l": 8, "t": 32})


def batch_figure(times: pd.DataFrame, *, each: bool, chosen: int) -> go.Figure:
    """p50 of every whole tower by batch size, both on log scales: of a call, or with `each` of one example of it.

    `times` has `variant`, `batch`, `p50`, `p95` of one tower and number of threads; `chosen` is the batch on show.
    """
    figure = go.Figure()
    whole = wholes_of(times)
    lowest, highest = float("inf"), 0.0
    for variant, rows in whole.groupby("variant", sort=False):
        own, style = rows.sort_values("batch"), form_ink(str(variant))
        values = own["p50"] / own["batch"] if each else own["p50"]
        lowest, highest = min(lowest, values.min()), max(highest, values.max())
        figure.add_scatter(
            x=own["batch"],
            y=values,
            mode="lines+markers",
            name=NAMED[str(variant)],
            line={"color": style.colour, "width": 2.5, "dash": style.dash},
            marker={"symbol": style.marker, "size": 8, "color": style.colour},
            customdata=[micro(value) for value in values],
            hovertemplate="%{customdata}",
        )
    figure.add_vline(x=chosen, line={"color": FAINT, "width": 1, "dash": "dot"})
    what = "one example" if each else "one call"
    finish(
        figure,
        x="batch size (log scale)",
        y="",
        height=HEIGHT + LEGEND * whole["variant"].nunique(),
        key=f"latency-batch-{each}",
    )
    batches = sorted(whole["batch"].unique())
    figure.update_xaxes(type="log", tickvals=batches, ticktext=[f"{batch:,}" for batch in batches])
    figure.update_layout(showlegend=True)
    return time_axis(figure, "y", f"{what}, p50", lowest, highest)


def ratio_figure(forms: pd.DataFrame, *, chosen: int) -> go.Figure:
    """How many times the time of one after the other each form takes, by batch size, with its 95% interval.

    `forms` has `variant`, `against`, `batch`, `ratio`, `ratio_low`, `ratio_high` of one tower and number of threads.
    """
    figure = go.Figure()
    figure.add_hline(y=1, line={"color": FAINT, "width": 2})
    figure.add_vline(x=chosen, line={"color": FAINT, "width": 1, "dash": "dot"})
    own = forms[forms["variant"].isin(list(NAMED))]
    for variant, rows in own.groupby("variant", sort=False):
        line, style = rows.sort_values("batch"), form_ink(str(variant))
        figure.add_scatter(
            x=line["batch"],
            y=line["ratio"],
            mode="lines+markers",
            name=NAMED[str(variant)],
            line={"color": style.colour, "width": 2.5, "dash": style.dash},
            marker={"symbol": style.marker, "size": 8, "color": style.colour},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": line["ratio_high"] - line["ratio"],
                "arrayminus": line["ratio"] - line["ratio_low"],
                "color": style.colour,
                "thickness": 1.5,
                "width": 3,
            },
            customdata=line[["ratio_low", "ratio_high"]],
            hovertemplate="%{y:.2f} times [%{customdata[0]:.2f}, %{customdata[1]:.2f}]",
        )
    finish(
        figure,
        x="batch size (log scale)",
        y="times one after the other (log scale)",
        height=HEIGHT + LEGEND * own["variant"].nunique(),
        key="latency-ratio",
    )
    batches = sorted(own["batch"].unique())
    figure.update_xaxes(type="log", tickvals=batches, ticktext=[f"{batch:,}" for batch in batches])
    low, high = (
        min(max(one / 1.1 for one in (own["ratio_low"].min(), own["ratio"].min() / 1.5)), 0.9),
        max(min(one * 1.1 for one in (own["ratio_high"].max(), own["ratio"].max() * 1.5)), 1.1),
    )
    wide = high > 2 * NARROW * low
    ticks = (0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1_000) if wide else (0.5, 0.6, 0.8, 1, 1.2, 1.5, 2, 3, 5)
    figure.update_yaxes(
        type="log", tickvals=ticks, ticktext=[f"{tick:g}×" for tick in ticks], range=[math.log10(low), math.log10(high)]
    )
    return figure.update_layout(showlegend=True)


def time_axis(figure: go.Figure, axis: str, name: str, lowest: float, highest: float) -> go.Figure:
    """Microseconds on an axis, its ticks with their unit: on a log scale, but for a range of less than `NARROW` times.

    A narrow axis spans at least a fifth of the time, so that a percent does not look like a cliff.
    """
    change = figure.update_xaxes if axis == "x" else figure.update_yaxes
    if highest < NARROW * lowest:
        middle, room = (lowest + highest) / 2, max(highest - lowest, 0.2 * highest)
        start, end = middle - 0.6 * room, middle + 0.6 * room
        step = min(one for one in TIMES if one >= room / 7)
        ticks = [step * at for at in range(math.ceil(start / step), math.floor(end / step) + 1)]
        change(range=[start, end])
    else:
        ticks = [t for t in TIMES if highest < lowest * 10**PER_DECADE or f"{t:g}".strip("0.") == "1"]
        change(type="log")
        name = f"{name} (log scale)"
    words = [f"{tick / 1e3:g} ms" if tick >= 1_000 else f"{tick:g} µs" for tick in ticks]
    change(title=name, tickvals=ticks, ticktext=words)
    return figure
