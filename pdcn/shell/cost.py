"""What each part of a tower holds and does, from the plan that a run keeps of it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.runs.folder import RunFolder
from pdcn.shell import words as say
from pdcn.shell.analysis_view import reading, take_csv
from pdcn.shell.parts import explaining
from pdcn.shell.shown_run import once
from pdcn.shell.terms import with_terms
from pdcn.words import spoken


def plans_of(folder: RunFolder) -> dict[str, Any]:
    """Plans of both towers of each arm."""
    return {arm: record["plan"] for arm, record in (folder.towers or {}).items() if record.get("plan")}


def show_cost(plans: dict[str, Any], arms: tuple[str, ...]) -> None:
    """What each part of a tower holds and does, from its plan."""
    take_csv(_cost(plans, arms), "inside-cost")


@once
def _cost(plans: dict[str, Any], arms: tuple[str, ...]) -> pd.DataFrame | None:
    """The words of `show_cost`, and its table; None without a plan."""
    st.caption(with_terms(say.CLAIM))
    rows = [row for arm in arms if arm in plans for side in plans[arm] for row in costs(arm, side, plans[arm][side])]
    if not rows:
        st.caption(with_terms(say.NO_PLANS))
        return None
    table = pd.DataFrame(rows)
    about = {say.PARAMETERS: say.PARAMETERS_HELP, say.FLOPS: None, say.LONGEST: say.LONGEST_HELP}
    number = st.column_config.NumberColumn
    config = explaining(table, {name: number(format="localized", help=text) for name, text in about.items()})
    st.dataframe(table, hide_index=True, width="stretch", height="content", placeholder="", column_config=config)
    reading(say.COST_HOW, say.COST_NOT_SHOWN)
    return table


def costs(arm: str, side: str, plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of the cost table: what makes a field of a sequence, each branch, what comes behind them, and the whole
    tower with its longest path."""
    behind = [block for block in (plan["join"], plan["head"]) if block]
    branches = [(_named(branch), branch) for branch in plan["branches"] if branch]
    below = [block for way in plan.get("below") or () for block in way]
    encoded = [(say.SEQUENCE, below)] if below else []
    parts = [*encoded, *branches, (say.JOIN_AND_HEAD if plan["join"] else say.HEAD, behind)]
    measures = {str(say.PARAMETERS): "parameters", str(say.FLOPS): "flops"}
    named = {str(say.ARM): spoken(arm), str(say.TOWER): side}
    counted: list[dict[str, Any]] = [
        {**named, str(say.PART): str(part), **{head: _sum(blocks, what) for head, what in measures.items()}}
        for part, blocks in parts
    ]
    longest = max((_sum(branch, "flops") for _, branch in branches), default=0)
    longest += _sum(below, "flops") + _sum(behind, "flops")
    whole = {head: sum(row[head] for row in counted) for head in measures}
    return [*counted, {**named, str(say.PART): str(say.WHOLE), **whole, str(say.LONGEST): longest}]


def _named(branch: list[dict[str, Any]]) -> str:
    if branch[0]["kind"] == "expert":  # of which there are several
        return str(branch[0]["name"])
    first, *others = dict.fromkeys(say.KINDS[block["kind"]] for block in branch)
    return say.THEN(first=first, next=others[0]) if others else first


def _sum(blocks: list[dict[str, Any]], what: str) -> int:
    return sum(int(block[what]) for block in blocks)
