"""The Cross lab in a real browser: an output that is pressed is followed, and a link keeps what was set."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.accessibility import violations
from tests.browser.conftest import Tabs
from tests.browser.driver import PLOT, chart, still


def test_an_output_that_is_pressed_is_followed_and_the_link_keeps_it(tabs: Tabs) -> None:
    page = tabs.open("cross_lab?run=showcase")
    says = page.locator(".st-key-lead")
    expect(says).to_contain_text("After 1 layer, “young” is 4")
    still(page)
    figure = chart(page, "hand-layer-figure")
    figure.scroll_into_view_if_needed()
    figure.locator(".scatterlayer .point").nth(2).click(force=True)
    expect(says).to_contain_text("“snack” is 6")
    expect(page).to_have_url(re.compile(r"[?&]hand_out=snack"))
    still(page)
    box = page.get_by_label("W: snack reads young")
    box.fill("2")
    box.press("Enter")  # 3 * (2 * 2) + 3
    expect(says).to_contain_text("“snack” is 15")
    expect(page).to_have_url(re.compile(r"hand_w_snack_young=2"))
    page.reload()
    expect(says).to_contain_text("“snack” is 15")


def test_parts_have_addresses_and_no_grave_violation(tabs: Tabs) -> None:
    page = tabs.open("cross_lab?run=showcase&lab=learn&learn_of=f3")
    expect(chart(page, "learn-study")).to_be_visible()
    still(page)
    assert violations(page) == []
    page.get_by_role("radio", name="negatives and logQ").click()
    expect(page).to_have_url(re.compile(r"[?&]lab=negatives"))
    expect(chart(page, "negatives-bias")).to_be_visible()
    still(page)
    assert violations(page) == []


def test_on_a_telephone_nothing_is_cut_off(narrow_tabs: Tabs) -> None:
    page = narrow_tabs.open("cross_lab?run=showcase&hand_layer=3&hand_itself=true")
    expect(page.locator(PLOT)).to_have_count(1)
    still(page)
    wide = page.evaluate("""() => [...document.querySelectorAll("[data-testid=stMain] *")]
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1
            && !one.closest("details, .js-plotly-plot, .katex-mathml")).map((one) => one.className)""")
    assert wide == []


def test_a_training_can_be_stopped(tabs: Tabs) -> None:
    page = tabs.open("cross_lab?run=showcase&lab=learn&learn_of=own&learn_f=x1*x2*x3*x4*x5*x6")
    page.get_by_role("button", name="Train them").click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("This was stopped before it was done")).to_be_visible()
    expect(chart(page, "learn-weights")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
