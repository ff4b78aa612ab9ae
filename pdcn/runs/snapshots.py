"""Weights kept while the first seed trains, so that a page can show how they came to be."""

from __future__ import annotations

import torch
from safetensors.torch import save_file

from pdcn.files import atomic_path
from pdcn.runs.folder import RunFolder
from pdcn.training.loop import Trainer

COUNT = 9


def moments(steps: int) -> tuple[int, ...]:
    """The steps at which weights are kept: dense at the start, where most of it happens.

    >>> moments(640)
    (0, 10, 40, 90, 160, 250, 360, 490, 640)
    """
    return tuple(sorted({round(steps * (place / (COUNT - 1)) ** 2) for place in range(COUNT)}))


class Snapshots:
    """Keeps the weights of one seed's arms as half-precision files; call `take` after every lap."""

    def __init__(self, folder: RunFolder, seed: int) -> None:
        self.folder, self.seed = folder, seed
        self.taken: dict[str, int] = {}

    def take(self, trainer: Trainer) -> None:
        """Keep the weights as they are now if another moment has come, or if training has just ended."""
        if trainer.seed != self.seed:
            return
        passed = sum(moment <= trainer.step for moment in moments(trainer.steps))
        if trainer.state != "training":
            passed = COUNT + 1
        if passed > self.taken.get(trainer.arm, 0):
            self.taken[trainer.arm] = passed
            weights = {name: weight.to("cpu", torch.float16) for name, weight in trainer.model.state_dict().items()}
            with atomic_path(self.folder.snapshot(trainer.arm, trainer.step)) as partial:
                save_file(weights, partial)
