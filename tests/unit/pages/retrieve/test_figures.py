"""The traces of the occlusion figure, by value."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pdcn.pages.retrieve.figures import occlusion_figure
from pdcn.shell.figures.theme import ink

WORDS = {"age": "45-54", "hour": "<14 h>"}


def frame() -> pd.DataFrame:
    rows = [
        ("age", "Age", "parallel", 0, 1.5, 2.0, 7.0),
        ("hour", "Hour", "parallel", 0, -0.5, 2.0, 1.0),
        ("age", "Age", "parallel", 1, 0.9, 4.0, 5.0),
        ("hour", "Hour", "parallel", 1, 0.1, 4.0, 4.0),
        ("age", "Age", "sequential", 0, 0.2, 9.0, 9.0),
        ("hour", "Hour", "sequential", 0, -0.4, 9.0, 8.5),
        ("age", "Age", "sequential", 1, 0.3, 0.0, 3.0),
        ("hour", "Hour", "sequential", 1, 0.0, 0.0, 0.0),
    ]
    return pd.DataFrame(rows, columns=["field", "label", "arm", "seed", "adds", "rank", "rank_without"])


def named(figure: go.Figure, name: str) -> Any:
    (found,) = [trace for trace in figure.data if trace.name == name]
    return found


def test_scores_of_the_seed_on_show_are_large_and_those_of_the_others_small() -> None:
    figure = occlusion_figure(frame(), ["age", "hour"], seed=0, words=WORDS)
    shown = named(figure, "parallel")
    assert dict(zip(shown.y, shown.x, strict=True)) == {1: 1.5, 0: -0.5}  # the first field stands on top
    assert shown.marker.color == ink("parallel").colour
    assert shown.marker.symbol == ink("parallel").marker
    assert list(named(figure, "sequential").x) == [0.2, -0.4]
    small = named(figure, "sequential, other seeds")
    assert list(small.x) == [0.3, 0.0]
    assert small.marker.size < shown.marker.size
    links = [trace for trace in figure.data if trace.mode == "lines"]
    assert [sorted(link.x) for link in links] == [[-0.5, -0.4], [0.2, 1.5]]


def test_ranks_count_from_one_with_a_line_where_the_item_stands() -> None:
    figure = occlusion_figure(frame(), ["age", "hour"], seed=0, measure="rank", words=WORDS)
    assert list(named(figure, "parallel").x) == [8.0, 2.0]
    assert list(named(figure, "sequential").x) == [10.0, 9.5]
    assert [shape.x0 for shape in figure.layout.shapes] == [3.0, 10.0]
    assert figure.layout.xaxis.type == "log"
    low, high = figure.layout.xaxis.range
    assert low <= math.log10(2) < math.log10(10) <= high  # every mark, and a power of ten at least
    assert high - low >= 1
    assert not [trace for trace in figure.data if trace.name and "other seeds" in trace.name]


def test_labels_say_field_and_value_in_the_order_given() -> None:
    figure = occlusion_figure(frame(), ["hour", "age"], seed=0, words=WORDS)
    top, below = figure.layout.yaxis.ticktext
    assert top.startswith("Hour<br>")
    assert "&lt;14 h&gt;" in top
    assert "45-54" in below
    assert list(figure.layout.yaxis.tickvals) == [1, 0]


def test_fields_left_out_are_not_drawn() -> None:
    figure = occlusion_figure(frame(), ["hour"], seed=1, words=WORDS)
    assert list(named(figure, "parallel").x) == [0.1]


def test_one_arm_and_one_seed() -> None:
    alone = frame().query("arm == 'parallel' and seed == 0")
    figure = occlusion_figure(alone, ["age", "hour"], seed=0, words=WORDS)
    assert [trace.name for trace in figure.data if trace.name] == ["parallel"]


def test_larger_type_makes_taller_rows() -> None:
    small, large = (occlusion_figure(frame(), ["age", "hour"], seed=0, words=WORDS, letters=size) for size in (13, 17))
    assert large.layout.height > small.layout.height
    assert large.layout.yaxis.tickfont.size == 17
