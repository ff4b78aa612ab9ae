"""What the towers are trained and judged on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pdcn import sources
from pdcn.inert import quoted
from pdcn.settings import SettingError
from pdcn.tasks import words as say
from pdcn.tasks.ranking import Ranking
from pdcn.tasks.retrieval import Retrieval
from pdcn.tasks.task import Task

if TYPE_CHECKING:
    from pdcn.config import Experiment
    from pdcn.sources.dataset import Dataset

TASKS: dict[str, Task] = {task.name: task for task in (Retrieval(), Ranking())}
"""Every task by its name."""


def task_named(name: str) -> Task:
    """The task of that name; `SettingError` where there is none."""
    if name not in TASKS:
        raise SettingError(say.NO_SUCH_TASK(known=", ".join(TASKS), name=quoted(name)))
    return TASKS[name]


def task_for(experiment: Experiment) -> Task:
    """The task of an experiment, as it sets it."""
    return task_named(experiment.task).under(experiment)


def load(experiment: Experiment) -> Dataset:
    """The data of an experiment, as its task reads it."""
    return task_for(experiment).view(sources.load(experiment.data), experiment)


def task_of(result: Mapping[str, Any]) -> Task:
    """The task of a run's record, which names it where it is not retrieval."""
    return task_named(result.get("experiment", {}).get("task", Retrieval.name))
