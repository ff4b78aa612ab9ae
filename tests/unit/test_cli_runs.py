"""python -m pdcn runs on folders that are gone, were copied in, or are damaged."""

from __future__ import annotations

import json
import shutil

import pytest

from pdcn.cli import main
from pdcn.studies.folder import RunFolder
from pdcn.studies.store import Store


def listed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Names of the runs that are listed."""
    assert main(["runs", "--json"]) == 0
    return [row["run"] for row in json.loads(capsys.readouterr().out)]


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a command ends with."""
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_the_list_takes_no_name(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(["runs", "list", "foo"], capsys)
    assert said == "pdcn: runs list: expected nothing behind it, got 'foo'; see one run with runs show foo\n"


def test_a_run_whose_folder_is_gone(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(capsys) == [folder.run]
    shutil.rmtree(folder.path)
    assert listed(capsys) == []
    assert "expected the name of a run" in refused(["runs", "show", folder.run], capsys)


def test_a_folder_that_was_copied_in(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(capsys) == [folder.run]
    shutil.copytree(folder.path, folder.path.with_name("mine"))
    assert sorted(listed(capsys)) == sorted([folder.run, "mine"])
    assert main(["runs", "delete", "mine"]) == 0
    assert capsys.readouterr().out == "mine is in the bin.\n"
    assert listed(capsys) == [folder.run]


def test_a_damaged_experiment_is_said_and_the_result_shown(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder.path / "experiment.json").write_text("{")
    assert main(["runs", "show", folder.run, "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["result"] == folder.result
    assert f"run {folder.run}: expected a readable experiment.json, but it is damaged" in err
    said = refused(["inspect", folder.run, "--kind", "crosses"], capsys)
    assert f"run {folder.run}: expected a readable experiment.json, but it is damaged" in said
    assert str(folder.path) in said


@pytest.mark.parametrize("damage", ["{", "{}"])
def test_a_damaged_result_is_said(folder: RunFolder, damage: str, capsys: pytest.CaptureFixture[str]) -> None:
    (folder.path / "result.json").write_text(damage)
    for words in (["runs", "show", folder.run], ["runs", "show", folder.run, "--json"]):
        said = refused(words, capsys)
        assert f"run {folder.run}: expected a readable result.json, but it is damaged" in said


def test_a_run_at_work_is_not_deleted(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    run = Store().create(folder.experiment, own=True).run
    assert f"Run {run} is still at work: stop it first" in refused(["runs", "delete", run], capsys)
