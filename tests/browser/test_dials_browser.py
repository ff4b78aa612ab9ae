"""Dials in a browser: people read labels, the address has names, and both go together."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Tabs
from tests.browser.test_links_browser import query, radio, standing


def test_a_label_is_chosen_and_the_address_has_the_name(tabs: Tabs) -> None:
    page = tabs.open()
    standing(page)
    radio(page, "planted crosses").click()
    page.wait_for_url(re.compile(r"[?&]data=planted(&|$)"))
    standing(page)
    expect(radio(page, "planted crosses")).to_be_checked()
    expect(radio(page, "planted")).to_be_hidden()  # nobody sees the list that the address is bound to
    page.reload()
    expect(radio(page, "planted crosses")).to_be_checked()
    radio(page, "Complete Journey").click()
    expect(radio(page, "Complete Journey")).to_be_checked()
    standing(page)
    assert "data" not in query(page)  # as in the run on show


def test_arms_are_read_as_they_are_said_and_a_new_one_is_typed(tabs: Tabs) -> None:
    page = tabs.open("compare?arms=parallel&arms=deep_only")
    expect(page.get_by_text("deep only", exact=True)).to_be_visible()
    box = page.get_by_role("combobox", name=re.compile("Arms"))
    box.fill("parallel-sequential")
    box.press("Enter")
    page.wait_for_url(re.compile("arms=parallel-sequential"))
    standing(page)
    expect(page.get_by_text("parallel queries with sequential items", exact=True)).to_be_visible()
    assert query(page)["arms"] == ["parallel", "deep_only", "parallel-sequential"]
