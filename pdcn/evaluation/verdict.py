"""The answer in one sentence, which never claims more than its interval allows."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass

from pdcn.evaluation.statistics import Outcome


@dataclass(frozen=True)
class Comparison:
    """One arm against another at one K: recall differences as shares (0.01 is one point)."""

    arm: str
    against: str
    k: int
    difference: float
    low: float
    high: float
    verdict: Outcome
    seeds: int
    users: int
    events: int


def points(share: float) -> str:
    """A difference in percentage points, signed, one decimal more than recall has.

    >>> points(0.0123), points(-0.002), points(0.00001)
    ('+1.23', '−0.20', '0.00')
    """
    text = f"{100 * share:+.2f}".replace("-", "−")
    return text[1:] if text[1:] == "0.00" else text


def sentence(
    comparisons: list[Comparison], title: str, dense: Mapping[str, int] = types.MappingProxyType({})
) -> str:
    """The verdict over all arms held against the baseline arm, at one K.

    `dense` has the dense parameters of every arm with a result, so that a difference in size is named
    in the same breath; where nothing can be compared, the sentence says which arms there are.

    >>> sentence([Comparison("parallel", "sequential", 100, .012, .004, .02, "better", 3, 801, 9000)], "Toy")
    'On Toy, parallel is better than sequential: +1.20 points of recall@100, 95% interval [+0.40, +2.00]; 3 seeds, 801 users.'
    """
    if comparisons:
        return " ".join(f"{_clause(c, title)}{_budget(c, dense)}" for c in comparisons)
    if not dense:
        return f"On {title}, no arm has a result to compare."
    names = " and ".join(spoken(arm) for arm in dense)
    return (
        f"On {title}, only {names} {'has' if len(dense) == 1 else 'have'} a result; nothing to compare with."
    )


def _budget(c: Comparison, dense: Mapping[str, int]) -> str:
    """By how much the two arms differ in size, nothing where it is under 0.05%.

    >>> c = Comparison("parallel", "sequential", 100, 0.0, 0.0, 0.0, "no detectable difference", 3, 9, 9)
    >>> _budget(c, {"parallel": 108, "sequential": 100})
    ' Sizes differ: parallel has 8.0% more dense parameters.'
    """
    if not (c.arm in dense and c.against in dense):
        return ""
    excess = 100 * (dense[c.arm] / dense[c.against] - 1)
    if abs(excess) < 0.05:
        return ""
    word = "more" if excess > 0 else "fewer"
    return f" Sizes differ: {spoken(c.arm)} has {abs(excess):.1f}% {word} dense parameters."


def _clause(c: Comparison, title: str) -> str:
    interval = f"[{points(c.low)}, {points(c.high)}]"
    basis = f"{c.seeds} seed{'s' if c.seeds > 1 else ''}, {c.users:,} users"
    arm, against = spoken(c.arm), spoken(c.against)
    if c.verdict == "no detectable difference":
        return (
            f"On {title}, no detectable difference between {arm} and {against} in recall@{c.k}: "
            f"{points(c.difference)} points, 95% interval {interval}; {basis}."
        )
    if c.verdict == "too few seeds":
        return (
            f"On {title}, one seed cannot tell {arm} from {against}: {points(c.difference)} points of "
            f"recall@{c.k} in that one training; at least two seeds are needed, three or more are better."
        )
    return (
        f"On {title}, {arm} is {c.verdict} than {against}: {points(c.difference)} points of "
        f"recall@{c.k}, 95% interval {interval}; {basis}."
    )


def spoken(arm: str) -> str:
    """An arm's name as a person says it.

    >>> spoken("stacked_parallel"), spoken("parallel-sequential")
    ('stacked parallel', 'parallel queries with sequential items')
    """
    query, _, item = arm.replace("_", " ").partition("-")
    return f"{query} queries with {item} items" if item else query
