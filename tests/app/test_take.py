"""What the Runs page offers to take away, and what a press brings."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from pdcn.export.ways import PLAIN, zipped
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.shell import words as say
from tests.app.app_help import FILES, plant, unfold


@pytest.fixture
def raced(store: Store, race: RunFolder) -> RunFolder:
    return plant(store, "done", race, files=FILES)


def names(packed: bytes) -> set[str]:
    """Names of the files in a zip file, without its folder."""
    return {name.partition("/")[2] for name in ZipFile(BytesIO(packed)).namelist()}


def buttons(at: Any) -> dict[str, bool]:
    """Whether each button of a way can be pressed."""
    found = [one.proto for one in at.get("download_button")]
    return {one.id.rpartition("take-")[2]: not one.disabled for one in found if "take-" in one.id}


def page(run: str) -> Any:
    """The part alone, of a run."""
    from streamlit.testing.v1 import AppTest

    def draw(run: str) -> None:
        from pdcn.shell.shown_run import store
        from pdcn.shell.take import take_away

        take_away(store().folder(run))

    return unfold(AppTest.from_function(draw, args=(run,), default_timeout=60).run())


def test_every_way_is_offered_and_nothing_is_made_before_a_press(
    raced: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    monkeypatch.setattr("pdcn.export.ways.export", lambda *given, **more: made.append("made"))
    at = page(raced.run)
    assert not at.exception
    assert buttons(at) == dict.fromkeys(PLAIN, True)
    assert at.markdown[0].value.startswith("The model is ")
    assert at.code[0].value == f"python -m pdcn export {raced.run} --to mlflow --out taken"
    assert made == []


def test_a_press_brings_the_files_or_says_why_not(raced: RunFolder) -> None:
    assert names(zipped(raced, "experiment", say.NOT_TAKEN)) == {"experiment.json"}
    assert {"curves.csv", "history.csv"} <= names(zipped(raced, "csv", say.NOT_TAKEN))
    gone = RunFolder(raced.path.with_name("gone"))
    packed = zipped(gone, "parquet", say.NOT_TAKEN)
    assert names(packed) == {"why-not.txt"}
    said = ZipFile(BytesIO(packed)).read("gone-parquet/why-not.txt").decode()
    assert said.startswith("These files could not be made. run gone: expected a readable experiment.json")


def test_a_run_without_weights_offers_what_it_has(raced: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RunFolder, "trained", ())
    at = page(raced.run)
    assert {name for name, can in buttons(at).items() if not can} == {"weights", "pytorch", "onnx", "faiss"}
    assert "no arm has any yet" in at.info[0].value
