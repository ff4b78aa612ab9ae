"""To add an outcome: give the dataset an `outcome` for each event, and a `weight` that says what it counts.

Here a planted world's events are purchases that count 1 and clicks that count 0.2. The loss follows, and so do metrics
that say that they are weighted; all else stays, down to a verdict.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pdcn import sources
from pdcn.evaluation.compare import compare
from pdcn.jobs.worker import carry_out
from pdcn.nn.model import initialise
from pdcn.nn.two_tower import TwoTower
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.sources.dataset import Dataset
from pdcn.sources.planted import PLANTED
from pdcn.tasks.measured import Measured
from pdcn.tasks.retrieval import Retrieval
from pdcn.tasks.retrieval.batches import DeviceData, draws
from pdcn.tasks.retrieval.metrics import Recall
from pdcn.training.loop import OneModel
from tests.unit.studies_help import tiny

CLICK = 0.2


class WeightedRecall(Recall):
    """Recall in which an event counts what it weighs."""

    weighted = True


def with_outcomes(settings: Any) -> Dataset:
    dataset = PLANTED.build(settings)
    bought = np.random.default_rng(0).random(len(dataset.queries)) < 0.3
    weight = np.where(bought, 1.0, CLICK).astype(np.float32)
    return replace(dataset, outcome=bought.astype(np.float32), weight=weight)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    world = replace(PLANTED, build=with_outcomes, fingerprint=lambda _: "with outcomes")
    monkeypatch.setitem(sources.SOURCES, "planted", world)
    return tmp_path


def raced() -> RunFolder:
    store = Store()
    folder = store.create(tiny(epochs=2, seeds=2), "cpu", own=True)
    assert carry_out(store, folder).state == "done"
    return folder


def test_the_loss_counts_each_event_as_much_as_it_weighs(home: Path) -> None:
    experiment = tiny()
    data = DeviceData(sources.load(experiment.data), torch.device("cpu"))
    model = TwoTower(data.dataset.queries, data.dataset.items, experiment, "parallel")
    initialise(model, 0, 0.1)
    batch = next(iter(Retrieval().batches(data, experiment.training, draws(data, experiment.training, 0))))
    found = Retrieval().loss(OneModel(model, data), data, batch).item()

    with torch.no_grad():
        query = model.query(*data.queries[batch.events]).double().numpy() / model.temperature.item()
        items = model.item(*data.items[batch.items]).double().numpy()
    own = batch.own.numpy()
    scores = query @ items.T - batch.log_q.double().numpy()
    times = np.tile(batch.times.double().numpy(), (len(own), 1))
    times[np.arange(len(own)), own] = 1  # the others of a row's own positive are no negatives
    each = np.log((times * np.exp(scores)).sum(1)) - scores[np.arange(len(own)), own]
    assert data.dataset.weight is not None
    train = data.dataset.weight[data.dataset.part("train")]
    weight = data.dataset.weight[batch.events.numpy()] / train.mean()
    assert np.unique(data.dataset.weight).tolist() == pytest.approx([CLICK, 1.0])
    assert found == pytest.approx((weight * each).mean(), rel=1e-5)
    assert found != pytest.approx(each.mean(), rel=1e-4)


def test_a_weighted_metric_is_a_mean_by_weight() -> None:
    user, weight = np.array([7, 7, 9]), np.array([1.0, CLICK, CLICK])
    cells = {("a", 0): np.array([0.0, 50.0, 50.0], np.float32), ("b", 0): np.array([50.0, 0.0, 0.0], np.float32)}
    measured = Measured(user, cells, {}, weight)
    (weighted,) = compare(measured, ("a", "b"), "b", [WeightedRecall(10)], WeightedRecall(10))
    (plain,) = compare(measured, ("a", "b"), "b", [Recall(10)], Recall(10))
    # of user 7 the purchase, 1 / 1.2 of all weight, is a's and the click b's; user 9 has the click alone, b's
    assert weighted.difference == pytest.approx(((1 - CLICK) / (1 + CLICK) - 1) / 2)
    assert plain.difference == pytest.approx((0 - 1) / 2)


def test_a_study_is_trained_by_weight_and_judged(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = raced()
    result = folder.whole_result()
    assert result is not None
    assert "95% interval" in result["verdict"]
    kept = folder.ranks
    assert kept is not None
    assert sorted(kept["weight"].unique()) == pytest.approx([CLICK, 1.0])
    history = folder.history
    assert history is not None

    monkeypatch.setitem(sources.SOURCES, "planted", PLANTED)  # the same events, all of which count alike
    monkeypatch.setenv("PDCN_HOME", str(tmp_path_factory.mktemp("alike")))
    alike = raced()
    assert alike.ranks is not None
    assert "weight" not in alike.ranks
    one, other = (run.weights("parallel", 0).read_bytes() for run in (folder, alike))
    assert one != other
    assert (folder.profile or {})["hash"] != (alike.profile or {})["hash"]
