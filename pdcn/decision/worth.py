"""What a difference in recall is worth: hits, in the person's own numbers. Knows no torch.

recall@K is the share of requests with a relevant item in which that item is among the first K, a hit. So of R requests,
of which the share s have a relevant item, a difference d brings R * s * d more hits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pdcn.decision import words as say
from pdcn.evaluation.comparison import Comparison, record_of
from pdcn.words import signed, span, spoken

PER = 1_000
"""Requests that hits are counted of."""


@dataclass(frozen=True)
class Worth:
    """A number with its 95% interval."""

    mean: float
    low: float
    high: float


def worth(c: Comparison, requests: float, share: float) -> Worth | None:
    """More hits of so many requests, of which a `share` (0 to 1) have a relevant item; None of what is no share.

    >>> from pdcn.tasks.retrieval.metrics import MRR, Recall
    >>> c = Comparison("parallel", "sequential", Recall(100), .03, .01, .05, "better", 3, 9, 9)
    >>> worth(c, 1_000, 0.5)
    Worth(mean=15.0, low=5.0, high=25.0)
    """
    if c.metric.unit != "points" or c.metric.k is None or c.verdict in ("too few seeds", "too short"):
        return None
    return Worth(*(requests * share * one for one in (c.difference, c.low, c.high)))


def told(c: Comparison | None, requests: float, share: float, value: float = 0.0, *, so_far: bool = False) -> list[str]:
    """What it is worth in sentences: hits of a thousand requests, of all of a day, and their value where one is given.

    Says that we don't know where no share of requests was measured. `so_far` says first that trainings had not
    finished, so that nobody takes the numbers for a promise.
    """
    found = worth(c, PER, share) if c is not None else None
    if c is not None and c.verdict == "too short":
        return [say.UNKNOWN_SHORT(arm=spoken(c.arm), against=spoken(c.against))]
    if c is None or found is None:
        return [say.WORTH_UNKNOWN]
    said = [
        (say.WORTH_SO_FAR if so_far else say.WORTH)(
            arm=spoken(c.arm),
            against=spoken(c.against),
            k=f"{c.metric.k:,}",
            hits=_number(found.mean),
            interval=span(found.low, found.high, _number),
        )
    ]
    if c.verdict == "no detectable difference":
        said.append(say.WORTH_NOTHING)
    if day := worth(c, requests, share) if requests else None:
        said.append(say.WORTH_A_DAY(hits=_number(day.mean), interval=span(day.low, day.high, _number)))
        if value:
            amounts = [_number(value * one) for one in (day.mean, day.low, day.high)]
            said.append(say.WORTH_IN_VALUE(value=amounts[0], interval=f"[{amounts[1]}, {amounts[2]}]"))
    return said


def by_event(result: Mapping[str, Any], c: Comparison | None) -> str:
    """The difference with every event counting alike, as requests do; nothing where the record does not hold it."""
    if c is None or c.metric.unit != "points":
        return ""
    arms = (result.get("arms", {}).get(name, {}) for name in (c.arm, c.against))
    levels = [record_of(record, c.metric, "_events") for record in arms]
    if None in levels:
        return ""
    return say.WORTH_BY_EVENT(size=c.metric.told(levels[0] - levels[1]))


def _number(value: float) -> str:
    """A number of hits, signed: with a decimal where it is small.

    >>> _number(31.97), _number(-3_196.8), _number(0.0)
    ('+32.0', '−3,197', '0.0')
    """
    return signed(f"{value:+,.1f}" if abs(value) < 1_000 else f"{value:+,.0f}")
