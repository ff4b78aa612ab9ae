"""The wirings: how a cross network and a deep network (MLP) are joined. One class each.

A wiring maps x0 (B, D) to (B, `out`) and lists its `branches`, so that the same description draws
the diagram and counts the cost. `WIRINGS` resolves a name, once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import cast, final

import torch
from torch import Tensor, nn

from pdcn.config import Network
from pdcn.nn.cross import CrossNetwork

ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "gelu": nn.GELU, "silu": nn.SiLU, "tanh": nn.Tanh}


@dataclass(frozen=True)
class Block:
    """One box of a tower diagram, with its widths and its cost for one example.

    `flops` counts matrix products as 2 x in x out, the convention of PyTorch's FlopCounterMode;
    elementwise work is left out.
    """

    name: str
    kind: str
    into: int
    out: int
    parameters: int
    flops: int

    @classmethod
    def of(cls, name: str, kind: str, into: int, out: int, *modules: nn.Module) -> Block:
        """A block made of modules; each weight matrix is used once for each example."""
        weights = [p for module in modules for p in module.parameters()]
        return cls(
            name,
            kind,
            into,
            out,
            parameters=sum(p.numel() for p in weights),
            flops=sum(2 * p.numel() for p in weights if p.dim() >= 2),
        )


Branch = tuple[Block, ...]


@final
class DeepNetwork(nn.Module):
    """An MLP: Linear, layer norm where wanted, activation, dropout, for each width.

    >>> network = Network(deep=(4, 3))
    >>> [(block.into, block.out) for block in DeepNetwork(5, network).blocks()]
    [(5, 4), (4, 3)]
    """

    def __init__(self, width: int, network: Network, widths: tuple[int, ...] | None = None) -> None:
        super().__init__()
        widths = network.deep if widths is None else widths
        self.widths = (width, *widths)
        self.linears = nn.ModuleList(map(nn.Linear, self.widths[:-1], self.widths[1:]))
        self.norms = nn.ModuleList(nn.LayerNorm(w) for w in widths if network.layer_norm)
        self.activation = ACTIVATIONS[network.activation]()
        self.dropout = nn.Dropout(network.dropout)

    @property
    def out(self) -> int:
        """Width of the output."""
        return self.widths[-1]

    def forward(self, x: Tensor) -> Tensor:
        for depth, linear in enumerate(self.linears):
            x = linear(x)  # (B, widths[depth + 1])
            if self.norms:
                x = self.norms[depth](x)
            x = self.dropout(self.activation(x))
        return x

    def blocks(self) -> Iterator[Block]:
        """One block a layer."""
        for depth, linear in enumerate(self.linears):
            norms = [self.norms[depth]] if self.norms else []
            into, out = self.widths[depth : depth + 2]
            yield Block.of(f"Deep {depth + 1}", "deep", into, out, linear, *norms)


class Wiring(nn.Module, ABC):
    """What all wirings share: the width of their output and the list of their branches."""

    out: int

    @abstractmethod
    def branches(self) -> tuple[Branch, ...]:
        """The blocks of each branch from x0 upwards; branches stand beside each other."""

    def join_block(self) -> Block | None:
        """The block in which the branches meet; None where there is one branch."""
        return None


def _cross_blocks(cross: CrossNetwork) -> Branch:
    return tuple(
        Block.of(f"Cross {depth + 1}", "cross", cross.width, cross.width, layer)
        for depth, layer in enumerate(cross.layers)
    )


@final
class SequentialTower(Wiring):
    """deep(cross(x0)): the deep network sees only what the cross network lets through."""

    def __init__(self, width: int, network: Network) -> None:
        super().__init__()
        self.cross = CrossNetwork(width, network)
        self.deep = DeepNetwork(width, network)
        self.out = self.deep.out

    def forward(self, x0: Tensor) -> Tensor:
        return cast(Tensor, self.deep(self.cross(x0)))  # (B, D) -> (B, D) -> (B, out)

    def branches(self) -> tuple[Branch, ...]:
        return ((*_cross_blocks(self.cross), *self.deep.blocks()),)


@final
class Concat(nn.Module):
    """[c, d]: (B, C), (B, H) -> (B, C + H)."""

    def __init__(self, cross: int, deep: int) -> None:
        super().__init__()
        self.out = cross + deep

    def forward(self, c: Tensor, d: Tensor) -> Tensor:
        return torch.cat((c, d), dim=-1)


@final
class Sum(nn.Module):
    """P c + d, where P (H, C) brings the cross branch to the deep branch's width."""

    def __init__(self, cross: int, deep: int) -> None:
        super().__init__()
        self.project = nn.Linear(cross, deep)
        self.out = deep

    def forward(self, c: Tensor, d: Tensor) -> Tensor:
        return cast(Tensor, self.project(c) + d)


@final
class Gated(nn.Module):
    """g * P c + (1 - g) * d with g = sigmoid(A P c + B d + b), one share for each position."""

    def __init__(self, cross: int, deep: int) -> None:
        super().__init__()
        self.project = nn.Linear(cross, deep)
        self.gate = nn.Linear(2 * deep, deep)
        self.out = deep

    def forward(self, c: Tensor, d: Tensor) -> Tensor:
        c = self.project(c)  # (B, C) -> (B, H)
        g = torch.sigmoid(self.gate(torch.cat((c, d), dim=-1)))  # (B, H)
        return g * c + (1 - g) * d


@final
class ParallelTower(Wiring):
    """combine(cross(x0), deep(x0)): both branches read the same input."""

    def __init__(self, width: int, network: Network, combine: type[Concat] | type[Sum] | type[Gated] = Concat) -> None:
        super().__init__()
        self.cross = CrossNetwork(width, network)
        self.deep = DeepNetwork(width, network)
        self.combine = combine(width, self.deep.out)
        self.out = self.combine.out

    def forward(self, x0: Tensor) -> Tensor:
        return cast(Tensor, self.combine(self.cross(x0), self.deep(x0)))  # (B, D) -> (B, out)

    def branches(self) -> tuple[Branch, ...]:
        return _cross_blocks(self.cross), tuple(self.deep.blocks())

    def join_block(self) -> Block:
        name = type(self.combine).__name__
        return Block.of(name, "join", self.cross.width + self.deep.out, self.out, self.combine)


@final
class StackedParallelTower(Wiring):
    """[deep(cross(x0)), deep'(x0)]: a sequential branch beside a second deep network."""

    def __init__(self, width: int, network: Network) -> None:
        super().__init__()
        self.cross = CrossNetwork(width, network)
        self.deep = DeepNetwork(width, network)
        self.beside = DeepNetwork(width, network)
        self.out = self.deep.out + self.beside.out

    def forward(self, x0: Tensor) -> Tensor:
        return torch.cat((self.deep(self.cross(x0)), self.beside(x0)), dim=-1)  # (B, out)

    def branches(self) -> tuple[Branch, ...]:
        return (*_cross_blocks(self.cross), *self.deep.blocks()), tuple(self.beside.blocks())

    def join_block(self) -> Block:
        return Block("Concat", "join", self.out, self.out, 0, 0)


@final
class DeepOnlyTower(Wiring):
    """deep(x0): no explicit crosses."""

    def __init__(self, width: int, network: Network) -> None:
        super().__init__()
        self.deep = DeepNetwork(width, network)
        self.out = self.deep.out

    def forward(self, x0: Tensor) -> Tensor:
        return cast(Tensor, self.deep(x0))

    def branches(self) -> tuple[Branch, ...]:
        return (tuple(self.deep.blocks()),)


@final
class CrossOnlyTower(Wiring):
    """cross(x0): crosses alone."""

    def __init__(self, width: int, network: Network) -> None:
        super().__init__()
        self.cross = CrossNetwork(width, network)
        self.out = width

    def forward(self, x0: Tensor) -> Tensor:
        return cast(Tensor, self.cross(x0))

    def branches(self) -> tuple[Branch, ...]:
        return (_cross_blocks(self.cross),)


@final
class DeepThenCrossTower(Wiring):
    """cross(x0) started from P deep(x0): the crosses still see x0 at every layer, at full width."""

    def __init__(self, width: int, network: Network) -> None:
        super().__init__()
        self.deep = DeepNetwork(width, network)
        self.project = nn.Linear(self.deep.out, width)
        self.cross = CrossNetwork(width, network)
        self.out = width

    def forward(self, x0: Tensor) -> Tensor:
        start = self.project(self.deep(x0))  # (B, D) -> (B, H) -> (B, D)
        return cast(Tensor, self.cross(x0, start))

    def branches(self) -> tuple[Branch, ...]:
        widen = Block.of("Project", "deep", self.deep.out, self.out, self.project)
        return ((*self.deep.blocks(), widen, *_cross_blocks(self.cross)),)


WIRINGS: dict[str, Callable[[int, Network], Wiring]] = {
    "parallel": ParallelTower,
    "parallel_sum": partial(ParallelTower, combine=Sum),
    "parallel_gated": partial(ParallelTower, combine=Gated),
    "sequential": SequentialTower,
    "stacked_parallel": StackedParallelTower,
    "deep_only": DeepOnlyTower,
    "cross_only": CrossOnlyTower,
    "deep_then_cross": DeepThenCrossTower,
}
