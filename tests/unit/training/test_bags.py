"""What a bag is for: who comes back for what they had before is found by it, and not without it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from pdcn.config import Experiment, Network, Training
from pdcn.nn.two_tower import two_towers
from pdcn.sources.dataset import Dataset
from pdcn.sources.encode import with_bag
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import UNKNOWN, BagField, CategoryField
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.ranks import model_ranks
from pdcn.training.loop import Trainer

EVENTS, ITEMS = 4_000, 30


def coming_back() -> Dataset:
    """Every event asks for one of the two items in its bag; its category says nothing."""
    draws = np.random.default_rng(0)
    held = np.argsort(draws.random((EVENTS, ITEMS)), axis=1)[:, :2].astype(np.int32) + 1
    category = CategoryField("c", "C", (UNKNOWN, "a", "b"))
    numbers = np.zeros((EVENTS, 0), np.float32)
    queries = Table((category,), (), draws.integers(1, 3, (EVENTS, 1), dtype=np.int32), numbers)
    bag = BagField("had", "Had before", (UNKNOWN, *map(str, range(ITEMS))), 2)
    item = CategoryField("i", "I", (UNKNOWN, *map(str, range(ITEMS))))
    codes = np.arange(1, ITEMS + 1, dtype=np.int32)[:, None]
    return Dataset(
        "back",
        "Coming back",
        "",
        with_bag(queries, bag, held),
        Table((item,), (), codes, np.zeros((ITEMS, 0), np.float32)),
        tuple(map(str, range(ITEMS))),
        held[np.arange(EVENTS), draws.integers(0, 2, EVENTS)].astype(np.int64) - 1,
        draws.integers(0, 50, EVENTS),
        np.arange(EVENTS, dtype=np.int64),
        (3_000, 3_300),
    )


def found(dataset: Dataset) -> float:
    """The share of test events whose item is one of the first two."""
    training = Training(epochs=8, batch=200, learning_rate=0.02)
    experiment = Experiment(network=Network(deep=(16,), output=16, id_embedding=16), training=training)
    data = DeviceData(dataset, torch.device("cpu"))
    one = Trainer(data, experiment, "parallel", 0)
    one.lap(10_000)
    return float((model_ranks(two_towers(one.finish()), data, dataset.events("test")) < 2).mean())


def test_what_is_in_the_bag_is_found() -> None:
    dataset = coming_back()
    plain = dataset.queries
    without = replace(dataset, queries=Table(plain.categories, (), plain.single.copy(), plain.values))
    assert found(dataset) > 0.75  # 2 of 30 by chance
    assert found(without) < 0.2
