"""The Crosses page on runs of every kind."""

from __future__ import annotations

import json
import re
from math import comb
from pathlib import Path

import pytest

from pdcn.jobs.analysis import Analysis
from pdcn.nn.fields import pair_frame
from pdcn.pages.crosses import CROSSES
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from tests.app.app_help import button, charts, csvs, labels, open_app, plant, set_to, sound, texts, tiny, unfold, widget
from tests.shared import trained_once


@pytest.fixture(scope="session")
def mixture(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Three arms with mixtures of experts, one without crosses; one seed, no planted cross."""
    arms = ("parallel", "deep_only", "deep_then_cross")
    return trained_once(tmp_path_factory, "mixture", tiny(cross="mixture", arms=arms, seeds=1, crosses=0))


def test_what_is_drawn_and_told_is_what_was_measured(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    at = unfold(open_app("crosses", run=folder.run))
    assert charts(at)[:2] == ["cross-map-parallel-query", "cross-map-sequential-query"]
    blocks = Analysis.of(folder, CROSSES).tables["blocks"]  # type: ignore[index]
    own = blocks[(blocks["moment"] == "learned") & (blocks["layer"] == 0) & (blocks["side"] == "query")]
    own = own[own["arm"] == "parallel"]
    pairs = pair_frame(own, list(dict.fromkeys(own["write"])), ["seed"], "scaled")
    size = pairs.groupby(["a", "b"])["scaled"].mean()
    known = (folder.profile or {})["fields"]
    names = {field["label"]: field["name"] for field in known}
    categories = [f["name"] for f in known if (f["side"], f["kind"]) == ("query", "category")]
    two = {
        (str(a), str(b)): value
        for (a, b), value in zip(size.index, size, strict=True)
        if a != b and a in categories and b in categories
    }
    begin = tuple(names[widget(at, f"what_if_{end}").value] for end in ("write", "read"))
    assert {*begin} == {*max(two, key=two.__getitem__)}
    one_way = own.groupby(["write", "read"])["scaled"].mean()
    assert one_way[begin] >= one_way[begin[::-1]]
    told = texts(at)
    planted = [tuple(cross["fields"]) for cross in (folder.profile or {})["truth"] if cross["side"] == "query"]
    for a, b in planted:
        own_size = two[names[a], names[b]]
        line = f"- **{a} × {b}** {own_size:.2f}"
        place = 1 + sum(value > own_size for value in two.values())
        assert f", place {place} of {len(two)}" in told[told.index(line) :].partition("\n")[0]
        assert told.index("*Planted*") < told.index(line) < told.index("*With a number, or of a field with itself*")
    assert "blocks with a number, in grey, another" in told
    assert "Were the planted crosses found?" in texts(at)
    profile = folder.profile or {}
    fields = [f for f in profile["fields"] if (f["side"], f["kind"]) == ("query", "category")]
    many = sum(cross["side"] == "query" for cross in profile["truth"])
    chance = many / comb(len(fields), 2)  # numbers can't be planted
    assert f"By chance: AUC 0.50, average precision {chance:.2f}." in texts(at)
    assert "(untrained 0." in texts(at)
    assert csvs(at) == {
        "blocks-query-layer-1",
        "pairs-query-layer-1",
        "values-query",
        "recovery-query",
        "what-if",
        "singular-values-query-layer-1",
    }
    assert "It does not show" in texts(at)


def test_the_lead_counts_the_planted_crosses_among_the_largest(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    at = unfold(open_app("crosses", run=folder.run))
    (said,) = [one for one in texts(at).splitlines() if "planted crosses are among" in one]
    planted = [tuple(cross["fields"]) for cross in (folder.profile or {})["truth"] if cross["side"] == "query"]
    places = [re.findall(rf"- \*\*{a} × {b}\*\* .*, place (\d+) of", texts(at)) for a, b in planted]
    found = [sum(int(one[arm]) <= len(planted) for one in places) for arm in (0, 1)]
    begin = f"In the query tower, {found[0]} of the {len(planted)} planted crosses are among the {len(planted)} largest"
    assert said == f"{begin} in parallel, and {found[1]} in sequential."


def test_a_map_has_the_fields_that_matter_until_all_are_asked_for(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    at = open_app("crosses", run=folder.run)
    every = [f["label"] for f in (folder.profile or {})["fields"] if f["side"] == "query"]
    truth = {
        label for cross in (folder.profile or {})["truth"] if cross["side"] == "query" for label in cross["fields"]
    }

    def shown() -> list[str]:
        return list(json.loads(widget(at, "cross-map-parallel-query").proto.spec)["layout"]["yaxis"]["ticktext"])

    first = shown()
    assert truth <= {*first}
    assert first == [label for label in every if label in first]
    assert len(first) == min(8, len(every))
    set_to(at, cross_every_field=True)
    assert shown() == every


def test_every_view_of_every_moment(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    at = open_app("crosses", run=folder.run)
    step = str(folder.steps_of("parallel")[1])
    for values in (
        {"cross_moment": "initial"},
        {"cross_moment": step},
        {"cross_seeds": "spread over seeds"},
        {"cross_seeds": "seed 1"},
        {"cross_moment": "learned"},
        {"cross_scaled": False},
        {"cross_layer": 1},
        {"cross_side": "item"},
    ):
        set_to(at, **values)
        assert len([key for key in charts(at) if key.startswith("cross-map")]) == 2
    for moment in ("learned", step, "initial"):
        set_to(at, cross_view="every weight", cross_moment=moment)
        assert "cross-weights-parallel-item" in charts(at)


def test_importance_is_measured_when_asked_for(store: Store, race: RunFolder) -> None:
    at = unfold(open_app("crosses", run=plant(store, "done", race).run))
    assert "cross-worth" not in charts(at)
    assert "about a minute" in texts(at)
    sound(button(at, "Measure it").click().run())
    assert {"cross-worth", "cross-cuts"} <= set(charts(at))
    assert "rank correlation of the norms" in texts(at)
    assert "-" not in texts(at).partition("rank correlation of the norms")[2].partition("lose recall")[0]
    (largest,) = at.table
    lost = largest.value["recall lost"]
    assert lost.str.fullmatch(r"[+−]?\d+\.\d\d \[[+−]?\d+\.\d\d,\N{NO-BREAK SPACE}[+−]?\d+\.\d\d\]").all()
    set_to(at, worth_measure="permutation")
    assert "Measure it" not in labels(at)


def test_what_if_changes_recall_and_the_list(store: Store, race: RunFolder) -> None:
    at = unfold(open_app("crosses", run=plant(store, "done", race).run))
    first = [one.value for one in at.metric]
    set_to(at, what_if_factor=1.0)
    assert all((one.delta or "").startswith(("+0.00 points [", "−0.00 points [", "0.00")) for one in at.metric)
    assert all(one.label.endswith(" as it is") for one in at.metric)
    set_to(at, what_if_factor=3.0, what_if_layers=True)
    assert [one.value for one in at.metric] != first
    assert all(one.label.endswith(" at 3 times its strength") for one in at.metric)
    assert "Asked by: Query field 1 v" in texts(at)
    said = texts(at)
    set_to(at, what_if_event=17)
    assert texts(at) != said
    set_to(at, what_if_event=4_096)  # more than there are
    assert len(at.metric) == 2
    assert widget(at, "what_if_event").value <= widget(at, "what_if_event").max == 200


def test_arms_without_crosses_are_left_out_in_words(store: Store, mixture: RunFolder, alone: RunFolder) -> None:
    at = unfold(open_app("crosses", run=plant(store, "done", mixture).run))
    assert charts(at)[0] == "cross-map-parallel-query"
    assert "cross-map-deep_only-query" not in charts(at)
    set_to(at, inside_right="deep_then_cross")
    assert "cross-map-deep_then_cross-query" in charts(at)
    assert "No cross is planted" in texts(at)
    set_to(at, cross_view="every weight")
    assert "gate-weighted mean" in texts(at)
    sound(button(at, "Measure it").click().run())
    assert "cross-cuts" not in charts(at)
    folder = plant(store, "done", alone)
    assert "No arm here has a cross layer" in texts(open_app("crosses", run=folder.run))
    assert not (folder.path / "analysis").exists()  # its plan says so: nothing had to be measured


def test_a_run_with_five_arms(store: Store, wide: RunFolder) -> None:
    at = open_app("crosses", run=plant(store, "done", wide).run)
    assert "No arm here has a cross layer" in texts(at)  # its cross layers are none


@pytest.mark.parametrize("page", ["crosses", "embeddings", "inside", "retrieve"])
def test_runs_that_have_nothing_to_look_into(store: Store, race: RunFolder, page: str, tmp_path: Path) -> None:
    at = open_app(page, run=plant(store, "running", race).run)
    assert "still training" in texts(at)
    assert not charts(at)
    at = open_app(page, run=plant(store, "stopped", None).run)
    assert "before any arm was trained" in texts(at)


@pytest.mark.parametrize("page", ["crosses", "embeddings", "inside", "retrieve"])
def test_damaged_weights_are_said(store: Store, race: RunFolder, page: str) -> None:
    folder = plant(store, "done", race)
    for path in (folder.path / "weights").iterdir():
        path.write_bytes(b"")
    at = unfold(open_app(page, run=folder.run))
    for one in at.button:
        if one.label == "Measure it":
            sound(one.click().run())
            break
    assert "expected readable weights" in texts(at)
