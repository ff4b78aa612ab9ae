"""Data: what the towers read."""

from pdcn.shell.page import Page

KEYS = ("data_of", "example", "field_side", "field_")
PAGE = Page("data", "Data", ":material/dataset:", "Workshop", "pdcn.pages.data.page", keys=KEYS)
