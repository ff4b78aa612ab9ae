"""The person's own case: a form, and what was measured of each answer."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any

import streamlit as st

from pdcn.decision import words as say
from pdcn.decision.form import Case, CaseAnswer, OwnRun, answers, own_run, summary
from pdcn.decision.sheet import Sheet
from pdcn.inert import words
from pdcn.research.findings import FINDINGS
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError
from pdcn.shell.address import PARAMETER
from pdcn.shell.class_link import address_of
from pdcn.shell.frame import way_to
from pdcn.shell.inputs import from_list, labelled
from pdcn.shell.parts import further
from pdcn.shell.pictures import with_picture
from pdcn.shell.shown_run import stamps, store
from pdcn.shell.terms import with_terms

MOST_RUNS = 100
"""Own runs that are looked at, the newest."""


def show_case(found: Sheet, device: str) -> None:
    """The questions, what the answers come to, and each answer with the comparisons that it counts."""
    st.header(say.FORM, anchor=False)
    st.caption(with_terms(say.FORM_LEAD))
    case = _asked(device)
    told = answers(case, _own_runs(), found.cost("latency"))
    st.markdown(with_terms(f"**{summary(told)}**"))
    for answer in told:
        _show(answer, found.run)


def _asked(device: str) -> Case:
    """What the person says; the device is said above, beside the figure."""
    first, second, third, fourth, fifth = st.columns(5)
    with first:
        task = labelled(key="decide_task", **_list("task"))
    with second:
        size = labelled(key="decide_size", **_list("size"))
    with third:
        width = labelled(key="decide_width", **_list("width"))
    with fourth:
        crossing = labelled(key="decide_crossing", **_list("crossing"))
    with fifth:
        data = labelled(key="decide_data", **_list("data"))
    return Case(task, device, size, width, crossing, data)


def _list(name: str) -> dict[str, Any]:
    """One question as a list that is bound to the address, and as the one that people see."""
    label, options = say.QUESTIONS[name], say.OPTIONS[name]
    seen = partial(st.selectbox, label, [*options], format_func=options.get, help=with_picture(say.HELP[name]))
    return {"unseen": partial(from_list, label, [*options], told=True), "seen": seen}


def _own_runs() -> list[OwnRun]:
    """The person's newest runs in which both wirings raced; one that is damaged is left out."""
    found = []
    for row in islice((one for one in store().rows() if one.verdict), MOST_RUNS):
        with suppress(SettingError, KeyError, TypeError, ValueError):
            if own := _known(store().folder(row.run)):
                found.append(own)
    return found


def _of_when(folder: RunFolder) -> object:
    return str(folder.path), stamps(folder.path / "result.json", folder.path / "experiment.json")


@st.cache_resource(max_entries=1_000, show_spinner=False, hash_funcs={RunFolder: _of_when})
def _known(folder: RunFolder) -> OwnRun | None:
    return own_run(folder)


def _show(answer: CaseAnswer, shown: str) -> None:
    """One answer in a line; the comparisons behind it, with ways to them, are one press away."""
    question, lean = say.QUESTIONS[answer.name], say.LEAN_NAMES[answer.lean]

    def inside() -> None:
        st.markdown(with_terms("\n".join(f"- {words(one.said)}" for one in answer.evidence) or words(answer.said)))
        if any(one.finding for one in answer.evidence):
            st.caption(with_terms(say.COUNTED_ALL))
        for run in dict.fromkeys(one.run for one in answer.evidence if one.run):
            _way("decide", say.TO_RUN(run=words(run)), {PARAMETER: run})
        for name in dict.fromkeys(one.finding for one in answer.evidence if one.finding):
            link_to_study(name, shown)
        if answer.name == "device":
            _way("latency", say.TO_LATENCY, {PARAMETER: shown})

    further(f"decide-case-{answer.name}", f"{question}: {lean}.", words(answer.said), inside)


def link_to_study(name: str, shown: str) -> None:
    """A link to one of our studies on the page of findings, which keeps the run on show."""
    link = f"{address_of('findings', st.context.url or '')}?{PARAMETER}={shown}#{name}"
    st.link_button(say.TO_QUESTION(question=FINDINGS[name].question), link, icon=":material/fact_check:")


def _way(page: str, label: str, query: Mapping[str, str]) -> None:
    st.page_link(way_to(page), label=label, icon=":material/arrow_forward:", query_params=dict(query))
