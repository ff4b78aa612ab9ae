"""Retrieve: one query, the lists of two arms side by side, and why they differ."""

from pdcn.ui.frame import inside_app
from pdcn.ui.retrieve_view import retrieve_view

inside_app()
retrieve_view()
