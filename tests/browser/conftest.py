"""One server and one Chromium for all browser tests; every test finds an empty home and a fresh tab."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.driver import CALM, INSTALL, App, Guard, browser, chromium

WIDE = {"width": 1400, "height": 900}
NARROW = {"width": 420, "height": 900}
PATIENCE = 120_000
"""Milliseconds that a browser waits for what is to come: many, because other work may keep every core busy."""
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    if not chromium():
        if os.environ.get("CI") == "true":
            pytest.fail(INSTALL)
        pytest.skip(INSTALL)
    expect.set_options(timeout=PATIENCE)
    with browser() as found:
        yield found


@pytest.fixture(scope="session")
def server(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = App(tmp_path_factory.mktemp("home"))
    app.start()
    yield app
    app.stop()


@pytest.fixture
def app(server: App) -> Iterator[App]:
    """The server with an empty home."""
    yield server
    server.clear()


class Tabs:
    """Opens tabs of one browser, each guarded."""

    def __init__(self, context: BrowserContext, app: App) -> None:
        self.context, self.app = context, app
        self.guards: list[Guard] = []

    def open(self, path: str = "") -> Page:
        """A new tab at a path of the app."""
        page = self.context.new_page()
        self.guards.append(Guard(page, self.app.url))
        page.goto(self.app.url + path)
        return page

    def forgive_absence(self) -> None:
        """Forget what the tabs said while the server was away."""
        for guard in self.guards:
            guard.forgive_absence()


def _tabs(chrome: Browser, app: App, **how: object) -> Iterator[Tabs]:
    context = chrome.new_context(**{"viewport": WIDE, **CALM, **how})
    context.set_default_timeout(PATIENCE)
    found = Tabs(context, app)
    yield found
    try:
        for guard in found.guards:
            guard.check()
    finally:
        context.close()


@pytest.fixture
def tabs(chrome: Browser, app: App) -> Iterator[Tabs]:
    yield from _tabs(chrome, app)


@pytest.fixture
def dark_tabs(chrome: Browser, app: App) -> Iterator[Tabs]:
    yield from _tabs(chrome, app, color_scheme="dark")


@pytest.fixture
def narrow_tabs(chrome: Browser, app: App) -> Iterator[Tabs]:
    yield from _tabs(chrome, app, viewport=NARROW)


@pytest.fixture
def narrow_dark_tabs(chrome: Browser, app: App) -> Iterator[Tabs]:
    yield from _tabs(chrome, app, viewport=NARROW, color_scheme="dark")
