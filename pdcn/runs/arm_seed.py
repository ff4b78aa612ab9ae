"""How a training went, of one arm from one seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pdcn.training.loop import Trainer, TrainingState


@dataclass(frozen=True)
class ArmSeed:
    """How one arm fared from one seed.

    `validation` is the value of the best check, whose weights were kept: check `best_check` of `checks`, after step
    `best_step`. Check 0 is that of the untrained weights. `before_the_end` is the best value that the first three
    quarters of the steps had reached.
    """

    arm: str
    seed: int
    state: TrainingState
    reason: str
    steps: int
    planned: int
    examples: int
    seconds: float
    validation: float
    best_step: int
    best_check: int
    checks: int
    too_short: bool
    before_the_end: float | None = None

    RECORD: ClassVar = (
        *("seed", "state", "reason", "steps", "planned", "validation"),
        *("best_step", "best_check", "checks", "too_short", "before_the_end"),
    )
    """What a record holds of it."""

    @classmethod
    def of(cls, trainer: Trainer) -> ArmSeed:
        """The record of a trainer that has finished."""
        same = (
            *("arm", "seed", "state", "reason", "seconds"),
            *("best_step", "best_check", "checks", "too_short", "before_the_end"),
        )
        return cls(
            **{name: getattr(trainer, name) for name in same},
            steps=trainer.step,
            planned=trainer.steps,
            examples=trainer.step * min(trainer.settings.batch, len(trainer.data)),
            validation=trainer.best_validation,
        )
