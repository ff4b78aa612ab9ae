"""What each tower of a model is looked at with: events for a query tower, the catalogue for an item tower, and events
with their items for a joint network."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from pdcn.arrays import Ints, spaced
from pdcn.config import JOINT
from pdcn.nn.joint import beside
from pdcn.sources.dataset import Dataset
from pdcn.sources.encoded_table import Table
from pdcn.tasks.ranking.loss import inputs
from pdcn.tasks.retrieval.batches import DeviceData, Rows


def rows_of(data: DeviceData, tower: str, events: Ints) -> tuple[Rows, Tensor]:
    """Rows for the tower of that name, and which of them."""
    index = torch.from_numpy(events).to(data.device)
    if tower == "query":
        return data.queries, index
    if tower == JOINT:
        return Rows(*inputs(data, index)), torch.arange(len(events), device=data.device)
    return data.items, torch.arange(len(data.items.codes), device=data.device)


def table_of(dataset: Dataset, tower: str, events: Ints) -> tuple[Table, Ints]:
    """The table of these rows, and which of its rows they are."""
    if tower == "query":
        return dataset.queries, events
    if tower == JOINT:
        queries, items = dataset.queries.at(events), dataset.items.at(dataset.positive[events])
        return beside(queries, items), np.arange(len(events), dtype=np.int64)
    return dataset.items, np.arange(len(dataset.items), dtype=np.int64)


def labelled(dataset: Dataset, events: Ints, most: int) -> Ints:
    """At most so many of the events, in their order: half of them of each label, evenly spaced among their like.

    What orders pairs of both labels needs both, however rare one of them is. Where one label has fewer, the other has
    its room.
    """
    assert dataset.outcome is not None
    chosen = dataset.outcome[events] > 0
    of_label = [events[chosen], events[~chosen]]
    half = most // 2
    kept = [own[spaced(len(own), max(half, most - len(other)))] for own, other in (of_label, of_label[::-1])]
    return np.sort(np.concatenate(kept))
