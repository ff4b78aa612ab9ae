"""One step of a lesson: its text, the page to open, the question, and the ways on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import streamlit as st

from pdcn.config import Experiment
from pdcn.dials import dials_in_address
from pdcn.files import SHOWCASE
from pdcn.glossary import TERMS
from pdcn.inert import named, words
from pdcn.jobs.needs import needs
from pdcn.pages.lessons import words as say
from pdcn.pages.lessons.page.guesses import go_to, guess_of, step_in
from pdcn.pages.lessons.page.question import good_guesses, show_prediction, show_question
from pdcn.pages.lessons.written import Lesson, LessonStep
from pdcn.runs.folder import OVER, RunFolder
from pdcn.shell.address import PARAMETER, put
from pdcn.shell.class_link import class_link
from pdcn.shell.frame import way_to
from pdcn.shell.inputs import toggle
from pdcn.shell.pictures import picture
from pdcn.shell.shown_run import store
from pdcn.shell.terms import with_terms
from pdcn.shell.whose import others_among
from pdcn.words import duration, plural


def show_step(known: Mapping[str, Lesson], lesson: Lesson, shown: RunFolder) -> None:
    """The step of a lesson that the address names, or its end, with the run that is on show."""
    st.title(words(lesson.title), anchor=False)
    at = step_in(lesson)
    if not at:
        st.info(say.NO_STEP(steps=plural(len(lesson.steps), "step")), icon=":material/info:")
        go_to(1)
        at = 1
    if at > len(lesson.steps):
        _end(known, lesson, shown)
        return
    step = lesson.steps[at - 1]
    number = list(known).index(lesson.name) + 1
    st.caption(with_terms(say.PLACE(number=number, step=at, all=len(lesson.steps))))
    st.progress(at / len(lesson.steps), text=None, width="stretch")
    text, drawn = st.columns([3, 1], gap="large") if step.picture else (st.container(), None)
    with text:
        st.header(words(step.title), anchor=False)
        st.markdown(with_terms(words(step.text), whole=True))
    if drawn is not None:
        drawn.markdown(picture(step.picture))
        drawn.caption(with_terms(TERMS[step.picture]))
    folder = _run_of(lesson, at, shown, text)
    with text:
        if step.page and folder is not None:
            _way(step, folder)
        if step.question and folder is not None:
            show_question(lesson, at, folder)
    _ways(lesson, at)
    trained = step.trained
    class_link("compare" if trained else "lessons", dials_in_address(trained) if trained else {})


def _run_of(lesson: Lesson, at: int, folder: RunFolder, place: Any) -> RunFolder | None:
    """The run that a step is about; None while there is none, which is said, with what to do, below the question."""
    step = lesson.steps[at - 1]
    wanted = step.question.run if step.question else "shown"
    if wanted == "showcase":
        return RunFolder(SHOWCASE)
    if wanted == "shown" or step.trained is None:
        return folder if folder.result is not None else RunFolder(SHOWCASE)
    with place:
        how: dict[str, Any] = {"persist_state": "session", "help": say.USE_SHOWCASE_HELP}
        instead = toggle(say.USE_SHOWCASE, key="lesson_showcase", **how)
        if instead:
            st.caption(with_terms(say.SHOWCASE_IS))
            return RunFolder(SHOWCASE)
        if folder.path == SHOWCASE:
            show_prediction(lesson, at)
            _offer_training(step.trained)
            return None
        if store().state(folder.run) not in OVER:
            show_prediction(lesson, at)
            _still_training(folder.run)
            return None
        others = list(others_among([folder]).values())
        other_settings = folder.experiment != step.trained
        st.caption(
            with_terms(
                " ".join([say.OWN_THERE(run=named(folder.run)), *others, *([say.OWN_OTHER] if other_settings else [])])
            )
        )
        if others or other_settings:
            _compare_link(step.trained)
    return folder


def _offer_training(experiment: Experiment) -> None:
    time = needs(experiment).seconds
    st.info(say.OWN_NEEDED(time=duration(time)), icon=":material/play_circle:")
    _compare_link(experiment)


def _compare_link(experiment: Experiment) -> None:
    """A link to Compare with every dial where the experiment has it."""
    link = dials_in_address(experiment)
    st.page_link(way_to("compare"), label=say.TRAIN, icon=":material/tune:", query_params=link)


@st.fragment(run_every=1.0)
def _still_training(run: str) -> None:
    if store().state(run) in OVER:
        st.rerun()
        return
    share = store().folder(run).progress.share
    st.info(say.TRAINING(share=f"{share:.0%}"), icon=":material/hourglass_empty:")


def _way(step: LessonStep, folder: RunFolder) -> None:
    """The link to the page that the step is about, with its address and the step's run."""
    known = {**step.address, PARAMETER: folder.run}
    st.page_link(way_to(step.page), label=words(step.open), icon=":material/open_in_new:", query_params=known)


def _ways(lesson: Lesson, at: int) -> None:
    """Back, Next, and all lessons."""
    row = st.container(horizontal=True, gap="small", key="lesson-ways")
    row.button(
        say.BACK, on_click=go_to, args=(at - 1,), disabled=at == 1, key="step-back", icon=":material/arrow_back:"
    )
    label = say.END if at == len(lesson.steps) else say.NEXT
    to_guess = lesson.steps[at - 1].question and not guess_of(lesson, at)
    kind: Literal["primary", "secondary"] = "secondary" if to_guess else "primary"
    row.button(label, on_click=go_to, args=(at + 1,), type=kind, key="step-next", icon=":material/arrow_forward:")
    _leave(row)


def _leave(row: Any) -> None:
    row.button(say.ALL_LESSONS, on_click=put, kwargs={"lesson": None, "step": None}, type="tertiary", key="step-leave")


def _end(known: Mapping[str, Lesson], lesson: Lesson, shown: RunFolder) -> None:
    """What was learned, how good the guesses were, and the next lesson."""
    st.header(say.FINISHED, anchor=False)
    st.markdown(with_terms(say.YOU_CAN(what=words(lesson.after)), whole=True))
    instead = st.session_state.get("lesson_showcase", False)
    of = RunFolder(SHOWCASE) if instead else shown
    good, made = good_guesses(lesson, of, of if instead or shown.path != SHOWCASE else None)
    none = say.SCORE_WAITS if any(guess_of(lesson, at) for at in lesson.questions) else say.SCORE_NONE
    st.markdown(with_terms(say.SCORE(good=good, all=made) if made else none))
    names = list(known)
    following = names[names.index(lesson.name) + 1 :]
    row = st.container(horizontal=True, gap="small", key="lesson-ways")
    row.button(say.BACK, on_click=go_to, args=(len(lesson.steps),), key="step-back", icon=":material/arrow_back:")
    if following:
        after = known[following[0]]
        label = say.NEXT_LESSON(title=after.title)
        row.button(label, on_click=put, kwargs={"lesson": after.name, "step": "1"}, type="primary", key="step-next")
    _leave(row)
