"""The glossary: twenty terms, each in one sentence and one picture."""

from __future__ import annotations

import streamlit as st

from pdcn.glossary import DRAWN, TERMS
from pdcn.pages.lessons import words as say
from pdcn.shell.parts import lead
from pdcn.shell.pictures import picture
from pdcn.words import capital

IN_A_ROW = 4


def show_terms() -> None:
    """Every term as a card, four a row."""
    lead(say.TERMS(count=len(DRAWN)))
    terms = list(DRAWN)
    for at in range(0, len(terms), IN_A_ROW):
        for column, term in zip(st.columns(IN_A_ROW), terms[at : at + IN_A_ROW], strict=False):
            with column.container(border=True, height="stretch"):
                st.header(say.NAMES.get(term) or capital(term), anchor=False)
                st.markdown(picture(term))
                st.markdown(TERMS[term])
