"""The Story page: the question told with one shopper, and the answer so far."""

from __future__ import annotations

import streamlit as st

from pdcn.dials import dials
from pdcn.files import SHOWCASE
from pdcn.pages.story import STORY
from pdcn.pages.story import words as say
from pdcn.pages.story.page.answer import show_answer, show_claim
from pdcn.pages.story.page.shopper import show_shopper
from pdcn.pages.story.page.ways import show_presets, show_ways
from pdcn.runs.folder import RunFolder
from pdcn.shell.analysis_view import analysed
from pdcn.shell.frame import says_errors, way_to
from pdcn.shell.parts import lead
from pdcn.shell.shown_run import shown_run


@says_errors
def draw() -> None:
    """Draw the page."""
    if any(dial.key in st.query_params for dial in dials()):  # a link from when Compare opened the app
        asked = {key: st.query_params.get_all(key) for key in st.query_params}  # of pairs only the last would count
        st.switch_page(way_to("compare"), query_params=asked)
    st.title(say.TITLE, anchor=False)
    shown_run()  # it is not the story's, but the address and the menu keep it
    lead(say.LEAD)
    tables = analysed(RunFolder(SHOWCASE), STORY)
    if tables is not None:
        show_shopper(tables)
    show_claim()
    show_answer()
    show_presets()
    show_ways()
