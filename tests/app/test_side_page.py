"""Two runs side by side, and what people write about runs, in the app."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from pdcn.evaluation.across import Across, across
from pdcn.evaluation.comparison import headline_in
from pdcn.files import SHOWCASE
from pdcn.pages.side import words as say
from pdcn.pages.side.figures import overlay_figure
from pdcn.pages.side.page import _said
from pdcn.runs.folder import RunFolder
from pdcn.runs.remarks import Remarks, remarks_of, write_remarks
from pdcn.runs.store import Store
from pdcn.shell.shown_run import curves_of
from pdcn.tasks.retrieval.metrics import Recall
from tests.app.app_help import button, charts, open_app, plant, run_in, set_to, sound, switch_to, texts, tiny, widget
from tests.app.conftest import BUSY
from tests.app.test_pages import runs_in, tick
from tests.shared import trained_once

HOSTILE = "**evil** <img src=x> $a$ [x](http://evil.example) :red[x]"


@pytest.fixture(scope="session")
def longer(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The race again, with blocks that are not matched."""
    return trained_once(tmp_path_factory, "longer", tiny(**BUSY, match="none", learning_rate=0.02))


def side(first: RunFolder, second: RunFolder) -> Any:
    return open_app("side", **{"run": first.run, "with": second.run})


def test_two_ticks_and_one_press(store: Store, race: RunFolder, longer: RunFolder) -> None:
    older, newer = plant(store, "done", race), plant(store, "done", longer)
    at = tick(open_app("runs"), 0, 1)
    assert button(at, "Open").disabled
    sound(button(at, "Compare the two").click().run())
    assert run_in(at) == newer.run
    assert urlencode(at.query_params, doseq=True).endswith(f"with={older.run}")
    assert charts(at) == ["side-curves", "side-forest"]


def test_it_shows_what_differs_and_the_paired_difference(store: Store, race: RunFolder, longer: RunFolder) -> None:
    first, second = plant(store, "done", longer), plant(store, "done", race)
    at = side(first, second)
    differing, values = at.dataframe[0].value, at.dataframe[1].value
    assert dict(
        zip(differing["setting that differs"], zip(differing["A"], differing["B"], strict=True), strict=True)
    ) == {"Match": ("nothing", "parameters"), "Learning rate": ("0.02", "0.01")}
    ours, theirs = longer.measured, race.measured
    assert ours is not None
    assert theirs is not None
    assert longer.result is not None
    metric = headline_in(longer.result)
    rows = across(ours, theirs, longer.experiment.arms, ["sequential"], metric, ())
    assert list(values["arm"]) == ["parallel", "sequential", "parallel minus sequential"]
    assert list(values["A minus B"]) == [metric.change(row.difference) for row in rows]
    assert all(metric.change(row.difference) in texts(at) for row in rows)
    assert "paired over users and seeds" in texts(at)
    sound(button(at, "Swap A and B").click().run())
    assert run_in(at) == second.run
    assert list(at.dataframe[1].value["A minus B"]) == [metric.change(-row.difference) for row in rows]


def test_arms_that_both_runs_have_alike_are_said_to_be_the_same_models() -> None:
    zero = Across("parallel", "parallel", "", 0.0, 0.0, 0.0, 1.0, 1.0, "no detectable difference", 3, 9, 9, True)
    apart = replace(zero, arm="sequential", other="sequential", difference=0.012, low=0.004, high=0.02, alike=False)
    lead = replace(zero, against="sequential", difference=-0.012, low=-0.02, high=-0.004, verdict="worse", alike=False)
    said = " ".join(_said((zero, replace(apart, verdict="better"), lead), Recall(100)))
    assert "**The same models** in both runs for parallel:" in said
    assert "**A is better** for sequential (+1.20 [+0.40, +2.00])." in said
    assert "**smaller in A**, by 1.20 points" in said
    assert "0.00" not in said


def test_an_interval_that_leaves_zero_out_and_is_not_detectable_is_explained() -> None:
    none = Across("parallel", "parallel", "", 0.022, -0.011, 0.056, 0.1, 0.2, "no detectable difference", 3, 9, 9)
    apart = replace(none, arm="sequential", other="sequential", difference=0.019, low=0.0002, high=0.039)
    same = replace(none, arm="deep_only", other="deep_only", difference=0.0, low=0.0, high=0.0, alike=True)
    assert [*_said((none, apart, same), Recall(100))][-1] == say.COUNTED_TOGETHER(rows=2)
    for other in ((none,), (none, replace(apart, verdict="better"))):
        assert not any("counted together" in one for one in _said(other, Recall(100)))


def test_other_data_is_not_paired(store: Store, race: RunFolder, wide: RunFolder) -> None:
    at = side(plant(store, "done", race), plant(store, "done", wide))
    assert "tested on different data" in at.info[0].value
    assert "without a test" in at.info[0].value
    assert charts(at) == ["side-curves"]
    assert "95% interval" not in at.dataframe[1].value
    assert "seeds in common" not in at.dataframe[1].value


def test_what_can_not_be_compared_is_said(store: Store, race: RunFolder, alone: RunFolder) -> None:
    done, again = plant(store, "done", race), plant(store, "done", race)
    assert "One repeats the other" in texts(side(done, again))
    assert "Both runs have the same settings." in texts(side(done, again))
    assert "A and B are the same run" in side(done, done).info[0].value
    failed, busy = plant(store, "failed", None), plant(store, "running", race, files=())
    assert "Run B has no result yet" in side(done, busy).info[0].value
    at = side(done, failed)
    assert "Run B ended before it had a result" in at.info[0].value
    assert not charts(at)
    stopped = plant(store, "stopped", alone)
    at = side(done, stopped)
    assert "Run B ended early: stopped" in at.info[0].value
    assert "is too few to test" in texts(at)
    assert charts(at) == ["side-curves"]
    live = plant(store, "running", race)
    assert "Run A is still at work" in side(live, stopped).info[0].value


def test_a_link_to_a_run_that_is_not_here_says_so(store: Store, race: RunFolder) -> None:
    done = plant(store, "done", race)
    at = open_app("side", **{"run": done.run, "with": "`nowhere"})
    assert "is not on this computer" in at.info[0].value
    assert urlencode(at.query_params, doseq=True).endswith("with=showcase")
    store.delete(done.run)
    assert "one run, so there is nothing" in open_app("side", run="showcase").info[0].value


def test_the_curves_of_both_have_names_at_their_ends(race: RunFolder, longer: RunFolder) -> None:
    ours, theirs = curves_of(race), curves_of(longer)
    figure = overlay_figure(ours, theirs, one_data=True)
    lines = {line.name: line for line in figure.data if line.mode == "lines"}
    assert {"A · parallel", "A · sequential", "B · parallel", "B · sequential", "popularity"} == lines.keys()
    assert lines["A · parallel"].line.color == lines["B · parallel"].line.color != lines["A · sequential"].line.color
    assert [lines[f"{which} · parallel"].line.dash for which in "AB"] == ["solid", "dash"]
    mean = theirs[(theirs["arm"] == "parallel")].groupby("k")["value"].mean() * 100
    assert list(lines["B · parallel"].y) == pytest.approx(list(mean))
    names = sorted(figure.layout.annotations, key=lambda one: one.y)
    assert len(names) == len(lines)
    scale = (400 - figure.layout.margin.t - figure.layout.margin.b) / figure.layout.yaxis.range[1]
    at = sorted(one.y * scale + one.yshift for one in names)
    assert min(above - below for below, above in pairwise(at)) >= 16 - 1e-6


# names, notes and tags


def test_a_run_is_named_found_and_shown_by_its_name(store: Store, race: RunFolder) -> None:
    first, second = plant(store, "done", race), plant(store, "done", race)
    at = tick(open_app("runs"), 1)
    widget(at, f"name-{first.run}").set_value("Wide towers")
    widget(at, f"tags-{first.run}").set_value("for Ann, wide")
    widget(at, f"notes-{first.run}").set_value("why\nand how")
    button(at, "Save").click()
    sound(at.run())
    assert remarks_of(first) == Remarks("Wide towers", "why\nand how", ("for Ann", "wide"))
    assert list(at.dataframe[0].value["name"]) == ["", "Wide towers"]
    assert "Saved." in texts(at)
    assert runs_in(set_to(at, filter="ANN wide")) == [first.run]
    assert runs_in(set_to(at, filter="")) == [second.run, first.run]
    assert runs_in(set_to(at, runs_sort="name")) == [first.run, second.run]
    for page in ("compare", "data"):
        switch_to(at, page)
        at.query_params["run"] = first.run
        assert f"**Wide towers** (run {first.run}" in texts(sound(at.run()))


def test_the_filter_is_in_the_address(store: Store, race: RunFolder, longer: RunFolder) -> None:
    plant(store, "done", race)
    second = plant(store, "done", longer)
    shutil.copytree(SHOWCASE, store.folders / "copied")
    assert runs_in(open_app("runs", runs_match="none")) == [second.run]
    assert runs_in(open_app("runs", runs_data="journey")) == ["copied"]
    assert runs_in(open_app("runs", runs_sort="oldest"))[-1] == second.run


def test_what_somebody_else_wrote_meanwhile_is_not_lost(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    at = tick(open_app("runs"), 0)
    write_remarks(folder, Remarks("theirs"))
    widget(at, f"name-{folder.run}").set_value("ours")
    button(at, "Save").click()
    sound(at.run())
    assert "It now says: theirs" in at.warning[0].value
    assert remarks_of(folder).name == "theirs"
    button(at, "Save").click()
    sound(at.run())
    assert remarks_of(folder).name == "ours"


def test_what_is_too_long_is_said_and_kept_in_the_form(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    at = tick(open_app("runs"), 0)
    widget(at, f"tags-{folder.run}").set_value("t" * 30)
    button(at, "Save").click()
    sound(at.run())
    assert "tags: expected at most 24 letters each, got 30" in at.warning[0].value
    assert widget(at, f"tags-{folder.run}").value == "t" * 30
    assert remarks_of(folder) == Remarks()


def test_hostile_remarks_are_text(store: Store, race: RunFolder, tmp_path: Path) -> None:
    first, second = plant(store, "done", race), plant(store, "done", race)
    write_remarks(first, Remarks(HOSTILE, HOSTILE, (HOSTILE,)))
    shown = [open_app("compare", run=first.run), open_app("runs"), side(first, second)]
    store.delete(first.run)
    shown.append(open_app("runs"))
    for at in shown:
        said = texts(at)
        assert "<img" not in said.replace("`<img`", "")
        assert "**evil**" not in said.replace("`**evil**`", "")
        assert "](http" not in said.replace("`[x](http://evil.example)`", "")
