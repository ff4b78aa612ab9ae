"""A job that lies in a run's folder, of whatever kind: it says how far it is, listens, and ends in a state."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from pdcn.runs.folder import Progress, RunFolder, State

T = TypeVar("T")
KINDS = {"calibration": "pdcn.research.calibrate.CalibrationJob"}
"""What carries out each further kind of job that a request may name: a `Job`, which is imported when one is begun."""

LOCAL = "local"
"""The executor of a request that names none."""
FAR = {"ray": "pdcn.jobs.rays"}
"""Modules that carry work out on other machines, by the name before an address: `connected(address)` opens one."""


class Control(Protocol):
    """What drives a job listens to. `proceed` may wait; false means stop. `stopping` and `paused` answer at once: where
    `proceed` let something go on that is paused, it was for one step."""

    @property
    def paused(self) -> bool: ...
    def proceed(self, progress: Progress) -> bool: ...
    def stopping(self) -> bool: ...


@dataclass(frozen=True)
class Free:
    """Control that never interferes."""

    paused: bool = False

    def proceed(self, progress: Progress) -> bool:
        """Go on."""
        return True

    def stopping(self) -> bool:
        """Never."""
        return False


class Stopped(Exception):
    """A stop was asked for, and nothing is left to be measured."""


LISTEN_SECONDS = 0.2
"""How often a stop is looked for during work that cannot be cut short."""
_AT_WORK = threading.Lock()
"""Held by such work, also where its study no longer waits for it: two at once could be too much memory."""


class Job(ABC):
    """Work on its way into a folder. `run` returns the state in which it ended; errors go to whoever called it."""

    def __init__(
        self, folder: RunFolder, control: Control | None = None, watch: Callable[[Progress], None] | None = None
    ) -> None:
        self.folder, self.control = folder, control or Free()
        self.watch = watch or folder.write_progress
        self.experiment = folder.experiment
        self.progress = Progress("running", "")

    @abstractmethod
    def run(self) -> State:
        """Carry it out, with all that is reached kept."""

    def _listening(self, work: Callable[[], T]) -> T:
        """What `work` returns; `Stopped` as soon as a stop is asked for, whatever the work is busy with.

        The work runs in a thread of its own, which goes on after a stop: a dataset that it prepares is in the cache
        then.
        """
        found: Future[T] = Future()
        awaited = threading.Event()
        awaited.set()

        def carry_out() -> None:
            try:
                with _AT_WORK:
                    if awaited.is_set():  # else it was stopped before its turn came
                        found.set_result(work())
            except BaseException as error:  # whoever waits is told, whatever it is
                found.set_exception(error)

        threading.Thread(target=carry_out, daemon=True).start()
        while not wait([found], LISTEN_SECONDS).done:
            if self.control.stopping():
                awaited.clear()
                raise Stopped
        return found.result()

    def fail(self, message: str, state: State) -> None:
        """End the run with an explanation; what it had reached stays in the folder."""
        self._say(state=state, left=None, message=message)

    def _say(self, **changes: object) -> None:
        self.progress = replace(self.progress, **changes)  # type: ignore[arg-type]
        self.watch(self.progress)
