"""Runs: all runs of this home."""

from pdcn.shell.page import Page

KEYS = ("filter", "runs_data", "runs_match", "states", "runs_sort")
PAGE = Page("runs", "Runs", ":material/history:", "Workshop", "pdcn.pages.runs.page", keys=KEYS)
