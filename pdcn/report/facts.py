"""What a report tells: the sheet of a run, its curves, and what it takes to repeat it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pdcn.decision.sheet import Sheet
from pdcn.dials import command_of
from pdcn.evaluation.comparison import counted_seeds
from pdcn.inert import short
from pdcn.report import words as say
from pdcn.runs.curves import curves
from pdcn.runs.folder import OVER, RunFolder
from pdcn.settings import SettingError
from pdcn.tasks import task_named


@dataclass(frozen=True)
class Report:
    """A run as it is told. `curves` are those of `pdcn.runs.curves`, `label` is what the metric by K is called, `facts`
    are names and values of what it was made of, and `command` repeats it. `made` is when the run was asked for, in
    seconds since 1970: the same run gives the same file, whenever it is written."""

    sheet: Sheet
    curves: pd.DataFrame
    label: str
    facts: tuple[tuple[str, str], ...]
    command: str
    made: float


def report_of(
    folder: RunFolder, sheet: Sheet, state: str = "", curves_of: Callable[[RunFolder], pd.DataFrame] = curves
) -> Report:
    """The report of a run that is over and has a result; `SettingError` of any other, and of one with damaged files.

    `state` is that of the run where somebody knows it better than its folder, and `curves_of` reads its curves, which a
    server keeps.
    """
    state, result = state or folder.progress.state, folder.whole_result()
    if state not in OVER:
        raise SettingError(say.NOT_ENDED(run=short(folder.run), state=state))
    if result is None:
        raise SettingError(say.NO_RESULT(run=short(folder.run)))
    return Report(
        sheet=sheet,
        curves=curves_of(folder),
        label=task_named(folder.experiment.task).kinds[0].label,
        facts=tuple(_facts(folder, result)),
        command=command_of(folder.experiment),
        made=float(folder.request["created"]),
    )


def _facts(folder: RunFolder, result: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Names, hashes, seeds and versions; what a record from before does not have is left out."""
    yield say.RUN, folder.run
    yield say.EXPERIMENT, folder.experiment.hash()
    yield say.DATA, say.DATA_OF(data=result["data"]["title"], hash=result["data"]["hash"])
    yield say.SEEDS, ", ".join(map(str, counted_seeds(result)))
    yield say.DEVICE, str(result["device"])
    if made := result.get("made_on"):
        yield say.TORCH, str(made["torch"])
        yield say.PROCESSOR, say.PROCESSOR_OF(processor=made["processor"], instructions=made["instructions"])
    yield say.TRAINING, str(result.get("training", 1))
