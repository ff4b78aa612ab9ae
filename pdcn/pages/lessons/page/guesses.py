"""What was guessed so far, which the address says: one parameter for each lesson and step."""

from __future__ import annotations

import streamlit as st

from pdcn.pages.lessons.written import Lesson
from pdcn.settings import whole_number
from pdcn.shell.address import GUESS, put


def key_of(lesson: Lesson, at: int) -> str:
    """The parameter of a step's guess; steps count from 1."""
    return f"{GUESS}{lesson.name}-{at}"


def guess_of(lesson: Lesson, at: int) -> str:
    """What was guessed at a step; nothing where nothing was."""
    return str(st.query_params.get(key_of(lesson, at), ""))


def step_in(lesson: Lesson) -> int:
    """The step that the address names, from 1; one more than there are is the end. 0 where it names none."""
    try:
        at = whole_number(st.query_params.get("step", "1"))
    except ValueError:
        return 0
    return at if 1 <= at <= len(lesson.steps) + 1 else 0


def go_to(at: int) -> None:
    """Let the address name another step."""
    put(step=str(at))
