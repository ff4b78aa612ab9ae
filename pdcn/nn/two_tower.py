"""The two-tower model: fields to embeddings to x0 to wiring to head, for queries and for items.

Shapes: B batch, F categorical fields, P places of all bags, M numeric fields, E embedding width, D width of x0, H
output width.
"""

from __future__ import annotations

import hashlib
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, cast

import torch
from torch import Tensor, nn

from pdcn.config import Experiment, Network
from pdcn.nn.blocks import Block, Branch
from pdcn.nn.parts import DeepNetwork
from pdcn.nn.sequence import SequenceEncoder
from pdcn.nn.towers import Meeting, Wired
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import SequenceField
from pdcn.wirings import wiring_of, wirings

Side = Literal["query", "item"]
SIDES: tuple[Side, ...] = ("query", "item")
TEMPERATURE_RANGE = (0.01, 10.0)
LOG_TEMPERATURE_RANGE = (math.log(TEMPERATURE_RANGE[0]), math.log(TEMPERATURE_RANGE[1]))


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


class FieldEmbedding(nn.Module):
    """All fields' embeddings in one table: codes (B, F + P) -> (B, widths of categories and bags together).

    A field is E wide, or a multiple of it: then each of its values owns several rows, one after the other. A bag is the
    mean of what its values have, and zeros where it has none. A sequence is the mean over its actions, each of which is
    the sum of what its channels have; or what an encoder of its own makes of them, if the network has one; or zeros, if
    the network leaves it out.
    """

    starts: Tensor
    """The first row of each field."""
    column: Tensor
    span: Tensor
    first: Tensor

    def __init__(self, table: Table, network: Network, widths: tuple[int, ...] = ()) -> None:
        super().__init__()
        fields = (*table.categories, *(channel for bag in table.bags for channel in bag.channels))
        plain = len(table.categories)
        values = [len(field.values) for field in fields]
        widths = widths or network.widths(values[:plain], len(table.bags))
        self.depths = [len(bag.channels) for bag in table.bags]
        """Channels of each bag."""
        spans = [width // network.embedding for width in widths[:plain]]
        for width, depth in zip(widths[plain:], self.depths, strict=True):
            spans += [width // network.embedding] * depth
        self.left_out = network.sequence == "none"
        self.sequences = tuple(at for at, bag in enumerate(table.bags) if isinstance(bag, SequenceField))
        """Which of the bags are sequences."""
        self.encoders = nn.ModuleDict(
            {
                str(at): SequenceEncoder(table.bags[at].places, widths[plain + at], network)
                for at in self.sequences
                if network.sequence == "transformer"
            }
        )
        own = {int(at): cast(SequenceEncoder, encoder).out for at, encoder in self.encoders.items()}
        bags = (own.get(at, width) for at, width in enumerate(widths[plain:]))
        self.widths = (*widths[:plain], *bags)
        """How wide each category and bag is in x0."""
        self.sizes = tuple(size * span for size, span in zip(values, spans, strict=True))
        """Rows of each field."""
        # of every row that a category is looked up in: the category, the rows that its values own, and its first row;
        # worked out by Python, as on the meta device, which counts towers, PyTorch would import its compiler for it
        starts = [0, *accumulate(self.sizes)][:-1]
        column = [at for at in range(plain) for _ in range(spans[at])]
        span = [spans[at] for at in column]
        first = [starts[at] + row for at in range(plain) for row in range(spans[at])]
        buffers = {"starts": starts, "column": column, "span": span, "first": first}
        for name, whole in buffers.items():
            self.register_buffer(name, torch.tensor(whole, dtype=torch.int64), persistent=False)
        self.single, self.columns = plain, [bag.columns for bag in table.bags]
        self.spans = spans
        self.weight = nn.Parameter(torch.empty(sum(self.sizes), network.embedding))

    def forward(self, codes: Tensor) -> Tensor:
        single, *bags = self._split(codes)
        rows = single.index_select(1, self.column) * self.span + self.first  # (B, sum of spans)
        # the gradient of index_select adds rows up four times as fast on a CPU as that of functional.embedding
        found = [self.weight.index_select(0, rows.flatten()).view(len(codes), -1)]
        found += [self.of_bag(bag, held) for bag, held in enumerate(bags)]
        return torch.cat(found, 1) if bags else found[0]

    def of_bag(self, bag: int, held: Tensor) -> Tensor:
        """What x0 has of a bag with such codes (B, columns), (B, its width in x0)."""
        if self.left_out and bag in self.sequences:
            return self.weight.new_zeros(len(held), self.widths[self.single + bag])
        if str(bag) in self.encoders:
            return cast(Tensor, self.encoders[str(bag)](*self.actions(bag, held)))
        return self.mean(bag, held)

    def part(self, single: Tensor, bags: Sequence[Tensor], first: int, first_bag: int) -> tuple[Tensor, Tensor]:
        """What some fields have: categories (B, f) from place `first` on, and bags (B, columns) from `first_bag` on.

        (B, widths of these categories) and (B, widths of these bags), for rows of which others are known already.
        """
        spans = self.spans[:first], self.spans[first : first + single.shape[1]]
        rows = slice(sum(spans[0]), sum(spans[0]) + sum(spans[1]))
        index = single.index_select(1, self.column[rows] - first) * self.span[rows] + self.first[rows]
        found = self.weight.index_select(0, index.flatten()).view(len(single), -1)
        several = [self.of_bag(bag, held) for bag, held in enumerate(bags, first_bag)]
        return found, torch.cat([self.weight.new_zeros(len(single), 0), *several], 1)

    def _split(self, codes: Tensor) -> tuple[Tensor, ...]:
        return cast("tuple[Tensor, ...]", codes.split([self.single, *self.columns], 1))  # type: ignore[no-untyped-call]

    def held(self, codes: Tensor, bag: int) -> Tensor:
        """The codes of a bag, (B, its columns), out of all codes (B, F + P)."""
        return self._split(codes)[1 + bag]

    def mean(self, bag: int, held: Tensor) -> Tensor:
        """A bag's codes (B, columns) as a mean over its places, summed over its channels, (B, width of a value)."""
        at = self._first_of(bag)
        each = [self._mean(channel, at + own) for own, channel in enumerate(held.chunk(self.depths[bag], 1))]
        return each[0] if len(each) == 1 else torch.stack(each).sum(0)

    def actions(self, bag: int, held: Tensor) -> tuple[Tensor, Tensor]:
        """A sequence's codes (B, columns) as its actions (B, places, width), each the sum of what its channels have,
        and which places have one (B, places)."""
        channels, at = held.chunk(self.depths[bag], 1), self._first_of(bag)
        # of a code 0 nothing is learned: it says that a channel knows nothing of an action, or that there is none
        each = [
            self._each(codes, at + own) * (codes > 0)[..., None].to(self.weight) for own, codes in enumerate(channels)
        ]
        return torch.stack(each).sum(0), torch.stack(channels).amax(0) > 0

    def _first_of(self, bag: int) -> int:
        """The number of a bag's first channel among all fields."""
        return self.single + sum(self.depths[:bag])

    def _each(self, held: Tensor, at: int) -> Tensor:
        """The embeddings of the codes (B, places) of field `at`, (B, places, its width)."""
        span = self.spans[at]
        own = torch.arange(span, device=held.device)
        rows = held[..., None].long() * span + self.starts[at] + own  # (B, places, span)
        return self.weight.index_select(0, rows.flatten()).view(*held.shape, -1)

    def _mean(self, held: Tensor, at: int) -> Tensor:
        """The mean of the embeddings of the codes (B, places) of field `at`, (B, its width); 0 stands for no value."""
        each = self._each(held, at)
        counts = (held > 0).to(each)
        share = counts / counts.sum(1, keepdim=True).clamp_min(1)
        return torch.bmm(share[:, None], each).squeeze(1)

    def every_table(self) -> list[Tensor]:
        """The embeddings of the values of each category and of each channel of a bag, (values, width), as views."""
        parts = self.weight.split(self.sizes)  # type: ignore[no-untyped-call]
        e = self.weight.shape[1]
        return [part.view(-1, span * e) for part, span in zip(parts, self.spans, strict=True)]

    def tables(self) -> list[Tensor]:
        """The embeddings of each field's values, (values, width), as views; of a bag those of its first channel."""
        every = self.every_table()
        return [*every[: self.single], *(every[self._first_of(bag)] for bag in range(len(self.depths)))]

    @property
    def encoded(self) -> tuple[int, ...]:
        """Which of the bags are sequences of which x0 has something else than a mean."""
        return self.sequences if self.left_out or len(self.encoders) else ()

    def encoder(self, bag: int) -> SequenceEncoder | None:
        """What makes a field of x0 of a bag that is a sequence; None where that is its mean."""
        return cast(SequenceEncoder, self.encoders[str(bag)]) if str(bag) in self.encoders else None


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

    def hold_temperature(self) -> None:
        """Bring the temperature back into its range, where one is learned."""


class TwoTower(Model):
    """Two towers and a learned temperature: score = query . item / temperature.

    What some losses need beside them while they are trained: a second head of each tower, and a vector for each of so
    many groups of items, such as an advertiser's.
    """

    def __init__(
        self, queries: Table, items: Table, experiment: Experiment, arm: str, *, heads: int = 1, groups: int = 0
    ) -> None:
        super().__init__()
        (query_wiring, item_wiring), (query, item) = wirings(arm), experiment.networks()
        self.query = Tower(queries, query, query_wiring, heads)
        self.item = Tower(items, item, item_wiring, heads)
        self.groups = nn.Parameter(torch.empty(groups, item.output)) if groups else None
        start = math.log(experiment.training.temperature)
        self.log_temperature = nn.Parameter(torch.tensor(start))

    @property
    def towers(self) -> dict[str, Tower]:
        """The query tower and the item tower."""
        return {"query": self.query, "item": self.item}

    def group(self, groups: Tensor) -> Tensor:
        """Vectors (A, H) of these groups of items (A,), finished as those of a tower are."""
        assert self.groups is not None
        vectors = self.groups[groups]
        return unit(vectors) if self.item.normalise else vectors

    @property
    def own_losses(self) -> bool:
        """Whether each branch has a loss of its own: its query and item branch at one place are a pair.

        So where the wirings of both towers ask for it, with as many branches; other towers have the plain loss alone.
        """
        query, item = (self.tower(side).wiring.wiring for side in SIDES)
        return query.own_losses and item.own_losses and len(query.branches) == len(item.branches)

    @property
    def temperature(self) -> Tensor:
        """What scores are divided by: learned on a log scale, kept within TEMPERATURE_RANGE."""
        return self.log_temperature.clamp(*LOG_TEMPERATURE_RANGE).exp()

    @torch.no_grad()
    def hold_temperature(self) -> None:
        """Bring the temperature back into its range after a step: beyond it no gradient would."""
        self.log_temperature.clamp_(*LOG_TEMPERATURE_RANGE)


def two_towers(model: Model) -> TwoTower:
    """The model, which has a tower for queries and one for items; `TypeError` where it has not."""
    if not isinstance(model, TwoTower):
        raise TypeError(f"expected a query tower and an item tower, got {', '.join(model.towers)}")
    return model


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
    total = sum(block.parameters for block in blocks) + isinstance(model, TwoTower)  # which has a temperature
    tables = sum(block.parameters for block in blocks if block.kind == "embedding")
    return Cost(total, total - tables, sum(block.flops for block in blocks))
