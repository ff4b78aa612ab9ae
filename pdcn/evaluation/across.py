"""Two runs against each other, paired over seeds and users where both were tested on the same events.

A row is the difference between an arm of the first run and one of the second; or, of an arm that both runs have, how
much larger its lead over their baseline arm is in the first run than in the second. A user's value in one run is held
against the same user's in the other, and a training from a seed against the one from the same seed. Where both runs
have the same data and batches, they share much of their luck; where they share less, the spread between seeds says so,
and the interval is wider. Nobody stated these tests in advance, so all rows together are one family for Holm.
Shapes: S seeds, U users.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pdcn.arrays import Doubles
from pdcn.evaluation import words as say
from pdcn.evaluation.statistics import Outcome, holm, outcome, paired_interval
from pdcn.tasks import task_of
from pdcn.tasks.measured import Measured
from pdcn.tasks.metric import Metric
from pdcn.words import spoken


@dataclass(frozen=True)
class Across:
    """An arm of the first run less one of the second, as shares; or, with `against`, the same of its lead over it.

    `adjusted` is the p-value counted (Holm) over all rows that were tested together. `alike` where both runs measured
    the same of every event, as the same weights do, so that there is nothing to test.
    """

    arm: str
    other: str
    against: str
    difference: float
    low: float
    high: float
    p: float
    adjusted: float
    verdict: Outcome
    seeds: int
    users: int
    events: int
    alike: bool = False

    @property
    def name(self) -> str:
        """The arms as a person says them.

        >>> row = Across("parallel", "parallel", "sequential", 0.0, 0.0, 0.0, 1.0, 1.0, "better", 3, 9, 9)
        >>> row.name, replace(row, against="").name, replace(row, against="", other="deep_only").name
        ('parallel minus sequential', 'parallel', 'parallel in A, deep only in B')
        """
        if self.against:
            return say.LEAD_OF(arm=spoken(self.arm), against=spoken(self.against))
        if self.arm == self.other:
            return spoken(self.arm)
        return say.TWO_ARMS(arm=spoken(self.arm), other=spoken(self.other))


def why_unpaired(one: Mapping[str, Any], other: Mapping[str, Any], first: Measured, second: Measured) -> str:
    """Why the values of two runs can't be paired, in one sentence, from their records and what they measured; nothing
    where they can."""
    if task_of(one).name != task_of(other).name:
        return say.OTHER_TASK
    ours, theirs = (record["data"].get("hash") for record in (one, other))
    if ours is None or ours != theirs:
        return say.OTHER_DATA(first=ours, second=theirs)
    if not np.array_equal(first.user, second.user) or not _same_weight(first, second):
        return say.OTHER_EVENTS(first=f"{len(first.user):,}", second=f"{len(second.user):,}")
    both = [seed for _, seed in first.cells.keys() & second.cells.keys()]
    alike = all(np.array_equal(first.whose(seed), second.whose(seed)) for seed in both)  # tested in the same world
    if (first.sets, first.worlds) != (second.sets, second.worlds) or not alike:
        return say.OTHER_TRAINING_SETS
    if not any(_shared_seeds(first, second, arm, other) for arm, other in _arm_pairs(first, second)):
        return say.NO_SHARED_SEED
    return ""


def _same_weight(first: Measured, second: Measured) -> bool:
    if first.weight is None or second.weight is None:
        return first.weight is second.weight
    return np.array_equal(first.weight, second.weight)


def same_trainings(first: Measured, second: Measured) -> bool:
    """Whether two runs measured the same of every event, from the same arms and seeds."""
    return first.cells.keys() == second.cells.keys() and all(
        np.array_equal(column, second.cells[cell]) for cell, column in first.cells.items()
    )


def _arms(measured: Measured) -> list[str]:
    return list(dict.fromkeys(arm for arm, _ in measured.cells))


def _arm_pairs(first: Measured, second: Measured) -> list[tuple[str, str]]:
    """Arms that both runs have, each with itself; where there is none, every arm of one with every arm of the other."""
    ours, theirs = (sorted(_arms(measured)) for measured in (first, second))
    return [(arm, arm) for arm in ours if arm in theirs] or [(arm, other) for arm in ours for other in theirs]


def _shared_seeds(first: Measured, second: Measured, arm: str, other: str) -> list[int]:
    return [seed for seed in first.seeds(arm) if seed in second.seeds(other)]


def across(
    first: Measured, second: Measured, arms: Iterable[str], against: Iterable[str], metric: Metric, short: Iterable[str]
) -> list[Across]:
    """Every pair of arms, and every lead over the first of `against` that both runs have, where both can be paired.

    `arms` gives the order; a row with an arm out of `short`, whose trainings were too short, claims nothing.
    """
    order = [*dict.fromkeys((*arms, *_arms(first), *_arms(second)))]
    pairs = sorted(_arm_pairs(first, second), key=lambda pair: [order.index(arm) for arm in pair])
    shared = [arm for arm, other in pairs if arm == other]
    base = next((arm for arm in against if arm in shared), "")
    asked = [(arm, other, "") for arm, other in pairs]
    asked += [(arm, arm, base) for arm in shared if base and arm != base]
    rows = [row for one in asked if (row := _row(first, second, *one, metric)) is not None]
    tested = [at for at, row in enumerate(rows) if row.seeds > 1 and not row.alike]
    for at, adjusted in zip(tested, holm(np.array([rows[at].p for at in tested])).tolist(), strict=True):
        rows[at] = replace(rows[at], adjusted=adjusted)
    sign, unsure = 1 if metric.higher_is_better else -1, {*short}
    return [
        replace(
            row,
            verdict="too short"
            if unsure & {row.arm, row.other, row.against}
            else outcome(sign * row.difference, row.adjusted, row.seeds),
        )
        for row in rows
    ]


def _row(first: Measured, second: Measured, arm: str, other: str, against: str, metric: Metric) -> Across | None:
    """One row before it is adjusted; None where the runs share no seed of the arms."""
    seeds = _shared_seeds(first, second, arm, other)
    if against:
        seeds = [seed for seed in seeds if seed in _shared_seeds(first, second, against, against)]
    if not seeds:
        return None

    def level(measured: Measured, arm: str) -> Doubles:
        """(S, U, 1), users in ascending order, who are the same in both runs."""
        own = measured.by_user(arm, seeds, [metric])
        return own - measured.by_user(against, seeds, [metric]) if against else own

    apart = level(first, arm) - level(second, other)
    found = paired_interval(apart, sets=first.sets_of(seeds), worlds=first.worlds)
    mean, low, high, p = (float(part[0]) for part in (found.mean, found.low, found.high, found.p))
    users, events = first.size(seeds)
    alike = all(
        np.array_equal(first.cells[ours, seed], second.cells[theirs, seed])
        for ours, theirs in ((arm, other), (against, against))
        if ours
        for seed in seeds
    )
    return Across(arm, other, against, mean, low, high, p, p, "not tested", len(seeds), users, events, alike)
