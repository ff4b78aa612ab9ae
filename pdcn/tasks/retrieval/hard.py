"""Hard negatives: items that were shown and came to nothing, beside those of the batch and those drawn at random.

Shapes: m impressions of the training part, N items, K hard negatives of a step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pdcn.arrays import Ints
from pdcn.settings import SettingError
from pdcn.tasks.retrieval.batches import DeviceData


@dataclass(frozen=True)
class Pool:
    """What hard negatives are drawn from: the items of impressions that came to nothing (m,), and each item's share of
    them, (N,) on the device."""

    items: Ints
    share: Tensor

    @classmethod
    def of(cls, data: DeviceData) -> Pool:
        """The training part's; of users drawn anew those that were drawn, each once. `SettingError` where there are
        none."""
        dataset = data.dataset
        assert dataset.feedback is not None
        passed = dataset.feedback.passed
        rows = passed.part("train")
        items = passed.item[rows]
        if data.drawn is not None:
            items = items[np.isin(passed.user[rows], data.drawn)]
        if not len(items):
            raise SettingError(
                "hard_negatives: expected impressions without engagement in the training part, got none; choose 0"
            )
        share = np.bincount(items, minlength=len(dataset.items)) / len(items)
        return cls(items, torch.tensor(share, dtype=torch.float32, device=data.device))

    def draws(self, plain: Iterator[tuple[Tensor, ...]], many: int, seed: int) -> Iterator[tuple[Tensor, ...]]:
        """What a seed draws without hard negatives, and so many of these behind it, drawn by themselves, (K,)."""
        own = np.random.default_rng([seed, 20_260_427])
        for drawn in plain:
            yield *drawn, torch.from_numpy(self.items[own.integers(len(self.items), size=many)])
