"""Latency: what a wiring costs in time."""

from pdcn.host import machine
from pdcn.jobs.analysis import Recipe
from pdcn.pages.latency.plan import DEFAULTS
from pdcn.pages.latency.words import TIMING, TIMING_CANDIDATES
from pdcn.shell.page import Page

LATENCY = Recipe("latency", TIMING, "pdcn.pages.latency.work.job", DEFAULTS, timed=True, showcase=({"compiled": True},))
CANDIDATES = Recipe(
    "candidates",
    TIMING_CANDIDATES,
    "pdcn.pages.latency.work.candidates",
    {"machine": machine(), "device": "auto", "candidates": "10,100,1000", "rounds": 50},
    timed=True,
    showcase=(),
)
"""Of a ranking run, whose one network has no vectors to keep."""
KEYS = (
    *("latency_which", "latency_tower", "latency_threads", "latency_batch"),
    *("latency_by", "latency_items", "latency_missing"),
    "latency_candidates",
)
PAGE = Page(
    "latency", "Latency", ":material/speed:", "Look inside", "pdcn.pages.latency.page", (LATENCY, CANDIDATES), keys=KEYS
)
