"""The app around a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from pdcn.inert import words
from pdcn.settings import SettingError

P = ParamSpec("P")


def inside_app() -> None:
    """Run `app.py` around the page that calls this.

    Where a page's own URL is the first that a fresh server is asked for, Streamlit runs the page's file
    alone, as it did before `st.navigation`. It has no public switch for that; once told, it never does it again.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()


def says_errors(draw: Callable[P, None]) -> Callable[P, None]:
    """What goes wrong in a part of a page is one sentence in its place; a fragment lets no error through to
    `app.py`."""

    @wraps(draw)
    def drawn(*given: P.args, **named: P.kwargs) -> None:
        try:
            draw(*given, **named)
        except SettingError as error:  # a home that can't be written, a run whose files are damaged
            st.error(words(error), icon=":material/error:")

    return drawn
