"""The figure of what an advantage is made of, by value: each bar begins where the last one ended."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pdcn.evaluation.causes import PATH
from pdcn.evaluation.comparison import Comparison
from pdcn.shell.figures.steps import UNSURE, steps_figure
from pdcn.shell.figures.theme import ink
from pdcn.tasks.retrieval.metrics import Recall

SIZES, VERDICTS = (0.02, -0.005, 0.01), ("better", "no detectable difference", "worse")
FOUND = [
    Comparison(arm, held, Recall(100), size, size - 0.003, size + 0.004, verdict, 5, 800, 9000)  # type: ignore[arg-type]
    for (held, arm), size, verdict in zip(pairwise(PATH), SIZES, VERDICTS, strict=True)
]


def test_bars_join_and_end_at_the_whole() -> None:
    *steps, whole = steps_figure(FOUND, key="k").data
    assert [bar.x[0] for bar in steps] == pytest.approx([2.0, -0.5, 1.0])
    assert [bar.base[0] for bar in steps] == pytest.approx([0.0, 2.0, 1.5])
    assert whole.x[0] == pytest.approx(2.5)
    for bar in steps:
        assert (bar.error_x.array[0], bar.error_x.arrayminus[0]) == pytest.approx((0.4, 0.3))


def test_what_is_not_detectable_is_faint_and_every_hover_has_its_interval() -> None:
    *steps, _ = steps_figure(FOUND, key="k").data
    assert [bar.marker.color.endswith(f",{UNSURE})") for bar in steps] == [False, True, False]
    assert [bar.marker.line.color for bar in steps] == [ink(arm).colour for arm in PATH[1:]]  # seen on a dark page
    assert "+2.00 points [+1.70, +2.40]" in steps[0].hovertemplate


def test_the_first_step_stands_on_top_and_several_figures_can_share_an_axis() -> None:
    figure = steps_figure(FOUND, key="k", wide=(-1.0, 3.0))
    assert figure.layout.yaxis.categoryarray[-1] == "x0 goes to the head too"
    assert figure.layout.xaxis.range == (-1.0, 3.0)
