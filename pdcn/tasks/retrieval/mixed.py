"""Batches and losses where events have several outcomes.

Shapes: B batch, U different items among the candidates, M uniform and K hard negatives, A advertisers of the batch, H
output width.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from pdcn.config import Training
from pdcn.nn.two_tower import TwoTower
from pdcn.tasks.retrieval.advertisers import Among, Owners
from pdcn.tasks.retrieval.batches import Batch, DeviceData, assemble_batch
from pdcn.tasks.retrieval.hard import Pool
from pdcn.tasks.retrieval.loss import sampled_softmax, with_branches

if TYPE_CHECKING:
    from pdcn.tasks.retrieval.outcomes import OutcomeRetrieval


@dataclass(frozen=True)
class MixedBatch(Batch):
    """A batch, the rows (places among B) of each head where there are two, and its advertisers where they have a
    loss."""

    rows: tuple[Tensor, ...] = ()
    among: Among | None = None


@dataclass(frozen=True)
class Mixer:
    """What batches are made of, known before the first."""

    data: DeviceData
    training: Training
    served: Tensor | None  # (n,) which events the served head learns from, where there are two
    owners: Owners | None
    pool: Pool | None

    @classmethod
    def of(cls, data: DeviceData, training: Training, task: OutcomeRetrieval) -> Mixer:
        """What a task needs of the data."""
        told, said, served = data.dataset.feedback, task.settings, None
        if told is None:
            return cls(data, training, None, None, None)
        if said.heads == "two" and len(task.learned) > 1:
            assert data.dataset.outcome is not None
            own = told.group_of(data.dataset.outcome) == said.served
            served = torch.from_numpy(np.asarray(own, bool)).to(data.device)
        owners = Owners.known(data, min(training.batch, len(data))) if said.advertiser_loss else None
        return cls(data, training, served, owners, Pool.of(data) if task.hard(data, training) else None)

    def batch(self, events: Tensor, uniform: Tensor, hard: Tensor | None = None) -> MixedBatch:
        """The batch of these events (B,), uniform items (M,) and hard negatives (K,)."""
        more = None if hard is None or self.pool is None else (hard, self.pool.share)
        plain = assemble_batch(self.data, events, uniform, log_q=self.training.log_q, hard=more)
        rows: tuple[Tensor, ...] = ()
        if self.served is not None:
            served = self.served[plain.events]
            rows = served.nonzero()[:, 0], (~served).nonzero()[:, 0]
        among = None
        if self.owners is not None:
            positive = self.data.positive[plain.events]
            among = self.owners.among(positive, plain.items, log_q=self.training.log_q)
        return MixedBatch(**vars(plain), rows=rows, among=among)


def mixed_loss(model: TwoTower, data: DeviceData, batch: MixedBatch, advertiser_loss: float) -> Tensor:
    """The loss of a model on a batch; see `loss_of`."""
    each, two = model.own_losses, bool(batch.rows)
    query = model.query(*data.queries[batch.events], each=each, both=two) / model.temperature
    items = model.item(*data.items[batch.items], each=each, both=two)

    def advertisers(among: Among, items: Tensor) -> Tensor:
        return among.means(items, normalise=model.item.normalise) if model.groups is None else model.group(among.codes)

    return loss_of(query, items, batch, advertiser_loss, advertisers, each=each)


def loss_of(
    query: Tensor,
    items: Tensor,
    batch: MixedBatch,
    advertiser_loss: float,
    advertisers: Callable[[Among, Tensor], Tensor],
    *,
    each: bool = False,
) -> Tensor:
    """The sum over heads of the softmax of its events, as shares of the batch's, and so much of the advertiser loss.

    query (B, H), divided by the temperature, and items (U, H), with the heads in front where there are two, and behind
    these with `each` those of the branches, whose losses are combined as in `Retrieval`. The advertiser loss is that of
    the served head's queries against what `advertisers` makes of the batch's, (A, H).
    """
    heads: list[tuple[Tensor, Tensor, Tensor | None]] = [(query, items, None)]
    if batch.rows:
        heads = [*zip(query, items, batch.rows, strict=True)]
    losses = [_of_head(*head, batch, each) for head in heads if head[2] is None or len(head[2])]
    if batch.among is not None:
        query, items, places = heads[0]
        among, own = batch.among, HeadEvents(batch, places)
        if each:
            query, items = query[0], items[0]
        if own.many:
            whose = advertisers(among, items)
            once = torch.ones(len(whose), device=whose.device)
            found = sampled_softmax(own.take(query), whose, among.log_q, once, own.of(among.own), own.weight)
            losses.append(advertiser_loss * own.share * found)
    return torch.stack(losses).sum()


@dataclass(frozen=True)
class HeadEvents:
    """Some of a batch's events, by their places; all where it is None."""

    batch: Batch
    places: Tensor | None

    @property
    def many(self) -> int:
        """How many they are."""
        return len(self.batch.events) if self.places is None else len(self.places)

    @property
    def share(self) -> float:
        """Their share of the batch."""
        return self.many / len(self.batch.events)

    def of(self, column: Tensor) -> Tensor:
        """Theirs of something that each event has, (B, ...)."""
        return column if self.places is None else column[self.places]

    def take(self, query: Tensor) -> Tensor:
        """Their vectors, (..., B, H)."""
        return query if self.places is None else query.index_select(-2, self.places)

    @property
    def weight(self) -> Tensor | None:
        """What each counts, where they do not count alike."""
        return None if self.batch.weight is None else self.of(self.batch.weight)


def _of_head(query: Tensor, items: Tensor, places: Tensor | None, batch: Batch, each: bool) -> Tensor:
    """The softmax of a head's own events over all candidates of the batch, as a share of the batch."""
    own = HeadEvents(batch, places)
    had = None if batch.had is None else own.of(batch.had)

    def softmax(query: Tensor, items: Tensor) -> Tensor:
        return sampled_softmax(query, items, batch.log_q, batch.times, own.of(batch.own), own.weight, had)

    some = own.take(query)
    return own.share * (with_branches(*map(softmax, some, items)) if each else softmax(some, items))
