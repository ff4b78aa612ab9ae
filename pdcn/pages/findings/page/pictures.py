"""The pictures of a question: the one that answers it, and what else raced."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pdcn.evaluation.causes import PATH, SOURCES
from pdcn.pages.findings import words as say
from pdcn.research.answers import called, cause_steps, metric_of, part_of
from pdcn.research.findings import Finding
from pdcn.shell.figures.forest import forest_figure
from pdcn.shell.figures.steps import steps_figure
from pdcn.tasks.metric import Metric
from pdcn.wirings import WIRINGS
from pdcn.words import capital, spoken

SPLIT = (2, 3)
"""How the words and the picture of an answer share the width."""


def main_picture(finding: Finding, rows: pd.DataFrame) -> Any:
    """The one picture of a question: of the cause its steps, of arms each against the first, else the first pair."""
    metric, (arm, held) = metric_of(rows.to_dict("records")[0]), finding.pairs[0]
    if finding.kind == "cause":
        return forest_figure(_by_step(rows), key=finding.name, name=say.STEPS_AXIS(metric=metric))
    if finding.kind == "arms":
        own = rows[rows["against"] == held]
        return forest_figure(own.assign(label=own["arm"].map(_name)), key=finding.name, name=_minus(metric, held))
    if finding.kind in ("levels", "parts"):
        own = rows[rows["arm"] == rows["against"]]
        own = own.assign(label=[part_of(row) for row in own.to_dict("records")]) if finding.kind == "parts" else own
        return forest_figure(_labelled(own), key=finding.name, name=say.HELD[finding.kind](metric=metric))
    own = rows[(rows["arm"] == arm) & (rows["against"] == held)]
    name = say.PAIR(metric=metric, arm=spoken(arm), held=spoken(held))
    return forest_figure(_labelled(own), key=finding.name, name=name)


def further_pictures(finding: Finding, rows: pd.DataFrame) -> list[tuple[str, Any]]:
    """What else raced for this question, each picture with its title: of the cause what adds up, and every arm; of all
    others every other pair."""
    metric = metric_of(rows.to_dict("records")[0])
    shown: list[tuple[str, Any]] = []
    if finding.kind == "cause":
        shown += _waterfalls(rows)
        for group, own in rows.groupby("group", sort=False):
            part = own[own["against"] == finding.pairs[0][1]]
            part = part[part["label"] == part["label"].iloc[0]]
            title = say.ARMS_TITLE(group=capital(str(group)), held=spoken(finding.pairs[0][1]))
            drawn = part.assign(label=part["arm"].map(_name)).drop(columns="group")
            shown.append((title, forest_figure(drawn, key=f"arms-{group}", name=_minus(metric, finding.pairs[0][1]))))
    elif finding.kind != "arms":
        for arm, held in finding.pairs[finding.kind == "settings" :]:
            own = rows[(rows["arm"] == arm) & (rows["against"] == held)]
            title = say.PAIR_TITLE(arm=capital(spoken(arm)), held=_name(held))
            name = say.PAIR(metric=metric, arm=spoken(arm), held=spoken(held))
            shown.append((title, forest_figure(_labelled(own), key=f"{finding.name}-{held}", name=name)))
    return shown


def _minus(metric: Metric, held: str) -> str:
    return say.MINUS(metric=metric, held=spoken(held))


def _labelled(rows: pd.DataFrame) -> pd.DataFrame:
    """With labels as a person says them."""
    return rows.assign(label=rows["label"].map(called))


def _by_step(rows: pd.DataFrame) -> pd.DataFrame:
    """Of the cause the whole and each step, on all data on which they raced; a group a step."""
    equal = rows.groupby(["group", "arm", "against"], sort=False).head(1)  # later rows are of other budgets
    pairs = [(PATH[-1], PATH[0]), *zip(PATH[1:], PATH, strict=False)]
    parts = []
    for name, (arm, against) in zip((say.WHOLE, *map(capital, SOURCES)), pairs, strict=True):
        own = equal[(equal["arm"] == arm) & (equal["against"] == against)]
        parts.append(own.assign(label=own["group"], group=name))
    return pd.concat(parts)


def _waterfalls(rows: pd.DataFrame) -> list[tuple[str, Any]]:
    """What the advantage is made of, a picture for each group of data, all on one axis."""
    found = cause_steps({str(name): value for name, value in row.items()} for row in rows.to_dict("records"))
    ends = [end for steps in found.values() for end in _reach([c.difference for c in steps], steps)]
    wide = (min(ends) - 0.3, max(ends) + 0.3) if ends else None
    return [
        (say.STEPS(group=capital(group)), steps_figure(steps, key=f"steps-{group}", wide=wide))
        for group, steps in found.items()
    ]


def _reach(sizes: list[float], steps: list[Any]) -> list[float]:
    """How far bars and whiskers go, in points."""
    starts = [0.0, *pd.Series(sizes).cumsum().tolist()]
    return [100 * (start + end) for start, c in zip(starts, steps, strict=False) for end in (0, c.low, c.high)]


def _name(arm: str) -> str:
    """An arm as a person says it, and whether it is there to rule something out."""
    control = arm in WIRINGS and WIRINGS[arm].rules_out
    return say.CONTROL(arm=spoken(arm)) if control else spoken(arm)
