"""End to end: query tower and search, exact and with an approximate index, for both wirings."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.jobs.analysis import Tables
from pdcn.pages.latency import words as say
from pdcn.pages.latency.figures.tradeoff import MOST_LOST, serving_figure
from pdcn.pages.latency.work.tradeoff import pays, serving_in_words, share_in_words
from pdcn.shell.analysis_view import take_csv
from pdcn.shell.inputs import one_of
from pdcn.shell.parts import explaining, further
from pdcn.shell.shown_run import once
from pdcn.shell.terms import with_terms
from pdcn.words import listed, micro, plural, points, spoken


def show_serving(found: Tables, threads: int, batch: int, *, events: int) -> None:
    """Speed against recall lost, and the same as a table; lists were judged on at most so many test `events`."""
    serving = found["serving"]
    if serving.empty:
        st.caption(with_terms(f"**{say.END_TO_END}** {say.NO_SEARCH}"))
        return

    def inside() -> None:
        sizes = sorted(int(size) for size in serving["items"].unique())
        items = one_of(
            say.ITEMS, sizes, key="latency_items", if_several=True, format_func="{:,}".format, help=say.ITEMS_HELP
        )
        _drawn(found, items, threads, batch, events)
        take_csv(serving, "latency-serving")

    further("serving", say.END_TO_END, _whether_it_pays(serving, threads, batch), inside)


def _whether_it_pays(serving: pd.DataFrame, threads: int, batch: int) -> str:
    """At how many items an approximate index pays, for any arm."""
    if (serving["index"] == "exact").all():
        return say.NO_INDEX
    won = {}
    for items in sorted(serving["items"].unique()):
        rows, _ = nearest(serving[serving["items"] == items], threads, batch)
        won[f"{items:,}"] = any(pays(rows, arm) for arm in rows["arm"].unique())
    yes, no = ([size for size, pays_there in won.items() if pays_there is which] for which in (True, False))
    if yes and no:
        return say.PAYS_AT(items=listed(yes), other=listed(no))
    return say.PAYS(items=listed(yes)) if yes else say.PAYS_NOT(items=listed(no))


@once
def _drawn(found: Tables, items: int, threads: int, batch: int, events: int) -> None:
    """The words, the figure and the table at a number of items."""
    serving = found["serving"]
    rows, said = nearest(serving[serving["items"] == items], threads, batch)
    for arm in rows["arm"].unique():
        st.markdown(with_terms(serving_in_words(rows, arm, spoken(arm))))
    st.plotly_chart(serving_figure(rows), key="latency-serving")
    k = int(rows["k"].iloc[0])
    filled = [] if items == serving["items"].min() else [say.SERVING_FILLED]
    mapped = [say.SERVING_ON_DISK] if "ivf_disk" in set(rows["index"]) else []
    for paragraph in (
        say.SERVING_CAPTION,
        say.SERVING_MEASURED(items=f"{items:,}", k=k, cell=said, events=f"{events:,}"),
        share_in_words(rows),
        *filled,
        *mapped,
        say.SERVING_MARKS(points=f"{-MOST_LOST:g}"),
        say.SERVING_LIMITS,
    ):
        st.markdown(with_terms(paragraph))
    st.markdown(with_terms(f"**{say.EVERY_SETTING}**"))
    every = table(rows)
    how: dict[str, Any] = {"width": "stretch", "height": "content", "column_config": explaining(every)}
    st.dataframe(every, hide_index=True, **how)


def nearest(serving: pd.DataFrame, threads: int, batch: int) -> tuple[pd.DataFrame, str]:
    """The rows at a number of threads and batch size, or at the nearest ones measured; and which, in words."""
    found = {}
    for name, wanted in (("threads", threads), ("batch", batch)):
        there = serving[name].unique()
        found[name] = int(min(there, key=lambda one: (abs(one - wanted), one)))
        serving = serving[serving[name] == found[name]]
    said = say.AT_BATCH_AND_THREADS(batch=f"{found['batch']:,}", threads=plural(found["threads"], "thread"))
    if (found["threads"], found["batch"]) != (threads, batch):
        said = say.NEAREST(cell=said)
    return serving, said


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """Every setting of every index in words."""
    rows = rows.reset_index(drop=True)
    found = {
        "arm": rows["arm"].map(spoken),
        "index": rows["index"].map(say.INDEXES),
        "setting": rows["setting"],
        "encode": rows["encode_p50"].map(micro),
        "search": rows["search_p50"].map(micro),
        "p50": rows["p50"].map(micro),
        "p95": rows["p95"].map(micro),
        "recall": rows["recall"].map("{:.1%}".format),
        "lost": (rows["recall"] - rows["recall_exact"]).map(points),
        "found": rows["overlap_with_exact"].map("{:.1%}".format),
        "built": rows["build_seconds"].map("{:.2f} s".format),
    }
    return pd.DataFrame(found).rename(columns=say.SETTING_COLUMNS)
