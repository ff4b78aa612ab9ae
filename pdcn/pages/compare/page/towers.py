"""The towers of a run as diagrams, two arms a row, while it trains and afterwards."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pdcn.pages.compare import words as say
from pdcn.shell.figures.towers import tower_figure
from pdcn.shell.inputs import one_of
from pdcn.shell.parts import remark
from pdcn.shell.pictures import with_picture
from pdcn.shell.shown_run import once, text_colour
from pdcn.shell.terms import with_terms
from pdcn.wirings import WIRINGS
from pdcn.words import listed, spoken


def show_towers(arms: dict[str, Any]) -> None:
    """Diagrams of one side's tower of every arm (records that hold a `plan`)."""
    st.subheader(say.TOWERS, help=with_picture(say.TOWERS_HELP), anchor=False)
    plans = {arm: record["plan"] for arm, record in arms.items() if record.get("plan")}
    there = [*next(iter(plans.values()), say.TOWER)]
    side = there[0]
    if len(there) > 1:
        side = one_of(
            say.SIDE, there, key="tower_side", label_visibility="collapsed", format_func=say.TOWER.__getitem__
        )
    _towers([(arm, plan[side]) for arm, plan in plans.items()], side)
    known = [(arm, record["parameters"]["dense"]) for arm, record in arms.items() if "parameters" in record]
    if len(there) > 1 and known:
        remark(say.WHOLE(sizes=listed([say.SIZE_OF(arm=spoken(arm), size=f"{size:,}") for arm, size in known])))


@once
def _towers(drawn: list[tuple[str, dict[str, Any]]], side: str) -> None:
    """The diagrams of a side, two a row: arm and plan of each."""
    for at in range(0, len(drawn), 2):
        for column, (arm, plan) in zip(st.columns(2), drawn[at : at + 2], strict=False):
            figure = tower_figure(plan, say.TOWER_OF(arm=spoken(arm), tower=say.TOWER[side]), text_colour())
            column.plotly_chart(figure, key=f"tower-{arm}-{side}", config={"displayModeBar": False})
            if arm in WIRINGS and WIRINGS[arm].rules_out:
                column.caption(with_terms(say.CONTROL(rules_out=WIRINGS[arm].rules_out)))
            if arm in WIRINGS and WIRINGS[arm].unseen:
                column.caption(with_terms(WIRINGS[arm].unseen))
    remark(say.TOWERS_CAPTION)
