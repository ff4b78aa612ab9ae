"""A tower as a diagram: x0 at the bottom, branches beside each other, where they join, the head.

What makes a field of x0 from a sequence stands below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import add
from typing import Any

import plotly.graph_objects as go

from pdcn.inert import label
from pdcn.shell import words as say
from pdcn.shell.figures.sketch import Sketch
from pdcn.shell.figures.theme import FAINT, shade

BLOCK_COLOUR = {
    "embedding": "#7A8694",
    "sequence": "#E69F00",
    "cross": "#009E73",
    "deep": "#56B4E9",
    "expert": "#0072B2",
    "join": "#CC79A7",
    "head": "#7A8694",
}
HEIGHT, GAP = 0.72, 0.36
HALF, HALF_OF_SHARED = 0.44, 0.66
"""Half the width of a block in a branch, and of one below or above two branches; above more of them it is wider."""
POINTED_AT = (0, *(at / 6 for at in (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)))
"""Places of a block that answer whoever points at it, from its middle, where its words are, in halves of its width."""
REACH = 28
"""Pixels from such a place that count as it: all of a block does, and its words alone would not."""
LEVEL, PAINTED_LEVEL = 46, 62
"""Pixels from one level to the next; a painted block has two lines."""


VALUES = [[0.0, "#B35806"], [0.5, "rgba(128,138,150,0.12)"], [1.0, "#2166AC"]]
"""Colours of a block's own numbers: orange below zero, blue above it."""


@dataclass(frozen=True)
class Paint:
    """What was measured in a block: its fill, a line of words in the colour `text`, and more of them for the hover.

    `values`, numbers from -1 to 1, are drawn as a strip in the place of the words.
    """

    fill: str
    words: str
    text: str
    more: str = ""
    values: tuple[float, ...] = ()


def tower_figure(
    plan: dict[str, Any], title: str, text: str = "#1B2430", paint: Mapping[str, Paint] | None = None
) -> go.Figure:
    """The diagram of one tower from its plan (`TowerPlan` as a record), its words in the colour `text`.

    `paint` colours blocks by their key: "embedding", "BRANCH.ROW", "join", "head", or "below.COLUMN.ROW".
    """
    sketch = Sketch()
    paint = paint or {}
    branches = plan["branches"]
    middle = (len(branches) - 1) / 2
    starts = plan.get("starts") or [""] * len(branches)
    first = [int(start.partition(".")[2]) + 1 if start else 0 for start in starts]
    tallest = max(map(add, first, map(len, branches)))
    shared = HALF_OF_SHARED * max(1.0, len(branches) / 2) if middle else HALF
    plain = Paint("", "", text)
    fields = say.FIELDS(count=plan["embedding"]["into"])
    floor = _box(sketch, plan["embedding"], middle, 0, shared, paint.get("embedding", plain), fields)
    ways = plan.get("below") or []
    deepest = max(map(len, ways), default=0)
    for column, way in enumerate(ways):
        x = middle + column - (len(ways) - 1) / 2
        for row, block in enumerate(way):
            y = _bottom(row - deepest - 1)
            into = "" if row else say.ACTIONS(count=block["into"])
            above = _box(sketch, block, x, y, HALF, paint.get(f"below.{column}.{row}", plain), into)
            _arrow(sketch, (x, above), (x, y + HEIGHT + GAP))
    tops = []
    for column, (branch, start, lowest) in enumerate(zip(branches, starts, first, strict=True)):
        below = (middle if branch else column, floor)
        if start:
            below = _aside(sketch, start, column)
        for row, block in enumerate(branch):
            y = _bottom(lowest + row)
            _arrow(sketch, below, (column, y))
            below = (column, _box(sketch, block, column, y, HALF, paint.get(f"{column}.{row}", plain)))
        tops.append(below)
    level = _bottom(tallest)
    if plan["join"]:
        for (x, y), branch in zip(tops, branches, strict=True):
            _arrow(sketch, (x, y), (middle if branch else x, level))
        tops = [(middle, _box(sketch, plan["join"], middle, level, shared, paint.get("join", plain)))]
        level += HEIGHT + GAP
    for top in tops:
        _arrow(sketch, top, (middle, level))
    _box(sketch, plan["head"], middle, level, shared, paint.get("head", plain))
    dense = [*(block for branch in (*ways, *branches) for block in branch), plan["join"], plan["head"]]
    total = sum(block["parameters"] for block in dense if block)
    side, bottom = max(0.62, middle + 0.55), -0.1 - deepest * (HEIGHT + GAP)
    return sketch.figure(
        title={"text": say.TOWER_TITLE(tower=title, total=f"{total:,}"), "font": {"size": 13}},
        height=110 + (PAINTED_LEVEL if paint else LEVEL) * ((level + HEIGHT) / (HEIGHT + GAP) + deepest),
        margin={"l": 4, "r": 4, "t": 34, "b": 4},
        showlegend=False,
        hovermode="closest",
        hoverdistance=REACH,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        dragmode=False,
        xaxis={"visible": False, "range": [middle - side, middle + side], "fixedrange": True},
        yaxis={"visible": False, "range": [bottom, level + HEIGHT + 0.1], "fixedrange": True},
    )


def _bottom(row: int) -> float:
    """Where a branch's block of that row begins, in rows from x0."""
    return (row + 1) * (HEIGHT + GAP)


def _aside(sketch: Sketch, start: str, column: int) -> tuple[float, float]:
    """A line from the side of a block, by its key, to where a later column goes on upwards."""
    from_column, row = map(int, start.split("."))  # a column that itself begins at x0
    y = _bottom(row) + HEIGHT / 2
    line = {"color": FAINT, "width": 1.3}
    sketch.shapes.append({"type": "line", "x0": from_column + HALF, "x1": column, "y0": y, "y1": y, "line": line})
    return column, y


def _box(sketch: Sketch, block: dict[str, Any], x: float, y: float, half: float, paint: Paint, into: str = "") -> float:
    """Draw a block with its bottom at y, so wide to either side of x; its top."""
    colour = BLOCK_COLOUR[block["kind"]]
    frame = {
        "type": "rect",
        "x0": x - half,
        "x1": x + half,
        "y0": y,
        "y1": y + HEIGHT,
        "line": {"color": colour, "width": 1.5},
        "fillcolor": paint.fill or shade(colour, 0.22),
        "layer": "below" if paint.fill or paint.values else "above",  # it would hide the words, or the numbers
    }
    sketch.shapes.append(frame)
    widths = f"{label(into or block['into'])} → {label(block['out'])}"
    cost = say.BLOCK_COST(parameters=f"{block['parameters']:,}", flops=f"{block['flops']:,}")
    if paint.values:
        _strip(sketch, paint.values, x - 0.9 * half, x + 0.9 * half, y + 0.26 * HEIGHT)
    line = "<br> " if paint.values else f"<br><b>{paint.words}</b>" if paint.words else ""
    more = f"<br>{paint.more}" if paint.more else ""
    # experts stand beside each other, so a telephone has no room for their widths, which all have in common
    name = label(block["name"]) if block["kind"] == "expert" else f"{label(block['name'])} · {widths}"
    words = {
        "type": "scatter",
        "x": [x + half * share for share in POINTED_AT],
        "y": [y + HEIGHT / 2] * len(POINTED_AT),
        "mode": "text",
        "text": [f"{name}{line}", *[""] * (len(POINTED_AT) - 1)],
        "textfont": {"color": paint.text, "size": 12},
        "hovertemplate": f"<b>{label(block['name'])}</b><br>{widths}<br>{cost}{more}<extra></extra>",
    }
    sketch.traces.append(words)
    return y + HEIGHT


def _strip(sketch: Sketch, values: tuple[float, ...], left: float, right: float, y: float) -> None:
    """A block's own numbers as a row of cells."""
    step = (right - left) / len(values)
    cells = {
        "type": "heatmap",
        "z": [values],
        "x0": left + step / 2,
        "dx": step,
        "y0": y,
        "dy": 0.36 * HEIGHT,
        "zmin": -1,
        "zmax": 1,
        "colorscale": VALUES,
        "showscale": False,
        "hoverinfo": "skip",
    }
    sketch.traces.append(cells)


def _arrow(sketch: Sketch, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes = {"xref": "x", "yref": "y", "axref": "x", "ayref": "y"}
    look = {"showarrow": True, "arrowhead": 2, "arrowsize": 0.9, "arrowwidth": 1.3, "arrowcolor": FAINT, "text": ""}
    sketch.annotations.append({"x": end[0], "y": end[1], "ax": start[0], "ay": start[1], **axes, **look})
