"""EDCN (CIKM 2021): a cross network and a deep one that meet at a bridge after every layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast, final

import torch
from torch import Tensor, nn

from pdcn.config import Network
from pdcn.nn.blocks import Block
from pdcn.nn.cross import CrossNetwork
from pdcn.nn.parts import DeepNetwork


@final
class FieldGate(nn.Module):
    """x times F softmax(w), one share for each of the F fields: the regulation of EDCN, (B, D) -> (B, D).

    Times F, which the paper leaves out, so that equal shares, with which it begins, pass x on at its own size. The
    paper's temperature is 1 here.
    """

    field: Tensor

    def __init__(self, fields: tuple[int, ...]) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.zeros(len(fields)))
        places = [at for at, width in enumerate(fields) for _ in range(width)]
        self.register_buffer("field", torch.tensor(places), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return x * (len(self.w) * self.w.softmax(-1))[self.field]


@final
class Bridge(nn.Module):
    """c * d, which of the bridges that EDCN tries is the best."""

    def forward(self, c: Tensor, d: Tensor) -> Tensor:
        return c * d


@final
class BridgedNetwork(nn.Module):
    """The two networks of EDCN (CIKM 2021, DOI 10.1145/3459637.3481915), (B, D) -> (B, 3 D).

    With b_0 = x0, layer l makes c_l = cross(start, G_l b_{l-1}), d_l = deep(G'_l b_{l-1}) and b_l = c_l * d_l. G and G'
    are field gates, and start, in the place of x0, is what the first cross layer is given, G_1 x0. Out come c_L, d_L
    and b_L side by side, which without layers all are x0. Deep layers are as many as cross layers and as wide as x0:
    the network's deep widths do not apply.
    """

    ENDS = ("cross", "deep", "bridge")

    def __init__(self, fields: tuple[int, ...], network: Network, crossing: str = "") -> None:
        super().__init__()
        self.width = sum(fields)
        self.out = len(self.ENDS) * self.width
        self.cross = CrossNetwork(fields, network, crossing)
        layers = range(len(self.cross.layers))
        self.deep = nn.ModuleList(DeepNetwork(self.width, network, (self.width,)) for _ in layers)
        self.to_cross, self.to_deep = (nn.ModuleList(FieldGate(fields) for _ in layers) for _ in range(2))
        self.bridge = Bridge()

    def forward(self, x0: Tensor) -> Tensor:
        start, c, d, b = None, x0, x0, x0
        for to_cross, cross, to_deep, deep in zip(
            self.to_cross, self.cross.layers, self.to_deep, self.deep, strict=True
        ):
            given = to_cross(b)
            start = given if start is None else start
            d, c = deep(to_deep(b)), cross(start, given)
            b = self.bridge(c, d)
        return torch.cat((c, d, b), -1)

    def blocks(self) -> Iterator[Block]:
        """Of each layer the deep and the cross one, each with its gate, and the bridge."""
        for depth, cross in enumerate(self.cross.blocks()):
            gated = cross.parameters + sum(weight.numel() for weight in self.to_cross[depth].parameters())
            deep = self.to_deep[depth], self.deep[depth]
            yield Block.of(f"Deep {depth + 1}", "deep", self.width, self.width, *deep)
            yield replace(cross, parameters=gated)
            yield Block.of(f"Bridge {depth + 1}", "cross", self.width, self.width, self.bridge)

    def sides(self) -> dict[str, list[nn.Parameter]]:
        """Parameters of its cross and of its deep network, gates included."""
        both = {"cross": (self.to_cross, self.cross), "deep": (self.to_deep, self.deep)}
        return {side: [weight for own in modules for weight in own.parameters()] for side, modules in both.items()}

    def first(self) -> None:
        """It begins with gates."""
        return

    def after(self, x0: Tensor, given: Tensor, product: Tensor) -> Tensor:
        """Never asked for."""
        raise NotImplementedError

    def steps(self) -> tuple[nn.Module, ...]:
        """Its layers and the bridge, which run in the order of the blocks."""
        deep = (step for network in self.deep for step in cast(DeepNetwork, network).steps())
        return (*self.cross.layers, *deep, self.bridge)


@final
class End(nn.Module):
    """One of the three that a bridged network puts out, (B, 3 D) -> (B, D)."""

    def __init__(self, end: str, width: int) -> None:
        super().__init__()
        self.end, self.out = end, width // len(BridgedNetwork.ENDS)

    def forward(self, given: Tensor) -> Tensor:
        start = BridgedNetwork.ENDS.index(self.end) * self.out
        return given[..., start : start + self.out]

    def blocks(self) -> Iterator[Block]:
        """One block without a weight."""
        kind = "deep" if self.end == "deep" else "cross"
        yield Block.of(f"Last {self.end}", kind, self.out, self.out)

    def first(self) -> None:
        """It begins with no linear layer."""
        return

    def after(self, x0: Tensor, given: Tensor, product: Tensor) -> Tensor:
        """Never asked for."""
        raise NotImplementedError

    def steps(self) -> tuple[nn.Module, ...]:
        """Itself."""
        return (self,)
