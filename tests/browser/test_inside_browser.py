"""The Inside page in a real browser: measured by one click, coloured by choice, and a link that keeps the choice."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import NARROW, Tabs
from tests.browser.driver import FRAMES, PLOT, App, choose, still, unfold, wait_until_charts_fit
from tests.browser.test_links_browser import opened_by_somebody_else, state


def test_measured_by_one_click_coloured_by_choice_and_whole_on_a_narrow_screen(tabs: Tabs, app: App) -> None:
    page = tabs.open(f"inside?run={app.trained(items=300, batch=256).run}")
    expect(page.get_by_text("Nothing was measured in this run yet")).to_be_visible()
    expect(page.locator(PLOT)).to_have_count(2)  # the towers stand before anything is measured
    page.get_by_role("button", name="Measure it").click()
    expect(page.get_by_role("heading", name="What recall loses without each part")).to_be_visible()
    still(page)
    unfold(page)
    expect(page.locator(PLOT)).to_have_count(8)
    page.get_by_text("query tower keeps").wait_for()
    expect(page.locator(".cbtitle")).to_have_text(["share of the fields kept"] * 2)
    plain = state(page)
    choose(page, "Colour by", "Effective rank")
    expect(page.locator(".cbtitle").first).to_have_text("effective rank")
    page.get_by_role("radio", name="item").first.click()
    expect(page.get_by_text("item tower keeps")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]inside_side=item"))
    page = opened_by_somebody_else(tabs, page, plain, folds=True)
    expect(page.get_by_text("item tower keeps")).to_be_visible()
    expect(page.get_by_role("button", name="Measure it")).to_have_count(0)
    page.set_viewport_size(NARROW)
    page.evaluate(FRAMES)
    still(page)
    wait_until_charts_fit(page, NARROW["width"])
