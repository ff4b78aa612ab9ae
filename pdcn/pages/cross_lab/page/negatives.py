"""Negatives and logQ: how far popular and rare items are off with the correction and without, trained live."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pdcn.pages.cross_lab.figures.popularity import bias_figure
from pdcn.pages.cross_lab.negatives import words as say
from pdcn.pages.cross_lab.page.formulas import formula
from pdcn.shell.inputs import from_list, slider
from pdcn.shell.parts import further, lead, measured, remark
from pdcn.shell.terms import with_terms
from pdcn.words import signed

BATCHES = [32, 64, 128, 256, 512]
END = 10
"""Items at each end of the list, by popularity, that are compared."""


@st.cache_data(max_entries=64, show_spinner=say.WAIT)
def compared(zipf: float, batch: int) -> tuple[pd.DataFrame, float, float]:
    """What was learned, and how steeply it is off over log popularity without the correction and with it."""
    from pdcn.pages.cross_lab.work import popularity

    rows = popularity.compared(zipf, batch)
    without, corrected = (popularity.slope(own) for _, own in rows.groupby("corrected"))
    return rows, without, corrected


def draw() -> None:
    """Draw this part of the page."""
    line = st.container()
    one, two, _ = st.columns([2, 1, 2], gap="large")
    zipf = slider(say.ZIPF, 0.0, 1.5, 1.0, 0.25, key="neg_zipf", place=one, help=say.ZIPF_HELP)
    batch = from_list(say.BATCH, BATCHES, key="neg_batch", place=two, index=BATCHES.index(256), help=say.BATCH_HELP)
    rows, *slopes = compared(zipf, batch)
    without, corrected = (own for _, own in rows.groupby("corrected"))
    off = [_ends(own) for own in (without, corrected)]
    with line:
        _lead(*off)
    told = dict(zip(("without", "corrected"), [signed(f"{slope:+.2f}") for slope in slopes], strict=True))
    st.plotly_chart(
        bias_figure(rows, key="negatives-bias"),
        key="negatives-bias",
        alt=say.FIGURE_ALT(**told),
        config={"displayModeBar": False},
    )
    remark(say.READ)
    found = {name: f"{own['found'].iloc[0]:.0%}" for name, own in (("without", without), ("corrected", corrected))}

    def why() -> None:
        for words in say.WHY_WORDS:
            st.markdown(with_terms(words))
        formula("negatives-score", r"s^{\text{training}}_{c} = s_c - \log p_c")
        st.markdown(with_terms(say.SLOPES(**told)))

    further("logq", say.WHY, say.WHY_FOUND, why)
    further("shown", say.RANKS, say.RANKS_FOUND(**found), st.markdown, with_terms(say.RANKS_WHY))
    _measured()


def _ends(rows: pd.DataFrame) -> float:
    """How far the most popular items are off against the rarest."""
    return float(rows["bias"].iloc[:END].mean() - rows["bias"].iloc[-END:].mean())


def _lead(without: float, corrected: float) -> None:
    said = {"count": END, "corrected": _said(corrected)}
    if without < -2 * abs(corrected):
        lead(say.LEAD(without=f"{-without:.2f}", **said))
    else:
        lead(say.LEAD_HIGH(without=_said(without), **said))


def _said(off: float) -> str:
    return (say.LOWER if off < 0 else say.HIGHER)(size=f"{abs(off):.2f}")


def _measured() -> None:
    from pdcn.pages.cross_lab.work.popularity import ITEMS, KINDS, STEPS

    known = {"items": ITEMS, "kinds": KINDS, "steps": STEPS}
    measured(*(words(**{name: known[name] for name in words.gaps}) for words in say.MEASURED))
