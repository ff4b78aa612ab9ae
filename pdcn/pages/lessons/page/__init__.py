"""The Lessons page: the list of lessons, one step at a time, and the glossary."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pdcn.evaluation.verdict import NUMBERS
from pdcn.files import SHOWCASE
from pdcn.inert import code, words
from pdcn.pages.lessons import words as say
from pdcn.pages.lessons.page.guesses import guess_of
from pdcn.pages.lessons.page.step import show_step
from pdcn.pages.lessons.page.terms import show_terms
from pdcn.pages.lessons.written import Lesson, lessons
from pdcn.shell.address import PARAMETER, put
from pdcn.shell.class_link import class_link
from pdcn.shell.frame import says_errors, ways
from pdcn.shell.inputs import one_of
from pdcn.shell.parts import lead
from pdcn.shell.shown_run import show, shown_run
from pdcn.shell.terms import with_terms
from pdcn.words import capital, plural


@says_errors
def draw() -> None:
    """Draw the page."""
    if PARAMETER not in st.query_params and PARAMETER not in st.session_state:
        show(SHOWCASE.name)  # not the newest run of this home, which in a class may be anybody's
    folder, known = shown_run(), lessons(pages=tuple(ways()))
    asked = st.query_params.get("lesson", "")
    if asked in known:
        show_step(known, known[asked], folder)
        return
    st.title(say.TITLE, anchor=False)
    if asked:
        st.info(say.NO_SUCH(name=code(asked)), icon=":material/info:")
        put(lesson=None, step=None)
    part = one_of(say.PART, [say.LESSONS, say.GLOSSARY], key="lessons", label_visibility="collapsed")
    if part == say.GLOSSARY:
        show_terms()
        return
    count = NUMBERS[len(known)] if len(known) < len(NUMBERS) else str(len(known))
    lead(say.LEAD(count=capital(count)))
    for lesson in known.values():
        _offer(lesson, known)
    class_link("lessons", {})


def _offer(lesson: Lesson, known: Mapping[str, Lesson]) -> None:
    """One lesson of the list: what it is, how far one is, and a button that opens it."""
    asked = lesson.questions
    done = sum(bool(guess_of(lesson, at)) for at in asked)
    with st.container(border=True, key=f"lesson-card-{lesson.name}"):
        about, button = st.columns([4, 1])
        number = list(known).index(lesson.name) + 1
        about.header(say.NUMBERED(number=number, title=words(lesson.title)), anchor=False)
        about.markdown(with_terms(say.AFTER(what=words(lesson.after)), whole=True))
        length = say.MINUTES(minutes=lesson.minutes, steps=plural(len(lesson.steps), "step"))
        about.caption(with_terms(say.LENGTH_DONE(length=length, done=say.DONE_OF(done=done, all=len(asked)))))
        label = say.AGAIN if done == len(asked) else say.GO_ON if done else say.START
        first = next((at for at in asked if not guess_of(lesson, at)), 1) if done else 1
        button.button(
            label(number=number),
            key=f"open-{lesson.name}",
            on_click=put,
            kwargs={"lesson": lesson.name, "step": str(first)},
            width="stretch",
        )
