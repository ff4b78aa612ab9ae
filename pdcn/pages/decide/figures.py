"""What the Decide page draws: what each arm gains over another, by what it costs."""

from __future__ import annotations

import plotly.graph_objects as go

from pdcn.decision import words as say
from pdcn.decision.price import Price, seconds
from pdcn.decision.sheet import Sheet
from pdcn.shell.figures.theme import FAINT, filled, finish, ink, outlined, whiskers
from pdcn.words import capital, micro, span, spoken

Box = tuple[float, float, float, float]
"""Left, lower, right and upper end, in pixels."""
TOLD = 2
"""Up to so many arms each has its numbers beside its point."""
LEAST = 0.1
"""The least that the axis of costs spans, as a share of the largest: what differs by less stands close together."""
ROOM = 0.3
"""What is left beside the points for their words, as a share of how far they are apart, or of the last."""
ABOVE = 0.35
"""What is left above the highest point for its words, as a share of how far the points and intervals reach."""
NARROW, TALL = 300, 280
"""Pixels of the plot on a phone, the narrowest on which words are kept apart."""
LETTER, LINE, BESIDE = 6.6, 17, 10
"""Pixels of a letter of the words beside a point from left to right, of a line of them, and between both."""
WORSE = 3
"""So many lines or points may be crossed to keep words off other words, which nobody could read."""
PLACES = ("top right", "bottom right", "top left", "bottom left")


def gain_figure(sheet: Sheet, price: Price) -> go.Figure:
    """A point an arm: its difference to the arm that all are held against, with its 95% interval, by what it costs.

    Of times of a call the interval is drawn, too: that of the ratio, times the time of the other arm. Points are filled
    where the difference is detectable. An arm of which the cost is not known is left out.
    """
    assert sheet.metric is not None
    metric, held = sheet.metric, sheet.against
    arms = (held, *(c.arm for c in sheet.compared))
    figure = go.Figure()
    figure.add_hline(y=0, line={"color": FAINT, "width": 1.5})
    base = price.of[held]
    known = [c for c in sheet.compared if c.arm in price.of and c.against == held]
    ends = [0.0]  # of points and whiskers
    told = say.POINT_HELD(arm=capital(spoken(held))) if len(known) <= TOLD else spoken(held)
    _point(figure, (held, arms), base, 0.0, told, _cost(price, base), filled_in=True)
    for c in known:
        x, scale = price.of[c.arm], metric.scale
        size, judged = metric.change(c.difference), c.seeds > 1
        interval = span(c.low, c.high, metric.change) if judged else say.NO_INTERVAL
        told = say.POINT(arm=capital(spoken(c.arm)), size=size, interval=interval)
        text = told if len(known) <= TOLD else spoken(c.arm)
        sure = c.verdict in ("better", "worse")
        point = _point(figure, (c.arm, arms), x, scale * c.difference, text, _cost(price, x), size=size, filled_in=sure)
        colour = ink(c.arm, arms).colour
        ends += [scale * one for one in (c.difference, *((c.low, c.high) if judged else ()))]
        if judged:
            point.error_y = whiskers(colour, [scale * (c.high - c.difference)], [scale * (c.difference - c.low)], cap=5)
        if c.arm in price.ratios:
            _, low, high = price.ratios[c.arm]
            point.error_x = whiskers(colour, [max(0.0, high * base - x)], [max(0.0, x - low * base)], cap=5)
    axis = say.GAIN_AXIS if metric.unit == "points" else say.GAIN_AXIS_PLAIN
    name = capital(axis(metric=metric, against=spoken(held)))
    finish(figure, x=say.COST_AXES[price.kind], y=name, height=345, key="decide", hovermode="closest", margin_t=12)
    costs = [base, *(price.of[c.arm] for c in known)]
    costs += [base * price.ratios[c.arm][2] for c in known if c.arm in price.ratios]
    apart = max(max(costs) - min(costs), LEAST * max(costs))
    figure.update_xaxes(range=[min(costs) - 0.15 * apart, max(costs) + apart * ROOM], tickformat=",")
    highest = max([0.0, *(metric.scale * c.difference for c in known)])
    words_end = highest + ABOVE * ((max(ends) - min(ends)) or 1.0)
    figure.update_yaxes(autorangeoptions={"include": [words_end]})
    _keep_words_apart(figure, (min(ends), max(*ends, words_end)))
    return figure.update_layout(showlegend=False)


def _keep_words_apart(figure: go.Figure, reach: tuple[float, float]) -> None:
    """Put the words of each point where they cross the fewest others, lines and points, as far as `reach` goes."""
    left, right = figure.layout.xaxis.range
    across, up = NARROW / (right - left), TALL / ((reach[1] - reach[0]) or 1.0)
    points = [((one.x[0] - left) * across, (one.y[0] - reach[0]) * up, one) for one in figure.data]
    taken: list[Box] = [(0.0, -reach[0] * up, NARROW, -reach[0] * up)]
    for x, y, one in points:
        half = one.marker.size / 2
        taken.append((x - half, y - half, x + half, y + half))
        for bar, size in ((one.error_x, across), (one.error_y, up)):
            if bar.array is not None:
                less, more = size * bar.arrayminus[0], size * bar.array[0]
                flat = bar is one.error_x
                taken.append((x - less, y, x + more, y) if flat else (x, y - less, x, y + more))
    told: list[Box] = []
    for x, y, one in points:
        lines = one.text[0].split("<br>")
        wide = LETTER * max(len(line.removeprefix("<b>").removesuffix("</b>")) for line in lines)
        tall = LINE * len(lines)
        boxes = {}
        for place in PLACES:
            low = y + BESIDE if place.startswith("top") else y - BESIDE - tall
            near = x + BESIDE if place.endswith("right") else x - BESIDE - wide
            boxes[place] = (near, low, near + wide, low + tall)
        one.textposition = best = min(PLACES, key=lambda place: _crossed(boxes[place], [*taken, *WORSE * told]))
        told.append(boxes[best])


def _crossed(box: Box, taken: list[Box]) -> int:
    """How many boxes, lines among them, one crosses; beyond the plot it counts as two.

    >>> _crossed((0, 0, 10, 10), [(5, 5, 20, 20), (3, -9, 3, 99), (11, 0, 12, 9)]), _crossed((-1, 0, 9, 9), [])
    (2, 2)
    """
    outside = 2 * (box[0] < 0 or box[2] > NARROW or box[1] < 0)
    return outside + sum(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in taken
    )


def _point(
    figure: go.Figure,
    among: tuple[str, tuple[str, ...]],
    x: float,
    y: float,
    text: str,
    cost: str,
    *,
    size: str = "0",
    filled_in: bool,
) -> go.Scatter:
    """Draw an arm among all arms."""
    arm, style = among[0], ink(*among)
    figure.add_scatter(
        x=[x],
        y=[y],
        mode="markers+text",
        name=spoken(arm),
        text=[text],
        textposition="top right",
        marker=outlined(style, 16, filled(style.marker, filled_in)),
        hovertemplate=say.POINT_HOVER(arm=spoken(arm), size=size, cost=cost),
        cliponaxis=False,
    )
    return figure.data[-1]


def _cost(price: Price, value: float) -> str:
    if price.kind == "latency":
        return micro(value)
    return seconds(value) if price.kind == "training" else f"{value:,.0f}"
