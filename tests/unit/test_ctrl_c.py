"""Ctrl-C while other processes start."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from pdcn.ctrl_c import heard_later


@pytest.mark.usefixtures("hears_ctrl_c")
@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="Windows has no signal masks")
def test_ctrl_c_waits_for_the_processes_to_have_started_even_where_another_thread_hears_it() -> None:
    heard = threading.Event()
    other = threading.Thread(target=heard.wait)
    other.start()
    before, reached = signal.getsignal(signal.SIGINT), []

    def started() -> None:
        with heard_later(children_deaf=True):
            os.kill(os.getpid(), signal.SIGINT)
            deadline = time.monotonic() + 0.2
            while time.monotonic() < deadline:
                pass
            reached.append(True)

    try:
        with pytest.raises(KeyboardInterrupt):
            started()
    finally:
        heard.set()
        other.join()
    assert reached
    assert signal.getsignal(signal.SIGINT) is before
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, set())


@pytest.mark.usefixtures("hears_ctrl_c")
@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="Windows has no signal masks")
def test_processes_hear_of_it_unless_they_are_to_be_deaf() -> None:
    before = signal.getsignal(signal.SIGINT)
    for deaf in (True, False):
        with heard_later(children_deaf=deaf):
            assert (signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, set())) is deaf
        assert signal.getsignal(signal.SIGINT) is before
