"""A worker that is killed, a server, an importer, a folder that is taken away: nothing that was finished is lost.

`python tests/benchmarks/kills.py --moments 50` does it for longer, with a server, analyses and a full disk.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.kills import Kills, damaged


@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked here")
def test_nothing_that_was_finished_is_lost_at_any_moment(tmp_path: Path) -> None:
    kills = Kills(tmp_path / "home", seed=29)
    try:
        kills.begin()
        for name in ("worker", "visitor", "importer", "worker", "folder", "importer", "index"):
            kills.moment(getattr(kills, name))
        kills.end()
        assert len({*kills.finished} - kills.taken) >= 2
    finally:
        kills.stop()


def test_half_a_file_is_known_as_such(tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    pd.DataFrame({"a": range(1_000)}).to_parquet(whole)
    np.savez(tmp_path / "whole.npz", a=np.arange(1_000))
    for path in (whole, tmp_path / "whole.npz"):
        assert damaged(path) == ""
        half = tmp_path / f"half{path.suffix}"
        half.write_bytes(path.read_bytes()[:-100])
        assert damaged(half)
    (tmp_path / "half.json").write_text('{"a": [1, 2')
    assert damaged(tmp_path / "half.json")
