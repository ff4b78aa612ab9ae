"""The index of runs: order, claims, commands, dead owners, the bin, and rebuilding from folders."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

from pdcn.files import SHOWCASE
from pdcn.runs.folder import Progress, RunFolder
from pdcn.runs.oddities import oddities
from pdcn.runs.store import Store
from pdcn.settings import SettingError
from tests.unit.studies_help import ROOT, tiny, wait_for

CLAIMER = """
import sys
from pathlib import Path
from pdcn.runs.store import Store
store = Store(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
print(store.claim().run, flush=True)
sys.stdin.readline()
while folder := store.claim():
    print(folder.run, flush=True)
sys.stdin.readline()
"""
OPENER = """
import sys
from pathlib import Path
from pdcn.runs.store import Store
sys.stdin.readline()
print(len(Store(Path(sys.argv[1])).rows()))
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def begun(store: Store, run: str, state: str = "running") -> None:
    """The index says that a run is at work, or whatever it is; its lease says nothing."""
    with sqlite3.connect(store.index.path) as index:
        index.execute("UPDATE runs SET state = ? WHERE run = ?", (state, run))
    index.close()


def test_oldest_is_claimed_first_and_newest_listed_first(store: Store) -> None:
    runs = [store.create(tiny(seed=seed)).run for seed in range(3)]
    assert [row.run for row in store.rows()] == runs[::-1]
    claimed = [store.claim() for _ in range(4)]
    assert [folder and folder.run for folder in claimed] == [*runs, None]
    assert {row.state for row in store.rows()} == {"running"}
    assert not store.waiting()


def test_row_says_what_the_run_is(store: Store) -> None:
    before = time.time()
    folder = store.create(tiny(), "cpu")
    (row,) = store.rows()
    assert (row.run, row.data, row.arms, row.seeds) == (folder.run, "planted", "parallel, sequential", 2)
    assert row.experiment == tiny().hash()
    assert (row.state, row.verdict, row.deleted) == ("queued", "", None)
    assert before <= row.created <= time.time()
    assert folder.request == {"created": row.created, "device": "cpu", "by": "command line"}
    store.mark(folder, Progress("done"))
    folder.write_json("result.json", {"verdict": "Even."})
    store.mark(folder, Progress("done"))
    assert store.rows()[0].verdict == "Even."


def test_own_run_is_never_taken_by_a_worker(store: Store) -> None:
    folder = store.create(tiny(), own=True)
    assert store.state(folder.run) == "running"
    assert store.claim() is None


def test_processes_never_claim_the_same_run(store: Store) -> None:
    runs = {store.create(tiny(seed=seed)).run for seed in range(40)}
    claimers = [python(CLAIMER, store.home) for _ in range(2)]
    for claimer in claimers:
        assert line_of(claimer) == "ready"
    tell(claimers, "go")
    taken = [line_of(claimer) for claimer in claimers]  # each has one before either goes on
    tell(claimers, "go")
    for claimer in claimers:
        out, err = claimer.communicate("\n", timeout=60)
        assert err == ""
        taken += out.split()
    assert sorted(taken) == sorted(runs)


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def tell(processes: list[subprocess.Popen[str]], line: str) -> None:
    for process in processes:
        assert process.stdin
        process.stdin.write(f"{line}\n")
        process.stdin.flush()


def test_many_processes_make_the_index_at_once(tmp_path: Path) -> None:
    RunFolder(tmp_path / "runs" / "old").create(tiny(), {"created": 1.0, "device": "auto"})
    openers = [python(OPENER, tmp_path) for _ in range(5)]
    tell(openers, "go")
    for opener in openers:
        assert opener.communicate(timeout=60) == ("1\n", "")


def test_threads_of_a_server_share_a_store(store: Store) -> None:
    failures: list[Exception] = []

    def visit() -> None:
        try:
            for seed in range(5):
                folder = store.create(tiny(seed=seed))
                store.ask(folder.run, "stop")
                store.rows()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [row.state for row in store.rows()] == ["stopped"] * 20


def test_commands_are_taken_once_and_the_last_counts(store: Store) -> None:
    run = store.create(tiny()).run
    assert store.claim()
    assert store.take_command(run) is None
    store.ask(run, "pause")
    assert store.take_command(run) == "pause"
    assert store.take_command(run) is None
    store.ask(run, "pause")
    store.ask(run, "resume")
    assert store.take_command(run) == "resume"


def test_a_stop_is_not_taken_back(store: Store) -> None:
    run = store.create(tiny()).run
    assert store.claim()
    store.ask(run, "stop")
    store.ask(run, "pause")
    assert store.take_command(run) == "stop"
    assert store.stop_asked(run)  # a page that looks only now knows it, too


def test_queued_run_stops_at_once(store: Store) -> None:
    folder = store.create(tiny())
    store.ask(folder.run, "stop")
    assert store.state(folder.run) == folder.progress.state == "stopped"
    assert store.claim() is None


def test_what_was_asked_before_the_claim_stands(store: Store) -> None:
    run = store.create(tiny()).run
    store.ask(run, "pause")
    assert store.claim()
    assert store.take_command(run) == "pause"


def test_stop_against_claim(store: Store) -> None:
    """Whoever is first, a stop is never lost: stopped before it began, or told to whom runs it."""
    lost = []
    for seed in range(60):
        run = store.create(tiny(seed=seed)).run
        asking = threading.Thread(target=store.ask, args=(run, "stop"))
        asking.start()
        claimed = store.claim()
        asking.join()
        stopped = store.take_command(run) == "stop" if claimed else store.state(run) == "stopped"
        if not stopped:
            lost.append(run)
        begun(store, run, "done")
    assert lost == []


def test_nothing_can_be_asked_of_a_run_that_is_over(store: Store) -> None:
    folder = store.create(tiny())
    store.mark(folder, Progress("done"))
    store.ask(folder.run, "stop")
    assert store.state(folder.run) == "done"
    assert store.take_command(folder.run) is None


HOLDS = """
import sys, time
from pathlib import Path
from pdcn.runs import lease
lease.TERM, lease.RENEWED = 1.0, 0.1
for folder in sys.argv[1:]:
    lease.hold(Path(folder))
print("held", flush=True)
time.sleep(60)
"""


def test_a_run_whose_process_is_gone_is_interrupted(store: Store) -> None:
    states = ("running", "paused")
    folders = [store.create(tiny()) for _ in states]
    for folder, state in zip(folders, states, strict=True):
        folder.write_progress(Progress("running", "training", 5, 10, 3.0))
        begun(store, folder.run, state)
    with python(HOLDS, *(folder.path for folder in folders)) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        time.sleep(1.5)
        assert tuple(store.state(folder.run) for folder in folders) == states  # it is renewed
        other.kill()
    wait_for(lambda: {row.state for row in store.rows()} == {"interrupted"}, 6)
    for folder in folders:
        now = folder.progress
        assert (now.state, now.done, now.total, now.left) == ("interrupted", 5, 10, None)
        assert "ended before" in now.message


def test_run_that_ended_between_the_two_writes_keeps_its_end(store: Store) -> None:
    folder = store.create(tiny())
    begun(store, folder.run)
    folder.write_json("result.json", {"verdict": "Even."})
    folder.write_progress(Progress("done", "", 10, 10))
    (row,) = store.rows()
    assert (row.state, row.verdict) == ("done", "Even.")
    assert folder.progress.state == "done"


def test_reaping_a_run_whose_folder_is_gone_makes_no_new_one(store: Store) -> None:
    folder = store.create(tiny())
    begun(store, folder.run)
    folder.remove()
    assert store.state(folder.run) == "interrupted"
    assert not folder.path.exists()


def test_claim_passes_over_a_folder_that_is_gone(store: Store) -> None:
    gone, kept = store.create(tiny()), store.create(tiny(seed=1))
    gone.remove()
    claimed = store.claim()
    assert claimed
    assert claimed.run == kept.run
    assert [row.run for row in store.rows()] == [kept.run]
    with pytest.raises(SettingError, match="expected the name of a run"):
        store.state(gone.run)


# folders that come and go by hand


def test_a_run_whose_folder_was_taken_away_is_listed_no_longer(store: Store) -> None:
    gone, binned, kept = (store.create(tiny(seed=seed)) for seed in range(3))
    store.delete(binned.run)
    for folder in (gone, binned):
        shutil.rmtree(folder.path)
    assert [row.run for row in store.rows()] == [kept.run]
    assert store.rows(deleted=True) == []
    with pytest.raises(SettingError, match="expected the name of a run"):
        store.delete(gone.run)
    shutil.rmtree(store.folders)
    assert store.rows() == []
    again = store.create(tiny())
    assert [row.run for row in store.rows()] == [again.run]


def copied(store: Store, name: str, state: str = "done") -> RunFolder:
    """A run of another home, put into this one by hand."""
    other = Store(store.home / "other")
    source = other.create(tiny())
    source.write_json("result.json", {"verdict": "Even."})
    source.write_progress(Progress(state))  # type: ignore[arg-type]
    folder = RunFolder(store.folders / name)
    shutil.copytree(source.path, folder.path)
    return folder


def test_a_folder_put_there_by_hand_is_listed_and_can_be_deleted(store: Store) -> None:
    folder = copied(store, "mine")
    (row,) = store.rows()
    assert (row.run, row.state, row.verdict) == ("mine", "done", "Even.")
    second = copied(store, "second")
    store.delete(second.run)  # before anybody listed it
    assert [row.run for row in store.rows(deleted=True)] == ["second"]
    store.delete(folder.run)
    assert store.empty_bin() == 2
    assert not folder.path.exists()
    assert store.rows() == []


def test_a_copy_of_a_run_at_work_is_at_work_nowhere(store: Store) -> None:
    copied(store, "mine", "running")
    assert [row.state for row in store.rows()] == ["interrupted"]


@pytest.mark.parametrize("missing", ["request.json", "experiment.json", "progress.json"])
def test_a_folder_that_is_still_being_copied_waits(store: Store, missing: str) -> None:
    folder = copied(store, "mine")
    later = (folder.path / missing).read_text()
    (folder.path / missing).unlink()
    assert store.rows() == []
    assert store.claim() is None  # least of all is it trained
    with pytest.raises(SettingError, match=r"expected a folder with readable request\.json"):
        store.delete(folder.run)
    (folder.path / missing).write_text(later)
    assert [row.run for row in store.rows()] == ["mine"]


def test_a_folder_named_like_the_showcase_is_left_alone(store: Store) -> None:
    copied(store, SHOWCASE.name)
    assert store.rows() == []
    assert store.index.rebuild() == 0


def test_a_result_that_was_put_back_is_told_again(store: Store) -> None:
    folder = copied(store, "mine")
    (folder.path / "result.json").write_text("{")
    assert [row.verdict for row in store.rows()] == [""]
    folder.write_json("result.json", {"verdict": "Even."})
    assert [row.verdict for row in store.rows()] == ["Even."]


def test_a_run_whose_experiment_is_damaged_is_there_and_can_be_deleted(store: Store) -> None:
    folder = store.create(tiny())
    (folder.path / "experiment.json").unlink()
    assert [row.run for row in store.rows()] == [folder.run]
    with pytest.raises(SettingError, match=r"expected a readable experiment\.json, but it is gone"):
        _ = store.folder(folder.run).experiment
    store.delete(folder.run)
    assert store.rows() == []


def test_folders_are_compared_at_no_cost_that_a_page_would_feel(store: Store) -> None:
    with sqlite3.connect(store.index.path) as index:
        for number in range(100):
            folder = RunFolder(store.folders / f"run-{number}")
            folder.create(tiny(), {"created": float(number), "device": "cpu"})
            store._insert(index, folder)
    index.close()
    assert len(store.rows()) == 100
    took = []
    for _ in range(20):
        begun = time.perf_counter()
        store.index.look(store._follow_folders)
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.003


def test_the_bin_is_emptied_while_others_list(store: Store) -> None:
    """A folder on its way out is not taken for one that was put there."""
    for seed in range(20):
        store.delete(store.create(tiny(seed=seed)).run)
    over = threading.Event()
    seen: set[str] = set()

    def look() -> None:
        while not over.is_set():
            seen.update(row.run for row in store.rows())

    looking = threading.Thread(target=look)
    looking.start()
    emptied = store.empty_bin()
    over.set()
    looking.join()
    assert emptied == 20
    assert seen == set()
    assert store.rows(deleted=True) == store.rows() == []


def test_delete_restore_and_empty_the_bin(store: Store) -> None:
    first, second, third = (store.create(tiny(seed=seed)) for seed in range(3))
    for folder in (first, second, third):
        store.mark(folder, Progress("done"))
    store.delete(first.run)
    store.delete(second.run)
    assert [row.run for row in store.rows()] == [third.run]
    assert [row.run for row in store.rows(deleted=True)] == [second.run, first.run]
    store.restore(second.run)
    assert [row.run for row in store.rows()] == [third.run, second.run]
    assert store.empty_bin() == 1
    assert not first.path.exists()
    assert second.experiment == tiny(seed=1)
    assert store.rows(deleted=True) == []
    assert store.empty_bin() == 0
    with pytest.raises(SettingError):
        store.restore(first.run)


def test_run_at_work_cannot_be_deleted(store: Store) -> None:
    folder = store.create(tiny(), own=True)
    with pytest.raises(SettingError, match="stop it first"):
        store.delete(folder.run)
    assert store.rows(deleted=True) == []


def test_deleted_run_is_not_claimed_until_restored(store: Store) -> None:
    run = store.create(tiny()).run
    store.delete(run)
    assert not store.waiting()
    assert store.claim() is None
    store.restore(run)
    assert store.claim()


@pytest.mark.parametrize("name", ["none", "../x", "..", ".", "", "/etc", "a/b", "x" * 5000, "nul\0", "../runs/x", "x/"])
def test_unknown_names_and_paths_do_not_lead_anywhere(store: Store, name: str) -> None:
    for path in (store.home, store.home / "x", store.folders / "x"):
        path.mkdir(exist_ok=True)
        (path / "experiment.json").write_text(tiny().to_json())
    with pytest.raises(SettingError):
        store.folder(name)
    with pytest.raises(SettingError):
        store.state(name)
    with pytest.raises(SettingError):
        store.ask(name, "stop")
    with pytest.raises(SettingError):
        store.delete(name)
    with pytest.raises(SettingError):
        store.restore(name)
    assert (store.home / "x" / "experiment.json").exists()


def make_some(store: Store) -> list[tuple[str, str, str, float | None]]:
    done, queued, stopped, binned, dead = (store.create(tiny(seed=seed)) for seed in range(5))
    done.write_json("result.json", {"verdict": "Even."})
    store.mark(done, Progress("done"))
    store.ask(stopped.run, "stop")
    store.delete(binned.run)
    store.mark(dead, Progress("running", "training", 1, 2))
    assert store.state(queued.run) == "queued"
    return listed(store)


def listed(store: Store) -> list[tuple[str, str, str, float | None]]:
    rows = [*store.rows(), *store.rows(deleted=True)]
    return [(row.run, row.state, row.verdict, row.deleted) for row in rows]


def test_rebuild_after_the_index_was_deleted(store: Store) -> None:
    before = make_some(store)
    assert sorted(state for _, state, _, _ in before) == ["done", "interrupted", "queued", "queued", "stopped"]
    store.index.path.unlink()
    assert listed(Store(store.home)) == before


def test_index_that_vanishes_under_a_living_store(store: Store) -> None:
    before = make_some(store)
    for name in ("runs.sqlite", "runs.sqlite-wal", "runs.sqlite-shm"):
        (store.home / name).unlink(missing_ok=True)
    assert listed(store) == before
    assert store.index.rebuild() == len(before)
    assert listed(store) == before


@pytest.mark.parametrize("damage", ["all", "middle", "cut", "empty"])
def test_rebuild_of_a_damaged_index(store: Store, damage: str) -> None:
    before = make_some(store)
    content = store.index.path.read_bytes()
    store.index.path.write_bytes(
        {
            "all": b"not a database, alas" * 500,
            "middle": content[:4096] + os.urandom(len(content) - 4096),
            "cut": content[: len(content) // 2],
            "empty": b"",
        }[damage]
    )
    assert listed(Store(store.home)) == before
    assert listed(store) == before


def test_index_damaged_under_a_living_store_is_mended(store: Store) -> None:
    before = make_some(store)
    store.index.path.write_bytes(b"not a database, alas" * 500)
    with pytest.raises(SettingError, match="made anew"):
        store.rows()
    assert listed(store) == before


def test_index_of_another_version_is_made_anew(store: Store) -> None:
    before = make_some(store)
    with sqlite3.connect(store.index.path) as index:
        index.execute("ALTER TABLE runs DROP COLUMN verdict")
        index.execute("PRAGMA user_version = 0")
    index.close()
    assert listed(Store(store.home)) == before


def test_rebuild_keeps_a_living_run(store: Store) -> None:
    mine, claimed = store.create(tiny(), own=True), store.create(tiny(seed=1))
    assert store.claim()
    store.mark(claimed, Progress("paused"))
    store.index.path.unlink()
    again = Store(store.home)
    assert again.state(mine.run) == "running"
    assert again.state(claimed.run) == "paused"
    assert again.claim() is None


def test_damaged_folder_among_good_ones(store: Store) -> None:
    before = make_some(store)
    for name, text in {"bad": "{", "empty": "", "wrong": '{"arms": ["nonsense"]}'}.items():
        (store.folders / name).mkdir()
        (store.folders / name / "experiment.json").write_text(text)
    (store.folders / "nothing").mkdir()
    (store.folders / "file").write_text("not a folder")
    odd = RunFolder(store.folders / "odd")
    odd.create(tiny(), {"created": 0.5, "device": "auto"})
    for name in ("progress.json", "result.json"):
        (odd.path / name).write_text("[]")
    odd.write_frame("history.parquet", pd.DataFrame({"step": [1]}))
    store.index.path.unlink()
    again = Store(store.home)
    found = [row for row in listed(again) if row[0] != "odd"]
    assert found == before
    assert again.state("odd") == "interrupted"
    with pytest.raises(SettingError):
        _ = again.folder("bad").experiment


def test_locked_index_is_said_in_a_sentence(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **rest: connect(path, **{**rest, "timeout": 0.1}))
    folder = store.create(tiny(), own=True)
    other = connect(store.index.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(SettingError, match="locked"):
        store.create(tiny())
    store.mark(folder, Progress("done", "", 4, 4))  # a training does not end of it
    assert store.take_command(folder.run) is None
    other.execute("COMMIT")
    other.close()
    assert folder.progress.state == "done"
    assert store.state(folder.run) == "done"  # its process lives on, but the folder is the truth
    assert [row.run for row in store.rows()] == [folder.run]


def test_home_that_cannot_be_used_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(SettingError, match="PDCN_HOME"):
        Store(tmp_path)
    (tmp_path / "other" / "runs.sqlite").mkdir(parents=True)
    with pytest.raises(SettingError, match="PDCN_HOME"):
        Store(tmp_path / "other")


def test_bad_entries_are_passed_over_and_named(store: Store, tmp_path: Path) -> None:
    good = store.create(tiny())
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(good.path, elsewhere)
    (store.folders / "itself").symlink_to(store.folders / "itself")
    (store.folders / "link").symlink_to(elsewhere)
    (store.folders / "notes.txt").write_text("mine")
    (store.folders / ".DS_Store").write_text("")
    (store.folders / "empty").mkdir()
    shutil.copytree(good.path, store.folders / "list")
    (store.folders / "list" / "experiment.json").write_text("[1, 2]")
    shutil.copytree(good.path, store.folders / "showcase")
    for seen in (store, Store(tmp_path)):
        assert [row.run for row in seen.rows()] == [good.run]
        assert {one.name: one.why for one in oddities(seen)} == {
            "empty": "has no request.json and no experiment.json and no progress.json",
            "itself": "a link; a run is a folder of its own",
            "link": "a link; a run is a folder of its own",
            "list": "its experiment.json can't be read as one",
            "notes.txt": "a file; a run is a folder",
            "showcase": "has the name of the run that comes with the project",
        }
    for name in ("itself", "link", "notes.txt"):
        with pytest.raises(SettingError, match="expected the name of a run"):
            store.folder(name)
        with pytest.raises(SettingError):
            store.delete(name)
    assert (elsewhere / "experiment.json").exists()


def test_nothing_is_written_or_deleted_through_a_link(store: Store, tmp_path: Path) -> None:
    folder = store.create(tiny(), own=True)
    store.mark(folder, Progress("done"))
    outside = tmp_path / "outside"
    outside.mkdir()
    before = {}
    for name in ("request.json", "progress.json", "log.txt"):
        path = folder.path / name
        before[name] = path.read_text() if path.exists() else "kept"
        (outside / name).write_text(before[name])
        path.unlink(missing_ok=True)
        path.symlink_to(outside / name)
    (folder.path / "weights").symlink_to(outside)
    folder.log("a line")
    store.delete(folder.run)
    store.restore(folder.run)
    store.delete(folder.run)
    assert store.empty_bin() == 1
    assert not folder.path.exists()
    assert {path.name: path.read_text() for path in outside.iterdir()} == before
    link = store.folders / "link"
    link.symlink_to(outside)
    with pytest.raises(SettingError, match="is a link"):
        RunFolder(link).remove()
    assert link.is_symlink()
    assert len(list(outside.iterdir())) == 3
