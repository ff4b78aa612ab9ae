"""Latency: what a wiring costs in time."""

from pdcn.jobs.analysis import Recipe
from pdcn.pages.latency.plan import DEFAULTS
from pdcn.shell.page import Page

LATENCY = Recipe(
    "latency", "timing the towers", "pdcn.pages.latency.work.job", DEFAULTS, timed=True, showcase=({"compiled": True},)
)
PAGE = Page("latency", "Latency", ":material/speed:", "pdcn.pages.latency.page", (LATENCY,))
