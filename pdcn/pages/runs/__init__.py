"""Runs: all runs of this home."""

from pdcn.shell.page import Page

KEYS = ("filter", "states")
PAGE = Page("runs", "Runs", ":material/history:", "Workshop", "pdcn.pages.runs.page", keys=KEYS)
