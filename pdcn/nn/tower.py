"""A tower: fields to embeddings to x0 to wiring to head.

Shapes: B batch, F categorical fields, P places of all bags, M numeric fields, D width of x0, H output width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from pdcn.config import Network
from pdcn.nn.blocks import Block, Branch
from pdcn.nn.embedding import FieldEmbedding
from pdcn.nn.parts import DeepNetwork
from pdcn.nn.sequence import SequenceEncoder
from pdcn.nn.wired import Meeting, Wired
from pdcn.sources.encoded_table import Table
from pdcn.wirings import wiring_of


@dataclass(frozen=True)
class TowerPlan:
    """A tower as a diagram: embedding, branches beside each other, where each begins, where they join, head.

    `below` are the ways from the actions of a sequence up into x0, one for each that has such a way.
    """

    wiring: str
    embedding: Block
    branches: tuple[Branch, ...]
    join: Block | None
    head: Block
    starts: tuple[str, ...] = ()
    below: tuple[Branch, ...] = ()

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Every block once."""
        inner = tuple(block for branch in (*self.below, *self.branches) for block in branch)
        return (self.embedding, *inner, *((self.join,) if self.join else ()), self.head)


def unit(x: Tensor) -> Tensor:
    """Each row at length one, (B, H) -> (B, H). A row of zeros stays, and passes no gradient on.

    Such rows come from a last deep layer whose ReLUs are all off. The gradient of `functional.normalize` is
    1e12 there: clipping would then take the step away from everything else.

    >>> unit(torch.tensor([[0.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """
    length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)  # (B, 1)
    return x * torch.where(length > 0, length, torch.inf).reciprocal()


class Tower(nn.Module):
    """One side of the model: codes (B, F + P) and values (B, M) -> (B, H), of length one by default.

    Where no `widths` of the categories' and bags' embeddings are given, they are those of the network. With two heads,
    a `second` one stands beside the head while it is trained. Only `forward` with `both` sees it.
    """

    def __init__(
        self, table: Table, network: Network, wiring: str, heads: int = 1, widths: tuple[int, ...] = ()
    ) -> None:
        super().__init__()
        self.name, self.normalise = wiring, network.normalise
        self.embedding = FieldEmbedding(table, network, widths)
        self.fields = (*self.embedding.widths, *(1 for _ in table.numbers))
        """How wide each field is in x0."""
        self.width = sum(self.fields)  # D
        self.wiring = Wired(self.fields, network, wiring_of(wiring))
        self.hidden = DeepNetwork(self.wiring.out, network, network.head)
        self.head = nn.Linear(self.hidden.out, network.output)
        self.second = nn.Linear(self.hidden.out, network.output) if heads == 2 else None

    def x0(self, codes: Tensor, values: Tensor) -> Tensor:
        """The input of the wiring: embeddings of all fields, then the numbers, (B, D)."""
        return torch.cat((self.embedding(codes), values), dim=-1)

    def forward(self, codes: Tensor, values: Tensor, *, each: bool = False, both: bool = False) -> Tensor:
        """With `each` (1 + branches, B, H): the output, then what the head makes of each branch's term alone.

        With `both` that of the head, then that of the second one, (2, ...).
        """
        x0 = self.x0(codes, values)
        if both:
            return self._of_both(self.wiring.each(x0) if each else self.wiring(x0))
        return self.finished(self.wiring.each(x0)) if each else self.above(x0)

    @property
    def networks(self) -> tuple[Wired, ...]:
        """What stands on x0: one network of the wiring, or several beside each other."""
        return (self.wiring,)

    def meetings(self) -> tuple[Meeting, ...]:
        """Where several outputs meet, each of which may be muted: of each network's branches, and of the networks."""
        return tuple(meeting for wired in self.networks if (meeting := wired.meeting()))

    def holders(self) -> tuple[tuple[tuple[str, ...], tuple[nn.Module, ...]], ...]:
        """What puts out what the blocks of the diagram hold between x0 and the head: keys of blocks from below upwards,
        and the modules that put it out in this order, one of which may do so several times."""
        found: list[tuple[tuple[str, ...], tuple[nn.Module, ...]]] = []
        for column, parts in enumerate(self.wiring.columns()):
            row = 0
            for part in map(self.wiring.part, parts):
                many = sum(1 for _ in part.blocks())
                found.append((tuple(f"{column}.{at}" for at in range(row, row + many)), part.steps()))
                row += many
        return (*found, (("join",), (self.wiring,))) if self.wiring.combine is not None else tuple(found)

    def shares(self, x0: Tensor, codes: Tensor) -> Tensor:
        """How much each of its networks counts in a row's output: (B, D) and codes (B, F + P) -> (B, networks)."""
        return x0.new_ones(len(x0), 1)

    def terms(self, x0: Tensor, codes: Tensor) -> Tensor:
        """What the head's first matrix makes of the term that each of several branches puts into the join: (B, D) ->
        (branches, B, width of the first layer), in double precision."""
        first = self.hidden.first() if len(self.hidden.linears) else self.head
        return self.wiring.each(x0)[1:].double() @ first.weight.T.double()

    def above(self, x0: Tensor, codes: Tensor | None = None) -> Tensor:
        """All that stands above x0: (B, D) -> (B, H).

        `codes` (B, F + P) are those that x0 was looked up for. Only a tower that tells its rows apart reads them.
        """
        return self.finished(self.wiring(x0))

    def finished(self, joined: Tensor) -> Tensor:
        """What stands above the wiring: (B, out) -> (B, H)."""
        out = self.head(self.hidden(joined))
        return unit(out) if self.normalise else cast(Tensor, out)

    def _of_both(self, joined: Tensor) -> Tensor:
        """What both heads make of what the wiring puts out: (B, out) -> (2, B, H)."""
        assert self.second is not None
        hidden = self.hidden(joined)
        out = torch.stack((self.head(hidden), self.second(hidden)))
        return unit(out) if self.normalise else out

    def plan(self) -> TowerPlan:
        """The tower's diagram and cost; looking an embedding up counts no FLOPs."""
        table = self.embedding.weight.numel()
        out = self.head.out_features
        return TowerPlan(
            self.name,
            Block("Embeddings", "embedding", len(self.embedding.widths), self.width, table, 0),
            self.wiring.branches(),
            self.wiring.join_block(),
            Block.of("Head", "head", self.wiring.out, out, self.hidden, self.head),
            self.wiring.starts(),
            tuple(tuple(cast(SequenceEncoder, one).blocks()) for one in self.embedding.encoders.values()),
        )
