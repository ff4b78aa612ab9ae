"""The forest plot by value: points and intervals, filled and open marks, order, colours, one axis."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from pdcn.shell.figures.forest import DENSE, FRAME, ROW, UNSEEN, forest_figure
from pdcn.wirings import WIRINGS

ROWS = pd.DataFrame(
    [
        ("top", "parallel", 0.02, 0.01, 0.04, "better", 0.004),
        ("middle", "deep_only", -0.03, -0.05, -0.02, "worse", 0.03),
        ("low", "parallel", 0.001, -0.01, 0.02, "no detectable difference", 0.7),
        ("bottom", "deep_only", 0.01, 0.0, 0.02, "too few seeds", 1.0),
    ],
    columns=["label", "arm", "difference", "low", "high", "verdict", "adjusted"],
)


def trace(figure: go.Figure, name: str) -> Any:
    """The one trace of that name."""
    (found,) = [one for one in figure.data if one.name == name]
    return found


def test_differences_and_intervals_are_in_points() -> None:
    figure = forest_figure(ROWS, key="k")
    assert [one.name for one in figure.data] == ["parallel", "deep only"]
    found = trace(figure, "parallel")
    assert list(found.y) == ["top", "low"]
    assert list(found.x) == pytest.approx([2, 0.1])
    assert list(found.error_x.array) == pytest.approx([2, 1.9])  # up to 4 and to 2
    assert list(found.error_x.arrayminus) == pytest.approx([1, 1.1])  # down to 1 and to -1
    assert not found.error_x.symmetric
    other = trace(figure, "deep only")
    assert list(other.x) == pytest.approx([-3, 1])
    assert list(other.x - other.error_x.arrayminus) == pytest.approx([-5, 0])
    assert list(other.x + other.error_x.array) == pytest.approx([-2, 2])


def test_the_hover_has_the_interval_in_points_and_the_p_value() -> None:
    found = trace(forest_figure(ROWS, key="k"), "deep only")
    assert [list(row) for row in found.customdata] == [pytest.approx([-5, -2, 0.03]), pytest.approx([0, 2, 1.0])]
    shown = found.hovertemplate
    assert shown.index("customdata[0]") < shown.index("customdata[1]") < shown.index("p = %{customdata[2]")


def test_marks_are_filled_where_a_difference_is_detectable() -> None:
    figure = forest_figure(ROWS, key="k")
    assert list(trace(figure, "parallel").marker.symbol) == ["circle", "circle-open"]
    assert list(trace(figure, "deep only").marker.symbol) == ["triangle-up", "triangle-up-open"]


def test_a_mark_that_is_open_by_nature_is_filled_too() -> None:
    rows = ROWS.assign(arm="parallel_sum")
    assert WIRINGS["parallel_sum"].ink.marker.endswith("-open")
    (found,) = forest_figure(rows, key="k").data
    assert list(found.marker.symbol) == ["circle", "circle", "circle-open", "circle-open"]


def test_arms_keep_their_colour() -> None:
    figure = forest_figure(ROWS, key="k")
    for name, arm in (("parallel", "parallel"), ("deep only", "deep_only")):
        found, colour = trace(figure, name), WIRINGS[arm].ink.colour
        assert (found.marker.color, found.marker.line.color, found.error_x.color) == (colour,) * 3


def test_rows_stand_from_top_to_bottom_as_given() -> None:
    axis = forest_figure(ROWS, key="k").layout.yaxis
    assert (axis.categoryorder, list(axis.categoryarray)) == ("array", ["bottom", "low", "middle", "top"])
    backwards = forest_figure(ROWS[::-1], key="k").layout.yaxis
    assert list(backwards.categoryarray) == ["top", "middle", "low", "bottom"]


def test_zero_is_drawn_and_the_axis_named() -> None:
    figure = forest_figure(ROWS, key="k")
    (line,) = figure.layout.shapes
    assert (line.x0, line.x1) == (0, 0)
    assert figure.layout.xaxis.title.text == "difference (points)"
    assert figure.layout.uirevision == "k"


def test_the_axis_fits_the_rows_and_has_zero() -> None:
    """From -5 to 4 points, and a twentieth of these nine at both ends."""
    assert list(forest_figure(ROWS, key="k").layout.xaxis.range) == pytest.approx([-5.45, 4.45])
    above = forest_figure(ROWS[:1], key="k", name="recall@100").layout.xaxis
    assert list(above.range) == pytest.approx([-0.2, 4.2])
    assert above.title.text == "recall@100 (points)"


def test_groups_have_a_line_with_their_name_and_may_repeat_a_label() -> None:
    rows = ROWS.assign(group=["one", "two", "one", "two"], label=["a", "a", "b", "b"])
    figure = forest_figure(rows, key="k")
    shown = [str(row).rstrip(UNSEEN) for row in figure.layout.yaxis.categoryarray[::-1]]
    assert shown == ["<b>one</b>", "a", "b", "<b>two</b>", "a", "b"]
    assert len({*figure.layout.yaxis.categoryarray}) == 6
    assert list(trace(figure, "parallel").y) == ["a", "b"]
    assert [str(row).rstrip(UNSEEN) for row in trace(figure, "deep only").y] == ["a", "b"]
    assert list(figure.layout.yaxis.range) == [-0.7, 5.7]
    assert figure.layout.height == FRAME + DENSE * 6


@pytest.mark.parametrize("rows", [1, 4])
def test_it_is_as_high_as_its_rows(rows: int) -> None:
    assert forest_figure(ROWS[:rows], key="k").layout.height == FRAME + ROW * rows


def test_labels_are_all_the_legend_there_is() -> None:
    assert forest_figure(ROWS, key="k").layout.showlegend is False


@pytest.mark.parametrize("verdict", ["better", "no detectable difference"])
def test_every_arm_can_be_drawn_filled_and_open(verdict: str) -> None:
    rows = pd.DataFrame(
        {"label": name, "arm": name, "difference": 0.0, "low": -0.1, "high": 0.1, "verdict": verdict, "adjusted": 0.5}
        for name in WIRINGS
    )
    assert len(forest_figure(rows, key="k").data) == len(WIRINGS)
