"""One cross layer, number by number, with all that makes one of its outputs lit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from pdcn.arrays import Doubles
from pdcn.inert import label
from pdcn.pages.cross_lab.hand import words as say
from pdcn.shell.figures.sketch import Sketch
from pdcn.shell.figures.theme import FAINT, ink, shade
from pdcn.words import minus

LIT = ink("cross_only").colour
GAP = 0.9
"""Room for a sign between two blocks, in cells."""


@dataclass(frozen=True)
class OneLayer:
    """A layer with its numbers: x0 (D), W (D, D), b (D), what it read and what it made, (D) each.

    `times` is what it multiplies with: x0, or what it read.
    """

    names: Sequence[str]
    times: Doubles
    W: Doubles
    b: Doubles
    read: Doubles
    made: Doubles


@dataclass(frozen=True)
class _Block:
    """Columns of numbers side by side, (D, columns), with their heading and the sign before them; `all_lit` where every
    row makes the chosen output."""

    heading: str
    sign: str
    numbers: Doubles
    all_lit: bool = False


def short(value: float) -> str:
    """A number that fits a cell.

    >>> short(-0.5), short(123456.0)
    ('−0.5', '1.2e+05')
    """
    return minus(f"{value:.3g}" if abs(value) < 1_000 else f"{value:.2g}" if abs(value) >= 1e5 else f"{value:.0f}")


def one_layer_figure(one: OneLayer, layer: int, row: int, itself: bool, *, text: str, key: str) -> go.Figure:
    """times * (W read + b) + read = made; what makes output `row` is lit: filled, outlined and bold.

    Each output is a point that can be pressed, with its row as `customdata`. Words have the colour `text`.
    """
    below, now = say.X(layer=layer - 1), say.X(layer=layer)
    blocks = [
        _Block(below if itself else say.X(layer=0), "", one.times[:, None]),
        _Block("W", "× (", one.W),
        _Block(below, "·", one.read[:, None], all_lit=True),
        _Block("b", "+", one.b[:, None]),
        _Block(below, ") +", one.read[:, None]),
        _Block(now, "=", one.made[:, None]),
    ]
    sketch, count = Sketch(), len(one.names)
    for at, (block, left) in enumerate(_placed(blocks)):
        width = block.numbers.shape[1]
        _words(sketch, left + (width - 1) / 2, -0.85, f"<b>{block.heading}</b>", 15)
        if block.sign:
            _words(sketch, left - 0.5 - GAP / 2, (count - 1) / 2, block.sign, 17)
        for i in range(count):
            for j in range(width):
                lit = block.all_lit or i == row
                _cell(sketch, left + j, i, short(block.numbers[i, j]), lit, made=at == len(blocks) - 1)
    for i, name in enumerate(one.names):
        _words(sketch, -0.62, i, label(name), 14, xanchor="right", bold=i == row)
    made_at = [left for _, left in _placed(blocks)][-1]
    pressed = {
        "type": "scatter",
        "x": [made_at] * count,
        "y": [*range(count)],
        "customdata": [*range(count)],
        "mode": "markers",
        "marker": {"size": 34, "symbol": "square", "color": "rgba(0,0,0,0)"},
        "hovertemplate": [say.PRESS(name=label(name)) for name in one.names],
        "showlegend": False,
    }
    sketch.traces.append(pressed)
    for words in sketch.annotations:
        words["font"]["color"] = text
    return sketch.figure(
        height=230,
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        font={"size": 14},
        uirevision=key,
        dragmode=False,
        clickmode="event",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hovermode="closest",
        xaxis={"visible": False, "range": [-2.6, made_at + 0.6], "fixedrange": True},
        yaxis={"visible": False, "range": [count - 0.4, -1.25], "fixedrange": True},
    )


def _placed(blocks: Sequence[_Block]) -> Iterator[tuple[_Block, float]]:
    """Each block with the middle of its first column."""
    left = 0.0
    for block in blocks:
        left += GAP if block.sign else 0.0
        yield block, left
        left += block.numbers.shape[1]


def _cell(sketch: Sketch, x: float, y: float, text: str, lit: bool, made: bool) -> None:
    line = {"color": LIT if lit else FAINT, "width": 2.5 if lit else 1}
    fill = shade(LIT, 0.45 if made else 0.18) if lit else "rgba(0,0,0,0)"
    place = {"x0": x - 0.46, "x1": x + 0.46, "y0": y - 0.42, "y1": y + 0.42}
    sketch.shapes.append({**place, "line": line, "fillcolor": fill, "layer": "below"})
    _words(sketch, x, y, text, 14, bold=lit)


def _words(sketch: Sketch, x: float, y: float, text: str, size: int, *, bold: bool = False, **how: str) -> None:
    said = f"<b>{text}</b>" if bold else text
    sketch.annotations.append({"x": x, "y": y, "text": said, "showarrow": False, "font": {"size": size}, **how})
