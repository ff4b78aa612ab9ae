"""Inputs that are bound to the address under their key: so a link brings what was chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import streamlit as st
from streamlit.errors import StreamlitAPIException

from pdcn.settings import real_number
from pdcn.shell.pictures import with_picture

T = TypeVar("T")
LABELLED, UNSEEN = "-labelled", "unseen-"
"""What the key of a list with labels ends with, and that of a container that no person sees begins with."""


def _helping(how: dict[str, Any]) -> dict[str, Any]:
    """What an input is drawn with, its help with the picture of a term that it explains."""
    return {**how, "help": with_picture(how["help"])} if how.get("help") else how


def number_input(place: Any, label: str, low: float, high: float, value: float | None, *, key: str, **how: Any) -> Any:
    """A number input; what is no number never reaches it.

    Streamlit 1.67 takes a page down over `inf` and `1e400` in the address of whole numbers, and reads `1_000` as a
    number. So a text that is none is taken out of the address, and the widget is drawn unbound until the browser knows.
    """
    asked = st.query_params.get(key)
    bind = {"bind": "query-params"}
    if asked is not None:
        try:
            real_number(asked)
        except ValueError:
            bind = {}
            with suppress(StreamlitAPIException):  # bound already, and asked for by Back or Forward
                del st.query_params[key]
    return place.number_input(label, low, high, value, key=key, **bind, **_helping(how))


def one_of(label: str, options: Sequence[T], *, key: str, place: Any = st, if_several: bool = False, **how: Any) -> T:
    """One of a few options beside each other, of which the first is chosen until another one is.

    With `if_several` it is shown only where there is more than one.
    """
    if if_several and len(options) == 1:
        return options[0]
    bound = {"default": options[0], "required": True, "bind": "query-params"}
    chosen: T = place.segmented_control(label, options, key=key, **bound, **_helping(how))
    return chosen


def from_list(
    label: str, options: Sequence[T], *, key: str, place: Any = st, if_several: bool = False, **how: Any
) -> T:
    """As `one_of`, in a list that opens."""
    if if_several and len(options) == 1:
        return options[0]
    chosen: T = place.selectbox(label, options, key=key, bind="query-params", **_helping(how))
    return chosen


def labelled(key: str, unseen: Callable[..., Any], seen: Callable[..., Any]) -> Any:
    """One list drawn twice, whose options people read by other names than links write.

    Streamlit writes what is read into the address. So `unseen` draws a list that nobody sees, which is bound to the
    address under the key, and `seen` one with labels, which sets it.
    """
    with st.container(key=f"{UNSEEN}{key}"):
        value = unseen(key=key)
    st.session_state[f"{key}{LABELLED}"] = [*value] if isinstance(value, list) else value

    def chosen() -> None:
        st.session_state[key] = st.session_state[f"{key}{LABELLED}"]

    seen(key=f"{key}{LABELLED}", on_change=chosen)
    return value
