"""How long a person waits: from the press on a page's name to its first figure, on the showcase run, warm.

python tests/benchmarks/app.py

Starts the app with a fresh home and opens every page once. Then presses each page's name several times over and prints
the median and the longest wait, and what was sent to the browser meanwhile. Also one what-if of the Crosses page, from
the press on a block to the new recall.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import Page, WebSocket

from tests.browser.driver import App, browser, wait_for

ROUNDS = 5
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
    page.get_by_role("link", name=name, exact=True).click()
    title, sight = SIGHT[name]
    page.get_by_role("heading", level=1, name=title).first.wait_for(timeout=120_000)
    page.locator(sight).and_(page.locator(NOW)).first.wait_for(timeout=120_000)
    return time.perf_counter() - start


def settle(page: Page) -> None:
    """Wait until the page stands still."""
    page.wait_for_load_state("networkidle")
    page.locator("[data-testid=stStatusWidget]").wait_for(state="hidden", timeout=120_000)


def what_if(page: Page) -> float:
    """Seconds from the press on a block of the Crosses page to the recall without it."""
    visit(page, "Crosses")
    metric = page.get_by_test_id("stMetric").first
    metric.wait_for(timeout=120_000)
    settle(page)
    chart = page.locator("[class*='st-key-cross-map-parallel']:not([data-retained]) .nsewdrag").first
    box, before = chart.bounding_box(), metric.inner_text()
    assert box is not None
    start = time.perf_counter()
    page.mouse.click(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.4)
    wait_for(lambda: metric.inner_text() != before)
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as home:
        app = App(Path(home))
        app.start()
        try:
            with browser() as chrome:
                page = chrome.new_page(viewport={"width": 1400, "height": 900})
                sent = Sent(page)
                page.goto(app.url)
                for name in SIGHT:
                    visit(page, name)
                    settle(page)
                print(f"{'page':<12}{'median s':>10}{'longest s':>11}{'kB sent':>9}")
                for name in SIGHT:
                    other = "Runs" if name != "Runs" else "Data"
                    waits, before = [], 0
                    for _ in range(ROUNDS):
                        visit(page, other)
                        settle(page)
                        before = sent.bytes
                        waits.append(visit(page, name))
                        settle(page)
                    kilobytes = (sent.bytes - before) / 1000
                    print(f"{name:<12}{statistics.median(waits):>10.2f}{max(waits):>11.2f}{kilobytes:>9.0f}")
                print(f"what if, from the press on a block to the new recall: {what_if(page):.2f} s")
        finally:
            app.stop()


if __name__ == "__main__":
    main()
