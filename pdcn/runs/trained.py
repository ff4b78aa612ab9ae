"""A run with what it trained: its data on a device, and its models with the weights they ended with."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from pdcn import tasks
from pdcn.arrays import Ints
from pdcn.inert import short
from pdcn.nn.model import Model, initialise
from pdcn.nn.two_tower import TwoTower
from pdcn.runs import words as say
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError
from pdcn.tasks import task_for
from pdcn.tasks.retrieval.batches import DeviceData


class TrainedRun:
    """A run, its data and its models. Models come in evaluation mode and without gradients; each is loaded once."""

    def __init__(self, folder: RunFolder, device: str = "cpu") -> None:
        self.folder, self.device = folder, torch.device(device)
        self.experiment = folder.experiment
        self.arms = folder.trained
        if not self.arms:
            raise SettingError(say.NO_WEIGHTS(run=short(folder.run)))
        self._models: dict[tuple[str, int], Model] = {}

    @cached_property
    def data(self) -> DeviceData:
        """The run's data on the device; `SettingError` if it is no longer what the run was trained on."""
        dataset = tasks.load(self.experiment)
        kept = (self.folder.profile or {}).get("hash")
        if kept not in (None, dataset.hash):
            raise SettingError(say.OTHER_DATA(kept=short(kept), run=short(self.folder.run), hash=dataset.hash))
        return DeviceData(dataset, self.device)

    def events(self, most: int | None = None) -> Ints:
        """The test events that the run's verdict is about; of more than `most`, so many that are evenly spaced."""
        return task_for(self.experiment).events(self.data.dataset, "test", most)

    def model(self, arm: str, seed: int) -> TwoTower:
        """The two towers of an arm and seed as they were evaluated; `SettingError` where the task has no two."""
        return self._two(self.any_model(arm, seed))

    def any_model(self, arm: str, seed: int) -> Model:
        """The model of an arm and seed as it was evaluated, whatever its towers."""
        if (arm, seed) not in self._models:
            self._models[arm, seed] = self._load(arm, self.folder.weights(arm, seed))
        return self._models[arm, seed]

    def snapshot(self, arm: str, step: int) -> TwoTower:
        """The two towers of the first seed after so many steps, from half-precision weights."""
        return self._two(self.any_snapshot(arm, step))

    def any_snapshot(self, arm: str, step: int) -> Model:
        """As `snapshot`, whatever its towers."""
        return self._load(arm, self.folder.snapshot(arm, step))

    def any_initial(self, arm: str, seed: int) -> Model:
        """The towers of an arm and seed before their first step."""
        model = self._empty(arm)
        initialise(model, seed, self.folder.own(arm).training.embedding_std)
        return self._ready(model)

    def _empty(self, arm: str) -> Model:
        return task_for(self.experiment).model(self.data.dataset, self.folder.own(arm), arm)

    def _load(self, arm: str, path: Path) -> Model:
        model = self._empty(arm)
        try:
            weights = load_file(path)
            model.load_state_dict({name: weight.float() for name, weight in weights.items()})
        except (OSError, SafetensorError, RuntimeError):
            raise SettingError(say.WEIGHTS_DAMAGED(arm=arm, file=path.name)) from None
        return self._ready(model)

    def _ready(self, model: Model) -> Model:
        return model.to(self.device).requires_grad_(False).eval()

    def _two(self, model: Model) -> TwoTower:
        if not isinstance(model, TwoTower):
            raise SettingError(say.NO_VECTORS)
        return model
