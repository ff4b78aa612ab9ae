"""What an arm trains: towers by name, how its weights are drawn, and what it costs."""

from __future__ import annotations

import hashlib
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pdcn.nn.tower import Tower


class Model(nn.Module, ABC):
    """What an arm trains for a task: towers by name, of whose outputs a score is made."""

    @property
    @abstractmethod
    def towers(self) -> dict[str, Tower]:
        """Its towers by the names that their weights begin with."""

    def tower(self, name: str) -> Tower:
        """The tower of that name."""
        return self.towers[name]

    @property
    def own_losses(self) -> bool:
        """Whether each branch has a loss of its own."""
        return False

    @property
    def temperature(self) -> Tensor:
        """What scores are divided by."""
        return torch.ones(())

    @property
    def scalars(self) -> int:
        """How many learned numbers it is served with beside its towers."""
        return 0

    def hold_temperature(self) -> None:
        """Bring the temperature back into its range, where one is learned."""


def initialise(model: Model, seed: int, embedding_std: float) -> None:
    """Draw every weight from a generator of its own, named by the seed and the weight's name.

    So two arms that share a part (the embeddings always, cross and deep layers where their shapes
    agree) start from the same values in it, whatever else they are made of.
    Embeddings, and the vectors of a sequence's places: normal with `embedding_std`, but 0 for code 0: no training event
    has an unknown value, so its embedding never learns and must say nothing. Matrices: uniform in +-sqrt(3 / fan in),
    which keeps the spread of a linear layer's input. Biases 0, layer norms 1.
    """
    for name, weight in model.named_parameters():
        if name == "log_temperature":
            continue
        name_seed = int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8], "big")
        draws = torch.Generator().manual_seed(name_seed % 2**63)
        with torch.no_grad():
            if name.endswith("embedding.weight"):
                weight.copy_(torch.randn(weight.shape, generator=draws) * embedding_std)
                for table in model.towers[name.partition(".")[0]].embedding.every_table():
                    table[0] = 0.0
            elif name.endswith(".position"):
                weight.copy_(torch.randn(weight.shape, generator=draws) * embedding_std)
            elif weight.dim() >= 2:
                bound = math.sqrt(3 / weight.shape[-1])
                weight.copy_((torch.rand(weight.shape, generator=draws) * 2 - 1) * bound)
            else:
                weight.fill_(1.0 if name.endswith(".weight") else 0.0)


@dataclass(frozen=True)
class Cost:
    """What a model holds and does. `dense` leaves the embedding tables out; FLOPs as in `Block`."""

    total: int
    dense: int
    flops: int


def cost(model: Model) -> Cost:
    """Parameters of the model as it is served, and matrix-product FLOPs of one query and one item.

    A second head, and vectors of groups of items, are there for training alone.
    """
    blocks = [block for tower in model.towers.values() for block in tower.plan().blocks]
    total = sum(block.parameters for block in blocks) + model.scalars
    tables = sum(block.parameters for block in blocks if block.kind == "embedding")
    return Cost(total, total - tables, sum(block.flops for block in blocks))
