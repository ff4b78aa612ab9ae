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
        return self.codes[index], self.values[index]


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
    hits: Tensor  # (B, C) accidental hits


def steps_per_epoch(events: int, batch: int) -> int:
    """Full batches only: the rest of an epoch is left out, another rest in each epoch."""
    return max(1, events // batch)


def batches(data: DeviceData, training: Training, seed: int) -> Iterator[Batch]:
    """Every batch of a training run, epoch after epoch, drawn from the seed on the CPU.

    Drawing on the CPU makes a seed mean the same batches on every device.
    """
    draws = np.random.default_rng([seed, 20_160_817])
    size = min(training.batch, len(data))
    for _ in range(training.epochs):
        order = draws.permutation(len(data))
        for step in range(steps_per_epoch(len(data), size)):
            events = torch.from_numpy(order[step * size : (step + 1) * size])
            uniform = torch.from_numpy(draws.integers(len(data.items.codes), size=training.negatives))
            yield assemble_batch(data, events, uniform, log_q=training.log_q)


def assemble_batch(data: DeviceData, events: Tensor, uniform: Tensor, *, log_q: bool) -> Batch:
    """Candidates, their log sampling probability and the accidental hits of a batch.

    With M uniform negatives beside B in-batch ones, a candidate was drawn from the mixture
    q = (B p + M / N) / (B + M) (Yang et al., WWW 2020), where p is its share of the training events.
    """
    events = events.to(data.device, non_blocking=True)
    positive = data.positive[events]  # (B,)
    candidates = torch.cat((positive, uniform.to(positive)))  # (C,)
    hits = positive[:, None] == candidates  # (B, C)
    hits.fill_diagonal_(False)
    q = data.share[candidates]
    if len(uniform):
        q = (len(events) * q + len(uniform) / len(data.share)) / (len(events) + len(uniform))
    correction = q.clamp_min(math.exp(-30)).log() if log_q else torch.zeros_like(q)
    return Batch(events, candidates, correction, hits)
