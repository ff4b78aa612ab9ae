"""The figures of the Inside page by value: colours on one scale, every cell, every line and its band."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from plotly.colors import sample_colorscale

from pdcn.config import Network
from pdcn.nn.tower import Tower
from pdcn.pages.inside.figures import (
    DARK_TEXT,
    LIGHT_TEXT,
    Scale,
    kept_figure,
    measured_tower,
    muted_figure,
    shares_figure,
    stand_level,
)
from pdcn.shell.figures.theme import shade
from pdcn.shell.figures.towers import tower_figure
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_world import planted
from pdcn.wirings import WIRINGS

QUERIES = planted(PlantedData(events=2_000, items=60, users=20)).queries
SHARE = Scale("share kept", 0.0, 1.0, percent=True)


def plan_of(wiring: str) -> dict[str, Any]:
    return asdict(Tower(QUERIES, Network(deep=(8, 6)), wiring).plan())


def keys_of(plan: dict[str, Any]) -> list[str]:
    inner = [f"{c}.{r}" for c, branch in enumerate(plan["branches"]) for r in range(len(branch))]
    return ["embedding", *inner, *(["join"] if plan["join"] else []), "head"]


def rows_of(keys: list[str]) -> pd.DataFrame:
    """Two seeds 0.02 apart around a value of each point's own, and one before training."""
    rows = []
    for at, key in enumerate(keys):
        rows += [{"moment": "trained", "seed": seed, "point": key, "value": 0.06 * at + 0.02 * seed} for seed in (0, 1)]
        rows.append({"moment": "before", "seed": 0, "point": key, "value": 0.9})
    return pd.DataFrame(rows)


@pytest.mark.parametrize("wiring", WIRINGS)
def test_each_block_has_the_colour_and_the_words_of_its_value(wiring: str) -> None:
    plan = plan_of(wiring)
    keys = keys_of(plan)
    figure = measured_tower(plan, "title", rows_of(keys), SHARE, "#000000")
    texts = [one.text[0] for one in figure.data if one.mode == "text"]
    drawn = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert len(drawn) == len(texts) == len(keys)
    # boxes are drawn from below upwards, branch after branch, like the keys
    for at, (shape, text) in enumerate(zip(drawn, texts, strict=True)):
        value = 0.06 * at + 0.01
        assert shape.fillcolor == sample_colorscale("Cividis", [value])[0]
        assert shape.layer == "below"
        assert text.endswith(f"<br><b>{value:.1%} (untrained 90.0%)</b>")
        hover = [one for one in figure.data if one.mode == "text"][at].hovertemplate
        assert f"seeds from {0.06 * at:.1%} to {0.06 * at + 0.02:.1%}" in hover


def test_words_are_readable_on_their_block() -> None:
    plan = plan_of("sequential")
    figure = measured_tower(plan, "", rows_of(keys_of(plan)), SHARE, "#123456")
    colours = [one.textfont.color for one in figure.data if one.mode == "text"]
    assert colours[:3] == [LIGHT_TEXT] * 3
    assert Scale("", 0.0, 1.0).text(0.9) == DARK_TEXT


def test_a_point_without_a_value_stays_plain() -> None:
    plan = plan_of("sequential")
    rows = rows_of(keys_of(plan)[:-1])
    figure = measured_tower(plan, "", rows, SHARE, "#123456")
    *_, head = [one for one in figure.data if one.mode == "text"]
    assert (head.text[0], head.textfont.color) == ("Head · 6 → 32", "#123456")


def test_the_scale_is_one_for_all_figures_and_drawn_below() -> None:
    plan = plan_of("parallel")
    scale = Scale("effective rank", 1.0, 40.0)
    (bar,) = [one for one in measured_tower(plan, "", rows_of(keys_of(plan)), scale, "").data if one.mode == "markers"]
    assert (bar.marker.cmin, bar.marker.cmax, bar.marker.showscale) == (1.0, 40.0, True)
    assert bar.marker.colorbar.title.text == "effective rank"
    assert scale.colour(-5) == scale.colour(1.0)
    assert (scale.words(12.34), Scale("", 0, 1).words(0.456), scale.words(float("nan"))) == ("12.3", "0.46", "—")


def test_towers_stand_on_one_line() -> None:
    figures = [
        measured_tower(plan_of(w), "", rows_of(keys_of(plan_of(w))), SHARE, "") for w in ("parallel", "sequential")
    ]
    low, high = stand_level(figures)
    assert low.layout.height == high.layout.height
    assert low.layout.yaxis.range == high.layout.yaxis.range
    assert stand_level([]) == []


def test_a_plain_diagram_is_as_it_was() -> None:
    figure = tower_figure(plan_of("parallel"), "t")
    assert {shape.layer for shape in figure.layout.shapes} == {"above"}
    assert {one.textfont.color for one in figure.data} == {"#1B2430"}
    assert {one.textfont.size for one in figure.data} == {12}


def test_every_field_at_every_point() -> None:
    rows = pd.DataFrame(
        [
            {"label": label, "name": name, "place": place, "seed": seed, "score": score + 0.1 * seed}
            for label, scores in (("Zip", (1.0, 0.4)), ("Age", (0.8, -0.9)))
            for place, (name, score) in enumerate(zip(("x0", "Output"), scores, strict=True))
            for seed in (0, 1)
        ]
    ).sort_values(["seed", "label"], ascending=[True, False])
    figure = kept_figure(rows, "parallel", SHARE)
    (heat,) = figure.data
    assert (list(heat.x), list(heat.y)) == (["x0", "Output"], ["Zip", "Age"])
    np.testing.assert_allclose(heat.z, [[1.05, 0.45], [0.85, 0.0]])
    assert heat.text.tolist() == [["105", "45"], ["85", "0"]]
    assert (heat.zmin, heat.zmax) == (0.0, 1.0)
    assert figure.layout.title.text == "parallel (%)"


def recall(low: float = 0.02) -> pd.DataFrame:
    rows = [
        {"change": change, "k": k, "recall": top * k / 100, "low": top * k / 100 - low, "high": top * k / 100 + low}
        for change, top in (("intact", 0.5), ("mute deep", 0.4), ("bypass cross", 0.3))
        for k in (1, 10, 100)
    ]
    return pd.DataFrame(rows)


def named(figure: go.Figure, name: str) -> Any:
    (found,) = [one for one in figure.data if one.name == name]
    return found


def test_recall_of_the_changed_model_has_its_band() -> None:
    figure = muted_figure(recall(), "sequential", ("sequential",), highest=0.5)
    line, band = named(figure, "deep branch muted"), named(figure, "mute deep interval")
    np.testing.assert_allclose(line.y, [0.4, 4.0, 40.0])
    np.testing.assert_allclose(band.y, [2.4, 6.0, 42.0, 38.0, 2.0, -1.6], atol=1e-9)
    assert list(line.x) == [1, 10, 100]
    assert {one.line.dash for one in figure.data if one.line.width} == {"solid", "dot", "longdashdot"}
    assert line.line.color == WIRINGS["sequential"].ink.colour
    assert band.fillcolor == shade(WIRINGS["sequential"].ink.colour, 0.14)
    assert figure.layout.yaxis.range == (0, 51.5)


def test_one_seed_has_a_line_and_no_band() -> None:
    figure = muted_figure(recall().assign(low=np.nan, high=np.nan), "parallel", ("parallel",))
    assert [one.name for one in figure.data] == ["intact", "deep branch muted", "crosses bypassed"]
    assert "[" not in figure.data[0].hovertemplate


def shares() -> pd.DataFrame:
    rows = [
        {
            "arm": "parallel",
            "seed": 0,
            "moment": "step",
            "step": step,
            "output": 0.8 - step / 100,
            "gradient": 0.5,
            "cka": 0.3,
        }
        for step in (20, 0, 10)
    ]
    rows += [
        {
            "arm": "parallel",
            "seed": seed,
            "moment": "trained",
            "step": 20,
            "output": 0.6 + seed / 100,
            "gradient": 0.4,
            "cka": 0.2,
        }
        for seed in (0, 1)
    ]
    rows.append(
        {"arm": "sequential", "seed": 0, "moment": "step", "step": 0, "output": np.nan, "gradient": 0.2, "cka": np.nan}
    )
    return pd.DataFrame(rows)


def test_shares_follow_the_snapshots_and_end_in_every_seed() -> None:
    figure = shares_figure(shares(), "output", ("parallel", "sequential"))
    line, ends = named(figure, "parallel"), named(figure, "parallel, trained")
    assert list(line.x) == [0, 10, 20]
    np.testing.assert_allclose(line.y, [80, 70, 60])
    np.testing.assert_allclose(ends.y, [60, 61])
    assert ends.marker.symbol == "circle-open"
    assert len(figure.data) == 2  # sequential has one branch


def test_the_other_measures_are_drawn_in_their_own_unit() -> None:
    gradient = shares_figure(shares(), "gradient", ("parallel", "sequential"))
    assert named(gradient, "sequential").y[0] == pytest.approx(20)
    assert named(gradient, "sequential").line.color == WIRINGS["sequential"].ink.colour
    cka = shares_figure(shares(), "cka", ("parallel", "sequential"))
    np.testing.assert_allclose(named(cka, "parallel").y, [0.3] * 3)
    assert cka.layout.yaxis.range == (0, 1.02)
