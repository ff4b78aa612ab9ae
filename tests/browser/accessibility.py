"""What axe-core says of a page that stands open in a browser: violations that keep somebody from using it."""

from __future__ import annotations

from itertools import pairwise

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")
CONTRAST = "color-contrast"
"""The rule of which a page's colours decide."""
ORDER = "heading-order"
"""A rule that axe-core calls moderate, and by which whoever listens to a page finds their way: it counts as grave."""


def violations(page: Page, *rules: str) -> list[str]:
    """Every grave violation on a page, skipped headings too: rule, impact, element and what axe says of it.

    Of all rules, or of these.
    """
    options: dict[str, object] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": [*rules]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}) at {node['target'][0]}: {' '.join(node['failureSummary'].split())}"
        for rule in found
        if rule["impact"] in GRAVE or rule["id"] == ORDER
        for node in rule["nodes"]
    ]


def levels(page: Page) -> list[int]:
    """The levels of the headings that are in sight, from the first of the page to its last."""
    found: list[int] = page.evaluate("""() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
        .filter((one) => one.checkVisibility()).map((one) => Number(one.tagName[1]))""")
    return found


def skipped(found: list[int]) -> bool:
    """Whether headings of these levels do not begin with the one title, or leave a level out on the way down.

    >>> skipped([1, 2, 3, 3, 2]), skipped([1, 3]), skipped([2]), skipped([1, 1])
    (False, True, True, True)
    """
    down = any(after > before + 1 for before, after in pairwise(found))
    return down or found[:1] != [1] or found.count(1) > 1
