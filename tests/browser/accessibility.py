"""What axe-core says of a page that stands open in a browser: violations that keep somebody from using it."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")


def violations(page: Page) -> list[str]:
    """Every grave violation on a page: rule, impact, element and what axe says of it."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}) at {node['target'][0]}: {' '.join(node['failureSummary'].split())}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]
