"""A million rows are imported in little memory: measured as the benchmark does it, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[4]
MOST = 0.8e9
"""Bytes that the import of a million rows may take, of which the libraries alone take a fifth."""


@pytest.mark.slow
def test_a_million_rows(tmp_path: Path) -> None:
    out = tmp_path / "steps.csv"
    command = [sys.executable, str(ROOT / "tests/benchmarks/own_data.py"), "--rows", "1000000", "--memory", "300"]
    subprocess.run([*command, "--out", str(out)], cwd=ROOT, check=True, capture_output=True)
    steps = pd.read_csv(out).set_index("step")["bytes"]
    assert [*steps.index] == ["read and guess", "problems", "preview", "import", "dataset of 1000000"]
    assert steps.max() < MOST
