"""python -m pdcn runs on folders that are gone, were copied in, or are damaged."""

from __future__ import annotations

import argparse
import json
import shutil
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdcn.cli import experiment_of, main, parser
from pdcn.inert import line
from pdcn.runs.folder import RunFolder
from pdcn.runs.remarks import Remarks, write_remarks
from pdcn.runs.store import Store
from pdcn.settings import SettingError


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


def test_a_name_is_listed_as_text(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs"]) == 0
    assert "name" not in capsys.readouterr().out
    write_remarks(folder, Remarks("[red]Wide[/red] towers"))
    assert main(["runs"]) == 0
    assert "[red]Wide[/red] towers" in capsys.readouterr().out


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


HOSTILE = ("--", "[", "[/]", "[bold red]x[/]", "x" * 300, "a\nb", "\x1b[31mred", ":smile:", "$x$", "\udcff")


@pytest.mark.parametrize(
    "words",
    [
        ["runs", "show"],
        ["runs", "delete"],
        ["runs", "list"],
        ["inspect"],
        ["bench", "latency"],
        ["study"],
        ["compare"],
        ["compare", "--config"],
        ["compare", "--device"],
        ["compare", "--arms"],
        ["compare", "--epochs"],
        ["compare", "--baseline"],
        ["inspect", "--set"],
        ["inspect", "--kind"],
        ["bench", "train", "--rounds"],
        [],
    ],
    ids=" ".join,
)
def test_a_strange_name_is_refused_in_one_short_line(
    words: list[str], folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    option = words[-1] if words and words[-1].startswith("--") else None
    for name in HOSTILE:
        if name == "--" and words in (["inspect"], ["bench", "latency"], ["study"], ["compare"], ["runs", "list"]):
            continue  # all that they need is there: "--" ends the options
        for way in ([*words, name], *([[*words[:-1], f"{option}={name}"]] if option else [])):
            said = refused(way, capsys)
            assert said.startswith("pdcn: "), way
            assert "x" * (201 if "--config" in words else 41) not in said, way
            assert said[:-1].isprintable(), way


@pytest.mark.parametrize("name", ["[bold red]x", "[", "![x](a)", "-n", "n" * 250, ":smile:", "a\x1b[31mb"])
def test_a_run_with_a_strange_name_is_listed_shown_and_deleted(
    folder: RunFolder, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    folder.path.rename(folder.path.with_name(name))
    assert listed(capsys) == [name]
    assert main(["runs"]) == 0
    assert line(name)[:20] in capsys.readouterr().out
    words = ["--", name] if name.startswith("-") else [name]
    assert main(["runs", "show", *words]) == 0
    assert "parallel" in capsys.readouterr().out
    assert main(["runs", "delete", *words]) == 0
    assert capsys.readouterr().out == f"{line(name)} is in the bin.\n"
    assert listed(capsys) == []


def test_what_a_runs_files_say_is_printed_as_it_is(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    result = folder.result
    assert result
    hostile = "[bold red]x[/] :smile: [/] \x1b[2Jgone\u202e"
    result["data"]["title"] = result["verdict"] = result["device"] = result["warning"] = hostile
    folder.write_json("result.json", result)
    assert main(["runs", "show", folder.run]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("[bold red]x[/] :smile: [/] [2Jgone") == 4
    assert "\x1b" not in said


@cache
def understood() -> argparse.ArgumentParser:
    """One parser for all words: to make it takes longer than to parse."""
    return parser()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(
            ["compare", "runs", "show", "inspect", "--epochs", "--arms=--", "--set", "--config", "--", "-1"]
        )
        | st.text(min_size=1, max_size=300),
        max_size=5,
    )
)
def test_any_words_are_parsed_or_refused_in_one_sentence(words: list[str]) -> None:
    said = ""
    try:
        options = understood().parse_args(words)
        if options.command == "compare":
            experiment_of(options)
    except SettingError as error:
        said = line(error)
    assert len(said) < 3_000
