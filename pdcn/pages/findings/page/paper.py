"""The experiments of the DCN-V2 paper, made again beside what it published."""

from __future__ import annotations

import streamlit as st

from pdcn.pages.findings import words as say
from pdcn.pages.findings.figures import synthetic_figure
from pdcn.research.synthetic import NAME, bundled_frame
from pdcn.research.synthetic import answer as paper_sentences
from pdcn.shell.parts import explaining, remark
from pdcn.shell.shown_run import once
from pdcn.shell.terms import with_terms
from pdcn.words import capital


@once
def answer(files: list[tuple[str, int]]) -> bool:
    """Our errors beside the published ones; whether there are any."""
    rows = bundled_frame()
    st.header(say.PAPER, anchor=NAME)
    if rows is None:
        st.markdown(with_terms(say.NOT_RUN(command=f"`python -m pdcn study {NAME}`")))
        return False
    for said in paper_sentences(rows):
        st.markdown(f"- {with_terms(said)}")
    tables = list(rows.groupby("table", sort=False))
    for column, (table, own) in zip(st.columns(len(tables)), tables, strict=True):
        column.markdown(with_terms(f"**{capital(str(table))}**"))
        column.plotly_chart(synthetic_figure(own, key=f"{NAME}-{table}"), key=f"finding-{NAME}-{table}")
    remark(say.PAPER_CAPTION)
    return True


@once
def inside(files: list[tuple[str, int]]) -> None:
    """How that was measured, and its numbers."""
    rows = bundled_frame()
    if rows is None:
        return
    for said in say.PAPER_MEASURED:
        st.markdown(with_terms(said))
    numbers = rows.drop(columns="table")
    st.dataframe(numbers, hide_index=True, column_config=explaining(numbers))
    st.code(f"python -m pdcn study {NAME}", language="bash")
