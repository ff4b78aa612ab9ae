"""A run is presented by keyboard alone, and its report is read with the network off, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from pdcn.pages.present import STEPS
from tests.browser.accessibility import violations
from tests.browser.conftest import PATIENCE, Tabs
from tests.browser.driver import still

ROOM: ViewportSize = {"width": 1280, "height": 720}
SMALLEST = """() => {
  const stage = document.querySelector(".st-key-stage"), sizes = [];
  for (const one of stage.querySelectorAll("*")) {
    const own = [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (own && one.checkVisibility() && !one.closest("style, script")) sizes.push(parseFloat(getComputedStyle(one).fontSize));
  }
  const slide = document.querySelector("[class*='st-key-slide-']"), main = document.querySelector(".stMain");
  return [Math.min(...sizes) , slide.scrollHeight - slide.clientHeight, main.scrollHeight - main.clientHeight];
}"""  # noqa: E501
"""Pixels of the smallest letters, and how far the slide and the page could be scrolled."""


def shows(page: Page, step: str) -> None:
    """The slide is drawn whole, and the address says so."""
    expect(page.locator(f".st-key-slide-{step} h1")).to_be_visible()
    expect(page.locator("[aria-current=step]")).to_have_count(1)
    if step == STEPS[0]:
        expect(page).not_to_have_url(re.compile("slide="))
    else:
        expect(page).to_have_url(re.compile(rf"[?&]slide={step}(&|$)"))
    still(page)


def test_a_run_is_presented_by_keyboard_and_read_from_the_back(dark_tabs: Tabs) -> None:
    dark_tabs.screen = ROOM
    page = dark_tabs.open("present?run=showcase")
    for step in STEPS:
        shows(page, step)
        letters, slide, whole = page.evaluate(SMALLEST)
        assert letters >= 20, step
        assert (slide, whole) == (0, 0), step
        if step == "lists":
            assert violations(page) == []
        page.keyboard.press("ArrowRight")
    shows(page, STEPS[-1])  # there is none behind it
    page.keyboard.press("Home")
    shows(page, STEPS[0])
    for _ in range(2):  # faster than slides are drawn
        page.keyboard.press("PageDown")
    shows(page, STEPS[2])
    page.keyboard.press("ArrowLeft")
    shows(page, STEPS[1])
    page.keyboard.press("End")
    shows(page, STEPS[-1])
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/compare\?run=showcase$"))
    expect(page.get_by_role("heading", name="Side by side, or one after the other?")).to_be_visible()


def test_the_report_is_read_with_the_network_off(tabs: Tabs, chrome: Browser, tmp_path: Path) -> None:
    page = tabs.open("decide?run=showcase")
    page.get_by_role("button", name="Report").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="HTML, works offline").click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert file.suffix == ".html"
    context = chrome.new_context(offline=True)
    context.set_default_timeout(PATIENCE)
    asked: list[str] = []
    said: list[str] = []

    def only_the_file(route: Route) -> None:
        asked.append(route.request.url)
        if route.request.url == file.as_uri():
            route.continue_()
        else:
            route.abort()

    context.route("**/*", only_the_file)
    report = context.new_page()
    report.on("console", lambda message: said.append(message.text))
    report.on("pageerror", lambda error: said.append(str(error)))
    report.goto(file.as_uri())
    expect(report.locator("#figure-curve .scatterlayer .trace").first).to_be_visible()
    expect(report.locator("#figure-slices .scatterlayer .trace").first).to_be_visible()
    expect(report.get_by_role("heading", level=1)).to_have_text(re.compile("should parallel replace sequential"))
    report.locator("#figure-curve .nsewdrag").hover()
    expect(report.locator("#figure-curve .hoverlayer text").first).to_be_visible()
    assert {url.partition(":")[0] for url in asked} == {"file"}
    assert said == []
    context.close()
