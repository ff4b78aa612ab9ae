"""The two-tower model: fields to embeddings to x0 to wiring to head, for queries and for items.

Shapes: B batch, F categorical fields, M numeric fields, E embedding width, D = F E + M width of x0,
H output width.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Literal, cast

import torch
from torch import Tensor, nn

from pdcn.config import Experiment, Network
from pdcn.nn.blocks import Block, Branch
from pdcn.nn.towers import DeepNetwork, Wired
from pdcn.sources.schema import Table
from pdcn.wirings import WIRINGS, wirings

Side = Literal["query", "item"]
SIDES: tuple[Side, ...] = ("query", "item")
TEMPERATURE_RANGE = (0.01, 10.0)
LOG_TEMPERATURE_RANGE = (math.log(TEMPERATURE_RANGE[0]), math.log(TEMPERATURE_RANGE[1]))


@dataclass(frozen=True)
class TowerPlan:
    """A tower as a diagram: embedding, branches beside each other, where each begins, where they join, head."""

    wiring: str
    embedding: Block
    branches: tuple[Branch, ...]
    join: Block | None
    head: Block
    starts: tuple[str, ...] = ()

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Every block once."""
        inner = tuple(block for branch in self.branches for block in branch)
        return (self.embedding, *inner, *((self.join,) if self.join else ()), self.head)


class FieldEmbedding(nn.Module):
    """All fields' embeddings in one table: codes (B, F) -> (B, F E)."""

    offsets: Tensor

    def __init__(self, sizes: tuple[int, ...], width: int) -> None:
        super().__init__()
        starts = torch.tensor((0, *sizes[:-1]), dtype=torch.int64).cumsum(0)
        self.register_buffer("offsets", starts[: len(sizes)], persistent=False)
        self.weight = nn.Parameter(torch.empty(sum(sizes), width))

    def forward(self, codes: Tensor) -> Tensor:
        rows = (codes + self.offsets).flatten()  # (B F,)
        # the gradient of index_select adds rows up four times as fast on a CPU as that of functional.embedding
        return self.weight.index_select(0, rows).view(len(codes), -1)


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
    """One side of the model: codes (B, F) and values (B, M) -> (B, H), of length one by default."""

    def __init__(self, table: Table, network: Network, wiring: str) -> None:
        super().__init__()
        sizes = tuple(len(field.values) for field in table.categories)
        self.name, self.normalise = wiring, network.normalise
        fields = (network.embedding,) * len(sizes) + (1,) * len(table.numbers)
        self.width = sum(fields)  # D
        self.embedding = FieldEmbedding(sizes, network.embedding)
        self.wiring = Wired(fields, network, WIRINGS[wiring])
        self.hidden = DeepNetwork(self.wiring.out, network, network.head)
        self.head = nn.Linear(self.hidden.out, network.output)

    def x0(self, codes: Tensor, values: Tensor) -> Tensor:
        """The input of the wiring: embeddings of all fields, then the numbers, (B, D)."""
        return torch.cat((self.embedding(codes), values), dim=-1)

    def forward(self, codes: Tensor, values: Tensor) -> Tensor:
        return self.above(self.x0(codes, values))

    def above(self, x0: Tensor) -> Tensor:
        """All that stands above x0: (B, D) -> (B, H)."""
        return self.finished(self.wiring(x0))

    def finished(self, joined: Tensor) -> Tensor:
        """What stands above the wiring: (B, out) -> (B, H)."""
        out = self.head(self.hidden(joined))
        return unit(out) if self.normalise else cast(Tensor, out)

    def plan(self) -> TowerPlan:
        """The tower's diagram and cost; looking an embedding up counts no FLOPs."""
        table = self.embedding.weight.numel()
        out = self.head.out_features
        return TowerPlan(
            self.name,
            Block("Embeddings", "embedding", len(self.embedding.offsets), self.width, table, 0),
            self.wiring.branches(),
            self.wiring.join_block(),
            Block.of("Head", "head", self.wiring.out, out, self.hidden, self.head),
            self.wiring.starts(),
        )


class TwoTower(nn.Module):
    """Two towers and a learned temperature: score = query . item / temperature."""

    def __init__(self, queries: Table, items: Table, experiment: Experiment, arm: str) -> None:
        super().__init__()
        (query_wiring, item_wiring), (query, item) = wirings(arm), experiment.networks()
        self.query = Tower(queries, query, query_wiring)
        self.item = Tower(items, item, item_wiring)
        start = math.log(experiment.training.temperature)
        self.log_temperature = nn.Parameter(torch.tensor(start))

    def tower(self, side: Side) -> Tower:
        """The tower of a side."""
        return self.query if side == "query" else self.item

    @property
    def temperature(self) -> Tensor:
        """What scores are divided by: learned on a log scale, kept within TEMPERATURE_RANGE."""
        return self.log_temperature.clamp(*LOG_TEMPERATURE_RANGE).exp()

    @torch.no_grad()
    def hold_temperature(self) -> None:
        """Bring the temperature back into its range after a step: beyond it no gradient would."""
        self.log_temperature.clamp_(*LOG_TEMPERATURE_RANGE)


def initialise(model: TwoTower, seed: int, embedding_std: float) -> None:
    """Draw every weight from a generator of its own, named by the seed and the weight's name.

    So two arms that share a part (the embeddings always, cross and deep layers where their shapes
    agree) start from the same values in it, whatever else they are made of.
    Embeddings: normal with `embedding_std`, but 0 for code 0: no training event has an unknown value,
    so its embedding never learns and must say nothing. Matrices: uniform in +-sqrt(3 / fan in), which keeps
    the spread of a linear layer's input. Biases 0, layer norms 1.
    """
    for name, weight in model.named_parameters():
        if name == "log_temperature":
            continue
        name_seed = int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8], "big")
        draws = torch.Generator().manual_seed(name_seed % 2**63)
        with torch.no_grad():
            if name.endswith("embedding.weight"):
                weight.copy_(torch.randn(weight.shape, generator=draws) * embedding_std)
                tower = model.query if name.startswith("query.") else model.item
                weight[tower.embedding.offsets] = 0.0
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


def cost(model: TwoTower) -> Cost:
    """Parameters of the model, and matrix-product FLOPs of one query and one item."""
    blocks = (*model.query.plan().blocks, *model.item.plan().blocks)
    total = sum(block.parameters for block in blocks) + 1  # the temperature
    tables = sum(block.parameters for block in blocks if block.kind == "embedding")
    return Cost(total, total - tables, sum(block.flops for block in blocks))
