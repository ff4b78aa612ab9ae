"""Which points are selected on the maps: one selection for both, kept while figures come and go."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from pdcn.pages.embeddings import words as say
from pdcn.pages.embeddings.page.points import Ids, Points
from pdcn.shell.pictures import with_picture
from pdcn.words import spoken

FIND = "map_find"
_CHOSEN, _HOW, _ROUND, _SOUGHT, _RUN = "map_chosen", "map_how", "map_round", "map_sought", "map_run"


def chosen() -> Ids | None:
    """The ids of the selected points; None while nothing is selected."""
    found: Ids | None = st.session_state.get(_CHOSEN)
    return found


def how() -> str:
    """How they were selected, in words."""
    return str(st.session_state.get(_HOW, ""))


def round_() -> int:
    """How often the selection changed: a figure that is drawn anew must not be the one of before."""
    return int(st.session_state.get(_ROUND, 0))


def choose(ids: Ids | None, words: str = "") -> None:
    """Select these points, or none."""
    st.session_state[_CHOSEN] = None if ids is None else np.unique(ids)
    st.session_state[_HOW] = words
    st.session_state[_ROUND] = round_() + 1


def clear() -> None:
    """Select nothing, and empty the search."""
    choose(None)
    st.session_state[FIND] = st.session_state[_SOUGHT] = ""


def start(run: str) -> None:
    """Forget what was selected of another run."""
    if st.session_state.get(_RUN) != run:
        if _RUN in st.session_state:
            choose(None)
            st.session_state.pop(_SOUGHT, None)
        st.session_state[_RUN] = run


def taken(key: str, arm: str) -> None:
    """Take over what was drawn around, or clicked, on a map; nothing within it clears the selection."""
    found = st.session_state[key]["selection"]
    ids = [int(np.ravel(point["customdata"])[0]) for point in found["points"] if "customdata" in point]
    means = "lasso" if found["lasso"] else "box" if found["box"] else "click"
    choose(np.array(ids, np.int64) if ids else None, say.BY[means](arm=spoken(arm)))


def search(points: Points, kind: str, place: Any) -> None:
    """The search box; what it finds is selected, once."""
    text = place.text_input(
        say.FIND, key=FIND, bind="query-params", placeholder=say.FIND_PLACEHOLDER, help=with_picture(say.FIND_HELP)
    )
    if text == st.session_state.get(_SOUGHT, ""):
        return
    st.session_state[_SOUGHT] = text
    found = points.find(text, kind)
    choose(found if text.strip() else None, say.BY_SEARCH(sought=text.strip()))
