"""Disks of a few megabytes, really mounted: to fill them, and to make them read-only. Only root on Linux can."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest


@contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[Path]:
    """A disk of that size at `path`; the test is skipped where none may be mounted."""
    path.mkdir(parents=True, exist_ok=True)
    if not sys.platform.startswith("linux") or _mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", path):
        pytest.skip("a disk can be mounted by root on Linux only")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", path], check=True)


def _mount(*words: str | Path) -> int:
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode


def freeze(path: Path) -> None:
    """Make a mounted disk read-only."""
    assert not _mount("-o", "remount,ro", path)


def fill(path: Path) -> Path:
    """Leave not one byte on a disk; the file that takes all of it."""
    taken = path / "taken"
    with taken.open("ab", buffering=0) as file:
        for block in (b"x" * 65_536, b"x"):
            try:
                while True:
                    file.write(block)
            except OSError:
                continue
    assert psutil.disk_usage(str(path)).free == 0
    return taken
