"""The question of a step: first a prediction, then what it is and how good the guess was."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

from pdcn.files import SHOWCASE
from pdcn.inert import code, words
from pdcn.jobs.analysis import Analysis
from pdcn.pages.lessons import words as say
from pdcn.pages.lessons.judged import BETWEEN, Guess, judged, label_of, predicted
from pdcn.pages.lessons.page.guesses import guess_of, key_of
from pdcn.pages.lessons.work import Evidence, Found
from pdcn.pages.lessons.written import Lesson, Question
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError
from pdcn.shell.address import put
from pdcn.shell.analysis_view import analysed, tables_of
from pdcn.shell.frame import recipe_named
from pdcn.shell.inputs import number_input
from pdcn.shell.pictures import with_picture
from pdcn.shell.terms import with_terms
from pdcn.words import minus


def show_question(lesson: Lesson, at: int, folder: RunFolder) -> None:
    """The question, the guess, and once there is one the answer."""
    question = lesson.steps[at - 1].question
    assert question is not None
    answer = _answer(question, folder)
    if answer is None:
        return
    st.subheader(say.QUESTION, anchor=False)
    key = key_of(lesson, at)
    guess = guess_of(lesson, at)
    found = judged(question, answer, guess) if guess else None
    if guess and found is None:
        st.info(say.MISREAD(guess=code(guess)), icon=":material/info:")
    if found is None:
        _ask(lesson, at, question, answer.options, say.CHECK)
        return
    st.markdown(with_terms(words(question.ask), whole=True))
    with st.container(key="lesson-answer"):
        _reveal(question, found)
    _again(key)


def show_prediction(lesson: Lesson, at: int) -> None:
    """The question while the run that it is about is still to be trained: the guess is kept until that run judges it.

    Nothing where only the run can say what there is to choose from.
    """
    question = lesson.steps[at - 1].question
    assert question is not None
    if not question.before_a_run:
        return
    st.subheader(say.QUESTION, anchor=False)
    key = key_of(lesson, at)
    guess = guess_of(lesson, at)
    told = predicted(question, guess) if guess else None
    if guess and told is None:
        st.info(say.MISREAD(guess=code(guess)), icon=":material/info:")
    if told is None:
        _ask(lesson, at, question, (), say.KEEP)
        return
    st.markdown(with_terms(words(question.ask), whole=True))
    with st.container(key="lesson-answer"):
        st.info(say.PREDICTED(guess=told), icon=":material/edit:")
    _again(key)


def _again(key: str) -> None:
    st.button(say.GUESS_AGAIN, on_click=put, kwargs={key: None}, type="tertiary", key="guess-again")


def _reveal(question: Question, found: Guess) -> None:
    """What it is, with a sign that is no colour alone."""
    (st.success if found.good else st.warning)(
        found.said, icon=":material/check_circle:" if found.good else ":material/compare_arrows:"
    )
    if question.then:
        st.markdown(with_terms(words(question.then), whole=True))


def _answer(question: Question, folder: RunFolder) -> Found | None:
    """The answer of the run; None where it cannot be known, or not yet, which is said."""
    try:
        measure, tables = question.asked, {}
        if measure.needs:
            if not folder.trained:
                raise SettingError(say.NO_RESULT)
            found = analysed(folder, recipe_named(measure.needs))
            if found is None:
                return None
            tables = dict(found)
        return measure.of(Evidence(folder, tables))
    except SettingError as error:
        st.info(words(error), icon=":material/info:")
        return None


def _ask(lesson: Lesson, at: int, question: Question, options: Sequence[str], label: str) -> None:
    """The input that fits the question, and the button that lets the address say what was guessed; `options` are those
    that the run brings."""
    value = _input(question, options, f"{lesson.name}-{at}")
    pressed = st.button(label, type="primary", key="check", icon=":material/check:")
    if not pressed:
        return
    if value is None and question.asked.kind == "number":
        low, high = (minus(f"{one:,g}") for one in (question.low, question.high))
        st.warning(say.GUESS_NUMBER_FIRST(low=low, high=high), icon=":material/edit:")
    elif value is None:
        st.warning(say.GUESS_FIRST, icon=":material/edit:")
    elif isinstance(value, list) and len(value) < len(options):
        st.warning(say.ORDER_FIRST(count=len(options)), icon=":material/edit:")
    else:
        put(**{key_of(lesson, at): BETWEEN.join(value) if isinstance(value, list) else value})
        st.rerun()


def _input(question: Question, brought: Sequence[str], key: str) -> Any:
    """What a person thinks so far: a text, of an order a list; None where they have not said."""
    st.markdown(with_terms(words(question.ask), whole=True))
    kind = question.asked.kind
    if kind == "number":
        unit = say.UNIT_NAMES.get(question.asked.unit)
        label = say.NUMBER_IN(unit=unit) if unit else say.NUMBER
        low, high, step = question.low, question.high, question.step
        number = number_input(st, label, low, high, None, key=f"thinking-{key}", step=step, format="%g", width=220)
        return None if number is None else f"{number:g}"
    if kind == "order":
        said, about = say.ORDER, say.ORDER_HELP
        return (
            st.multiselect(said, brought, key=f"thinking-{key}", help=with_picture(about), bind="query-params") or None
        )
    options = [*question.choices] or [*brought]
    by_label = {label_of(question, one): one for one in options}
    chosen = st.radio(
        words(question.ask),
        list(by_label),
        index=None,
        key=f"thinking-{key}",
        bind="query-params",
        label_visibility="collapsed",  # the question is above, larger
    )
    return by_label.get(chosen) if chosen else None


def good_guesses(lesson: Lesson, folder: RunFolder, own: RunFolder | None) -> tuple[int, int]:
    """How many guesses of a lesson were right or close, of how many that a run can judge: `folder`, or for questions
    about a run of one's own, `own`."""
    found = []
    for at in lesson.questions:
        question, guess = lesson.steps[at - 1].question, guess_of(lesson, at)
        if question is None or not guess:
            continue
        of = {"showcase": RunFolder(SHOWCASE), "shown": folder, "own": own}[question.run]
        if of is None:
            continue
        with suppress(SettingError):
            needs = question.asked.needs
            tables = tables_of(Analysis.of(of, recipe_named(needs))) if needs else None
            if not needs or tables is not None:
                found.append(judged(question, question.asked.of(Evidence(of, tables or {})), guess))
    good = [one.good for one in found if one is not None]
    return sum(good), len(good)
