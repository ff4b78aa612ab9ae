"""Every page opens on a disk that is full or read-only; runs can be deleted with no room at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from tests.app.app_help import button, open_app, plant, texts
from tests.app.test_damaged_runs import PAGES, WITHOUT_A_RUN
from tests.app.test_pages import runs_in, tick
from tests.disks import fill, freeze, small_disk


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 16) as path:
        monkeypatch.setenv("PDCN_HOME", str(path))
        yield path


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("state", ["full", "read-only"])
@pytest.mark.parametrize("own", [True, False])
def test_every_page_opens(disk: Path, race: RunFolder, page: str, state: str, own: bool) -> None:
    folder = plant(Store(disk), "done", race) if own else None
    {"full": fill, "read-only": freeze}[state](disk)
    at = open_app(page)
    assert not at.error, at.error
    if folder and page not in (*WITHOUT_A_RUN, "runs"):
        assert f"run {folder.run}" in texts(at)
    if page == "runs" and folder:
        assert runs_in(at) == [folder.run]


def test_a_read_only_home_says_so_once_and_offers_no_run(disk: Path, race: RunFolder) -> None:
    folder = plant(Store(disk), "done", race)
    freeze(disk)
    at = open_app()
    said = f"{disk} can't be written: runs can be looked at, not made or deleted."
    assert [one.value for one in at.sidebar.caption].count(said) == 1
    assert button(at, "Run").disabled
    at = tick(open_app("runs"), 0)
    assert button(at, "Delete").disabled
    assert said in [one.value for one in at.caption]
    assert runs_in(at) == [folder.run]


def test_with_no_room_at_all_runs_are_deleted_and_none_is_begun(disk: Path, race: RunFolder) -> None:
    store = Store(disk)
    kept, gone = plant(store, "done", race), plant(store, "done", race)
    fill(disk)
    at = open_app()
    assert button(at, "Run").disabled
    assert f"The disk is full; make room in {disk}." in [one.value for one in at.warning]
    at = tick(open_app("runs"), 0)
    button(at, "Delete").click().run()
    assert not at.warning
    assert runs_in(at) == [kept.run]
    fill(disk)
    button(at, "Delete for good").click().run()
    assert not at.error
    assert not gone.path.exists()
    assert kept.path.exists()


def test_entries_that_are_no_runs_are_named(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    (store.folders / "itself").symlink_to(store.folders / "itself")
    shutil.copytree(race.path, store.folders / "list")
    (store.folders / "list" / "experiment.json").write_text("[]")
    at = open_app("runs")
    assert runs_in(at) == [folder.run]
    assert any(str(store.folders) in one.value and "are not runs" in one.value for one in at.warning)
    assert list(at.dataframe[1].value["entry"]) == ["itself", "list"]
