"""The command line: one JSON object that keeps its contract, and errors of one line, exit code 2."""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import psutil
import pytest
import torch

from pdcn.cli import experiment_of, main, parser
from pdcn.config import Experiment
from pdcn.dials import assemble, dials, quick
from pdcn.research.answers import answer
from pdcn.research.calibrate import Judged, preset
from pdcn.research.findings import CLAIM, FINDINGS, Finding, Race
from pdcn.runs.folder import Progress, State
from pdcn.runs.store import Store
from pdcn.settings import SettingError
from pdcn.sources import SOURCES
from pdcn.sources.journey import JourneyData
from pdcn.sources.planted import PlantedData
from pdcn.training.version import VERSION

ROOT = Path(__file__).parents[3]
TINY = ("--data", "planted", "--events", "2000", "--items", "50", "--users", "50", "--epochs", "1", "--batch", "128")
SEEDS = ("--seeds", "2")


@dataclass(frozen=True)
class Done:
    """A study that was run as a person would: in a process of its own."""

    home: Path
    out: Path
    stdout: str
    stderr: str

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.stdout)
        return found


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    home = tmp_path_factory.mktemp("home")
    out = tmp_path_factory.mktemp("out") / "deep" / "copy"
    ended = subprocess.run(
        [sys.executable, "-m", "pdcn", "compare", *TINY, *SEEDS, "--json", "--device", "cpu", "--out", str(out)],
        cwd=ROOT,
        env={**os.environ, "PDCN_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert ended.returncode == 0, ended.stderr
    return Done(home, out, ended.stdout, ended.stderr)


@pytest.fixture
def home(done: Done, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, with that study in it."""
    shutil.copytree(done.home, tmp_path / "home")
    monkeypatch.setenv("PDCN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "250")
    return tmp_path / "home"


# compare --json


def test_json_is_all_that_is_printed(done: Done) -> None:
    assert done.stdout.count("\n") == 1
    assert isinstance(done.result, dict)
    assert "NaN" not in done.stdout
    assert "Traceback" not in done.stderr


def test_the_record_keeps_its_contract(done: Done) -> None:
    result = done.result
    assert {"run", "experiment", "device", "data", "arms", "baselines", "comparison"} <= result.keys()
    assert (done.home / "runs" / result["run"] / "result.json").exists()
    assert Experiment.model_validate(result["experiment"]) == assemble(
        {"data": "planted", "events": 2000, "items": 50, "users": 50, "epochs": 1, "batch": 128, "seeds": 2}
    )
    assert (result["training"], result["validated"]) == (VERSION, "recall@10")
    assert result["device"].startswith("cpu")
    data = result["data"]
    assert (data["events"], data["items"]) == (2000, 50)
    assert len(data["hash"]) == 12
    assert (data["train"], data["validation"], data["test"]) == (1700, 100, 200)
    assert result["verdict"].startswith("On Planted crosses, ")


def test_every_arm_keeps_its_contract(done: Done) -> None:
    arms = done.result["arms"]
    assert list(arms) == ["parallel", "sequential"]
    for arm in arms.values():
        assert arm["parameters"]["total"] > arm["parameters"]["dense"] > 0
        assert arm["flops_per_example"] > 0
        assert list(arm["recall"]) == ["1", "10"]  # as far as fifty items go
        for k, recall in arm["recall"].items():
            seeds = arm["recall_per_seed"][k]
            assert len(seeds) == 2
            assert recall == pytest.approx(sum(seeds) / 2)
            assert 0 <= recall <= 1
        assert arm["recall"]["1"] <= arm["recall"]["10"]
        assert set(arm["ndcg"]) == {"10", "100"}
        assert 0 < arm["ndcg"]["10"] <= arm["ndcg"]["100"] <= 1
        assert 0 < arm["mrr"] <= 1
        assert arm["train_seconds"] > 0
        assert arm["examples_per_second"] > 0
        assert [seed["state"] for seed in arm["seeds"]] == ["finished"] * 2
        for seed in arm["seeds"]:
            assert (seed["steps"], seed["checks"], seed["too_short"]) == (13, 5, False)
            assert seed["best_step"] == min(3 * seed["best_check"], 13)


def test_baselines_and_comparisons_keep_their_contract(done: Done) -> None:
    result = done.result
    for name in ("popularity", "oracle"):
        assert list(result["baselines"][name]["recall"]) == ["1", "10"]
    popularity, oracle = (result["baselines"][name]["recall"]["10"] for name in ("popularity", "oracle"))
    assert popularity < oracle
    rows = {(row["metric"], row["k"]): row for row in result["comparison"]}
    assert list(rows) == [("recall", 1), ("recall", 10), ("ndcg", 10), ("ndcg", 100), ("mrr", None)]
    for (metric, k), row in rows.items():
        assert (row["arm"], row["against"]) == ("parallel", "sequential")
        assert (row["seeds"], row["users"], row["events"]) == (2, result["data"]["users"], 200)
        assert row["low"] <= row["difference"] <= row["high"]
        ours, theirs = (arm["mrr"] if k is None else arm[metric][str(k)] for arm in result["arms"].values())
        assert row["difference"] == pytest.approx(ours - theirs, abs=1e-12)
        assert row["difference_percent"] == pytest.approx(100 * (ours / theirs - 1), abs=1e-9)
        assert 0 < row["p"] <= row["adjusted"] <= 1
        assert row["verdict"] in ("better", "worse", "no detectable difference", "not tested")
        assert math.isfinite(row["low"] + row["high"])


def test_out_is_a_copy_of_the_runs_folder(done: Done) -> None:
    kept = done.home / "runs" / done.result["run"]
    files = {file.relative_to(kept) for file in kept.rglob("*") if file.is_file()}
    assert {file.relative_to(done.out) for file in done.out.rglob("*") if file.is_file()} == files
    assert Path("weights/parallel.0.safetensors") in files
    assert json.loads((done.out / "result.json").read_text()) == done.result


def test_the_same_experiment_from_its_file_gives_the_same_numbers(
    done: Done, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = str(done.out / "experiment.json")
    assert main(["compare", "--config", config, "--json", "--device", "cpu"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["run"] != done.result["run"]
    for part in ("experiment", "baselines", "comparison", "data", "match", "tuning"):
        assert again[part] == done.result[part]
    for name, arm in again["arms"].items():
        assert arm["recall_per_seed"] == done.result["arms"][name]["recall_per_seed"]


@pytest.mark.parametrize(
    ("sets", "said"),
    [("one", "It is about these training events"), ("bootstrap", "It is about training sets like this one: each seed")],
)
def test_it_says_what_the_verdict_is_about(
    sets: str, said: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *TINY, *SEEDS, "--training-sets", sets]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert said in printed
    assert ("each with training users drawn anew" in printed) == (sets == "bootstrap")


def test_for_people_it_prints_a_table_and_the_verdict(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *TINY, "--seeds", "1", "--arms", "deep_only,cross_only-parallel"]) == 0
    said = capsys.readouterr().out
    for part in (
        "Planted crosses: 2,000 events, 50 items",
        "recall@10",
        "deep only ",
        "deep_only",
        "cross only queries with parallel items",
        "cross_only-parallel",
        "popularity",
        "oracle",
        "one seed cannot tell",
        "too few seeds",
        "Kept in ",
    ):
        assert part in said


# how options become an experiment


def experiment(*arguments: str) -> Experiment:
    return experiment_of(parser().parse_args(["compare", *arguments]))


def test_every_dial_is_an_option() -> None:
    assert experiment() == Experiment()
    for dial in dials():
        if dial.source is None and dial.path[0] != "item_network":
            option = "--" + dial.key.replace("_", "-")
            assert experiment(option, dial.text(dial.default)) == Experiment()


def test_none_is_no_width() -> None:
    assert experiment("--head", "none") == experiment("--head", "") == Experiment()
    assert experiment("--item-head", "none", "--item-deep", "8") == assemble({"item_deep": (8,)})


def test_options_are_parsed_by_their_dials() -> None:
    found = experiment("--deep", "32,16", "--log-q", "false", "--item-deep", "8", "--learning-rate", "1e-3")
    assert found == assemble({"deep": (32, 16), "log_q": False, "item_deep": (8,), "learning_rate": 0.001})


def test_one_arm_is_said_to_have_nothing_beside_it_before_it_is_trained(
    empty: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before: list[str] = []

    def training(*_: object) -> NoReturn:
        before.append(" ".join(capsys.readouterr().err.split()))
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["pdcn.cli.compare"], "train", training)
    for arms in ("parallel", "parallel,sequential"):
        assert main(["compare", *TINY, "--arms", arms]) == 130
    assert "Only parallel is trained, so there is nothing to compare it with" in before[0]
    assert "Only" not in before[1]


def test_an_interrupted_run_without_a_result_ends_as_interrupted(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ends: dict[State, int] = {"interrupted": 130, "failed": 1}
    for state, code in ends.items():
        ended = Progress(state, "")
        monkeypatch.setattr(sys.modules["pdcn.cli.compare"], "train", lambda *_, ended=ended: ended)
        assert main(["compare", *TINY]) == code


def test_quick_is_the_preset_under_what_is_given() -> None:
    assert experiment("--quick") == assemble(quick({}))
    assert experiment("--quick", "--data", "planted", "--epochs", "9") == assemble(
        quick({"data": "planted", "epochs": 9})
    )


def test_options_go_over_the_file(tmp_path: Path) -> None:
    base = assemble({"data": "planted", "strength": 2.5, "seeds": 7})
    file = tmp_path / "experiment.json"
    file.write_text(base.to_json())
    assert experiment("--config", str(file)) == base
    assert experiment("--config", str(file), "--seeds", "2") == assemble({"seeds": 2}, base)
    assert isinstance(experiment("--config", str(file), "--data", "journey").data, JourneyData)


def test_quick_keeps_the_data_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "experiment.json"
    file.write_text(assemble({"data": "planted", "strength": 2.5}).to_json())
    found = experiment("--config", str(file), "--quick").data
    assert isinstance(found, PlantedData)
    assert (found.strength, found.events) == (2.5, quick({"data": "planted"})["events"])


# what is wrong ends with 2


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that these arguments end with."""
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.endswith("\n")
    assert said.err.count("\n") == 1
    assert said.err.startswith("pdcn: ")
    assert "Traceback" not in said.err
    return said.err


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "command"),
        (["train"], "invalid choice: 'train'"),
        (["compare", "--speed", "3"], "unrecognized arguments: --speed 3"),
        (["compare", "--epoch", "3"], "unrecognized arguments: --epoch 3"),  # no abbreviations
        (["compare", "stray"], "unrecognized arguments: stray"),
        (["compare", "two\nlines"], "unrecognized arguments: two lines"),
        (["compare", "--epochs"], "--epochs: expected one argument"),
        (["compare", "--epochs", "0"], "--epochs: expected a whole number between 1 and 200, got '0'"),
        (["compare", "--epochs", "many"], "--epochs: expected a whole number between 1 and 200, got 'many'"),
        (["compare", "--epochs", "2.5"], "epochs: expected a whole number"),
        (["compare", "--epochs", "-1"], "--epochs: expected a whole number between 1 and 200, got '-1'"),
        (
            ["compare", "--learning-rate", "nan"],
            "pdcn: --learning-rate: expected a number between 1e-06 and 1, got 'nan'",
        ),
        (["compare", "--learning-rate", "inf"], "--learning-rate: expected a number between"),
        (["compare", "--deep", "none"], "--deep: expected at least one width, such as 64,64, got none"),
        (["compare", "--head", "nil"], "--head: expected whole numbers separated by commas, such as 64,64, or none"),
        (["compare", "--item-embedding", "0"], "--item-embedding: expected a whole number between 1 and 128"),
        (["compare", "--arms", "parallel", "--baseline", "sequential"], "--baseline: expected auto or an arm"),
        (["compare", "--log-q", "maybe"], "--log-q: expected true or false, got 'maybe'"),
        (
            ["compare", "--cross", "half"],
            "cross: expected one of full, low_rank, mixture, dcn_v1, gated, attention, masked, exponential, got",
        ),
        (["compare", "--arms", "wide"], "arms: expected an arm made of parallel,"),
        (["compare", "--arms", "parallel-"], "got 'parallel-'"),
        (["compare", "--arms", ""], "arms: expected at least one arm"),
        (["compare", "--arms", "parallel,parallel"], "arms: expected every arm once"),
        (["compare", "--deep", "64,wide"], "deep: expected whole numbers separated by commas"),
        (["compare", "--deep", ""], "deep: expected at least one width"),
        (["compare", "--deep", "5000"], "widths between 1 and 4096"),
        (["compare", "--data", "movies"], f"data: expected one of {', '.join(SOURCES)}, got 'movies'"),
        (
            ["compare", "--data", "planted", "--items", "49"],
            "items: expected a whole number between 50 and 1000000, got '49'",
        ),
        (
            ["compare", "--data", "planted", "--events", "10"],
            "--events: expected a whole number between 2000 and 10000000",
        ),
        (["compare", "--data", "planted", "--fields", "2"], "crosses: expected at most 1"),
        (["compare", "--data", "planted", "--size", "full"], "size: belongs to --data journey"),
        (["compare", "--events", "5000"], "events: belongs to --data planted, but the data is journey"),
        (["compare", "--seeds", "51"], "--seeds: expected a whole number between 1 and 50, got '51'"),
        (["compare", *TINY, "--device", "tpu"], "device: expected one of auto, cpu, cuda, mps, got 'tpu'"),
        (["runs", "rename"], "invalid choice: 'rename'"),
        (["runs", "show"], "runs show: expected the name of a run"),
        (["runs", "delete"], "runs delete: expected the name of a run"),
        (["runs", "show", "nothing"], "run: expected the name of a run"),
        (["runs", "show", "../runs"], "run: expected the name of a run"),
        (["runs", "show", ".."], "run: expected the name of a run"),
        (["runs", "delete", "nothing"], "run: expected the name of a run"),
        (["runs", "--loud"], "unrecognized arguments: --loud"),
        (
            ["study", "wirings"],
            f"study: expected one of {', '.join(FINDINGS)}, dcnv2-synthetic, projections, got 'wirings'",
        ),
        (["study", "towers", "more"], "unrecognized arguments: more"),
        (["study", "towers", "--out", "/dev/null/x"], "--out: expected a file that can be written"),
        (["calibrate", "--studies", "x"], "--studies: expected a whole number from 1 to 100000, got 'x'"),
        (["calibrate", "--studies", "0"], "--studies: expected a whole number from 1 to 100000, got '0'"),
        (["calibrate", "--studies", "-3"], "--studies: expected a whole number from 1 to 100000, got '-3'"),
        (["calibrate", "--studies", "100001"], "studies: expected a whole number"),
        (["calibrate", "--data", "nonsense"], f"data: expected one of {', '.join(SOURCES)}, got 'nonsense'"),
        (["calibrate", "--data", "journey", "--events", "5000"], "events: belongs to --data planted"),
        (["calibrate", "--seeds", "1"], "calibrate: expected one arm and at least two seeds"),
        (["calibrate", "--arms", "parallel,sequential"], "calibrate: expected one arm and at least two seeds"),
        (["calibrate", "--study", "3"], "unrecognized arguments: --study 3"),
        (["calibrate", "--out", "/dev/null/x"], "--out: expected a file that can be written"),
        (["calibrate", "--out", "/"], "--out: expected a file that can be written"),
    ],
)
def test_wrong_arguments(arguments: list[str], message: str, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert message in refused(arguments, capsys)
    runs = empty / "runs"
    assert not (runs.exists() and list(runs.iterdir()))


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_cuda_where_there_is_none(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(["compare", *TINY, "--device", "cuda"], capsys)
    assert "device: expected one of auto, cpu on this machine, got 'cuda'" in said or "mps" in said


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "the text is not JSON"),
        (b"", "the text is not JSON"),
        (b"\xff\xfe\x00", "--config: expected a readable experiment.json"),
        (b"[]", "experiment: expected a valid dictionary"),
        (b'{"colour": 1}', "colour: no such setting"),
        (b'{"training": {"epochs": 0}}', "epochs: expected greater than or equal to 1, got 0"),
        (b'{"data": {"source": "movies"}}', "data: "),
        (b'{"training": {"clip": "a\\nb"}}', "clip: "),
        (b"[" * 100_000, "the text is not JSON"),
    ],
)
def test_wrong_experiment_files(
    content: bytes, message: str, tmp_path: Path, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "experiment.json"
    file.write_bytes(content)
    assert message in refused(["compare", "--config", str(file)], capsys)


@pytest.mark.parametrize("where", ["missing.json", "."])
def test_an_experiment_file_that_cannot_be_read(
    where: str, tmp_path: Path, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(["compare", "--config", str(tmp_path / where)], capsys)
    assert "--config: expected a readable experiment.json" in said


def test_out_has_to_be_new_or_empty(tmp_path: Path, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "kept").write_text("precious")
    for out in (full, full / "kept"):
        assert "--out: expected a new or empty folder" in refused(["compare", *TINY, "--out", str(out)], capsys)
    said = refused(["compare", *TINY, "--out", str(full / "kept" / "below")], capsys)
    assert "--out: expected a folder that can be made" in said
    assert (full / "kept").read_text() == "precious"


def test_a_home_that_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "home").write_text("")
    monkeypatch.setenv("PDCN_HOME", str(tmp_path / "home"))
    assert "PDCN_HOME: expected a folder that can be written" in refused(["runs"], capsys)


def test_the_parser_itself_raises_what_is_caught() -> None:
    with pytest.raises(SettingError, match="expected one argument"):
        parser().parse_args(["compare", "--seeds"])


def test_every_command_has_help_that_can_be_written() -> None:
    """A single sign for percent in a sentence takes all of the help down."""
    waiting, seen = [parser()], 0
    while waiting:
        one = waiting.pop()
        assert one.format_help()
        seen += 1
        for action in one._actions:
            if isinstance(action, argparse._SubParsersAction):
                waiting += {id(part): part for part in action.choices.values()}.values()
    assert seen > 15


@pytest.mark.parametrize("command", [[], ["compare"], ["data"], ["runs"], ["study"], ["calibrate"]])
def test_help_explains(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "usage: python -m pdcn" in said
    if command in (["compare"], ["calibrate"]):
        options = {"--" + dial.key.replace("_", "-") for dial in dials()}
        assert options <= set(said.split())


def test_a_wrong_word_in_a_real_process(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "pdcn", "compare", "--epochs", "many"],
        cwd=ROOT,
        env={**os.environ, "PDCN_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "pdcn: --epochs: expected a whole number between 1 and 200, got 'many'\n"


# runs


def test_no_runs_yet(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs"]) == 0
    assert capsys.readouterr().out == "No runs yet. Make one: python -m pdcn compare --quick\n"
    assert main(["runs", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_runs_are_listed(done: Done, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs"]) == 0
    said = capsys.readouterr().out
    for part in (done.result["run"], "planted", "parallel, sequential", "done"):
        assert part in said
    assert main(["runs", "list", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["run"], row["state"], row["seeds"]) == (done.result["run"], "done", 2)
    assert row["verdict"] == done.result["verdict"]


def test_a_run_is_shown(done: Done, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = done.result["run"]
    assert main(["runs", "show", run, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"state": "done", "result": done.result}
    assert main(["runs", "show", run]) == 0
    said = capsys.readouterr().out
    assert done.result["verdict"] in " ".join(said.split())
    assert "recall@10" in said


def test_a_run_that_has_found_nothing_yet_is_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from pdcn.runs.store import Store

    folder = Store().create(assemble({"data": "planted"}))
    assert main(["runs", "show", folder.run]) == 0
    assert capsys.readouterr().out.startswith(f"{folder.run} has no result: queued, waiting for the worker")


def test_a_run_is_deleted(done: Done, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = done.result["run"]
    assert main(["runs", "delete", run]) == 0
    assert capsys.readouterr().out == f"{run} is in the bin.\n"
    assert main(["runs", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert (home / "runs" / run / "result.json").exists()  # until the bin is emptied


# study


def test_findings_are_listed(empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["study"]) == 0
    said = capsys.readouterr().out
    for name, finding in FINDINGS.items():
        (line,) = (line for line in said.splitlines() if finding.question in line)
        assert line.split()[0] == name
        assert line.split()[-1] == str(len(finding.races))


@pytest.fixture
def toy(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finding of two tiny settings."""
    values = {"data": "planted", "events": 2000, "items": 50, "users": 50, "seeds": 2, "epochs": 1}
    races = (Race("Toy", "one", values), Race("Toy", "two", {**values, "match": "none"}))
    found = {"toy": Finding("toy", "Is it so?", "It may be.", races, (CLAIM,))}
    monkeypatch.setattr("pdcn.research.findings.FINDINGS", found)
    monkeypatch.setenv("COLUMNS", "200")
    return empty


def test_a_finding_is_answered_printed_and_written(
    toy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deep" / "toy.json"
    assert main(["study", "toy", "--json", "--out", str(out)]) == 0
    record = json.loads(capsys.readouterr().out)
    assert json.loads(out.read_text()) == record
    assert record["command"] == "python -m pdcn study toy"
    assert [row["label"] for row in record["rows"]] == ["one", "two"]
    runs = sorted(path.name for path in (toy / "runs").iterdir())
    assert len(runs) == 2
    assert main(["study", "toy"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert answer(Finding("toy", "", "", (), (CLAIM,)), record) in said
    assert sorted(path.name for path in (toy / "runs").iterdir()) == runs  # nothing was run again


@pytest.mark.parametrize("command", [["study", "toy"], ["calibrate", "--studies", "2"]])
def test_a_record_that_cannot_be_kept_is_said_before_anything_is_trained(
    command: list[str], toy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("precious")
    for out in (tmp_path, tmp_path / "file" / "below"):
        said = refused([*command, "--out", str(out)], capsys)
        assert said.startswith(f"pdcn: --out: expected a file that can be written, got '{out}' (")
    assert (tmp_path / "file").read_text() == "precious"
    assert not list((toy / "runs").glob("*"))


def test_a_finding_that_fails_ends_with_one_line(
    toy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("pdcn.jobs.cells.DeviceData", fails)
    assert main(["study", "toy"]) == 2
    assert capsys.readouterr().err.strip() == (  # below the empty line that the progress bar leaves
        "pdcn: study: toy 1 of 2: Toy, one was failed. The machine ran out of memory; smaller data or a "
        "smaller batch needs less."
    )


# calibrate


def test_a_calibration_is_printed_and_written(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[Experiment, int]] = []

    def carry_out(experiment: Experiment, studies: int, *_: Any) -> list[list[Judged]]:
        asked.append((experiment, studies))
        return [[Judged("A/A", 3, 0.0012, at < 2, at < 3) for at in range(studies)]]

    monkeypatch.setattr("pdcn.research.calibrate.calibrate", carry_out)
    monkeypatch.setenv("COLUMNS", "120")
    out = tmp_path / "deep" / "planted.json"
    assert main(["calibrate", "--studies", "50", "--json", "--out", str(out)]) == 0
    record = json.loads(capsys.readouterr().out)
    assert json.loads(out.read_text()) == record
    assert record["command"] == "python -m pdcn calibrate --data planted --studies 50"
    assert (record["studies"], record["rows"][0]["claims"]) == (50, 2)
    assert main(["calibrate", "--data", "journey", "--seeds", "2", "--studies", "7"]) == 0
    said = capsys.readouterr().out
    assert "A/A 3 7 +0.12 2 28.6% [3.7%, 71.0%]" in " ".join(said.split())
    assert asked == [(preset("planted"), 50), (assemble({"seeds": 2}, preset("journey")), 7)]


@pytest.mark.usefixtures("hears_ctrl_c")
def test_ctrl_c_ends_a_calibration_at_once_and_without_a_traceback(tmp_path: Path) -> None:
    """As a terminal sends it: to the whole group, also to the processes that train."""
    running = subprocess.Popen(
        [sys.executable, "-m", "pdcn", "calibrate", "--studies", "400"],
        cwd=ROOT,
        env={**os.environ, "PDCN_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not psutil.Process(running.pid).children(recursive=True):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(1)  # while they import torch, the least patient moment
        trainers = psutil.Process(running.pid).children(recursive=True)
        os.killpg(running.pid, signal.SIGINT)
        out, said = running.communicate(timeout=60)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
    assert (running.returncode, out) == (130, "")
    assert said.strip() == "Interrupted from the keyboard."
    assert [row.state for row in Store(tmp_path).rows(kind="calibration")] == ["interrupted"]
    _, left = psutil.wait_procs(trainers, timeout=20)
    assert left == []
