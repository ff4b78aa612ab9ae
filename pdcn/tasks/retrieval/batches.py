"""Which events, which candidates, in which order: a function of the seed alone, equal for all arms."""

from __future__ import annotations

import math
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pdcn.arrays import Ints
from pdcn.config import Training
from pdcn.settings import SettingError
from pdcn.sources.dataset import Dataset
from pdcn.sources.encoded_table import Table
from pdcn.tasks import words as say

MOST_PAIRS = 1_000_000_000
"""Users times items of which it is held who had what, a byte each."""


def on_device(array: NDArray[Any], device: torch.device) -> Tensor:
    """The array copied to the device; one that is mapped from a file stays there for a CPU, which reads what it
    needs."""
    if device.type != "cpu" or not isinstance(array, np.memmap):
        return torch.tensor(array, device=device)
    lent = array.view()
    lent.setflags(write=True)  # as torch asks; nobody does, and the file would stay as it is
    return torch.from_numpy(lent)


@dataclass(frozen=True)
class Rows:
    """A table on a device: codes (rows, F) int32 and values (rows, M) float32."""

    codes: Tensor
    values: Tensor

    @classmethod
    def of(cls, table: Table, device: torch.device) -> Rows:
        """A table on the device; see `on_device`."""
        return cls(on_device(table.codes, device), on_device(table.values, device))

    def __getitem__(self, index: Tensor | slice) -> tuple[Tensor, Tensor]:
        if isinstance(index, slice):
            return self.codes[index], self.values[index]
        return self.codes.index_select(0, index), self.values.index_select(0, index)


class DeviceData:
    """A dataset on a device, as training and evaluation read it.

    `train` are the events that are trained on, where they are not those of the training part, each once.
    """

    def __init__(self, dataset: Dataset, device: torch.device) -> None:
        self.dataset, self.device = dataset, device
        self.queries = Rows.of(dataset.queries, device)
        self.items = Rows.of(dataset.items, device)
        mapped = device.type == "cpu" and isinstance(dataset.positive, np.memmap)
        kind = torch.int64 if mapped else torch.int32
        self.positive = on_device(dataset.positive, device).to(kind)
        self.outcome = None if dataset.outcome is None else torch.tensor(dataset.outcome, device=device)  # (n,)
        counted = None if dataset.weight is None else np.flatnonzero(dataset.weight[dataset.part("train")])
        self.train: Ints | None = None if counted is None or len(counted) == dataset.bounds[0] else counted
        self._count(dataset.part("train") if self.train is None else self.train)
        self.drawn: Ints | None = None
        """The users that were drawn anew, each once, where some were."""
        self.user: Tensor | None = None
        self.had: Tensor | None = None
        """Who had what in the training part (U, N), where that is left out; `user` (n,) are its rows."""
        if dataset.leave_out:
            users = int(dataset.user.max()) + 1
            if users * len(dataset.items) > MOST_PAIRS:
                raise SettingError(say.TOO_MANY_PAIRS(most=MOST_PAIRS, users=users, items=len(dataset.items)))
            train = dataset.part("train")
            self.user = torch.tensor(dataset.user, device=device)
            self.had = torch.zeros(users, len(dataset.items), dtype=torch.bool, device=device)
            self.had[self.user[train], torch.tensor(dataset.positive[train], device=device)] = True

    def __len__(self) -> int:
        return self.dataset.bounds[0] if self.train is None else len(self.train)

    def resampled(self, seed: int) -> DeviceData:
        """The same data, of which users drawn anew by the seed are trained on; see `resampled`."""
        found = copy(self)
        known = np.arange(self.dataset.bounds[0]) if self.train is None else self.train
        found.train = known[resampled(self.dataset.user[known], seed)]
        found.drawn = np.unique(self.dataset.user[found.train])
        found._count(found.train)
        return found

    def _count(self, train: Ints | slice) -> None:
        """Take from the events that are trained on how often each item is drawn, and what an event counts."""
        dataset = self.dataset
        counts = np.bincount(dataset.positive[train], minlength=len(dataset.items))
        self.share = torch.tensor(counts / max(1, counts.sum()), dtype=torch.float32, device=self.device)  # (N,)
        self.weight: Tensor | None = None
        """What each event counts in the loss (n,), where training events count one on average."""
        if dataset.weight is not None:
            self.weight = torch.tensor(dataset.weight / dataset.weight[train].mean(), device=self.device)


def resampled(user: Ints, seed: int) -> Ints:
    """Places (n,) of training events whose users, `user` (n,), are drawn anew by the seed alone, with replacement.

    A cluster bootstrap (Davison & Hinkley 1997, sec. 3.8): a user comes with all events, as often as drawn, until there
    are as many events as before; the latest of the last user are left out, so that every seed has as many steps. About
    a third of the users are not drawn; what tells them from others, such as an id, is then not learned.

    >>> resampled(np.array([5, 7, 9, 7, 5, 9]), 1).tolist()  # 5 twice, 7 once
    [0, 0, 1, 3, 4, 4]
    """
    draws = np.random.default_rng([seed, 19_790_101])
    order = np.argsort(user, kind="stable")
    _, start, count = np.unique(user[order], return_index=True, return_counts=True)
    drawn = np.empty(0, np.int64)
    while count[drawn].sum() < len(user):
        drawn = np.concatenate((drawn, draws.integers(len(count), size=len(count))))
    each = count[drawn]
    place = np.arange(each.sum()) - np.repeat(each.cumsum() - each, each)  # of an event among its user's
    return np.sort(order[(np.repeat(start[drawn], each) + place)[: len(user)]])


@dataclass(frozen=True)
class Batch:
    """B events and C candidates, the first B of which are the events' positives; U different items are among them.

    Popular items stand several times among the candidates: each is encoded and scored once, and counted `times`.
    Of S seeds at once every part has S in front, and U is C: an item that stands several times counts at the first of
    its places, and 0 `times` at the others.
    """

    events: Tensor  # (B,)
    items: Tensor  # (U,) item indices
    times: Tensor  # (U,) how often each is a candidate
    log_q: Tensor  # (U,)
    place: Tensor  # (C,) of each candidate among the items
    weight: Tensor | None = None  # (B,) what each event counts, where they do not count alike
    had: Tensor | None = None  # (B, U) what an event's user has had and is not its own item, where that is left out

    @property
    def own(self) -> Tensor:
        """Place of each event's positive among the items, (B,)."""
        return self.place[..., : self.events.shape[-1]]

    @property
    def candidates(self) -> Tensor:
        """Every candidate's item, (C,)."""
        return self.items[self.place]

    @property
    def hits(self) -> Tensor:
        """Accidental hits, (B, C): true where a candidate is the row's own positive under another index."""
        hits = self.own[:, None] == self.place
        hits.fill_diagonal_(False)
        return hits


def steps_per_epoch(events: int, batch: int) -> int:
    """Full batches only: the rest of an epoch is left out, another rest in each epoch."""
    return max(1, events // batch)


def draws(data: DeviceData, training: Training, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """The events (B,) and uniform items (M,) of every step, epoch after epoch, drawn from the seed on the CPU.

    Drawing on the CPU makes a seed mean the same batches on every device.
    """
    drawn = np.random.default_rng([seed, 20_160_817])
    size = min(training.batch, len(data))
    steps = steps_per_epoch(len(data), size)
    blocks = BLOCKS if training.in_blocks(len(data)) else None
    for _ in range(math.ceil(training.updates / steps) or training.epochs):
        for events in islice(shuffled(drawn, len(data), size, blocks), steps):
            uniform = drawn.integers(len(data.items.codes), size=training.negatives)
            yield torch.from_numpy(events if data.train is None else data.train[events]), torch.from_numpy(uniform)


@dataclass(frozen=True)
class BlockShuffle:
    """A block shuffle: events stand in blocks of `events` neighbours, `mixed` of which are mixed at a time."""

    events: int
    mixed: int


BLOCKS = BlockShuffle(4_096, 256)
"""About a million events mixed at a time, which lie in 256 places of a file."""


def shuffled(drawn: np.random.Generator, events: int, size: int, blocks: BlockShuffle | None = None) -> Iterator[Ints]:
    """One epoch of so many events: batches (`size`,) of their places, each place once; the rest is left out.

    All are shuffled at once, or by blocks: blocks in random order, so many at a time, whose events are shuffled among
    each other (CorgiPile: Xu et al., SIGMOD 2022, Algorithm 1). Then few parts of a file are read at a time, and the
    order takes no memory that grows with the events.
    """
    if blocks is None:
        order = drawn.permutation(events)
        yield from (order[at : at + size] for at in range(0, events - size + 1, size))
        return
    starts = drawn.permutation(-(-events // blocks.events)) * blocks.events
    left = np.empty(0, np.int64)
    for at in range(0, len(starts), blocks.mixed):
        own = (np.arange(start, min(start + blocks.events, events)) for start in starts[at : at + blocks.mixed])
        mixed = np.concatenate([*own])
        drawn.shuffle(mixed)
        left = np.concatenate((left, mixed))
        whole = len(left) - len(left) % size
        yield from (left[at : at + size] for at in range(0, whole, size))
        left = left[whole:]


def assemble_batch(
    data: DeviceData, events: Tensor, uniform: Tensor, *, log_q: bool, hard: tuple[Tensor, Tensor] | None = None
) -> Batch:
    """The batch of these events (B,) and uniformly drawn items (M,), or of S seeds' (S, B) and (S, M).

    With M uniform negatives beside B in-batch ones, a candidate was drawn from the mixture
    q = (B p + M / N) / (B + M) (Yang et al., WWW 2020), where p is its share of the training events. `hard` are K more
    items, drawn by shares h that each item (N,) has: then q = (B p + M / N + K h) / (B + M + K).
    """
    events = events.to(data.device, non_blocking=True)
    positive = data.positive[events].int()  # (B,)
    parts = (positive, uniform.to(positive), *([] if hard is None else [hard[0].to(positive)]))
    candidates = torch.cat(parts, -1)  # (C,)
    if events.dim() == 1:
        items, place, times = torch.unique(candidates, return_inverse=True, return_counts=True)
    else:  # as many items for every seed, and as many as a recorded step of a GPU expects
        items = candidates.sort(-1).values
        place = torch.searchsorted(items, candidates)
        times = torch.zeros_like(place).scatter_add_(-1, place, torch.ones_like(place))
    drawn = events.shape[-1], uniform.shape[-1]
    more = None if hard is None else (hard[0].shape[-1], hard[1])
    correction = sampling(data, items, *drawn, more) if log_q else data.share.new_zeros(items.shape)
    had = None
    if data.had is not None and data.user is not None:
        had = data.had[data.user[events][..., None], items[..., None, :].long()]  # (B, U)
        had.scatter_(-1, place[..., : drawn[0], None], False)
    weight = None if data.weight is None else data.weight[events]
    return Batch(events, items, times, correction, place, weight, had)


def sampling(
    data: DeviceData, items: Tensor, batch: int, uniform: int, hard: tuple[int, Tensor] | None = None
) -> Tensor:
    """Log probability of each item, in any shape, under the mixture that `assemble_batch` names."""
    q = data.share[items]
    if hard is not None:
        many, share = hard
        q = (batch * q + uniform / len(data.share) + many * share[items]) / (batch + uniform + many)
    elif uniform:
        q = (batch * q + uniform / len(data.share)) / (batch + uniform)
    return q.clamp_min(math.exp(-30)).log()
