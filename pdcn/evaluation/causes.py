"""What the advantage of parallel over sequential is made of: three steps from one to the other, by arms between them.

Each step changes one thing, so that its difference says what that thing is worth; the three add up to the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from pdcn.evaluation import words as say
from pdcn.evaluation.compare import compare
from pdcn.evaluation.comparison import Comparison, comparison_of, comparisons_of, headline_in, headline_of
from pdcn.evaluation.statistics import holm, outcome
from pdcn.tasks import task_of
from pdcn.tasks.measured import Measured
from pdcn.tasks.metric import Metric
from pdcn.words import capital, listed, span

PATH = ("sequential", "sequential_skip_x0", "sequential_skip_cross", "parallel")
"""From sequential to parallel, one change at a time."""
STEPS = tuple(map(str, say.STEPS))
"""What each step changes."""
SOURCES = tuple(map(str, say.SOURCES))
"""What each step brings, as a source of the advantage."""


def steps(measured: Measured, metric: Metric) -> list[Comparison]:
    """The differences from each arm of `PATH` to the next, p-values adjusted (Holm) over the three.

    Nothing where an arm is missing.
    """
    if not measured.seeds(*PATH):
        return []
    paired = replace(measured, cells={c: v for c, v in measured.cells.items() if c[1] in measured.seeds(*PATH)})
    found = [compare(paired, (arm,), held, [metric], metric)[0] for held, arm in pairwise(PATH)]
    sign = 1 if metric.higher_is_better else -1
    adjusted = holm(np.array([c.p for c in found])).tolist()
    return [
        replace(c, adjusted=p, verdict=outcome(sign * c.difference, p, c.seeds))
        for c, p in zip(found, adjusted, strict=True)
    ]


def steps_of(result: Mapping[str, Any]) -> list[Comparison]:
    """The steps in a run's record, which has them where the arms between raced too."""
    return [comparison_of(record, task_of(result)) for record in result.get("steps", ())]


def unexplained(result: Mapping[str, Any]) -> tuple[str, ...]:
    """The arms that would explain why parallel is better than sequential; none where it is not, or where they raced."""
    headline = headline_of(comparisons_of(result), headline_in(result))
    better = any((c.arm, c.against, c.verdict) == ("parallel", "sequential", "better") for c in headline)
    return tuple(arm for arm in PATH if arm not in result["arms"]) if better else ()


def explanation(found: Sequence[Comparison]) -> str:
    """What the steps say of the advantage, and each of them with its interval; nothing of no steps.

    >>> from pdcn.tasks.retrieval.metrics import Recall
    >>> def step(arm, held, size, verdict):
    ...     return Comparison(arm, held, Recall(100), size, size - 0.01, size + 0.01, verdict, 5, 800, 9000)
    >>> same = "no detectable difference"
    >>> verdicts = zip(PATH[1:], PATH, (0.02, 0.001, -0.001), ("better", same, same))
    >>> print(explanation([step(arm, held, size, verdict) for arm, held, size, verdict in verdicts]))
    The advantage comes from a skip round the MLP. We detect no effect of what the MLP reads. From sequential to parallel, step by step: x0 goes to the head too, +2.00 points [+1.00, +3.00]; crosses go there in place of x0, +0.10 points [−0.90, +1.10]; the MLP reads x0, not the crosses, −0.10 points [−1.10, +0.90].
    """  # noqa: E501
    if not found:
        return ""
    told = [
        (say.STEP_IN_POINTS if c.metric.unit == "points" else say.STEP)(
            step=step, size=c.metric.change(c.difference), interval=span(c.low, c.high, c.metric.change)
        )
        for step, c in zip(STEPS, found, strict=True)
    ]
    return f"{conclusion(found)} {say.STEP_BY_STEP(steps='; '.join(told))}"


def conclusion(found: Sequence[Comparison]) -> str:
    """Which steps bring the advantage."""
    gains, costs = (
        [source for source, c in zip(SOURCES, found, strict=True) if c.verdict == kind] for kind in ("better", "worse")
    )
    said: list[str] = [say.COMES_FROM(sources=listed(gains)) if gains else say.FROM_NO_STEP]
    if costs:
        told = say.ONE_COSTS if len(costs) == 1 else say.SEVERAL_COST
        said.append(told(sources=capital(listed(costs))))
    if gains and found[-1].verdict == "no detectable difference":
        said.append(say.NOT_THE_MLP)
    return " ".join(said)
