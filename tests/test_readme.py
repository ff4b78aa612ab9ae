"""The README is executed: its tree is the disk's, its commands run, its tables are the measured ones."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import pytest

from pdcn.cli import experiment_of, main, parser
from pdcn.pages import PAGES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCES = re.findall(r"^```\n(.*?)^```", README, re.M | re.S)
COMMANDS = [line for fence in FENCES for line in fence.splitlines() if ".venv/bin/python -m pdcn" in line]
TREE = next(fence for fence in FENCES if fence.startswith("app.py"))


PINNED = ("requirements.txt", "requirements-trackers.txt", "requirements-ray.txt")


def test_it_opens_with_what_it_is_for() -> None:
    start = "\n".join(README.splitlines()[:6])
    for word in ("two-tower", "side by side", "interval"):
        assert word in start


def test_the_set_up_is_one_command_to_run_and_one_to_test() -> None:
    commands = [line for fence in FENCES for line in fence.splitlines() if line.startswith("python3 -m venv")]
    setup = "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && "
    assert commands == [setup + ".venv/bin/streamlit run app.py", setup + ".venv/bin/python -m pytest"]


def test_requirements_are_pinned_exactly() -> None:
    files = [(ROOT / name).read_text(encoding="utf-8") for name in PINNED]
    pins = [line for file in files for line in file.splitlines() if line and not line.startswith("#")]
    assert "torch==2.13.0" in pins
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+(\[client\])?==[0-9][0-9A-Za-z.]*", pin) for pin in pins)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_understood(command: str) -> None:
    words = shlex.split(command.partition("python -m pdcn")[2])
    options = parser().parse_args(words)
    if options.command == "compare":
        assert experiment_of(options).arms


def test_so_many_questions_are_answered() -> None:
    from pdcn.evaluation.verdict import NUMBERS as UP_TO_TEN
    from pdcn.research.findings import FINDINGS, bundled

    NUMBERS = (*UP_TO_TEN, "eleven", "twelve")
    answered = sum(bundled(name) is not None for name in FINDINGS)
    count = NUMBERS[len(FINDINGS)]
    some = f"Of {count} questions, {NUMBERS[answered]} are answered so far"
    assert (f"All {count} questions are answered" if answered == len(FINDINGS) else some) in README


def test_runs_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    assert main(["runs"]) == 0
    assert "compare --quick" in capsys.readouterr().out


def test_the_tree_is_the_disks() -> None:
    lines = TREE.splitlines()
    assert len(lines) <= 12
    top = {line.split()[0].rstrip("/") for line in lines if not line.startswith(" ")}
    allowed = {"README.md", "CONTRIBUTING.md", "pyproject.toml", "requirements.txt"}
    allowed |= {f"requirements-{name}.txt" for name in ("trackers", "lock", "supply", "login", "ray")}
    on_disk = {path.name for path in ROOT.iterdir() if not path.name.startswith((".", "__"))}
    assert top == on_disk - allowed - {"home", "pip.log"}
    inner = {name for line in lines if line.startswith("  ") for name in line.strip().split("   ")[0].split()}
    package = [path for path in (ROOT / "pdcn").iterdir() if not path.name.startswith("__")]
    assert inner == {path.name + "/" * path.is_dir() for path in package}


def test_every_page_is_named() -> None:
    assert [page.title for page in PAGES.values() if f"**{page.title}**" not in README] == []


def test_how_to_add_names_files_that_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:pdcn|tests)/[\w/.]+|app\.py)`", text)
    assert {path for path in named if not (ROOT / path).exists()} == set()
    probes = {path.name for path in (ROOT / "tests/probes").glob("test_*.py")}
    assert probes == {Path(path).name for path in named if "probes" in path}


def test_pictures_are_there() -> None:
    pictures = re.findall(r"!\[.+?\]\((.+?)\)", README)
    assert len(pictures) >= 3
    assert all((ROOT / picture).is_file() for picture in pictures)


def tables(text: str) -> list[list[tuple[str, ...]]]:
    """Every table of a text, as rows of cells, the header first."""
    found: list[list[tuple[str, ...]]] = []
    within = False
    for line in text.splitlines():
        if not line.startswith("|"):
            within = False
            continue
        if not within:
            found.append([])
        within = True
        cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
        if not set("".join(cells)) <= set("-: "):
            found[-1].append(cells)
    return found


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("README.md", "speed/peers.csv"),
        ("README.md", "speed/scale.csv"),
        ("README.md", "speed/mapped.csv"),
        ("data/README.md", "defaults.csv"),
        ("data/README.md", "speed/agreement.csv"),
        ("data/README.md", "speed/shuffle.csv"),
        ("data/README.md", "speed/epoch.csv"),
        ("data/README.md", "speed/cluster.csv"),
    ],
)
def test_a_table_is_the_measured_one(text: str, file: str) -> None:
    with (ROOT / "data" / file).open(encoding="utf-8") as lines:
        measured = [tuple(row) for row in csv.reader(lines)]
    assert measured in tables((ROOT / text).read_text(encoding="utf-8"))


def test_every_table_of_speeds_is_named_with_the_command_that_made_it() -> None:
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `(.+?)` \| `python (.+?)` \|$", text, re.M)
    assert {name for name, _ in named} == {path.name for path in (ROOT / "data" / "speed").iterdir()}
    for name, command in named:
        words = shlex.split(command)
        if words[0] == "-m":
            parser().parse_args(words[2:])
        else:
            assert (ROOT / words[0]).is_file()
            assert f"data/speed/{name}" in command


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)(.+?)\)", README):
        assert (ROOT / target).exists(), target
