"""The command that makes the run anew that comes with the project, with a small experiment in its place."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from pdcn.cli import main
from pdcn.dials import assemble
from pdcn.jobs.analysis import Analysis
from pdcn.pages.crosses import CROSSES, IMPORTANCE
from pdcn.runs.folder import RunFolder

TINY = assemble({"data": "planted", "events": 2_000, "items": 150, "users": 50, "batch": 256, "epochs": 1, "seeds": 2})


def test_one_command_makes_the_run_and_all_that_is_worked_out_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = import_module("pdcn.cli.showcase")
    some = {"crosses": CROSSES, "importance": replace(IMPORTANCE, showcase=({"events": 256},))}
    monkeypatch.setenv("PDCN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(module, "EXPERIMENT", TINY)
    monkeypatch.setattr(module, "recipes", lambda: some)
    out = tmp_path / "made"
    assert main(["showcase", "--out", str(out)]) == 0
    folder = RunFolder(out)
    result = folder.result
    assert result is not None
    assert result["verdict"] in " ".join(capsys.readouterr().out.split())
    assert folder.experiment == TINY
    assert folder.progress.state == "done"
    assert folder.request.keys() == {"created", "device"}
    assert folder.request["device"] == "cpu"
    assert result["made_on"].keys() == {"torch", "processor", "instructions"}
    assert Analysis.of(folder, CROSSES).tables
    assert Analysis.of(folder, IMPORTANCE, events=256).tables
    assert len(list((out / "analysis").iterdir())) == 2
    assert main(["showcase", "--out", str(out)]) == 2
    assert "--out: expected a new or empty folder" in capsys.readouterr().err


def test_a_part_that_failed_is_told_by_the_exit_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = import_module("pdcn.cli.showcase")
    monkeypatch.setenv("PDCN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(module, "EXPERIMENT", TINY)
    monkeypatch.setattr(module, "recipes", lambda: {"crosses": CROSSES})
    monkeypatch.setattr(module, "worked_out", lambda analysis: None)
    assert main(["showcase", "--out", str(tmp_path / "made")]) == 1
    assert (tmp_path / "made" / "result.json").exists()
