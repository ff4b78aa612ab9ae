"""The glossary: twenty terms, each in one sentence and one picture."""

from __future__ import annotations

import streamlit as st

from pdcn.glossary import DRAWN
from pdcn.pages.lessons import words as say
from pdcn.shell.parts import lead, name_of, term_cards


def show_terms() -> None:
    """Every term as a card, four a row."""
    lead(say.TERMS(count=len(DRAWN)))
    term_cards([*DRAWN], lambda term: st.header(name_of(term), anchor=False))
