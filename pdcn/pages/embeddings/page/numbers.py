"""What no picture shows: numbers of the full space, per arm over its seeds, and between arms and between seeds."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from pdcn.jobs.analysis import Tables
from pdcn.pages.embeddings.figures.agreement import agreement_figure
from pdcn.pages.embeddings.work.space import SAMPLE, collapsed_in_words
from pdcn.shell.analysis_view import reading, take_csv
from pdcn.shell.figures.theme import ink
from pdcn.shell.shown_run import once
from pdcn.words import minus, spoken

WORDS = {
    ("effective rank", "items"): (
        "Effective rank, items",
        "how many directions the items make use of, at most {width}",
        ("exp of the entropy of the shares of the singular values (Roy & Vetterli 2007), of the centred vectors."),
    ),
    ("effective rank", "queries"): ("Effective rank, queries", "the same of the queries", ""),
    ("alignment", "queries"): (
        "Alignment",
        "how far a query lies from what was chosen: 0 the same place, 2 a right angle",
        ("Mean squared distance on the unit sphere (Wang & Isola 2020)."),
    ),
    ("uniformity", "items"): (
        "Uniformity, items",
        "0 all in one place, the lower the more evenly spread",
        ("Log of the mean of exp(-2 distance squared) over all pairs on the unit sphere (Wang & Isola 2020)."),
    ),
    ("uniformity", "queries"): ("Uniformity, queries", "the same of the queries", ""),
    ("hubness", "items"): (
        "Hubness among items",
        "0 all come equally often, large: a few are near everything",
        ("Skewness of how often an item is among the ten nearest of another (Radovanović et al. 2010)."),
    ),
    ("hubness", "queries"): (
        "Hubness of the lists",
        "0 all are shown equally often, large: a few are shown to everybody",
        ("Skewness of how often an item is among the first ten of a query (Radovanović et al. 2010)."),
    ),
}
"""What each number is called, what it says in a line, and where it comes from."""
RIGHT = "text-align:right;padding:0.35rem 0 0.35rem 0.9rem;vertical-align:top"
FAINT = "rgba(128,138,150,0.25)"
PAIRS = {
    ("overlap", "items", 10): "10 nearest of an item",
    ("overlap", "items", 50): "50 nearest of an item",
    ("overlap", "queries", 10): "first 10 of a query",
    ("overlap", "queries", 50): "first 50 of a query",
    ("CKA", "items", 0): "linear CKA, items",
    ("CKA", "queries", 0): "linear CKA, queries",
}


def show_numbers(frames: Tables, arms: tuple[str, ...]) -> None:
    """Draw them: agreement as a figure, the rest as a table."""
    take_csv(_drawn(frames, arms), "space")


@once
def _drawn(frames: Tables, arms: tuple[str, ...]) -> pd.DataFrame:
    """The words and figures of `show_numbers`, and their table."""
    table, items = frames["numbers"], len(frames["items"])
    table = table[table["arm"].isin(arms) & table["other_arm"].isin([*arms, ""])]
    st.markdown("#### What no picture shows", help="All of it in the full width of the output, not on a map.")
    left, right = st.columns([1, 1], gap="large")
    with left:
        width = sum(name.startswith(f"{arms[0]}.") for name in frames["vectors"].columns)
        _alone(table, arms, width)
    pairs = pairs_of(table)
    for said in collapsed_in_words(table):
        st.warning(f"**A collapsed space.** {said}", icon=":material/warning:")
    with right:
        if len(pairs):
            st.markdown("**How far two models agree**")
            st.plotly_chart(agreement_figure(pairs, arms), key="agreement", config={"displayModeBar": False})
            reading(
                f"A dot is a pair of models: the share of neighbours that both have, or their linear CKA. By chance "
                f"{10 / items:.1%} of 10 and {min(1, 50 / items):.1%} of 50 neighbours agree. "
                f"Two seeds of one wiring are the yardstick: "
                f"{verdict(pairs, arms)}",
                "which of two models is right where they differ.",
            )
        elif (table["other_arm"] != "").any():
            st.info(
                "Where one of two spaces is collapsed, their neighbours agree by chance alone.", icon=":material/info:"
            )
        else:
            st.info("With one arm and one seed there is nothing to hold this against.", icon=":material/info:")
    queries = len(frames["queries"])
    st.caption(
        f"Queries: {queries:,} test events, evenly spaced. Neighbours are sought among all {items:,} items"
        + (f", for {SAMPLE:,} of them." if items > SAMPLE else ".")
    )
    return table


def pairs_of(table: pd.DataFrame) -> pd.DataFrame:
    """Pairs with the words of their row and of their seeds; not those that a collapsed space leaves to chance."""
    own = table[(table["other_arm"] != "") & table["value"].notna()]
    rows = [PAIRS[metric, about, k] for metric, about, k in zip(own["metric"], own["about"], own["k"], strict=True)]
    both = zip(own["seed"], own["other_seed"], strict=True)
    seeds = [f"seed {one}" if one == other else f"seeds {one} and {other}" for one, other in both]
    order = {words: at for at, words in enumerate(PAIRS.values())}
    return own.assign(row=rows, seeds=seeds).sort_values("row", key=lambda column: column.map(order), kind="stable")


def verdict(pairs: pd.DataFrame, arms: tuple[str, ...]) -> str:
    """What the pairs say of the first row, without a claim that they do not carry."""
    row = pairs[pairs["row"] == PAIRS["overlap", "items", 10]]
    own, other = row[row["arm"] == row["other_arm"]]["value"], row[row["arm"] != row["other_arm"]]["value"]
    if not len(own) or not len(other):
        return "this run has no such pair to hold it against."
    yard = f"{own.min():.0%} to {own.max():.0%}"
    means = f"the ten nearest of an item agree to {other.mean():.0%} between the arms and to {yard} between seeds"
    if other.mean() >= own.min():
        return f"{means}, so the two wirings differ no more than two trainings of one of them can."
    return f"{means}, so the two wirings differ more than any two trainings of one of them here."


def _alone(table: pd.DataFrame, arms: tuple[str, ...], width: int) -> None:
    own = table[table["other_arm"] == ""]
    head = "".join(
        f'<th style="{RIGHT};border-bottom:3px solid {ink(arm, arms).colour}">{escape(spoken(arm))}</th>'
        for arm in arms
    )
    lines = []
    for (metric, about), (called, said, source) in WORDS.items():
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
    st.markdown("**Each arm by itself**, mean and [range] over its seeds")
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
