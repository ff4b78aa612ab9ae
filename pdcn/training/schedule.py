"""The learning rate of every step, as a share of its peak, and where a training ends.

Cosine: warm-up, then a cosine towards zero over all steps. Plateau: warm-up, then the peak until validation gets no
better, then straight down to zero (warm-up, stable, decay: MiniCPM, arXiv 2404.06395, Section 4). So a plateau training
ends by itself, and one that reaches its limit first falls to zero there.
"""

from __future__ import annotations

import math

from pdcn.config import Training

COOLING = 0.2
"""How long the rate falls, as a share of the steps before it."""


class Schedule:
    """The schedule of one training of at most `steps` steps, `epoch` of which pass over its events once.

    `last` is the step after which the training ends. `settle` says that validation gets no better.
    """

    def __init__(self, settings: Training, steps: int, epoch: int) -> None:
        self.steps = self.last = steps
        self.cosine = settings.schedule == "cosine"
        self.rise = warmup_steps(steps if self.cosine else min(epoch, steps), settings.warmup)
        self.falls_from = self.rise if self.cosine else max(self.rise, steps - cooling_steps(steps))
        self.settled = False

    def share(self, step: int) -> float:
        """Share of the peak rate in a step, counted from 0.

        Step k of a warm-up of w steps has (k + 1) / w, so that no step trains nothing and the last of them has the
        peak. The fall begins at the peak and would reach zero in the step after the last.

        >>> cosine = Schedule(Training(schedule="cosine", warmup=0.5), 8, 8)
        >>> [round(cosine.share(step), 2) for step in range(8)]
        [0.25, 0.5, 0.75, 1.0, 1.0, 0.85, 0.5, 0.15]
        >>> plateau = Schedule(Training(schedule="plateau", warmup=0.5), 12, 4)
        >>> plateau.settle(5)
        >>> plateau.last, [round(plateau.share(step), 2) for step in range(6)]
        (6, [0.5, 1.0, 1.0, 1.0, 1.0, 1.0])
        """
        if step < self.rise:
            return (step + 1) / self.rise
        if step < self.falls_from:
            return 1.0
        way = (step - self.falls_from) / max(1, self.last - self.falls_from)
        return 0.5 * (1 + math.cos(math.pi * way)) if self.cosine else 1 - way

    def settle(self, step: int) -> None:
        """End the training, as validation gets no better at this step: at once with cosine, else after the fall.

        Nothing where the rate falls already.
        """
        if self.cosine:
            self.last, self.settled = step, True
        elif step < self.falls_from:
            self.falls_from, self.last, self.settled = step, min(self.steps, step + cooling_steps(step)), True


def cooling_steps(step: int) -> int:
    """Steps over which the rate falls after so many steps.

    >>> cooling_steps(1_000), cooling_steps(2)
    (200, 1)
    """
    return max(1, round(COOLING * step))


def warmup_steps(steps: int, warmup: float) -> int:
    """Steps of the warm-up, w: that share of the steps, rounded; none where it comes to half a step or less.

    >>> warmup_steps(716, 0.1), warmup_steps(5, 0.1), warmup_steps(1, 0.9)
    (72, 0, 1)
    """
    return round(warmup * steps)
