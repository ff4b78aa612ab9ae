"""The app around a page: the navigation, the ways from one page to another, and errors in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from importlib import import_module
from typing import ParamSpec

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pdcn.inert import words
from pdcn.settings import SettingError
from pdcn.shell.page import Page

P = ParamSpec("P")
WAYS = "ways"
"""Where a session keeps Streamlit's pages by name."""


def navigation(pages: Iterable[Page]) -> StreamlitPage:
    """The menu of the pages, the first of which opens the app; the one that was asked for."""

    def drawn(page: Page) -> Callable[[], None]:
        return lambda: import_module(page.module).draw()

    ways = {
        page.name: st.Page(drawn(page), title=page.title, icon=page.icon, url_path=page.name, default=not at)
        for at, page in enumerate(pages)
    }
    st.session_state[WAYS] = ways
    return st.navigation(list(ways.values()), position="top")


def way_to(name: str) -> StreamlitPage:
    """The page of that name, to be linked or switched to."""
    ways: dict[str, StreamlitPage] = st.session_state[WAYS]
    return ways[name]


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
