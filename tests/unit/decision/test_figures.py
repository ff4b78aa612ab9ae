"""The figure of the Decide page: every point stands where the record says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pdcn.decision.sheet import sheet
from pdcn.files import SHOWCASE, read_json
from pdcn.pages.decide.figures import gain_figure
from pdcn.pages.latency import LATENCY
from pdcn.runs.folder import RunFolder


def test_gain_stands_against_cost_with_both_intervals() -> None:
    found = sheet(RunFolder(SHOWCASE), timed=LATENCY)
    row = next(row for row in read_json(SHOWCASE / "result.json")["comparison"] if row["k"] == 100)
    price = found.cost("latency")
    held, arm = gain_figure(found, price).data
    assert (held.x, held.y) == ((price.of["sequential"],), (0.0,))
    assert (arm.x[0], arm.y[0]) == (price.of["parallel"], pytest.approx(100 * row["difference"]))
    assert arm.y[0] + arm.error_y.array[0] == pytest.approx(100 * row["high"])
    assert arm.y[0] - arm.error_y.arrayminus[0] == pytest.approx(100 * row["low"])
    assert price.ratio is not None
    assert arm.x[0] + arm.error_x.array[0] == pytest.approx(price.ratio[2] * price.of["sequential"])
    assert arm.x[0] - arm.error_x.arrayminus[0] == pytest.approx(price.ratio[1] * price.of["sequential"])
    assert not arm.marker.symbol.endswith("open")  # a difference that is detectable


@pytest.mark.parametrize("kind", ["parameters", "training"])
def test_other_costs_have_no_interval(kind: str) -> None:
    found = sheet(RunFolder(SHOWCASE))
    held, arm = gain_figure(found, found.cost(kind)).data
    assert (held.x[0], arm.x[0]) == (found.cost(kind).of["sequential"], found.cost(kind).of["parallel"])
    assert arm.error_x.array is None


def test_words_beside_points_cross_neither_words_nor_intervals() -> None:
    found = sheet(RunFolder(SHOWCASE), timed=LATENCY)
    wide = replace(found, compared=tuple(replace(c, difference=-0.02, low=-0.18, high=0.13) for c in found.compared))
    held, arm = gain_figure(wide, found.cost("latency")).data
    assert (held.textposition, arm.textposition) == ("top right", "bottom right")
    near = replace(found, compared=tuple(replace(c, difference=0.001, low=-0.1, high=0.1) for c in found.compared))
    held, arm = gain_figure(near, found.cost("parameters")).data
    assert held.textposition != arm.textposition
    row = replace(found.compared[0], difference=0.0054, low=-0.0476, high=0.0598)
    sizes = replace(found.cost("parameters"), of={"parallel": 30_857.0, "sequential": 30_889.0})
    held, arm = gain_figure(replace(found, compared=(row,)), sizes).data
    assert held.textposition != arm.textposition  # rather than that, words cross the line at zero


def test_one_seed_has_no_interval_anywhere() -> None:
    found = sheet(RunFolder(SHOWCASE))
    one = replace(found, compared=tuple(replace(c, verdict="too few seeds", seeds=1) for c in found.compared))
    arm = gain_figure(one, found.cost("parameters")).data[1]
    assert arm.error_y.array is None
    assert "[" not in arm.text[0]


def test_trainings_that_are_too_short_keep_their_interval() -> None:
    found = sheet(RunFolder(SHOWCASE))
    row = replace(found.compared[0], verdict="too short", difference=0.0069, low=-0.1875, high=0.1981)
    arm = gain_figure(replace(found, compared=(row,)), found.cost("parameters")).data[1]
    assert arm.text[0].endswith("<br>+0.69<br>[−18.75, +19.81]")
    assert (arm.error_y.array[0], arm.error_y.arrayminus[0]) == pytest.approx((19.12, 19.44))
    assert arm.marker.symbol.endswith("open")
