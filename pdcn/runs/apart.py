"""What a record says of parts of the events, where these have several outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pdcn.config import Experiment
from pdcn.evaluation.compare import compare
from pdcn.evaluation.comparison import Comparison, headline_in, looks_of, too_short
from pdcn.runs.levels import of_arm, of_baselines
from pdcn.tasks import task_of
from pdcn.tasks.measured import ALL, LABELS, Measured
from pdcn.tasks.metric import Metric

PARTS_OF = ("outcomes", "surfaces", "advertisers")
"""What a record calls the parts of the events by each of the `LABELS`."""
Compared = Callable[[Measured], Sequence[Comparison]]


def parts_of(record: Mapping[str, Any], experiment: Experiment, every: Measured) -> dict[str, Any]:
    """What was found for each outcome, and, of the events that the verdict is about, on each surface and for the head
    and the tail of the advertisers; nothing where events have one outcome.

    In the metrics of the headline's class, each part by itself: p-values are adjusted over the arms, as in the verdict.
    """
    items, headline, against = record["data"]["items"], headline_in(record), experiment.against
    alike = [one for one in task_of(record).metrics(items) if type(one) is type(headline)]
    detect, looks = experiment.detect / 100, looks_of(record)

    def compared(part: Measured) -> list[Comparison]:
        found = compare(part, experiment.arms, against, alike, headline, detect=detect, looks=looks)
        return too_short(found, record)

    found: dict[str, Any] = {}
    judged = every.judged(experiment.outcomes.outcome)
    for label, name, measured in zip(LABELS, PARTS_OF, (every, judged, judged), strict=True):
        parts = {word: measured.of(label, word) for word in measured.words_of(label)}
        if parts and label == "outcome":
            parts[ALL] = every
        if parts:
            found[name] = {word: _of_part(part, experiment.arms, alike, compared) for word, part in parts.items()}
    return found


def _of_part(part: Measured, arms: Sequence[str], alike: Sequence[Metric], compared: Compared) -> dict[str, Any]:
    """What a record says of some of the events: how many, each arm's metrics of one class, which are those of `of_arm`,
    the baselines, and the comparisons in these metrics."""
    found = {arm: of_arm(part, arm, alike) for arm in arms}
    seeds = sorted({seed for _, seed in part.cells})
    users, events = part.size(seeds[:1]) if seeds else (len(np.unique(part.user)), len(part.user))
    names = next(iter(found.values())).keys() if found else ()
    return {
        "events": events,
        "users": users,
        **{name: {arm: own[name] for arm, own in found.items()} for name in names},
        "baselines": of_baselines(part, alike),
        "comparison": [one.record() for one in compared(part)] if users > 1 else [],
    }
