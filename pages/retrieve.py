"""Retrieve: one query, the lists of two arms side by side, and why they differ."""

from pdcn.pages.retrieve.page import retrieve_view
from pdcn.shell.frame import inside_app

inside_app()
retrieve_view()
