"""The lock file is that of requirements.txt, and has hashes of everything."""

from __future__ import annotations

import re
from pathlib import Path

from tests.benchmarks.supply import LOCK, pins, unanswered

ROOT = Path(__file__).parents[1]


def test_the_lock_has_what_is_asked_for_and_hashes_of_all() -> None:
    locked, asked = pins(LOCK), pins(ROOT / "requirements.txt")
    assert len(asked) > 40
    assert {name: locked.get(name) for name in asked} == asked
    parts = re.split(r"^(?=[a-zA-Z0-9])", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(parts) >= len(locked)  # some are there once a system
    assert [part.split()[0] for part in parts if not re.search(r"--hash=sha256:[0-9a-f]{64}", part)] == []


def test_an_index_that_could_not_be_asked_is_no_clean_bill() -> None:
    refused = "ERROR:pip_audit._cli:absl-py: Dependency not found on PyPI and could not be audited: absl-py (2.5.1)"
    assert unanswered(refused) == "Dependency not found on PyPI and could not be audited: absl-py (2.5.1)"
    assert unanswered("No known vulnerabilities found") == ""
