"""Where events have several outcomes: the differences by outcome, by surface and by how much an advertiser sells."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.evaluation.comparison import Comparison, comparisons_of, headline_in, record_of
from pdcn.inert import named, short
from pdcn.pages.compare import words as say
from pdcn.runs.folder import RunFolder
from pdcn.shell.figures.forest import forest_figure
from pdcn.shell.inputs import from_list, one_of
from pdcn.shell.parts import explaining, remark, unfolded
from pdcn.shell.shown_run import once
from pdcn.tasks.metric import Metric
from pdcn.words import capital, spoken


def show_parts(folder: RunFolder, result: dict[str, Any]) -> None:
    """A forest of one arm's differences by outcome, by surface or by kind of advertiser, and every level folded."""
    kinds = [kind for kind in say.PARTS if result.get(kind)]
    if not kinds:
        return
    st.subheader(say.BY_PART if len(kinds) > 1 else capital(say.PARTS[kinds[0]]), anchor=False)
    kind = one_of(say.PART_KIND, kinds, key="part_kind", format_func=say.PARTS.get, label_visibility="collapsed")
    arms = list(dict.fromkeys(c.arm for c in _compared(result, kind)))
    if arms:
        arm = from_list(say.PARTS_ARM, arms, key="parts_of", if_several=True, format_func=spoken, width=280)
        _drawn(folder, kind, arm)
    unfolded("part-levels", say.PART_LEVELS, _levels, folder, kind)


def _compared(result: dict[str, Any], kind: str) -> list[Comparison]:
    """What is known of the headline for every part of a kind, of parts with an interval."""
    headline = headline_in(result)
    found = [one for part in result[kind].values() for one in comparisons_of({**result, **part})]
    return [one for one in found if one.metric == headline and one.seeds > 1]


@once
def _drawn(folder: RunFolder, kind: str, arm: str) -> None:
    """The arm's difference in every part."""
    result = folder.whole_result()
    assert result is not None
    headline, rows = headline_in(result), []
    for name, part in result[kind].items():
        for one in comparisons_of({**result, **part}):
            if one.metric == headline and one.arm == arm and one.seeds > 1:
                label = say.PART(part=short(name, 40), events=f"{part['events']:,}")
                rows.append({**one.record(), "label": label})
    name = say.SLICES_AXIS(metric=str(headline), arm=spoken(arm), against=spoken(rows[0]["against"]))
    figure = forest_figure(pd.DataFrame(rows), key=f"parts-{kind}", points=headline.unit == "points", name=name)
    st.plotly_chart(figure, key="forest-parts")
    remark(say.PARTS_CAPTION)


@once
def _levels(folder: RunFolder, kind: str) -> None:
    """The headline's level of every arm and baseline in every part."""
    result = folder.whole_result()
    assert result is not None
    headline = headline_in(result)
    rows = [
        {"part": named(name), "events": part["events"], "users": part["users"], **_of(part, headline)}
        for name, part in result[kind].items()
    ]
    table = pd.DataFrame(rows)
    number = st.column_config.NumberColumn
    shown = {str(name): number(format=headline.printed) for name in table.columns[3:]}
    whole = {name: number(format="localized") for name in ("events", "users")}
    st.dataframe(table, hide_index=True, column_config=explaining(table, {**whole, **shown}), placeholder="")
    st.markdown(say.PART_HELP[kind])


def _of(part: dict[str, Any], headline: Metric) -> dict[str, float | None]:
    """The headline by arm, then by baseline, as columns."""
    arms = {spoken(arm): record_of({headline.name: own}, headline) for arm, own in part[headline.name].items() if own}
    floors = {spoken(name): record_of(own, headline) for name, own in part["baselines"].items()}
    return {name: None if value is None else headline.scale * value for name, value in {**arms, **floors}.items()}
