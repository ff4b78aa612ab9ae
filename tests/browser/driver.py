"""The real app in a real browser: a server with a home of its own, its worker, and Chromium.

Used by the browser tests and by `pictures.py`.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, expect, sync_playwright

from pdcn.dials import assemble
from pdcn.jobs.worker import carry_out
from pdcn.pages import PAGES
from pdcn.runs.folder import OVER, RunFolder
from pdcn.runs.store import Store

ROOT = Path(__file__).parents[2]
INSTALL = "no Chromium here; install one: apt-get install chromium-headless-shell (or name one in PDCN_CHROMIUM)"
SHELL = "chromium-headless-shell"
"""Chromium without a frame round the page: it needs a sixth less of the processor."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--in-process-gpu",
    "--process-per-site",
]
BRIEF = "--js-flags=--no-turbofan --no-maglev --min-semi-space-size=64 --max-semi-space-size=64"
"""No test stays on a page so long that its scripts are worth optimising, and none fills a nursery of this size."""
CALM: dict[str, Any] = {"reduced_motion": "reduce"}
"""For a tab: what pulsates while a page is awaited would take a fifth of the time of a core from that page."""
KNOWN = re.compile(rf"/({'|'.join(PAGES)})/_stcore/(health|host-config)$")
"""Streamlit asks for these below the page first where a page other than the first is opened by its URL."""
AWAY = re.compile(
    r"ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE)|WebSocket|reaching server endpoint"
    r"|server is not responding|when disconnected from server"
)
"""What a browser says of a server that is away; only a test that takes it away forgives this."""

WORKER, ANALYST = "pdcn.jobs.worker", "pdcn.jobs.analyst"
PLOT = ".js-plotly-plot:not([data-retained] *)"
"""A chart that people see: Streamlit keeps one that it replaced beside the new one, hidden, until the run ends."""

FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Two frames pass: what was asked of the screen is drawn, and the event of scrolling has come."""


def address(page: str) -> str:
    """The path of a page below the app's; the first one of the menu opens the app."""
    return "" if page == next(iter(PAGES)) else page


def chart(page: Page, key: str) -> Locator:
    """The drawn chart whose key begins so."""
    return page.locator(f"[class*='st-key-{key}'] {PLOT}")


def still(page: Page) -> None:
    """Wait until the page was run to its end and shows nothing of before: until then what is pressed may be
    replaced."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    before = page.locator("[data-testid=stSkeleton], [data-stale=true], [data-retained]")
    expect(before).to_have_count(0)
    page.evaluate(FRAMES)


UNFOLD = """() => {
  const fold = "[data-testid=stMain] [data-testid=stExpander] details:not([open])";
  const shut = [...document.querySelectorAll(fold)].map(one => one.querySelector("summary"));
  const drawn = shut.filter(one => one.parentElement.querySelector(".stElementContainer"));
  const pressed = drawn.length ? drawn : shut.slice(0, 1);
  pressed.forEach(one => one.click());
  return pressed.length;
}"""
"""Presses every fold that is shut and says how many: all at once, but those that are drawn once they are open one by
one."""
UNDRAWN = "[data-testid=stMain] [data-testid=stExpander] details[open]:not(:has(.stElementContainer))"


def unfold(page: Page) -> None:
    """Open every fold of a page, those within others too; each has something in it."""
    while page.evaluate(UNFOLD):
        expect(page.locator(UNDRAWN)).to_have_count(0)
        still(page)


def way(page: Page, name: str) -> Locator:
    """The link to the page of that title: above the page where it is of the same group, else in the menu, opened."""
    beside = page.get_by_role("link", name=name, exact=True)
    if beside.count():
        return beside.first
    (group,) = (one.group for one in PAGES.values() if one.title == name)
    page.get_by_test_id("stTopNavSection").filter(has_text=group).click()
    return page.get_by_role("menuitem", name=name, exact=True)


def choose(page: Page, box: str, option: str) -> None:
    """Choose from a select box, once the page stands: a page that scrolls shuts an open list."""
    still(page)
    found = page.get_by_role("combobox", name=box)
    found.scroll_into_view_if_needed()
    page.evaluate(FRAMES)
    found.click()
    page.get_by_role("option", name=option).click()


def chromium() -> str | None:
    """Where Chromium is, None if there is none."""
    names = (os.environ.get("PDCN_CHROMIUM", SHELL), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


def wait_for(what: Callable[[], bool], seconds: float = 120) -> None:
    """Return once `what` is true."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise TimeoutError("waited in vain")
        time.sleep(0.05)


def fits_a_phone_in_the_dark(page: Page, menu: str) -> None:
    """The page is dark, has a chart in sight and is as wide as the screen, and says where the menu is."""
    expect(page.locator(".stApp")).to_have_css("background-color", "rgb(18, 23, 30)")
    expect(page.locator(PLOT).first).to_be_visible()
    still(page)
    for what in ("document.documentElement", "document.querySelector('[data-testid=stMain]')"):
        assert page.evaluate(f"{what}.scrollWidth") <= 420
    found = page.get_by_test_id("stExpandSidebarButton")
    assert found.evaluate("one => getComputedStyle(one, '::after').content") == f'"{menu}"'


def wait_until_charts_fit(page: Page, width: int) -> None:
    """Return once no chart is cut off by a screen of that width: Plotly draws a chart anew some time after a screen
    became narrower."""

    def all_fit() -> bool:
        boxes = [box for one in page.locator(PLOT).all() if (box := one.bounding_box())]
        return bool(boxes) and all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)

    wait_for(all_fit)


@contextmanager
def browser(*, brief: bool = True) -> Iterator[Browser]:
    """Chromium, for as long as the block takes; one that is not brief optimises scripts, as that of people does."""
    with sync_playwright() as playwright:
        found = chromium()
        headless = [] if found and Path(found).name == SHELL else ["--headless=new"]
        chrome = playwright.chromium.launch(executable_path=found, args=[*headless, *FLAGS, *[BRIEF] * brief])
        yield chrome
        chrome.close()


SMALL: dict[str, Any] = {"data": "planted", "events": 2_000, "items": 50, "users": 50, "epochs": 1, "seeds": 1}
"""A race that takes about a second."""


@dataclass
class App:
    """A server of the app on a port and a home of its own."""

    home: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    options: tuple[str, ...] = ()
    path: str = ""
    """What follows the port in the address of its pages, where the options say so."""

    def __post_init__(self) -> None:
        if not self.port:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]

    @property
    def url(self) -> str:
        """The first page."""
        return f"http://127.0.0.1:{self.port}/{self.path}"

    @property
    def store(self) -> Store:
        """The runs of this server's home."""
        return Store(self.home)

    def trained(self, **values: Any) -> RunFolder:
        """A run of this home that is done: a small race, with these settings."""
        folder = self.store.create(assemble({**SMALL, **values}), "cpu", own=True)
        ended = carry_out(self.store, folder)
        assert ended.state == "done", ended.message
        return folder

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port), *self.options],
                cwd=ROOT,
                env={**os.environ, "PDCN_HOME": str(self.home)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for(self._answers)

    def _answers(self) -> bool:
        assert self.process, "no server was started"
        assert self.process.poll() is None, (self.home / "server.log").read_text()
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with suppress(OSError), direct.open(self.url + "_stcore/health", timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    def kill(self) -> None:
        """End the server at once, as a crash would; the worker lives on."""
        if self.process:
            self.process.kill()
            self.process.wait(10)
        self.process = None

    def at_work(self, modules: tuple[str, ...]) -> list[psutil.Process]:
        """Processes of this home that run one of these modules."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                mine = process.environ().get("PDCN_HOME") == str(self.home)
                if mine and not {*modules}.isdisjoint(process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def kill_workers(self, *modules: str) -> None:
        """End the worker at once, as a crash would, or whoever runs other modules."""
        for process in self.at_work(modules or (WORKER,)):
            process.kill()
            with suppress(psutil.TimeoutExpired):  # the server's child: it is the server that reaps it
                process.wait(0.5)

    def stop(self) -> None:
        """End the server, its worker and its analyses."""
        self.kill()
        self.kill_workers(WORKER, ANALYST)

    def clear(self) -> None:
        """Stop and delete every run, and all imported data, so that the next visit finds a fresh home."""
        store = self.store
        for row in store.rows():
            store.ask(row.run, "stop")
        try:
            wait_for(lambda: all(row.state in OVER for row in store.rows()))
        except TimeoutError:
            self.kill_workers()
        for row in store.rows():
            store.delete(row.run)
        store.empty_bin()
        shutil.rmtree(self.home / "data", ignore_errors=True)


@dataclass
class Guard:
    """Listens to a page and keeps what must not happen."""

    page: Page
    home: str
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(f"script error: {error}"))
        self.page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        place = message.location.get("url", "")
        if message.type == "error" and not KNOWN.search(place.split("?")[0]):
            self.errors.append(f"console: {message.text} ({place})")

    def _request(self, request: Request) -> None:
        at_home = ("data:", "blob:", self.home, self.home.replace("http", "ws"))
        if not request.url.startswith(at_home):
            self.errors.append(f"request to a foreign host: {request.url}")

    def forgive_absence(self) -> None:
        """Forget what the page said while its server was away."""
        self.errors = [error for error in self.errors if not AWAY.search(error)]

    def check(self) -> None:
        """Fail where something happened that must not."""
        shown = self.page.locator("[data-testid=stException]")
        found = [f"exception on the page: {text}" for text in shown.all_inner_texts()]
        assert not [*self.errors, *found]
