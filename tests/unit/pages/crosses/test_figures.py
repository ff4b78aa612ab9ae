"""Figures of the cross layers: every trace holds the values it should."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pdcn.pages.crosses.figures import (
    block_map,
    cut_figure,
    largest_by_kind,
    recovery_figure,
    spectrum_figure,
    weight_map,
    worth_figure,
)
from pdcn.tasks.retrieval.metrics import Recall
from pdcn.wirings import WIRINGS

VALUES = np.array([[0.1, 0.9], [0.3, 0.2]])


def test_a_block_map_has_its_values_and_a_point_to_click_on_each() -> None:
    figure = block_map(VALUES, ("A", "B"), (1.2, 0.0), what="norm", planted=[(0, 1), (1, 0)], picked=(1, 0))
    heat, rings, points = figure.data
    assert np.array_equal(heat.z, VALUES)
    assert (heat.zmin, heat.zmax) == (0, 1.2)
    assert list(zip(rings.y, rings.x, strict=True)) == [(0, 1), (1, 0)]
    places = list(zip(points.y, points.x, strict=True))
    assert places == [(0, 0), (0, 1), (1, 0), (1, 1)]  # row by row
    assert [tuple(one) for one in points.customdata][1] == ("A", "B", 0.9)
    (frame,) = figure.layout.shapes
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (-0.5, 0.5, 0.5, 1.5)
    assert list(figure.layout.yaxis.range) == [1.5, -0.5]  # the first field on top


def test_maps_without_truth_or_choice_have_no_marks() -> None:
    figure = block_map(np.zeros((2, 2)), ("A", "B"), (0.0, 0.0), what="norm", bar=False)
    assert len(figure.data) == 2
    assert not figure.layout.shapes
    assert figure.data[0].zmax == 1
    assert not figure.data[0].showscale


def test_blocks_with_a_number_have_a_scale_of_their_own() -> None:
    values = np.array([[0.1, 0.4, 9.0], [0.3, 0.2, 5.0], [7.0, 8.0, 6.0]])
    assert largest_by_kind(values, [2]) == (0.4, 9.0)
    figure = block_map(values, ("A", "B", "Days"), largest_by_kind(values, [2]), what="norm", numbers=[2])
    categories, numbers, points = figure.data
    np.testing.assert_array_equal(categories.z, [[0.1, 0.4, np.nan], [0.3, 0.2, np.nan], [np.nan] * 3])
    np.testing.assert_array_equal(numbers.z, [[np.nan, np.nan, 9.0], [np.nan, np.nan, 5.0], [7.0, 8.0, 6.0]])
    assert (categories.zmax, numbers.zmax) == (0.4, 9.0)
    assert categories.colorscale != numbers.colorscale
    ends = sorted((bar.y - bar.len / 2, bar.y + bar.len / 2) for bar in (categories.colorbar, numbers.colorbar))
    assert ends[0][1] < ends[1][0]  # the two bars do not overlap
    assert len(points.x) == 9


def test_numbers_alone_are_one_scale() -> None:
    (numbers, _) = block_map(VALUES, ("A", "B"), (0.0, 0.9), what="norm", numbers=[0, 1]).data
    assert np.array_equal(numbers.z, VALUES)
    assert numbers.zmax == 0.9


def test_every_weight_with_a_line_at_every_border() -> None:
    W = np.arange(9.0).reshape(3, 3)
    figure = weight_map(W, np.array([0, 2, 3]), ("A", "B"), 8.0, "parallel")
    (heat,) = figure.data
    assert np.array_equal(heat.z, W)
    assert (heat.zmin, heat.zmax) == (-8, 8)
    assert sorted((line.x0, line.y0) for line in figure.layout.shapes) == [(-0.5, 1.5), (1.5, -0.5)]
    assert list(figure.layout.xaxis.tickvals) == [0.5, 2]


def test_norms_against_what_they_are_worth() -> None:
    rows = pd.DataFrame(
        {
            "arm": ["parallel", "sequential"],
            "label": ["A × B", "A × B"],
            "scaled": [1.0, 2.0],
            "moved": [0.1, 0.2],
            "drop": [0.01, -0.02],
            "low": [0.0, -0.03],
            "high": [0.02, 0.01],
        }
    )
    first, second = worth_figure(rows, "scaled", Recall(100), "k").data
    assert (list(first.x), list(first.y)) == ([1.0], [0.1])
    assert [float(v) for v in second.customdata[0][1:]] == [-2.0, -3.0, 1.0]
    assert second.marker.symbol == WIRINGS["sequential"].ink.marker


def test_singular_values_are_means_over_seeds() -> None:
    rows = pd.DataFrame(
        [
            ("parallel", seed, moment, index, share)
            for seed, moment, index, share in [
                (0, "learned", 1, 1.0),
                (1, "learned", 1, 1.0),
                (0, "learned", 2, 0.2),
                (1, "learned", 2, 0.4),
                (0, "initial", 1, 1.0),
                (0, "initial", 2, 0.9),
            ]
        ],
        columns=["arm", "seed", "moment", "index", "share"],
    )
    initial, learned = spectrum_figure(rows, "k").data
    assert initial.line.dash == "dot"
    assert list(learned.x) == [1, 2]
    assert np.allclose(learned.y, [1.0, 0.3])


def test_cuts_are_drawn_as_changes_of_recall() -> None:
    rows = pd.DataFrame(
        {"arm": "parallel", "rank": [4, 0], "drop": [0.0, 0.05], "low": [-0.01, 0.04], "high": [0.01, 0.08]}
    )
    (line,) = cut_figure(rows, Recall(100), "k").data
    assert list(line.x) == [0, 1]
    assert np.allclose(line.y, [-5.0, 0.0])
    assert np.allclose(line.error_y.array, [1.0, 1.0])  # up to the lowest drop
    assert np.allclose(line.error_y.arrayminus, [3.0, 1.0])


def test_recovery_is_a_mark_a_seed_with_a_line_at_chance() -> None:
    rows = pd.DataFrame({"arm": ["parallel", "parallel"], "layer": [0, 0], "seed": [0, 1], "auc": [0.9, 1.0]})
    figure = recovery_figure(rows, "auc", 0.5, "k")
    (marks,) = figure.data
    assert (list(marks.x), list(marks.y)) == (["layer 1", "layer 1"], [0.9, 1.0])
    assert figure.layout.shapes[0].y0 == 0.5
