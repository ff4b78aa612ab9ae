"""Which events, which candidates, in which order: a function of the seed alone, equal for all arms."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pdcn.config import Training
from pdcn.datasets.schema import Dataset, Table


@dataclass(frozen=True)
class Rows:
    """A table on a device: codes (rows, F) int32 and values (rows, M) float32."""

    codes: Tensor
    values: Tensor

    @classmethod
    def of(cls, table: Table, device: torch.device) -> Rows:
        """Copy a table to the device."""
        return cls(torch.tensor(table.codes, device=device), torch.tensor(table.values, device=device))

    def __getitem__(self, index: Tensor | slice) -> tuple[Tensor, Tensor]:
        if isinstance(index, slice):
            return self.codes[index], self.values[index]
        return self.codes.index_select(0, index), self.values.index_select(0, index)


class DeviceData:
    """A dataset on a device, as training and evaluation read it."""

    def __init__(self, dataset: Dataset, device: torch.device) -> None:
        self.dataset, self.device = dataset, device
        self.queries = Rows.of(dataset.queries, device)
        self.items = Rows.of(dataset.items, device)
        self.positive = torch.tensor(dataset.positive, dtype=torch.int32, device=device)
        share = dataset.counts / max(1, dataset.counts.sum())
        self.share = torch.tensor(share, dtype=torch.float32, device=device)  # (N,)

    def __len__(self) -> int:
        return self.dataset.bounds[0]


@dataclass(frozen=True)
class Batch:
    """B events and C candidates; the first B candidates are the events' positives."""

    events: Tensor  # (B,)
    candidates: Tensor  # (C,) item indices
    log_q: Tensor  # (C,)
    hits: Tensor  # (n,) accidental hits, as ascending places in the flattened (B, C)


def steps_per_epoch(events: int, batch: int) -> int:
    """Full batches only: the rest of an epoch is left out, another rest in each epoch."""
    return max(1, events // batch)


def draws(data: DeviceData, training: Training, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """The events (B,) and uniform items (M,) of every step, epoch after epoch, drawn from the seed on the CPU.

    Drawing on the CPU makes a seed mean the same batches on every device.
    """
    drawn = np.random.default_rng([seed, 20_160_817])
    size = min(training.batch, len(data))
    for _ in range(training.epochs):
        order = drawn.permutation(len(data))
        for step in range(steps_per_epoch(len(data), size)):
            uniform = drawn.integers(len(data.items.codes), size=training.negatives)
            yield torch.from_numpy(order[step * size : (step + 1) * size]), torch.from_numpy(uniform)


def batches(data: DeviceData, training: Training, seed: int) -> Iterator[Batch]:
    """Every batch of a training run, as `draws` draws them."""
    for events, uniform in draws(data, training, seed):
        yield assemble_batch(data, events, uniform, log_q=training.log_q)


def assemble_batch(data: DeviceData, events: Tensor, uniform: Tensor, *, log_q: bool) -> Batch:
    """Candidates, their log sampling probability and the accidental hits of a batch.

    With M uniform negatives beside B in-batch ones, a candidate was drawn from the mixture
    q = (B p + M / N) / (B + M) (Yang et al., WWW 2020), where p is its share of the training events.
    """
    events = events.to(data.device, non_blocking=True)
    positive = data.positive[events]  # (B,)
    candidates = torch.cat((positive, uniform.to(positive)))  # (C,)
    correction = sampling(data, candidates, len(events)) if log_q else data.share.new_zeros(len(candidates))
    return Batch(events, candidates, correction, accidental_hits(candidates, len(events)))


def sampling(data: DeviceData, candidates: Tensor, batch: int) -> Tensor:
    """Log probability (..., C) that a candidate was drawn from the mixture that `assemble_batch` names."""
    q, uniform = data.share[candidates], candidates.shape[-1] - batch
    if uniform:
        q = (batch * q + uniform / len(data.share)) / (batch + uniform)
    return q.clamp_min(math.exp(-30)).log()


def accidental_hits(candidates: Tensor, batch: int) -> Tensor:
    """Where among candidates (C,) a row's own positive stands again, as ascending places in the flattened (B, C).

    Few are: finding them through an order takes a tenth of the time of comparing all with all.

    >>> accidental_hits(torch.tensor([5, 7, 5, 7]), 2).tolist()  # row 0: place 2, row 1: place 3
    [2, 7]
    """
    order = candidates.argsort(stable=True)
    ordered, positive = candidates[order], candidates[:batch]
    first = torch.searchsorted(ordered, positive)
    count = torch.searchsorted(ordered, positive, right=True) - first  # (B,) at least one: itself
    row = torch.repeat_interleave(count)
    within = torch.arange(len(row), device=row.device) - (count.cumsum(0) - count)[row]
    column = order[first[row] + within]
    return (row * len(candidates) + column)[row != column]
