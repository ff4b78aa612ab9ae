"""Colours and figures that several pages draw."""
