"""What takes how much room, and the ways to make some: each asks first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial

import streamlit as st

from pdcn.environment import MOST_MEGABYTES
from pdcn.files import read_only, why_read_only
from pdcn.inert import words
from pdcn.pages.runs import words as say
from pdcn.runs.store import Store
from pdcn.runs.usage import clear_analyses, clear_cache, usage
from pdcn.settings import SettingError
from pdcn.shell.parts import unfolded
from pdcn.shell.shown_run import store
from pdcn.shell.terms import with_terms
from pdcn.words import size

SAID = "room-said"
"""Where a session keeps what came of the last press."""
WAYS: tuple[tuple[str, str, str, Callable[[Store], int]], ...] = (
    ("analyses", say.CLEAR_ANALYSES, say.CLEAR_ANALYSES_SAID, clear_analyses),
    ("cache", say.CLEAR_CACHE, say.CLEAR_CACHE_SAID, clear_cache),
)
"""What can be made anew, and so be deleted at no loss: its kind, the button, what it means, and what does it."""


def show_room() -> None:
    """A fold with the sizes, and a button for each kind that can be made anew."""
    unfolded("runs-room", say.ROOM, _room)


def _room() -> None:
    found = usage(store())
    st.markdown(with_terms(say.ROOM_LEAD(total=size(found.total), limit=size(1e6 * MOST_MEGABYTES()))))
    sizes = asdict(found)
    lines = (say.TAKES(kind=said, size=size(sizes[kind])) for kind, said in say.KINDS.items() if sizes[kind])
    st.markdown(with_terms("\n".join(f"- {one}" for one in lines)))
    locked = read_only(store().home)
    row = st.container(horizontal=True, gap="small")
    for kind, label, about, act in WAYS:
        off = locked or not sizes[kind]
        with row.popover(label, icon=":material/mop:", disabled=off, key=f"room-{kind}"):
            st.write(about)
            if not off:
                st.button(say.CLEAR, type="primary", key=f"clear-{kind}", on_click=partial(_clear, act))
    if locked:
        st.caption(words(why_read_only(store().home)))
    if said := st.session_state.pop(SAID, ""):
        st.caption(with_terms(words(said)))


def _clear(act: Callable[[Store], int]) -> None:
    """Do it, and keep what came of it for the page."""
    try:
        st.session_state[SAID] = say.FREED(size=size(act(store())))
    except SettingError as error:
        st.session_state[SAID] = str(error)
