"""All tests share the cores, in an order that is drawn anew each time; none sees the home of whoever runs them."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import suppress
from importlib import import_module
from itertools import chain, groupby
from pathlib import Path

import psutil
import pytest
from _pytest.doctest import DoctestModule
from hypothesis import HealthCheck, settings

from pdcn.host import cores

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")  # other work may keep every core busy: how long an example takes says nothing

ROOM = 3 * 2**30
"""Bytes for one process of tests, with its browser, its server and their worker."""

HERE = Path(__file__).parent
MAIN = sys.modules["__main__"]
PAGES = "tests/app/"
"""Tests of pages without a browser, as the names of tests begin; to compare paths takes a second for all of them."""

IN_MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory."""
FILES = 6 * 2**30
"""Bytes that all tests write at most, and that have to be free in memory beside what their processes need."""


def files_in_memory() -> bool:
    """Whether tests can keep their files in memory: there is room, and what they compile there can be run."""
    if not hasattr(os, "ST_NOEXEC") or not os.access(IN_MEMORY, os.W_OK):
        return False
    runs = not os.statvfs(IN_MEMORY).f_flag & os.ST_NOEXEC
    return runs and min(shutil.disk_usage(IN_MEMORY).free, psutil.virtual_memory().available - 3 * ROOM) > FILES


if "TMPDIR" not in os.environ and files_in_memory():  # thousands of small files cost a disk a tenth of the time
    os.environ["TMPDIR"] = tempfile.tempdir = str(IN_MEMORY)
sys.dont_write_bytecode = False  # compiled once, not in every process that a test starts
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["PDCN_NICE"] = "0"  # tests fill every core: what gave way would be waited for, by a page that is drawn again


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes a core for all tests, as many wait for a browser, a worker or a clock; tests that somebody names
    run in this one, which starts at once."""
    if config.args != config.getini("testpaths"):
        return 0
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a core is one thread's, also in what the tests start
    return max(1, min(2 * cores(), psutil.virtual_memory().available // ROOM))


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Each process begins elsewhere to import the tests, which compiles them, and finds what others have compiled."""
    mine = getattr(session.config, "workerinput", None)
    if mine is None:
        return
    files = sorted(HERE.rglob("test_*.py"))
    first = len(files) * int(mine["workerid"].removeprefix("gw")) // mine["workercount"]
    for file in files[first:] + files[:first]:
        with suppress(Exception, pytest.skip.Exception):  # whoever collects the tests says it
            import_module(".".join(file.relative_to(HERE.parent).with_suffix("").parts))


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Files of tests have no examples in their docstrings; to look through all of them takes every process a second."""
    found = yield
    return [one for one in found if not (isinstance(one, DoctestModule) and file_path.name.startswith("test_"))]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that use the same server, or the same pages in memory, run in the same processes, and begin there.

    Every process begins with an equal part of the list, and takes from the end of another's when it has none left. Half
    of them begin with tests of the browser, a quarter with tests of pages without one, the others with tests that take
    long; all go on with the rest. A module stays together, in the order that was drawn.
    """
    processes = getattr(config, "workerinput", {}).get("workercount", 1)
    parts: list[list[pytest.Item]] = [[] for _ in range(processes)]
    half, more = max(1, processes // 2), max(1, processes // 4)
    browsers, pages, others = parts[:half], parts[half : half + more], parts[half + more :]
    begins = {"browser": browsers, "page": pages or parts, "slow": others or parts}
    rest: list[pytest.Item] = []
    for _, module in groupby(items, key=lambda item: item.path):
        for kind, found in groupby(sorted(module, key=_kind), key=_kind):
            (min(begins[kind], key=len) if kind else rest).extend(found)
    left = len(items)
    for at, part in enumerate(parts):
        room = max(0, left // (processes - at) - len(part))
        part += rest[:room]
        rest = rest[room:]
        left -= len(part)
    items[:] = [*chain(*parts), *rest]


def _kind(item: pytest.Item) -> str:
    """What a process has to begin with for the sake of this test, if anything."""
    if item.get_closest_marker("browser"):
        return "browser"
    if item.nodeid.startswith(PAGES):
        return "page"
    return "slow" if item.get_closest_marker("slow") else ""


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
    """AppTest leaves app.py as the main module, also what is made for many tests: a process that a later test spawns
    would run it, and start a worker."""
    monkeypatch.setitem(sys.modules, "__main__", MAIN)


@pytest.fixture(scope="session", autouse=True)
def nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty home, for what is made before a test has a home of its own; at the end no home has anybody at work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PDCN_HOME", str(tmp_path_factory.mktemp("home")))
        yield
    left = at_work(tmp_path_factory.getbasetemp())
    told = [(process.cmdline()[-2:], process.environ().get("PYTEST_CURRENT_TEST")) for process in left]
    for process in left:
        process.kill()
    assert not told, "tests left somebody at work"


def at_work(folder: Path) -> list[psutil.Process]:
    """Servers, workers and analysts whose home is below a folder, and which are not about to end."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            ours = {"streamlit", "pdcn.jobs.worker", "pdcn.jobs.analyst"} & {*process.cmdline()}
            if ours and process.environ().get("PDCN_HOME", "").startswith(f"{folder}{os.sep}"):
                found.append(process)
    return psutil.wait_procs(found, timeout=10)[1]


@pytest.fixture
def hears_ctrl_c() -> Iterator[None]:
    """Processes are born as in a terminal: those that a shell runs in the background are deaf to Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
