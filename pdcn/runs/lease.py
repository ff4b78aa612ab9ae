"""Who is at work on a folder: its holder renews a lease there, from whatever machine. One that runs out has lost it.

A lease is a line of a file: a word that only its holder knows, and when it runs out. A reader on the same machine
compares the time since that machine started, which knows no change of the clock and stands still while a laptop sleeps;
any other compares the clock. The file keeps its length, so that renewing it needs no room on the disk.
"""

from __future__ import annotations

import os
import platform
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil

NAME = "lease"
TERM, RENEWED = 20.0, 1.0
"""Seconds that a lease holds when it is renewed, and after which it is renewed again."""
START = 30.0
"""Seconds that a process has to begin what was left to it."""
LENGTH = 120
NOBODY = "nobody"

_HELD: dict[Path, tuple[str, Callable[[], object]]] = {}
"""Leases of this process by folder: the word of each, and what is called where somebody else has taken it."""
_GUARD = threading.Lock()


@cache
def _machine() -> str:
    """What names this machine since it was started."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{platform.node()}/{psutil.boot_time():.0f}".replace(" ", "_")


def held(folder: Path) -> bool:
    """Whether somebody is at work on the folder."""
    _, machine, since_start, clock = _read(folder)
    now, end = (time.monotonic(), since_start) if machine == _machine() else (time.time(), clock)
    return now < end


def reserve(folder: Path, term: float = START) -> str:
    """Take the lease for a process that is about to begin, which has `term` seconds for it; the word to tell it."""
    word = secrets.token_hex(4)
    _write(folder, word, term)
    return word


def hold(folder: Path, word: str = "", lost: Callable[[], object] = lambda: None) -> bool:
    """Hold the lease from here on: take it, or begin with the word of one that was reserved; whether that still stood.

    It is renewed until `release`, or until the process ends. `lost` is called, in another thread, where somebody else
    has taken it, which ends the renewing.
    """
    with _GUARD:
        if word and _read(folder)[0] != word:
            return False
        _HELD[folder] = word or reserve(folder, TERM), lost
    _renewing()
    return True


def mine(folder: Path) -> bool:
    """Whether this process holds the lease; nobody holds that of a folder which is gone."""
    return folder in _HELD and folder.is_dir() and _read(folder)[0] in (_HELD[folder][0], "")


def release(folder: Path) -> None:
    """Give the lease up; one that somebody else has taken meanwhile stays theirs."""
    with _GUARD:
        word = _HELD.pop(folder, (NOBODY,))[0]
        if _read(folder)[0] in (word, NOBODY):
            with suppress(OSError):
                (folder / NAME).unlink(missing_ok=True)


def revoke(folder: Path) -> None:
    """Take the lease from whoever holds it, who is told so and ends."""
    _write(folder, NOBODY, -TERM)


@cache
def _renewing() -> threading.Thread:
    thread = threading.Thread(target=_renew, name="leases", daemon=True)
    thread.start()
    return thread


def _renew() -> None:
    while True:
        time.sleep(RENEWED)
        taken = []
        with _GUARD:
            for folder, (word, lost) in list(_HELD.items()):
                if folder.is_dir() and _read(folder)[0] in (word, ""):
                    with suppress(OSError):
                        _write(folder, word, TERM)
                else:
                    del _HELD[folder]
                    taken.append(lost)
        for lost in taken:
            lost()


def _read(folder: Path) -> tuple[str, str, float, float]:
    """Word, machine, and the two times at which it runs out; no word where there is no lease."""
    with suppress(OSError, ValueError):
        word, machine, since_start, clock = (folder / NAME).read_text(encoding="utf-8").split()
        return word, machine, float(since_start), float(clock)
    return "", "", 0.0, 0.0


def _write(folder: Path, word: str, term: float) -> None:
    line = f"{word} {_machine()} {time.monotonic() + term:.3f} {time.time() + term:.3f}".ljust(LENGTH)
    file = os.open(folder / NAME, os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)
