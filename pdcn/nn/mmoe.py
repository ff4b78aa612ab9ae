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
from pdcn.nn.embedding import FieldEmbedding
from pdcn.nn.parts import ACTIVATIONS
from pdcn.nn.tower import Tower, TowerPlan
from pdcn.nn.wired import Meeting, Wired
from pdcn.sources.encoded_table import Table
from pdcn.wirings import wiring_of

EXPERT = "expert {}"
"""How the output of an expert is named, by its place from 1."""


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
class Mix(nn.Module):
    """sum_i g_i f_i, Eq. 6: outputs (B, C) of E experts, then their shares (B, E) -> (B, C)."""

    def forward(self, *given: Tensor) -> Tensor:
        *outputs, shares = given
        return (shares[..., None] * torch.stack(outputs, 1)).sum(1)


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
        self.mix = Mix()
        steps = (into, *network.head, network.output)
        self.layers = nn.ModuleList(OfEach(surfaces, a, b) for a, b in pairwise(steps))
        self.activation, self.dropout = ACTIVATIONS[network.activation](), nn.Dropout(network.dropout)

    def expert(self, place: int) -> Wired:
        """The network at a place."""
        return cast(Wired, self.experts[place])

    @property
    def networks(self) -> tuple[Wired, ...]:
        """The experts."""
        return tuple(cast(Wired, expert) for expert in self.experts)

    def meetings(self) -> tuple[Meeting, ...]:
        """Where the branches of each expert meet, and where the experts do."""
        return (*super().meetings(), Meeting(self.mix, tuple(map(EXPERT.format, range(1, len(self.experts) + 1)))))

    def holders(self) -> tuple[tuple[tuple[str, ...], tuple[nn.Module, ...]], ...]:
        """The experts, each of which is one block, and the mixture."""
        experts = (((f"{place}.0",), (expert,)) for place, expert in enumerate(self.experts))
        return (*experts, (("join",), (self.mix,)))

    def forward(self, codes: Tensor, values: Tensor, *, each: bool = False, both: bool = False) -> Tensor:
        if each or both:
            raise ValueError("expected one output of a mixture of experts, not those of branches or of two heads")
        return self.above(self.x0(codes, values), codes)

    def above(self, x0: Tensor, codes: Tensor | None = None) -> Tensor:
        """All that stands above x0: (B, D) and codes (B, F + P), which have the surface -> (B, H)."""
        if codes is None:
            raise ValueError("expected codes beside x0, as each surface has a gate and a tower of its own")
        surface, shares = self.surface_of(codes), self.shares(x0, codes)  # first, as gradients are summed in this order
        mixed = self.mix(*(expert(x0) for expert in self.experts), shares)
        for place, layer in enumerate(self.layers):
            mixed = layer(self.dropout(self.activation(mixed)) if place else mixed, surface)
        return cast(Tensor, mixed)

    def surface_of(self, codes: Tensor) -> Tensor:
        """The surface (B,) of rows with codes (B, F + P)."""
        return codes[:, self.surface].long()

    def shares(self, x0: Tensor, codes: Tensor) -> Tensor:
        """g_k(x), Eq. 7, how much each expert counts: (B, D) and codes (B, F + P) -> (B, E)."""
        return torch.softmax(self.gates(x0, self.surface_of(codes)), -1)

    def terms(self, x0: Tensor, codes: Tensor) -> Tensor:
        """What the first matrix of each row's tower makes of a branch, whose terms all experts put in by their shares:
        (B, D) -> (branches, B, width of the first layer), in double precision."""
        surface, first = self.surface_of(codes), cast(OfEach, self.layers[0])
        each = torch.stack([expert.each(x0)[1:] for expert in self.networks]).double()  # (E, branches, B, C)
        mixed = torch.einsum("be,enbc->nbc", self.shares(x0, codes).double(), each)
        return torch.einsum("boc,nbc->nbo", first.weight[surface].double(), mixed)

    def plan(self) -> TowerPlan:
        """The tower's diagram and cost: a column an expert, which is one block, then the gates, then the towers."""
        first, experts = self.expert(0), []
        for place, expert in enumerate(self.experts, start=1):
            wired = cast(Wired, expert)
            inner = [block for branch in wired.branches() for block in branch]
            inner += [join] if (join := wired.join_block()) else []
            flops = sum(block.flops for block in inner)
            experts.append((Block.of(f"Expert {place}", "expert", self.width, first.out, wired, flops=flops),))
        towers = [cast(OfEach, layer) for layer in self.layers]
        return TowerPlan(
            self.name,
            Block("Embeddings", "embedding", len(self.embedding.widths), self.width, self.embedding.weight.numel(), 0),
            tuple(experts),
            Block.of("Gates", "join", len(experts) * first.out, first.out, self.gates, flops=self.gates.flops()),
            Block.of("Head", "head", first.out, towers[-1].out, *towers, flops=sum(layer.flops() for layer in towers)),
            tuple("" for _ in experts),
        )
