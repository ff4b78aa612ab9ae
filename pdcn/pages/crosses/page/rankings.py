"""The largest crosses of each arm in words: beside the maps, and in full."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pdcn.inert import words
from pdcn.jobs.analysis import Tables
from pdcn.pages.crosses import EVERY
from pdcn.pages.crosses import words as say
from pdcn.pages.crosses.page.evidence import LayerView, layer_of, numbers_of, pairs_of, planted, with_labels
from pdcn.runs.folder import RunFolder
from pdcn.shell.parts import remark
from pdcn.shell.shown_run import once
from pdcn.shell.terms import with_terms
from pdcn.words import capital, spoken

LISTED, FEWER = 6, 3
"""So many of the largest crosses of two categories are told, planted ones among them; and at least so many that are
not."""
FIRST = 4
"""So many crosses stand beside the maps for each arm."""


def by_place(ranking: pd.DataFrame) -> list[dict[Any, Any]]:
    """Crosses of two fields, the largest first; of two categories where there are such."""
    two = ranking[ranking["a"] != ranking["b"]]
    categories = two[two["kind"] == "two categories"]
    return (categories if len(categories) else two).sort_values("place", kind="stable").to_dict("records")


@once
def show_largest(folder: RunFolder, tables: Tables, shown: LayerView, arms: tuple[str, ...]) -> None:
    """The largest crosses of each arm in words, to be read beside the maps."""
    ranked = rankings(folder, tables, shown, arms)
    st.header(say.LARGEST, anchor=False)
    remark(say.LIST_CAPTION(moment=capital(_moment(ranked))))
    for arm, ranking in ranked.items():
        lines = [
            (say.LIST_PLANTED if row["planted"] else say.LIST_LINE)(
                a=words(row["a"]), b=words(row["b"]), size=f"{row['mean']:.2f}"
            )
            for row in by_place(ranking)[:FIRST]
        ]
        st.markdown(with_terms("\n".join((f"**{spoken(arm)}**", "", *lines))))


def _moment(ranked: dict[str, pd.DataFrame]) -> str:
    """The moment whose weights the lists tell, in words."""
    return words(next(iter(ranked.values()))["moment"].iloc[0])


@once
def rankings(folder: RunFolder, tables: Tables, shown: LayerView, arms: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """Pairs of fields by arm, as `_ranking` has them."""
    rows = layer_of(folder, tables, shown, arms)
    truth, numbers = planted(folder, shown.side), numbers_of(folder, shown.side)
    return {arm: _ranking(rows, shown, arm, truth, numbers) for arm in arms}


def _ranking(
    rows: pd.DataFrame, shown: LayerView, arm: str, truth: set[frozenset[str]], numbers: set[str]
) -> pd.DataFrame:
    """Pairs of fields of an arm: planted ones first, then crosses of two categories, then all others; the largest
    first.

    Columns `a`, `b`, `mean` over seeds, `low` and `high`, `seeds`, `planted`, `kind` ("two categories" or "other",
    which has a number or is a field with itself), `place` from 1 among its kind, `of` so many, and `moment`.
    """
    moment = shown.moment if shown.moment in ("initial", "learned") else "learned"
    pairs = pairs_of(rows[(rows["moment"] == moment) & (rows["arm"] == arm)], shown.size)
    found = pairs.groupby(["a", "b"], sort=False, as_index=False).agg(
        mean=(shown.size, "mean"), low=(shown.size, "min"), high=(shown.size, "max"), seeds=("seed", "nunique")
    )
    two = (found["a"] != found["b"]) & ~found["a"].isin(numbers) & ~found["b"].isin(numbers)
    found["planted"] = [frozenset(pair) in truth for pair in zip(found["a"], found["b"], strict=True)]
    found["kind"] = np.where(two, "two categories", "other")
    kinds = found.groupby("kind")["mean"]
    found["place"], found["of"] = kinds.rank(ascending=False, method="min").astype(int), kinds.transform("size")
    found = found.assign(two=two, moment=moment)
    by = ["planted", "two", "mean"]
    return found.sort_values(by, ascending=False, kind="stable", ignore_index=True).drop(columns="two")


@once
def show_rankings(folder: RunFolder, tables: Tables, shown: LayerView, arms: tuple[str, ...]) -> None:
    """The largest crosses of each arm as a list."""
    ranked = rankings(folder, tables, shown, arms)
    values = values_of_pairs(folder, tables, shown.side, arms)
    first = shown.layer == 0 and shown.expert == EVERY
    with_values = first and shown.moment not in ("initial",) and len(values) > 0
    for column, (arm, ranking) in zip(st.columns(len(ranked)), ranked.items(), strict=True):
        column.markdown(with_terms(f"**{spoken(arm)}**"))
        own = values[values["arm"] == arm] if with_values else values[:0]
        set_in, two = ranking["planted"], ranking["kind"] == "two categories"
        more = max(FEWER, LISTED - int(set_in.sum()))
        rest = say.NOT_PLANTED if set_in.any() else say.TWO_CATEGORIES
        for heading, part in (
            (say.PLANTED, ranking[set_in]),
            (rest, ranking[two & ~set_in].head(more)),
            (say.WITH_A_NUMBER, ranking[~two].head(FEWER)),
        ):
            if len(part):
                column.markdown(
                    with_terms("\n".join((f"*{heading}*", "", *(_line(row, own) for row in part.to_dict("records")))))
                )
    remark(say.IN_FULL_CAPTION(moment=_moment(ranked)))
    if with_values:
        remark(say.MOST_FOR_MEANS)
    else:
        remark(say.NO_VALUES if shown.expert == EVERY else say.NO_VALUES_OF_ONE)


def _line(row: dict[Any, Any], values: pd.DataFrame) -> str:
    """A pair of fields as a line of a list: size, place, and the pair of values whose product is largest, where
    known."""
    a, b = row["a"], row["b"]
    known = {"a": words(a), "b": words(b) if a != b else say.ITSELF, "place": row["place"], "of": row["of"]}
    known["size"] = f"{row['mean']:.2f}"
    several = row["seeds"] > 1
    line = (
        say.LINE_OVER_SEEDS(**known, low=f"{row['low']:.2f}", high=f"{row['high']:.2f}")
        if several
        else say.LINE(**known)
    )
    own = values[(values["a"] == a) & (values["b"] == b)]
    if own.empty:
        return line
    best = own.iloc[0]
    value = words(best["value_a"])
    return line + (say.MOST_FOR(a=value, b=words(best["value_b"])) if a != b else say.MOST_FOR_ONE(a=value))


def values_of_pairs(folder: RunFolder, tables: Tables, side: str, arms: tuple[str, ...]) -> pd.DataFrame:
    """Pairs of values of a side, with the fields' labels."""
    values = with_labels(folder, tables["values"], ("a", "b"))
    return values[(values["side"] == side) & values["arm"].isin(arms)]
