"""The address of a page in a real browser: it says all that was chosen, Back and Forward restore it, the menu keeps the
run."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Tabs
from tests.browser.driver import App, chart, choose, unfold, wait_for, way

SLOW = 60_000


QUIET = """() => new Promise(done => {
  const quiet = () => {
    if (!document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]")) return;
    watch.disconnect();
    done();
  };
  let timer = setTimeout(quiet, 200);
  const watch = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(quiet, 200); });
  watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
})"""
"""A fifth of a second passes in which no script runs and nothing on the page changes."""


def standing(page: Page) -> None:
    """Wait until the page stands."""
    page.evaluate(QUIET)


def path_of(page: Page) -> str:
    """The address below that of the app."""
    return page.url.split("/", 3)[3]


def query(page: Page) -> dict[str, list[str]]:
    """The parameters of the address."""
    return parse_qs(urlsplit(page.url).query)


def radio(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=name, exact=True).first


def switch(page: Page, name: str) -> Locator:
    return page.get_by_test_id("stCheckbox").filter(has_text=name).locator("label").first


def epochs(page: Page) -> Locator:
    return page.get_by_role("spinbutton", name="Epochs")


def set_epochs(page: Page, number: int) -> None:
    epochs(page).fill(str(number))
    epochs(page).press("Enter")
    page.wait_for_url(re.compile(rf"[?&]epochs={number}(&|$)"))
    standing(page)


def menu(page: Page, name: str) -> None:
    way(page, name).click()
    standing(page)


def test_the_address_names_the_run_on_every_page_and_back_and_forward_restore_all(tabs: Tabs) -> None:
    page = tabs.open()
    expect(chart(page, "recall-curves")).to_be_visible()
    page.wait_for_url(re.compile(r"run=showcase"))
    set_epochs(page, 7)
    first = path_of(page)
    menu(page, "Inside")
    assert query(page) == {"run": ["showcase"]}
    radio(page, "item").click()
    page.wait_for_url(re.compile("inside_side=item"))
    standing(page)
    second, entries = path_of(page), page.evaluate("history.length")
    menu(page, "Data")
    assert path_of(page) == "data?run=showcase"
    assert page.evaluate("history.length") == entries + 1  # one entry a page
    page.go_back()
    standing(page)
    assert path_of(page) == second
    expect(radio(page, "item")).to_be_checked()
    page.go_back()
    standing(page)
    assert path_of(page) == first
    expect(epochs(page)).to_have_value("7")
    page.go_forward()
    standing(page)
    assert path_of(page) == second
    expect(radio(page, "item")).to_be_checked()
    page.go_forward()
    standing(page)
    assert path_of(page) == "data?run=showcase"


def test_the_menu_keeps_the_run_also_in_a_new_tab(tabs: Tabs, app: App) -> None:
    first, second = (app.trained(seed=seed) for seed in (1, 2))
    page = tabs.open(f"compare?run={first.run}")
    expect(page.get_by_text(f"Showing run {first.run}")).to_be_visible(timeout=SLOW)
    standing(page)
    for name in ("Inside", "Findings", "Data", "Runs", "Compare"):
        link = way(page, name)
        page.wait_for_function("window.oneEntryAPage && location.search.includes('run=')")

        def carries(link: Locator = link) -> bool:
            link.dispatch_event("pointerdown")  # as any button of the mouse, before a link is opened or copied
            return (link.get_attribute("href") or "").endswith(f"?run={first.run}")

        wait_for(carries)  # the menu may be drawn anew between the press and the look
        link.click()
        standing(page)
        assert query(page) == {"run": [first.run]}
    bare = tabs.open("data")
    expect(bare.get_by_text(f"Showing run {second.run}")).to_be_visible()
    bare.wait_for_url(re.compile(second.run))


def test_a_run_sets_the_dials_and_back_from_a_new_run_restores_what_was_there(tabs: Tabs, app: App) -> None:
    folder = app.trained(seed=5)
    page = tabs.open(f"compare?run={folder.run}&epochs=2")
    expect(page.get_by_role("spinbutton", name="Events")).to_have_value("2000")
    expect(epochs(page)).to_have_value("2")
    standing(page)
    before = path_of(page)
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url(lambda url: folder.run not in url)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible(timeout=SLOW)
    standing(page)
    assert set(query(page)) == {"run"}  # the dials stand as in the new run
    page.go_back()
    expect(page.get_by_text(f"Showing run {folder.run}")).to_be_visible()
    standing(page)
    assert path_of(page) == before
    expect(epochs(page)).to_have_value("2")


def crosses(page: Page) -> None:
    expect(chart(page, "cross-map-parallel")).to_be_visible(timeout=SLOW)
    radio(page, "item").click()
    standing(page)
    page.get_by_role("button", name="More ways to look").click()
    switch(page, "Scaled by the inputs").click()
    page.keyboard.press("Escape")
    standing(page)
    choose(page, "reads field (column)", page.get_by_role("combobox", name="Field (row)").input_value())


def data(page: Page) -> None:
    radio(page, "planted crosses").click()
    standing(page)
    radio(page, "item fields").click()


CHOICES = {"crosses": crosses, "data": data}
"""What is chosen on pages; on Compare, Embeddings, Inside, Retrieve and Latency other tests choose, and ask the
same."""
STATE = """() => JSON.stringify([
  [...document.querySelectorAll('[role=radio], [role=switch]')].map((one) => one.getAttribute("aria-checked")),
  [...document.querySelectorAll('input[type=radio], input[type=checkbox]')].map((one) => one.checked),
  [...document.querySelectorAll('input:not([type=radio]):not([type=checkbox])')].map((one) => one.value),
  [...document.querySelectorAll('h1, h2, h3, h4')].map((one) => one.innerText),
])"""
"""What the widgets of a page say, and its headings."""


def state(page: Page) -> str:
    """What the widgets of a page say, and its headings, once it stands."""
    standing(page)
    return str(page.evaluate(STATE))


def opened_by_somebody_else(tabs: Tabs, page: Page, plain: str, *, folds: bool = False) -> Page:
    """A fresh browser opens the address of a page on which something was chosen, and sees the same; with `folds` once
    all of them are open there, too."""
    chosen = state(page)
    assert chosen != plain
    assert len(query(page)) > 1
    tabs.forget()
    other = tabs.open(path_of(page))
    standing(other)
    if folds:
        unfold(other)
    wait_for(lambda: other.evaluate(STATE) == chosen, 30)
    assert query(other) == query(page)
    return other


@pytest.mark.parametrize("path", CHOICES)
def test_a_fresh_browser_that_opens_the_address_sees_the_same(tabs: Tabs, path: str) -> None:
    page = tabs.open(path)
    page.wait_for_url(re.compile("run=showcase"))
    plain = state(page)
    CHOICES[path](page)
    opened_by_somebody_else(tabs, page, plain)
