"""The form of an import with the worst that a file can have: it stays text, can be read by everybody, and fits."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.accessibility import CONTRAST, levels, skipped, violations
from tests.browser.conftest import NARROW, Tabs
from tests.browser.driver import CALM, FRAMES, chart, still

MIDDLE: ViewportSize = {"width": 1024, "height": 800}
HOSTILE = {
    "html": "<img src=//evil.example/a onerror=document.title='evil'><b>evil</b><script>document.title='evil'</script>",
    "markdown": "![x](http://evil.example/a) [evil](http://evil.example) **evil** `evil` :red[evil] :material/skull:",
    "formula": '=HYPERLINK("http://evil.example","evil")',
    "latex": "$\\frac{evil}{evil}$ $$x$$",
    "emoji": "🛒👩‍👩‍👧‍👦 evil",
    "right to left": "\u202eevil שלום العربية",
    "long": "evil" + "n" * 300,
}
"""What columns are called, and what their cells have."""


def log(path: Path) -> Path:
    """Events with a column of each kind; the file is called by one of them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        written = csv.writer(file)
        written.writerow(["user", "item", "day", "action", *HOSTILE.values()])
        for at in range(400):
            day = f"2025-{1 + at // 40:02}-{1 + at % 28:02}"
            kind = [*HOSTILE.values()][at % 3]
            written.writerow(
                [f"u{at % 30}", f"i{at * at % 37}", day, kind, *(f"{t} {at % 3}" for t in HOSTILE.values())]
            )
    return path


def inert(page: Page) -> None:
    """Nothing of it became anything but text."""
    for made in ("img[src*=evil]", "script:text('evil')", ".katex", "svg a", "[data-testid=stException]"):
        expect(page.locator(f"[data-testid=stApp] {made}")).to_have_count(0)
    for made in ("strong", "b", "em", "a", "span[style*=color]"):
        found = page.locator(f"[data-testid=stApp] {made}").all_inner_texts()
        assert "evil" not in [text.strip() for text in found], made
    assert "skull" not in page.locator("[data-testid=stIconMaterial]").all_inner_texts()
    assert set(page.evaluate("[...document.links].map((link) => link.hostname)")) == {"127.0.0.1"}
    assert page.title() != "evil"
    assert "n" * 100 not in page.get_by_test_id("stMain").inner_text()


def wide(page: Page) -> int:
    """How many pixels the page takes from left to right."""
    page.evaluate(FRAMES)
    still(page)
    found: int = page.evaluate(
        "Math.max(document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth)"
    )
    return found


def test_the_form_of_a_hostile_file_is_text_that_everybody_can_read(tabs: Tabs, tmp_path: Path) -> None:
    page = tabs.open("data?data_of=own")
    name = "![x](evil) **evil** 🛒 \u202eevil.csv"
    page.get_by_test_id("stFileUploader").first.locator("input").set_input_files(log(tmp_path / name))
    expect(page.get_by_text(re.compile("evil")).first).to_be_visible()
    still(page)
    assert violations(page) == []  # with a file that is chosen and not read
    page.get_by_role("button", name="Read the files").click()
    expect(chart(page, "own-timeline")).to_be_visible()
    still(page)
    inert(page)
    assert violations(page) == []
    assert not skipped(levels(page))
    page.emulate_media(color_scheme="dark", **CALM)
    expect(page.locator(".stApp")).to_have_css("background-color", "rgb(18, 23, 30)")
    still(page)
    assert violations(page, CONTRAST) == []
    for screen in (MIDDLE, NARROW):
        page.set_viewport_size(screen)
        assert wide(page) <= screen["width"]
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text(re.compile("can be compared on from now on"))).to_be_visible()
    still(page)
    inert(page)


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0.csv", "../../../evil.csv"])
def test_a_hostile_name_of_a_file_is_told_and_leads_nowhere(tabs: Tabs, tmp_path: Path, name: str) -> None:
    page = tabs.open("data?data_of=own")
    file = {"name": name, "mimeType": "text/csv", "buffer": b"no table\n"}
    page.get_by_test_id("stFileUploader").first.locator("input").set_input_files(file)  # type: ignore[arg-type]
    still(page)
    page.get_by_role("button", name="Read the files").click()
    expect(page.get_by_test_id("stAlert")).to_be_visible()
    inert(page)
    home = tabs.app.home
    assert not [path for path in home.parent.rglob("*evil*") if home in path.parents or path.parent == home.parent]
