"""What two runs have found, held against each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pdcn.config import Experiment
from pdcn.dial import Dial
from pdcn.dials import differing
from pdcn.evaluation.across import Across, across, same_trainings, why_unpaired
from pdcn.evaluation.comparison import counted_arms, headline_in, record_of
from pdcn.pages.side import words as say
from pdcn.runs.folder import RunFolder
from pdcn.tasks import task_of
from pdcn.tasks.measured import Measured
from pdcn.tasks.metric import Metric
from pdcn.words import percent, signed, span, spoken

PAIRED = (say.INTERVAL, say.CHANCE, say.SEEDS)
"""Columns of what was paired."""
COSTS = {say.DENSE: "parameters", say.FLOPS: "flops_per_example", say.TRAINING: "train_seconds"}
"""What an arm costs, and under which name its record has it."""


@dataclass(frozen=True)
class OneRun:
    """The record of a run, and what it measured of every event: None where that can't be read."""

    experiment: Experiment
    result: dict[str, Any]
    measured: Measured | None

    @property
    def metric(self) -> Metric:
        """What its verdict is about."""
        return headline_in(self.result)

    @property
    def short(self) -> set[str]:
        """Arms of which a training was too short to say anything."""
        arms = self.result["arms"].items()
        return {arm for arm, record in arms if any(seed.get("too_short") for seed in record["seeds"])}


@dataclass(frozen=True)
class TwoRuns:
    """Run A against run B: why their values can't be paired, or the paired rows; whether one repeats the other."""

    why: str
    rows: tuple[Across, ...] = ()
    alike: bool = False


def found_in(folder: RunFolder) -> OneRun | None:
    """What a run has found so far; None where it has no result, `SettingError` where that is damaged."""
    result = folder.whole_result()
    return None if result is None else OneRun(folder.experiment, result, folder.measured)


def held(first: OneRun, second: OneRun) -> TwoRuns:
    """One run against the other, where what both measured can be read."""
    assert first.measured is not None
    assert second.measured is not None
    if why := why_unpaired(first.result, second.result, first.measured, second.measured):
        return TwoRuns(why)
    rows = across(
        *(first.measured, second.measured, first.experiment.arms),
        *((first.experiment.against, second.experiment.against), first.metric, first.short | second.short),
    )
    return TwoRuns("", tuple(rows), same_trainings(first.measured, second.measured))


def settings_rows(first: Experiment, second: Experiment) -> list[dict[str, str]]:
    """A row a setting that differs, as people read it."""
    return [
        {
            say.SETTING: say.OF_ITEM(label=dial.label) if dial.path[0] == "item_network" else dial.label,
            say.IN_A: _said(dial, ours),
            say.IN_B: _said(dial, theirs),
        }
        for dial, ours, theirs in differing(first, second)
    ]


def _said(dial: Dial, value: Any) -> str:
    return say.NO_VALUE if value is None else dial.said(value)


def headline_rows(first: OneRun, second: OneRun, rows: tuple[Across, ...]) -> list[dict[str, str]]:
    """The headline's value of every arm in both runs, their difference, and what is known of it where it was paired."""
    metric = first.metric
    ours, theirs = (_values(found, metric) for found in (first, second))
    paired = {(row.arm, row.other, row.against): row for row in rows}
    asked = [key for key in paired if not key[2]]
    asked += [(arm, arm, "") for arm in {**ours, **theirs} if not any(arm in key[:2] for key in asked)]
    asked += [key for key in paired if key[2]]
    found = []
    for key in asked:
        arm, other, against = key
        left, right = (_over(values, name, against) for values, name in ((ours, arm), (theirs, other)))
        write = metric.change if against else metric.level
        row = paired.get(key)
        apart = row.difference if row else None if left is None or right is None else left - right
        several = row is not None and row.seeds > 1 and not row.alike
        found.append(
            {
                say.ARM: row.name if row else spoken(arm),
                say.IN_RUN(metric=metric, which="A"): _or_dash(left, write),
                say.IN_RUN(metric=metric, which="B"): _or_dash(right, write),
                say.A_MINUS_B: _or_dash(apart if first.metric == second.metric else None, metric.change),
                say.INTERVAL: _interval(row, metric) if row and several else say.NO_VALUE,
                say.CHANCE: f"{row.adjusted:.3f}" if row and several else say.NO_VALUE,
                say.SEEDS: str(row.seeds) if row else say.NO_VALUE,
            }
        )
    if not rows:
        return [{name: text for name, text in row.items() if name not in PAIRED} for row in found]
    return found


def _values(found: OneRun, metric: Metric) -> dict[str, Any]:
    """The metric's value of every arm that has a result; None where the record does not hold it."""
    return {arm: record_of(record, metric) for arm, record in counted_arms(found.result).items()}


def _over(values: dict[str, Any], arm: str, against: str) -> Any:
    """An arm's value, or its lead over another arm; None where one of them is not there."""
    ours, base = values.get(arm), values.get(against) if against else 0.0
    return None if ours is None or base is None else ours - base


def _or_dash(value: Any, write: Any) -> str:
    return say.NO_VALUE if value is None else write(value)


def _interval(row: Across, metric: Metric) -> str:
    return span(row.low, row.high, metric.change)


def value_rows(first: OneRun, second: OneRun) -> Iterator[dict[str, str]]:
    """Every metric of every arm in both runs, and what the arm cost."""
    records = [counted_arms(found.result) for found in (first, second)]
    metrics = dict.fromkeys((*task_of(first.result).tabled(first.result["data"]["items"]), first.metric))
    for arm in {**records[0], **records[1]}:
        ours, theirs = (own.get(arm) for own in records)
        for metric in metrics:
            pair = [record and record_of(record, metric) for record in (ours, theirs)]
            yield _line(arm, str(metric), pair, metric.level, metric.change)
        for name, part in COSTS.items():
            pair = [record and record.get(part) for record in (ours, theirs)]
            pair = [one["dense"] if isinstance(one, dict) else one for one in pair]
            yield _line(arm, name, pair, _cost)


def _cost(value: float) -> str:
    """A cost in whole numbers, or in two digits where it is small.

    >>> _cost(12_345.6), _cost(0.04321)
    ('12,346', '0.043')
    """
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _line(arm: str, name: str, pair: list[Any], write: Any, change: Any = None) -> dict[str, str]:
    left, right = pair
    apart = str(say.NO_VALUE)
    if left is not None and right is not None:
        share = percent(100 * (left / right - 1) if right else None)
        apart = change(left - right) if change else f"{signed(f'{left - right:+,.0f}')} ({share})"
    return {
        say.ARM: spoken(arm),
        say.VALUE: name,
        say.IN_A: _or_dash(left, write),
        say.IN_B: _or_dash(right, write),
        say.A_MINUS_B: apart,
    }
