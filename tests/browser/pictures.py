"""Makes the README's pictures anew: python tests/browser/pictures.py

Starts the app with a fresh home, runs a quick race, and writes .github/pictures/.
"""

from __future__ import annotations

import re
import sys
import tempfile
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from pdcn.decision.sheet import sheet
from pdcn.files import SHOWCASE
from pdcn.pages import recipes
from pdcn.report.card import card
from pdcn.report.facts import report_of
from pdcn.runs.folder import RunFolder
from tests.browser.driver import ROOT, App, Guard, browser, chart

PICTURES = ROOT / ".github" / "pictures"
WIDTH, HEIGHT = 1400, 880
RACE = "compare?data=planted&events=20000&items=500&seeds=2&epochs=12&batch=256&patience=0"
SLOW = 120_000
CARD = 880
"""Pixels of the width of a card."""
INSIDE = {
    "crosses": "cross-map-sequential",
    "embeddings": "map-",
    "inside": "inside-tower-sequential",
    "retrieve": "occlusion",
    "latency": "latency-parts",
}
"""Pages that look inside the showcase, and the chart that has to be there before the picture is taken."""
LOOK = {"embeddings": "&map_method=UMAP"}


def visit(chrome: Browser, app: App, path: str = "") -> Page:
    """A tab of a projector's size, in light, still."""
    context = chrome.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(app.url + path)
    return page


def settle(page: Page) -> None:
    """Wait until the page stands still, and take the pointer off it."""
    page.mouse.move(WIDTH - 1, HEIGHT - 1)
    expect(page.locator("[data-testid=stSkeleton], [data-stale=true]")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def take(page: Page, name: str) -> None:
    """Write what is above the fold as a small PNG."""
    settle(page)
    shot = page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT}, animations="disabled")
    picture = Image.open(BytesIO(shot)).convert("RGB").quantize(256, kmeans=1, dither=Image.Dither.NONE)
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture.save(PICTURES / f"{name}.png", optimize=True)


def answers(page: Page) -> None:
    """Wait for the answer of a run."""
    expect(chart(page, "recall-curves")).to_be_visible(timeout=SLOW)


def play(chrome: Browser, app: App) -> None:
    """The playground once both networks have trained for a while."""
    page = visit(chrome, app, "cross_lab?lab=play")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_timeout(6_000)
    page.get_by_role("button", name="Pause", exact=True).click()
    page.wait_for_url(re.compile("play="))
    take(page, "play")


def card_picture() -> None:
    """The card of the showcase, as small as it is in the README."""
    folder = RunFolder(SHOWCASE)
    made = card(report_of(folder, sheet(folder, timed=recipes()["latency"])), "png")
    picture = Image.open(BytesIO(made)).convert("RGB")
    small = picture.resize((CARD, round(CARD * picture.height / picture.width)), Image.Resampling.LANCZOS)
    small.quantize(64, kmeans=1, dither=Image.Dither.NONE).save(PICTURES / "card.png", optimize=True)


def slide(chrome: Browser, app: App) -> None:
    """The two lists as a room sees them."""
    page = visit(chrome, app, "present?run=showcase&slide=lists")
    expect(page.locator(".pr-list")).to_have_count(2, timeout=SLOW)
    take(page, "present")


def all_pictures(chrome: Browser, app: App) -> None:
    """Take one after the other."""
    page = visit(chrome, app)
    expect(chart(page, "story-parallel")).to_be_visible(timeout=SLOW)
    take(page, "story")
    play(chrome, app)
    page = visit(chrome, app, "compare")
    answers(page)
    take(page, "compare-light")
    page = visit(chrome, app, "data")
    expect(page.get_by_role("heading", name="One event, in words")).to_be_visible()
    take(page, "data")
    for name, sight in INSIDE.items():
        page = visit(chrome, app, f"{name}?run=showcase{LOOK.get(name, '')}")
        expect(chart(page, sight).first).to_be_visible(timeout=SLOW)
        page.wait_for_timeout(2_000)  # points of a map are drawn after the map
        take(page, name)
    page = visit(chrome, app, "findings")
    expect(chart(page, "finding-cause")).to_be_visible(timeout=SLOW)
    take(page, "findings")
    page = visit(chrome, app, "decide?run=showcase")
    expect(chart(page, "decide-gain")).to_be_visible(timeout=SLOW)
    take(page, "decide")
    slide(chrome, app)
    card_picture()
    page = visit(chrome, app, RACE)
    guard = Guard(page, app.url)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text(re.compile(r"Training seed 2 of 2 · step 2,\d"))).to_be_visible(timeout=SLOW)
    page.add_style_tag(content="[data-stale=true] { opacity: 1 !important; }")  # at work it looks faint now and then
    take(page, "live")
    answers(page)
    guard.check()


def main() -> None:
    """Start the app, take the pictures, end it."""
    with tempfile.TemporaryDirectory() as home:
        app = App(Path(home))
        app.start()
        try:
            with browser() as chrome:
                all_pictures(chrome, app)
        finally:
            app.stop()
    for path in sorted(PICTURES.glob("*.png")):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
