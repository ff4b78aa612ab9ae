"""The figures of the Latency page by value: bars and lines, what is hidden, batch sizes, verdicts, fronts and
losses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from pdcn.pages.latency.figures.region import CLASSES, region_figure
from pdcn.pages.latency.figures.times import (
    DRAWN,
    HIDDEN_FROM,
    HIDDEN_TO,
    PART_COLOURS,
    batch_figure,
    broken,
    form_ink,
    hidden_figure,
    parts_figure,
    ratio_figure,
    time_axis,
)
from pdcn.pages.latency.figures.tradeoff import INDEX_MARKS, MOST_LOST, pareto_figure, serving_figure
from pdcn.pages.latency.words import NAMED
from pdcn.wirings import WIRINGS

P50 = {
    "lookup": 9.0,
    "cross": 20.0,
    "deep": 30.0,
    "join": 5.0,
    "head": 10.0,
    "sequential": 60.0,
    "parallel": 66.0,
    "two threads": 48.0,
    "arm parallel": 70.0,
}


def cell(*, factor: float = 1.0, batch: int = 1) -> pd.DataFrame:
    """Times of one cell: p95 is 3 µs above p50, but that of two threads is unknown."""
    rows = [
        {
            "variant": name,
            "p50": factor * time,
            "p95": math.nan if name == "two threads" else factor * time + 3,
            "batch": batch,
            "repeats": 30,
        }
        for name, time in P50.items()
    ]
    return pd.DataFrame(rows)


def bars(figure: go.Figure) -> dict[str, Any]:
    return {one.name: one for one in figure.data if one.type == "bar"}


def marks(figure: go.Figure) -> dict[str, Any]:
    return {one.name: one for one in figure.data if one.type == "scatter"}


def lines_of(figure: go.Figure) -> list[float]:
    """Where the upright lines stand."""
    return [shape.x0 for shape in figure.layout.shapes if shape.x0 == shape.x1]


def test_every_form_has_a_way_to_be_drawn_of_its_own() -> None:
    assert set(NAMED) == set(DRAWN)
    inks = [form_ink(name) for name in NAMED]
    assert len(set(inks)) == len(inks)
    assert {ink.colour for ink in inks} == {WIRINGS[name].ink.colour for name in ("parallel", "sequential")}


def test_parts_stand_end_to_end_and_wholes_against_max_and_sum() -> None:
    figure = parts_figure(cell(), "#123456")
    found = bars(figure)
    assert [found[part].x[0] for part in PART_COLOURS] == [20.0, 30.0, 5.0, 10.0]
    assert len({found[part].y[0] for part in PART_COLOURS}) == 1
    wholes = ("sequential", "parallel", "two threads")
    assert [found[NAMED[name]].x[0] for name in wholes] == [60.0, 66.0, 48.0]
    assert set(found) == {*PART_COLOURS, *(NAMED[name] for name in wholes)}
    assert lines_of(figure) == [45.0, 65.0]  # max 30 + 15, sum 20 + 30 + 15
    assert [note.text for note in figure.layout.annotations] == ["max 45 µs", "sum 65 µs"]
    assert found[NAMED["parallel"]].error_x.array == (3.0,)
    assert found[NAMED["two threads"]].error_x.visible is False
    assert figure.layout.yaxis.categoryarray[-1] == found["cross"].y[0]  # the parts on top
    assert figure.layout.shapes[0].line.color == "#123456"


def test_a_tail_that_would_crush_the_bars_is_cut_off_and_told() -> None:
    rows = cell()
    rows.loc[rows["variant"] == "parallel", "p95"] = 5_000.0
    figure = parts_figure(rows)
    assert figure.layout.xaxis.range[1] == pytest.approx(1.6 * 66)
    assert bars(figure)[NAMED["parallel"]].error_x.array[0] == pytest.approx(1.6 * 66 - 66)
    (words,) = (one.text for one in figure.data if one.type == "scatter")
    assert list(words) == [" p50 60 µs<br> p95 63 µs", " p50 66 µs<br> p95 5.0 ms →", " p50 48 µs"]


def test_a_form_that_is_far_off_is_cut_off_and_told() -> None:
    rows = cell()
    rows.loc[rows["variant"] == "parallel", ["p50", "p95"]] = 5_000.0, 6_000.0
    figure = parts_figure(rows)
    longest = 1.6 * 65  # the sum
    far = bars(figure)[NAMED["parallel"]]
    assert far.x[0] == pytest.approx(longest)
    assert far.error_x.visible is False
    assert "5.0 ms" in far.hovertemplate
    (words,) = (one.text for one in figure.data if one.type == "scatter")
    assert list(words) == [" p50 60 µs<br> p95 63 µs", " p50 5.0 ms →<br> p95 6.0 ms →", " p50 48 µs"]
    assert figure.layout.xaxis.range[1] == pytest.approx(longest)  # the axis goes no further than the bar


def test_long_times_are_told_in_milliseconds() -> None:
    figure = parts_figure(cell(factor=100.0))
    assert bars(figure)["cross"].x[0] == pytest.approx(2.0)
    assert "(ms)" in figure.layout.xaxis.title.text
    assert lines_of(figure) == pytest.approx([4.5, 6.5])


def test_a_tower_without_cross_layers_has_parts_too() -> None:
    rows = cell()
    figure = parts_figure(rows[rows["variant"] != "cross"])
    assert bars(figure)["cross"].x[0] == 0.0
    assert lines_of(figure) == [45.0, 45.0]


def hidden(**values: tuple[float, float, float]) -> pd.DataFrame:
    rows = [
        {"variant": name.replace("_", " "), "overlap": value, "overlap_low": low, "overlap_high": high}
        for name, (value, low, high) in values.items()
    ]
    return pd.DataFrame(rows)


def test_what_is_hidden_stands_with_its_interval_filled_where_it_is_sure() -> None:
    frame = hidden(
        parallel=(-0.1, -0.3, 0.1), two_threads=(0.6, 0.5, 0.7), fused=(-3.0, -4.0, -2.0), sequential=(math.nan,) * 3
    )
    figure = hidden_figure(frame)
    found = marks(figure)
    assert set(found) == {NAMED[name] for name in ("parallel", "two threads", "fused")}
    plain, threads, fused = (found[NAMED[name]] for name in ("parallel", "two threads", "fused"))
    assert (plain.x[0], plain.marker.symbol) == (-0.1, "circle-open")
    assert (threads.x[0], threads.marker.symbol) == (0.6, "triangle-up")
    assert plain.error_x.array[0] == pytest.approx(0.2)
    assert plain.error_x.arrayminus[0] == pytest.approx(0.2)
    assert (fused.x[0], fused.marker.symbol, fused.text[0]) == (HIDDEN_FROM, "triangle-left", "−300%")
    assert fused.error_x.array[0] == 0.0
    assert lines_of(figure) == [0.0, 1.0]


def test_what_hides_more_than_all_is_an_arrow_at_the_end() -> None:
    figure = hidden_figure(hidden(parallel=(2.0, 1.0, 9.0)))
    (one,) = marks(figure).values()
    assert (one.x[0], one.marker.symbol) == (HIDDEN_TO, "triangle-right")


def batches() -> pd.DataFrame:
    return pd.concat([cell(factor=f, batch=b) for b, f in ((16, 2.0), (1, 1.0), (256, 20.0))], ignore_index=True)


def test_times_by_batch_of_a_call_and_of_an_example() -> None:
    whole, each = (marks(batch_figure(batches(), each=each, chosen=16))[NAMED["parallel"]] for each in (False, True))
    assert list(whole.x) == [1, 16, 256]
    assert list(whole.y) == [66.0, 132.0, 1320.0]
    assert list(each.y) == pytest.approx([66.0, 8.25, 5.15625])
    assert list(whole.customdata) == ["66 µs", "132 µs", "1.3 ms"]
    figure = batch_figure(batches(), each=False, chosen=16)
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")
    assert lines_of(figure) == [16]
    assert figure.data[0].name == NAMED["sequential"]
    assert not any("arm" in one.name for one in figure.data)


def test_ratios_by_batch_with_their_intervals() -> None:
    rows = [
        {"variant": name, "against": other, "batch": batch, "ratio": r, "ratio_low": r - 0.1, "ratio_high": r + 0.2}
        for name, other, r in (("parallel", "sequential", 1.1), ("arm parallel", "arm sequential", 1.3))
        for batch in (64, 1)
    ]
    figure = ratio_figure(pd.DataFrame(rows), chosen=1)
    (line,) = figure.data
    assert (line.name, list(line.x), list(line.y)) == (NAMED["parallel"], [1, 64], [1.1, 1.1])
    assert line.error_y.array == pytest.approx([0.2, 0.2])
    assert line.error_y.arrayminus == pytest.approx([0.1, 0.1])


@pytest.mark.parametrize(("lowest", "highest", "log"), [(90.0, 110.0, False), (50.0, 50.0, False), (10.0, 4e4, True)])
def test_ticks_of_a_time_axis_name_their_unit_and_lie_around_the_range(
    lowest: float, highest: float, log: bool
) -> None:
    figure = time_axis(go.Figure(), "x", "time", pd.Series([lowest, highest]))
    axis = figure.layout.xaxis
    assert (axis.type == "log") == log == ("log scale" in axis.title.text)
    ends = axis.range or (lowest, highest)
    assert ends[0] <= lowest <= highest <= ends[1]
    assert sum(ends[0] <= tick <= ends[1] for tick in axis.tickvals) >= 3
    assert all(text.endswith(("µs", "ms")) for text in axis.ticktext)
    assert len(set(axis.ticktext)) == len(axis.ticktext) < 60


def region() -> pd.DataFrame:
    rows = [(32, 1, "free"), (64, 1, "costs the sum"), (32, 16, "costs little")]
    return pd.DataFrame(
        [
            {
                "width": width,
                "batch": batch,
                "verdict": verdict,
                "sure": width == 64,
                "ratio": 1.25,
                "ratio_low": 1.2,
                "ratio_high": 1.3,
                "overlap": 0.5,
                "overlap_low": 0.4,
                "overlap_high": 0.6,
            }
            for width, batch, verdict in rows
        ]
    )


def test_each_cell_of_the_region_has_the_colour_and_the_words_of_its_verdict() -> None:
    figure = region_figure(region())
    maps = {one.name: np.array(one.z, dtype=float) for one in figure.data}
    assert list(maps) == list(CLASSES)
    shape = (2, 2)  # widths by batch sizes; width 64 at batch 16 was not measured
    for name, places in {"free": [(0, 0)], "costs the sum": [(1, 0)], "costs little": [(0, 1)]}.items():
        assert maps[name].shape == shape
        assert [tuple(at) for at in np.argwhere(~np.isnan(maps[name]))] == places
    words = {(note.y, note.x): note for note in figure.layout.annotations}
    assert words[1, 0].text == "costs<br>the sum<br>1.25×"
    assert words[0, 1].text == "costs<br>little ?<br>1.25×"
    assert words[1, 0].font.color == CLASSES["costs the sum"][1]
    assert set(words) == {(0, 0), (1, 0), (0, 1)}
    assert list(figure.layout.xaxis.ticktext) == ["1", "16"]
    assert list(figure.layout.yaxis.ticktext) == ["32", "64"]


def test_a_run_is_a_mark_its_seeds_are_thin_and_the_front_is_a_step() -> None:
    rows = [
        ("a", "parallel", 97.0, 0.36, True),
        ("a", "sequential", 92.0, 0.33, True),
        ("b", "sequential", 120.0, 0.35, False),
    ]
    points = pd.DataFrame(
        [
            {
                "run": run,
                "label": f"run {run}",
                "arm": arm,
                "p50": time,
                "recall": recall,
                "front": best,
                "seeds": (recall - 0.01, recall + 0.01),
            }
            for run, arm, time, recall, best in rows
        ]
    )
    figure = pareto_figure(points, k=100, shown="a")
    step, *_ = figure.data
    assert (list(step.x), list(step.y), step.line.shape) == ([92.0, 97.0], [33.0, 36.0], "hv")
    found = marks(figure)
    own = found["sequential"]
    assert list(own.x) == [92.0, 120.0]
    assert list(own.y) == [33.0, 35.0]
    assert list(own.marker.symbol) == ["square", "square-open"]
    assert list(found["sequential, seeds"].y) == pytest.approx([32.0, 34.0, 34.0, 36.0])
    assert own.marker.color == WIRINGS["sequential"].ink.colour
    assert "recall@100" in figure.layout.yaxis.title.text
    assert figure.layout.showlegend is True
    alone = pareto_figure(points[points["run"] == "a"], k=100, shown="a")
    assert alone.layout.showlegend is False
    named = {one.name: one.text for one in alone.data if one.mode == "markers+text"}
    assert all(set(text) == {name} for name, text in named.items())
    assert set(named) == set(points[points["run"] == "a"]["arm"])


def test_an_index_is_a_line_over_its_settings_with_the_recall_that_it_loses() -> None:
    rows = [("exact", "flat", 400.0, 0.36), ("hnsw", "ef 16", 200.0, 0.34), ("hnsw", "ef 64", 300.0, 0.359)]
    frame = pd.DataFrame(
        [
            {
                "arm": arm,
                "index": index,
                "setting": setting,
                "p50": time,
                "encode_p50": 100.0,
                "search_p50": time - 100,
                "recall": recall,
                "recall_exact": 0.36,
                "overlap_with_exact": 0.9,
            }
            for arm in ("parallel", "sequential")
            for index, setting, time, recall in rows
        ]
    )
    found = marks(serving_figure(frame))
    assert set(found) == {f"{arm}, {index}" for arm in ("parallel", "sequential") for index in ("exact search", "HNSW")}
    line = found["parallel, HNSW"]
    assert list(line.x) == [300.0, 200.0]
    assert list(line.y) == pytest.approx([-0.1, -2.0])
    assert list(found["parallel, exact search"].y) == [0.0]
    assert list(line.marker.symbol) == [INDEX_MARKS["hnsw"]] * 2
    frame.loc[frame["setting"] == "ef 16", "recall"] = 0.2
    line = marks(serving_figure(frame))["parallel, HNSW"]
    assert list(line.y) == pytest.approx([-0.1, MOST_LOST])
    assert list(line.marker.symbol) == [INDEX_MARKS["hnsw"], "triangle-down-open"]
    assert line.customdata[1][-1] == pytest.approx(-16.0)
    assert found["sequential, HNSW"].line.dash == WIRINGS["sequential"].ink.dash


def test_a_label_is_broken_at_its_first_comma_alone() -> None:
    assert broken("side by side, fused, compiled") == "side by side,<br>fused, compiled"
    assert broken("one after the other") == "one after the other"
