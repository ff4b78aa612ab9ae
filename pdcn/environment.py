"""What whoever serves the app sets by environment variables. CONTRIBUTING.md has a table of them, which a test checks.

Each is read when it is asked for, so that a server and its worker follow the environment that they were started in.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from pdcn import words
from pdcn.settings import SettingError, whole_number


@dataclass(frozen=True)
class Limit:
    """A whole number from 1 up that an environment variable sets, and what holds without one."""

    name: str
    default: int

    def __call__(self) -> int:
        """The limit that holds now; `SettingError` where what was set is none.

        >>> Limit("PDCN_NEVER_SET", 3)()
        3
        """
        text = os.environ.get(self.name, "")
        if not text:
            return self.default
        try:
            found = whole_number(text)
        except ValueError:
            found = 0
        if found < 1:
            raise SettingError(words.NO_LIMIT(name=self.name, default=f"{self.default:,}"))
        return found


HOME = "PDCN_HOME"
EXECUTOR = "PDCN_EXECUTOR"
READ_ONLY = "PDCN_READ_ONLY"
MOST_WAITING = Limit("PDCN_MOST_WAITING", 3)
MOST_WAITING_IN_ALL = Limit("PDCN_MOST_WAITING_IN_ALL", 50)
LONGEST_MINUTES = Limit("PDCN_LONGEST_MINUTES", 1_440)
MOST_MEGABYTES = Limit("PDCN_MOST_MEGABYTES", 100_000)
LIMITS = (MOST_WAITING, MOST_WAITING_IN_ALL, LONGEST_MINUTES, MOST_MEGABYTES)
"""Runs that wait of one session, and of all; the longest study; and what a home may take."""


def only_looked_at() -> bool:
    """Whether this is a demonstration, whose home nobody changes, however it lies on the disk."""
    return os.environ.get(READ_ONLY, "") not in ("", "0")
