"""Dials in a browser: people read labels, the address has names, and both go together."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from pdcn.dials import assemble
from tests.browser.conftest import Tabs
from tests.browser.driver import choose
from tests.browser.test_browser import command
from tests.browser.test_links_browser import query, radio, standing


def test_a_label_is_chosen_and_the_address_has_the_name(tabs: Tabs) -> None:
    page = tabs.open()
    standing(page)
    radio(page, "ranking").click()
    page.wait_for_url(re.compile(r"[?&]task=ranking(&|$)"))
    standing(page)
    expect(radio(page, "ranking").first).to_be_checked()
    choose(page, "Data", "planted crosses")
    page.wait_for_url(re.compile(r"[?&]data=planted(&|$)"))
    page.reload()
    expect(page.get_by_role("combobox", name="Data")).to_have_value("planted crosses")
    choose(page, "Data", "Complete Journey")
    expect(page.get_by_role("combobox", name="Data")).to_have_value("Complete Journey")
    standing(page)
    assert "data" not in query(page)  # as in the run on show


def test_a_shared_link_sets_dials_and_command_and_a_new_arm_is_typed(tabs: Tabs) -> None:
    page = tabs.open("compare?data=planted&events=9000&deep=32,16&arms=parallel&arms=deep_only&epochs=7&log_q=false")
    expect(page.get_by_role("spinbutton", name="Events")).to_have_value("9000")
    expect(page.get_by_role("textbox", name="Deep widths")).to_have_value("32,16")
    expect(page.get_by_text("deep only", exact=True)).to_be_visible()
    values = {"events": 9_000, "deep": (32, 16), "arms": ("parallel", "deep_only"), "epochs": 7}
    assert command(page) == assemble({"data": "planted", **values, "log_q": False})
    box = page.get_by_role("combobox", name=re.compile("Arms"))
    box.fill("parallel-sequential")
    box.press("Enter")
    page.wait_for_url(re.compile("arms=parallel-sequential"))
    standing(page)
    expect(page.get_by_text("parallel queries with sequential items", exact=True)).to_be_visible()
    assert query(page)["arms"] == ["parallel", "deep_only", "parallel-sequential"]
