"""The figures by value: which lines, at which points, in whose colour and dash."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from pdcn.config import Network
from pdcn.nn.tower import Tower
from pdcn.pages.compare.figures.difference import difference_figure, largest_difference
from pdcn.pages.compare.figures.live import history_figure
from pdcn.pages.data.figures import PART_COLOUR, SIDE_COLOUR, field_figure, spread_figure, timeline_figure
from pdcn.pages.data.words import PARTS
from pdcn.shell.figures.recall import recall_figure
from pdcn.shell.figures.theme import BASELINE_INK, MIXED, ink, log_k_axis, shade
from pdcn.shell.figures.towers import BLOCK_COLOUR, tower_figure
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_world import planted
from pdcn.sources.profile import profile
from pdcn.tasks import TASKS
from pdcn.wirings import WIRINGS


def trace(figure: go.Figure, name: str) -> Any:
    """The one trace of that name."""
    (found,) = [one for one in figure.data if one.name == name]
    return found


def names(figure: go.Figure) -> list[str]:
    return [one.name for one in figure.data]


def curve(arm: str, seed: int, *recalls: float) -> pd.DataFrame:
    return pd.DataFrame({"arm": arm, "seed": seed, "k": [1, 10, 100], "value": recalls})


CURVES = pd.concat(
    [
        curve("parallel", 0, 0.1, 0.3, 0.5),
        curve("parallel", 1, 0.2, 0.2, 0.7),
        curve("sequential", 0, 0.1, 0.2, 0.3),
        curve("sequential", 1, 0.1, 0.2, 0.3),
        curve("popularity", -1, 0.0, 0.1, 0.2),
        curve("oracle", -1, 0.3, 0.6, 0.9),
    ],
    ignore_index=True,
)


def test_recall_is_the_mean_of_the_seeds_in_percent() -> None:
    line = trace(recall_figure(CURVES), "parallel")
    assert list(line.x) == [1, 10, 100]
    assert list(line.y) == pytest.approx([15, 25, 60])
    assert trace(recall_figure(CURVES), "sequential").y == pytest.approx([10, 20, 30])


def test_the_band_runs_from_the_highest_seed_to_the_lowest_and_closes() -> None:
    band = trace(recall_figure(CURVES), "parallel band")
    assert list(band.x) == [1, 10, 100, 100, 10, 1]
    assert list(band.y) == pytest.approx([20, 30, 70, 50, 20, 10])
    assert band.fill == "toself"
    assert band.fillcolor == shade(WIRINGS["parallel"].ink.colour, 0.18)


def test_one_seed_has_no_band() -> None:
    figure = recall_figure(CURVES[CURVES["seed"] <= 0])
    assert names(figure) == ["parallel", "sequential", "popularity", "oracle"]


def test_each_seed_is_drawn_only_when_asked() -> None:
    assert "parallel, seed 1" not in names(recall_figure(CURVES))
    line = trace(recall_figure(CURVES, each_seed=True), "parallel, seed 1")
    assert list(line.y) == pytest.approx([20, 20, 70])
    assert line.line.color == WIRINGS["parallel"].ink.colour


def test_baselines_are_dashed_grey_and_dotted_in_the_text_colour() -> None:
    figure = recall_figure(CURVES, text="#ABCDEF")
    popularity, oracle = trace(figure, "popularity"), trace(figure, "oracle")
    assert (popularity.line.color, popularity.line.dash) == (BASELINE_INK["popularity"].colour, "dash")
    assert (oracle.line.color, oracle.line.dash) == ("#ABCDEF", "dot")
    assert list(oracle.y) == pytest.approx([30, 60, 90])


def test_of_the_other_baselines_only_the_strongest_is_drawn_at_once() -> None:
    more = [curve("history", -1, 0.1, 0.2, 0.3), curve("pure_svd", -1, 0.0, 0.1, 0.4), curve("item_knn", -1, 0, 0, 0)]
    figure = recall_figure(pd.concat([CURVES, *more], ignore_index=True))
    baselines = ("popularity", "oracle", "own history", "PureSVD", "item-kNN")
    looks = {name: trace(figure, name).visible for name in baselines}
    assert looks == dict(zip(baselines, (True, True, True, "legendonly", "legendonly"), strict=True))
    assert not figure.layout.annotations  # the legend names all, and draws the others on a press
    assert figure.layout.showlegend is None


def test_recall_axes_say_what_they_are() -> None:
    figure = recall_figure(CURVES)
    assert figure.layout.xaxis.type == "log"
    assert list(figure.layout.xaxis.tickvals) == [1, 2, 5, 10, 20, 50, 100]
    assert figure.layout.yaxis.title.text == "recall@K (%)"
    assert figure.layout.yaxis.rangemode == "tozero"


def test_lines_are_named_at_their_ends_where_the_names_are_apart() -> None:
    figure = recall_figure(CURVES)
    assert figure.layout.showlegend is False
    named = {one.text: one.y for one in figure.layout.annotations}
    assert named == pytest.approx({"parallel": 60, "sequential": 30, "popularity": 20, "oracle": 90})
    near = CURVES.assign(value=CURVES["value"].where(CURVES["arm"] != "popularity", 0.29))
    figure = recall_figure(near)
    assert not figure.layout.annotations
    assert figure.layout.showlegend is None


def test_k_ticks_end_with_the_catalogue() -> None:
    assert list(log_k_axis(go.Figure(), 70).layout.xaxis.ticktext) == ["1", "2", "5", "10", "20", "50"]
    assert log_k_axis(go.Figure(), 1000).layout.xaxis.ticktext[-1] == "1,000"


def differences(arm: str = "parallel", seeds: int = 3) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "arm": arm,
            "against": "sequential",
            "k": [1, 100],
            "difference": [0.01, -0.02],
            "low": [-0.01, -0.03],
            "high": [0.02, -0.01],
            "seeds": seeds,
        }
    )


def test_the_difference_has_its_interval_in_points() -> None:
    figure = difference_figure(differences())
    line, band = trace(figure, "parallel − sequential"), trace(figure, "parallel interval")
    assert list(line.y) == pytest.approx([1, -2])
    assert [list(row) for row in line.customdata] == [pytest.approx([-1, 2]), pytest.approx([-3, -1])]
    assert list(band.x) == [1, 100, 100, 1]
    assert list(band.y) == pytest.approx([2, -1, -3, -1])
    assert (figure.layout.yaxis.title.text, figure.layout.showlegend) == (
        "parallel minus<br>sequential (points)",
        False,
    )
    assert (line.line.color, line.line.dash) == (WIRINGS["parallel"].ink.colour, "solid")
    assert figure.layout.shapes[0].y0 == figure.layout.shapes[0].y1 == 0


def test_one_seed_has_a_difference_but_no_interval() -> None:
    assert names(difference_figure(differences(seeds=1))) == ["parallel − sequential"]


def test_the_difference_is_told_where_it_is_farthest_from_zero() -> None:
    rows = pd.DataFrame(
        {"arm": "parallel", "against": "sequential", "k": [10, 1_000], "difference": [0.01, -0.02], "seeds": 3}
        | {"low": [0.0, -0.03], "high": [0.02, -0.01]}
    )
    told = "Parallel minus sequential is largest at K = 1,000: −2.00 points, 95% interval [−3.00, −1.00]."
    assert largest_difference(rows) == told
    assert "from one seed" in largest_difference(rows.assign(seeds=1))


def test_every_arm_but_the_baseline_has_a_difference() -> None:
    both = pd.concat([differences(), differences("deep_only")])
    lines = [name for name in names(difference_figure(both)) if "−" in name]
    assert lines == ["parallel − sequential", "deep only − sequential"]
    assert difference_figure(both).layout.showlegend is True


def test_wirings_differ_in_colour_and_in_dash_or_marker() -> None:
    for task in TASKS.values():
        beside = [BASELINE_INK[name] for name in task.baselines_told if name != "oracle"]  # it has popularity's grey
        inks = [asdict(one) for one in (*(wiring.ink for wiring in WIRINGS.values()), *beside)]
        assert len({one["colour"] for one in inks}) == len(inks)
        inks.append(asdict(BASELINE_INK["oracle"]))
        assert len({(one["dash"], one["marker"]) for one in inks}) == len(inks)


def test_arms_of_two_wirings_have_colours_of_their_own() -> None:
    arms = ("parallel", "parallel-sequential", "sequential-parallel")
    assert [ink(arm, arms).colour for arm in arms] == [WIRINGS["parallel"].ink.colour, *MIXED[:2]]


HISTORY = pd.DataFrame(
    [
        ("parallel", 0, 0, None, 0.1),
        ("parallel", 0, 10, 3.0, None),
        ("parallel", 0, 20, 2.0, 0.3),
        ("parallel", 1, 0, None, 0.2),
        ("parallel", 1, 10, 4.0, None),
        ("parallel", 1, 20, 2.0, 0.5),
        ("sequential", 0, 0, None, 0.4),
    ],
    columns=["arm", "seed", "step", "loss", "recall"],
)


def test_live_recall_in_percent_by_seed_and_mean() -> None:
    figure = history_figure(HISTORY, "recall")
    assert list(trace(figure, "parallel, seed 1").y) == pytest.approx([20, 50])
    mean = trace(figure, "parallel")
    assert list(mean.x) == [0, 20]
    assert list(mean.y) == pytest.approx([15, 40])
    assert (mean.line.color, mean.marker.symbol) == (WIRINGS["parallel"].ink.colour, "circle")
    assert list(trace(figure, "sequential").y) == pytest.approx([40])


def test_the_step_whose_weights_were_kept_is_marked_on_its_own_curve() -> None:
    kept = {("parallel", 0): 20, ("parallel", 1): 0, ("sequential", 0): 0, ("sequential", 7): 5}
    figure = history_figure(HISTORY, "recall", kept=kept)
    mark = trace(figure, "parallel, kept")
    assert list(mark.x) == [20, 0]
    assert list(mark.y) == pytest.approx([30, 20])
    assert list(trace(figure, "sequential, kept").x) == [0]
    assert trace(figure, "parallel").mode == "lines"


def test_live_loss_is_as_it_is_and_an_arm_without_one_keeps_its_place_in_the_legend() -> None:
    figure = history_figure(HISTORY, "loss")
    assert list(trace(figure, "parallel").x) == [10, 20]
    assert list(trace(figure, "parallel").y) == pytest.approx([3.5, 2.0])
    assert len(trace(figure, "sequential").y) == 0
    assert figure.layout.yaxis.title.text == "loss (nats)"


def test_the_live_axis_stands_from_the_first_point() -> None:
    assert list(history_figure(HISTORY, "loss", 500).layout.xaxis.range) == [0, 500]
    assert history_figure(HISTORY, "loss").layout.xaxis.range is None
    assert history_figure(HISTORY, "loss").layout.uirevision == "loss"


DATA = planted(PlantedData(events=2_000, items=50, users=10, fields=2, values=4, numbers=1, crosses=1))
NETWORK = Network(embedding=4, cross_layers=2, deep=(16,), output=8)
CROSS = ["Cross 1", "Cross 2"]
BRANCHES: dict[str, list[list[str]]] = {
    "parallel": [CROSS, ["Deep 1"]],
    "parallel_sum": [CROSS, ["Deep 1"]],
    "parallel_gated": [CROSS, ["Deep 1"]],
    "sequential": [[*CROSS, "Deep 1"]],
    "stacked_parallel": [[*CROSS, "Deep 1"], ["Deep 1"]],
    "deep_only": [["Deep 1"]],
    "cross_only": [CROSS],
    "deep_then_cross": [["Deep 1", "Project", *CROSS]],
    "fcn": [CROSS, CROSS],
    "edcn": [
        ["Deep 1", "Cross 1", "Bridge 1", "Deep 2", "Cross 2", "Bridge 2", "Last cross"],
        ["Last deep"],
        ["Last bridge"],
    ],
    "sequential_skip_x0": [[*CROSS, "Deep 1"], []],
    "sequential_skip_cross": [[*CROSS, "Deep 1"], []],
    "wide_deep": [[], ["Deep 1"]],
    "parallel_no_linear": [[*CROSS, "Less x0"], ["Deep 1"]],
    "linear": [[]],
}
"""Blocks from the bottom to the top of each branch, of `NETWORK` on `DATA`."""


def tower(wiring: str) -> tuple[dict[str, Any], go.Figure]:
    plan = asdict(Tower(DATA.queries, NETWORK, wiring).plan())
    return plan, tower_figure(plan, wiring)


def boxes(figure: go.Figure) -> list[tuple[str, float, float]]:
    """Name and place of each block."""
    return [(one.text[0].split(" · ")[0], one.x[0], one.y[0]) for one in figure.data]


@pytest.mark.parametrize("wiring", WIRINGS)
def test_a_tower_has_its_blocks_in_their_branches(wiring: str) -> None:
    plan, figure = tower(wiring)
    found = boxes(figure)
    middle = (len(BRANCHES[wiring]) - 1) / 2
    columns = [
        [name for name, x, _ in found[1 : -2 if plan["join"] else -1] if x == column]
        for column in range(len(BRANCHES[wiring]))
    ]
    assert columns == BRANCHES[wiring]
    assert found[0][:2] == ("Embeddings", middle)
    assert found[-1][:2] == ("Head", middle)
    assert (len(BRANCHES[wiring]) > 1) == (plan["join"] is not None)


@pytest.mark.parametrize("wiring", WIRINGS)
def test_no_two_boxes_of_a_tower_overlap_and_each_is_in_view(wiring: str) -> None:
    _, figure = tower(wiring)
    places = [(shape.x0, shape.x1, shape.y0, shape.y1) for shape in figure.layout.shapes if shape.type == "rect"]
    for at, (left, right, low, high) in enumerate(places):
        assert figure.layout.xaxis.range[0] < left < right < figure.layout.xaxis.range[1]
        assert figure.layout.yaxis.range[0] < low < high < figure.layout.yaxis.range[1]
        for other in places[at + 1 :]:
            assert right < other[0] or other[1] < left or high < other[2] or other[3] < low


def test_a_skip_is_drawn_from_where_it_begins() -> None:
    """From x0 straight up beside the other branch; from the crosses by a line out of the side of the last."""
    _, skips_x0 = tower("sequential_skip_x0")
    assert any(one.ax == one.x == 1 for one in skips_x0.layout.annotations)
    _, skips_cross = tower("sequential_skip_cross")
    (line,) = [shape for shape in skips_cross.layout.shapes if shape.type == "line"]
    (last,) = [(x, y) for name, x, y in boxes(skips_cross) if name == "Cross 2"]
    assert (line.x1, line.y0, line.y1) == (1, last[1], last[1])
    assert any(one.ax == one.x == 1 and one.ay == line.y0 for one in skips_cross.layout.annotations)


def test_ends_of_a_bridged_part_stand_above_where_they_begin() -> None:
    _, figure = tower("edcn")
    at = {name: (x, y) for name, x, y in boxes(figure)}
    assert [at[f"Last {end}"] for end in ("deep", "bridge")] == [(x, at["Last cross"][1]) for x in (1, 2)]
    below = at["Bridge 2"][1]
    assert [(line.x1, line.y0) for line in figure.layout.shapes if line.type == "line"] == [(1, below), (2, below)]


def test_a_tower_says_its_widths_and_costs() -> None:
    plan, figure = tower("parallel")
    texts = [one.text[0] for one in figure.data]
    assert texts == [
        "Embeddings · 2 category fields → 9",
        "Cross 1 · 9 → 9",
        "Cross 2 · 9 → 9",
        "Deep 1 · 9 → 16",
        "Concat · 25 → 25",
        "Head · 25 → 8",
    ]
    assert figure.layout.title.text == f"parallel · {2 * 90 + 160 + 208:,} dense parameters"
    assert "160 parameters<br>288 FLOPs" in figure.data[3].hovertemplate
    assert len(figure.layout.annotations) == 2 + 1 + 2 + 1
    assert [shape.line.color for shape in figure.layout.shapes] == [
        BLOCK_COLOUR[kind] for kind in ("embedding", "cross", "cross", "deep", "join", "head")
    ]
    assert plan["wiring"] == "parallel"


def test_the_words_of_a_tower_have_the_colour_of_the_page() -> None:
    plan, _ = tower("sequential")
    assert {one.textfont.color for one in tower_figure(plan, "x", "#ABCDEF").data} == {"#ABCDEF"}


PROFILE = profile(DATA)


def test_a_category_field_is_drawn_commonest_on_top() -> None:
    field = next(one for one in PROFILE["fields"] if one["kind"] == "category")
    (bars,) = field_figure(field).data
    assert bars.x[-1] == max(bars.x) == pytest.approx(100 * field["top"][0][1])
    assert bars.customdata[-1] == field["top"][0][0]
    assert bars.marker.color == SIDE_COLOUR[field["side"]]


def test_long_names_are_cut_but_kept_for_the_hover() -> None:
    field = {"kind": "category", "side": "item", "top": [["x" * 40, 0.5], ["y", 0.25]]}
    figure = field_figure(field)
    assert list(figure.layout.yaxis.ticktext) == ["y", "x" * 27 + "…"]
    assert list(figure.data[0].customdata) == ["y", "x" * 40]


def test_a_number_is_drawn_by_its_ranges() -> None:
    field = {
        "kind": "number",
        "side": "query",
        "label": "Size",
        "unit": "cm",
        "edges": [0.0, 2.0, 3.0],
        "shares": [0.25, 0.75],
    }
    figure = field_figure(field)
    (bars,) = figure.data
    assert (list(bars.x), list(bars.y), list(bars.width)) == ([1.0, 2.5], [25, 75], [2, 1])
    assert figure.layout.xaxis.title.text == "Size cm"


def test_the_timeline_holds_every_event_once_in_the_colour_of_its_part() -> None:
    figure = timeline_figure(PROFILE)
    assert names(figure) == [PARTS[part] for part in ("train", "validation", "test")]
    for row in PROFILE["split"]:
        assert sum(trace(figure, PARTS[row["part"]]).y) == row["events"]
        assert trace(figure, PARTS[row["part"]]).marker.color == PART_COLOUR[row["part"]]
    assert figure.layout.barmode == "stack"
    assert figure.layout.legend.traceorder == "normal"


def test_popularity_ends_with_all_of_both_in_percent() -> None:
    (line,) = spread_figure(PROFILE["popularity"], "", "").data
    assert (line.x[-1], line.y[-1]) == (pytest.approx(100), pytest.approx(100))
    assert list(line.x) == sorted(line.x)
    assert list(line.y) == [100 * events for _, events in PROFILE["popularity"]]
