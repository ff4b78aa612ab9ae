"""A trunk of experts with a gate and a small tower for each surface: MMoE (Ma et al., KDD 2018, Eq. 5 to 7).

    y_k = h_k(f_k(x)),  f_k(x) = sum_i g_k(x)_i f_i(x),  g_k(x) = softmax(W_k x)

The experts f_i are networks of the arm's wiring on the same x0; surface k has the gate W_k and the tower h_k. A row
goes through all experts, and through the gate and the tower of its own surface alone.
Shapes: B batch, D width of x0, E experts, K surfaces, C width of an expert's output, H output width.
"""

from __future__ import annotations

from itertools import pairwise
from typing import cast, final

import torch
from torch import Tensor, nn

from pdcn.config import Network
from pdcn.nn.blocks import Block
from pdcn.nn.parts import ACTIVATIONS
from pdcn.nn.towers import Wired
from pdcn.nn.two_tower import FieldEmbedding, Tower, TowerPlan
from pdcn.sources.encoded_table import Table
from pdcn.wirings import wiring_of


@final
class OfEach(nn.Module):
    """A linear layer for each of K surfaces: weights (K, out, in), and biases one after the other where wanted."""

    def __init__(self, surfaces: int, into: int, out: int, *, bias: bool = True) -> None:
        super().__init__()
        self.into, self.out = into, out
        self.weight = nn.Parameter(torch.empty(surfaces, out, into))
        # in one row: it begins at zero and does not decay, as all biases do
        self.bias = nn.Parameter(torch.empty(surfaces * out)) if bias else None

    def forward(self, x: Tensor, surface: Tensor) -> Tensor:
        """(B, in) and surfaces (B,) -> (B, out)."""
        found = torch.einsum("boi,bi->bo", self.weight[surface], x)
        return found if self.bias is None else found + self.bias.view(-1, self.out)[surface]

    def flops(self) -> int:
        """Matrix-product FLOPs of one example, which uses the weights of one surface."""
        return 2 * self.into * self.out


@final
class SurfaceTower(Tower):
    """A tower whose wiring stands several times, mixed anew for each surface: (B, F + P), (B, M) -> (B, H).

    The hidden layers of a surface's tower have the widths of the head's; without widths it is one linear layer.
    """

    def __init__(
        self, table: Table, network: Network, wiring: str, widths: tuple[int, ...], *, surface: int, experts: int
    ) -> None:
        nn.Module.__init__(self)  # in place of one wiring and one head there are several
        self.name, self.normalise, self.surface = wiring, False, surface
        self.embedding = FieldEmbedding(table, network, widths)
        self.fields = (*self.embedding.widths, *(1 for _ in table.numbers))
        self.width = sum(self.fields)
        self.experts = nn.ModuleList(Wired(self.fields, network, wiring_of(wiring)) for _ in range(experts))
        surfaces, into = len(table.categories[surface].values), self.expert(0).out
        self.gates = OfEach(surfaces, self.width, experts, bias=False)
        steps = (into, *network.head, network.output)
        self.layers = nn.ModuleList(OfEach(surfaces, a, b) for a, b in pairwise(steps))
        self.activation, self.dropout = ACTIVATIONS[network.activation](), nn.Dropout(network.dropout)

    def expert(self, place: int) -> Wired:
        """The network at a place."""
        return cast(Wired, self.experts[place])

    def forward(self, codes: Tensor, values: Tensor, *, each: bool = False, both: bool = False) -> Tensor:
        if each or both:
            raise ValueError("expected one output of a mixture of experts, not those of branches or of two heads")
        return self.on(self.x0(codes, values), codes[:, self.surface].long())

    def on(self, x0: Tensor, surface: Tensor) -> Tensor:
        """All that stands above x0: (B, D) and surfaces (B,) -> (B, H)."""
        mixed = self.mixed(x0, surface)
        for place, layer in enumerate(self.layers):
            mixed = layer(self.dropout(self.activation(mixed)) if place else mixed, surface)
        return mixed

    def mixed(self, x0: Tensor, surface: Tensor) -> Tensor:
        """f_k(x), Eq. 6: (B, D) and surfaces (B,) -> (B, C)."""
        shares = torch.softmax(self.gates(x0, surface), -1)  # (B, E), Eq. 7
        outputs = torch.stack([expert(x0) for expert in self.experts], 1)  # (B, E, C)
        return (shares[..., None] * outputs).sum(1)

    def plan(self) -> TowerPlan:
        """The tower's diagram and cost: a column an expert, which is one block, then the gates, then the towers."""
        first, experts = self.expert(0), []
        for place, expert in enumerate(self.experts, start=1):
            wired = cast(Wired, expert)
            inner = [block for branch in wired.branches() for block in branch]
            inner += [join] if (join := wired.join_block()) else []
            flops = sum(block.flops for block in inner)
            experts.append((Block.of(f"Expert {place}", "deep", self.width, first.out, wired, flops=flops),))
        towers = [cast(OfEach, layer) for layer in self.layers]
        return TowerPlan(
            self.name,
            Block("Embeddings", "embedding", len(self.embedding.widths), self.width, self.embedding.weight.numel(), 0),
            tuple(experts),
            Block.of("Gates", "join", len(experts) * first.out, first.out, self.gates, flops=self.gates.flops()),
            Block.of("Head", "head", first.out, towers[-1].out, *towers, flops=sum(layer.flops() for layer in towers)),
            tuple("" for _ in experts),
        )
