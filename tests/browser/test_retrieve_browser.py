"""The Retrieve page in a real browser: the walk, a query set by hand, and a link."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Tabs
from tests.browser.driver import chart, still, wait_for
from tests.browser.test_links_browser import opened_by_somebody_else, state, switch

PAGE = "retrieve?run=showcase"


def lists(page: Page) -> Locator:
    return page.locator(".rt:has(.rt-head)")


def shown(page: Page) -> list[str]:
    """What both lists say, once both are there."""
    expect(lists(page)).to_have_count(2)
    return lists(page).all_inner_texts()


def both_lists_but(page: Page, before: list[str]) -> list[str]:
    """What both lists say, once both say something else than before: the link changes a moment before they do."""
    wait_for(lambda: all(one != other for one, other in zip(before, shown(page), strict=True)))
    return shown(page)


def opened(page: Page) -> Page:
    expect(chart(page, "occlusion").locator(".points path").first).to_be_visible()
    expect(page.get_by_test_id("stSpinner")).to_have_count(0)
    still(page)
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_next_disagreement_walks_on_and_the_link_follows(tabs: Tabs) -> None:
    page = opened(tabs.open(PAGE))
    before, plain = shown(page), state(page)
    press(page, "Next disagreement")
    expect(page.get_by_text(re.compile(r"^Disagreement 1 of [\d,]+"))).to_be_visible()
    page.wait_for_url(re.compile(r"[?&]event=\d+"))
    first, first_url = both_lists_but(page, before), page.url
    press(page, "Next disagreement")
    expect(page.get_by_text(re.compile(r"^Disagreement 2 of [\d,]+"))).to_be_visible()
    page.wait_for_url(lambda url: url != first_url)
    both_lists_but(page, first)
    press(page, "Previous")
    expect(page.get_by_text(re.compile(r"^Disagreement 1 of [\d,]+"))).to_be_visible()
    wait_for(lambda: shown(page) == first)
    # the link opens the same picture in another browser, large for a room too, and the walk goes on from there
    page.wait_for_url(first_url)
    switch(page, "For a room").click()
    page.wait_for_url(re.compile(r"[?&]room=true"))
    first = both_lists_but(page, first)  # fewer rows
    again = opened(opened_by_somebody_else(tabs, page, plain))
    wait_for(lambda: shown(again) == first)
    press(again, "Next disagreement")
    expect(again.get_by_text(re.compile(r"^Disagreement 2 of [\d,]+"))).to_be_visible()


def test_a_field_set_by_hand_changes_both_lists_and_can_be_set_back(tabs: Tabs) -> None:
    page = opened(tabs.open(f"{PAGE}&event=6824"))
    before = shown(page)
    page.locator(".st-key-by_hand label").click()
    weekday = page.locator("[class*='st-key-hand'][class*='weekday'] input")
    weekday.click()
    weekday.fill("Wed")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nobody asked this, so no product is right.")).to_be_visible()
    expect(page.locator(".rt-set")).to_have_text(re.compile("Weekday Wed"))
    expect(page.locator(".rt tr.true")).to_have_count(0)
    both_lists_but(page, before)
    press(page, "Back to the event")
    expect(page.locator(".rt tr.true")).to_have_count(2)
    wait_for(lambda: shown(page) == before)


def test_it_fits_a_phone_and_a_dark_room(narrow_tabs: Tabs, dark_tabs: Tabs) -> None:
    page = opened(narrow_tabs.open(PAGE))
    left, right = (lists(page).nth(at).bounding_box() for at in (0, 1))
    assert left
    assert right
    assert right["y"] >= left["y"] + left["height"]  # one below the other
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    dark_tabs.screen = {"width": 1280, "height": 720}  # a projector
    page = opened(dark_tabs.open(f"{PAGE}&room=true"))
    for at in (0, 1):
        expect(lists(page).nth(at).locator("tbody tr").nth(6)).to_be_in_viewport(ratio=1)
    colours = page.locator(".rt-ask").evaluate("one => getComputedStyle(one).color")
    assert min(int(part) for part in re.findall(r"\d+", colours)[:3]) > 180
