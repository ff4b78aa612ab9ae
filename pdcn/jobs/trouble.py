"""How a job ends, and what went wrong for want of memory or disk, in words.

Knows no torch: its errors are known by their names.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from pdcn.files import LOCKED, disk_is_full, why_unwritable
from pdcn.jobs import words as say
from pdcn.runs.folder import State
from pdcn.settings import SettingError

NO_MEMORY = ("can't allocate memory", "not enough memory", "out of memory", "cannot allocate memory")
"""What torch's own errors say: a RuntimeError on a processor, OutOfMemoryError on a GPU."""


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out: Python's, NumPy's, Arrow's or torch's.

    >>> out_of_memory(MemoryError()), out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory"))
    (True, True)
    """
    if isinstance(error, MemoryError):
        return True
    if not isinstance(error, (RuntimeError, OSError)):
        return False
    return any(words in str(error).lower() for words in NO_MEMORY)


def ended(work: Callable[[], State], home: Path, less: str, log: Callable[[str], None]) -> tuple[State, str]:
    """Do a job's work: the state in which it ended, and why in a sentence where it failed.

    `home` and `less` are as in `in_words`; `log` is told of an error that nobody expected.
    """
    try:
        return work(), ""
    except SettingError as error:
        return "failed", str(error)
    except Exception as error:  # whatever else went wrong is this job's end, and no more
        said = in_words(error, home, less)
        if said is None:
            log(traceback.format_exc())
            said = f"{type(error).__name__}: {error}".splitlines()[0]
        return "failed", said


def in_words(error: BaseException, home: Path, less: str) -> str | None:
    """One sentence for whoever ran out of memory or disk; None for any other error.

    `home` is where the work writes to, `less` says what would need less memory.
    """
    if out_of_memory(error):
        return say.NO_MEMORY(less=less)
    if isinstance(error, BrokenProcessPool):
        return say.ENDED_FROM_OUTSIDE(less=less)
    if disk_is_full(error) or (isinstance(error, OSError) and error.errno in LOCKED):
        return str(why_unwritable(home, error))
    return None
