"""With PDCN_READ_ONLY everything is there to be looked at, and nothing in the home is ever written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pdcn.cli import main
from pdcn.jobs.submit import ensure_worker
from pdcn.pages import PAGES
from pdcn.runs.folder import RunFolder
from pdcn.runs.remarks import Remarks, write_remarks
from pdcn.runs.store import Store
from pdcn.words import DEMONSTRATION
from tests.app.app_help import button, charts, labels, open_app, plant, texts, unfold
from tests.app.test_pages import runs_in, tick
from tests.disks import freeze, small_disk

SAID = str(DEMONSTRATION)


def tree(home: Path) -> dict[str, tuple[int, str]]:
    """Every entry below a home: when it was last written, and what is in it."""
    return {
        str(path.relative_to(home)): (
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in sorted(home.rglob("*"))
    }


@pytest.fixture
def mine(store: Store, race: RunFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunFolder]:
    """A run of a home that is a demonstration from here on, with another in the bin; the home ends as it began."""
    folder, gone = plant(store, "done", race), plant(store, "done", race)
    write_remarks(folder, Remarks("For the fair"))
    store.delete(gone.run)
    before = tree(store.home)
    monkeypatch.setenv("PDCN_READ_ONLY", "1")
    yield folder
    assert tree(store.home) == before


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_and_writes_nothing(mine: RunFolder, page: str) -> None:
    at = unfold(open_app(page, run="showcase"))
    assert not at.error, at.error
    assert (SAID in texts(at)) is (page != "present")
    if page in ("crosses", "inside", "embeddings", "latency"):  # what comes with the showcase is all there
        assert charts(at)
        assert not [one.value for one in at.info if "not computed" in one.value]


@pytest.mark.parametrize("page", ["crosses", "inside", "retrieve", "latency", "present", "decide"])
def test_what_a_run_of_ones_own_has_not_worked_out_is_not_begun(mine: RunFolder, page: str) -> None:
    at = unfold(open_app(page, run=mine.run))
    assert not at.error, at.error
    offered = [one for one in at.button if (one.key or "").startswith("ask-")]
    assert all(one.disabled for one in offered)
    if page == "crosses":
        assert f"This is not computed yet. {SAID}" in [one.value for one in at.info]
    if page == "inside":
        assert offered


def test_every_button_that_writes_is_off(mine: RunFolder) -> None:
    at = open_app("compare", run=mine.run)
    assert button(at, "Run").disabled
    assert "Run until sure" not in labels(at)
    at = tick(open_app("runs"), 0)
    assert runs_in(at) == [mine.run]
    assert "For the fair" in str(at.dataframe[0].value)
    off = {one.label for one in at.button if one.disabled}
    assert {"Delete", "Save", "Undo", "Delete for good"} <= off


def test_a_disk_that_is_read_only_is_a_demonstration_too(
    tmp_path: Path, race: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk(tmp_path / "disk", 16) as disk:
        monkeypatch.setenv("PDCN_HOME", str(disk))
        folder = plant(Store(disk), "done", race)
        freeze(disk)
        monkeypatch.setenv("PDCN_READ_ONLY", "1")
        assert runs_in(open_app("runs")) == [folder.run]
        assert not open_app("crosses", run=folder.run).error


def test_a_home_that_is_not_there_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path / "new"))
    monkeypatch.setenv("PDCN_READ_ONLY", "1")
    assert not open_app("runs").error
    assert not ensure_worker(Store())
    assert not (tmp_path / "new").exists()


def test_the_command_line_refuses_in_one_sentence(
    mine: RunFolder, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path_factory.mktemp("out")
    refused = (
        "compare --quick",
        "study cause",
        "study dcnv2-synthetic",
        "calibrate --studies 1",
        "showcase --out",
        "bundle --out",
        "bench train --quick",
        f"bench latency {mine.run}",
        f"inspect {mine.run} --kind crosses",
        f"runs delete {mine.run}",
    )
    for words in refused:
        assert main([*words.split(), *([str(out / "new")] if words.endswith("--out") else [])]) == 2, words
        told = capsys.readouterr()
        assert (told.out, told.err) == ("", f"pdcn: {SAID}\n"), words
    assert not (out / "new").exists()
    for words in ("runs", f"runs show {mine.run}", "inspect showcase --kind crosses --json", "study"):
        assert main(words.split()) == 0, words
    assert mine.run in capsys.readouterr().out
    assert main(["report", mine.run, "--out", str(out / "report.html")]) == 0  # it lies outside the home
    assert (out / "report.html").stat().st_size > 10_000
