"""What takes how much of a home, and making room there. Nothing is counted or deleted through a link."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pdcn.environment import MOST_MEGABYTES
from pdcn.files import Unwritable, bytes_in, check_writable, read_only, why_read_only
from pdcn.runs import lease
from pdcn.runs import words as say
from pdcn.runs.store import Store
from pdcn.words import size

ANALYSIS = "analysis"
"""The folder of a run that holds its analyses."""
OF_NO_RUN = ("showcase", "lab")
"""Folders of a home with analyses that are about no run of its own."""
REMEMBERED = 10.0
"""Seconds for which the size of a home is not measured again, as every view of a page asks for it."""
_MEASURED: dict[Path, tuple[float, int]] = {}


@dataclass(frozen=True)
class Usage:
    """Bytes that each kind takes; `rest` is the index, the logs, and what else lies in the home."""

    runs: int
    analyses: int
    bin: int
    cache: int
    data: int
    rest: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.runs + self.analyses + self.bin + self.cache + self.data + self.rest


def usage(store: Store) -> Usage:
    """What takes how much of a home now."""
    total = bytes_in(store.home)
    _MEASURED[store.home] = time.monotonic(), total
    gone = sum(bytes_in(store.folders / row.run) for row in store.rows(deleted=True, kind=None))
    every, analyses = bytes_in(store.folders), sum(map(bytes_in, _places(store)))
    others = sum(bytes_in(store.home / name) for name in OF_NO_RUN)
    cache, data = bytes_in(store.home / "cache"), bytes_in(store.home / "data")
    known = every + others + cache + data
    return Usage(every - gone - analyses, analyses + others, gone, cache, data, total - known)


def over_limit(home: Path, more: float) -> str:
    """Why a home has no room for so many bytes more within its limit, in a sentence; nothing where it has."""
    now, limit = time.monotonic(), 1e6 * MOST_MEGABYTES()
    when, taken = _MEASURED.get(home, (-REMEMBERED, 0))
    if now - when >= REMEMBERED:
        taken = bytes_in(home)
        _MEASURED[home] = now, taken
    if taken + more <= limit:
        return ""
    return say.OVER_LIMIT(needed=size(more), taken=size(taken), limit=size(limit), home=home)


def clear_cache(store: Store) -> int:
    """Delete prepared data, which is prepared anew when it is needed; bytes that this gave back."""
    _check(store)
    folder, before = store.home / "cache", bytes_in(store.home / "cache")
    if not folder.is_symlink() and folder.is_dir():
        for path in folder.iterdir():
            if path.is_file() or path.is_symlink():
                with suppress(OSError):  # a process writes it this moment
                    path.unlink()
    return _freed(store, before - bytes_in(folder))


def clear_analyses(store: Store) -> int:
    """Delete every analysis that nobody works on, in the bin as well; bytes that this gave back.

    Each is worked out anew when it is asked for. What comes with the project stays.
    """
    _check(store)
    freed = 0
    for place in (*_places(store, binned=True), store.home / "showcase", store.home / "lab" / ANALYSIS):
        if place.is_symlink() or place.parent.is_symlink() or not place.is_dir():
            continue
        for path in place.iterdir():
            if path.is_dir() and not path.is_symlink() and not lease.held(path):
                before = bytes_in(path)
                shutil.rmtree(path, ignore_errors=True)
                freed += before - bytes_in(path)
    return _freed(store, freed)


def _places(store: Store, *, binned: bool = False) -> Iterator[Path]:
    """Where the analyses of runs lie: of those that are listed, and of those in the bin."""
    for deleted in (False, True) if binned else (False,):
        for row in store.rows(deleted=deleted, kind=None):
            yield store.folders / row.run / ANALYSIS


def _check(store: Store) -> None:
    check_writable()
    if read_only(store.home):
        raise Unwritable(why_read_only(store.home))


def _freed(store: Store, count: int) -> int:
    _MEASURED.pop(store.home, None)
    return count
