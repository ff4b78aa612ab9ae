"""A report as a card of one page, PDF or PNG, set by Typst: texts are handed over as data, so that none is markup."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from pdcn.inert import LONGEST_TEXT, short
from pdcn.report import words as say
from pdcn.report.facts import Report
from pdcn.shell.figures.theme import ink
from pdcn.words import capital, spoken

TEMPLATE = Path(__file__).parent / "card.typ"
DASHES = {
    "solid": "solid",
    "dash": "dashed",
    "dot": "dotted",
    "dashdot": "dash-dotted",
    "longdash": "loosely-dashed",
    "longdashdot": "loosely-dash-dotted",
}
"""Dashes of a figure, as Typst calls them."""
POINTS_AN_INCH = 160
"""Resolution of the picture."""


def card(report: Report, kind: Literal["pdf", "png"]) -> bytes:
    """The card; the same report gives the same bytes."""
    import typst  # 80 MB, which only who wants a card waits for

    made = typst.compile(
        TEMPLATE,
        format=kind,
        ppi=POINTS_AN_INCH,
        sys_inputs={"card": json.dumps(contents(report))},
        timestamp=int(report.made),
    )
    assert isinstance(made, bytes), "expected one page"
    return made


def contents(report: Report) -> dict[str, Any]:
    """All that stands on the card, as data."""
    sheet = report.sheet
    told = {
        "of": say.OF_RUN(run=sheet.run),
        "question": sheet.question,
        "decision": sheet.decision.said,
        "doubt": sheet.decision.doubt,
        "verdict": sheet.verdict,
        "slices": list(sheet.by_slice),
        "costs": [cost.said for cost in sheet.costs],
        "reason": list(sheet.reason.said),
        "sure": list(sheet.how_sure),
        "settle": sheet.settle.said,
        "facts": [list(fact) for fact in report.facts],
        "curve": say.AT_K(metric=capital(report.label)) if len(report.curves) else say.NO_CURVE,
        "heads": {
            "slices": say.SLICES,
            "cost": say.COST,
            "reason": say.REASON,
            "sure": say.HOW_SURE,
            "settle": say.SETTLE,
            "again": say.AGAIN,
        },
    }
    return {**_inert(told), "command": report.command, "chart": chart(report.curves)}


def _inert(found: Any) -> Any:
    """The same, every text without what can't be seen, and cut."""
    if isinstance(found, dict):
        return {name: _inert(value) for name, value in found.items()}
    if isinstance(found, list):
        return [_inert(value) for value in found]
    return short(found, LONGEST_TEXT)


def chart(curves: pd.DataFrame) -> dict[str, Any] | None:
    """Lines over log K as shares of the width and the height of the chart, from its lower left corner; None of none.

    >>> rows = [("parallel", 0, 1, 0.1), ("parallel", 0, 100, 0.5), ("popularity", -1, 1, 0.0), ("popularity", -1, 100, 0.2)]
    >>> drawn = chart(pd.DataFrame(rows, columns=["arm", "seed", "k", "value"]))
    >>> [(line["name"], line["points"]) for line in drawn["lines"]]
    [('parallel', [[0.0, 0.2], [1.0, 1.0]]), ('popularity', [[0.0, 0.0], [1.0, 0.4]])]
    >>> drawn["x"], drawn["y"][-1]
    ([[0.0, '1'], [0.5, '10'], [1.0, '100']], [1.0, '50'])
    """  # noqa: E501
    if curves.empty:
        return None
    most, wide = float(curves["value"].max()), math.log10(max(2, int(curves["k"].max())))
    step = 10 if most <= 0.6 else 20
    powers, levels = range(int(wide) + 1), range(0, int(100 * most + 1e-9) + 1, step)
    return {
        "x": [[power / wide, f"{10**power:,}"] for power in powers],
        "y": [[level / 100 / most, str(level)] for level in levels],
        "lines": list(_lines(curves, most, wide)),
    }


def _lines(curves: pd.DataFrame, most: float, wide: float) -> Iterator[dict[str, Any]]:
    arms = tuple(curves["arm"].unique())

    def points(values: pd.Series) -> list[list[float]]:
        own = zip(values.index.to_numpy(), values.to_numpy(), strict=True)
        return [[round(math.log10(k) / wide, 4), round(float(value) / most, 4)] for k, value in own]

    for arm in arms:
        rows, style = curves[curves["arm"] == arm], ink(arm, arms)
        by_k = rows.groupby("k")["value"]
        several = rows["seed"].nunique() > 1
        yield {
            "name": spoken(arm),
            "colour": style.colour,
            "dash": DASHES.get(style.dash, "solid"),
            "arm": bool((rows["seed"] >= 0).any()),
            "points": points(by_k.mean()),
            "band": [*points(by_k.min()), *points(by_k.max())[::-1]] if several else [],
        }
