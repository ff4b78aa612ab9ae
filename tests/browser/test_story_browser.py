"""The Story in a real browser: a block tells its equation wherever one points at it, and on a choice from the list."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from pdcn.pages.story import words as say
from tests.browser.conftest import Tabs
from tests.browser.driver import chart, choose, still


@pytest.mark.parametrize("across", [0.02, 0.3, 0.98])
def test_all_of_a_block_answers_whoever_points_at_it(tabs: Tabs, across: float) -> None:
    page = tabs.open("")
    page.locator("h1").first.wait_for()
    still(page)
    tower = chart(page, "story-sequential")
    tower.scroll_into_view_if_needed()
    box = tower.locator(".shapelayer path").nth(1).bounding_box()  # from below: x0, the first cross layer
    assert box is not None
    page.mouse.move(box["x"] + across * box["width"], box["y"] + 0.8 * box["height"])
    label = tower.locator(".hoverlayer .hovertext")
    expect(label).to_contain_text("Cross 1")
    expect(label).to_contain_text("of this tower's parameters")


def test_a_block_is_chosen_from_the_list_and_the_link_keeps_it(tabs: Tabs) -> None:
    page = tabs.open("")
    page.locator("h1").first.wait_for()
    choose(page, say.LOOK_AT, "Head")
    expect(page.get_by_text(say.EQUATIONS["head"], exact=False)).to_have_count(2)
    expect(page).to_have_url(re.compile(r"[?&]story_block=Head"))
