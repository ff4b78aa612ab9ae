"""What a tower costs to serve: its parts against their sum and their maximum, how much is hidden, time by batch
size."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pdcn.pages.latency import words as say
from pdcn.pages.latency.told import PARTS, SHOWN_OVERLAP, parts_of, wholes_of
from pdcn.shell.figures.theme import FAINT, filled, finish, ink, log_axis, outlined, rows_from_top, whiskers
from pdcn.wirings import Ink
from pdcn.words import micro, minus, plural, span

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
ROW, FRAME = 36, 124
"""Height of a row of bars and of all that is around the rows, in pixels."""
FAR, LONGEST_TAIL = 2.5, 1.6
"""A bar of more than 2.5 times the sum does not set the axis, which ends at 1.6 times the longest that does: what is
longer is cut off there, and stands in words."""
ROOM = 0.67
"""Share of the figure's width that the axis takes; right of its end stand the times in words."""
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

    >>> broken("side by side, plain code")
    'side by side,<br>plain code'
    """
    return label.replace(", ", ",<br>", 1)


def parts_figure(times: pd.DataFrame, text: str = "#1B2430") -> go.Figure:
    """Of one cell: the parts stacked on top, the whole towers below, each p50 with a whisker to p95, and the two lines.

    `times` has `variant`, `p50`, `p95` (microseconds; without a whisker where NaN) and `repeats`; `text` is the colour
    of the page's text, for the lines. Both times stand in words at the end of a row, by name: neither is read as the
    other. What would crush the other bars is cut off at the end of the axis, with an arrow.
    """
    figure, lines, whole = go.Figure(), parts_of(times), wholes_of(times)
    near = max(lines["sum"], *(time for time in whole["p50"] if time <= FAR * lines["sum"]))
    longest = min(LONGEST_TAIL * near, max(near, *whole["p50"], *whole["p95"].dropna()))
    per, unit = (1e3, "ms") if longest >= 1_000 else (1.0, "µs")
    for part in PARTS:
        figure.add_bar(
            y=[say.PARTS_ROW],
            x=[lines[part] / per],
            orientation="h",
            name=say.PARTS[part],
            textposition="inside",
            text=[say.PARTS[part] if lines[part] > NAMED_FROM * longest else ""],
            insidetextanchor="start",
            textangle=0,
            constraintext="inside",
            marker={"color": PART_COLOURS[part]},
            textfont={"color": "#10161F"},
            hovertemplate=say.PART_HOVER(part=say.PARTS[part], time=micro(lines[part])),
        )
    for row in whole.to_dict("records"):
        figure.add_bar(**_bar(row, per, longest))
    ends = whole[["p50", "p95"]].max(axis=1)
    figure.add_scatter(
        x=ends.clip(upper=longest) / per,
        y=whole["label"].map(broken),
        mode="text",
        text=[
            "<br>".join(f" {_end(name, row[name], longest)}" for name in say.ENDS if row[name] == row[name])
            for row in whole.to_dict("records")
        ],
        textposition="middle right",
        hoverinfo="skip",
        cliponaxis=False,
    )
    for name, dash, anchor in (("max", "dot", "right"), ("sum", "solid", "left")):
        figure.add_vline(
            x=lines[name] / per,
            line={"color": text, "width": 2, "dash": dash},
            opacity=0.8,
            annotation={"text": say.LINES[name](time=micro(lines[name])), "xanchor": anchor, "yanchor": "bottom"},
        )
    height = FRAME + ROW * (1 + len(whole))
    finish(figure, x=say.PARTS_AXIS(unit=unit), y="", height=height, key="latency-parts")
    rows_from_top(figure, [say.PARTS_ROW, *map(broken, whole["label"])])
    figure.update_xaxes(range=[0, longest / per], domain=[0, ROOM])
    return figure.update_layout(
        barmode="stack",
        uniformtext={"minsize": 11, "mode": "hide"},
        hovermode="closest",
        showlegend=False,
        bargap=0.25,
        margin={"l": 8, "t": 32},
    )


def _end(name: str, time: float, longest: float) -> str:
    """A time at the end of a row in words, with an arrow where the row is cut off before it."""
    said = say.ENDS[name](time=micro(time))
    return say.GOES_ON(end=said) if time > longest else said


def _bar(row: dict[Hashable, Any], per: float, longest: float) -> dict[str, Any]:
    colour, pattern = form_ink(row["variant"]).colour, DRAWN[row["variant"]][2]
    ends = min(row["p50"], longest)
    tail = min(row["p95"], longest) - ends if row["p95"] == row["p95"] else math.nan
    known = {"form": row["label"], "p50": micro(row["p50"]), "calls": plural(row["repeats"], "repeat")}
    hover = say.WHOLE_HOVER(p95=micro(row["p95"]), **known) if tail == tail else say.WHOLE_HOVER_P50(**known)
    return {
        "y": [broken(row["label"])],
        "x": [ends / per],
        "orientation": "h",
        "name": row["label"],
        "marker": {
            "color": colour,
            "pattern": {"shape": pattern, "bgcolor": colour, "fgcolor": "#FFFFFF", "size": 7, "solidity": 0.25},
        },
        "error_x": {**whiskers("#8A94A0", [tail / per], [0], cap=5), "visible": tail > 0},
        "hovertemplate": hover,
    }


def hidden_figure(forms: pd.DataFrame) -> go.Figure:
    """Of one cell: how much of the shorter branch each form hides, with its 95% interval; 0 is none of it, 1 all.

    `forms` has `variant`, `overlap`, `overlap_low` and `overlap_high`; rows without an overlap are left out.
    """
    own = forms[forms["variant"].isin(SHOWN_OVERLAP) & forms["overlap"].notna()]
    figure = go.Figure()
    for place, words, dash in ((0.0, say.NOTHING_HIDDEN, "solid"), (1.0, say.ALL_HIDDEN, "dot")):
        above = {"text": words, "xanchor": "center", "yanchor": "bottom"}
        figure.add_vline(x=place, line={"color": FAINT, "width": 2, "dash": dash}, annotation=above)
    for row in own.to_dict("records"):
        style, name, value = form_ink(row["variant"]), say.NAMED[row["variant"]], row["overlap"]
        low, high = row["overlap_low"], row["overlap_high"]
        interval = minus(span(low, high, "{:z.0%}".format))
        shown, start, end = (min(HIDDEN_TO, max(HIDDEN_FROM, one)) for one in (value, low, high))
        beyond = "triangle-left" if value < HIDDEN_FROM else "triangle-right" if value > HIDDEN_TO else ""
        figure.add_scatter(
            x=[shown],
            y=[broken(name)],
            mode="markers+text",
            name=name,
            text=[minus(f"{value:z.0%}")],
            textposition="top center",
            marker=outlined(style, 13, filled(beyond or style.marker, low > 0 or high < 0)),
            error_x=whiskers(style.colour, [max(0.0, end - shown)], [max(0.0, shown - start)]),
            hovertemplate=say.HIDDEN_HOVER(form=name, share=minus(f"{value:z.0%}"), interval=interval),
        )
    rows = max(1, len(own))
    finish(figure, x=say.HIDDEN_AXIS, y="", height=FRAME + (ROW + 14) * rows, key="latency-hidden")
    rows_from_top(figure, [broken(say.NAMED[name]) for name in own["variant"]]).update_yaxes(range=[-0.6, rows - 0.3])
    figure.update_xaxes(range=[HIDDEN_FROM - 0.3, HIDDEN_TO + 0.15], tickformat=".0%", dtick=0.5)
    return figure.update_layout(hovermode="closest", showlegend=False, margin={"l": 8, "t": 32})


def batch_figure(times: pd.DataFrame, *, each: bool, chosen: int) -> go.Figure:
    """p50 of every whole tower by batch size, both on log scales: of a call, or with `each` of one example of it.

    `times` has `variant`, `batch`, `p50`, `p95` of one tower and number of threads; `chosen` is the batch on show.
    """
    figure, whole = go.Figure(), wholes_of(times)
    whole["time"] = whole["p50"] / whole["batch"] if each else whole["p50"]
    for own, line, _ in _lines(whole):
        figure.add_scatter(**line, y=own["time"], customdata=own["time"].map(micro), hovertemplate="%{customdata}")
    _over_batches(figure, whole, "", chosen, f"latency-batch-{each}")
    return time_axis(figure, "y", say.TIME_AXES["example" if each else "call"], whole["time"])


def _lines(rows: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, dict[str, Any], Ink]]:
    """Of each form its rows by batch size, how its line over them is drawn, and its ink."""
    for variant, own in rows.groupby("variant", sort=False):
        own, style = own.sort_values("batch"), form_ink(str(variant))
        line = {"color": style.colour, "width": 2.5, "dash": style.dash}
        marker = {"symbol": style.marker, "size": 8, "color": style.colour}
        look = {"mode": "lines+markers", "name": say.NAMED[str(variant)], "line": line, "marker": marker}
        yield own, {"x": own["batch"], **look}, style


def _over_batches(figure: go.Figure, rows: pd.DataFrame, y: str, chosen: int, key: str) -> None:
    """The frame of a figure by batch size, with a line at the batch size that is chosen."""
    figure.add_vline(x=chosen, line={"color": FAINT, "width": 1, "dash": "dot"})
    height = HEIGHT + LEGEND * rows["variant"].nunique()
    finish(figure, x=say.BATCH_AXIS, y=y, height=height, key=key, showlegend=True)
    log_axis(figure, sorted(rows["batch"].unique()))


def ratio_figure(forms: pd.DataFrame, *, chosen: int) -> go.Figure:
    """How many times the time of one after the other each form takes, by batch size, with its 95% interval.

    `forms` has `variant`, `against`, `batch`, `ratio`, `ratio_low`, `ratio_high` of one tower and number of threads.
    """
    figure = go.Figure()
    figure.add_hline(y=1, line={"color": FAINT, "width": 2})
    own = forms[forms["variant"].isin(list(say.NAMED))]
    for rows, line, style in _lines(own):
        up, down = rows["ratio_high"] - rows["ratio"], rows["ratio"] - rows["ratio_low"]
        figure.add_scatter(
            **line,
            y=rows["ratio"],
            error_y=whiskers(style.colour, up, down, thickness=1.5, cap=3),
            customdata=rows[["ratio_low", "ratio_high"]],
            hovertemplate=say.TIMES(ratio="%{y:.2f}", interval="[%{customdata[0]:.2f}, %{customdata[1]:.2f}]"),
        )
    _over_batches(figure, own, say.RATIO_AXIS, chosen, "latency-ratio")
    low = min(max(own["ratio_low"].min(), own["ratio"].min() / 1.5) / 1.1, 0.9)
    high = max(min(own["ratio_high"].max(), own["ratio"].max() * 1.5) * 1.1, 1.1)
    wide = high > 2 * NARROW * low
    ticks = (0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1_000) if wide else (0.5, 0.6, 0.8, 1, 1.2, 1.5, 2, 3, 5)
    return figure.update_yaxes(
        type="log", tickvals=ticks, ticktext=[f"{tick:g}×" for tick in ticks], range=[math.log10(low), math.log10(high)]
    )


def time_axis(figure: go.Figure, axis: str, name: str, times: pd.Series[float]) -> go.Figure:
    """Microseconds on an axis, its ticks with their unit: on a log scale, but for a range of less than `NARROW` times.

    A narrow axis spans at least a fifth of the time, so that a percent does not look like a cliff.
    """
    lowest, highest = float(times.min()), float(times.max())
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
        name = say.LOG_SCALE(axis=name)
    words = [f"{tick / 1e3:g} ms" if tick >= 1_000 else f"{tick:g} µs" for tick in ticks]
    change(title=name, tickvals=ticks, ticktext=words)
    return figure
