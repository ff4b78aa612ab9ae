"""What is folded below an answer: it is most of the page, so it is made and drawn once somebody opens it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pdcn.shell.parts import unfolded

SPLIT = (2, 3)
"""How the words and the picture of an answer share the width."""
WHOLE_ANSWER = "whole-"
"""How the keys of the folds begin."""


@st.fragment
def whole(name: str, label: str, inside: Callable[[], None]) -> None:
    """The fold of an answer with what `inside` draws."""
    with unfolded(f"{WHOLE_ANSWER}{name}", label) as opened:
        if opened:
            inside()
