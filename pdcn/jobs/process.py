"""Processes of their own for what pages ask for: they outlive whoever asked, and let the pages come first."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil

NICE = 10
"""How far trainings and analyses give way on a machine's cores; PDCN_NICE names another, from 0, not at all, to 19."""
LONGEST_LOG = 1_000_000
"""Bytes of a log from which the next process begins a new one."""
STARTED: list[subprocess.Popen[bytes]] = []
"""Processes that this one started, to be waited for when they have ended."""


def start(home: Path, log: Path, module: str, *arguments: str) -> None:
    """Run a module of ours for a home; what it says goes to a log."""
    STARTED[:] = [process for process in STARTED if process.poll() is None]
    with log.open("ab") as said:
        if said.tell() > LONGEST_LOG:
            said.truncate(0)
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PDCN_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,  # outlives the server, and its terminal's Ctrl-C
        )
    STARTED.append(process)


def niceness() -> int:
    """How far what trains gives way, as whoever serves it asked."""
    asked = os.environ.get("PDCN_NICE", "")
    return min(int(asked), 19) if asked.isdecimal() else NICE


def give_way() -> None:
    """Let a person's pages come first on this machine's cores: for a process that works behind them.

    Where Linux shares cores out by session (autogroup), the niceness of a process counts within its session alone, so
    that of its session is raised, too.
    """
    nice = niceness()
    process = psutil.Process()
    if sys.platform == "win32":
        if nice:
            process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        return
    process.nice(max(nice, process.nice()))
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(nice), encoding="ascii")
