"""python -m pdcn inspect: analyses without a browser, kept with the run, taken away as CSV."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from pdcn.cli import main
from pdcn.cli.inspect import arms_of
from pdcn.files import SHOWCASE
from pdcn.jobs.analysis import Analysis
from pdcn.pages.embeddings import LAYOUT, SPACE
from pdcn.runs.folder import RunFolder


def test_tables_are_written_as_csv_and_kept(
    folder: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["inspect", folder.run[:12], "--kind", "crosses", "--kind", "importance", "--set", "events=50", "--json"]
    out = tmp_path / "deep" / "tables"
    assert main([*words, "--out", str(out)]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["kind"], row["table"]) for row in rows] == [
        ("crosses", "blocks"),
        ("crosses", "spectrum"),
        ("crosses", "values"),
        ("importance", "drops"),
        ("importance", "seeds"),
        ("importance", "cuts"),
    ]
    for row in rows:
        assert len(pd.read_csv(row["path"])) == row["rows"] > 0
    kept = sorted(path.name for path in (folder.path / "analysis").iterdir())
    assert main(words) == 0  # worked out already
    assert [Path(row["path"]).parts[-3] for row in json.loads(capsys.readouterr().out)] == ["analysis"] * 6
    assert sorted(path.name for path in (folder.path / "analysis").iterdir()) == kept


def test_a_run_is_named_by_its_folder_too(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(folder.path), "--kind", "crosses"]) == 0
    assert "crosses, table blocks: " in capsys.readouterr().out


def test_the_maps_are_of_the_arms_that_the_run_has() -> None:
    folder = RunFolder(SHOWCASE)
    assert arms_of(folder, LAYOUT) == {"left": "parallel", "right": "sequential"}
    assert Analysis.of(folder, LAYOUT, **arms_of(folder, LAYOUT)).tables is not None


def test_a_map_of_no_arm_of_the_run_is_refused(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--kind", "layout", "--set", "left=deep_only", "--set", "right=cross_only"]
    assert main(["inspect", folder.run, *words]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "expected left or right among parallel, sequential, got deep_only and cross_only" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nope"], "run: expected the name of a run"),
        (["--set", "events"], "--set: expected KEY=VALUE with a key among"),
        (["--set", "nope=1"], "got 'nope=1'"),
        (["--kind", "importance", "--set", "events=many"], "--set: expected events like 2048, got 'many'"),
        (["--kind", "nope"], "invalid choice: 'nope'"),
        (
            ["--kind", "crosses", "--set", "events=5"],
            "--set: expected none, since crosses has no settings, got 'events=5'",
        ),
        (
            ["--kind", "crosses", "--kind", "importance", "--set", "draw=5"],
            "--set: expected KEY=VALUE with the key events, got 'draw=5'",
        ),
        (["--kind", "layout", "--set", "events=5"], "with a key among dimensions, distance, draw"),
        (["--set", "over_training=x"], "--set: expected over_training true or false, got 'x'"),
    ],
)
def test_errors_are_one_line(
    words: list[str], said: str, folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert len(captured.err.splitlines()) == 1


def test_a_run_without_weights_ends_with_a_sentence(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(folder.path / "weights")
    assert main(["inspect", folder.run, "--kind", "crosses"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "no arm has any yet" in said
    assert "Traceback" not in said


def test_a_collapsed_space_is_said_to_be_one(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    analysis = Analysis.of(folder, SPACE)
    one = pd.DataFrame(
        {
            "metric": ["spread", "vectors", "differ"],
            "about": "items",
            "k": 0,
            "arm": "parallel",
            "seed": 0,
            "other_arm": "",
            "other_seed": -1,
            "value": [0.0, 50.0, 1.0],
        }
    )
    analysis.keep({"numbers": one})
    assert main(["inspect", folder.run, "--kind", "space"]) == 0
    said = "A collapsed space. All 50 of the item vectors of parallel, seed 0, are the same"
    assert said in capsys.readouterr().out
    analysis.keep({"numbers": one.assign(value=[0.9, 50.0, 50.0])})
    assert main(["inspect", folder.run, "--kind", "space"]) == 0
    assert "A collapsed space" not in capsys.readouterr().out
