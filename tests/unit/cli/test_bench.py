"""python -m pdcn bench: times that are measured once and kept, speeds in turns, and errors of one line."""

from __future__ import annotations

import json
import shutil
import threading
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
import torch

from pdcn.cli import main
from pdcn.host import cores, machine
from pdcn.jobs import analysis as analyses
from pdcn.jobs.analyst import turn
from pdcn.pages.crosses import CROSSES
from pdcn.pages.latency import LATENCY
from pdcn.pages.latency.plan import DEFAULTS
from pdcn.runs.folder import RunFolder
from tests.unit.studies_help import wait_for

TINY = ["--data", "planted", "--events", "2000", "--items", "50", "--users", "50", "--batch", "64", "--seeds", "2"]
FEW = {"widths": "16", "seconds": 0.0, "repeats": 4, "items": 0, "events": 32, "k": 5}
BENCH = import_module("pdcn.cli.bench")  # the package's own `bench` is the command
TABLES = {"times", "forms", "region", "serving", "about", "left_out"}


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measuring takes a second."""
    monkeypatch.setattr(BENCH, "QUICK", FEW)


QUICK = ("--quick", "--batches", "1,8", "--threads", "1")


def test_json_is_one_object_with_every_table(
    folder: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deep" / "tables"
    words = ["bench", "latency", folder.run, *QUICK, "--json", "--out", str(out)]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert "NaN" not in printed
    record = json.loads(printed)
    assert record.keys() == {"run", "settings", "said", *TABLES}
    assert record["run"] == folder.run
    assert record["settings"] == {**DEFAULTS, **FEW, "batches": "1,8", "threads": "1"}
    assert record["about"][0]["machine"] == machine()
    assert {row["batch"] for row in record["times"]} == {1, 8}
    assert {path.name for path in out.iterdir()} == {f"latency-{name}.csv" for name in TABLES}
    assert len(pd.read_csv(out / "latency-times.csv")) == len(record["times"])
    assert record["times"][0]["p99"] is None  # of four repeats
    assert main(words) == 0
    assert capsys.readouterr().out == printed  # kept: not measured again


def test_what_is_printed_can_be_read(
    folder: RunFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["bench", "latency", folder.run, *QUICK]) == 0
    printed = capsys.readouterr().out
    for words in (
        machine(),
        "Query tower, x0 of width",
        "Item tower, x0 of width",
        "arm sequential",
        "Towers of other widths, 1 thread",
        "From a query to the first 5 of 100 items",
        "Query tower. At batch 1 and 1 thread, side by side as plain code takes",
        "Not measured: compiled (",
        "Kept in",
        "Delete that folder to measure again",
    ):
        assert words in printed
    assert "**" not in printed
    assert "another machine" not in printed
    monkeypatch.setattr(BENCH, "machine", lambda: "a teapot, 1 core")
    frames = analyses.kept(folder, LATENCY)[0].tables
    assert frames is not None
    BENCH.show_latency(frames)
    assert f"Measured on another machine, {machine()} " in capsys.readouterr().out


def test_while_another_analysis_is_at_work_it_waits_and_says_so(
    folder: RunFolder, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ended: list[int] = []
    with turn(tmp_path, print):
        waiting = threading.Thread(
            target=lambda: ended.append(main(["bench", "latency", folder.run, *QUICK, "--json"]))
        )
        waiting.start()
        said = ""

        def told() -> bool:
            nonlocal said
            said += capfd.readouterr().err
            return "Waiting for another analysis" in said

        wait_for(told)
        assert ended == []
    waiting.join(60)
    assert ended == [0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["latency", "nope"], "run: expected the name of a run"),
        (["latency", "--threads", str(cores() + 1)], f"threads: expected whole numbers from 1 to {cores()}"),
        (["latency", "--threads", "one"], "got 'one'"),
        (["latency", "--batches", "1,,4"], "batches: expected whole numbers from 1 to 65536, such as 1,64"),
        (["latency", "--device", "toaster"], "device: expected one of auto, cpu, cuda, mps, got 'toaster'"),
        (["latency", "--kind", "x"], "unrecognized arguments"),
        (["train", "--steps", "0"], "--steps: expected a whole number from 1 to 10000, got '0'"),
        (["evaluate", "--rounds", "many"], "--rounds: expected a whole number from 1 to 1000, got 'many'"),
        (["train", "--seeds", "0"], "expected"),
        (["evaluate", "--device", "toaster"], "device: expected one of"),
        (["nonsense"], "invalid choice: 'nonsense'"),
        ([], "required: latency|train|evaluate"),
    ],
)
def test_errors_are_one_line(
    words: list[str], said: str, folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert len(captured.err.splitlines()) == 1


def test_a_run_without_weights_ends_with_a_sentence(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(folder.path / "weights")
    assert main(["bench", "latency", folder.run, *QUICK]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "no arm has any yet" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("what", ["train", "evaluate"])
def test_speeds_are_rows_of_what_was_timed_in_turns(
    what: str, folder: RunFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pdcn.cli.show.OUTPUT._width", 90)  # which no variable changes once there is a console
    steps = ("--steps", "2") if what == "train" else ()
    before = torch.get_num_threads()
    try:
        assert main(["bench", what, *TINY, "--rounds", "2", *steps, "--device", "cpu", "--json"]) == 0
        printed = capsys.readouterr().out
        assert printed.count("\n") == 1
        record = json.loads(printed)
        assert record["machine"] == machine()
        assert record["rounds"] == 2
        assert {row["arm"] for row in record["rows"]} == {"parallel", "sequential"}
        assert all(0 < row["low"] <= row["median"] <= row["high"] for row in record["rows"])
        assert main(["bench", what, *TINY, "--rounds", "1", *steps]) == 0
    finally:
        torch.set_num_threads(before)
        torch.set_flush_denormal(False)
    printed = capsys.readouterr().out
    assert "each number is the median of 1 round." in printed
    for words in ("examples/s" if what == "train" else "scores/s", "of floor", *(row["way"] for row in record["rows"])):
        assert words in printed


def test_inspecting_a_run_does_not_take_its_times(
    folder: RunFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    only = {"crosses": CROSSES, "latency": LATENCY}
    monkeypatch.setattr(import_module("pdcn.cli.inspect"), "recipes", lambda: only)
    assert main(["inspect", folder.run, "--json"]) == 0
    assert {row["kind"] for row in json.loads(capsys.readouterr().out)} == {"crosses"}
