"""The parts that every page is made of, so that all pages look alike.

A page has a title with its run, one lead sentence, the main figure, and after it what needs more words, folded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
import streamlit as st

from pdcn.glossary import TERMS, explained
from pdcn.shell import words as say
from pdcn.shell.frame import says_errors
from pdcn.shell.pictures import picture, with_picture
from pdcn.shell.terms import with_terms
from pdcn.words import capital

MEASURED = say.MEASURED
IN_A_ROW = 4
"""Terms beside one another."""


def lead(sentence: str) -> None:
    """The one sentence that says what the figure below shows. Markdown: data in it has to be inert."""
    st.container(key="lead").markdown(with_terms(sentence))


def finding(sentence: str) -> None:
    """The title of a figure that the lead does not speak of: what it shows, with its own numbers. Markdown."""
    st.markdown(f"**{with_terms(sentence)}**")


def remark(sentence: str) -> None:
    """What is said quietly below a figure: how to read it, or what it leaves out. Markdown."""
    st.caption(with_terms(sentence))


def measured(*paragraphs: str, label: str = say.MEASURED) -> None:
    """What only some want to know, folded. Markdown."""
    with folded(label):
        for paragraph in paragraphs:
            st.markdown(with_terms(paragraph))


@contextmanager
def folded(label: str) -> Iterator[None]:
    """A part of a page that one press opens."""
    with st.expander(label):
        yield


class _Head(str):
    """What the head of a fold says. Streamlit takes a fold with another label for another one, shuts it and draws
    anew what is in it; so it is told that all heads are alike, and tells folds apart by their keys."""

    __slots__ = ()

    def __str__(self) -> str:
        return ""


@st.fragment
@says_errors
def unfolded(
    key: str, label: str | Callable[[], str], draw: Callable[..., object], *given: object, icon: str | None = None
) -> None:
    """As `folded`, for a part that is much: `draw` makes it of what is given once somebody opens it. In a fragment, so
    that one press runs no more than this part.

    Once open it stays so, also where another choice changes the label; one that depends on what is chosen inside is
    given as a function. What was made stays while it is shut, so that the address goes on saying what was chosen.
    """
    made = key in st.session_state and st.session_state.get(f"{key}-made", False)
    head = _Head(label() if callable(label) else label)
    fold = st.expander(head, key=key, on_change="rerun", icon=icon)
    st.session_state[f"{key}-made"] = made or fold.open
    if made or fold.open:
        with fold:
            draw(*given)


def further(key: str, question: str, finding: str, draw: Callable[..., object], *given: object) -> None:
    """A further question of a page in one line with what was found; its figure and how it is measured, which `draw`
    makes of what is given, are one press away."""
    unfolded(f"further-{key}", f"**{question}** {finding}", draw, *given)


def term_cards(terms: Sequence[str], name: Callable[[str], object]) -> None:
    """Terms of the glossary, each a card with its picture and its sentence; `name` writes its name at the top."""
    for at in range(0, len(terms), IN_A_ROW):
        for column, term in zip(st.columns(IN_A_ROW), terms[at : at + IN_A_ROW], strict=False):
            with column.container(border=True, height="stretch"):
                name(term)
                st.markdown(picture(term))
                st.markdown(with_terms(TERMS[term], but=term))


def name_of(term: str) -> str:
    """A term of the glossary as a heading writes it."""
    return say.TERM_NAMES.get(term) or capital(term)


def words_here(*terms: str) -> None:
    """The terms that a page needs, for whoever does not know them yet, folded."""
    unfolded("words-here", say.WORDS_HERE, term_cards, terms, lambda term: st.markdown(f"**{name_of(term)}**"))


def explaining(table: pd.DataFrame, config: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """How a table's columns look, where each that is a term has its explanation on hover."""
    found: dict[str, Any] = dict(config or {})
    for name in map(str, table.columns):
        own = dict(found.get(name) or {})
        own["help"] = own.get("help") or explained(str(own.get("label") or name))
        if own["help"]:
            own["help"] = with_picture(own["help"])
            found[name] = own
    return found
