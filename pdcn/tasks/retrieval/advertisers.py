"""The advertiser loss: a second sampled softmax, of a query against the advertisers of a batch.

Pinterest (2026-04-27) states that there is an advertiser-level matching objective, and no formula; this one is ours.
Each advertiser of the batch's positives is a candidate once, however many of the events are its own. So its score is
corrected by the log of how likely it is among B events at all, 1 - (1 - p)^B with p its share of the training events,
as in TensorFlow's sampled softmax over candidates drawn without repeats.
Shapes: B events, U items, N items of the catalogue, A advertisers of the batch, H output width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pdcn.arrays import Ints
from pdcn.nn.tower import unit
from pdcn.sources.dataset import Dataset
from pdcn.tasks.retrieval.batches import DeviceData


def owners(dataset: Dataset) -> Ints:
    """The advertiser of each item (N,), as its field has it."""
    assert dataset.feedback is not None
    column = [field.name for field in dataset.items.categories].index(dataset.feedback.advertiser)
    return dataset.items.single[:, column].astype(np.int64)


@dataclass(frozen=True)
class Among:
    """The advertisers of a batch, by the numbers that their field has for them, (A,) in order."""

    codes: Tensor
    own: Tensor  # (B,) the place of each event's
    of_items: Tensor  # (U,) the place of each item's, A where it is none of them
    log_q: Tensor  # (A,)

    def means(self, items: Tensor, *, normalise: bool) -> Tensor:
        """The mean of the vectors of each advertiser's items, (U, H) -> (A, H), brought to length one where the
        towers' are.

        >>> one = torch.tensor([0])
        >>> among = Among(one, one, torch.tensor([0, 1, 0]), torch.zeros(1))
        >>> among.means(torch.tensor([[2.0, 0.0], [9.0, 9.0], [0.0, 4.0]]), normalise=False).tolist()
        [[1.0, 2.0]]
        """
        many = len(self.codes)
        counts = torch.bincount(self.of_items, minlength=many + 1)[:many, None]
        sums = items.new_zeros(many + 1, items.shape[-1]).index_add(0, self.of_items, items)[:many]
        mean = sums / counts
        return unit(mean) if normalise else mean


@dataclass(frozen=True)
class Owners:
    """Whose each item is (N,), and the log of how likely each advertiser is among a batch's events."""

    of: Tensor
    log_q: Tensor

    @classmethod
    def known(cls, data: DeviceData, batch: int) -> Owners:
        """Those of a catalogue, for batches of so many events."""
        of = owners(data.dataset)
        share = np.bincount(of, data.share.double().cpu().numpy()).clip(0, 1)
        with np.errstate(divide="ignore"):
            log_q = np.log(np.maximum(-np.expm1(batch * np.log1p(-share)), np.exp(-30)))
        kept = torch.tensor(log_q, dtype=torch.float32, device=data.device)
        return cls(torch.from_numpy(of).to(data.device), kept)

    def among(self, positive: Tensor, items: Tensor, *, log_q: bool) -> Among:
        """The advertisers of a batch with these positives (B,) and items (U,)."""
        codes, own = torch.unique(self.of[positive.long()], return_inverse=True)
        whose = self.of[items.long()]
        place = torch.searchsorted(codes, whose).clamp_max(len(codes) - 1)
        correction = self.log_q[codes]
        return Among(
            codes,
            own,
            torch.where(codes[place] == whose, place, len(codes)),
            correction if log_q else torch.zeros_like(correction),
        )
