"""Many rows are imported in little memory: measured as the benchmark does it, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[4]
ROWS, MOST = 400_000, 0.44e9
"""Rows, and the bytes that their import may take: 600 for each, beside the 0.2 GB of the libraries alone."""


@pytest.mark.slow
def test_many_rows_take_little_memory(tmp_path: Path) -> None:
    out = tmp_path / "steps.csv"
    command = [sys.executable, str(ROOT / "tests/benchmarks/own_data.py"), "--rows", str(ROWS), "--memory", "120"]
    subprocess.run([*command, "--out", str(out)], cwd=ROOT, check=True, capture_output=True)
    steps = pd.read_csv(out).set_index("step")["bytes"]
    assert [*steps.index] == ["read and guess", "problems", "preview", "import", f"dataset of {ROWS}"]
    assert steps.max() < MOST
