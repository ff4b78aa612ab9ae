"""Formulas that break into lines where there is no room for one: no part of the page has to be scrolled sideways."""

from __future__ import annotations

import streamlit as st


def formula(key: str, latex: str) -> None:
    """A formula in a line of its own, a little larger than text."""
    st.container(key=f"formula-{key}").markdown(f"${latex}$")
