"""The process that works one analysis out: python -m pdcn.jobs.analyst FOLDER RECIPE SETTINGS, the last two as JSON

Analyses of a home are worked out one after the other: they would take each other's cores.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from filelock import FileLock

from pdcn.files import home
from pdcn.jobs.analysis import Analysis, Recipe, State
from pdcn.jobs.submit import give_way
from pdcn.jobs.trouble import in_words
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import this_process
from pdcn.settings import SettingError

SAY_EVERY = 0.2


def work_out(analysis: Analysis, watch: Callable[[float, str], None] | None = None) -> State:
    """Work an analysis out here and now, and keep it; how it ended. `watch` is told the share done and the phase."""
    owner, said = this_process(), 0.0

    def say(share: float, phase: str = "") -> None:
        nonlocal said
        now = time.monotonic()
        if now - said > SAY_EVERY:
            said, words = now, phase or analysis.recipe.words
            analysis.say(State("running", share, words, owner=owner))
            if watch:
                watch(share, words)

    try:
        from pdcn.runs.trained import TrainedRun
        from pdcn.training.device import one_thread

        one_thread()
        work = import_module(analysis.recipe.work)
        analysis.keep(work.inspect(TrainedRun(analysis.folder), analysis.settings, say))
        return State("done", 1.0)
    except SettingError as error:
        ended = State("failed", message=str(error))
    except Exception as error:  # whatever else went wrong is this analysis's end
        message = in_words(error, home(), "fewer points or events need less")
        if message is None:
            traceback.print_exc()
            message = f"{type(error).__name__}: {error}".splitlines()[0]
        ended = State("failed", message=message)
    with suppress(OSError):  # no room for a word: it is over all the same, as its process is
        analysis.say(ended)
    return ended


def turn() -> FileLock:
    """Whoever holds it may work an analysis of this home out."""
    return FileLock(home() / "analyst.lock")


def main(arguments: list[str]) -> int:
    """Wait for the others, then work it out."""
    path, told, settings = arguments
    recipe = Recipe(**json.loads(told))
    if not recipe.timed:  # whose clock would run on while others go first
        give_way()
    analysis = Analysis.of(RunFolder(Path(path)), recipe, **json.loads(settings))
    analysis.say(State("running", 0.0, "waiting for another analysis", owner=this_process()))
    with turn():
        if analysis.state.state != "done":
            work_out(analysis)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
