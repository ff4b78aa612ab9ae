"""The process that works one analysis out: python -m pdcn.jobs.analyst FOLDER WORD RECIPE SETTINGS

WORD is that of the lease which was reserved for it, RECIPE and SETTINGS are JSON.

Analyses of a home are worked out one after the other, as they were asked for: they would take each other's cores. Where
`PDCN_EXECUTOR` names other machines, one of them does it, but for what reads a clock or shows tables while it works.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

from filelock import FileLock

from pdcn.environment import EXECUTOR
from pdcn.files import home, read_json, write_json
from pdcn.jobs import words as at_work
from pdcn.jobs.analysis import Analysis, Recipe
from pdcn.jobs.job import FAR, LOCAL
from pdcn.jobs.process import give_way
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
        opened = TrainedRun(analysis.folder) if analysis.recipe.of_a_run else None
        more = (analysis.keep_so_far,) if analysis.recipe.live else ()
        kind, _, address = os.environ.get(EXECUTOR, LOCAL).partition("://")
        if kind in FAR and opened and not more and not analysis.recipe.timed:
            far = import_module(FAR[kind])
            found = far.worked_out(address, opened, analysis.recipe.work, analysis.settings, say)
        else:
            found = import_module(analysis.recipe.work).inspect(opened, analysis.settings, say, *more)
        analysis.keep(found)
        return "done"

    try:
        state, why = ended(work, home(), at_work.LESS_OF_AN_ANALYSIS, lambda told: print(told, file=sys.stderr))
        if why and not lease.mine(analysis.path):  # the run may be gone for good, and then its files are missing
            raise Revoked
        if why:
            with suppress(OSError):  # no room for a word: it is over all the same, as nobody is at work on it
                analysis.say(state, message=why)
    except Revoked:
        state, why = "stopped", ""
    finally:
        lease.release(analysis.path)
    return Progress(state, "", message=why)


@contextmanager
def turn(folder: Path, told: Callable[[str], object]) -> Iterator[None]:
    """Wait until the analyses of this home are over that were asked for before; none begins before the block ends.

    `folder` is the analysis's own, whose lease is held from here on; `told` is told for how many others it waits.
    Whoever waits leaves a ticket that names its folder, and counts for as long as somebody holds the folder's lease.
    """
    queue, said = home() / "analyses", 0
    ticket = queue / f"{time.time_ns():020d}.json"
    folder.mkdir(parents=True, exist_ok=True)
    if not lease.mine(folder):
        lease.hold(folder)
    with suppress(OSError):  # no room for it: then it is whoever comes first
        write_json(ticket, str(folder))
    try:
        while before := sum(path < ticket and _waits(path, folder) for path in sorted(queue.glob("*.json"))):
            if before != said:
                told(at_work.WAITS_FOR_ONE if before == 1 else at_work.WAITS_FOR(count=before))
            said = before
            time.sleep(SAY_EVERY)
        with FileLock(home() / "analyst.lock"):
            yield
    finally:
        ticket.unlink(missing_ok=True)


def _waits(ticket: Path, own: Path) -> bool:
    """Whether a ticket is of somebody else who lives; one of the own folder is of a process before, which was ended."""
    folder = read_json(ticket)
    if isinstance(folder, str) and Path(folder) != own and lease.held(Path(folder)):
        return True
    with suppress(OSError):  # its process was ended from outside
        ticket.unlink(missing_ok=True)
    return False


def main(arguments: list[str]) -> int:
    """Wait for the others, then work it out; end at once when the lease is taken away."""
    path, word, told, settings = arguments
    recipe = Recipe(**json.loads(told))
    if not recipe.timed:  # whose clock would run on while others go first
        give_way()
    analysis = Analysis.of(RunFolder(Path(path)), recipe, **json.loads(settings))
    if not lease.hold(analysis.path, word, lost=lambda: os._exit(0)):
        return 0
    with turn(analysis.path, lambda phase: analysis.say("queued", phase=phase)):
        if not analysis.done:
            work_out(analysis)
        lease.release(analysis.path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
