"""The Cross lab page: one experiment at a time."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pdcn.pages.cross_lab import words as say
from pdcn.pages.cross_lab.page import hand, learn, negatives, play
from pdcn.shell.inputs import one_of

PARTS: dict[str, Callable[[], None]] = {
    "hand": hand.draw,
    "learn": learn.draw,
    "play": play.draw,
    "negatives": negatives.draw,
}


def draw() -> None:
    """Draw the page."""
    st.title(say.TITLE, anchor=False)
    chosen = one_of(say.PART, list(PARTS), key="lab", label_visibility="collapsed", format_func=say.PARTS.get)
    PARTS[chosen]()
