"""Ctrl-C while other processes start. A terminal sends it to all processes at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def heard_later(*, children_deaf: bool) -> Iterator[None]:
    """A Ctrl-C that comes meanwhile is heard after the block: half-way through, it would leave a process behind.

    With `children_deaf`, processes that the block starts never hear of it: who started them ends them. A signal that is
    blocked here for that can reach another thread of this process, and its handler then runs here all the same, between
    any two lines of what starts the processes. So until the block is over the handler only takes note.
    """
    if threading.current_thread() is not threading.main_thread():  # no other hears of it
        yield
        return
    pressed: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    blocks = children_deaf and hasattr(signal, "pthread_sigmask")  # Windows has none
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if blocks else set()
    try:
        yield
    finally:
        if blocks:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        signal.signal(signal.SIGINT, handler)
    if pressed and handler is not signal.SIG_IGN:
        raise KeyboardInterrupt
