"""Whose run it is: a visitor acts at once on what they started themselves, and is asked before touching anything else.

Every session has a name that nobody sees, and a run keeps the name of the session that started it. A page that was
loaded anew is a new session to Streamlit, so its visitor is asked as anybody else is: being asked once too often
harms nobody.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pdcn.files import read_only, why_read_only
from pdcn.inert import named, words
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import COMMAND_LINE
from pdcn.shell import words as say
from pdcn.shell.shown_run import store
from pdcn.words import plural

VISITOR = "visitor"
_ALLOWED = "may_touch"


def visitor() -> str:
    """The name of this session, which no page shows."""
    name: str = st.session_state.setdefault(VISITOR, secrets.token_hex(8))
    return name


def ago(seconds: float) -> str:
    """How long ago something was, roughly.

    >>> ago(20), ago(70), ago(300), ago(7_300), ago(200_000)
    ('just now', '1 minute ago', '5 minutes ago', '2 hours ago', '2 days ago')
    """
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = int(seconds // length)
        if count:
            return say.AGO(time=plural(count, unit))
    return say.JUST_NOW


def others_among(folders: Iterable[RunFolder]) -> dict[str, str]:
    """A sentence, by run, that says who started it and when; none for those of this session."""
    found = {}
    for folder in folders:
        by, when = folder.request.get("by"), ago(time.time() - float(folder.request["created"]))
        if by != visitor():
            where = say.ON_COMMAND_LINE if by == COMMAND_LINE else say.ELSEWHERE if by else say.BY_SOMEBODY
            found[folder.run] = say.STARTED(run=named(folder.run), where=where, when=when)
    return found


def button(
    place: DeltaGenerator,
    label: str,
    others: Mapping[str, str],
    act: Callable[[], Any],
    *,
    key: str,
    disabled: bool = False,
    **look: Any,
) -> None:
    """A button that acts on what may be somebody else's: where it is, it says whose and asks first, once a session.

    It is off where nothing can be written, and says why.
    `others` is a sentence by the name of each thing that this session did not start.
    """
    if read_only(store().home):
        disabled, look["help"] = True, words(why_read_only(store().home))
    allowed: set[str] = st.session_state.setdefault(_ALLOWED, set())
    if disabled or allowed.issuperset(others):
        place.button(label, key=key, disabled=disabled, on_click=act, width="stretch", **look)
        return

    def agreed() -> None:
        allowed.update(others)
        act()

    with place.popover(label, key=f"{key}-asks", width="stretch", **look):
        for said in others.values():
            st.write(said)
        st.button(say.ALL_THE_SAME(act=label), key=key, on_click=agreed, type="primary")
