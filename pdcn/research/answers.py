"""The answers to the open questions in words, written from the numbers of a finding alone.

That a difference is detectable in one setting and not in another does not say that the two differ. So where
a question asks what changes the difference, settings are also held against one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pdcn.evaluation.statistics import LEVEL, Contrast, Outcome, contrast, holm
from pdcn.evaluation.verdict import UNITS
from pdcn.tasks.retrieval.metrics import LARGEST_K
from pdcn.words import listed, percent, points, span, spoken

Row = Mapping[str, Any]
Pairs = Sequence[tuple[str, str]]
VERDICTS: tuple[Outcome, ...] = ("better", "worse", "no detectable difference")


@dataclass(frozen=True)
class Change:
    """By how much a row's difference exceeds that of the row it is held against; `adjusted` after Holm."""

    row: Row
    held: Row
    size: Contrast
    adjusted: float

    @property
    def kind(self) -> str:
        """In a word or none."""
        if self.adjusted > 1 - LEVEL:
            return ""
        return "larger" if self.size.difference > 0 else "smaller"


def answer(record: Mapping[str, Any], contrasts: Pairs = ()) -> list[str]:
    """How often which verdict, then each data source's settings by verdict, and what changes the difference.

    `contrasts` as `Finding` has them. Sizes are told as far as they are few; the picture and the table have all.
    """
    rows = record["rows"]
    count = {v: [row["verdict"] for row in rows].count(v) for v in VERDICTS}
    better, worse, unsure = count.values()
    one = _one(rows)
    said = [
        f"Of {len(rows)} comparisons with {spoken(rows[0]['against'])}, all counted (Holm), "
        f"{spoken(rows[0]['arm']) if one else 'the other arm'} is better in {better}, worse in {worse}, and not "
        f"detectably different in {unsure}."
    ]
    found = changes(record, contrasts)
    for title in dict.fromkeys(row["title"] for row in rows):
        own = [row for row in rows if row["title"] == title]
        terms = " or ".join(dict.fromkeys(row["terms"] for row in own))
        groups = [[row for row in own if row["verdict"] == verdict] for verdict in VERDICTS]
        told = "; ".join(_told(group, one) for group in groups if group)
        held = _changed([change for change in found if change.row["title"] == title], one)
        said.append(" ".join([f"On {title} ({terms}), {told}.", *held]))
    return said


def changes(record: Mapping[str, Any], contrasts: Pairs) -> list[Change]:
    """The contrasts between rows of one data source, their p-values adjusted (Holm) over all of them."""
    rows = record["rows"]
    at = {(row["title"], name): row for row in rows for name in _names(row, _one(rows))}
    titles = dict.fromkeys(row["title"] for row in rows)
    pairs = [
        (at[title, name], at[title, held])
        for title in titles
        for name, held in contrasts
        if (title, name) in at and (title, held) in at and at[title, name] is not at[title, held]
    ]
    distinct = {(id(row), id(held)): (row, held) for row, held in pairs}.values()
    sizes = [_contrast(row, held) for row, held in distinct]
    adjusted = holm(np.array([size.p for size in sizes])).tolist()
    return [Change(*pair, size, p) for pair, size, p in zip(distinct, sizes, adjusted, strict=True)]


def _contrast(row: Row, held: Row) -> Contrast:
    mean, spread, error, seeds = (
        (row[name], held[name]) for name in ("difference", "seed_spread", "user_error", "seeds")
    )
    return contrast(mean, spread, error, seeds)


def _one(rows: Sequence[Row]) -> bool:
    """Whether one arm alone stands against the baseline in all rows."""
    return len({row["arm"] for row in rows}) == 1


def _names(row: Row, one: bool) -> list[str]:
    """What a contrast may call a row: its arm where several race, else its label and those of the same trainings."""
    return [*row["label"].removesuffix(")").split(" (also ")] if one else [row["arm"]]


def _name(row: Row, one: bool) -> str:
    return str(row["label"]) if one else spoken(row["arm"])


def _told(rows: Sequence[Row], one: bool) -> str:
    """Rows of one verdict: how large their differences are, and which they are."""
    first, last = (kind(rows, key=lambda row: row["difference"]) for kind in (min, max))
    size = f"{points(first['difference'])} to {points(last['difference'])} points"
    if len(rows) == 1:
        size = interval(first["difference"], first["low"], first["high"])
        if first["verdict"] == VERDICTS[-1] and (first["low"] > 0 or first["high"] < 0):
            size += " by itself, not after Holm"
    names = listed([f"{_name(row, one)}{_mismatch(row)}" for row in rows])
    return f"{rows[0]['verdict']} ({size}): {names}"


def _mismatch(row: Row) -> str:
    """What is left of a mismatch that no budget holds."""
    if row["met"] is True or abs(row["residual"]) < 0.0005:
        return ""
    more = "more" if row["residual"] > 0 else "fewer"
    return f" (with {abs(row['residual']):.1%} {more} {UNITS[row['match']]})"


def interval(difference: float, low: float, high: float) -> str:
    """A difference with its interval.

    >>> interval(0.012, 0.004, 0.02)
    '+1.20 points [+0.40, +2.00]'
    """
    return f"{points(difference)} points {span(low, high)}"


def _changed(found: Sequence[Change], one: bool) -> list[str]:
    """A sentence for each row that others are held against; sizes of what is detectable."""
    said = []
    for held in {id(change.held): change.held for change in found}.values():
        own = [change for change in found if change.held is held]
        parts = []
        for kind in ("larger", "smaller"):
            told = [
                f"{_name(change.row, one)} ({interval(change.size.difference, change.size.low, change.size.high)})"
                for change in own
                if change.kind == kind
            ]
            parts += [f"{kind}: {listed(told)}"] if told else []
        same = [_name(change.row, one) for change in own if not change.kind]
        parts += [f"not detectably changed: {listed(same)}"] if same else []
        said.append(f"Held against {_name(held, one)}, the difference is {'; '.join(parts)}.")
    return said


def beside_the_claim(capacity: Mapping[str, Any]) -> str:
    """What the capacity study says to the published number, +11% of recall@1000, at equal parameters."""
    rows = [row for row in capacity["rows"] if row["data"] == "journey" and row["match"] == "parameters"]
    row = rows[0]
    difference, low, high, relative = row["other"][f"recall@{LARGEST_K}"]
    return (
        f"On {row['title']}, at equal parameters and tuned equally, parallel minus sequential in recall@{LARGEST_K} is "
        f"{percent(relative)}: {points(difference)} points, 95% interval {span(low, high)}."
    )


def tally(records: Iterable[Mapping[str, Any]]) -> dict[Outcome, int]:
    """How often parallel in both towers, concatenated, was which against sequential, over all records.

    The same trainings can answer several questions; they count once, by the first verdict.
    """
    rows = [row for record in records for row in record["rows"] if row["arm"] == "parallel"]
    once = {(row["data"], row["match"], row["difference"], row["p"]): row["verdict"] for row in rows[::-1]}
    verdicts = list(once.values())
    return {verdict: verdicts.count(verdict) for verdict in VERDICTS}
