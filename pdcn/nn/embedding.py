"""The embeddings of a tower's fields, which x0 is made of.

Shapes: B batch, F categorical fields, P places of all bags, E embedding width.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import cast

import torch
from torch import Tensor, nn

from pdcn.config import Network
from pdcn.nn.sequence import SequenceEncoder
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import SequenceField


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
