"""The boxes of a tower's diagram: widths, parameters and FLOPs of each."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn


def once(module: nn.Module) -> int:
    """Matrix-product FLOPs of one example through a module that uses each of its matrices once: 2 x in x out each."""
    return sum(2 * weight.numel() for weight in module.parameters() if weight.dim() >= 2)


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
    def of(cls, name: str, kind: str, into: int, out: int, *modules: nn.Module, flops: int | None = None) -> Block:
        """A block made of modules; without `flops`, each of their matrices is used once for each example."""
        parameters = sum(p.numel() for module in modules for p in module.parameters())
        return cls(name, kind, into, out, parameters, sum(map(once, modules)) if flops is None else flops)


Branch = tuple[Block, ...]
