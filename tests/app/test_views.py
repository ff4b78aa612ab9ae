"""What one session was shown is shown to the next one from memory: the same elements, and nothing drawn again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.shell.shown_run import as_it_is
from tests.app.app_help import SHOWN, charts, open_app, plant, set_to, texts, unfold, verdict_of


@pytest.fixture
def drawn(cold: None, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """An entry for each figure that was begun."""
    figures: list[int] = []
    begin = go.Figure.__init__

    def counted(self: go.Figure, *given: Any, **named: Any) -> None:
        figures.append(1)
        begin(self, *given, **named)

    monkeypatch.setattr(go.Figure, "__init__", counted)
    return figures


def test_a_page_that_somebody_saw_is_not_drawn_again(drawn: list[int]) -> None:
    for page in ("compare", "crosses", "embeddings", "inside", "retrieve", "latency", "findings"):
        before = len(drawn)
        first = unfold(open_app(page, run=SHOWN.run))
        figures = len(drawn)
        assert figures > before, page
        second = unfold(open_app(page, run=SHOWN.run))
        assert len(drawn) == figures, page
        assert [one.proto for one in second.get("plotly_chart")] == [one.proto for one in first.get("plotly_chart")]
        assert charts(second) == charts(first)
        assert texts(second) == texts(first)


def test_another_choice_is_drawn_and_the_first_one_is_still_there(drawn: list[int]) -> None:
    at = open_app("inside", run=SHOWN.run)
    before = texts(at)
    figures = len(drawn)
    set_to(at, inside_side="item")
    assert len(drawn) > figures
    assert texts(at) != before
    figures = len(drawn)
    set_to(at, inside_side="query")
    assert len(drawn) == figures
    assert texts(at) == before


def test_a_run_whose_files_changed_is_told_anew(store: Store, race: RunFolder) -> None:
    folder = plant(store, "done", race)
    at = open_app(run=folder.run)
    result = folder.path / "result.json"
    title = (folder.result or {})["data"]["title"]
    assert title in verdict_of(at)
    result.write_text(result.read_text(encoding="utf-8").replace(title, "Another World"), encoding="utf-8")
    assert "Another World" in verdict_of(open_app(run=folder.run))


def test_two_runs_are_told_apart(tmp_path: Path, race: RunFolder) -> None:
    one, two = RunFolder(tmp_path / "one"), RunFolder(tmp_path / "two")
    for folder in (one, two):
        shutil.copytree(race.path, folder.path)
    assert as_it_is(one) == as_it_is(RunFolder(one.path))
    assert as_it_is(one) != as_it_is(two)
    before = as_it_is(one)
    at = (one.path / "ranks.parquet").stat()
    os.utime(one.path / "ranks.parquet", ns=(at.st_atime_ns, at.st_mtime_ns + 1))
    assert as_it_is(one) != before


def test_a_folder_that_is_gone_has_no_files(tmp_path: Path) -> None:
    assert as_it_is(RunFolder(tmp_path / "gone")) == (str(tmp_path / "gone"), [])
