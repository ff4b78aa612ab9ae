"""A ranking whose trunk mixes experts, on every page that looks inside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pdcn.dials import assemble
from pdcn.jobs.analysis import Analysis
from pdcn.jobs.analyst import work_out
from pdcn.pages.crosses import CROSSES
from pdcn.pages.inside import INSIDE
from pdcn.pages.latency import CANDIDATES
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from tests.app.app_help import charts, csvs, open_app, press, set_to, texts, unfold, widget
from tests.app.test_inside_page import bring
from tests.app.test_retrieve_page import lists
from tests.shared import trained_once

WORLD = {"impressions": 20_000, "pins": 100, "shoppers": 60, "conversion_rate": 0.1, "advertisers": 5}
SMALL = {"embedding": 2, "deep": (8,), "cross_layers": 1, "sequence": "none", "batch": 2_048, "epochs": 1, "seeds": 1}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Two wirings of two experts each, trained, and looked into once."""
    trunk = {"data": "shopping", "task": "ranking", "trunk": "mmoe", "trunk_experts": 2}
    asked = assemble({**trunk, **WORLD, **SMALL, "arms": ("parallel", "sequential")})
    folder = trained_once(tmp_path_factory, "mixed", asked)
    for recipe in (CROSSES, INSIDE):
        assert work_out(Analysis.of(folder, recipe)).state == "done"
    return folder


@pytest.fixture
def run(store: Store, mixed: RunFolder) -> str:
    return bring(store, mixed).run


def test_crosses_shows_those_of_all_experts_or_of_one(run: str) -> None:
    at = unfold(open_app("crosses", run=run))
    assert list(widget(at, "cross_expert").options) == ["all", "expert 1", "expert 2"]
    assert "The mean over all experts, weighted by their gates." in texts(at)
    of_all = str(widget(at, "cross-map-parallel-joint").proto)
    at = set_to(at, cross_expert=2)
    assert str(widget(at, "cross-map-parallel-joint").proto) != of_all
    assert "numbered as they were drawn" in texts(at)
    assert "in layer 1 of expert 2 of the joint tower" in texts(at)
    at = set_to(at, cross_view="every weight")
    assert "cross-weights-parallel-joint" in charts(at)
    at = set_to(at, cross_expert=0)
    assert "Choose one of them above to see its weights." in texts(at)


def test_inside_mutes_experts_and_shows_which_a_surface_uses(run: str) -> None:
    at = unfold(open_app("inside", run=run))
    gates = {"inside-gates-parallel", "inside-gates-sequential"}
    assert {"inside-tower-parallel", "inside-drops", *gates} <= {*charts(at)}
    drops = str(widget(at, "inside-drops").proto)
    assert "parallel: expert 2 muted, the network" in drops
    assert "sequential: crosses bypassed, the network" in drops
    assert "home feed" in str(widget(at, "inside-gates-parallel").proto)
    assert "Spread evenly, each expert would have 50%." in texts(at)


def test_retrieve_lists_for_a_surface(run: str) -> None:
    at = open_app("retrieve", run=run)
    assert "was asked about every item here" in texts(at)
    assert "search" in widget(at, "on_surface").options
    assert "and this came of it: conversion." in str([one.proto.body for one in at.get("html")])
    assert len(lists(at)) == 2
    assert "lists" in csvs(at)


def test_latency_times_its_candidates(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = replace(CANDIDATES, settings={**CANDIDATES.settings, "candidates": "5", "rounds": 3})
    monkeypatch.setattr("pdcn.pages.latency.page.candidates.CANDIDATES", quick)
    at = press(open_app("latency", run=run), "Measure it")
    assert charts(at) == ["latency-candidates"]
    assert "Of 5 candidates of a request, each takes" in texts(at)
