"""To add a way to take a run to work, such as a tracker of experiments: write a module in `pdcn/export` with a function
(a run's folder, an empty folder) -> None, and a line in `WAYS`.

The one below writes each training as a line of JSON. The command line and the pages offer it without a change.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from pdcn.cli import main
from pdcn.export.tracked import trainings_of
from pdcn.export.ways import WAYS, Way
from pdcn.files import SHOWCASE
from pdcn.runs.folder import RunFolder


def write(folder: RunFolder, out: Path) -> None:
    """trainings.jsonl."""
    lines = [json.dumps({"name": one.name, "curve": [*map(asdict, one.curves)]}) for one in trainings_of(folder)]
    (out / "trainings.jsonl").write_text("\n".join(lines), encoding="utf-8")


def test_the_command_line_knows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(WAYS, "lines", Way("lines", "A line of JSON a training.", write, of_towers=False))
    assert main(["export", str(SHOWCASE), "--to", "lines", "--out", str(tmp_path)]) == 0
    assert str(tmp_path / "lines") in capsys.readouterr().out
    found = [json.loads(line) for line in (tmp_path / "lines/trainings.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [one["name"] for one in found] == [f"{arm}-seed{s}" for s in range(3) for arm in ("parallel", "sequential")]
    assert any(point["name"] == "validation/recall_at_100" for point in found[0]["curve"])
