"""The slim line on top of every other page while a lesson is open: which step, and the way back to it."""

from __future__ import annotations

import streamlit as st

from pdcn.inert import words
from pdcn.pages.lessons import words as say
from pdcn.pages.lessons.page.guesses import step_in
from pdcn.pages.lessons.written import lessons
from pdcn.settings import SettingError
from pdcn.shell.frame import way_to


def above() -> None:
    """Draw the line, where the address names a lesson; a lesson that can't be read is said on the Lessons page."""
    name = st.query_params.get("lesson")
    if not name:
        return
    try:
        known = lessons()
    except SettingError:
        return
    if name not in known:
        return
    lesson, number = known[name], list(known).index(name) + 1
    at = step_in(lesson) or 1
    if at > len(lesson.steps):
        label = say.LINE_END(number=number)
    else:
        label = say.LINE(number=number, step=at, title=words(lesson.steps[at - 1].title))
    with st.container(key="lesson-line"):
        st.page_link(way_to("lessons"), label=label, icon=":material/school:")
