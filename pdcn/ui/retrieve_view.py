"""The Retrieve page."""

from __future__ import annotations

from pdcn.ui.analysed import run_inside


def retrieve_view() -> None:
    """Draw the page."""
    run_inside("Retrieve")
