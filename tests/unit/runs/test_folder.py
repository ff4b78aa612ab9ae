"""A run's folder: every file appears whole or not at all, and damage ends nothing."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pdcn.files import atomic_path, home, read_json, write_json
from pdcn.runs.folder import JobFolder, Progress, RunFolder
from pdcn.settings import SettingError
from tests.unit.studies_help import ROOT, tiny

WRITER = """
import sys
from pathlib import Path
import pandas as pd
from pdcn.runs.folder import RunFolder
folder = RunFolder(Path(sys.argv[1]))
print("ready", flush=True)
for turn in range(10**9):
    folder.write_json("result.json", {"turn": turn, "fill": [turn] * 2000})
    folder.write_frame("history.parquet", pd.DataFrame({"turn": [turn] * 2000}))
"""


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    found = RunFolder(tmp_path / "runs" / "a-run")
    found.create(tiny(), {"created": 5.0, "device": "cpu"})
    return found


def half_write(path: Path) -> None:
    with atomic_path(path) as partial:
        partial.write_text('{"verdict": "ne')
        raise RuntimeError("midway")


def test_failing_write_leaves_the_old_file_and_nothing_else(folder: RunFolder) -> None:
    folder.write_json("result.json", {"verdict": "old"})
    before = sorted(folder.path.iterdir())
    with pytest.raises(TypeError):
        folder.write_json("result.json", {"verdict": object()})
    with pytest.raises(RuntimeError, match="midway"):
        half_write(folder.path / "result.json")
    assert folder.result == {"verdict": "old"}
    assert sorted(folder.path.iterdir()) == before


def test_readers_never_see_half_a_file(folder: RunFolder) -> None:
    folder.write_json("result.json", {"turn": -1, "fill": [-1] * 2000})
    folder.write_frame("history.parquet", pd.DataFrame({"turn": [-1] * 2000}))
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(folder.path)], cwd=ROOT, stdout=subprocess.PIPE)
    seen, frames = set(), set()
    try:
        assert writer.stdout
        assert writer.stdout.readline() == b"ready\n"
        for _ in range(300):
            result = json.loads((folder.path / "result.json").read_text())
            assert result["fill"] == [result["turn"]] * 2000
            seen.add(result["turn"])
            history = folder.history
            assert history is not None
            assert len(history) == 2000
            assert history["turn"].nunique() == 1
            frames.add(int(history["turn"].iloc[0]))
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.communicate()
    assert len(seen) > 3  # it was indeed rewritten meanwhile
    assert len(frames) > 3


def test_two_threads_may_write_the_same_file(folder: RunFolder) -> None:
    """Two tabs of one server find the same dead run at once."""
    failures: list[Exception] = []

    def write(name: str) -> None:
        try:
            for _ in range(300):
                folder.write_json("result.json", {"verdict": name * 500})
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert folder.result is not None
    assert len(set(folder.result["verdict"])) == 1
    assert not list(folder.path.glob("*.partial")) + list(folder.path.glob(".*.partial"))


def test_progress_and_request_roundtrip(folder: RunFolder) -> None:
    assert folder.progress == Progress()
    said = Progress("paused", "training", 3, 12, 4.5, "a word", {"parallel.0": "training"})
    folder.write_progress(said)
    assert folder.progress == said
    assert said.share == 0.25
    assert Progress().share == 0
    folder.note(deleted=2.0)
    assert folder.request == {"created": 5.0, "device": "cpu", "deleted": 2.0}
    assert folder.experiment == tiny()


def test_frames_roundtrip(folder: RunFolder) -> None:
    assert folder.ranks is None
    frame = pd.DataFrame({"user": np.arange(3), "parallel.0": np.array([0, 1.5, 2], np.float32)})
    folder.write_frame("ranks.parquet", frame)
    found = folder.ranks
    assert found is not None
    pd.testing.assert_frame_equal(found, frame)


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b"[1, 2]", b'"word"', b'{"nonsense": 1}'])
def test_damaged_files_are_as_good_as_none(folder: RunFolder, damage: bytes) -> None:
    for name in ("progress.json", "request.json", "result.json", "history.parquet"):
        (folder.path / name).write_bytes(damage)
    (folder.path / "experiment.json").write_bytes(damage)
    assert folder.progress.state == "interrupted"  # it had begun, so it must not begin once more
    assert folder.request["device"] == "auto"
    assert folder.history is None
    assert not isinstance(folder.result, list)
    with pytest.raises(SettingError):
        _ = folder.experiment


@pytest.mark.parametrize("damage", ["{", '{"epochs": "many"}', "[]"])
def test_a_damaged_experiment_is_named_with_its_place(folder: RunFolder, damage: str) -> None:
    (folder.path / "experiment.json").write_text(damage)
    with pytest.raises(SettingError, match=r"expected a readable experiment\.json, but it is damaged") as caught:
        _ = folder.experiment
    assert str(folder.path) in str(caught.value)
    assert folder.run in str(caught.value)


def test_a_result_is_none_yet_or_whole_or_damaged(folder: RunFolder) -> None:
    assert folder.whole_result() is None
    whole = {"arms": {}, "baselines": {}, "data": {}, "verdict": ""}
    folder.write_json("result.json", whole)
    assert folder.whole_result() == whole
    for damage in ("{", "{}", "[]"):
        (folder.path / "result.json").write_text(damage)
        with pytest.raises(SettingError, match=r"expected a readable result\.json, but it is damaged"):
            folder.whole_result()
    (folder.path / "result.json").unlink()
    folder.write_progress(Progress("stopped"))
    assert folder.whole_result() is None
    folder.write_progress(Progress("done"))
    with pytest.raises(SettingError, match=r"expected a readable result\.json, but it is gone"):
        folder.whole_result()


def test_the_result_knows_the_towers_too(folder: RunFolder) -> None:
    assert folder.towers is None
    folder.write_json("result.json", {"arms": {"parallel": {"plan": 1}}})
    assert folder.towers == {"parallel": {"plan": 1}}
    folder.write_json("towers.json", {"parallel": {"plan": 2}})
    assert folder.towers == {"parallel": {"plan": 2}}


def test_unknown_state_or_no_progress(folder: RunFolder) -> None:
    write_json(folder.path / "progress.json", {"state": "dancing"})
    assert folder.progress == Progress()
    (folder.path / "progress.json").unlink()
    assert folder.progress == Progress()


def test_missing_experiment_is_a_setting_error(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"experiment\.json"):
        _ = RunFolder(tmp_path / "none").experiment


def test_size_log_and_remove(folder: RunFolder) -> None:
    before = folder.size()
    folder.log("hello")
    folder.log("again")
    lines = (folder.path / "log.txt").read_text().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ["hello", "again"]
    assert folder.size() == before + sum(len(line) + 1 for line in lines)
    folder.remove()
    assert not folder.path.exists()


def test_read_json_of_what_is_not_there(tmp_path: Path) -> None:
    write_json(tmp_path / "deep" / "a.json", [1, None])
    assert read_json(tmp_path / "deep" / "a.json") == [1, None]
    assert read_json(tmp_path / "none.json") is None
    assert read_json(tmp_path / "deep" / "a.json" / "b.json") is None


def test_home_is_absolute_and_refuses_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PDCN_HOME", "here")
    assert home() == tmp_path / "here"
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PDCN_HOME", "file")
    with pytest.raises(SettingError, match="PDCN_HOME"):
        home()


def test_a_table_that_is_replaced_while_it_is_read_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    holder, over = JobFolder(tmp_path), threading.Event()

    def write() -> None:
        for count in itertools.cycle(range(1, 60)):
            if over.is_set():
                return
            holder.write_frame("history.parquet", pd.DataFrame({"at": [count] * count, "name": [f"n{count}"] * count}))

    writer = threading.Thread(target=write)
    holder.write_frame("history.parquet", pd.DataFrame({"at": [1], "name": ["n1"]}))
    writer.start()
    try:
        for _ in range(100):
            found = holder._frame("history.parquet")
            assert found is not None
            (count,) = {*found["at"]}
            assert list(found["name"]) == [f"n{count}"] * count
    finally:
        over.set()
        writer.join()
