"""One cell of the measurement: parts against sum and maximum, what is hidden, arms as trained; and all batch sizes."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pdcn.jobs.analysis import Tables
from pdcn.pages.latency.figures.times import batch_figure, hidden_figure, parts_figure, ratio_figure
from pdcn.pages.latency.words import SHOWN_OVERLAP, cell_of, claim
from pdcn.shell.analysis_view import reading, take_csv
from pdcn.shell.inputs import one_of
from pdcn.shell.shown_run import once, text_colour
from pdcn.words import capital, micro, plural, spoken

BY = {"ratio": "against one after the other", "call": "one call", "example": "one example"}


@once
def show_parts(found: Tables, tower: str, threads: int, batch: int) -> None:
    """The claim, the bars, and how parallel each form really is."""
    times, forms = (cell_of(found[name], tower, threads, batch) for name in ("times", "forms"))
    st.subheader(claim(found["forms"], tower, threads, batch), anchor=False)
    st.caption(
        "The claim that is put to the test: side by side, a tower takes the longer branch's time, not the sum of both."
    )
    two = forms["overlap"].notna().any()
    left, right = st.columns([3, 2], gap="medium") if two else (st.container(), None)
    left.plotly_chart(parts_figure(times, text_colour()), key="latency-parts", config={"displayModeBar": False})
    with left:
        reading(
            "On top, each part of the side by side tower timed alone and laid end to end; below, whole towers of the "
            "same blocks. Bars end at the median of all calls, whiskers at the slowest of 20 (p95); an arrow goes "
            "on. A bar that ends at “max” has hidden the shorter branch, one at “sum” nothing of it.",
            "the time to look embeddings up, which comes before and is the same for all.",
        )
    if right is not None:
        right.plotly_chart(hidden_figure(forms), key="latency-hidden", config={"displayModeBar": False})
        with right:
            reading(
                "How parallel is it really? (t one after the other − t form) / min(t cross, t deep), with its 95% "
                "interval: 100% hides the shorter branch, 0% none of it, below 0% the form itself costs time. Filled "
                "where the interval leaves zero out; an arrow lies beyond the axis.",
                "whether the two wirings find equally much; and the best of several forms looks a little better than "
                "it is.",
            )
    _as_trained(times, forms)


def _as_trained(times: pd.DataFrame, forms: pd.DataFrame) -> None:
    """A table of the arms' own towers, as large as matching made them."""
    arms = times[times["variant"].str.startswith("arm ")]
    if arms.empty:
        return
    against = {
        row["variant"]: f"{row['ratio']:.2f} [{row['ratio_low']:.2f}, {row['ratio_high']:.2f}]"
        for row in forms.to_dict("records")
    }
    rows = [
        {
            "arm": spoken(row["variant"].removeprefix("arm ")),
            **{name: micro(row[name]) for name in ("p50", "p95", "p99")},
            "times the baseline": against.get(row["variant"], "—"),
            "calls": row["repeats"],
        }
        for row in arms.to_dict("records")
    ]
    st.markdown("##### The arms as they were trained")
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch", height="content")
    reading(
        "Each arm's own tower, plain code, sizes matched as the run matched them: the median, the slowest of 20 and "
        "of 100 calls, and how many times the baseline arm's median that is, with its 95% interval.",
        "percentiles of which too few calls were timed (—).",
    )


def show_batches(found: Tables, tower: str, threads: int, batch: int) -> None:
    """Every form over all batch sizes."""
    times, forms = (cell_of(found[name], tower, threads) for name in ("times", "forms"))
    if times["batch"].nunique() < 2:
        return
    st.markdown("#### Does the batch size change the answer?")
    ratios = forms["variant"].isin(SHOWN_OVERLAP).any()
    choices = [name for name in BY if ratios or name != "ratio"]
    by = one_of("Time", choices, key="latency_by", format_func=BY.__getitem__, label_visibility="collapsed")
    _over_batches(found, tower, threads, batch, by)
    take_csv(times, f"latency-{tower}-{threads}", "These times as CSV")


@once
def _over_batches(found: Tables, tower: str, threads: int, batch: int, by: str) -> None:
    """The figure over all batch sizes."""
    if by == "ratio":
        figure = ratio_figure(cell_of(found["forms"], tower, threads), chosen=batch)
        how = (
            "The median of each form over that of one after the other, both of the same kind (plain with plain, "
            "compiled with compiled), with 95% intervals: below the line at 1 it is faster."
        )
        limits = "how long anything takes: see one call."
    else:
        figure = batch_figure(cell_of(found["times"], tower, threads), each=by == "example", chosen=batch)
        how = (
            f"The median of {BY[by]} of every form. Where the lines of one call are flat, the fixed cost of calling "
            "each layer is all there is; where they rise in step with the batch, arithmetic is."
        )
        limits = "small differences, which a log scale swallows: see “against one after the other”."
    st.plotly_chart(figure, key=f"latency-batch-{by}")
    opening = f"{capital(tower)} tower, {plural(threads, 'thread')} an operation."
    reading(f"{opening} {how} The dotted upright is the batch size chosen above.", limits)
