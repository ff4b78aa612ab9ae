"""One page of decision: what a run, and the findings that come with the project, say to whoever may rewire a model.

All of it is read from records and put in whole sentences. They are plain text, in which names out of files may stand:
whoever shows them makes them inert (`pdcn.inert`). Where nothing was measured, a sentence says that we don't know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from pdcn.config import Experiment
from pdcn.decision import words as say
from pdcn.decision.price import Place, Price, latency, measurement, parameters, training
from pdcn.decision.reason import Reason, of_findings, reason_of
from pdcn.decision.sureness import Settle, below_weakest, how_sure, settle_of, unfinished
from pdcn.evaluation.comparison import (
    Comparison,
    comparisons_of,
    counted_arms,
    headline_in,
    headline_of,
    record_of,
    settled,
    title_in,
)
from pdcn.evaluation.slices import in_words
from pdcn.evaluation.verdict import Terms, claim, sentence, size_that_matters
from pdcn.jobs.analysis import Recipe
from pdcn.research.findings import CLAIM
from pdcn.runs.folder import OVER, RunFolder
from pdcn.sources import source_said
from pdcn.tasks.metric import Metric
from pdcn.words import span, spoken

Kind = Literal["rewire", "keep", "skip", "unknown"]
"""What is to be done: rewire, keep what there is, try a plain skip first, or nobody knows yet."""


@dataclass(frozen=True)
class Decision:
    """What to do, of one kind, in one sentence; and a further one that speaks against haste, where there is one."""

    kind: Kind
    said: str
    doubt: str = ""


@dataclass(frozen=True)
class Sheet:
    """Everything that one page of decision needs.

    `arm` may replace `against`, which is "" where nothing else ran. `verdict` is the claim with its interval, `found`
    the comparison behind it, None where nothing can be compared; `compared` has that of every arm with the same one.
    `caution` is what the run itself says against its verdict, and `so_far` whether trainings of the two arms had not
    finished. `levels` has the headline's metric of the two arms, and `seeds` that of each of their seeds (shares, or in
    the metric's own unit). `slices` has the rows of the run's slices for this arm. `costs` are of a call, of parameters
    and of training.
    """

    run: str
    data: str
    question: str
    arm: str
    against: str
    decision: Decision
    verdict: str
    caution: str
    so_far: bool
    found: Comparison | None
    compared: tuple[Comparison, ...]
    metric: Metric | None
    levels: Mapping[str, float]
    seeds: Mapping[str, tuple[float, ...]]
    by_slice: tuple[str, ...]
    slices: pd.DataFrame | None
    costs: tuple[Price, ...]
    reason: Reason
    how_sure: tuple[str, ...]
    settle: Settle

    def cost(self, kind: str) -> Price:
        """The cost of a kind."""
        return next(cost for cost in self.costs if cost.kind == kind)


def sheet(
    run: RunFolder,
    batch: int = 1,
    device: str = "cpu",
    *,
    timed: Recipe | None = None,
    threads: int = 1,
    state: str = "",
    arm: str = "",
) -> Sheet:
    """The sheet of a run, at a batch size and on a device ("cpu" or "cuda") with so many threads an operation.

    `timed` is the recipe out of the registry of pages by which measured times are found (`timed_by`): those of the run,
    else those of the showcase, which is said; without it nothing is known of time. `state` is that of the run where
    somebody knows it better than its folder, which can't tell that its worker is gone. `arm` is one of `choices`, the
    first unless it is given. `SettingError` where files of the run are damaged.
    """
    experiment, result = run.experiment, run.whole_result()
    state = state or run.progress.state
    if result is None:
        return _without_result(run, experiment, state)
    metric = headline_in(result)
    compared = tuple(headline_of(comparisons_of(result), metric))
    found = next((c for c in _in_order(compared) if arm in ("", c.arm)), None)
    arm, against = (found.arm, found.against) if found else _asked(experiment, tuple(counted_arms(result)))
    counted, data = counted_arms(result), title_in(result)
    terms, both = Terms.of(result), [name for name in (arm, against) if name in counted]
    slices = run.slices if found else None
    slices = slices[slices["arm"] == arm] if slices is not None and "arm" in slices else None
    place = Place(batch, device, threads)
    costs = (latency(run, timed, arm, against, place), parameters(result, arm, against), training(result, arm, against))
    reason = reason_of(run, result, arm, against, costs[1], measurement(run, timed, place))
    said = claim(found, data) if found else sentence((), data, terms, list(counted))
    return Sheet(
        run=run.run,
        data=data,
        question=_question(data, arm, against),
        arm=arm,
        against=against,
        decision=_decision(result, found, costs[0], reason, terms, state),
        verdict=said,
        caution=str(result.get("note") or ""),
        so_far=state not in OVER or (found is not None and unfinished(result, found)),
        found=found,
        compared=compared,
        metric=metric,
        levels={name: float(record_of(counted[name], metric)) for name in both},
        seeds={name: tuple(record_of(counted[name], metric, "_per_seed") or ()) for name in both},
        by_slice=_by_slice(slices, arm, metric),
        slices=slices,
        costs=costs,
        reason=reason,
        how_sure=tuple(how_sure(run, result, found, terms, state)),
        settle=settle_of(experiment, result, found, terms, state),
    )


# which arms, and what is asked


def choices(run: RunFolder) -> list[str]:
    """The arms of a run that can be decided on, that of the claim first."""
    result = run.whole_result()
    found = headline_of(comparisons_of(result), headline_in(result)) if result else []
    return [c.arm for c in _in_order(found)]


def _in_order(found: Iterable[Comparison]) -> list[Comparison]:
    """Comparisons, that of parallel with sequential first, else of parallel."""
    return sorted(found, key=lambda c: ((c.arm, c.against) != CLAIM, c.arm != CLAIM[0]))


def _asked(experiment: Experiment, counted: tuple[str, ...]) -> tuple[str, str]:
    """The arms where nothing can be compared: those that were to race, the second "" where it was only one."""
    others = [arm for arm in experiment.arms if arm != experiment.against]
    if not others:
        return experiment.against, ""
    return (CLAIM[0] if CLAIM[0] in others else others[0]), experiment.against


def _question(data: str, arm: str, against: str) -> str:
    if not against:
        return say.QUESTION_OF_ONE(data=data, arm=spoken(arm))
    return say.QUESTION(data=data, arm=spoken(arm), against=spoken(against))


def _without_result(run: RunFolder, experiment: Experiment, state: str) -> Sheet:
    """The sheet of a run that has nothing to show."""
    arm, against = _asked(experiment, ())
    data = source_said(experiment.data.source)
    return Sheet(
        run=run.run,
        data=data,
        question=_question(data, arm, against),
        arm=arm,
        against=against,
        decision=Decision("unknown", say.UNKNOWN_NOTHING if state in OVER else say.UNKNOWN_TRAINING),
        verdict=say.NO_RESULT,
        caution="",
        so_far=state not in OVER,
        found=None,
        compared=(),
        metric=None,
        levels={},
        seeds={},
        by_slice=(say.NO_SLICES,),
        slices=None,
        costs=(Price("latency", say.NO_COST), Price("parameters", say.NO_COST), Price("training", say.NO_COST)),
        reason=of_findings(experiment, arm, against),
        how_sure=(*([say.ENDED[state]] if state in say.ENDED else []), say.IN_DOUBT),
        settle=Settle(say.SETTLE_AGAIN, experiment) if state in OVER else Settle(say.SETTLE_WAIT),
    )


def _by_slice(slices: pd.DataFrame | None, arm: str, metric: Metric) -> tuple[str, ...]:
    """Where the gain comes from, the conclusion first and the buckets of each kind last."""
    if slices is None:
        return (say.NO_SLICES,)
    said = in_words(slices, arm, metric)
    buckets = len({"item popularity", "user activity"} & set(slices["kind"]))
    return (*said[buckets:], *said[:buckets])


# what to do


def _decision(
    result: Mapping[str, Any], c: Comparison | None, latency: Price, reason: Reason, terms: Terms, state: str
) -> Decision:
    """What to do, which never claims more than was measured."""
    if state not in OVER:
        return Decision("unknown", say.UNKNOWN_TRAINING)
    if c is None:
        return Decision("unknown", say.UNKNOWN_NOTHING)
    pair = {"arm": spoken(c.arm), "against": spoken(c.against)}
    if c.verdict in ("too few seeds", "too short"):
        said = say.UNKNOWN_SHORT if c.verdict == "too short" else say.UNKNOWN_ONE_SEED
        return Decision("unknown", said(**pair))
    if below := below_weakest(result, c):
        return Decision("unknown", say.UNKNOWN_BELOW(baseline=spoken(below)))
    told = {"size": c.metric.told(c.difference), "interval": span(c.low, c.high, c.metric.change)}
    if unfinished(result, c):
        return Decision("unknown", say.UNKNOWN_UNFINISHED(**pair, **told))
    if c.verdict == "worse":
        return Decision("keep", say.KEEP_BETTER(**pair, **told))
    if c.verdict != "better":
        if settled(c, terms.detect):
            return Decision("keep", say.KEEP_ALIKE(matters=size_that_matters(terms), **pair, **told))
        return Decision("unknown", say.UNKNOWN(**pair, **told))
    if reason.skip_as_well:
        return Decision("skip", say.SKIP_FIRST(**pair, **told))
    return Decision("rewire", _rewire(c, latency, told), reason.doubt)


def _rewire(c: Comparison, latency: Price, told: Mapping[str, str]) -> str:
    """That it pays, on which terms: what a call takes, or that nobody knows."""
    arm, own = spoken(c.arm), latency.source == "run"
    if latency.ratio is None:
        return say.REWIRE_UNTIMED(arm=arm, **told)
    if not latency.slower:
        return (say.REWIRE if own else say.REWIRE_BORROWED)(arm=arm, **told)
    times = say.RATIO(ratio=f"{latency.ratio[0]:.2f}")
    return (say.REWIRE_SLOWER if own else say.REWIRE_SLOWER_THERE)(times=times, arm=arm, **told)
