"""Which of our studies are about the task of a run. Knows no torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pdcn.config import RANKING, RETRIEVAL, Experiment
from pdcn.research.answers import rows_of
from pdcn.research.findings import CLAIM, FINDINGS, bundled
from pdcn.sources.source import OUTCOMES

SEVERAL = "outcomes"
"""What retrieval is called that learns from several outcomes, such as clicks and conversions."""
STUDIES: Mapping[str, tuple[str, ...]] = {SEVERAL: ("conversions", "systems"), RANKING: ("ranking",)}
"""The studies of a task of its own, which answer all that is asked about it; all others are about plain retrieval."""
Row = Mapping[str, Any]


def task_asked(experiment: Experiment) -> str:
    """What an experiment is about, in the names of the form: retrieval, of several outcomes or not, or another task.

    >>> from pdcn.dials import assemble
    >>> [task_asked(assemble(one)) for one in ({}, {"data": "shopping"}, {"data": "shopping", "task": "ranking"})]
    ['retrieval', 'outcomes', 'ranking']
    """
    return SEVERAL if experiment.task == RETRIEVAL and OUTCOMES in experiment.offers else experiment.task


def rows_named(name: str, pair: tuple[str, str] = CLAIM) -> Iterator[Row]:
    """The rows of a bundled finding about two arms; none where it is not there."""
    record = bundled(name)
    for row in rows_of(FINDINGS[name], record) if record else ():
        if (row["arm"], row["against"]) == pair:
            yield row


def rows_about(task: str) -> Iterator[tuple[str, Row]]:
    """The rows about parallel against sequential of all studies of a task, by the study; the same trainings once."""
    seen = set()
    for name in STUDIES.get(task, ()):
        for row in rows_named(name):
            trainings = row["group"], row["match"], row["difference"], row["p"]
            if trainings not in seen:
                seen.add(trainings)
                yield name, row
