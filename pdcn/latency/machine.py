"""Which machine this is, in a few words, and how busy others keep it. Knows no torch."""

from __future__ import annotations

import os
import platform
import re
import time
from functools import cache
from pathlib import Path

import psutil


def cores() -> int:
    """Cores that this process may use; `pdcn.training.device.cores` says the same, and needs torch."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def machine() -> str:
    """The processor and its cores: what tells one machine's times from another's.

    >>> machine().endswith("cores") or machine().endswith("core")
    True
    """
    count = cores()
    return f"{_processor()}, {count} core{'s' if count > 1 else ''}"


def _processor() -> str:
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


class Others:
    """Which share of this machine's cores other processes used since it was made."""

    def __init__(self) -> None:
        self.begun, self.all, self.own = time.monotonic(), _busy(), _own()

    def share(self) -> float:
        """Between 0 and 1; 0 where the system does not tell."""
        room = (time.monotonic() - self.begun) * (os.cpu_count() or 1)
        used = (_busy() - self.all) - (_own() - self.own)
        return min(1.0, max(0.0, used / room)) if room > 0 else 0.0


def _busy() -> float:
    now = psutil.cpu_times()
    return float(
        now.user
        + now.system
        + getattr(now, "nice", 0.0)
        + getattr(now, "irq", 0.0)
        + getattr(now, "softirq", 0.0)
    )


def _own() -> float:
    now = psutil.Process().cpu_times()
    return float(now.user + now.system)
