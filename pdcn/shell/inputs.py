"""Inputs that are bound to the address under their key: so a link brings what was chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import streamlit as st
from streamlit.errors import StreamlitAPIException

from pdcn.glossary import TERMS, terms_in
from pdcn.inert import code, named, words
from pdcn.settings import real_number
from pdcn.shell import words as say
from pdcn.shell.address import standing
from pdcn.shell.pictures import with_picture
from pdcn.shell.terms import with_terms
from pdcn.words import ONE_OF

T = TypeVar("T")
MISREAD, NAMED = "misread", 12
"""Where a session keeps what its links asked for in vain, and how many options the sentence about it names."""
LABELLED, UNSEEN = "-labelled", "unseen-"
"""What the key of a list with labels ends with, and that of a container that no person sees begins with."""


def _helping(label: str, how: dict[str, Any]) -> dict[str, Any]:
    """What an input is drawn with: its help, or what explains the first term of its label; with the term's picture."""
    said = how["help"] if "help" in how else next((TERMS[term] for term, *_ in terms_in(label)), None)
    return {**how, "help": with_picture(said)} if said else how


def _hear(key: str, asked: str | None, taken: bool, expected: str, used: object) -> None:
    """Keep in mind that a link asked an input for what it does not take, until it is moved or a link is understood."""
    kept = st.session_state.setdefault(MISREAD, {})
    if asked is not None and not taken:
        kept[key] = used, say.MISREAD(key=key, expected=expected, got=code(asked), used=named(used))
    elif key in kept and (asked is not None or kept[key][0] != used):
        del kept[key]


def say_misread(key: str, place: Any = st) -> None:
    """What a link asked an input for in vain, in one quiet sentence; nothing where it was understood."""
    if found := st.session_state.get(MISREAD, {}).get(key):
        place.caption(with_terms(found[1]))


def _hear_option(key: str, asked: str | None, options: Sequence[T], used: T, how: Mapping[str, Any]) -> None:
    """As `_hear`, of an option of a list, which links write as people read it."""
    name = how.get("format_func", str)
    known = [str(name(one)) for one in options]
    expected = ONE_OF(known=words(", ".join(known[:NAMED])))
    if len(known) > NAMED:
        expected = say.AMONG(known=expected, more=len(known) - NAMED)
    _hear(key, asked, asked in {*known, *map(str, options)}, expected, name(used))


def number_input(
    place: Any, label: str, low: float, high: float, value: float | None, *, key: str, told: bool = False, **how: Any
) -> Any:
    """A number input; what is no number never reaches it. Whatever a link asks for in vain is said below it, unless
    that is `told` elsewhere."""
    asked, taken, bind = _asked_number(key, low, high)
    used = place.number_input(label, low, high, value, key=key, **bind, **_helping(label, how))
    _hear_number(key, asked, taken, low, high, used)
    if not told:
        say_misread(key, place)
    return used


def _asked_number(key: str, low: float, high: float) -> tuple[str | None, bool, dict[str, Any]]:
    """What the address asks an input of numbers for, whether that is one within its ends, and how it is bound.

    Streamlit 1.67 takes a page down over `inf` and `1e400` in the address of whole numbers, and reads `1_000` as a
    number. So a text that is none is taken out of the address, and the widget is drawn unbound until the browser knows.
    """
    asked, taken = st.query_params.get(key), True
    bind = {"bind": "query-params"}
    if asked is not None:
        try:
            taken = low <= (number := real_number(asked)) <= high and (isinstance(low, float) or number == int(number))
        except ValueError:
            bind, taken = {}, False
            with suppress(StreamlitAPIException):  # bound already, and asked for by Back or Forward
                del st.query_params[key]
    return asked, taken, bind


def number_standing(key: str, low: float, high: float, value: float) -> float:
    """Where an input of numbers stands that is drawn further down; on its default where the address asks in vain."""
    stands = standing(key, value)
    if isinstance(stands, str):
        try:
            found = real_number(stands)
        except ValueError:
            return value
        stands = found if low <= found <= high and (isinstance(low, float) or found == int(found)) else value
    return type(value)(stands)


def _hear_number(key: str, asked: str | None, taken: bool, low: float, high: float, used: object) -> None:
    expected = say.A_NUMBER if isinstance(low, float) else say.A_WHOLE_NUMBER
    _hear(key, asked, taken, expected(low=low, high=high), used)


def slider(
    label: str, low: float, high: float, value: float, step: float = 1, *, key: str, place: Any = st, **how: Any
) -> Any:
    """As `number_input`, on a line between its ends."""
    asked, taken, bind = _asked_number(key, low, high)
    used = place.slider(label, low, high, value, step, key=key, **bind, **_helping(label, how))
    _hear_number(key, asked, taken, low, high, used)
    say_misread(key, place)
    return used


def toggle(label: str, *, key: str, place: Any = st, value: bool = False, **how: Any) -> bool:
    """What is on or off. What else a link asks for is said below it."""
    asked = st.query_params.get(key)
    used: bool = place.toggle(label, value, key=key, bind="query-params", **_helping(label, how))
    _hear(key, asked, (asked or "").lower() in ("true", "false"), say.ON_OR_OFF, str(used).lower())
    say_misread(key, place)
    return used


def moment_of(label: str, options: Sequence[T], value: T, *, key: str, place: Any = st, **how: Any) -> T:
    """As `one_of`, on a line, whose options have an order."""
    asked = st.query_params.get(key)
    chosen: T = place.select_slider(label, options, value, key=key, bind="query-params", **_helping(label, how))
    _hear_option(key, asked, options, chosen, how)
    say_misread(key, place)
    return chosen


def some_of(
    label: str, options: Sequence[str], *, key: str, place: Any = st, told: bool = False, **how: Any
) -> list[str]:
    """Some of a list, or none. The first that a link asks for in vain is said below it, unless that is `told`
    elsewhere."""
    asked = st.query_params.get_all(key)
    chosen: list[str] = place.multiselect(label, options, key=key, bind="query-params", **_helping(label, how))
    wrong = [one for one in asked if one and one not in options]
    expected = say.SOME_OF(known=words(", ".join(options[:NAMED])))
    used = ", ".join(chosen) or str(say.NONE_OF_THEM)
    _hear(key, wrong[0] if wrong else (asked[-1] if asked else None), not wrong, expected, used)
    if not told:
        say_misread(key, place)
    return chosen


def one_of(
    label: str,
    options: Sequence[T],
    *,
    key: str,
    place: Any = st,
    if_several: bool = False,
    told: bool = False,
    opens: bool = False,
    **how: Any,
) -> T:
    """One of a few options, of which the first is chosen until another one is: beside each other, or in a list that
    `opens`.

    With `if_several` it is shown only where there is more than one. An option that a link asks for in vain is said
    below it, unless that is `told` elsewhere.
    """
    if if_several and len(options) == 1:
        return options[0]
    draw = place.selectbox if opens else partial(place.segmented_control, default=options[0], required=True)
    asked = st.query_params.get(key)
    chosen: T = draw(label, options, key=key, bind="query-params", **_helping(label, how))
    _hear_option(key, asked, options, chosen, how)
    if not told:
        say_misread(key, place)
    return chosen


def from_list(label: str, options: Sequence[T], *, key: str, place: Any = st, **how: Any) -> T:
    """As `one_of`, in a list that opens."""
    return one_of(label, options, key=key, place=place, opens=True, **how)


def labelled(key: str, unseen: Callable[..., Any], seen: Callable[..., Any]) -> Any:
    """One list drawn twice, whose options people read by other names than links write.

    Streamlit writes what is read into the address. So `unseen` draws a list that nobody sees, which is bound to the
    address under the key, and `seen` one with labels, which sets it.
    """
    with st.container(key=f"{UNSEEN}{key}"):
        value = unseen(key=key, help=None)
    st.session_state[f"{key}{LABELLED}"] = [*value] if isinstance(value, list) else value

    def chosen() -> None:
        st.session_state[key] = st.session_state[f"{key}{LABELLED}"]

    seen(key=f"{key}{LABELLED}", on_change=chosen)
    say_misread(key)
    return value
