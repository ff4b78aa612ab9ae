"""A question: the question, one line, one picture, and all the rest once somebody opens it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.evaluation.verdict import UNITS
from pdcn.pages.findings import words as say
from pdcn.pages.findings.page.pictures import SPLIT, further_pictures, main_picture
from pdcn.research.answers import called, changes, details, interval, rows_of, sentences
from pdcn.research.findings import FINDINGS, Finding, bundled
from pdcn.shell.analysis_view import say_version
from pdcn.shell.parts import explaining, remark
from pdcn.shell.shown_run import once
from pdcn.shell.terms import with_terms
from pdcn.words import chance, percent, points, span, spoken


@once
def answer(place: int, name: str, files: list[tuple[str, int]]) -> None:
    """A question with its answer, or how it gets one."""
    finding, record = FINDINGS[name], bundled(name)
    if record is None:
        _heading(place, finding)
        st.markdown(with_terms(say.NOT_RUN(command=f"`python -m pdcn study {name}`")))
    else:
        _show(place, finding, record)


def _heading(place: int, finding: Finding) -> None:
    st.header(say.QUESTION(place=place, question=finding.question), anchor=finding.name)


def _show(place: int, finding: Finding, record: dict[str, Any]) -> None:
    """The question and its answer in a line beside their picture."""
    rows = pd.DataFrame(rows_of(finding, record))
    told = sentences(finding, record)
    left, right = st.columns(SPLIT, gap="medium")
    with left:
        _heading(place, finding)
        if finding.kind == "cause":  # its first sentence leads the page
            st.markdown(" ".join(map(with_terms, told[1:])))
        else:
            why = told[1] if _against_the_picture(finding, rows) else ""
            st.markdown(f"**{with_terms(told[0])}** {with_terms(why)}".strip())
        if place == 1:
            remark(say.HOW_TO_READ)
    with right:
        figure = main_picture(finding, rows)
        st.plotly_chart(figure, key=f"finding-{finding.name}", config={"displayModeBar": False})


def _against_the_picture(finding: Finding, rows: pd.DataFrame) -> bool:
    """Whether no setting is detectable of which intervals leave zero out: the next sentence of the answer says why."""
    own = rows[(rows["arm"] == finding.pairs[0][0]) & (rows["against"] == finding.pairs[0][1])]
    apart = (own["low"] > 0) | (own["high"] < 0)
    return finding.kind == "settings" and not own["verdict"].isin(("better", "worse")).any() and bool(apart.any())


@once
def inside(name: str, files: list[tuple[str, int]]) -> None:
    """Everything else that is to say to a question."""
    finding, record = FINDINGS[name], bundled(name)
    if record is None:
        return
    st.markdown(with_terms(finding.why))
    for said in [*sentences(finding, record), *details(finding, record)]:
        st.markdown(f"- {with_terms(said)}")
    st.markdown(with_terms(say.GROUPS))
    say_version(record)
    for at, (title, figure) in enumerate(further_pictures(finding, pd.DataFrame(rows_of(finding, record)))):
        st.markdown(with_terms(f"**{title}**"))
        st.plotly_chart(figure, key=f"more-{name}-{at}")
    _numbers(finding, record)


def _numbers(finding: Finding, record: dict[str, Any]) -> None:
    """Every row that raced, and the command that runs them again."""
    held = {
        id(change.row): say.CHANGED(
            size=interval(change.size), held=called(change.held["label"]), chance=chance(change.adjusted)
        )
        for change in changes(finding, record)
    }
    name = say.COLUMNS
    table = [
        {
            name["data"]: row["group"],
            name["setting"]: called(row["label"]),
            name["arm"]: spoken(row["arm"]),
            name["minus"]: spoken(row["against"]),
            name["verdict"]: row["verdict"],
            name["recall"]: f"{100 * row['recall'][0]:.1f}%",
            name["other"]: f"{100 * row['recall'][1]:.1f}%",
            name["points"]: points(row["difference"]),
            name["interval"]: span(row["low"], row["high"]),
            name["adjusted"]: chance(row["adjusted"]),
            **{
                say.IN_POINTS(metric=metric): f"{points(o[0])} {span(o[1], o[2])}" for metric, o in row["other"].items()
            },
            **({name["change"]: held.get(id(row), say.NOTHING)} if held else {}),
            **{
                spoken(baseline): f"{100 * value:.1f}%"
                for baseline, value in row["baselines"].items()
                if value is not None
            },
            name["mismatch"]: f"{percent(100 * row['residual'])} {UNITS['none']}",
            name["finished"]: say.NO if row["unfinished"] else say.YES,
            name["settings"]: row["terms"],
            name["trial"]: " / ".join(str(c["trial"]) for c in row["chosen"] if c) or say.NOTHING,
            **({name["worlds"]: str(row["worlds"]["count"])} if "worlds" in row else {}),
            name["seeds"]: row["seeds"],
            name["users"]: row["users"],
            name["events"]: row["events"],
        }
        for row in rows_of(finding, record)
    ]
    frame = pd.DataFrame(table).fillna(say.NOTHING)
    st.dataframe(frame, hide_index=True, column_config=explaining(frame))
    st.code(record["command"], language="bash")
    st.markdown(with_terms(say.DEVICE(device=record["device"])))
    st.markdown(with_terms(say.REPEATED))
