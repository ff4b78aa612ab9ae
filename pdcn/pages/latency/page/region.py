"""Where side by side is free: made-up towers of many widths over all batch sizes."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pdcn.jobs.analysis import Tables
from pdcn.pages.latency import words as say
from pdcn.pages.latency.figures.region import region_figure
from pdcn.pages.latency.told import FREE, LITTLE, verdict
from pdcn.shell.analysis_view import take_csv
from pdcn.shell.parts import further
from pdcn.shell.shown_run import once
from pdcn.shell.terms import with_terms
from pdcn.words import plural

GAPS = {"free": "free", "little": "costs little", "full": "costs the sum"}
"""The verdicts by the gaps of the sentences that count them."""


def show_region(found: Tables, threads: int) -> None:
    """The map of verdicts at a number of threads, and how many cells have which."""
    region = found["region"]
    best = best_of(region[region["threads"] == threads])
    if best.empty:
        st.caption(with_terms(f"**{say.REGION}** {say.NO_REGION}"))
        return
    verdicts = {gap: int((best["verdict"] == name).sum()) for gap, name in GAPS.items()}
    said = say.FREE_IN(count=len(best), free=verdicts["free"], little=verdicts["little"])

    def inside() -> None:
        _drawn(best, threads)
        take_csv(region, "latency-region")

    further("region", say.REGION, said, inside)


@once
def _drawn(best: pd.DataFrame, threads: int) -> None:
    """The map, and how many cells have which verdict."""
    st.markdown(with_terms(counted(best)))
    st.plotly_chart(region_figure(best), key="latency-region", config={"displayModeBar": False})
    counts = best["variant"].value_counts()
    names = ", ".join(say.REGION_FORM(form=say.NAMED[str(name)], cells=cells) for name, cells in counts.items())
    for said in (
        say.REGION_MEASURED(threads=plural(threads, "thread")),
        say.REGION_CLASSES(free=f"{FREE:.0%}", little=f"{LITTLE:.0%}"),
        say.REGION_FORMS(forms=names),
        say.REGION_LIMITS,
    ):
        st.markdown(with_terms(said))


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
    'Side by side costs no extra time in 1 of 3 cases, a little in 0, and the full sum in 2. The whole interval agrees in 0, 0 and 2 cases.'
    """  # noqa: E501
    every = {gap: int((best["verdict"] == name).sum()) for gap, name in GAPS.items()}
    surely = {gap: int(best["sure"][best["verdict"] == name].sum()) for gap, name in GAPS.items()}
    return f"{say.COUNTED(count=len(best), **every)} {say.COUNTED_SURELY(**surely)}"
