"""Present: a run in six slides, for a room, by the arrow keys."""

from pdcn.jobs.analysis import Recipe
from pdcn.pages.present.words import LISTING, SLIDES
from pdcn.shell.page import Page

STEPS = tuple(SLIDES)
"""The slides by the names that the address has for them, in their order."""
OF_TWO_ARMS = ("lists", "why")
"""Slides that hold one arm against another."""
LISTS = Recipe("lists", LISTING, "pdcn.pages.present.work.job", {"left": "", "right": ""}, arms=("left", "right"))
PAGE = Page(
    "present",
    "Present",
    ":material/slideshow:",
    "Compare",
    "pdcn.pages.present.page",
    (LISTS,),
    keys=("slide",),
    alone=True,
)
