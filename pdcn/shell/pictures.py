"""The pictures of the glossary: a small drawing for each of twenty terms, made here, for light and for dark.

They are images within the text, so that the help of any input can show one, too.
"""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import pairwise

from pdcn.glossary import DRAWN, TERMS

WIDTH, HEIGHT = 170, 96
BLUE, ORANGE, PINK, GREEN = "#0072B2", "#D55E00", "#CC79A7", "#009E73"
STYLE = """
.line { stroke: #1B2430; fill: none; stroke-width: 1.6 } .name { fill: #1B2430; font: 11px sans-serif }
.soft { fill: #1B2430; opacity: .14 } .dot { fill: #1B2430 } .dash { stroke-dasharray: 4 3 }
@media (prefers-color-scheme: dark) { .line { stroke: #E8EDF3 } .name, .soft, .dot { fill: #E8EDF3 } }
"""


def _name(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text class="name" x="{x}" y="{y}" text-anchor="{anchor}">{html.escape(text)}</text>'


def _box(x: float, y: float, w: float, h: float, text: str = "", fill: str = "") -> str:
    look = f'fill="{fill}" fill-opacity="0.35"' if fill else ""
    outline = f'<rect class="line" x="{x}" y="{y}" width="{w}" height="{h}" rx="4"/>'
    inside = f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="4" {look}/>' if fill else ""
    return inside + outline + (_name(x + w / 2, y + h / 2 + 4, text) if text else "")


def _line(*points: float, dashed: bool = False) -> str:
    pairs = " ".join(f"{x},{y}" for x, y in zip(points[::2], points[1::2], strict=True))
    return f'<polyline class="line{" dash" if dashed else ""}" points="{pairs}"/>'


def _arrow(x: float, y: float, to_x: float, to_y: float) -> str:
    """A line with a head: along an axis, or nearly."""
    length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
    ux, uy = (to_x - x) / length, (to_y - y) / length
    head = (to_x - 6 * ux - 3 * uy, to_y - 6 * uy + 3 * ux, to_x, to_y, to_x - 6 * ux + 3 * uy, to_y - 6 * uy - 3 * ux)
    return _line(x, y, to_x, to_y) + _line(*head)


def _dot(x: float, y: float, fill: str = "", r: float = 3.5) -> str:
    return (
        f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}"/>'
        if fill
        else f'<circle class="dot" cx="{x}" cy="{y}" r="{r}"/>'
    )


def _cells(x: float, y: float, fills: Iterable[str], size: float = 14) -> str:
    return "".join(_box(x + at * size, y, size, size, fill=fill) for at, fill in enumerate(fills))


def _list(x: float, y: float, count: int, marked: int = -1, fill: str = GREEN) -> str:
    rows = (_box(x, y + 14 * at, 56, 11, fill=fill if at == marked else "") for at in range(count))
    return "".join(rows)


def _cross() -> str:
    grid = "".join(
        _cells(52, 22 + 18 * row, [BLUE if (row, at) == (1, 2) else "" for at in range(4)], 18) for row in range(3)
    )
    return _name(88, 15, "hour") + _name(26, 53, "store") + grid


def _cross_layer() -> str:
    return (
        _box(8, 12, 34, 24, "x0", BLUE)
        + _box(8, 60, 34, 24, "x1", PINK)
        + _arrow(42, 24, 76, 42)
        + _arrow(42, 72, 76, 54)
        + _box(78, 36, 24, 24, "×")
        + _arrow(102, 48, 126, 48)
        + _box(128, 36, 34, 24, "x2", GREEN)
    )


def _deep() -> str:
    columns = [(28, (24, 48, 72)), (85, (16, 37, 58, 79)), (142, (34, 60))]
    edges = [_line(x, y, to_x, to_y) for (x, ys), (to_x, tos) in pairwise(columns) for y in ys for to_y in tos]
    return "".join(edges) + "".join(_dot(x, y, ORANGE, 6) for x, ys in columns for y in ys)


def _wiring() -> str:
    one = _box(20, 10, 46, 20, "MLP", ORANGE) + _arrow(43, 60, 43, 32) + _box(20, 62, 46, 20, "cross", BLUE)
    other = _box(88, 34, 36, 22, "cross", BLUE) + _box(130, 34, 34, 22, "MLP", ORANGE)
    return one + other + _line(106, 56, 106, 78, 147, 78, 147, 56) + _line(106, 34, 106, 16, 147, 16, 147, 34)


def _tower() -> str:
    sides = "".join(
        _box(x, 60, 50, 22, name, fill) + _arrow(x + 25, 58, x + 25, 38) + _cells(x + 4, 22, [fill] * 3)
        for x, name, fill in ((20, "query", BLUE), (100, "item", GREEN))
    )
    return sides + _line(70, 29, 102, 29, dashed=True) + _name(86, 16, "score")


def _x0() -> str:
    return (
        _cells(8, 40, [BLUE] * 4)
        + _cells(64, 40, [ORANGE] * 4)
        + _cells(120, 40, [GREEN] * 3)
        + _name(36, 72, "store")
        + _name(92, 72, "hour")
        + _name(141, 72, "age")
        + _name(85, 28, "x0")
    )


def _field() -> str:
    rows = (("store", "298"), ("hour", "10 h"), ("weekday", "Sunday"))
    return "".join(
        _box(12, 10 + 27 * at, 66, 22, name, BLUE if at == 1 else "") + _box(82, 10 + 27 * at, 74, 22, value)
        for at, (name, value) in enumerate(rows)
    )


def _embedding() -> str:
    return _box(8, 36, 54, 24, "10 h") + _arrow(64, 48, 88, 48) + _cells(92, 41, [BLUE, "", ORANGE, "", GREEN])


def _event() -> str:
    return _box(8, 34, 62, 28, "shopper", BLUE) + _arrow(72, 48, 98, 48) + _box(100, 34, 62, 28, "milk", GREEN)


def _in_batch() -> str:
    rows = range(3)
    grid = "".join(_cells(58, 22 + 20 * y, [GREEN if x == y else "" for x in rows], 20) for y in rows)
    marks = "".join(_name(68 + 20 * x, 36 + 20 * y, "+" if x == y else "−") for x in rows for y in rows)
    return grid + marks + _name(88, 15, "items") + _name(30, 56, "queries")


def _log_q() -> str:
    bars = ((24, 58, "popular"), (104, 20, "rare"))
    return "".join(
        _box(x, 76 - tall, 40, tall, fill=ORANGE)
        + _line(x - 4, 76 - tall * 0.45, x + 44, 76 - tall * 0.45, dashed=True)
        + _name(x + 20, 91, name)
        for x, tall, name in bars
    )


def _recall() -> str:
    return (
        _list(20, 10, 5, 2)
        + _line(14, 66, 82, 66, dashed=True)
        + _name(96, 40, "chosen item", "start")
        + _name(96, 70, "K = 4", "start")
    )


def _rank() -> str:
    return (
        _list(44, 12, 5, 2)
        + "".join(_name(30, 21 + 14 * at, str(at + 1)) for at in range(5))
        + _name(112, 49, "rank 3", "start")
    )


def _popularity() -> str:
    talls = (66, 44, 30, 20, 14, 10, 7)
    return "".join(
        _box(14 + 21 * at, 82 - tall, 15, tall, fill=PINK if at == 0 else "") for at, tall in enumerate(talls)
    )


def _arm() -> str:
    return (
        _box(14, 16, 62, 26, "parallel", BLUE)
        + _box(14, 54, 62, 26, "sequential", ORANGE)
        + _line(78, 29, 146, 29)
        + _line(78, 67, 146, 67)
        + _line(152, 14, 152, 82, dashed=True)
        + _dot(110, 29, BLUE, 5)
        + _dot(110, 67, ORANGE, 5)
    )


def _baseline() -> str:
    return (
        _line(16, 60, 154, 60, dashed=True)
        + _dot(52, 60, ORANGE, 6)
        + _dot(116, 30, BLUE, 6)
        + _arrow(116, 58, 116, 38)
        + _name(52, 82, "baseline")
    )


def _seed() -> str:
    ends = (22, 34, 44)
    return "".join(_line(14, 82, 60, end + 22, 154, end) + _dot(154, end, BLUE) for end in ends) + _name(
        120, 78, "3 starts"
    )


def _interval() -> str:
    return (
        _line(85, 14, 85, 82, dashed=True)
        + _line(60, 48, 150, 48)
        + _line(60, 42, 60, 54)
        + _line(150, 42, 150, 54)
        + _dot(105, 48, BLUE, 6)
        + _name(85, 94, "0")
    )


def _dense() -> str:
    return _box(14, 14, 58, 68, "tables") + _box(92, 14, 64, 68, "dense", BLUE)


def _flops() -> str:
    numbers = "".join(_name(19 + 44 * at, 44, name) for at, name in enumerate("abcd"))
    signs = "".join(_box(31 + 44 * at, 29, 20, 20, sign, ORANGE) for at, sign in enumerate("×+×"))
    return numbers + signs + _name(85, 74, "3 operations")


PICTURES: Mapping[str, Callable[[], str]] = {
    "cross": _cross,
    "cross layer": _cross_layer,
    "deep network": _deep,
    "wiring": _wiring,
    "tower": _tower,
    "x0": _x0,
    "field": _field,
    "embedding": _embedding,
    "event": _event,
    "in-batch negatives": _in_batch,
    "logq correction": _log_q,
    "recall": _recall,
    "rank": _rank,
    "popularity": _popularity,
    "arm": _arm,
    "baseline": _baseline,
    "seed": _seed,
    "95% interval": _interval,
    "dense parameters": _dense,
    "flops": _flops,
}
"""What is drawn for each term."""
BY_SENTENCE = {str(TERMS[term]): term for term in PICTURES}
"""The terms by the sentence that explains them."""


def drawing(term: str) -> str:
    """The picture of a term as SVG, with its description."""
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    said = html.escape(DRAWN[term])
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><title>{said}</title>'
    return f"{head}<style>{STYLE}</style>{PICTURES[term]()}</svg>"


@cache
def image(term: str) -> str:
    """The picture of a term as the address of an image, which holds it whole."""
    return f"data:image/svg+xml;base64,{b64encode(drawing(term).encode()).decode()}"


@cache
def picture(term: str) -> str:
    """The picture of a term as an image in Markdown; nothing for a term that has none."""
    return f"![{DRAWN[term]}]({image(term)})" if term in PICTURES else ""


def with_picture(text: str) -> str:
    """The help of an input or a column, with the picture of the first term that it explains. Markdown.

    >>> "svg" in with_picture(TERMS["seed"]), with_picture("Anything else.")
    (True, 'Anything else.')
    """
    term = next((term for said, term in BY_SENTENCE.items() if said in text), None)
    return f"{text}\n\n{picture(term)}" if term else text
