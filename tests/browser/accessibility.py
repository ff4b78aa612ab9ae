"""What axe-core says of a page that stands open in a browser: violations that keep somebody from using it."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")
EXCUSED: dict[tuple[str, str], str] = {}
"""Reasons for violations of a rule in and below a selector that are Streamlit's own and can't be mended from here."""


def violations(page: Page) -> list[str]:
    """Every grave violation on a page: rule, impact, element and what axe says of it."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}) at {node['target'][0]}: {' '.join(node['failureSummary'].split())}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
        if not _excused(page, rule["id"], str(node["target"][0]))
    ]


def _excused(page: Page, rule: str, target: str) -> bool:
    selectors = [selector for name, selector in EXCUSED if name == rule]
    inside = "(element, selectors) => selectors.some(one => element.closest(one))"
    return bool(selectors) and bool(page.locator(target).first.evaluate(inside, selectors))
