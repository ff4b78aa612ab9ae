"""The playground, whose whole state is one text of the address; it trains and paints in the browser."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import streamlit as st

from pdcn.pages.cross_lab import CONTROLS
from pdcn.pages.cross_lab.play import joined, read, texts
from pdcn.pages.cross_lab.play import words as say
from pdcn.shell.hidden import hidden
from pdcn.shell.inputs import UNSEEN
from pdcn.shell.parts import lead, measured

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

COMPONENT = "playground"
LONGEST = 2_000
"""Letters of an address that are read."""


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(COMPONENT, html=read("playground.html"), css=read("playground.css"), js=joined())


def _hidden() -> list[str]:
    """The controls that a teacher's link hides, as the playground calls them."""
    return sorted(name.removeprefix("play_") for name in hidden() if name in CONTROLS)


def _told() -> None:
    """What the browser says of the playground goes into the address."""
    st.session_state["play"] = st.session_state[COMPONENT]["state"]


@st.fragment
def _playground() -> None:
    with st.container(key=f"{UNSEEN}play"):
        state = st.text_input(say.STATE, key="play", bind="query-params")
    data = {"state": (state or "")[:LONGEST], "say": texts(), "hide": _hidden()}
    _component()(key=COMPONENT, data=data, on_state_change=_told)


def draw() -> None:
    """Draw this part of the page."""
    lead(say.LEAD)
    _playground()
    measured(say.HOW_TO_READ, say.LINES, say.MEASURED, say.SIZE, say.ADDRESS, say.LIMITS)
