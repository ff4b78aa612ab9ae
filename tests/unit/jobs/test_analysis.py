"""Analyses: kept by content, worked out by a process of their own, stopped, failed, damaged."""

from __future__ import annotations

import json
import shutil
import threading
import time
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest

from pdcn.files import SHOWCASE, home, write_json
from pdcn.jobs import analyst
from pdcn.jobs.analysis import Analysis
from pdcn.jobs.analyst import work_out
from pdcn.jobs.process import STARTED
from pdcn.pages import recipes
from pdcn.pages.crosses import CROSSES, IMPORTANCE
from pdcn.runs import lease
from pdcn.runs.folder import Progress, RunFolder
from tests.unit.studies_help import wait_for


def state(analysis: Analysis) -> str:
    now = analysis.progress
    return now.state if now else ""


def lease_word(analysis: Analysis) -> str:
    return (analysis.path / lease.NAME).read_text().split()[0]


def test_the_same_question_about_the_same_weights_has_one_place(folder: RunFolder) -> None:
    one = Analysis.of(folder, IMPORTANCE)
    assert one.path == Analysis.of(RunFolder(folder.path), IMPORTANCE, events=2_048).path
    assert one.path.parent == folder.path / "analysis"
    assert one.name != Analysis.of(folder, IMPORTANCE, events=100).name
    assert one.name != Analysis.of(folder, CROSSES).name
    with pytest.raises(ValueError, match="expected settings among events"):
        Analysis.of(folder, IMPORTANCE, nonsense=1)


def test_other_weights_are_another_question(folder: RunFolder) -> None:
    every = recipes().values()
    before = {recipe.name: Analysis.of(folder, recipe).name for recipe in every}
    steps = folder.steps_of("parallel")
    folder.snapshot("parallel", steps[-1]).unlink()
    after = {recipe.name: Analysis.of(folder, recipe).name for recipe in every}
    assert {name for name in after if before[name] != after[name]} == {one.name for one in every if one.snapshots}
    folder.weights("parallel", 1).unlink()
    assert all(Analysis.of(folder, recipe).name != after[recipe.name] for recipe in every)


def test_what_is_kept_is_what_was_found(folder: RunFolder) -> None:
    analysis = Analysis.of(folder, CROSSES)
    assert analysis.progress is None
    assert analysis.tables is None
    seen: list[tuple[float, str]] = []
    assert work_out(analysis, lambda share, phase: seen.append((share, phase))).state == "done"
    assert state(analysis) == "done"
    frames = analysis.tables
    assert frames is not None
    assert set(frames) == {"blocks", "spectrum", "values"}
    assert seen
    assert seen[0] == (0.0, CROSSES.words)


def test_a_damaged_table_is_worked_out_anew(folder: RunFolder) -> None:
    analysis = Analysis.of(folder, CROSSES)
    work_out(analysis)
    (analysis.path / "blocks.parquet").write_bytes(b"half a tab")
    assert analysis.tables is None
    assert work_out(analysis).state == "done"
    assert analysis.tables is not None


def test_a_process_of_its_own_works_it_out(folder: RunFolder) -> None:
    analysis = Analysis.of(folder, CROSSES)
    analysis.ask()
    assert analysis.under_way
    before = lease_word(analysis)
    analysis.ask()  # a second time asks for nothing
    assert state(analysis) == "done" or lease_word(analysis) == before
    wait_for(lambda: state(analysis) == "done")
    frames = analysis.tables
    assert frames is not None
    assert set(frames["blocks"]["arm"]) == set(folder.experiment.arms)


def test_it_can_be_stopped_and_asked_for_again(folder: RunFolder) -> None:
    analysis, others = Analysis.of(folder, IMPORTANCE), set(STARTED)
    analysis.ask()
    analysis.stop()
    assert state(analysis) == "stopped"
    assert analysis.tables is None
    analysis.ask()
    assert analysis.under_way
    wait_for(lambda: state(analysis) == "running")
    analysis.stop()
    wait_for(lambda: all(process.poll() is not None for process in {*STARTED} - others), 20)
    assert state(analysis) == "stopped"


def test_one_whose_run_is_gone_for_good_ends_and_writes_nothing(folder: RunFolder) -> None:
    """Even in the second before its lease is renewed: what it wrote would be a run again, and it would go on."""
    analysis, told = Analysis.of(folder, CROSSES), list[float]()

    def watch(share: float, _: str) -> None:
        told.append(share)
        shutil.rmtree(folder.path)

    assert work_out(analysis, watch).state == "stopped"
    assert len(told) == 1
    assert not folder.path.exists()


def test_one_that_nobody_works_on_any_more_is_interrupted(folder: RunFolder) -> None:
    analysis = Analysis.of(folder, CROSSES)
    analysis.path.mkdir(parents=True)
    lease.hold(analysis.path)
    analysis.say("running", 0.4, "half way")
    assert state(analysis) == "running"
    lease.release(analysis.path)
    assert state(analysis) == "interrupted"
    assert analysis.progress
    assert analysis.progress.share == 0.4


def test_what_goes_wrong_is_said_in_a_sentence(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    analysis = Analysis.of(folder, CROSSES)
    for path in (folder.path / "weights").iterdir():
        path.write_bytes(b"")
    broken = Analysis.of(folder, CROSSES)
    assert work_out(broken).state == "failed"
    assert broken.progress
    assert broken.progress.message.startswith("run: expected readable weights")
    for path in (folder.path / "weights").iterdir():
        path.unlink()
    assert "no arm has any yet" in work_out(Analysis.of(folder, CROSSES)).message

    def fails(*_: object) -> None:
        raise RuntimeError("first line\nsecond line")

    monkeypatch.setattr("pdcn.pages.crosses.work.weights_job.inspect", fails)
    monkeypatch.setattr("pdcn.runs.trained.TrainedRun.__init__", lambda *_: None)
    assert work_out(analysis) == Progress("failed", "", message="RuntimeError: first line")


def test_analyses_are_worked_out_as_they_were_asked_for(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyst, "give_way", lambda: None)  # this process could not take its priority back
    analysis = Analysis.of(folder, CROSSES)
    analysis.path.mkdir(parents=True)
    word = lease.reserve(analysis.path)
    before, gone = folder.path / "before", folder.path / "gone"
    for place, earlier in enumerate((before, gone)):
        earlier.mkdir()
        write_json(home() / "analyses" / f"{place:020d}.json", str(earlier))
    lease.hold(before)
    words = [str(folder.path), word, json.dumps(asdict(CROSSES)), "{}"]
    waiting = threading.Thread(target=analyst.main, args=(words,))
    waiting.start()
    wait_for(lambda: analysis.progress and analysis.progress.phase == "waiting for another analysis")
    time.sleep(0.5)
    assert state(analysis) == "queued"
    lease.release(before)
    waiting.join(100)
    assert analysis.done
    assert list((home() / "analyses").iterdir()) == []


def test_the_process_takes_its_turn(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    gave_way: list[bool] = []  # no more than said: this process could not take its priority back
    monkeypatch.setattr(analyst, "give_way", lambda: gave_way.append(True))
    analysis = Analysis.of(folder, CROSSES)
    analysis.path.mkdir(parents=True)

    def words() -> list[str]:
        return [str(folder.path), lease.reserve(analysis.path), json.dumps(asdict(CROSSES)), "{}"]

    stale = words()
    assert analyst.main(words()) == 0
    kept = (analysis.path / "blocks.parquet").stat().st_mtime_ns
    assert analyst.main(words()) == 0  # done already
    (analysis.path / "done.json").unlink()
    words()
    assert analyst.main(stale) == 0  # its lease was taken by another process, which works on it
    assert lease.held(analysis.path)
    assert analysis.tables is None
    assert (analysis.path / "blocks.parquet").stat().st_mtime_ns == kept
    assert gave_way == [True] * 3


def test_new_analyses_of_the_showcase_go_to_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    asked = Analysis.of(RunFolder(SHOWCASE), IMPORTANCE, events=7)
    assert asked.path.parent == tmp_path / "showcase"
    asked.keep({"drops": pd.DataFrame({"x": [1]})})
    frames = asked.tables
    assert frames is not None
    assert frames["drops"]["x"].tolist() == [1]


def test_importance_has_an_interval_for_every_pair(folder: RunFolder) -> None:
    analysis = Analysis.of(folder, IMPORTANCE, events=64)
    assert work_out(analysis).state == "done"
    frames = analysis.tables
    assert frames is not None
    drops, seeds = frames["drops"], frames["seeds"]
    pairs = drops.groupby(["arm", "side", "layer", "measure"]).size()
    assert set(pairs) == {8 * 9 // 2}  # eight fields a side
    assert (drops["low"] <= drops["drop"]).all()
    assert (drops["high"] >= drops["drop"]).all()
    mean = seeds.groupby(["arm", "side", "layer", "a", "b", "measure"], sort=False)["drop"].mean()
    assert (mean.to_numpy() - drops["drop"].to_numpy()).max() < 1e-12
    assert set(frames["cuts"]["rank"]) >= {0, 1, 2, 4}


def test_one_that_is_asked_for_again_does_not_wait_for_the_process_that_was_ended(folder: RunFolder) -> None:
    analysis = Analysis.of(folder, CROSSES)
    old = home() / "analyses" / f"{1:020d}.json"
    write_json(old, str(analysis.path))  # left by a process that was killed, or stopped, as it waited or worked
    told: list[str] = []

    def take() -> None:
        with analyst.turn(analysis.path, told.append):
            told.append("mine")

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    thread.join(10)
    assert told == ["mine"]
    assert not old.exists()
    lease.release(analysis.path)
