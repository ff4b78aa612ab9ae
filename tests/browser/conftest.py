"""One server and one Chromium for all browser tests; every test finds an empty home, fresh tabs and no trace of
others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize, expect

from tests.browser.driver import CALM, INSTALL, App, Guard, browser, chromium

Scheme = Literal["light", "dark"]
WIDE: ViewportSize = {"width": 1400, "height": 900}
NARROW: ViewportSize = {"width": 420, "height": 900}
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


@pytest.fixture(scope="session")
def context(chrome: Browser, server: App) -> Iterator[BrowserContext]:
    """What all tabs share: a page that stays open keeps alive the one process that draws them, with its scripts."""
    context = chrome.new_context(**CALM)
    context.set_default_timeout(PATIENCE)
    context.new_page().goto(f"{server.url}_stcore/health")
    yield context
    context.close()


class Tabs:
    """Opens tabs, each guarded, on a screen of one size and in one scheme."""

    def __init__(self, context: BrowserContext, app: App, screen: ViewportSize, scheme: Scheme) -> None:
        self.context, self.app, self.screen, self.scheme = context, app, screen, scheme
        self.guards: list[Guard] = []

    def open(self, path: str = "compare") -> Page:
        """A new tab at a path of the app."""
        page = self.context.new_page()
        page.set_viewport_size(self.screen)
        page.emulate_media(color_scheme=self.scheme, **CALM)
        self.guards.append(Guard(page, self.app.url))
        page.goto(self.app.url + path)
        return page

    def forgive_absence(self) -> None:
        """Forget what the tabs said while the server was away."""
        for guard in self.guards:
            guard.forgive_absence()

    def forget(self) -> None:
        """Forget what the tabs left in the browser: whoever opens one from here on is new to it."""
        for guard in self.guards:
            with suppress(Error):  # a tab that shows no page of the server has left nothing
                guard.page.evaluate("() => localStorage.clear()")
        self.context.clear_cookies()

    def close(self) -> None:
        """Check and close every tab, and forget what they left."""
        try:
            for guard in self.guards:
                guard.check()
        finally:
            self.forget()
            for guard in self.guards:
                guard.page.close()


def _tabs(context: BrowserContext, app: App, screen: ViewportSize = WIDE, scheme: Scheme = "light") -> Iterator[Tabs]:
    found = Tabs(context, app, screen, scheme)
    yield found
    found.close()


@pytest.fixture
def tabs(context: BrowserContext, app: App) -> Iterator[Tabs]:
    yield from _tabs(context, app)


@pytest.fixture
def dark_tabs(context: BrowserContext, app: App) -> Iterator[Tabs]:
    yield from _tabs(context, app, scheme="dark")


@pytest.fixture
def narrow_tabs(context: BrowserContext, app: App) -> Iterator[Tabs]:
    yield from _tabs(context, app, NARROW)


@pytest.fixture
def narrow_dark_tabs(context: BrowserContext, app: App) -> Iterator[Tabs]:
    yield from _tabs(context, app, NARROW, "dark")
