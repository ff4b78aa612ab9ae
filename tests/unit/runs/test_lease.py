"""A lease says who is at work on a folder, across processes and machines."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pdcn.runs import lease
from tests.unit.studies_help import wait_for


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(lease, "RENEWED", 0.1)
    yield tmp_path
    lease.release(tmp_path)


def test_it_is_held_until_it_is_released(folder: Path) -> None:
    assert not lease.held(folder)
    assert lease.hold(folder)
    assert lease.held(folder)
    assert lease.mine(folder)
    lease.release(folder)
    assert not lease.held(folder)
    assert not lease.mine(folder)
    assert list(folder.iterdir()) == []


def test_it_is_renewed_in_the_background(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "TERM", 1.5)  # a sleep of before may last for another second
    lease.hold(folder)
    size = (folder / lease.NAME).stat().st_size
    until = time.monotonic() + 2
    while time.monotonic() < until:
        assert lease.held(folder)
        assert (folder / lease.NAME).stat().st_size == size  # so it needs no room on a full disk
        time.sleep(0.1)


def test_a_reserved_one_runs_out_unless_its_process_begins(folder: Path) -> None:
    word = lease.reserve(folder, 0.3)
    assert lease.held(folder)
    assert not lease.mine(folder)
    wait_for(lambda: not lease.held(folder))
    assert not lease.hold(folder, "another word")
    assert lease.hold(folder, word)  # late, but nobody came in between
    wait_for(lambda: lease.held(folder))


def test_whoever_loses_it_is_told(folder: Path) -> None:
    told: list[str] = []
    lease.hold(folder, lost=lambda: told.append("lost"))
    lease.revoke(folder)
    assert not lease.held(folder)
    assert not lease.mine(folder)
    wait_for(lambda: told)
    word = lease.reserve(folder)
    time.sleep(3 * lease.RENEWED)
    assert told == ["lost"]
    assert (folder / lease.NAME).read_text().startswith(word)  # the one who lost it leaves it alone


def test_who_lost_it_does_not_give_up_what_is_now_somebody_elses(folder: Path) -> None:
    """A page stops an analysis and asks for it anew before the first process has noticed."""
    lease.hold(folder)
    word = lease.reserve(folder)
    lease.release(folder)
    assert lease.held(folder)
    assert lease.hold(folder, word)
    lease.release(folder)
    assert not lease.held(folder)


def test_another_machine_goes_by_the_clock(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lease.hold(folder)
    path = folder / lease.NAME
    word, machine, since_start, clock = path.read_text().split()
    assert float(since_start) - time.monotonic() == pytest.approx(float(clock) - time.time(), abs=0.1)
    lease.release(folder)
    path.write_text(f"{word} {machine} {time.monotonic() + 5} 0")  # whatever the clock says
    assert lease.held(folder)
    path.write_text(f"{word} elsewhere 0 {time.time() + 5}")
    assert lease.held(folder)
    path.write_text(f"{word} elsewhere {time.monotonic() + 5} {time.time() - 1}")
    assert not lease.held(folder)


@pytest.mark.parametrize("text", ["", "word", "a b c d", "\0\0\0\0", "a b 1 x"])
def test_what_is_no_lease_is_held_by_nobody(folder: Path, text: str) -> None:
    (folder / lease.NAME).write_text(text)
    assert not lease.held(folder)
    assert lease.hold(folder)
    assert lease.held(folder)


def test_nothing_is_written_through_a_link(folder: Path) -> None:
    outside = folder / "outside"
    outside.write_text("mine")
    (folder / lease.NAME).symlink_to(outside)
    with pytest.raises(OSError, match="symbolic link"):
        lease.hold(folder)
    assert outside.read_text() == "mine"
    (folder / lease.NAME).unlink()


def test_a_folder_that_is_gone_is_let_go(folder: Path) -> None:
    inner = folder / "run"
    inner.mkdir()
    lease.hold(inner)
    (inner / lease.NAME).unlink()
    wait_for(lambda: lease.held(inner))  # a file that was taken away by hand comes back
    lease.release(inner)
    lease.hold(inner)
    (inner / lease.NAME).unlink()
    inner.rmdir()
    wait_for(lambda: not lease.mine(inner))
    assert not inner.exists()
