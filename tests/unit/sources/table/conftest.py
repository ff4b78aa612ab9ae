"""Every test imports into a home of its own."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new home."""
    place = tmp_path / "home"
    monkeypatch.setenv("PDCN_HOME", str(place))
    return place
