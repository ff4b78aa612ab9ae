"""What each part of a tower holds and does, from the plan that a run keeps of it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pdcn.runs.folder import RunFolder
from pdcn.shell.analysis_view import reading, take_csv
from pdcn.shell.shown_run import once
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
    st.caption("The claim: both branches run at once, so the tower takes the longer one's time, not the sum of both.")
    rows = [
        row for arm in arms if arm in plans for side in ("query", "item") for row in costs(arm, side, plans[arm][side])
    ]
    if not rows:
        st.caption("This run kept no plans of its towers.")
        return None
    columns = ("parameters", "FLOPs", "on the longest way")
    config = {name: st.column_config.NumberColumn(format="localized") for name in columns}
    table = pd.DataFrame(rows)
    st.dataframe(table, hide_index=True, width="stretch", height="content", placeholder="", column_config=config)
    reading(
        "Parameters and FLOPs of one example, by part of a tower. On the longest way: the FLOPs that must wait for one "
        "another, which are all of them where parts stand one after the other.",
        "time. FLOPs are not milliseconds, and branches side by side only save time where the hardware has room for "
        "both.",
    )
    return table


def costs(arm: str, side: str, plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of the cost table: each branch, what comes behind them, and the whole tower with its longest way."""
    behind = [block for block in (plan["join"], plan["head"]) if block]
    branches = [(_named(branch), branch) for branch in plan["branches"] if branch]
    parts = [*branches, ("join and head" if plan["join"] else "head", behind)]
    counted: list[dict[str, Any]] = [
        {
            "arm": spoken(arm),
            "tower": side,
            "part": part,
            **{c: _sum(blocks, c.lower()) for c in ("parameters", "FLOPs")},
        }
        for part, blocks in parts
    ]
    longest = max((_sum(branch, "flops") for _, branch in branches), default=0) + _sum(behind, "flops")
    whole = {c: sum(row[c] for row in counted) for c in ("parameters", "FLOPs")}
    last = {"arm": spoken(arm), "tower": side, "part": "all but embeddings", **whole, "on the longest way": longest}
    return [*counted, last]


def _named(branch: list[dict[str, Any]]) -> str:
    kinds = {"cross": "crosses", "deep": "deep"}
    return " then ".join(dict.fromkeys(kinds[block["kind"]] for block in branch))


def _sum(blocks: list[dict[str, Any]], what: str) -> int:
    return sum(int(block[what]) for block in blocks)
