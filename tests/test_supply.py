"""The lock file is that of requirements.txt, and has hashes of everything."""

from __future__ import annotations

import re
from pathlib import Path

from tests.benchmarks.supply import LOCK, pins

ROOT = Path(__file__).parents[1]


def test_the_lock_has_what_is_asked_for_and_hashes_of_all() -> None:
    locked, asked = pins(LOCK), pins(ROOT / "requirements.txt")
    assert len(asked) > 40
    assert {name: locked.get(name) for name in asked} == asked
    parts = re.split(r"^(?=[a-zA-Z0-9])", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(parts) >= len(locked)  # some are there once a system
    assert [part.split()[0] for part in parts if not re.search(r"--hash=sha256:[0-9a-f]{64}", part)] == []
