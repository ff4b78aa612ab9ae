"""What was reported and what we measured, never mixed; and the answer so far with its reason and its doubt."""

from __future__ import annotations

import streamlit as st

from pdcn.glossary import INTERVAL, RECALL
from pdcn.pages.story import words as say
from pdcn.research.answers import cause_steps, rows_of, sentences, tally
from pdcn.research.findings import CLAIM, FINDINGS, WHOLE, bundled
from pdcn.shell.figures.steps import steps_figure
from pdcn.shell.frame import way_to
from pdcn.shell.shown_run import once
from pdcn.shell.terms import with_terms
from pdcn.tasks.retrieval.metrics import LARGEST_K
from pdcn.words import percent, plural, points, span


@once
def show_claim() -> None:
    """Three columns: reported, not stated, measured here."""
    st.header(say.CLAIM, anchor=False)
    reported, unknown, measured = st.columns(3, gap="medium")
    told = (
        (reported, say.REPORTED, list(say.REPORTED_POINTS)),
        (unknown, say.NOT_STATED, list(say.NOT_STATED_POINTS)),
        (measured, say.MEASURED, _measured()),
    )
    for column, title, lines in told:
        column.subheader(title, anchor=False)
        column.markdown("\n".join(f"- {with_terms(line)}" for line in lines))
    st.caption(with_terms(f"{say.UNITS(recall=RECALL, interval=INTERVAL, group=WHOLE)} {say.SOURCE}"))


def _measured() -> list[str]:
    """What the bundled findings say, a line each; nothing where they do not come with the project."""
    known = {name: record for name in FINDINGS if (record := bundled(name))}
    records = {name: {**record, "rows": rows_of(FINDINGS[name], record)} for name, record in known.items()}
    if "cause" not in records:
        return []
    row = next(row for row in records["cause"]["rows"] if (row["group"], row["arm"], row["against"]) == (WHOLE, *CLAIM))
    size, large, counts = say.MEASURED_POINTS
    found = {"points": points(row["difference"]), "interval": span(row["low"], row["high"])}
    told = [size(group=WHOLE, k=row["k"], seeds=row["seeds"], **found)]
    if other := row["other"].get(f"recall@{LARGEST_K}"):
        told.append(large(percent=percent(other[3]), share=f"{LARGEST_K / row['items']:.0%}"))
    verdicts = tally(records.values())
    numbers = {"better": verdicts["better"], "worse": verdicts["worse"], "same": verdicts["no detectable difference"]}
    return [*told, counts(settings=plural(sum(verdicts.values()), "setting"), **numbers)]


def show_answer() -> None:
    """The answer in words beside the steps from one wiring to the other."""
    _answer()
    st.page_link(way_to("findings"), label=say.ALL_ANSWERS(count=len(FINDINGS)), icon=":material/arrow_forward:")


@once
def _answer() -> None:
    record = bundled("cause")
    if record is None:
        return
    st.header(say.ANSWER, anchor=False)
    left, right = st.columns(2, gap="medium")
    left.markdown(with_terms(say.ANSWER_HOW))
    left.markdown(with_terms("\n".join(f"- {said}" for said in sentences(FINDINGS["cause"], record))))
    left.markdown(with_terms(say.DOUBT))
    steps = cause_steps(record["rows"]).get(WHOLE)
    if steps:
        whole = sum(c.difference for c in steps)
        right.markdown(with_terms(f"**{say.STEPS(points=points(whole), group=WHOLE)}**"))
        right.plotly_chart(steps_figure(steps, key="story-steps"), key="steps", config={"displayModeBar": False})
