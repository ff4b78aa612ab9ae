"""The Cross lab page: one experiment at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from pdcn.pages.cross_lab import words as say
from pdcn.pages.cross_lab.page import hand, learn, negatives, play
from pdcn.shell.frame import says_errors
from pdcn.shell.inputs import labelled, one_of
from pdcn.shell.parts import words_here
from pdcn.shell.shown_run import shown_run

PARTS: dict[str, Callable[[], None]] = {
    "hand": hand.draw,
    "learn": learn.draw,
    "play": play.draw,
    "negatives": negatives.draw,
}


TERMS = {
    "hand": ("cross", "cross layer", "x0", "field"),
    "learn": ("cross layer", "deep network", "x0", "seed"),
    "play": ("cross layer", "deep network", "x0", "wiring"),
    "negatives": ("event", "popularity", "in-batch negatives", "logq correction"),
}
"""What a part takes for known."""


def draw() -> None:
    """Draw the page."""
    st.title(say.TITLE, anchor=False)
    options = [*PARTS]
    look = {"label_visibility": "collapsed", "format_func": say.PARTS.get, "required": True}
    chosen = labelled(
        key="lab",
        unseen=partial(one_of, say.PART, options, told=True),
        seen=partial(st.segmented_control, say.PART, options, **look),
    )
    says_errors(PARTS[chosen])()
    words_here(*TERMS[chosen])
    shown_run()  # none is shown here, but the address and the menu keep it
