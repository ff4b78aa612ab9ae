"""Was it the skip? One press races the arms between sequential and parallel, which say where the advantage is from."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pdcn.evaluation.causes import explanation, steps_of, unexplained
from pdcn.files import read_only, why_read_only
from pdcn.inert import words
from pdcn.jobs.needs import needs, refusal
from pdcn.jobs.submit import submit
from pdcn.pages.compare import words as say
from pdcn.runs.folder import RunFolder
from pdcn.shell import whose
from pdcn.shell.figures.steps import steps_figure
from pdcn.shell.frame import says_errors
from pdcn.shell.parts import remark
from pdcn.shell.pictures import with_picture
from pdcn.shell.shown_run import once, show, store
from pdcn.shell.terms import with_terms


def show_why(folder: RunFolder, result: dict[str, Any]) -> None:
    """What the advantage is made of, where that is known; else the button that finds it out, where there is one."""
    if steps_of(result):
        _made_of(folder)
    elif missing := unexplained(result):
        _offer(folder, missing)


@once
def _made_of(folder: RunFolder) -> None:
    result = folder.whole_result()
    assert result is not None
    found = steps_of(result)
    st.markdown(with_terms(words(explanation(found))))
    st.plotly_chart(steps_figure(found, key="steps"), key="steps")
    remark(say.SKIP_CAPTION)


@says_errors
def _offer(folder: RunFolder, missing: tuple[str, ...]) -> None:
    """A button that races the same arms and those that are missing."""
    experiment = folder.experiment.model_copy(update={"arms": (*folder.experiment.arms, *missing)})
    note, button = st.columns([3, 1], vertical_alignment="center")
    note.markdown(with_terms(say.SKIP_OFFER))
    told = why_read_only(store().home) if read_only(store().home) else refusal(experiment, store().home)
    if button.button(
        say.SKIP_BUTTON,
        icon=":material/alt_route:",
        disabled=bool(told),
        help=with_picture(words(told or needs(experiment).words)),
    ):
        show(submit(store(), experiment, by=whose.visitor()).run)
        st.rerun()
