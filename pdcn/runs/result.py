"""What a study found, as one JSON record: the same for the command line, the store and the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
import torch

from pdcn.config import ASKED, TOLERANCE, Experiment
from pdcn.dials import assemble, quick
from pdcn.evaluation.causes import explanation, steps, steps_of
from pdcn.evaluation.compare import compare
from pdcn.evaluation.comparison import Comparison, comparisons_of, headline_of, settled, title_in, too_short
from pdcn.evaluation.looks import Looks
from pdcn.evaluation.power import expected_spread, seeds_needed
from pdcn.evaluation.verdict import Terms, below_floor, sentence
from pdcn.files import SHOWCASE, read_json
from pdcn.host import processor
from pdcn.nn.model import Cost, Model, cost
from pdcn.runs import words as say
from pdcn.runs.arm_seed import ArmSeed
from pdcn.runs.cautions import cut_short, few_steps, learned_little, lost_trainings, not_finished, unfinished
from pdcn.runs.levels import by_k, means, of_arm, of_baselines, of_columns
from pdcn.sources.dataset import Dataset
from pdcn.sources.split import PARTS
from pdcn.tasks import task_for
from pdcn.tasks.measured import Measured
from pdcn.tasks.metric import Metric
from pdcn.tasks.task import Task
from pdcn.training.budget import Fit
from pdcn.training.tuning import trials
from pdcn.training.version import VERSION


@dataclass(frozen=True)
class Built:
    """What an arm's towers cost, and their diagrams as a record."""

    cost: Cost
    plan: dict[str, Any]

    @classmethod
    def of(cls, model: Model) -> Built:
        """Of a model, which need not have been trained."""
        return cls(cost(model), plans_of(model))


def plans_of(model: Model) -> dict[str, Any]:
    """The diagrams of a model's towers by name, as a record."""
    return {name: asdict(tower.plan()) for name, tower in model.towers.items()}


def summarise(
    run: str,
    experiment: Experiment,
    dataset: Dataset,
    device: str,
    built: Mapping[str, Built],
    arms: Sequence[ArmSeed],
    measured: Measured,
    fits: Mapping[str, Fit],
    tuning: Mapping[str, Any],
    lost: Mapping[tuple[str, int], str],
    made: int = 1,
) -> dict[str, Any]:
    """The record. Means are over a user's events, then over users; `_events` over all events alike.

    `lost` says of an arm and a seed why there is nothing of them; `made` is how often a study that runs until sure has
    looked.
    """
    items, against = len(dataset.items), experiment.against
    task, detect = task_for(experiment), experiment.detect / 100
    metrics, headline = task.metrics(items), task.headline(items)
    looks = Looks(experiment.looks, made) if experiment.until_sure else None
    measured = measured.judged(experiment.outcomes.outcome)
    comparisons = compare(measured, experiment.arms, against, metrics, headline, detect=detect, looks=looks)
    if experiment.seeds == 1 and experiment.training_sets == "one":
        comparisons = [
            replace(c, seeds_needed=_as_in_showcase(c, detect)) if c.metric == headline else c for c in comparisons
        ]
    having = [arm for arm in experiment.arms if measured.seeds(arm)]
    record: dict[str, Any] = {
        "run": run,
        "verdict": "",
        "task": experiment.task,
        "experiment": experiment.record(),
        "device": device,
        "made_on": made_on(),
        "training": VERSION,
        "validated": str(task.watched(items)),
        "data": {
            "name": dataset.name,
            "title": dataset.title,
            "events": len(dataset.queries),
            "items": items,
            "users": len(np.unique(measured.user)),
            "hash": dataset.hash,
            **task.facts(dataset, task.events(dataset, "test")),
            **{part: len(range(*dataset.part(part).indices(len(dataset.queries)))) for part in PARTS},
        },
        "match": match_of(experiment, fits, arms),
        "tuning": tuning,
        "detect": experiment.detect,
        "arms": {
            arm: _arm([a for a in arms if a.arm == arm], arm, built[arm], measured, task, metrics)
            for arm in experiment.arms
        },
        "baselines": _baselines(measured, task, metrics, headline),
    }
    comparisons = too_short(comparisons, record)
    record["comparison"] = [c.record() for c in comparisons]
    if looks:
        sure = all(settled(c, detect) for c in headline_of(comparisons, headline) if c.verdict != "too short")
        record["looks"] = {"planned": list(looks.planned), "made": made, "sure": sure}
    if between := steps(measured, headline):
        record["steps"] = [step.record() for step in between]
    said = sentence(headline_of(comparisons, headline), title_in(record), Terms.of(record), having)
    counted = [a for a in arms if (a.arm, a.seed) in measured.cells]
    open_ = ""
    if looks and made == len(looks.planned) and not record["looks"]["sure"]:
        open_ = say.STILL_OPEN(seeds=looks.planned[-1])
    record["unfinished"] = unfinished(counted)
    notes = (
        *(*lost_trainings(lost), open_, cut_short(counted), few_steps(counted)),
        *learned_little(counted, record["validated"]),
        not_finished(record["unfinished"]),
        say.IN_BLOCKS if experiment.training.in_blocks(dataset.bounds[0]) else "",
    )
    record["note"] = " ".join(note for note in notes if note)
    record["warning"] = below_floor(record)
    record["verdict"] = " ".join(part for part in (said, explanation(steps_of(record)), record["note"]) if part)
    return record


def made_on() -> dict[str, str]:
    """What decides how sums are rounded, and so whether the same seeds give the same bits: on a processor an operation
    has one thread, so that the number of cores plays no part."""
    return {
        "torch": torch.__version__,
        "processor": processor(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
    }


def match_of(experiment: Experiment, fits: Mapping[str, Fit], arms: Sequence[ArmSeed]) -> dict[str, Any]:
    """What was matched to what, and what is left of the mismatch of every arm, but for the baseline that is the target.

    Training time is what the trainings of this study took, seconds a step, once they have; counts are exact.
    """
    match, against = experiment.fairness.match, experiment.against
    spent = {arm: fit.cost for arm, fit in fits.items()}
    if match == "train-time":
        steps = {arm: sum(a.steps for a in arms if a.arm == arm) for arm in fits}
        if all(steps.values()):
            spent = {arm: sum(a.seconds for a in arms if a.arm == arm) / steps[arm] for arm in fits}
    to = "baseline" if match == "none" else experiment.fairness.target
    value = spent[against] if to == "baseline" else spent[against] / (1 + fits[against].residual)
    residual = {arm: cost / value - 1 for arm, cost in spent.items() if arm != against or to != "baseline"}
    tolerance = TOLERANCE.get(match)
    return {
        "target": {"budget": match, **({"arm": against} if to == "baseline" else {"to": to}), "value": value},
        "tolerance": tolerance,
        "residual": residual,
        "met": {arm: abs(share) <= tolerance for arm, share in residual.items()} if tolerance else {},
    }


def settings_in_words(experiment: Experiment) -> str:
    """How the settings of the arms were found, as it stands beside every verdict.

    >>> settings_in_words(Experiment())
    'default settings'
    """
    if trials(experiment):
        return say.TUNED(trials=experiment.fairness.tune)
    data = {"data": experiment.data.source, **({"task": experiment.task} if experiment.task in ASKED else {})}
    for name, values in ((say.DEFAULTS, data), (say.QUICK, quick(data))):
        start = assemble(values)
        if experiment.training == start.training and experiment.networks() == start.networks():
            return name
    return say.BY_HAND


def _as_in_showcase(c: Comparison, detect: float) -> int | None:
    """Seeds needed for `detect` where seeds spread as they do in the showcase run, for a run of a single seed."""
    found = read_json(SHOWCASE / "result.json") or {"comparison": []}
    for kept in comparisons_of(found):
        spread, usual = kept.seed_spread, kept.usual_spread
        if kept.metric == c.metric and spread is not None and usual is not None:
            expected, freedom = expected_spread(spread, usual, kept.seeds)
            return seeds_needed(expected, kept.user_error, detect, c.counted, freedom, kept.seed_floor or 0.0)
    return None


def _baselines(measured: Measured, task: Task, metrics: Sequence[Metric], headline: Metric) -> dict[str, Any]:
    """The baselines, in the metrics of the headline's class; of a task with a whole record in every metric."""
    classes = [list(alike) for _, alike in groupby(metrics, type)]
    told = [of_baselines(measured, own) for own in classes if task.whole_record or type(own[0]) is type(headline)]
    return {name: {key: value for each in told for key, value in each[name].items()} for name in measured.baselines}


def _arm(
    trained: list[ArmSeed], arm: str, built: Built, measured: Measured, task: Task, metrics: Sequence[Metric]
) -> dict[str, Any]:
    """An arm's record: of the first class of metrics, beside the mean, that over all events alike and each seed's."""
    classes = [list(alike) for _, alike in groupby(metrics, type)]
    columns = {seed: measured.cells[arm, seed] for seed in measured.seeds(arm)}
    others = {alike[0].name: means(measured, columns, alike) for alike in classes[1:]}
    if task.whole_record:
        each = {own[0].name: by_k(own, of_columns(measured, columns, own)) for own in classes[1:]}
        others |= {f"{name}_per_seed": values for name, values in each.items()}
    found = of_arm(measured, arm, classes[0]) | others
    seconds = sum(a.seconds for a in trained)
    return {
        "parameters": {"total": built.cost.total, "dense": built.cost.dense},
        "flops_per_example": built.cost.flops,
        **found,
        **task.beside([*columns.values()]),
        "train_seconds": seconds,
        "examples_per_second": sum(a.examples for a in trained) / seconds if seconds else None,
        "seeds": [{name: getattr(a, name) for name in ArmSeed.RECORD} for a in trained],
        "plan": built.plan,
    }
