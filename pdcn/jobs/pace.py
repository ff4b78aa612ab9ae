"""How fast a study goes, and how long it has yet to go."""

from __future__ import annotations

import time
from dataclasses import dataclass

SLICES = 4
"""Cells that could be measured while one looks where the difference comes from, as in the showcase."""


@dataclass
class Pace:
    """Time at work, and what it says of the time left; waiting while paused does not count.

    `total` counts the steps, `cells` those that are yet to be measured. Measuring one takes `each` seconds, as long as
    no time was taken of it, and counts with whatever else is done once cells are trained.
    """

    total: int
    cells: int
    each: float
    done: int = 0
    worked: float = 0.0
    since: float | None = None
    measured: int = 0
    measuring: float = 0.0
    trained: float | None = None

    def begin(self) -> None:
        """Work goes on from here."""
        self.since = time.perf_counter()

    def end(self, done: int) -> None:
        """Work has come so many steps further, and rests."""
        self.done += done
        if self.since is not None:
            self.worked, self.since = self.worked + time.perf_counter() - self.since, None

    def begin_measuring(self) -> None:
        """Cells are trained from here on."""
        self.trained = time.perf_counter()

    def end_measuring(self, cells: int) -> None:
        """So many cells are measured, and all that follows from them is kept."""
        self.cells -= cells
        if self.trained is not None:
            self.measured, self.measuring = self.measured + cells, self.measuring + time.perf_counter() - self.trained
            self.trained = None

    def after(self, cells: int) -> float:
        """Seconds that it takes to measure so many cells."""
        return cells * (self.measuring / self.measured if self.measured else self.each)

    @property
    def left(self) -> float | None:
        """Seconds to go at the pace so far, with what happens after training."""
        if not self.done:
            return None
        return self.worked / self.done * (self.total - self.done) + self.after(self.cells + SLICES)
