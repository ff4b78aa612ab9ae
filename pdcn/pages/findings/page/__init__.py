"""The open questions and what our studies say to each."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pdcn.pages.findings import words as say
from pdcn.pages.findings.page import paper, projection, question
from pdcn.research import projections, synthetic
from pdcn.research.answers import beside_the_claim, rows_of, sentences, tally
from pdcn.research.findings import FINDINGS, FOLDER, bundled
from pdcn.shell.parts import lead, unfolded
from pdcn.shell.pictures import with_picture
from pdcn.shell.shown_run import once, shown_run, stamps
from pdcn.shell.terms import with_terms
from pdcn.words import plural


def draw() -> None:
    """Every finding, one below the other: what is answered first, then what is not."""
    files = stamps(*sorted(FOLDER.glob("*.json")))
    answered = _title(files)
    for place, name in enumerate(sorted(FINDINGS, key=lambda name: name not in answered), 1):
        question.answer(place, name, files)
        if name in answered:
            label = say.FOLD(question=FINDINGS[name].question)
            unfolded(f"whole-{name}", label, question.inside, name, files)
    if projection.answer(files):
        unfolded(f"whole-{projections.NAME}", say.PROJECTIONS_FOLD, projection.inside, files)
    if paper.answer(files):
        unfolded(f"whole-{synthetic.NAME}", say.PAPER_FOLD, paper.inside, files)
    _published(files)
    shown_run()  # none is shown here, but the address and the menu keep it


@once
def _title(files: list[tuple[str, int]]) -> list[str]:
    """What leads the page, as long as the files are the same; the questions that have an answer."""
    st.title(say.TITLE, anchor=False)
    if cause := bundled("cause"):
        lead(f"**{with_terms(sentences(FINDINGS['cause'], cause)[0])}**")
    return [name for name in FINDINGS if bundled(name)]


@once
def _published(files: list[tuple[str, int]]) -> None:
    """What others claimed, and how often ours agree."""
    found = {name: record for name in FINDINGS if (record := bundled(name))}
    st.divider()
    st.header(say.PUBLISHED, anchor="published")
    st.markdown(with_terms(say.CLAIMED))
    if "cause" in found:
        st.markdown(with_terms(beside_the_claim(found["cause"])))
    _count([{**record, "rows": rows_of(FINDINGS[name], record)} for name, record in found.items()])


def _count(records: list[dict[str, Any]]) -> None:
    counts = tally(records)
    if not any(counts.values()):
        return
    st.markdown(with_terms(say.COUNTS(settings=plural(sum(counts.values()), "setting"))))
    row = st.container(horizontal=True, gap="large")
    for verdict, number in counts.items():
        row.metric(verdict, number, width="content", help=with_picture(say.COUNT_HELP))
