"""Retrieve: one query, two lists, and why they differ."""

from pdcn.shell.page import Page

PAGE = Page("retrieve", "Retrieve", ":material/manage_search:", "pdcn.pages.retrieve.page")
