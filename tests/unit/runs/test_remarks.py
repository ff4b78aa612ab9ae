"""What a person writes about a run: kept whole in its folder, within limits, whatever the index or a file says."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdcn.files import SHOWCASE, Unwritable
from pdcn.runs.folder import RunFolder
from pdcn.runs.remarks import FILE, Remarks, remarks_from, remarks_of, write_remarks
from pdcn.runs.store import Store
from pdcn.settings import SettingError
from tests.unit.studies_help import tiny

SOME = Remarks("Wide towers", "first\nsecond", ("wide", "for Ann"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def folder(store: Store) -> RunFolder:
    found = store.create(tiny())
    store.ask(found.run, "stop")
    return found


def test_they_outlive_the_index_and_the_bin(store: Store, folder: RunFolder) -> None:
    write_remarks(folder, SOME)
    store.index.discard()
    store.delete(folder.run)
    store.restore(folder.run)
    assert remarks_of(Store(store.home).folder(folder.run)) == SOME
    assert [row.matched for row in store.rows()] == ["parameters"]


def test_a_run_of_before_has_none(folder: RunFolder) -> None:
    assert remarks_of(folder) == Remarks()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("{", Remarks()),
        ("[1]", Remarks()),
        ('{"name": 5, "notes": null, "tags": "wide"}', Remarks()),
        ('{"name": "a\\n\\u202eb", "notes": "x\\r\\ny", "tags": ["t", 5, "T", ""]}', Remarks("a b", "x\ny", ("t",))),
        (f'{{"name": "{"n" * 99}", "tags": ["{"t" * 99}"]}}', Remarks("n" * 60, "", ("t" * 24,))),
    ],
)
def test_a_file_that_was_edited_by_hand_holds_no_more_than_a_person_can_write(
    folder: RunFolder, text: str, kept: Remarks
) -> None:
    (folder.path / FILE).write_text(text)
    assert remarks_of(folder) == kept


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("n" * 61, "", ""), "name: expected at most 60 letters, got 61"),
        (("", "n" * 1_001, ""), "notes: expected at most 1,000 letters, got 1,001"),
        (("", "", ",".join(map(str, range(9)))), "tags: expected at most 8, got 9"),
        (("", "", "t" * 25), "tags: expected at most 24 letters each, got 25"),
    ],
)
def test_what_is_too_long_is_said(typed: tuple[str, str, str], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        remarks_from(*typed)


def test_a_write_that_fails_leaves_what_was_there(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    write_remarks(folder, SOME)

    def full(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(Unwritable, match="disk is full"):
        write_remarks(folder, Remarks("another"))
    assert remarks_of(folder) == SOME


def test_nothing_is_written_where_there_is_no_run(store: Store, folder: RunFolder) -> None:
    with pytest.raises(SettingError, match="belongs to the project"):
        write_remarks(RunFolder(SHOWCASE), SOME)
    store.delete(folder.run)
    store.empty_bin()
    with pytest.raises(SettingError, match="but it is gone"):
        write_remarks(folder, SOME)
    assert not folder.path.exists()
