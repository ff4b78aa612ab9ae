"""What no picture shows: numbers of the full space, per arm over its seeds, and between arms and between seeds."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from pdcn.jobs.analysis import Tables
from pdcn.pages.embeddings import words as say
from pdcn.pages.embeddings.figures.agreement import agreement_figure
from pdcn.pages.embeddings.work.space import SAMPLE, collapsed_in_words
from pdcn.shell.analysis_view import take_csv
from pdcn.shell.figures.theme import ink
from pdcn.shell.parts import remark
from pdcn.shell.shown_run import once
from pdcn.shell.terms import with_terms
from pdcn.words import minus, spoken

RIGHT = "text-align:right;padding:0.35rem 0 0.35rem 0.9rem;vertical-align:top"
FAINT = "rgba(128,138,150,0.25)"


def show_numbers(frames: Tables, arms: tuple[str, ...]) -> None:
    """Draw them: agreement as a figure, the rest as a table."""
    take_csv(_drawn(frames, arms), "space")


@once
def _drawn(frames: Tables, arms: tuple[str, ...]) -> pd.DataFrame:
    """The words and figures of `show_numbers`, and their table."""
    table, items = frames["numbers"], len(frames["items"])
    table = table[table["arm"].isin(arms) & table["other_arm"].isin([*arms, ""])]
    left, right = st.columns([1, 1], gap="large")
    with left:
        width = sum(name.startswith(f"{arms[0]}.") for name in frames["vectors"].columns)
        _alone(table, arms, width)
    pairs = pairs_of(table)
    for said in collapsed_in_words(table):
        st.warning(say.COLLAPSED(said=said), icon=":material/warning:")
    with right:
        if len(pairs):
            st.markdown(with_terms(say.AGREE))
            st.plotly_chart(agreement_figure(pairs, arms), key="agreement", config={"displayModeBar": False})
            remark(say.AGREEMENT_READING(ten=10 / items, fifty=min(1, 50 / items)))
        elif (table["other_arm"] != "").any():
            st.info(say.BY_CHANCE_ALONE, icon=":material/info:")
        else:
            st.info(say.NOTHING_TO_COMPARE, icon=":material/info:")
    known = {"queries": len(frames["queries"]), "items": items}
    remark(say.QUERIES_OF_SAMPLE(**known, sample=SAMPLE) if items > SAMPLE else say.QUERIES(**known))
    return table


def in_words(frames: Tables, arms: tuple[str, ...]) -> str:
    """How far the arms' neighbourhoods agree, in a sentence, without a claim that the pairs of models do not carry."""
    table = frames["numbers"]
    return verdict(pairs_of(table[table["arm"].isin(arms) & table["other_arm"].isin([*arms, ""])]), arms)


def pairs_of(table: pd.DataFrame) -> pd.DataFrame:
    """Pairs with the words of their row and of their seeds; not those that a collapsed space leaves to chance."""
    own = table[(table["other_arm"] != "") & table["value"].notna()]
    rows = [say.PAIRS[metric, about, k] for metric, about, k in zip(own["metric"], own["about"], own["k"], strict=True)]
    both = zip(own["seed"], own["other_seed"], strict=True)
    seeds = [say.ONE_SEED(seed=a) if a == b else say.TWO_SEEDS(seed=a, other=b) for a, b in both]
    order = {words: at for at, words in enumerate(say.PAIRS.values())}
    return own.assign(row=rows, seeds=seeds).sort_values("row", key=lambda column: column.map(order), kind="stable")


def verdict(pairs: pd.DataFrame, arms: tuple[str, ...]) -> str:
    """What the pairs say of the first row, without a claim that they do not carry."""
    row = pairs[pairs["row"] == say.PAIRS["overlap", "items", 10]]
    own, other = row[row["arm"] == row["other_arm"]]["value"], row[row["arm"] != row["other_arm"]]["value"]
    if not len(other):
        return say.LEAD_ALONE
    left, right = map(spoken, arms)
    known = {"arm": left, "other": right, "between": f"{other.mean():.0%}"}
    if not len(own):
        return say.LEAD_BETWEEN(**known)
    yard = {"low": f"{own.min():.0%}", "high": f"{own.max():.0%}"}
    return (say.LEAD_NO_MORE if other.mean() >= own.min() else say.LEAD_MORE)(**known, **yard)


def _alone(table: pd.DataFrame, arms: tuple[str, ...], width: int) -> None:
    own = table[table["other_arm"] == ""]
    head = "".join(
        f'<th style="{RIGHT};border-bottom:3px solid {ink(arm, arms).colour}">{escape(spoken(arm))}</th>'
        for arm in arms
    )
    lines = []
    for (metric, about), (called, said, source) in say.QUANTITIES.items():
        values = own[(own["metric"] == metric) & (own["about"] == about)]
        cells = "".join(
            f'<td style="{RIGHT};white-space:nowrap">{spread_of(values[values["arm"] == arm]["value"])}</td>'
            for arm in arms
        )
        lines.append(
            f'<tr title="{escape(source)}" style="border-bottom:1px solid {FAINT}"><td style="padding:0.35rem 0.5rem '
            '0.35rem 0">'
            f"{called}<br><span "
            f'style="opacity:0.65;font-size:0.8rem">{said.format(width=width)}</span></td>{cells}</tr>'
        )
    st.markdown(with_terms(say.ALONE))
    st.html(
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;width:100%;font-size:0.9rem">'
        f"<tr><th></th>{head}</tr>"
        f"{''.join(lines)}</table></div>"
    )


def spread_of(values: pd.Series[float]) -> str:
    """Mean and range of one number over seeds.

    >>> spread_of(pd.Series([1.0, 2.0])), spread_of(pd.Series([-1.0]))
    ('1.50 [1.00, 2.00]', '−1.00')
    >>> spread_of(pd.Series([-1e-9]))  # no minus sign before what is rounded to nothing
    '0.00'
    """
    values = values.dropna()
    if not len(values):
        return "—"
    said = f"{values.mean():.2f}" + (f" [{values.min():.2f}, {values.max():.2f}]" if len(values) > 1 else "")
    return minus(said.replace("-0.00", "0.00"))
