"""The notebook that comes with the project runs, cell by cell, and says what it is written to say."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import pdcn

ROOT = Path(__file__).parents[2]


@pytest.mark.filterwarnings("ignore")
def test_the_notebook_runs_and_uses_every_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = nbformat.read(ROOT / "data/notebook.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    source = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert {*re.findall(r"pdcn\.(\w+)\(", source)} == {*pdcn.__all__}
    assert not any(cell.get("outputs") for cell in notebook.cells)  # what it says is worked out anew
    for name in ("PDCN_HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep))
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    NotebookClient(notebook, timeout=250, kernel_name="python3").execute()
    said = [str(cell.outputs) for cell in notebook.cells if cell.cell_type == "code"]
    before, after = map(float, re.findall(r"\(([\d.]+), ([\d.]+)\)", said[3])[0])
    assert before < after
    assert "95% interval" in said[5]
    assert "tower.py" in said[8]
    assert [*(tmp_path / "PDCN_HOME/runs").iterdir()] != []
