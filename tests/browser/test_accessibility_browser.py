"""No page keeps anybody from reading it: axe-core finds nothing serious or critical, in light and in dark, headings
skip no level, and a narrow screen cuts nothing off."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from pdcn.pages import PAGES
from tests.browser.accessibility import CONTRAST, levels, skipped, violations
from tests.browser.conftest import NARROW, Tabs
from tests.browser.driver import CALM, FRAMES, address, chart, still, unfold

RUNS = """() => {
  const app = document.querySelector("[data-testid=stApp]");
  window.ranAgain = new Promise(done => new MutationObserver(() => {
    if (app.dataset.testScriptState !== "notRunning") done();
  }).observe(app, {attributes: true}));
}"""
"""From now on the page listens for its next run."""
WIDTHS = "() => [document.documentElement, document.querySelector('[data-testid=stMain]')].map(one => one.scrollWidth)"
"""How many pixels a page takes from left to right, in sight or not."""


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_grave_violation_follows_into_the_dark_and_fits_a_phone(tabs: Tabs, page: str) -> None:
    shown = tabs.open(f"{address(page)}?run=showcase")
    shown.locator("h1").first.wait_for()
    still(shown)
    assert violations(shown) == []
    assert not skipped(levels(shown))
    shown.evaluate(RUNS)
    shown.emulate_media(color_scheme="dark", **CALM)
    shown.evaluate("() => window.ranAgain")  # what the server draws is drawn for the dark, too
    still(shown)
    expect(shown.locator(".stApp")).to_have_css("background-color", "rgb(18, 23, 30)")
    if page == "compare":
        words = chart(shown, "tower-parallel").locator(".textpoint text").first
        expect(words).to_have_css("fill", "rgb(232, 237, 243)")
    assert violations(shown, CONTRAST) == []  # only colours are others now
    shown.set_viewport_size(NARROW)
    shown.evaluate(FRAMES)
    still(shown)
    assert violations(shown, "list", "listitem") == []  # the menu is another one here
    unfold(shown)
    assert not skipped(levels(shown))
    assert max(shown.evaluate(WIDTHS)) <= NARROW["width"]


def test_a_violation_and_a_skipped_heading_are_found(tabs: Tabs) -> None:
    page = tabs.open("runs")
    page.locator("h1").first.wait_for()
    still(page)
    page.evaluate("document.querySelector('h1').style.color = '#eee'")
    (found,) = violations(page)
    assert found.startswith(f"{CONTRAST} (serious)")
    assert violations(page, CONTRAST) == [found]
    page.evaluate("document.querySelector('h1').style.color = ''")
    page.evaluate("document.querySelector('h1').insertAdjacentHTML('afterend', '<h3>Below</h3>')")
    assert skipped(levels(page))
    (found,) = violations(page)
    assert found.startswith("heading-order (moderate)")
