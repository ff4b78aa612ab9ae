"""The same settings and seeds give the same numbers, bit for bit, in another process and on another number of cores."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

ROOT = Path(__file__).parents[3]
SETTINGS = (
    "--data",
    "planted",
    "--events",
    "3000",
    "--items",
    "150",
    "--users",
    "60",
    "--batch",
    "128",
    "--epochs",
    "2",
    "--seeds",
    "2",
    "--deep",
    "16",
    "--output",
    "8",
)


def compared(home: Path, out: Path, cores: int) -> dict[str, Any]:
    """What a process of its own, on so many cores, finds; its folder is copied to `out`."""
    words = [sys.executable, "-m", "pdcn", "compare", *SETTINGS, "--device", "cpu", "--json", "--out", str(out)]
    if cores == 1:
        some = min(os.sched_getaffinity(0))
        start = f"import os, runpy; os.sched_setaffinity(0, {{{some}}}); runpy.run_module('pdcn', run_name='__main__')"
        words[1:3] = ["-c", start]
    environment = {**os.environ, "PDCN_HOME": str(home), "OMP_NUM_THREADS": str(cores)}
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not let a process choose cores")
def test_two_processes_agree_to_the_last_bit(tmp_path: Path) -> None:
    one, two = (
        compared(tmp_path / f"home{place}", tmp_path / f"out{place}", cores)
        for place, cores in enumerate((1, len(os.sched_getaffinity(0))))
    )
    assert one["comparison"] == two["comparison"]
    assert one["verdict"] == two["verdict"]
    assert one["made_on"] == two["made_on"]
    for name in ("ranks.parquet", "slices.parquet"):
        here, there = (pd.read_parquet(tmp_path / out / name) for out in ("out0", "out1"))
        pd.testing.assert_frame_equal(here, there, check_exact=True)
    here, there = (
        pd.read_parquet(tmp_path / out / "history.parquet")
        .drop(columns="seconds")
        .sort_values(["arm", "seed", "step"], ignore_index=True)
        for out in ("out0", "out1")
    )
    pd.testing.assert_frame_equal(here, there, check_exact=True)
    files = [sorted((tmp_path / out).rglob("*.safetensors")) for out in ("out0", "out1")]
    assert len(files[0]) == len(files[1]) > 4
    for one_file, other in zip(*files, strict=True):
        assert one_file.name == other.name
        assert one_file.read_bytes() == other.read_bytes()
