"""The pages: one folder a subject, each with what it works out (`work`), draws (`figures`) and shows (`page`).

A folder says what its page is in `PAGE`; here they stand in the order of the menu.
"""

from pdcn.jobs.analysis import Recipe
from pdcn.pages import (
    compare,
    cross_lab,
    crosses,
    data,
    decide,
    embeddings,
    findings,
    inside,
    latency,
    lessons,
    present,
    retrieve,
    runs,
    side,
    story,
)
from pdcn.shell.page import Page

PAGES: dict[str, Page] = {
    page.name: page
    for page in (
        story.PAGE,
        cross_lab.PAGE,
        lessons.PAGE,
        compare.PAGE,
        findings.PAGE,
        decide.PAGE,
        present.PAGE,
        crosses.PAGE,
        embeddings.PAGE,
        inside.PAGE,
        retrieve.PAGE,
        latency.PAGE,
        data.PAGE,
        runs.PAGE,
        side.PAGE,
    )
}
"""Every page by name; the first opens the app."""


def recipes() -> dict[str, Recipe]:
    """The recipes of all pages, by name."""
    found: dict[str, Recipe] = {}
    for recipe in (one for page in PAGES.values() for one in page.recipes):
        if recipe.name in found:
            raise ValueError(f"expected every analysis to have a name of its own, got {recipe.name} twice")
        found[recipe.name] = recipe
    return found
