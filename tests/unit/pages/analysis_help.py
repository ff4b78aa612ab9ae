"""A small dataset and models with weights that say something, for the tests of the analyses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar, cast

import numpy as np
import torch

from pdcn.config import Experiment, Network, RankingSettings
from pdcn.nn.joint import Joint
from pdcn.nn.model import Model, initialise
from pdcn.nn.tower import Tower
from pdcn.nn.two_tower import TwoTower
from pdcn.sources.dataset import Dataset
from pdcn.tasks.retrieval.batches import DeviceData
from tests.unit.nn import nn_reference as reference

EVENTS, ITEMS = 60, 30
SURFACE = "f0"
M = TypeVar("M", bound=Model)


def small_data() -> DeviceData:
    """Sixty events of ten users over thirty items; half of the events are test events."""
    draws = np.random.default_rng(3)
    dataset = Dataset(
        "small",
        "Small",
        "",
        reference.table((4, 3, 5), 2, rows=EVENTS, seed=0),
        reference.table((6, 2), 1, rows=ITEMS, seed=1),
        tuple(f"item {n}" for n in range(ITEMS)),
        draws.integers(ITEMS, size=EVENTS),
        draws.integers(10, size=EVENTS),
        np.arange(EVENTS, dtype=np.int64),
        (20, 30),
    )
    return DeviceData(dataset, torch.device("cpu"))


def small_pairs() -> DeviceData:
    """The same, with a label for each event and the item that stands beside it; every user has both labels."""
    dataset = small_data().dataset
    _, place = np.unique(dataset.user, return_inverse=True)
    seen = np.array([(place[:at] == one).sum() for at, one in enumerate(place)])
    return DeviceData(replace(dataset, outcome=(seen % 2).astype(np.float32)), torch.device("cpu"))


def small_joint(data: DeviceData, arm: str = "parallel", seed: int = 0, *, experts: int = 0, **network: Any) -> Joint:
    """A joint network, as `small_model`; or so many experts, mixed anew for each value of the query's first field."""
    settings: dict[str, Any] = {"embedding": 2, "deep": (6, 4), "cross_rank": 2, "experts": 2, **network}
    experiment = Experiment(network=Network(**settings))
    if experts:
        trunk = RankingSettings(trunk="mmoe", trunk_experts=experts)
        experiment = experiment.model_copy(update={"ranking": trunk})  # beside data whose surfaces are made up here
    model = Joint(data.dataset.queries, data.dataset.items, experiment, arm, SURFACE if experts else "")
    return _drawn(model, seed)


def layers_of(tower: Tower) -> list[Any]:
    """The cross layers of a tower."""
    return list(cast(Any, tower.wiring).cross.layers)


def small_model(data: DeviceData, arm: str = "parallel", seed: int = 0, **network: Any) -> TwoTower:
    """A model with large embeddings and drawn biases, so that crosses matter before any training."""
    settings: dict[str, Any] = {"embedding": 2, "deep": (6, 4), "output": 3, "cross_rank": 2, "experts": 2, **network}
    dataset = data.dataset
    return _drawn(TwoTower(dataset.queries, dataset.items, Experiment(network=Network(**settings)), arm), seed)


def _drawn(model: M, seed: int) -> M:
    initialise(model, seed, 1.0)
    draws = torch.Generator().manual_seed(seed)
    for name, weight in model.named_parameters():
        if name.endswith(("bias", "cross.layers.0.b", "cross.layers.1.b")):
            weight.data = torch.randn(weight.shape, generator=draws) * 0.5
    return model.requires_grad_(False).eval()
