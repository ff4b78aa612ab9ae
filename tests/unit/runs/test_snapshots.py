"""Snapshots are the weights as they were while the first seed trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from pdcn.jobs.worker import carry_out
from pdcn.runs.folder import RunFolder
from pdcn.runs.snapshots import COUNT, moments
from pdcn.runs.store import Store
from pdcn.runs.trained import TrainedRun
from pdcn.settings import SettingError
from pdcn.tasks.retrieval.ranks import model_ranks
from tests.unit.studies_help import tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    with pytest.MonkeyPatch.context() as patch:
        path = tmp_path_factory.mktemp("home")
        patch.setenv("PDCN_HOME", str(path))
        store = Store()
        made = store.create(tiny(epochs=8, tune=2, deep=(16,)), "cpu", own=True)
        assert carry_out(store, made).state == "done"
        TrainedRun(made).data  # noqa: B018 (prepared while this home is the one)
        return made


@pytest.fixture
def opened(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> TrainedRun:
    monkeypatch.setenv("PDCN_HOME", str(folder.path.parents[1]))
    return TrainedRun(folder)


def test_short_trainings_have_fewer_moments() -> None:
    assert moments(3) == (0, 1, 2, 3)
    assert len(moments(10_000)) == COUNT


def test_they_are_of_the_final_training_of_the_first_seed(folder: RunFolder) -> None:
    history = folder.history
    assert history is not None
    for arm in folder.experiment.arms:
        steps = folder.steps_of(arm)
        assert steps[0] == 0
        assert steps[-1] == history.loc[(history["arm"] == arm) & (history["seed"] == 0), "step"].max() >= 8
        assert len(steps) >= 5
    names = {path.name.split(".")[0] for path in (folder.path / "snapshots").iterdir()}
    assert names == set(folder.experiment.arms)


def test_the_first_is_the_initial_model_and_later_ones_differ(opened: TrainedRun) -> None:
    arm = opened.arms[0]
    start = opened.any_initial(arm, opened.experiment.seed).state_dict()
    kept = opened.snapshot(arm, 0).state_dict()
    for name, weight in start.items():
        assert torch.allclose(weight, kept[name], atol=2e-3, rtol=1e-3), name  # half precision
    last = opened.snapshot(arm, opened.folder.steps_of(arm)[-1]).state_dict()
    assert not torch.allclose(start["query.head.weight"], last["query.head.weight"], atol=0.02)


def test_opened_models_rank_as_they_did(opened: TrainedRun) -> None:
    events = opened.data.dataset.events("test")
    ranks = opened.folder.ranks
    assert ranks is not None
    for arm in opened.arms:
        for seed in opened.folder.seeds_of(*opened.arms):
            model = opened.model(arm, seed)
            assert not any(weight.requires_grad for weight in model.parameters())
            assert np.array_equal(model_ranks(model, opened.data, events), ranks[f"{arm}.{seed}"])
    assert opened.model(opened.arms[0], 0) is opened.model(opened.arms[0], 0)


def test_what_cannot_be_opened_is_said(opened: TrainedRun, tmp_path: Path) -> None:
    empty = Store(tmp_path).create(tiny(), "cpu", own=True)
    with pytest.raises(SettingError, match="no arm has any yet"):
        TrainedRun(empty)
    arm = opened.arms[0]
    path = opened.folder.weights(arm, 0)
    good = path.read_bytes()
    try:
        path.write_bytes(good[:100])
        with pytest.raises(SettingError, match="readable weights"):
            TrainedRun(opened.folder).model(arm, 0)
    finally:
        path.write_bytes(good)


def test_other_data_than_it_was_trained_on_is_said(opened: TrainedRun) -> None:
    record = opened.folder.profile
    assert record is not None
    try:
        opened.folder.write_json("profile.json", {**record, "hash": "0" * 12})
        with pytest.raises(SettingError, match="expected data with hash 000000000000"):
            TrainedRun(opened.folder).data  # noqa: B018
    finally:
        opened.folder.write_json("profile.json", record)
