"""A disk that is full or read-only: what there is can be seen, and deleted where there is no room at all."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from safetensors import SafetensorError

from pdcn import files
from pdcn.files import Unwritable, disk_is_full, read_json, read_only, sweep, write_json
from pdcn.jobs.submit import ensure_worker, submit
from pdcn.jobs.worker import carry_out
from pdcn.runs import lease
from pdcn.runs.folder import Progress, RunFolder
from pdcn.runs.oddities import oddities
from pdcn.runs.store import Store
from pdcn.settings import SettingError
from tests.disks import fill, freeze, small_disk
from tests.unit.jobs.test_worker import end_workers, over, training, workers
from tests.unit.studies_help import ROOT, long_study, tiny, wait_for

FULL = "The disk is full; make room in {}."


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 8) as path:
        yield path


@pytest.fixture
def store_at(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def ended(store: Store, state: str = "done") -> RunFolder:
    """A run that ended."""
    folder = store.create(tiny(), own=True)
    folder.write_json("result.json", {"verdict": "Even."})
    store.mark(folder, Progress(state))  # type: ignore[arg-type]
    return folder


def runs(store: Store, *, deleted: bool = False) -> list[str]:
    return [row.run for row in store.rows(deleted=deleted)]


def test_runs_are_seen_deleted_and_restored_with_no_room_at_all(disk: Path) -> None:
    store = Store(disk)
    kept, other = ended(store), ended(store)
    before = store.rows()
    taken = fill(disk)
    for seen in (store, Store(disk)):  # a living server, and one that starts now
        assert seen.rows() == before
        assert seen.state(kept.run) == "done"
        assert not seen.waiting()
    store.delete(other.run)
    fill(disk)  # the index gave its room away
    assert runs(store) == runs(Store(disk)) == [kept.run]
    store.restore(other.run)
    fill(disk)
    assert set(runs(store)) == {kept.run, other.run}
    store.delete(other.run)
    fill(disk)
    assert runs(store, deleted=True) == [other.run]
    assert store.empty_bin() == 1
    assert not other.path.exists()
    assert runs(store) == [kept.run]
    fill(disk)
    with pytest.raises(Unwritable) as said:
        store.create(tiny())
    assert str(said.value) == FULL.format(disk)
    assert runs(store) == [kept.run]
    assert oddities(store) == []
    taken.unlink()  # room is made: all goes on, and the index knows what the folders know
    assert runs(store) == runs(Store(disk)) == [kept.run]
    assert store.create(tiny()).run in runs(store)
    assert store.waiting()
    assert not store.index.cramped


def test_a_run_is_claimed_where_the_disk_fills_up_halfway(store_at: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = store_at.create(tiny())

    def full(*_: object, **__: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("pdcn.runs.store.update", full)  # as the index begins to be written to
        assert store_at.claim() == folder
    assert lease.mine(folder.path)
    assert store_at.state(folder.run) == "running"
    assert store_at.claim() is None
    store_at.mark(folder, Progress("done"))


def test_a_run_in_the_bin_stays_there_once_room_is_made(disk: Path) -> None:
    store = Store(disk)
    folder = ended(store)
    taken = fill(disk)
    store.delete(folder.run)
    taken.unlink()
    for seen in (store, Store(disk)):
        assert runs(seen) == []
        assert runs(seen, deleted=True) == [folder.run]


def test_a_run_at_work_is_not_deleted_on_a_full_disk_either(disk: Path) -> None:
    store = Store(disk)
    folder = store.create(tiny(), own=True)
    store.mark(folder, Progress("running"))
    fill(disk)
    with pytest.raises(SettingError, match="still at work"):
        store.delete(folder.run)


def test_a_read_only_home_can_be_looked_at(disk: Path) -> None:
    store = Store(disk)
    kept, binned = ended(store), ended(store)
    store.delete(binned.run)
    freeze(disk)
    assert read_only(disk)
    said = f"{disk} can't be written: runs can be looked at, not made or deleted."
    for seen in (store, Store(disk)):
        assert runs(seen) == [kept.run]
        assert runs(seen, deleted=True) == [binned.run]
        assert seen.state(kept.run) == "done"
        for refused in (
            lambda: seen.create(tiny()),  # noqa: B023
            lambda: seen.delete(kept.run),  # noqa: B023
            lambda: seen.restore(binned.run),  # noqa: B023
        ):
            with pytest.raises(Unwritable) as error:
                refused()
            assert str(error.value) == said
        with pytest.raises(Unwritable, match="could not be deleted"):
            seen.empty_bin()
    assert not ensure_worker(store)
    assert binned.path.exists()


def test_a_read_only_home_without_an_index_or_without_anything(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(disk)
    kept = ended(store)
    store.index.discard()
    freeze(disk)
    assert runs(Store(disk)) == [kept.run]
    monkeypatch.setenv("PDCN_HOME", str(disk / "new" / "home"))
    empty = Store()
    assert runs(empty) == []
    with pytest.raises(Unwritable, match="can't be written"):
        empty.create(tiny())


def test_a_study_that_fills_the_disk_fails_with_a_sentence(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDCN_HOME", str(disk))
    store = Store(disk)
    for full_from in ("the start", "the first lap"):
        folder = store.create(tiny(), "cpu", own=True)
        if full_from == "the start":
            taken = fill(disk)

        def watch(now: Progress) -> None:
            if full_from == "the first lap" and now.done:  # noqa: B023
                fill(disk)

        found = carry_out(store, folder, watch)
        assert (found.state, found.message) == ("failed", FULL.format(disk))
        assert folder.progress == found
        assert store.state(folder.run) == "failed"
        assert not list(disk.rglob("*.partial"))
        taken.unlink()
    assert carry_out(store, store.create(tiny(), "cpu", own=True)).state == "done"


def test_the_worker_outlives_a_full_disk(disk: Path) -> None:
    store = Store(disk)
    try:
        folder, waiting = submit(store, long_study(), "cpu"), store.create(tiny(), "cpu")
        wait_for(lambda: training(folder))
        (worker,) = workers(disk)
        taken = fill(disk)
        for run in (folder, waiting):
            wait_for(lambda: over(store, run))  # noqa: B023
            assert (run.progress.state, run.progress.message) == ("failed", FULL.format(disk))
        taken.unlink()
        after = submit(store, tiny(), "cpu")
        wait_for(lambda: over(store, after))
        assert store.state(after.run) == "done"
        assert [one.pid for one in workers(disk)] == [worker.pid]
        assert {row.run: row.state for row in store.rows()} == {
            folder.run: "failed",
            waiting.run: "failed",
            after.run: "done",
        }
    finally:
        end_workers(disk)


class _NoRoom:
    """`Path.write_text` on a disk that has none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(Path, "write_text", refuse)


def test_small_records_are_written_over_where_there_is_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, new = tmp_path / "progress.json", tmp_path / "new.json"
    write_json(path, {"state": "running", "phase": "a phase of many words"})
    outside = tmp_path / "outside.json"
    outside.write_text("{}")
    (tmp_path / "link.json").symlink_to(outside)
    _NoRoom(monkeypatch)
    write_json(path, {"state": "failed"}, cramped=True)
    assert read_json(path) == {"state": "failed"}
    for refused, cramped in ((path, False), (new, True), (tmp_path / "link.json", True)):
        with pytest.raises(OSError, match="No space left"):
            write_json(refused, {"state": "done"}, cramped=cramped)
    assert read_json(path) == {"state": "failed"}
    assert outside.read_bytes() == b"{}"
    size = path.stat().st_size
    with pytest.raises(OSError, match="No space left"):  # longer than the file's own blocks
        write_json(path, {"state": "x" * 1_000_000}, cramped=True)
    assert path.stat().st_size == size
    assert read_json(path) == {"state": "failed"}


def test_errors_of_a_full_disk_are_known(disk: Path) -> None:
    import torch
    from safetensors.torch import save_file

    fill(disk)
    with pytest.raises(SafetensorError) as weights:
        save_file({"a": torch.zeros(1000)}, disk / "weights")
    with pytest.raises(OSError, match="No space") as table:
        pd.DataFrame({"a": range(100_000)}).to_parquet(disk / "table")
    assert disk_is_full(weights.value)
    assert disk_is_full(table.value)
    assert not disk_is_full(FileNotFoundError(errno.ENOENT, "No such file"))
    assert not disk_is_full(ValueError("full"))


def test_only_what_dead_processes_left_is_swept(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""], cwd=ROOT)
    dead.wait()
    inside = tmp_path / "runs" / "a" / "weights"
    inside.mkdir(parents=True)
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (tmp_path / "runs" / "link").symlink_to(outside)

    def partial(folder: Path, pid: int, name: str = "weights.safetensors") -> Path:
        path = folder / f".{name}.{pid}.140.partial"
        path.write_bytes(b"half")
        return path

    left = [partial(inside, dead.pid), partial(tmp_path / "runs", dead.pid)]
    living, linked = partial(inside, os.getpid()), partial(outside, dead.pid)
    older = partial(inside, os.getpid(), "older")  # of another process that had this number before this one was born
    os.utime(older, (1.0, 1.0))
    plain = inside / "weights.partial"
    plain.write_bytes(b"whole")
    assert sweep(tmp_path / "runs") == 3
    assert not any(path.exists() for path in (*left, older))
    assert all(path.exists() for path in (living, linked, plain))
    assert sweep(tmp_path / "none") == 0


def test_a_new_store_and_a_dead_owner_have_their_leavings_swept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    folder = store.create(tiny(), own=True)
    store.mark(folder, Progress("running"))
    dead = subprocess.Popen([sys.executable, "-c", ""], cwd=ROOT)
    dead.wait()
    left = folder.path / f".ranks.parquet.{dead.pid}.1.partial"
    cached = tmp_path / "cache" / f".planted.npz.{dead.pid}.1.partial"
    cached.parent.mkdir()
    for path in (left, cached):
        path.write_bytes(b"half")
    lease.release(folder.path)
    assert store.state(folder.run) == "interrupted"
    assert not left.exists()
    Store(tmp_path)
    assert not cached.exists()


def test_room_and_read_only_of_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert not read_only(tmp_path / "a" / "b")
    assert files.room(tmp_path / "a" / "b") > 0
