"""What is planted in the shopping world is found again, for each outcome; what does not apply on a surface says
nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pdcn import sources
from pdcn.dials import assemble
from pdcn.nn.two_tower import two_towers
from pdcn.sources.dataset import Dataset
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.metrics import Recall
from pdcn.training.loop import Trainer
from tests.unit.outcomes_help import CPU, seen, task_of

WORLD = {
    "data": "shopping",
    "impressions": 100_000,
    "pins": 200,
    "shoppers": 300,
    "advertisers": 12,
    "conversion_rate": 0.1,
    "engagement_rate": 0.1,
    "conversion_delay": 0.0,
    "accidental_clicks": 0.0,
    "taste_crosses": 1,
    "crosses_matter": 0.5,
    "own_taste": 0.0,
    "actions": False,
}
"""As many conversions as engagement, and all that moves them among the fields."""
TRAINED = {"batch": 256, "epochs": 6, "schedule": "cosine", "heads": "two", "hard_negatives": 0.0}
K = 20


@pytest.fixture(scope="module")
def world() -> Dataset:
    return sources.load(assemble(WORLD).data)


@pytest.mark.parametrize("outcome", ["conversion", "engagement"])
def test_towers_find_most_of_what_can_be_known_of_each_outcome(world: Dataset, outcome: str) -> None:
    experiment = assemble({**WORLD, **TRAINED, "outcome": outcome, "advertiser_loss": 0.0})
    data, task = seen(world, experiment), task_of(experiment)
    trainer = Trainer(data, experiment, "parallel", 0)
    while trainer.lap(100):
        pass
    events = task.events(data.dataset, "test")
    found = {"towers": task.measure(trainer.finish(), data, events), **task.baselines(data.dataset, events)}
    levels = {name: float(np.mean(Recall(K).values(ranks))) for name, ranks in found.items()}
    assert levels["towers"] > 0.8 * levels["oracle"]
    assert levels["towers"] - levels["popularity"] > 0.6 * (levels["oracle"] - levels["popularity"])


def test_what_belongs_to_another_surface_changes_nothing(world: Dataset) -> None:
    experiment = assemble({**WORLD, **TRAINED})
    model = Trainer(seen(world, experiment), experiment, "parallel", 0).model
    data = DeviceData(world, CPU)
    bags, held = world.queries.bags, world.queries.held
    place = [bag.name for bag in bags].index("searched")
    tables = two_towers(model).query.embedding.tables()
    rows = torch.arange(400)
    before = two_towers(model).query(*data.queries[rows]).detach()
    with torch.no_grad():
        tables[len(world.queries.categories) + place].normal_(generator=torch.Generator().manual_seed(1))
    after = two_towers(model).query(*data.queries[rows]).detach()
    searched = torch.from_numpy(held[place][:400, 0] > 0)
    assert 20 < int(searched.sum()) < 380
    assert torch.equal(before[~searched], after[~searched])
    assert not torch.isclose(before[searched], after[searched]).all(1).any()
