"""Where side by side is free: made-up towers of many widths over all batch sizes."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pdcn.jobs.analysis import Tables
from pdcn.pages.latency.figures.region import region_figure
from pdcn.pages.latency.words import FREE, LITTLE, NAMED, verdict
from pdcn.shell.analysis_view import reading
from pdcn.shell.shown_run import once
from pdcn.words import plural


@once
def show_region(found: Tables, threads: int) -> pd.DataFrame | None:
    """The map of verdicts at a number of threads, and how many cells have which; its table, None without a map."""
    region = found["region"]
    st.markdown("#### Where is it free?")
    best = best_of(region[region["threads"] == threads])
    if best.empty:
        st.caption("This measurement left the map of widths out.")
        return None
    st.markdown(f"**{counted(best)}**")
    st.plotly_chart(region_figure(best), key="latency-region", config={"displayModeBar": False})
    names = ", ".join(f"“{NAMED[str(name)]}” {count}" for name, count in best["variant"].value_counts().items())
    on = plural(threads, "thread")
    reading(
        f"Made-up towers with the run's settings, {on} an operation: a cell a width of x0 and batch size, "
        f"the darker the dearer. Free: the form that hides most hides at least {FREE:.0%} of the shorter branch's "
        f"time; costs little: at least {LITTLE:.0%}; the sum: less than that; a question mark where the 95% interval "
        "reaches into another class; below it is the form's time over that of one after the other. That form was, "
        f"in so many cells: {names}.",
        "another shape of the deep network; and with so many cells a few look better than they are.",
    )
    return region


def best_of(region: pd.DataFrame) -> pd.DataFrame:
    """Of each cell the form that hides most, from which its verdict comes; `sure` where its whole interval says the
    same."""
    own = region[region["overlap"].notna()]
    best = own.loc[own.groupby(["width", "batch"])["overlap"].idxmax()]
    ends = [best[name].map(verdict) == best["verdict"] for name in ("overlap_low", "overlap_high")]
    return best.assign(sure=ends[0] & ends[1])


def counted(best: pd.DataFrame) -> str:
    """How many cells have which verdict, in words, and of how many it is sure.

    >>> counted(pd.DataFrame({"verdict": ["free", "costs the sum", "costs the sum"], "sure": [False, True, True]}))
    'Of 3 cells side by side is free in 1 (sure in 0), costs little in 0 and costs the sum in 2 (sure in 2).'
    """
    said = []
    for name in ("free", "costs little", "costs the sum"):
        own = best[best["verdict"] == name]
        sure = f" (sure in {int(own['sure'].sum())})" if len(own) else ""
        said.append(f"{'is free' if name == 'free' else name} in {len(own)}{sure}")
    return f"Of {len(best)} cells side by side {said[0]}, {said[1]} and {said[2]}."
