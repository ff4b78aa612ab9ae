"""Retrieve: one query, two lists, and why they differ."""

from pdcn.shell.page import Page

KEYS = (
    *("event", "by_hand", "room", "walk", "on_surface", "by_head", "top", "list_seed", "hand-"),
    *("why_side", "why_measure", "why_all", "why_item-"),
)
PAGE = Page("retrieve", "Retrieve", ":material/manage_search:", "Look inside", "pdcn.pages.retrieve.page", keys=KEYS)
