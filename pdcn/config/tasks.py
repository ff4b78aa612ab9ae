"""The tasks that a person can choose, and what each has, as dials name what they need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pdcn import glossary
from pdcn.sources import SOURCES
from pdcn.sources.source import EVENTS_ALONE, OUTCOMES

RETRIEVAL, RANKING = "retrieval", "ranking"
"""The task that an experiment has unless it names another, out of `pdcn.tasks.TASKS`, and the other one there is."""


TWO_TOWERS = "two towers"
"""What a task has that trains a tower for queries and one for items, as dials name what they need."""
JOINT = "joint"
"""The name of the one network of a task without two towers, with which the names of its weights begin."""


@dataclass(frozen=True)
class TaskSaid:
    """A task as a person chooses it: its label, and `words` about it. `offers` names what its model has.

    `quick` is laid over the quick preset of the data.
    """

    label: str
    words: str
    offers: frozenset[str] = frozenset({TWO_TOWERS})
    quick: Mapping[str, Any] = field(default_factory=dict)


ASKED: dict[str, TaskSaid] = {
    RETRIEVAL: TaskSaid("retrieval", glossary.RETRIEVAL),
    RANKING: TaskSaid("ranking", glossary.RANKING, frozenset(), {"sampled": 2, "batch": 512}),
}
"""The tasks that can be chosen, by the names that `pdcn.tasks.TASKS` has for them."""


def offered(source: str, task: str) -> set[str]:
    """What there is of a task on data of a source, as dials name what they need. Other tasks have two towers.

    >>> sorted(offered("planted", "ranking")), sorted(offered("planted", "rating"))
    (['events alone', 'ranking'], ['events alone', 'rating', 'two towers'])
    """
    of_task = ASKED[task].offers if task in ASKED else {TWO_TOWERS}
    of_data = SOURCES[source].offers if source in SOURCES else frozenset[str]()
    return {task, *of_task, *of_data, *(() if OUTCOMES in of_data else (EVENTS_ALONE,))}
