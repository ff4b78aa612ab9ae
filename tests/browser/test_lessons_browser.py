"""Lessons in a real browser: played to the end by mouse and by keyboard alone, kept over a reload; settings hidden."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from pdcn.pages import PAGES
from pdcn.pages.lessons.written import lessons
from tests.browser.accessibility import levels, skipped, violations
from tests.browser.conftest import Tabs
from tests.browser.driver import address, still

LESSON = lessons()["wiring"]
Act = Callable[[Page, Locator], None]


def click(_: Page, target: Locator) -> None:
    target.click()


def by_keys(page: Page, target: Locator) -> None:
    """Go to it with Tab, and press it."""
    reach(page, target)
    page.keyboard.press("Space" if target.get_attribute("type") == "radio" else "Enter")


def reach(page: Page, target: Locator) -> None:
    """Press Tab until the focus is there; a page has fewer than a hundred stops."""
    target.wait_for(state="attached")
    for _ in range(100):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not get there")


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def holds(found: dict[str, list[str]], kept: dict[str, list[str]]) -> bool:
    """Whether an address has all these parameters."""
    return {name: found.get(name) for name in kept} == kept


def guess(page: Page, act: Act) -> None:
    """Answer the question of the step, whatever its kind: with 1, with the first option, in the order offered."""
    main = page.get_by_test_id("stMain")
    check = main.get_by_role("button", name="Check my guess")
    check.wait_for()
    number, several, options = main.get_by_role("spinbutton"), main.get_by_role("combobox"), main.get_by_role("radio")
    if number.count():
        act(page, number) if act is click else reach(page, number)
        page.keyboard.type("1")
        page.keyboard.press("Enter")
    elif several.count() and main.get_by_text("Your order").count():
        reach(page, several.first)
        for _ in range(3):
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
            still(page)
        page.keyboard.press("Escape")
    elif act is click:
        main.locator("label[data-baseweb=radio], [role=radiogroup] label").first.click()
    else:
        reach(page, options.first)
        page.keyboard.press("Space")
    still(page)
    act(page, check)
    main.locator(".st-key-lesson-answer").wait_for()


@pytest.mark.parametrize("act", [click, by_keys])
def test_a_lesson_is_played_to_its_end(tabs: Tabs, act: Act) -> None:
    page = tabs.open("lessons?run=showcase&lesson_showcase=true")
    page.locator("h1").first.wait_for()
    still(page)
    act(page, page.get_by_role("button", name="Start lesson 3"))
    for at in range(1, len(LESSON.steps) + 1):
        expect(page.get_by_text(f"step {at} of {len(LESSON.steps)}")).to_be_visible()
        still(page)
        guess(page, act)
        page.wait_for_url(re.compile(rf"guess-wiring-{at}="))
        if at == 3 and act is click:  # a reload in the middle keeps everything
            before = page.get_by_test_id("stAlert").get_by_role("paragraph").inner_text()
            page.reload()
            expect(page.get_by_test_id("stAlert")).to_contain_text(before)
            expect(page.get_by_text(f"step 3 of {len(LESSON.steps)}")).to_be_visible()
            still(page)
        last = at == len(LESSON.steps)
        act(page, page.get_by_role("button", name="Finish" if last else "Next", exact=True))
    expect(page.get_by_text("You have finished this lesson")).to_be_visible()
    expect(page.get_by_text(re.compile(r"\d of your 6 guesses were right or close"))).to_be_visible()
    assert len([name for name in query(page) if name.startswith("guess-wiring-")]) == len(LESSON.steps)


def test_a_step_leads_to_a_page_and_back(tabs: Tabs) -> None:
    page = tabs.open("lessons?run=showcase&lesson=map&step=2&guess-map-1=no&hide=cross_layer")
    page.locator("h1").first.wait_for()
    still(page)
    assert violations(page) == []
    assert not skipped(levels(page))
    page.get_by_role("link", name="Look at the map of the first layer").click()
    back = page.get_by_role("link", name="Back to lesson 4, step 2: Find the brightest block")
    back.wait_for()
    still(page)
    kept = {"lesson": ["map"], "step": ["2"], "hide": ["cross_layer"], "guess-map-1": ["no"], "run": ["showcase"]}
    assert holds(query(page), kept)
    expect(page.locator(".st-key-cross_layer")).to_be_hidden()
    expect(page.locator(".st-key-cross_side")).to_be_visible()
    back.dispatch_event("pointerdown")  # before a link is opened in a tab of its own, it says all this, too
    assert holds(parse_qs(urlsplit(back.get_attribute("href") or "").query), kept)
    back.click()
    expect(page.get_by_text("step 2 of 5")).to_be_visible()
    still(page)
    assert holds(query(page), kept)


@pytest.mark.parametrize("name", ["crosses", "data", "retrieve"])
def test_what_a_link_hides_is_not_seen(tabs: Tabs, name: str) -> None:
    keys = [key for key in PAGES[name].keys if not key.endswith(("_", "-"))]
    shown = tabs.open(f"{address(name)}?run=showcase&hide={','.join(keys)}")
    shown.locator("h1").first.wait_for()
    still(shown)
    found = [one for key in keys for one in shown.locator(f".st-key-{key}").all()]
    assert len(found) > 1
    assert not [one for one in found if one.is_visible()]


def test_a_hidden_dial_is_out_of_sight_and_counts_and_the_other_has_its_picture_on_hover(tabs: Tabs) -> None:
    page = tabs.open("?run=showcase&hide=all-but:data,seeds&seeds=5&epochs=7")
    page.locator("h1").first.wait_for()
    still(page)
    expect(page.locator(".st-key-seeds")).to_be_visible()
    for key in ("epochs", "match", "arms", "arms-labelled"):
        expect(page.locator(f".st-key-{key}").first).to_be_hidden()
    expect(page.get_by_test_id("stSidebar").get_by_text("More settings")).to_be_hidden()
    assert query(page)["epochs"] == ["7"]
    page.locator(".st-key-seeds").get_by_test_id("stTooltipHoverTarget").hover()
    picture = page.get_by_test_id("stTooltipContent").get_by_role("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("one => one.complete && one.naturalWidth") == 170
