"""Whoever reads a clock waits until nothing is trained that would disturb it."""

from __future__ import annotations

import time
from collections.abc import Callable

from pdcn.jobs import words as at_work
from pdcn.runs.store import Store

NAP = 0.5
"""Seconds between two looks at who trains."""


class Quiet:
    """Waits until no run of this home is trained, says for which, and whether one was since it was last asked."""

    def __init__(self, store: Store, say: Callable[[str], None], nap: float = NAP) -> None:
        self.store, self.say, self.nap = store, say, nap
        self.begun = self._begun()

    def _begun(self) -> set[str]:
        return {row.run for row in self.store.rows(kind=None) if row.state != "queued"}

    def __call__(self) -> bool:
        waited = False
        while running := [row.run for row in self.store.rows(kind=None) if row.state == "running"]:
            waited = True
            self.say(at_work.WAITS_FOR_TRAINING(run=running[-1]))
            time.sleep(self.nap)
        before, self.begun = self.begun, self._begun()
        return waited or bool(self.begun - before)
