"""The Crosses page."""

from __future__ import annotations

from pdcn.ui.analysed import run_inside


def crosses_view() -> None:
    """Draw the page."""
    run_inside("Crosses")
