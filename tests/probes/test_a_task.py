"""To add a task: write a `Metric` and a `Task` as below, and put the task into `pdcn.tasks.TASKS`.

Nothing else is touched: a study trains the towers for it, one at a time and all seeds at once, tunes them, judges them
with an interval and a sentence, and the page and the command line show what was found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
import torch
from numpy.typing import NDArray
from torch import Tensor

from pdcn import sources, tasks
from pdcn.arrays import Ints, Numbers
from pdcn.cli import main
from pdcn.config import Experiment
from pdcn.evaluation.compare import compare
from pdcn.evaluation.verdict import claim
from pdcn.nn.model import Model
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.sources.dataset import Dataset
from pdcn.sources.planted import PLANTED
from pdcn.tasks.measured import Measured
from pdcn.tasks.metric import Metric
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.task import Task, Towers
from pdcn.training.ensemble import Ensemble
from pdcn.training.loop import Trainer
from tests.app.app_help import open_app, texts
from tests.unit.studies_help import tiny


class SquaredError(Metric):
    """How far a predicted rating is off, squared: the less the better, and no share."""

    name, label, higher_is_better, unit = "squared_error", "mean squared error", False, "plain"

    def values(self, measured: Numbers) -> Numbers:
        """What the task measures is the error already."""
        return measured


class Rating(Task):
    """Predict the number that came of an event."""

    name, kinds = "rating", (SquaredError,)
    baselines_told = {"the mean": "The mean rating of the training part, for every event."}  # noqa: RUF012
    floors = {"the mean": "An arm that is further off than one number for all has learned nothing."}  # noqa: RUF012

    def metrics(self, items: int) -> tuple[Metric, ...]:
        """The error alone."""
        return (SquaredError(),)

    def loss(self, towers: Towers, data: DeviceData, batch: Tensor) -> Tensor:
        """The mean squared error of a batch of events."""
        return self.errors(towers, data, batch).mean(-1)

    def errors(self, towers: Towers, data: DeviceData, events: Tensor) -> Tensor:
        """Squared errors (B,), or of S seeds (S, B)."""
        assert data.outcome is not None
        events = events.to(data.device)
        found = (towers.query(events) / towers.temperature * towers.item(data.positive[events])).sum(-1)
        return (found - data.outcome[events]) ** 2

    def measure(self, model: Model, data: DeviceData, events: Ints) -> Numbers:
        """The squared error of each event."""
        from pdcn.training.loop import OneModel

        model.eval()
        with torch.inference_mode():
            found: NDArray[np.float32] = self.errors(OneModel(model, data), data, torch.from_numpy(events)).numpy()
        return found

    def baselines(self, dataset: Dataset, events: Ints) -> dict[str, Numbers]:
        """One number for all."""
        assert dataset.outcome is not None
        return {"the mean": (dataset.outcome[dataset.part("train")].mean() - dataset.outcome[events]) ** 2}


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The task is known, and planted data comes with ratings."""
    monkeypatch.setenv("PDCN_HOME", str(tmp_path))
    monkeypatch.setitem(tasks.TASKS, Rating.name, Rating())

    def build(settings: Any) -> Dataset:
        dataset = PLANTED.build(settings)
        assert dataset.truth is not None
        rating = (dataset.truth.query * dataset.truth.item[dataset.positive]).sum(1)
        return replace(dataset, outcome=((rating - rating.mean()) / rating.std()).astype(np.float32))

    rated = replace(PLANTED, build=build, fingerprint=lambda _: "rated")
    monkeypatch.setitem(sources.SOURCES, "planted", rated)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()  # the pages' store is that of this home


def asked() -> Experiment:
    """A small study of the task: two arms, three seeds, tuned in two trials."""
    return tiny(epochs=2, seeds=3, tune=2).model_copy(update={"task": Rating.name})


def test_an_experiment_names_the_task_and_only_another_one() -> None:
    assert json.loads(asked().to_json())["task"] == "rating"
    assert Experiment.from_json(asked().to_json()) == asked()
    assert "task" not in json.loads(tiny().to_json())
    assert asked().hash() != tiny(epochs=2, seeds=3, tune=2).hash()


def test_all_seeds_at_once_learn_what_each_learns_alone() -> None:
    data = DeviceData(sources.load(asked().data), torch.device("cpu"))
    alone, together = ([Trainer(data, asked(), "parallel", seed) for seed in (0, 1)] for _ in range(2))
    for one in alone:
        one.lap(one.steps)
    crew = Ensemble(together)
    crew.lap(alone[0].steps)
    for one, other in zip(alone, together, strict=True):
        assert other.best_validation == pytest.approx(one.best_validation, rel=0.02)
        first = one.validate(Trainer(data, asked(), "parallel", one.seed).model, data)
        assert one.best_validation < 0.8 * first  # the check that is kept has the lowest error, not the highest


def test_it_is_raced_judged_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "asked.json"
    file.write_text(asked().to_json(), encoding="utf-8")
    assert main(["compare", "--config", str(file), "--device", "cpu", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    folder = Store().folder(result["run"])

    # the record: errors averaged over a user's events, then over users; an interval, and the sentence
    ranks = folder.ranks
    assert ranks is not None
    by_user = ranks.groupby("user").mean()
    for arm in asked().arms:
        seeds = [by_user[f"{arm}.{seed}"].mean() for seed in range(3)]
        assert result["arms"][arm]["squared_error_per_seed"] == pytest.approx(seeds, rel=1e-5)
        assert result["arms"][arm]["squared_error"] == pytest.approx(np.mean(seeds), rel=1e-5)
    assert result["baselines"] == {"the mean": {"squared_error": pytest.approx(by_user["the mean"].mean(), rel=1e-5)}}
    (c,) = result["comparison"]
    gap = result["arms"]["parallel"]["squared_error"] - result["arms"]["sequential"]["squared_error"]
    assert c["difference"] == pytest.approx(gap, abs=1e-9)
    assert c["low"] < c["difference"] < c["high"]
    assert (c["metric"], c["k"]) == ("squared_error", None)
    assert " in mean squared error (" in result["verdict"]
    assert "95% interval [" in result["verdict"]
    assert "points" not in result["verdict"]
    assert result["validated"] == "mean squared error"

    # tuning kept the trial of the least error
    for arm in result["tuning"]["arms"].values():
        errors = [trial["validation"] for trial in arm["trials"]]
        assert arm["chosen"] == int(np.argmin(errors))

    # the command line and the page
    assert main(["runs", "show", result["run"]]) == 0
    said = capsys.readouterr().out
    assert result["verdict"] in " ".join(said.split())
    assert "recall" not in said
    at = open_app(run=result["run"])
    assert {f"{name}, mean squared error" for name in ("parallel", "sequential", "the mean")} == {
        one.label for one in at.metric
    }
    shown = texts(at)
    assert " in mean squared error (" in shown
    assert "recall@" not in shown
    for page in ("retrieve", "crosses", "embeddings", "inside", "latency", "data", "runs"):
        open_app(page, run=result["run"])  # nothing of it fails


def test_less_is_better() -> None:
    draws = np.random.default_rng(0)
    user = np.repeat(np.arange(60), 5)
    errors = {("a", seed): draws.exponential(1, 300) for seed in range(4)}
    cells = errors | {("b", seed): 1.5 * draws.exponential(1, 300) for seed in range(4)}
    (found,) = compare(Measured(user, cells, {}), ("a", "b"), "b", [SquaredError()], SquaredError(), detect=0.01)
    assert found.difference < 0
    assert found.verdict == "better"
    assert claim(found, "Toy").startswith("On Toy, a is better than b: −0.")
    (back,) = compare(Measured(user, cells, {}), ("a", "b"), "a", [SquaredError()], SquaredError())
    assert back.verdict == "worse"


def test_a_run_whose_task_is_unknown_says_so(tmp_path: Path) -> None:
    file = tmp_path / "asked.json"
    file.write_text(asked().model_copy(update={"task": "juggling"}).to_json(), encoding="utf-8")
    assert main(["compare", "--config", str(file), "--device", "cpu", "--json"]) != 0
    (row,) = Store().rows()
    assert RunFolder(Store().folders / row.run).progress.message == (
        "task: expected one of retrieval, ranking, rating, got 'juggling'"
    )
