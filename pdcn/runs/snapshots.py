"""Weights kept while the first seed trains, so that a page can show how they came to be."""

from __future__ import annotations

import torch
from torch import Tensor

from pdcn.training.loop import Trainer

COUNT = 9
EPOCHS = 4
"""Over how many epochs the moments are spread where a training ends by itself, nobody knows when."""


def moments(steps: int) -> tuple[int, ...]:
    """The steps at which weights are kept: dense at the start, where most of it happens.

    >>> moments(640)
    (0, 10, 40, 90, 160, 250, 360, 490, 640)
    """
    return tuple(sorted({round(steps * (place / (COUNT - 1)) ** 2) for place in range(COUNT)}))


class Snapshots:
    """Says which weights of a training are to be kept; ask for what is `due` before it and after every lap."""

    def __init__(self) -> None:
        self.taken = 0

    def due(self, trainer: Trainer) -> dict[str, Tensor] | None:
        """The weights as they are now, in half precision, if another moment has come or training has just ended."""
        steps = trainer.steps
        if not trainer.schedule.cosine:
            steps = min(steps, EPOCHS * trainer.drawn.epoch)
        passed = sum(moment <= trainer.step for moment in moments(steps))
        if trainer.state != "training":
            passed = COUNT + 1
        if passed <= self.taken:
            return None
        self.taken = passed
        return {name: weight.to("cpu", torch.float16) for name, weight in trainer.model.state_dict().items()}
