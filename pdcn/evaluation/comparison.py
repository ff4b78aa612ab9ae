"""One arm compared with another, and what a run's record holds of its comparisons, its arms and its seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

from pdcn.evaluation import words as say
from pdcn.evaluation.looks import Looks
from pdcn.evaluation.statistics import Outcome
from pdcn.tasks import task_of
from pdcn.tasks.metric import Metric
from pdcn.tasks.task import Task


@dataclass(frozen=True)
class Comparison:
    """One arm against another in one metric: differences as shares (0.01 is one point), or in its own unit.

    `difference_percent` is relative to the baseline's value, None where that is 0. `adjusted` is the p-value once it is
    `counted` over so many arms (Holm), and, where the metric is not the headline, over all metrics tested before it;
    `counted` is 0 in records of the former scheme, Holm over all arms and K of a metric. `seed_spread` is the standard
    deviation between seeds, `seed_floor` what the luck of the users' events makes of it alone, `usual_spread` the one
    that studies like this usually have, None for one seed; `user_error` is the standard error that comes from the
    choice of users. `seeds_needed` estimates how many seeds would find a difference of the size that was asked for,
    None where no number would or where it can't be told; `detectable` is the true difference that four of five studies
    of so many seeds claim, None where that was not estimated. `looks` is how often a study that adds seeds until it is
    sure has looked, all of which interval and p-value count; 0 where the seeds were set in advance. Where the seeds are
    split over training `sets`, `set_spread` is the standard deviation between these beyond what seeds make of it, and
    `seed_spread` and `seed_floor` are those within a set; 0 and None elsewhere.
    """

    arm: str
    against: str
    metric: Metric
    difference: float
    low: float
    high: float
    verdict: Outcome
    seeds: int
    users: int
    events: int
    difference_percent: float | None = 0.0
    p: float = 1.0
    adjusted: float = 1.0
    counted: int = 0
    seed_spread: float | None = None
    seed_floor: float | None = None
    usual_spread: float | None = None
    user_error: float = 0.0
    seeds_needed: int | None = None
    detectable: float | None = None
    looks: int = 0
    set_spread: float | None = None
    sets: int = 0

    RECORD: ClassVar = (
        *("arm", "against", "k", "difference", "low", "high", "verdict", "seeds", "users", "events", "metric"),
        *("difference_percent", "p", "adjusted", "counted", "seed_spread", "seed_floor", "usual_spread", "user_error"),
        *("seeds_needed", "detectable", "looks", "set_spread", "sets"),
    )
    """What a record holds of it: the metric by its name, and beside it its K."""

    def record(self) -> dict[str, Any]:
        """As JSON and tables have it, keys as in `RECORD`."""
        named = {**vars(self), "metric": self.metric.name, "k": self.metric.k}
        return {name: named[name] for name in self.RECORD}


def comparison_of(record: Mapping[str, Any], task: Task) -> Comparison:
    """Read `Comparison.record` back, as the task names its metrics."""
    known = {part.name for part in fields(Comparison)}
    metric = task.metric(record.get("metric", task.kinds[0].name), record["k"])
    return Comparison(**{name: value for name, value in record.items() if name in known} | {"metric": metric})


def comparisons_of(result: Mapping[str, Any]) -> list[Comparison]:
    """The comparisons of a run's record; none of a record from before their p-values were kept."""
    return [comparison_of(record, task_of(result)) for record in result["comparison"] if "adjusted" in record]


def headline_of(comparisons: Iterable[Comparison], headline: Metric) -> list[Comparison]:
    """Of every arm the comparison that its verdict is about."""
    return [c for c in comparisons if c.metric == headline]


def too_short(comparisons: Iterable[Comparison], result: Mapping[str, Any]) -> list[Comparison]:
    """The comparisons, of which those that rest on a training of too few steps say that and nothing else."""
    short = {arm for arm, record in result["arms"].items() if any(seed.get("too_short") for seed in record["seeds"])}
    return [replace(c, verdict="too short") if {c.arm, c.against} & short else c for c in comparisons]


def settled(c: Comparison, detect: float) -> bool:
    """Whether the question is answered: the arms are told apart, or the interval leaves out all differences that
    matter, those of `detect` and more."""
    return c.verdict in ("better", "worse") or (c.metric.unit == "points" and -detect < c.low and c.high < detect)


def record_of(record: Mapping[str, Any], metric: Metric, part: str = "") -> Any:
    """What an arm's or a baseline's record says of a metric: its mean, or another `part` of it, such as `_per_seed`;
    None where it has no result."""
    found = record.get(metric.name + part)
    return found.get(str(metric.k)) if isinstance(found, Mapping) else found


def counted_arms(result: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The arms of a run's record that have a result, with their records."""
    name = task_of(result).kinds[0].name
    return {arm: record for arm, record in result.get("arms", {}).items() if record.get(name) not in (None, {})}


def headline_in(result: Mapping[str, Any]) -> Metric:
    """What the verdict of a run's record is about."""
    return task_of(result).headline(result["data"]["items"])


def title_in(result: Mapping[str, Any]) -> str:
    """The data of a run's record, with the outcome that its verdict is about where there are several.

    >>> title_in({"data": {"title": "Toy"}})
    'Toy'
    >>> title_in({"data": {"title": "Toy"}, "experiment": {"outcomes": {"outcome": "conversion"}}})
    'Toy (conversions)'
    """
    title, outcomes = str(result["data"]["title"]), result.get("experiment", {}).get("outcomes")
    return say.OF_OUTCOME(data=title, outcome=say.OUTCOMES[outcomes["outcome"]]) if outcomes else title


def counted_seeds(result: Mapping[str, Any]) -> tuple[int, ...]:
    """The seeds that count in a run's record: of every arm that has a result, those that were trained and ranked.

    One that was stopped midway comes last and counts only where none had ended; one that diverged never does.

    >>> ended = [{"seed": 0, "state": "finished"}, {"seed": 1, "state": "diverged"}, {"seed": 2, "state": "stopped"}]
    >>> counted_seeds({"arms": {"parallel": {"seeds": ended, "recall_per_seed": {"100": [0.4]}}}})
    (0,)
    """
    counted = []
    part = f"{task_of(result).kinds[0].name}_per_seed"
    for arm in result["arms"].values():
        ranked = [seed["seed"] for seed in arm["seeds"] if seed["state"] != "diverged"]
        values = arm.get(part, ())
        values = next(iter(values.values()), ()) if isinstance(values, Mapping) else values
        if values:
            counted.append(set(ranked[: len(values)]))
    return tuple(sorted(set.intersection(*counted))) if counted else ()


def looks_of(result: Mapping[str, Any]) -> Looks | None:
    """The looks that a run's record counts, where it adds seeds until it is sure."""
    kept = result.get("looks")
    return Looks(tuple(kept["planned"]), kept["made"]) if kept else None
