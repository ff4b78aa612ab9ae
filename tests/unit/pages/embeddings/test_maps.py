"""The maps, the film and the agreement by value: coordinates, ids, colours, what is selected, frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from pdcn.pages.embeddings.figures.agreement import BETWEEN_ARMS, agreement_figure
from pdcn.pages.embeddings.figures.film import BETWEEN, film_figure, frames_of
from pdcn.pages.embeddings.figures.maps import (
    GREY,
    OTHER,
    PALETTE,
    SCALE,
    WEBGL_ABOVE,
    Colouring,
    map_figure,
    size_of,
    span,
)
from pdcn.wirings import WIRINGS

N = 12
DRAWN = np.random.default_rng(0).normal(size=(N, 3)).astype(np.float32)
IDS = np.arange(100, 100 + N)
NAMES = [f"item {at}" for at in range(N)]
AISLES = Colouring.of(pd.Series(["dairy"] * 5 + ["bread"] * 4 + ["soap"] * 3), "Aisle")
PRICES = Colouring.of(pd.Series(np.arange(N, dtype=float)), "Price", "dollars")


def drawn(chosen: np.ndarray | None = None, colouring: Colouring = AISLES, d: int = 2, **more: Any) -> Any:
    return map_figure(DRAWN[:, :d], IDS, NAMES, colouring, window=span(DRAWN[:, :d]), chosen=chosen, **more)


def test_the_most_frequent_values_have_a_colour_and_the_rest_is_grey() -> None:
    values = [f"v{at:02}" for at in range(14) for _ in range(20 - at)]
    found = Colouring.of(pd.Series(values), "Field")
    assert found.groups == (*(f"v{at:02}" for at in range(9)), "other")
    assert found.counts[:2] == (20, 19)
    assert found.counts[-1] == sum(20 - at for at in range(9, 14))
    assert found.ink(0)[0] == PALETTE[0]
    assert found.ink(9)[0] == OTHER
    assert len({found.ink(code)[1] for code in range(9)}) == 9  # never colour alone


def test_who_has_no_value_is_among_the_others() -> None:
    found = Colouring.of(pd.Series(["a", None, "a"], dtype=object), "Field")
    assert found.codes is not None
    assert found.codes.tolist() == [0, 1, 0]
    assert found.groups == ("a", "other")


def test_every_point_is_drawn_once_where_it_lies_with_its_id_and_its_name() -> None:
    figure = drawn()
    rows = {
        int(i): (x, y, t)
        for one in figure.data
        for i, x, y, t in zip(one.customdata, one.x, one.y, one.text, strict=True)
    }
    assert rows == {100 + at: (DRAWN[at, 0], DRAWN[at, 1], NAMES[at]) for at in range(N)}
    assert [one.name for one in figure.data] == ["soap", "bread", "dairy"]
    assert {one.name: one.marker.color for one in figure.data} == dict(
        zip(("dairy", "bread", "soap"), PALETTE, strict=False)
    )
    assert all("Aisle: " + one.name in one.hovertemplate for one in figure.data)
    assert all(one.selectedpoints is None for one in figure.data)


def test_what_is_selected_keeps_its_colour_and_the_rest_is_grey_not_hidden() -> None:
    mask = np.zeros(N, bool)
    mask[[0, 4, 10]] = True
    figure = drawn(mask)
    found = [int(one.customdata[at]) for one in figure.data for at in one.selectedpoints]
    assert sorted(found) == [100, 104, 110]
    assert [list(one.selectedpoints) for one in figure.data if one.name == "bread"] == [[]]
    assert all(0 < one.unselected.marker.opacity < 0.5 for one in figure.data)
    assert sum(len(one.x) for one in figure.data) == N


def test_numbers_are_a_scale_with_their_unit() -> None:
    (one,) = drawn(colouring=PRICES, scale=True).data
    assert list(one.marker.color) == list(range(N))
    assert (one.marker.cmin, one.marker.cmax) == (pytest.approx(0.11), pytest.approx(10.89))
    assert one.marker.showscale
    assert one.marker.colorbar.title.text == "dollars"
    assert "Price: %{marker.color:,.2f} dollars" in one.hovertemplate
    assert PRICES.inks()[0] == "rgb(62, 124, 177)"  # the first of SCALE
    assert SCALE[0][1] == "#3E7CB1"


def test_three_dimensions_split_the_selected_from_the_grey() -> None:
    mask = np.arange(N) < 2
    figure = drawn(mask, d=3)
    assert {one.type for one in figure.data} == {"scatter3d"}
    grey = [one for one in figure.data if one.marker.color == GREY]
    assert sum(len(one.x) for one in grey) == N - 2
    (own,) = [one for one in figure.data if one.marker.color != GREY]
    assert list(own.customdata) == [100, 101]
    assert own.z == pytest.approx(DRAWN[:2, 2])


def test_many_points_are_drawn_by_webgl_and_smaller() -> None:
    assert {one.type for one in drawn().data} == {"scatter"}
    many = np.zeros((WEBGL_ABOVE + 1, 2), np.float32)
    values = Colouring.of(pd.Series(["a"] * len(many)), "Field")
    figure = map_figure(many, np.arange(len(many)), ["x"] * len(many), values, window=[[0, 1], [0, 1]])
    assert {one.type for one in figure.data} == {"scattergl"}
    assert size_of(100) > size_of(3_000) > size_of(100_000) > 0


def test_both_maps_have_one_window_that_holds_all() -> None:
    window = span(DRAWN[:, :2], DRAWN[:, :2] + 5)
    assert window[0][0] < DRAWN[:, 0].min()
    assert window[0][1] > DRAWN[:, 0].max() + 5
    figure = map_figure(DRAWN[:, :2], IDS, NAMES, AISLES, window=window)
    assert list(figure.layout.xaxis.range) == window[0]
    assert figure.layout.yaxis.scaleanchor == "x"


def test_a_cleared_map_is_not_the_same_figure_again() -> None:
    assert drawn(round_=1).to_json() != drawn(round_=2).to_json()


MOMENTS = {
    step: {
        arm: (DRAWN[:, :2] * (step + 1) * sign).astype(np.float32)
        for arm, sign in (("parallel", 1), ("sequential", -1))
    }
    for step in (0, 10, 40)
}
TITLES = {"parallel": "parallel", "sequential": "sequential"}


def test_the_film_stops_at_every_snapshot_and_passes_between_them_on_a_line() -> None:
    frames = frames_of(MOMENTS)
    assert [name for name, _ in frames if "-" not in name] == ["0", "10", "40"]
    assert len(frames) == 3 + 2 * BETWEEN
    between = dict(frames)["0-10-2"]["parallel"]
    assert between == pytest.approx((MOMENTS[0]["parallel"] + MOMENTS[10]["parallel"]) / 2, rel=1e-5)


def test_the_film_shows_the_last_moment_first_and_moves_both_arms() -> None:
    figure = film_figure(MOMENTS, NAMES, AISLES, TITLES)
    for one, arm in zip(figure.data, TITLES, strict=True):
        assert one.x / figure.layout.meta["scale"] == pytest.approx(MOMENTS[40][arm][:, 0], abs=0.01)
    frame = next(one for one in figure.frames if one.name == "10")
    assert list(frame.traces) == [0, 1]
    assert frame.data[1].y / figure.layout.meta["scale"] == pytest.approx(MOMENTS[10]["sequential"][:, 1], abs=0.01)
    assert {one.x.dtype for frame in figure.frames for one in frame.data} == {np.dtype(np.int16)}
    (slider,) = figure.layout.sliders
    assert [list(step.args[0]) for step in slider.steps] == [[frame.name] for frame in figure.frames]
    assert slider.active == len(figure.frames) - 1
    assert [button.label for button in figure.layout.updatemenus[0].buttons] == ["▶ Play", "❚❚ Pause"]


def test_the_slider_says_the_steps_of_snapshots_and_about_which_step_lies_between() -> None:
    figure = film_figure({0: MOMENTS[0], 10: MOMENTS[10], 1210: MOMENTS[40]}, NAMES, AISLES, TITLES, text="#123456")
    (slider,) = figure.layout.sliders
    seen = '<span style="color:#123456;fill-opacity:1">{}</span>'.format
    assert [step.label for step in slider.steps] == [
        seen("0"),
        "≈2",
        "≈5",
        "≈8",
        seen("10"),
        "≈310",
        "≈610",
        "≈910",
        seen("1,210"),
    ]
    assert slider.font.color == "rgba(0,0,0,0)"  # below the rail only snapshots bring a colour along
    assert slider.currentvalue.font.color == "#123456"


def test_the_film_follows_a_selection() -> None:
    mask = np.arange(N) == 3
    figure = film_figure(MOMENTS, NAMES, AISLES, {"parallel": "parallel"}, chosen=mask)
    one = figure.data[0]
    colours = dict(zip(one.text, one.marker.color, strict=True))
    assert colours["item 3"] == PALETTE[0]
    assert {colours[name] for name in NAMES if name != "item 3"} == {GREY}
    assert one.text[-1] == "item 3"  # on top
    assert one.x[-1] / figure.layout.meta["scale"] == pytest.approx(MOMENTS[40]["parallel"][3, 0], abs=0.01)


def test_a_dot_of_agreement_is_a_pair_of_models() -> None:
    rows = pd.DataFrame(
        [
            ("10 nearest", "parallel", "sequential", 0.25, "seed 0"),
            ("10 nearest", "parallel", "parallel", 0.5, "seeds 0 and 1"),
            ("CKA", "sequential", "sequential", 0.75, "seeds 0 and 1"),
        ],
        columns=["row", "arm", "other_arm", "value", "seeds"],
    )
    figure = agreement_figure(rows, ("parallel", "sequential"))
    found = {one.name: one for one in figure.data}
    assert list(found["two seeds of parallel"].x) == [50]
    assert found["two seeds of parallel"].marker.color == WIRINGS["parallel"].ink.colour
    between = found["parallel and sequential, same seed"]
    assert (list(between.x), between.marker.color) == ([25], BETWEEN_ARMS)
    assert list(found["two seeds of sequential"].y) == [0]  # in the row of CKA, the lower one
    assert list(figure.layout.yaxis.ticktext) == ["CKA", "10 nearest"]
