"""Why one arm finds more than another: what the controls say, of the run or of the bundled findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pdcn.config import Experiment
from pdcn.decision import words as say
from pdcn.decision.price import Price, Source, Timed
from pdcn.decision.studies import STUDIES, rows_named, task_asked
from pdcn.evaluation.causes import conclusion, explanation, steps_of
from pdcn.evaluation.compare import compare
from pdcn.evaluation.comparison import Comparison, comparisons_of, counted_arms, headline_in, headline_of
from pdcn.evaluation.verdict import Terms
from pdcn.research.answers import cause_steps, metric_of
from pdcn.research.findings import CLAIM, GROUPS, PLANTED, WHOLE, bundled
from pdcn.runs.folder import RunFolder
from pdcn.words import listed, micro, plural, points, span, spoken

SKIP = "sequential_skip_x0"
"""The control that says whether a plain skip does as well: sequential, and x0 goes to the head too."""


@dataclass(frozen=True)
class Reason:
    """Why one arm finds more: sentences, the steps from sequential to parallel where its `source` has them, and whether
    we detect nothing that the arm adds to a plain skip; None where that is not known of this run. `doubt` says so of
    our own study on the same source of data, where the run itself does not tell. `study` names the
    one that is cited."""

    said: tuple[str, ...]
    source: Source
    steps: tuple[Comparison, ...] = ()
    skip_as_well: bool | None = None
    doubt: str = ""
    study: str = ""


def reason_of(
    run: RunFolder, result: Mapping[str, Any], arm: str, against: str, parameters: Price, timed: Timed | None
) -> Reason:
    """Would a skip in the sequential tower do as well for less? From the run where it raced controls, else from the
    bundled findings."""
    steps = tuple(steps_of(result)) if (arm, against) == CLAIM else ()
    skip = _held_against_skip(run, result, arm, against)
    if not steps and skip is None:
        return of_findings(run.experiment, arm, against)
    said: list[str] = []
    as_well = None
    if skip is not None:
        told = {"size": skip.metric.told(skip.difference), "interval": span(skip.low, skip.high, skip.metric.change)}
        names = {"arm": spoken(arm), "against": spoken(against)}
        if skip.verdict in say.SKIPS:
            said.append(say.SKIPS[skip.verdict](**names, **told))
            as_well = _beats(result, SKIP, against) and skip.verdict != "better"
        else:
            said.append(say.SKIP_UNKNOWN(against=spoken(against)))
        dense = result["arms"][SKIP]["parameters"]["dense"]
        said.append(say.SKIP_COST(skip=f"{dense:,}", arm=spoken(arm), dense=f"{parameters.of[arm]:,.0f}"))
        if timed is not None and {SKIP, arm} <= timed.p50.keys():
            said.append(say.SKIP_TIMED(time=micro(timed.p50[SKIP]), arm=spoken(arm), other=micro(timed.p50[arm])))
        else:
            said.append(say.SKIP_UNTIMED)
    said += [explanation(steps)] if steps else []
    return Reason(tuple(said), "run", steps, as_well)


def _held_against_skip(run: RunFolder, result: Mapping[str, Any], arm: str, against: str) -> Comparison | None:
    """The arm minus the plain skip, in the same run; None where the skip did not race, or its ranks are gone."""
    measured = run.measured if SKIP in counted_arms(result) and SKIP not in (arm, against) else None
    if measured is None or not measured.seeds(arm, SKIP):
        return None
    metric = headline_in(result)
    return compare(measured, (arm,), SKIP, [metric], metric, detect=Terms.of(result).detect)[0]


def _beats(result: Mapping[str, Any], arm: str, against: str) -> bool:
    """Whether an arm is better than another in the run's own verdict, all its arms counted."""
    headline = headline_of(comparisons_of(result), headline_in(result))
    return any((c.arm, c.against, c.verdict) == (arm, against, "better") for c in headline)


def of_findings(experiment: Experiment, arm: str, against: str) -> Reason:
    """What the bundled study of the cause says, on the group of data that is nearest to the run's; of a task of its
    own what the study of that task says."""
    if not against:
        return Reason((say.NO_REASON_ALONE(arm=spoken(arm)),), "none")
    if studies := STUDIES.get(task_asked(experiment)):
        return _of_study(studies[0], experiment, arm, against)
    record, source = bundled("cause"), experiment.data.source
    known = cause_steps(record["rows"]) if record and (arm, against) == CLAIM else {}
    order = sorted(known, key=lambda one: (GROUPS[one]["data"] != source, one != WHOLE, one != PLANTED))
    if record is None or not order:
        return Reason((say.NO_REASON(arm=spoken(arm), against=spoken(against)),), "none")
    group = order[0]
    found, metric = known[group], known[group][0].metric
    whole = next(row for row in record["rows"] if (row["group"], row["arm"], row["against"]) == (group, *CLAIM))
    skip = say.FOUND_SKIP(
        group=group,
        skip=metric.told(found[0].difference),
        skip_interval=span(found[0].low, found[0].high, metric.change),
        whole=metric.change(whole["difference"]),
        interval=span(whole["low"], whole["high"], metric.change),
    )
    concluded = conclusion(found)
    cause = say.FOUND_CAUSE(group=group, conclusion=f"{concluded[:1].lower()}{concluded[1:]}")
    said = (cause, skip, say.FROM_FINDINGS(seeds=plural(found[0].seeds, "seed")), say.FINDING_TIME)
    first, *others = (c.verdict for c in found)
    alone = GROUPS[group]["data"] == source and first == "better" and "better" not in others
    doubt = say.DOUBT_SKIP(group=group) if alone else ""
    return Reason(said, "bundled", tuple(found), doubt=doubt, study="cause")


def _of_study(name: str, experiment: Experiment, arm: str, against: str) -> Reason:
    """What a study says of a plain skip and of parallel, each held against sequential, on the data nearest to the
    run's. It has no steps from one to the other."""
    skips, wholes = ({row["group"]: row for row in rows_named(name, (one, CLAIM[1]))} for one in (SKIP, CLAIM[0]))
    groups = sorted(skips.keys() & wholes.keys(), key=lambda one: GROUPS[one]["data"] != experiment.data.source)
    if (arm, against) != CLAIM or not groups:
        return Reason((say.NO_REASON(arm=spoken(arm), against=spoken(against)),), "none")
    both = skips[groups[0]], wholes[groups[0]]
    (skip, skip_interval), (whole, interval) = ((points(r["difference"]), span(r["low"], r["high"])) for r in both)
    told = {"skip": skip, "skip_interval": skip_interval, "whole": whole, "interval": interval}
    sure = [spoken(row["arm"]) for row in both if row["verdict"] in ("better", "worse")]
    said = (
        say.FOUND_BOTH(group=groups[0], metric=metric_of(both[0]), **told),
        say.FOUND_DETECTED(arms=listed(sure)) if sure else say.FOUND_NEITHER,
        say.FROM_FINDINGS(seeds=plural(both[0]["seeds"], "seed")),
    )
    return Reason(said, "bundled", study=name)
