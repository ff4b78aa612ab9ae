"""Adam as a function of PyTorch's, for weights in one piece of memory."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor
from torch.optim.adamw import adamw


class Adam:
    """Adam (arXiv 1412.6980) without weight decay, on weights (P,) that have a gradient.

    Its steps are those of `torch.optim.AdamW` to the last bit. That class imports PyTorch's compiler, which would take
    every process that trains more than a second. `rate` may change from step to step.
    """

    def __init__(self, weights: Tensor, rate: float) -> None:
        self.weights, self.rate = weights, rate
        self.fused = weights.device.type in ("cpu", "cuda")
        self.mean, self.square = torch.zeros_like(weights), torch.zeros_like(weights)
        self.steps = torch.zeros((), device=weights.device if self.fused else "cpu")

    @torch.no_grad()
    def step(self) -> None:
        """Move the weights by the gradient that they have."""
        adamw(
            [self.weights],
            [cast(Tensor, self.weights.grad)],
            [self.mean],
            [self.square],
            [],
            [self.steps],
            fused=self.fused,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=self.rate,
            weight_decay=0.0,
            eps=1e-8,
            maximize=False,
        )

    def forget(self) -> None:
        """Begin anew: as if no step had been taken."""
        for part in (self.mean, self.square, self.steps):
            part.zero_()
