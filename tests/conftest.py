"""Tests run in an order that is drawn anew each time, and none of them sees the home of whoever runs them."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how to have the same order again: the head that would say it is not shown by a quiet run."""
    if config.pluginmanager.hasplugin("randomly"):
        terminalreporter.write_line(f"The order of --randomly-seed={config.getoption('randomly_seed')}")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call() -> None:
    """Tiny numbers are numbers: a training before, in this process, has them flushed to zero from then on."""
    if torch := sys.modules.get("torch"):
        torch.set_flush_denormal(False)


@pytest.fixture(scope="session", autouse=True)
def nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty home, for what is made before a test has a home of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PDCN_HOME", str(tmp_path_factory.mktemp("home")))
        yield
