"""The process that works one analysis out: python -m pdcn.jobs.analyst FOLDER WORD RECIPE SETTINGS

WORD is that of the lease which was reserved for it, RECIPE and SETTINGS are JSON.

Analyses of a home are worked out one after the other: they would take each other's cores.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from filelock import FileLock

from pdcn.files import home
from pdcn.jobs.analysis import Analysis, Recipe
from pdcn.jobs.submit import give_way
from pdcn.jobs.trouble import ended
from pdcn.runs import lease
from pdcn.runs.folder import Progress, RunFolder, State

SAY_EVERY = 0.2


class Revoked(BaseException):
    """Somebody stopped this analysis, or works on it anew. No error, so that nothing on the way takes it for one."""


def work_out(analysis: Analysis, watch: Callable[[float, str], None] | None = None) -> Progress:
    """Work an analysis out here and now, and keep it; how it ended. `watch` is told the share done and the phase."""
    said = 0.0

    def say(share: float, phase: str = "") -> None:
        nonlocal said
        if not lease.mine(analysis.path):
            raise Revoked
        now = time.monotonic()
        if now - said > SAY_EVERY:
            said, words = now, phase or analysis.recipe.words
            analysis.say("running", share, words)
            if watch:
                watch(share, words)

    def work() -> State:
        from pdcn.runs.trained import TrainedRun
        from pdcn.training.device import one_thread

        analysis.path.mkdir(parents=True, exist_ok=True)
        if not lease.mine(analysis.path):
            lease.hold(analysis.path)
        one_thread()
        found = import_module(analysis.recipe.work).inspect(TrainedRun(analysis.folder), analysis.settings, say)
        analysis.keep(found)
        return "done"

    try:
        state, why = ended(work, home(), "fewer points or events need less", lambda told: print(told, file=sys.stderr))
        if why:
            with suppress(OSError):  # no room for a word: it is over all the same, as nobody is at work on it
                analysis.say(state, message=why)
    except Revoked:
        state, why = "stopped", ""
    finally:
        lease.release(analysis.path)
    return Progress(state, "", message=why)


def turn() -> FileLock:
    """Whoever holds it may work an analysis of this home out."""
    return FileLock(home() / "analyst.lock")


def main(arguments: list[str]) -> int:
    """Wait for the others, then work it out; end at once when the lease is taken away."""
    path, word, told, settings = arguments
    recipe = Recipe(**json.loads(told))
    if not recipe.timed:  # whose clock would run on while others go first
        give_way()
    analysis = Analysis.of(RunFolder(Path(path)), recipe, **json.loads(settings))
    if not lease.hold(analysis.path, word, lost=lambda: os._exit(0)):
        return 0
    analysis.say("queued", phase="waiting for another analysis")
    with turn():
        if not analysis.done:
            work_out(analysis)
        lease.release(analysis.path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
