"""The weights of S alike models in one piece of memory, so that clipping and Adam each are one pass over all of
them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

ALIGNED = 16
"""Every weight begins at a multiple of so many numbers, 64 bytes of float32, where a processor reads fastest."""


@dataclass(frozen=True)
class Flat:
    """Weights (P,) with their gradient, views of both by name, (S, ...) each, and whose each weight is, (P,).

    `decays` (P,) is 1 at what weight decay shrinks: embeddings and matrices, but no bias, no layer norm and no
    temperature, whose size is no sign of overfitting, and nothing that is frozen. Room that keeps weights aligned stays
    zero.
    """

    weights: Tensor
    views: dict[str, Tensor]
    model: Tensor
    decays: Tensor

    @torch.no_grad()
    def decay(self, rate: float | Tensor) -> None:
        """Shrink what decays by a share, or by one of each weight (P,): decoupled decay (AdamW, arXiv 1711.05101)."""
        if isinstance(rate, Tensor) or rate:
            self.weights.mul_(1 - rate * self.decays)

    @property
    def gradient(self) -> Tensor:
        """What backward passes have added up since it was last set to zero, (P,)."""
        return cast(Tensor, self.weights.grad)

    def norms(self) -> Tensor:
        """Length of each model's gradient, (S,)."""
        gradients = [cast(Tensor, view.grad).reshape(len(view), -1) for view in self.views.values()]
        each = torch.stack([torch.linalg.vector_norm(one, dim=1) for one in gradients])  # (weights, S)
        return cast(Tensor, torch.linalg.vector_norm(each, dim=0))


def flatten(models: Sequence[nn.Module]) -> Flat:
    """Move the models' weights into one piece of memory; they and their gradients become views of it.

    >>> one, other = nn.Linear(2, 1, bias=False), nn.Linear(2, 1, bias=False)
    >>> flat = flatten([one, other])
    >>> _ = flat.weights.fill_(3.0)
    >>> other.weight.tolist(), tuple(flat.views["weight"].shape)
    ([[3.0, 3.0]], (2, 1, 2))
    """
    first = dict(models[0].named_parameters())
    rooms = {name: -(-len(models) * weight.numel() // ALIGNED) * ALIGNED for name, weight in first.items()}
    like = next(iter(first.values()))
    weights = torch.zeros(sum(rooms.values()), dtype=like.dtype, device=like.device)
    weights.grad = torch.zeros_like(weights)
    model = torch.zeros(len(weights), dtype=torch.int64, device=like.device)
    decays = torch.zeros_like(weights)
    own = [dict(one.named_parameters()) for one in models]
    views, start = {}, 0
    for name, weight in first.items():
        part, shape = slice(start, start + len(models) * weight.numel()), (len(models), *weight.shape)
        view, gradient = weights[part].view(shape), weights.grad[part].view(shape)
        for row, parameters in enumerate(own):
            view[row] = parameters[name].detach()
            parameters[name].data, parameters[name].grad = view[row], gradient[row]
        model[part].view(len(models), -1).copy_(torch.arange(len(models))[:, None])
        decays[part] = float(weight.dim() >= 2 and weight.requires_grad)
        views[name] = view.requires_grad_()
        views[name].grad = gradient
        start += rooms[name]
    return Flat(weights, views, model, decays)
