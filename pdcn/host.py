"""This machine: its cores, what it is in a few words, and how busy others keep it. Knows no torch."""

from __future__ import annotations

import math
import os
import platform
import re
import time
from functools import cache
from pathlib import Path

import psutil

from pdcn.words import plural


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def machine() -> str:
    """The processor and its cores: what tells one machine's times from another's.

    >>> machine().endswith("cores") or machine().endswith("core")
    True
    """
    return f"{processor()}, {plural(cores(), 'core')}"


def processor() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        lines = []
    named = (line.partition(":")[2] for line in lines if line.startswith("model name"))
    return tidy(next(named, "") or platform.processor() or platform.machine())


def tidy(name: str) -> str:
    """A processor's name without trade marks and clock.

    >>> tidy("Intel(R) Xeon(R) Platinum 8480+ CPU @ 2.00GHz"), tidy(" Apple  M3 ")
    ('Intel Xeon Platinum 8480+', 'Apple M3')
    """
    bare = re.sub(r"\((R|TM|r|tm)\)|\bCPU\b|@.*$", " ", name)
    return " ".join(bare.split())


def clock_rate() -> float:
    """The processor's clock at this moment in MHz; NaN where the system does not tell."""
    try:
        told = psutil.cpu_freq()
    except (OSError, NotImplementedError, RuntimeError):
        return math.nan
    return float(told.current) if told and told.current else math.nan


class Others:
    """Which share of this machine's cores others used while this was entered, other guests of its host included."""

    def __init__(self) -> None:
        self.room = self.used = 0.0

    def __enter__(self) -> None:
        self._begun = time.monotonic(), _busy() - _own()

    def __exit__(self, *_: object) -> None:
        begun, before = self._begun
        self.room += (time.monotonic() - begun) * (os.cpu_count() or 1)
        self.used += _busy() - _own() - before

    def share(self) -> float:
        """Between 0 and 1."""
        return min(1.0, max(0.0, self.used / self.room)) if self.room else 0.0


def _busy() -> float:
    now = psutil.cpu_times()
    parts = ("user", "system", "nice", "irq", "softirq", "steal")  # some systems know fewer
    return float(sum(getattr(now, part, 0.0) for part in parts))


def _own() -> float:
    now = psutil.Process().cpu_times()
    return float(now.user + now.system)
