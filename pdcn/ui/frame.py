"""The app around a page."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager


def inside_app() -> None:
    """Run `app.py` around the page that calls this.

    Where a page's own URL is the first that a fresh server is asked for, Streamlit runs the page's file
    alone, as it did before `st.navigation`. It has no public switch for that; once told, it never does it again.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()
