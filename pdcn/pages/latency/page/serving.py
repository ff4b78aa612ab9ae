"""End to end: query tower and search, exact and with an approximate index, for both wirings."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pdcn.jobs.analysis import Tables
from pdcn.pages.latency.figures.tradeoff import MOST_LOST, serving_figure
from pdcn.pages.latency.work.tradeoff import INDEX_WORDS, serving_in_words, share_in_words
from pdcn.shell.analysis_view import reading, take_csv
from pdcn.shell.inputs import one_of
from pdcn.shell.shown_run import once
from pdcn.words import micro, plural, points, spoken


def show_serving(found: Tables, threads: int, batch: int, *, events: int) -> None:
    """Speed against recall lost, and the same as a table; lists were judged on at most so many test `events`."""
    serving = found["serving"]
    st.markdown("#### End to end: does an approximate index pay?")
    if serving.empty:
        st.caption("This measurement left the search out.")
        return
    sizes = sorted(int(size) for size in serving["items"].unique())
    help_ = "The run's own catalogue, or filled up to so many with made-up items."
    items = one_of("Items", sizes, key="latency_items", if_several=True, format_func="{:,}".format, help=help_)
    _drawn(found, items, threads, batch, events)
    take_csv(serving, "latency-serving")


@once
def _drawn(found: Tables, items: int, threads: int, batch: int, events: int) -> None:
    """The words, the figure and the table at a number of items."""
    serving = found["serving"]
    rows, said = nearest(serving[serving["items"] == items], threads, batch)
    for arm in rows["arm"].unique():
        st.markdown(serving_in_words(rows, arm, spoken(arm)))
    st.markdown(share_in_words(rows))
    st.plotly_chart(serving_figure(rows), key="latency-serving")
    k = int(rows["k"].iloc[0])
    filled = "" if items == serving["items"].min() else ", filled up with made-up items"
    reading(
        f"{items:,} items{filled}, top {k}, {said}: from left to right the median of a whole call, from x0 to the "
        f"list; from top to bottom recall@{k} minus that of exact search. Up and left is better; a line joins the "
        f"settings of one index; an open arrow loses more than {-MOST_LOST:g} points. Recall is that of up to "
        f"{events:,} test events.",
        "a search engine of many machines, and updates of the index.",
    )
    with st.expander("Every setting"):
        st.dataframe(table(rows), hide_index=True, width="stretch", height="content")


def nearest(serving: pd.DataFrame, threads: int, batch: int) -> tuple[pd.DataFrame, str]:
    """The rows at a number of threads and batch size, or at the nearest ones measured; and which, in words."""
    found = {}
    for name, wanted in (("threads", threads), ("batch", batch)):
        there = serving[name].unique()
        found[name] = int(min(there, key=lambda one: (abs(one - wanted), one)))
        serving = serving[serving[name] == found[name]]
    said = f"batch {found['batch']:,}, {plural(found['threads'], 'thread')}"
    if (found["threads"], found["batch"]) != (threads, batch):
        said += " (the nearest to your choice that was measured)"
    return serving, said


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """Every setting of every index in words."""
    rows = rows.reset_index(drop=True)
    return pd.DataFrame(
        {
            "arm": rows["arm"].map(spoken),
            "index": rows["index"].map(INDEX_WORDS),
            "setting": rows["setting"],
            "tower p50": rows["encode_p50"].map(micro),
            "search p50": rows["search_p50"].map(micro),
            "whole p50": rows["p50"].map(micro),
            "whole p95": rows["p95"].map(micro),
            "recall": rows["recall"].map("{:.1%}".format),
            "against exact, points": (rows["recall"] - rows["recall_exact"]).map(points),
            "of the exact list": rows["overlap_with_exact"].map("{:.1%}".format),
            "built in": rows["build_seconds"].map("{:.2f} s".format),
        }
    )
