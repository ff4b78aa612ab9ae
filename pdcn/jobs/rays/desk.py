"""Where cells on other machines tell how far they are, and hear whether to go on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from pdcn.jobs.cells import Lap


@dataclass(frozen=True)
class LapTold:
    """A lap without its cell, as it travels; `measuring` once the training is over."""

    lap: Lap | None
    measuring: bool = False
    device: str = ""


class Desk:
    """Where cells tell how far they are, and hear whether to go on. One is made for every call of an executor."""

    def __init__(self) -> None:
        self.word, self.steps = "go", 0
        self.told: list[tuple[int, int, list[LapTold]]] = []
        self.held: set[tuple[int, int]] = set()
        self.owing: set[tuple[int, int]] = set()
        self.changed = asyncio.Event()

    async def tell(self, place: int, attempt: int, laps: list[LapTold]) -> str:
        """Take what a cell tells; "go", "step" for one lap, or "stop". The answer waits while all are held, but for
        a cell that is trained."""
        self.told.append((place, attempt, laps))
        self.owing.discard((place, attempt))
        steps, trained = self.steps, any(one.measuring for one in laps)
        self.held.add((place, attempt))
        while self.word == "hold" and self.steps == steps and not trained:
            await self.changed.wait()
        self.held.discard((place, attempt))
        return "step" if self.word == "hold" else self.word

    async def say(self, word: str) -> None:
        """Let all go, hold them, let each of them make one step, or stop them."""
        if word == "step":
            self.steps += 1
            self.owing = {*self.held}
        self.word = "hold" if word == "step" else word
        self.changed.set()
        self.changed = asyncio.Event()

    async def heard(self) -> list[tuple[int, int, list[LapTold]]]:
        """What was told since this was last asked: the cell's place, its attempt, and its laps."""
        told, self.told = self.told, []
        return told

    async def owed(self) -> set[tuple[int, int]]:
        """Who was let make a step, by place and attempt, and has not told of it yet."""
        return self.owing
