"""The bundle: steps that are made once, told when they fail, taken up after an end, and made anew by other code."""

from __future__ import annotations

import json
import signal
import subprocess
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import psutil
import pytest

from pdcn.cli import main, parser
from pdcn.jobs.worker import carry_out
from pdcn.pages import PAGES
from pdcn.research import bundle as module
from pdcn.research import fingerprints, spot_checks
from pdcn.research.bundle import Bundle
from pdcn.research.bundle_steps import OUT, ROOMS, Step, steps
from pdcn.research.calibrate import calibrated
from pdcn.research.findings import CLAIM, FINDINGS, PLANTED, Finding, Race
from pdcn.research.fingerprints import code_of
from pdcn.research.racing import run as run_finding
from pdcn.research.spot_checks import Checked
from pdcn.runs.folder import RunFolder
from pdcn.runs.result import made_on
from pdcn.runs.store import Store
from pdcn.training.version import VERSION

WRITE = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"


def writes(name: str, text: str) -> Step:
    return Step(name, f"{name}.txt", ("-c", WRITE, OUT, text), 30)


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path / "home"))
    return tmp_path / "out"


def run(out: Path, monkeypatch: pytest.MonkeyPatch, *every: Step) -> int:
    monkeypatch.setattr(import_module("pdcn.cli.bundle"), "steps", lambda: list(every))
    return main(["bundle", "--out", str(out)])


def manifest(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["steps"]
    return found


def test_every_step_is_a_command_that_writes_where_the_project_reads() -> None:
    every = steps()
    assert len({step.name for step in every}) == len({step.path for step in every}) == len(every)
    assert {*FINDINGS} <= {Path(step.path).stem for step in every if step.path.startswith("findings/")}
    assert {Path(step.path).stem for step in every if step.path.startswith("calibration/")} == {*calibrated()}
    for step in every:
        assert step.words.count(OUT) <= 1
        if step.words[0] == "-m":
            parser().parse_args(step.words[2:])
        else:
            assert (fingerprints.ROOT / step.words[0]).is_file()


def test_the_rooms_of_all_that_the_showcase_shows_count() -> None:
    shown = {name for name, page in PAGES.items() if any(one.showcase for one in page.recipes)}
    assert shown == {*ROOMS}


def test_what_is_there_is_not_made_again(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prints = Step("prints", "deep/prints.txt", ("-c", "print('said')"), 3_600)
    folder = Step("folder", "made", ("-c", "import sys, os; os.mkdir(sys.argv[1])", OUT), 60)
    assert run(out, monkeypatch, writes("one", "first"), prints, folder) == 0
    assert (out / "one.txt").read_text() == "first"
    assert (out / "deep" / "prints.txt").read_text() == "said\n"
    assert (
        "3 steps of 3 to make. At the speed measured before, that takes about 62 min on" in capsys.readouterr().err
    )  # 30 + 3600 + 60 s
    kept = manifest(out)["one"]
    assert kept.keys() == {"command", "code", "training", *made_on(), "path", "date", "seconds", "content"}
    assert (kept["training"], kept["path"], kept["code"]) == (VERSION, "one.txt", code_of())
    before = manifest(out)
    assert run(out, monkeypatch, writes("one", "first"), prints, folder) == 0
    assert "All 3 steps are there. Nothing is left to make." in capsys.readouterr().err
    assert manifest(out) == before
    (out / "made" / "old").touch()  # what a folder held before goes when it is made anew
    other = replace(folder, words=(*folder.words, "another word"))
    assert run(out, monkeypatch, writes("one", "second"), prints, other) == 0
    said = capsys.readouterr().err
    assert (
        "2 steps of 3 to make. At the speed measured before, that takes about 5 s" in said
    )  # as long as they took, not as long as was guessed
    assert (out / "one.txt").read_text() == "second"
    assert list((out / "made").iterdir()) == []
    assert {path.name for path in out.iterdir()} == {"one.txt", "deep", "made", "manifest.json"}


def test_other_code_or_another_machine_makes_it_anew(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = writes("one", "first")
    assert run(out, monkeypatch, one) == 0
    assert Bundle(out, [one]).due() == []
    (out / "one.txt").unlink()
    assert Bundle(out, [one]).due() == [one]
    (out / "one.txt").write_text("second")  # by hand
    assert Bundle(out, [one]).due() == [one]
    (out / "one.txt").write_text("first")
    for changed in ({"code": "other"}, {"training": VERSION - 1}, {"torch": "1.0"}, {"processor": "abacus"}):
        record = {"steps": {"one": {**manifest(out)["one"], **changed}}}
        (out / "manifest.json").write_text(json.dumps(record))
        assert Bundle(out, [one]).due() == [one]
        assert run(out, monkeypatch, one) == 0


def test_the_code_is_what_decides_and_not_what_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "cli/a.py": "x = 1",
        "pages/p/page.py": "x = 1",
        "pages/p/work.py": "x = 1",
        "jobs/study.py": "from pdcn.nn import b, words\nimport pdcn.config, pdcn.jobs.needs\nfrom pdcn.cli.a import x",
        "nn/b.py": '"""Said."""\nx = 1',
    }
    said = {
        "nn/words.py": "SAID = 'as before'",
        "glossary.py": "TERM = 'other'",
        "jobs/needs.py": "SPARE = 'other'",
        "evaluation/new.py": "x = 'other'",
        "pages/p/words.py": "SAID = 'another'",
        "config.py": 'depth: int = dial(2, "Label", "Other help.", low=1)\nnamed = {"a": Named("A", "other")}',
    }
    files |= {name: text.replace("ther", "") for name, text in said.items()}
    monkeypatch.setattr(fingerprints, "ROOT", tmp_path)
    found = []
    for name, text in [*files.items(), ("cli/a.py", "x = 2"), ("pages/p/page.py", "x = 2"), ("nn/b.py", "x = 1  # so")]:
        (tmp_path / "pdcn" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pdcn" / name).write_text(text)
        code_of.cache_clear()
        found.append((code_of(), code_of("pages")))
    assert len({*found[len(files) - 1 :]}) == 1
    for name, text in said.items():
        (tmp_path / "pdcn" / name).write_text(text)
        code_of.cache_clear()
        assert (code_of(), code_of("pages")) == found[-1], name
    (tmp_path / "pdcn/pages/p/work.py").write_text("x = 2")
    code_of.cache_clear()
    assert (code_of() == found[-1][0], code_of("pages") == found[-1][1]) == (True, False)
    for name, text in (
        ("nn/b.py", "x = 2"),
        ("jobs/cells.py", "x = 2"),
        ("config.py", said["config.py"].replace("low=1", "low=0")),
    ):
        before = code_of()
        (tmp_path / "pdcn" / name).write_text(text)
        code_of.cache_clear()
        assert code_of() != before
    code_of.cache_clear()


def test_a_step_that_fails_is_told_and_the_others_go_on(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    breaks = Step("breaks", "b.txt", ("-c", "raise SystemExit(3)", OUT), 5)
    nothing = Step("nothing", "n.txt", ("-c", "", OUT), 5)
    assert run(out, monkeypatch, breaks, nothing, writes("one", "first")) == 1
    said = capsys.readouterr().err
    assert "breaks ended with exit code 3" in said
    assert "nothing made nothing" in said
    assert "1 of 3 steps made" in said
    assert "Not made: breaks, nothing." in said
    assert [*manifest(out)] == ["one"]


@pytest.mark.usefixtures("hears_ctrl_c")
def test_one_that_is_stopped_midway_goes_on_where_it_was(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second step presses Ctrl-C and would go on for a minute; it ends with the bundle."""
    pid = out.parent / "pid"
    wait = (
        "import os, signal, sys, time; open(sys.argv[1], 'w').write('half')\n"
        f"if not os.path.exists({str(pid)!r}):\n"
        f"    open({str(pid)!r}, 'w').write(str(os.getpid())); os.kill(os.getppid(), signal.SIGINT); time.sleep(60)\n"
        "open(sys.argv[1], 'w').write('whole')"
    )
    every = (writes("one", "first"), Step("two", "two.txt", ("-c", wait, OUT), 5))
    assert run(out, monkeypatch, *every) == 130
    assert not psutil.pid_exists(int(pid.read_text()))
    assert {path.name for path in out.iterdir()} == {"one.txt", "manifest.json"}
    before = manifest(out)["one"]
    (out / ".making.of-one-that-was-killed").mkdir()
    assert run(out, monkeypatch, *every) == 0
    assert (out / "two.txt").read_text() == "whole"
    assert manifest(out)["one"] == before
    assert {path.name for path in out.iterdir()} == {"one.txt", "two.txt", "manifest.json"}


@pytest.mark.usefixtures("hears_ctrl_c")
def test_a_ctrl_c_while_a_step_starts_leaves_nothing_behind(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    def hasty(*arguments: Any, **values: Any) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(*arguments, **values)
        started.append(process.pid)
        signal.raise_signal(signal.SIGINT)
        return process

    monkeypatch.setattr(module, "subprocess", SimpleNamespace(Popen=hasty, DEVNULL=subprocess.DEVNULL))
    sleeps = Step("one", "one.txt", ("-c", "import time; time.sleep(60)", OUT), 5)
    assert run(out, monkeypatch, sleeps) == 130
    assert len(started) == 1
    assert not psutil.pid_exists(started[0])


def test_two_do_not_disturb_each_other(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with module.alone(out):
        assert run(out, monkeypatch, writes("one", "first")) == 2
    assert "bundle: expected no other bundle at work" in capsys.readouterr().err


def test_a_step_whose_part_comes_out_the_same_is_no_longer_due(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the others the manifest says what stands there, and nothing of the code."""

    def check(path: Path) -> Checked:
        return Checked("The text was read anew.", path.read_text() == "first")

    one, other, third = (replace(writes(name, "first"), check=check) for name in ("one", "other", "third"))
    alone = writes("alone", "first")
    out.mkdir()
    for step, text in ((one, "first"), (other, "second"), (alone, "first")):
        (out / step.path).write_text(text)
    monkeypatch.setattr(import_module("pdcn.cli.bundle"), "steps", lambda: [one, other, third, alone])
    assert main(["bundle", "--out", str(out), "--check"]) == 1
    said = capsys.readouterr().err
    assert "one: the same, as far as it was checked. The text was read anew." in said
    assert "other: not the same. The text was read anew." in said
    assert "third: nothing is there to check." in said
    assert "alone: no part of it can be checked alone." in said
    assert "1 of 4 steps are made or checked with this code." in said
    kept = manifest(out)
    assert kept.keys() == {"one", "other", "alone"}
    assert kept["one"]["checked"].keys() == {"code", "training", *made_on(), "what", "date", "seconds"}
    assert kept["other"].keys() == kept["alone"].keys() == {"command", "path", "content"}
    assert Bundle(out, [one, other, alone]).due() == [other, alone]
    (out / "one.txt").write_text("other text")  # what was checked is no longer there
    assert Bundle(out, [one]).due() == [one]
    (out / "one.txt").write_text("first")
    assert Bundle(out, [replace(one, asked="more")]).due() == [replace(one, asked="more")]


def test_a_check_trains_what_was_bundled_and_sees_the_last_digit(
    out: Path, trained: tuple[Finding, dict[str, Any]]
) -> None:
    finding, record = trained
    path = out.parent / "record.json"
    path.write_text(json.dumps(record))
    found = spot_checks.finding(finding, path)
    assert found.agrees
    assert found.what.startswith("Sequential was trained anew on planted crosses with “tiny”, from 2 seeds")
    for row in record["rows"]:
        row["recall"][1] = float(np.nextafter(row["recall"][1], 1))
    path.write_text(json.dumps(record))
    assert not spot_checks.finding(finding, path).agrees


def test_a_check_of_a_table_makes_one_row_of_it(tmp_path: Path) -> None:
    script = tmp_path / "table.py"
    script.write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "assert sys.argv[1:3] == ['--check', '--out']\n"
        "Path(sys.argv[3]).write_text('a,b\\n3,4\\n')\n"
    )
    for text, agrees in (("a,b\n1,2\n3,4\n", True), ("a,b\n1,2\n3,5\n", False), ("a,c\n3,4\n", False)):
        (tmp_path / "table.csv").write_text(text)
        assert spot_checks.table(str(script), tmp_path / "table.csv") == Checked("This row was made anew: 3,4.", agrees)


@pytest.fixture
def trained(out: Path) -> tuple[Finding, dict[str, Any]]:
    """A finding of one small race, and its record."""
    race = Race(PLANTED, "tiny", {"events": 2_000, "items": 100, "users": 50, "batch": 64, "epochs": 1, "seeds": 2})
    finding = Finding("tiny", "Is it?", "It may be.", (race,), (CLAIM,))
    store = Store()

    def train(folder: RunFolder, _: str) -> None:
        assert carry_out(store, folder).state == "done"

    return finding, run_finding(finding, store, train)
