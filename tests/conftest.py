"""All tests share the cores, in an order that is drawn anew each time; none sees the home of whoever runs them."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator

import psutil
import pytest
from hypothesis import HealthCheck, settings

from pdcn.host import cores

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")  # other work may keep every core busy: how long an example takes says nothing

ROOM = 3 * 2**30
"""Bytes for one process of tests, with its browser, its server and their worker."""

LONG = ("browser", "slow")
"""Marks of tests that take long, the longest first."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes a core for all tests, as many wait for a browser, a worker or a clock; tests that somebody names
    run in this one, which starts at once."""
    if config.args != config.getini("testpaths"):
        return 0
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a core is one thread's, also in what the tests start
    return max(1, min(2 * cores(), psutil.virtual_memory().available // ROOM))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest first, in the order that was drawn, so that no process is left with them.

    Every process begins with an equal part of the list, so each part begins with its share of the longest.
    """
    items.sort(key=lambda item: next((at for at, kind in enumerate(LONG) if item.get_closest_marker(kind)), len(LONG)))
    processes = getattr(config, "workerinput", {}).get("workercount", 1)
    long = [item for item in items if any(item.get_closest_marker(kind) for kind in LONG)]
    rest, size = items[len(long) :], len(items) // processes
    items[:] = []
    for process in range(processes):
        first = long[process::processes]
        more = len(rest) if process == processes - 1 else max(0, size - len(first))
        items += [*first, *rest[:more]]
        rest = rest[more:]


def pytest_collection_finish() -> None:
    """What was imported is no garbage: whoever collects some, as Streamlit does after every run, need not search it."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how to have the same order again: the head that would say it is not shown by a quiet run."""
    if config.pluginmanager.hasplugin("randomly"):
        terminalreporter.write_line(f"The order of --randomly-seed={config.getoption('randomly_seed')}")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call() -> None:
    """Tiny numbers are numbers: a training before, in this process, has them flushed to zero from then on."""
    if torch := sys.modules.get("torch"):
        torch.set_flush_denormal(False)


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest leaves app.py as the main module: a process that a later test spawns would run it, and start a worker."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="session", autouse=True)
def nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty home, for what is made before a test has a home of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PDCN_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture
def hears_ctrl_c() -> Iterator[None]:
    """Processes are born as in a terminal: those that a shell runs in the background are deaf to Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
