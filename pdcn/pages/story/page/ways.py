"""What to do next: comparisons that show each outcome, and three ways on."""

from __future__ import annotations

import streamlit as st

from pdcn.glossary import explained
from pdcn.pages.story import words as say
from pdcn.pages.story.presets import PRESETS
from pdcn.research.answers import metric_of
from pdcn.shell.frame import way_to
from pdcn.shell.parts import remark
from pdcn.shell.terms import with_terms
from pdcn.tasks.retrieval.metrics import Recall
from pdcn.words import capital, span, spoken

TITLES = {"wins": say.WINS, "ties": say.TIES, "loses": say.LOSES}


def show_presets() -> None:
    """Each outcome: what to look for, what was measured, and its settings one press away."""
    st.header(say.PRESETS, anchor=False)
    st.markdown(with_terms(say.PRESETS_LEAD))
    for column, preset in zip(st.columns(len(PRESETS), gap="medium"), PRESETS, strict=True):
        with column.container(border=True, height="stretch"):
            st.subheader(TITLES[preset.name], anchor=False)
            st.markdown(with_terms(say.LOOK_FOR[preset.name]))
            if row := preset.row:
                arm, held = preset.arms
                metric = metric_of(row)
                found = {"size": metric.told(row["difference"]), "interval": span(row["low"], row["high"])}
                counted = {"verdict": row["verdict"], "rows": row["rows"]}
                remark(say.OUTCOME(arm=capital(spoken(arm)), held=spoken(held), **found, **counted))
                meaning = explained(str(metric))
                if meaning and metric.name != Recall.name:  # recall is explained above
                    remark(meaning)
            st.page_link(
                way_to("compare"), label=say.OPEN, icon=":material/play_arrow:", query_params=list(preset.values)
            )


def show_ways() -> None:
    """Try it, understand it, decide."""
    st.header(say.WAYS, anchor=False)
    ways = (
        ("compare", say.TRY, say.TRY_WHY, ":material/compare_arrows:"),
        ("cross_lab", say.UNDERSTAND, say.UNDERSTAND_WHY, ":material/experiment:"),
        ("decide", say.DECIDE, say.DECIDE_WHY, ":material/balance:"),
    )
    for column, (page, title, why, icon) in zip(st.columns(3, gap="medium"), ways, strict=True):
        with column.container(border=True, height="stretch"):
            st.page_link(way_to(page), label=f"**{title}**", icon=icon)
            st.markdown(with_terms(why))
    st.page_link(way_to("lessons"), label=say.LESSON, icon=":material/school:", query_params={"lesson": "cross"})
