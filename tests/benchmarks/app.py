"""How long a person waits, in a real browser, on the showcase run.

    python tests/benchmarks/app.py [--rounds 5] [--out data/speed/pages.csv]

Prints, each as a median and the longest:
- from `streamlit run` to the first words, and to the first figure;
- from the press on a page's name to its first figure, and what was sent to the browser, first while nothing else
  happens, then while a study is training;
- from the press on a block of the Crosses page to the recall without it;
- from the press on Run to the first point of the live picture, with a warm worker.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import Browser, Page, ViewportSize, WebSocket

from pdcn.dials import assemble
from pdcn.files import SHOWCASE
from pdcn.jobs.submit import submit
from pdcn.runs.folder import OVER
from tests.browser.driver import App, browser, chart, wait_for, way

VIEW: ViewportSize = {"width": 1400, "height": 900}
NOW = ":not([data-stale=true] *):not([data-retained] *)"
"""What the page shows now, not what it still shows of the page before."""
SIGHT = {
    "Compare": ("Side by side", ".st-key-recall-curves .js-plotly-plot"),
    "Crosses": ("What the crosses learned", "[class*='st-key-cross-map-parallel'] .js-plotly-plot"),
    "Embeddings": ("Where the towers put things", "[class*='st-key-map-'] .js-plotly-plot"),
    "Inside": ("What happens inside", "[class*='st-key-inside-'] .js-plotly-plot"),
    "Retrieve": ("One query, two lists", ".rt-ask"),
    "Latency": ("What does it cost", ".st-key-latency-parts .js-plotly-plot"),
    "Findings": ("What we found", "[class*='st-key-finding-'] .js-plotly-plot"),
    "Data": ("What the towers read", ".st-key-timeline .js-plotly-plot"),
    "Runs": ("Runs", "[data-testid='stHeading']"),
}
"""How a page's title begins, and by what its first figure, or of a list its frame, is found."""


class Sent:
    """Bytes that the server sent to a page."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._count)

    def _count(self, payload: str | bytes) -> None:
        self.bytes += len(payload)


def visit(page: Page, name: str) -> float:
    """Seconds from the press on a page's name to its first figure."""
    start = time.perf_counter()
    way(page, name).click()
    title, sight = SIGHT[name]
    page.get_by_role("heading", level=1, name=title).first.wait_for(timeout=120_000)
    page.locator(sight).and_(page.locator(NOW)).first.wait_for(timeout=120_000)
    return time.perf_counter() - start


def settle(page: Page) -> None:
    """Wait until the page stands still."""
    page.wait_for_load_state("networkidle")
    page.locator("[data-testid=stStatusWidget]").wait_for(state="hidden", timeout=120_000)


def what_if(page: Page, turn: int) -> float:
    """Seconds from the press on a block of the Crosses page to the recall without it."""
    visit(page, "Crosses")
    metric = page.get_by_test_id("stMetric").first
    metric.wait_for(timeout=120_000)
    settle(page)
    blocks = page.locator("[class*='st-key-cross-map-parallel']:not([data-retained]) .nsewdrag").first
    box, before = blocks.bounding_box(), metric.inner_text()
    assert box is not None
    start = time.perf_counter()
    place = 0.15 + 0.1 * (turn % 8)  # another block each time: one that is picked already changes nothing
    page.mouse.click(box["x"] + box["width"] * place, box["y"] + box["height"] * place)
    wait_for(lambda: metric.inner_text() != before)
    return time.perf_counter() - start


TABLE: list[tuple[str, ...]] = [("wait", "median s", "longest s", "kB sent")]


def told(what: str, waits: list[float], sent: str = "") -> None:
    """Print a line of the table, and keep it."""
    TABLE.append((what, f"{statistics.median(waits):.2f}", f"{max(waits):.2f}", sent))
    print(f"{what:<44}" + "".join(f"{cell:>11}" for cell in TABLE[-1][1:]), flush=True)


def first_sight(chrome: Browser, app: App, rounds: int) -> None:
    """From the start of the server to the first words and the first figure; the last server goes on."""
    words, figures = [], []
    title, sight = SIGHT["Compare"]
    for last in range(1, rounds + 1):
        start = time.perf_counter()
        app.start()
        page = chrome.new_page(viewport=VIEW)
        page.goto(f"{app.url}compare")
        page.get_by_role("heading", level=1, name=title).first.wait_for(timeout=120_000)
        words.append(time.perf_counter() - start)
        page.locator(sight).first.wait_for(timeout=120_000)
        figures.append(time.perf_counter() - start)
        page.close()
        if last < rounds:
            app.stop()
    told("streamlit run to the first words", words)
    told("streamlit run to the first figure", figures)


def switches(chrome: Browser, app: App, rounds: int, when: str) -> None:
    """Page switches on the showcase run, each page opened once before."""
    page = chrome.new_page(viewport=VIEW)
    sent = Sent(page)
    page.goto(f"{app.url}compare?run={SHOWCASE.name}")
    for name in SIGHT:
        visit(page, name)
        settle(page)
    for name in SIGHT:
        other = "Runs" if name != "Runs" else "Data"
        waits, before = [], 0
        for _ in range(rounds):
            visit(page, other)
            settle(page)
            before = sent.bytes
            waits.append(visit(page, name))
            settle(page)
        told(f"{name}, {when}", waits, f"{(sent.bytes - before) / 1000:.0f}")
    told(f"What if, {when}", [what_if(page, turn) for turn in range(rounds)])
    page.close()


def first_point(chrome: Browser, app: App, rounds: int) -> None:
    """From the press on Run to the first live point; the run is stopped and deleted after each."""
    waits = []
    for _ in range(rounds):
        page = chrome.new_page(viewport=VIEW)
        page.goto(f"{app.url}compare")
        run = page.get_by_role("button", name="Run", exact=True)
        run.wait_for(timeout=120_000)
        settle(page)
        start = time.perf_counter()
        run.click()
        chart(page, "live-recall").first.wait_for(timeout=120_000)
        waits.append(time.perf_counter() - start)
        page.close()
        app.clear()
    told("press on Run to the first live point", waits)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--out", metavar="FILE", help="write the table there, as CSV")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as home, browser() as chrome:
        app = App(Path(home))
        print(f"{'wait':<44}" + "".join(f"{cell:>11}" for cell in TABLE[0][1:]))
        try:
            first_sight(chrome, app, chosen.rounds)
            switches(chrome, app, chosen.rounds, "idle")
            first_point(chrome, app, chosen.rounds)
            study = submit(app.store, assemble({"seeds": 20, "epochs": 20}))
            wait_for(lambda: app.store.state(study.run) == "running" and study.history is not None)
            switches(chrome, app, chosen.rounds, "while a study trains")
            assert app.store.state(study.run) not in OVER
            if chosen.out:
                with Path(chosen.out).open("w", encoding="utf-8", newline="") as file:
                    csv.writer(file, lineterminator="\n").writerows(TABLE)
        finally:
            app.stop()


if __name__ == "__main__":
    main()
