"""What a projection of a sequence costs and keeps, beside what was reported."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pdcn.pages.findings import words as say
from pdcn.pages.findings.figures import pareto_figure
from pdcn.pages.findings.page.pictures import SPLIT
from pdcn.research import projection_answers, projections
from pdcn.research.findings import bundled
from pdcn.shell.analysis_view import say_version
from pdcn.shell.parts import explaining, remark
from pdcn.shell.shown_run import once
from pdcn.shell.terms import with_terms
from pdcn.words import minus, plural, points, span


@once
def answer(files: list[tuple[str, int]]) -> bool:
    """What a projection of actions costs and keeps beside what was reported; whether that was measured."""
    record = bundled(projections.NAME)
    if record is None:
        st.header(say.PROJECTIONS, anchor=projections.NAME)
        st.markdown(with_terms(say.NOT_RUN(command=f"`python -m pdcn study {projections.NAME}`")))
        return False
    left, right = st.columns(SPLIT, gap="medium")
    with left:
        st.header(say.PROJECTIONS, anchor=projections.NAME)
        st.markdown(with_terms(say.PROJECTIONS_REPORTED))
        st.markdown(f"**{with_terms(projection_answers.answer(record)[1])}**")
        st.markdown(with_terms(say.PROJECTIONS_WIDE))
    with right:
        _pareto(projection_answers.frame(record), record["metric"], record["batches"][0])
        remark(say.PROJECTIONS_CAPTION(metric=record["metric"], device=record["device"]))
    return True


@once
def inside(files: list[tuple[str, int]]) -> None:
    """What was not stated, what we built, and every number that was measured."""
    record = bundled(projections.NAME)
    if record is None:
        return
    rows, told = projection_answers.frame(record), projection_answers.answer(record)
    st.markdown(with_terms(say.PROJECTIONS_NOT_STATED))
    st.markdown(with_terms(say.PROJECTIONS_BUILT(seeds=plural(record["seeds"], "seed"))))
    st.markdown(with_terms(say.PROJECTIONS_MEASURED))
    for said in told:
        st.markdown(f"- {with_terms(said)}")
    say_version(record)
    for batch in record["batches"][1:]:
        st.markdown(with_terms(say.AT_BATCH(batch=batch)))
        _pareto(rows, record["metric"], batch)
    st.markdown(with_terms(say.PROJECTIONS_KEPT))
    kept = projection_answers.kept_frame(record)
    for stage in projections.STAGES:
        kept[stage] = kept[stage].map("{:.0%}".format).map(minus)
    kept = kept.rename(columns=say.KEPT_COLUMNS)
    st.dataframe(kept, hide_index=True, column_config=explaining(kept))
    numbers = _of_forms(rows, record["batches"])
    st.dataframe(numbers, hide_index=True, column_config=explaining(numbers))
    st.code(record["command"], language="bash")
    st.markdown(with_terms(say.REPEATED))


def _pareto(rows: pd.DataFrame, metric: str, batch: int) -> None:
    figure = pareto_figure(rows, metric=metric, batch=batch, key=f"{projections.NAME}-{batch}")
    st.plotly_chart(figure, key=f"finding-{projections.NAME}-{batch}", config={"displayModeBar": False})


def _of_forms(rows: pd.DataFrame, batches: list[int]) -> pd.DataFrame:
    """A row a form, in words: what it finds, against what, its size and its times."""
    name, found = say.FORM_COLUMNS, []
    for row in rows.to_dict("records"):
        against = {
            name[one]: say.NOTHING
            if pd.isna(row[one])
            else f"{points(row[one])} {span(row[f'{one}_low'], row[f'{one}_high'])}"
            for one in projections.AGAINST
        }
        times = {}
        for batch in batches:
            times[say.TIME_COLUMN(batch=batch)] = f"{row[f'p50_{batch}']:,.0f}"
            ends = span(row[f"times_low_{batch}"], row[f"times_high_{batch}"], "{:.2f}".format)
            times[say.TIMES_COLUMN(batch=batch)] = f"{row[f'times_{batch}']:.2f} {ends}"
        level = f"[{row['low']:.1%}, {row['high']:.1%}]"
        own = {name["form"]: row["form"], name["recall"]: f"{row['recall']:.1%}", name["interval"]: level}
        found.append({**own, **against, name["dense"]: f"{row['dense']:,}", **times})
    return pd.DataFrame(found)
