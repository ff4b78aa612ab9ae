"""No page keeps anybody from reading it: axe-core finds nothing serious or critical, in light and in dark, headings
skip no level, and a narrow screen cuts nothing off. Every question of the findings has its picture and its answer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from pdcn.pages import PAGES
from pdcn.research.answers import sentences
from pdcn.research.findings import FINDINGS, Finding, bundled
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


def told(finding: Finding) -> list[str]:
    """What is said to a question, the first in sight; nothing where nobody has measured it."""
    record = bundled(finding.name)
    return sentences(finding, record) if record else []


def every_question_has_its_picture_and_its_answer(page: Page) -> None:
    headings = page.locator("h2").all_inner_texts()
    lines = {" ".join(line.split()) for line in page.get_by_test_id("stMain").inner_text().splitlines()}
    for finding in FINDINGS.values():
        assert [one for one in headings if finding.question in one], finding.question
        if said := told(finding):
            assert any(line.startswith(said[0]) for line in lines), finding.question
            expect(chart(page, f"finding-{finding.name}")).to_be_visible()


def every_fold_says_how_it_was_measured(page: Page) -> None:
    lines = {" ".join(one.split()) for one in page.locator("li").filter(visible=True).all_inner_texts()}
    for finding in FINDINGS.values():
        assert {*told(finding)[1:]} <= lines, finding.question
    expect(chart(page, "more-cause-0")).to_be_visible()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_grave_violation_follows_into_the_dark_and_fits_a_phone(tabs: Tabs, page: str) -> None:
    shown = tabs.open(f"{address(page)}?run=showcase")
    shown.locator("h1").first.wait_for()
    still(shown)
    assert violations(shown) == []
    assert not skipped(levels(shown))
    if page == "findings":
        every_question_has_its_picture_and_its_answer(shown)
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
    if page == "findings":
        every_fold_says_how_it_was_measured(shown)


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
