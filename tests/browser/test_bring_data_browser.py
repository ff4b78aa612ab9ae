"""A person brings a file to the Data page in a real browser, and its data is shown."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.browser.conftest import Tabs
from tests.browser.driver import App, chart, still


def test_a_file_becomes_data_that_can_be_compared_on(app: App, narrow_tabs: Tabs, tmp_path: Path) -> None:
    hostile = "![x](http://evil.example/a.png) **evil** <b>evil</b>"
    days = [f"2025-{1 + at // 30:02}-{1 + at % 28:02}" for at in range(360)]
    rows = [f"u{at % 30},i{at * at % 37},{day},{hostile} {at % 3}" for at, day in enumerate(days)]
    (tmp_path / "Shop log.csv").write_text("\n".join([f"user,item,day,{hostile}", *rows]))
    page = narrow_tabs.open("data?data_of=own")
    page.get_by_test_id("stFileUploader").first.locator("input").set_input_files(tmp_path / "Shop log.csv")
    expect(page.get_by_text("Shop log.csv").first).to_be_visible()
    still(page)  # a press while the page is drawn anew is lost
    page.get_by_role("button", name="Read the files").click()
    expect(chart(page, "own-timeline")).to_be_visible()
    for made in ("img[src*=evil]", "strong:text-is('evil')", "b:text-is('evil')"):
        expect(page.locator(f"[data-testid=stApp] {made}")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    still(page)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(chart(page, "timeline")).to_be_visible()
    still(page)
    for said in ("Imported: shop-log can be compared on from now on.", "Compare on shop-log"):
        expect(page.get_by_text(said)).to_be_in_viewport()  # though the button was far below
    assert parse_qs(urlsplit(page.url).query)["data_of"] == ["shop-log"]
    assert (app.home / "data/shop-log/meta.json").is_file()
    page.get_by_role("link", name="Compare on shop-log").click()
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query).get("dataset") == ["shop-log"])
