"""What takes how much of a home, its limit, and making room: never through a link."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdcn.environment import LIMITS
from pdcn.jobs.analysis import Analysis
from pdcn.jobs.needs import refusal
from pdcn.jobs.submit import submit
from pdcn.pages.crosses import CROSSES
from pdcn.runs import lease, usage
from pdcn.runs.folder import Progress, RunFolder
from pdcn.runs.store import Store
from pdcn.runs.usage import clear_analyses, clear_cache, over_limit
from pdcn.settings import SettingError
from tests.unit.studies_help import tiny


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "REMEMBERED", 0.0)


def filled(path: Path, count: int) -> Path:
    """A file of so many bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * count)
    return path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A home with something of every kind; beside it a folder that nothing of it may touch."""
    store = Store(tmp_path / "home")
    kept, gone = (store.create(tiny(), own=True) for _ in range(2))
    for folder in (kept, gone):
        store.mark(folder, Progress("done"))
        filled(folder.path / "ranks.parquet", 1_000)
    filled(kept.path / "analysis" / "crosses-1" / "table.parquet", 70_000)
    filled(gone.path / "analysis" / "crosses-1" / "table.parquet", 5_000)
    filled(store.home / "showcase" / "crosses-1" / "table.parquet", 20_000)
    filled(store.home / "lab" / "analysis" / "learn-1" / "table.parquet", 3_000)
    filled(store.home / "cache" / "planted-1.npz", 400_000)
    filled(store.home / "data" / "mine" / "events.parquet", 30_000)
    store.delete(gone.run)
    filled(tmp_path / "outside" / "crosses-1" / "table.parquet", 9_000_000)
    return store


def test_every_byte_is_of_one_kind(store: Store) -> None:
    found = usage.usage(store)
    every = sum(path.stat().st_size for path in store.home.rglob("*") if path.is_file())
    assert found.total == every
    assert (found.cache, found.data, found.analyses) == (400_000, 30_000, 93_000)
    assert 6_000 < found.bin < 12_000  # a run of 1,000 bytes, its analysis, and its records
    assert 1_000 < found.runs < 6_000


def test_what_a_link_leads_to_is_neither_counted_nor_deleted(store: Store, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (row,) = store.rows()
    run = store.folders / row.run
    (run / "analysis" / "linked").symlink_to(outside)
    (store.home / "cache" / "linked.npz").symlink_to(outside / "crosses-1" / "table.parquet")
    (store.home / "cache" / "folder").symlink_to(outside)
    other = store.create(tiny(), own=True)
    store.mark(other, Progress("done"))
    (other.path / "analysis").symlink_to(outside)
    (store.home / "elsewhere").symlink_to(outside)
    assert usage.usage(store).total < 1_000_000
    clear_analyses(store)
    clear_cache(store)
    store.delete(other.run)
    store.empty_bin()
    assert (outside / "crosses-1" / "table.parquet").stat().st_size == 9_000_000


def test_a_whole_folder_that_is_a_link_is_left_alone(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    filled(outside / "planted-1.npz", 1_000)
    filled(outside / "crosses-1" / "table.parquet", 1_000)
    store = Store(tmp_path / "home")
    for name in ("cache", "showcase", "lab"):
        (store.home / name).symlink_to(outside)
    assert (clear_cache(store), clear_analyses(store)) == (0, 0)
    assert len([*outside.rglob("*.*")]) == 2


def test_what_can_be_made_anew_is_deleted_and_the_rest_stays(store: Store) -> None:
    going = store.home / "showcase" / "crosses-2"
    filled(going / "so-far-table.parquet", 500)
    lease.hold(going)
    assert clear_analyses(store) == 98_000
    assert going.exists()  # somebody is at work on it
    lease.release(going)
    assert clear_cache(store) == 400_000
    found = usage.usage(store)
    assert (found.cache, found.data) == (0, 30_000)
    assert found.runs > 1_000
    assert found.bin > 1_000


def test_a_study_that_would_not_fit_the_limit_says_so_before_it_starts(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert over_limit(store.home, 1e6) == ""
    monkeypatch.setenv("PDCN_MOST_MEGABYTES", "1")
    said = refusal(tiny(), store.home)
    assert said.startswith("This needs about ")
    assert f"{store.home} may take 1.0 MB and takes 0.5 MB; make room on the Runs page." in said
    before = store.rows()
    with pytest.raises(SettingError, match="make room"):
        submit(store, tiny())
    assert store.rows() == before


def test_an_analysis_is_not_begun_over_the_limit_either(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDCN_MOST_MEGABYTES", "1")
    filled(folder.path / "more", 1_000_001)
    analysis = Analysis.of(folder, CROSSES)
    with pytest.raises(SettingError, match="make room"):
        analysis.ask()
    assert not analysis.path.exists()


@pytest.mark.parametrize("text", ["many", "0", "-1", "2.5"])
def test_a_limit_that_is_none_is_said(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in LIMITS:
        monkeypatch.setenv(limit.name, text)
        with pytest.raises(SettingError, match=f"{limit.name}: expected a whole number from 1 up; without one, "):
            limit()
