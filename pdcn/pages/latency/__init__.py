"""Latency: what a wiring costs in time."""

from pdcn.jobs.analysis import Recipe
from pdcn.pages.latency.plan import DEFAULTS
from pdcn.pages.latency.words import TIMING
from pdcn.shell.page import Page

LATENCY = Recipe("latency", TIMING, "pdcn.pages.latency.work.job", DEFAULTS, timed=True, showcase=({"compiled": True},))
KEYS = (
    *("latency_which", "latency_tower", "latency_threads", "latency_batch"),
    *("latency_by", "latency_items", "latency_missing"),
)
PAGE = Page("latency", "Latency", ":material/speed:", "Look inside", "pdcn.pages.latency.page", (LATENCY,), keys=KEYS)
