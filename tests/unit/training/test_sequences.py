"""Training on a sequence: order is found where it matters, all seeds at once learn alike, a budget is met."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from pdcn.evaluation.statistics import paired_interval
from pdcn.nn.two_tower import two_towers
from pdcn.tasks.metric import user_mean
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.ranks import model_ranks
from pdcn.training.budget import matched
from pdcn.training.ensemble import Ensemble
from pdcn.training.loop import Trainer
from tests.unit.sequence_help import ActedData, acted, build, known

DATA = DeviceData(build(ActedData()), torch.device("cpu"))
SEEDS = (0, 1, 2)


@pytest.fixture(autouse=True)
def source() -> Iterator[None]:
    """The data that is trained on is there."""
    with known():
        yield


def test_order_is_found_by_a_transformer_with_a_projection_and_not_by_a_mean() -> None:
    """What comes next hangs on the latest two of four actions; a mean knows the four."""
    events = DATA.dataset.events("test")
    found = {}
    for form in ("mean", "transformer"):
        seeds = []
        for seed in SEEDS:
            trainer = Trainer(DATA, acted(sequence=form, projected=6, epochs=5), "parallel", seed)
            while trainer.lap(200):
                pass
            hits = model_ranks(two_towers(trainer.finish()).eval(), DATA, events) < 4
            seeds.append(user_mean(hits[:, None].astype(np.float64), DATA.dataset.user[events]))
        found[form] = np.stack(seeds)
    gained = paired_interval(found["transformer"] - found["mean"])
    assert gained.low[0] > 0.2


@pytest.mark.filterwarnings("ignore:There is a performance drop because we have not yet implemented")
def test_seeds_at_once_learn_what_each_learns_alone() -> None:
    experiment = acted(sequence="transformer", projected=6, epochs=1)
    torch.set_default_dtype(torch.float64)
    try:
        alone, stacked = ([Trainer(DATA, experiment, "parallel", seed) for seed in SEEDS[:2]] for _ in range(2))
    finally:
        torch.set_default_dtype(torch.float32)
    for trainer in alone:
        trainer.lap(6)
    Ensemble(stacked).lap(6)
    for one, other in zip(alone, stacked, strict=True):
        for weight, same in zip(one.model.parameters(), other.model.parameters(), strict=True):
            torch.testing.assert_close(weight, same, atol=1e-6, rtol=1e-6)


def test_wirings_are_matched_around_an_encoder_that_stays() -> None:
    experiment = acted(arms=("parallel", "sequential"), match="parameters", sequence="transformer", deep=(24,))
    found = matched(experiment, DATA)
    assert all(abs(fit.residual) < 0.01 for fit in found.values())
    moved = {arm: fit.experiment.network.model_copy(update={"deep": (24,)}) for arm, fit in found.items()}
    assert moved["parallel"] == moved["sequential"]
