"""One cell of the measurement: parts against sum and maximum, what is hidden, arms as trained; and all batch sizes."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.jobs.analysis import Tables
from pdcn.pages.latency import words as say
from pdcn.pages.latency.figures.times import batch_figure, hidden_figure, parts_figure, ratio_figure
from pdcn.pages.latency.told import SHOWN_OVERLAP, cell_of, hides_most, slower_and_faster, times_of
from pdcn.shell.analysis_view import take_csv
from pdcn.shell.inputs import one_of
from pdcn.shell.parts import explaining, further, remark
from pdcn.shell.shown_run import once, text_colour
from pdcn.shell.terms import with_terms
from pdcn.words import capital, micro, plural, spoken


@once
def show_parts(found: Tables, tower: str, threads: int, batch: int) -> None:
    """The bars of one cell: parts, and whole towers."""
    times = cell_of(found["times"], tower, threads, batch)
    st.plotly_chart(parts_figure(times, text_colour()), key="latency-parts", config={"displayModeBar": False})
    forms = cell_of(found["forms"], tower, threads, batch)
    compiled = forms[forms["variant"] == "compiled parallel"].to_dict("records")
    remark(" ".join([say.PARTS_CAPTION, *(say.COMPILED_ALONE(times=times_of(row)) for row in compiled)]))


def show_hidden(found: Tables, tower: str, threads: int, batch: int) -> None:
    """How parallel each form of one cell really is; nothing without two branches."""
    forms = cell_of(found["forms"], tower, threads, batch)
    if not forms["overlap"].notna().any():
        return
    further("hidden", say.HIDDEN, hides_most(forms), _hidden, forms)


@once
def _hidden(forms: pd.DataFrame) -> None:
    """The figure of what each form hides."""
    st.plotly_chart(hidden_figure(forms), key="latency-hidden", config={"displayModeBar": False})
    for said in (say.HIDDEN_CAPTION, *say.HIDDEN_MEASURED):
        st.markdown(with_terms(said))


def show_as_trained(found: Tables, tower: str, threads: int, batch: int) -> None:
    """A table of the arms' own towers, as large as matching made them."""
    times, forms = (cell_of(found[name], tower, threads, batch) for name in ("times", "forms"))
    arms = times[times["variant"].str.startswith("arm ")]
    if arms.empty:
        return
    told = forms[forms["variant"].isin(arms["variant"])].to_dict("records")
    said = [
        say.ARM_TAKES(
            arm=capital(spoken(row["variant"].removeprefix("arm "))),
            times=times_of(row),
            other=spoken(row["against"].removeprefix("arm ")),
        )
        for row in told[:1]
    ]
    further("arms", say.ARMS, "".join(said), _as_trained, arms, forms)


@once
def _as_trained(arms: pd.DataFrame, forms: pd.DataFrame) -> None:
    against = {
        row["variant"]: f"{row['ratio']:.2f} [{row['ratio_low']:.2f}, {row['ratio_high']:.2f}]"
        for row in forms.to_dict("records")
    }
    rows = [
        {
            say.COLUMNS["arm"]: spoken(row["variant"].removeprefix("arm ")),
            **{name: micro(row[name]) for name in ("p50", "p95", "p99")},
            say.COLUMNS["ratio"]: against.get(row["variant"], "—"),
            say.COLUMNS["calls"]: row["repeats"],
        }
        for row in arms.to_dict("records")
    ]
    table = pd.DataFrame(rows)
    how: dict[str, Any] = {"width": "stretch", "height": "content", "column_config": explaining(table)}
    st.dataframe(table, hide_index=True, **how)
    for said in say.ARMS_MEASURED:
        st.markdown(with_terms(said))


def show_batches(found: Tables, tower: str, threads: int, batch: int) -> None:
    """Every form over all batch sizes."""
    times, forms = (cell_of(found[name], tower, threads) for name in ("times", "forms"))
    if times["batch"].nunique() < 2:
        return
    slower, faster, count = slower_and_faster(forms)

    def inside() -> None:
        ratios = forms["variant"].isin(SHOWN_OVERLAP).any()
        choices = [name for name in say.BY if ratios or name != "ratio"]
        by = one_of(say.TIME, choices, key="latency_by", format_func=say.BY.__getitem__, label_visibility="collapsed")
        _over_batches(found, tower, threads, batch, by)
        take_csv(times, f"latency-{tower}-{threads}", say.TIMES_CSV)

    further("batches", say.BATCHES, say.SLOWER_AND_FASTER(slower=slower, faster=faster, count=count), inside)


@once
def _over_batches(found: Tables, tower: str, threads: int, batch: int, by: str) -> None:
    """The figure over all batch sizes."""
    how: tuple[str, ...]
    if by == "ratio":
        figure = ratio_figure(cell_of(found["forms"], tower, threads), chosen=batch)
        caption, how = say.RATIO_CAPTION, say.RATIO_MEASURED
    else:
        figure = batch_figure(cell_of(found["times"], tower, threads), each=by == "example", chosen=batch)
        caption, how = say.TIME_CAPTION, say.TIME_MEASURED
    st.plotly_chart(figure, key=f"latency-batch-{by}")
    for said in (caption, say.CELL(tower=capital(tower), threads=plural(threads, "thread")), *how):
        st.markdown(with_terms(said))
