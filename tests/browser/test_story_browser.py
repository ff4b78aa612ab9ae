"""The Story in a real browser: a block tells its equation wherever one points at it, and on a choice from the list."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from pdcn.glossary import DRAWN, TERMS
from pdcn.pages.story import words as say
from tests.browser.accessibility import violations
from tests.browser.conftest import NARROW, Tabs
from tests.browser.driver import chart, choose, fits_a_phone_in_the_dark, still


def test_all_of_a_block_answers_whoever_points_at_it_and_one_is_chosen_from_the_list(tabs: Tabs) -> None:
    page = tabs.open("story?run=showcase")  # it opens the app, and may be called by its name
    page.wait_for_url(re.compile(r"\d/\?run=showcase$"))
    still(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    tower = chart(page, "story-sequential")
    tower.scroll_into_view_if_needed()
    box = tower.locator(".shapelayer path").nth(1).bounding_box()  # from below: x0, the first cross layer
    assert box is not None
    label = tower.locator(".hoverlayer .hovertext")
    for across in (0.02, 0.3, 0.98):
        page.mouse.move(box["x"] + across * box["width"], box["y"] + 0.8 * box["height"])
        expect(label, f"at {across} of its width").to_contain_text("Cross 1")
        expect(label, f"at {across} of its width").to_contain_text("of this tower's parameters")
        page.mouse.move(box["x"] + across * box["width"], 1)
        expect(label).to_have_count(0)
    choose(page, say.LOOK_AT, "Head")
    expect(page.get_by_text(say.EQUATIONS["head"], exact=False)).to_have_count(2)
    expect(page).to_have_url(re.compile(r"[?&]story_block=Head"))


def test_a_term_is_explained_where_it_stands_first_by_mouse_and_by_keyboard(tabs: Tabs) -> None:
    page = tabs.open("")
    page.locator("h1").first.wait_for()
    still(page)
    term, told = page.get_by_role("button", name="crosses", exact=True), page.get_by_role("tooltip")
    term.hover()
    expect(told).to_have_text(TERMS["cross"])
    expect(told.get_by_role("img", name=DRAWN["cross"])).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(told).to_have_count(0)
    page.get_by_role("button", name="deep network", exact=True).focus()
    expect(told).to_have_text(TERMS["deep network"])
    page.get_by_label(say.LOOK_AT).focus()
    expect(told).to_have_count(0)
    names = page.locator("a[data-term][role=button]").evaluate_all("(all) => all.map((one) => one.dataset.term)")
    assert len(names) == len({*names}) > 4
    assert page.locator("a[data-term]").count() > len(names)  # where they stand again they are plain text
    address = page.url
    term.press("Enter")
    expect(told).to_have_text(TERMS["cross"])
    assert page.url == address


def test_on_a_phone_in_a_dark_room_a_tap_asks_a_block_and_a_finger_moves_the_page_over_a_figure(
    narrow_dark_tabs: Tabs,
) -> None:
    page = narrow_dark_tabs.open("_stcore/health")
    finger = page.context.new_cdp_session(page)
    finger.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 1})
    finger.send("Emulation.setDeviceMetricsOverride", {**NARROW, "deviceScaleFactor": 1, "mobile": True})
    page.goto(narrow_dark_tabs.app.url)
    page.locator("h1").first.wait_for()
    fits_a_phone_in_the_dark(page, "Menu")
    tower = chart(page, "story-parallel")
    tower.evaluate("(one) => one.scrollIntoView({block: 'center'})")
    tower.evaluate("(one) => { one.on('plotly_hover', () => { one.dataset.asked = 'yes'; }); }")
    box = tower.locator(".shapelayer path").nth(1).bounding_box()
    assert box is not None
    middle = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [middle]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(tower).to_have_attribute("data-asked", "yes")
    figure = chart(page, "steps")
    figure.evaluate("(one) => one.scrollIntoView({block: 'center'})")
    box = figure.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    top = "() => document.querySelector('[data-testid=stMain]').scrollTop"
    before = page.evaluate(top)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for moved in range(10, 130, 10):
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - moved}]})
        page.wait_for_timeout(16)  # as a finger takes its time
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function(f"(before) => ({top})() > before + 50", arg=before)
