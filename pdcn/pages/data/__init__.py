"""Data: what the towers read."""

from pdcn.shell.page import Page

PAGE = Page("data", "Data", ":material/dataset:", "pdcn.pages.data.page")
