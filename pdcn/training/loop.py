"""Training one arm from one seed, step by step, so that whoever drives it can pause between steps."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal, cast

import torch
from torch import Tensor, nn

from pdcn.config import Experiment, Training, set_of
from pdcn.nn.model import Model, initialise
from pdcn.tasks import task_for
from pdcn.tasks.retrieval.batches import DeviceData, steps_per_epoch
from pdcn.training import words as say
from pdcn.training.adam import Adam
from pdcn.training.flat import flatten
from pdcn.training.pairing import Drawn
from pdcn.training.schedule import Schedule

Validate = Callable[[Model, DeviceData], float]
TrainingState = Literal["training", "finished", "stopped early", "diverged", "stopped"]

LATE = 0.25
"""The share of the steps that are the end of a training: what they still add says whether it was finished."""
FEWEST_STEPS = 10
"""Fewer steps say nothing: Adam's running mean of gradients, which reaches back about ten steps, has not yet filled."""

_DROPPING = threading.Lock()
"""Dropout draws from the process's one generator: arms that train beside each other take turns."""


@dataclass(frozen=True)
class LivePoint:
    """One point of the live picture. `recall` is what validation measures, None between checks."""

    arm: str
    seed: int
    step: int
    loss: float
    recall: float | None
    temperature: float
    gradient: float
    seconds: float


class Trainer:
    """One arm, one seed: a model, its optimiser, and the batches that the seed prescribes.

    `lap` trains on; `state` says whether there is more to do. The weights that `best` holds are those
    of the check with the highest value on validation, the latest of equals, which is what gets evaluated.
    `best_check` counts the checks after that of the untrained weights, which is 0. `validate` measures the
    value, unless the experiment's task is to. Where the experiment says so, its events are drawn anew by the seed.
    """

    def __init__(
        self, data: DeviceData, experiment: Experiment, arm: str, seed: int, validate: Validate | None = None
    ) -> None:
        data = data.resampled(set_of(seed, experiment.sets)) if experiment.resampled else data
        self.data, self.arm, self.seed, self.task = data, arm, seed, task_for(experiment)
        self.validate, self.settings = validate or self.task.validate, experiment.training
        dataset = data.dataset
        self.model = self.task.model(dataset, experiment, arm)
        initialise(self.model, seed, self.settings.embedding_std)
        self.model.to(data.device)
        self.flat = flatten([self.model])
        self.optimiser = Adam(self.flat.weights, self.settings.learning_rate)
        self.towers = OneModel(self.model, data)
        epoch = steps_per_epoch(len(data), self.settings.batch)
        self.drawn = Drawn(self.task.draws(data, self.settings, seed), epoch)
        self.batches: Iterator[Any] = self.task.batches(data, self.settings, self.drawn)
        self.steps = steps_of(self.settings, len(data))
        self.schedule = Schedule(self.settings, self.steps, epoch)
        self.check_every = max(1, epoch // self.settings.evaluations)
        self.drops = any(network.dropout > 0 for network in experiment.networks())
        self.step, self.seconds = 0, 0.0
        self.state: TrainingState = "training"
        self.reason = ""
        self.best = _kept(self.model)
        self.higher = self.task.watched(len(dataset.items)).higher_is_better
        self.best_validation, self.checks_since_best = -1.0 if self.higher else math.inf, 0
        self.checks = self.best_check = self.best_step = 0
        self.seen: list[tuple[int, float]] = []

    def lap(self, steps: int) -> list[LivePoint]:
        """Train at most `steps` steps; points for the live picture, nothing once the arm is done."""
        if self.state != "training":
            return []
        points = self.begin()
        last = self.step + steps
        while self.state == "training" and self.step < last:
            start = time.perf_counter()
            if not self.model.training:
                self.model.train()
            losses = []
            for batch in islice(self.batches, min(last, self.next_check) - self.step):
                loss, gradient = self._step(batch)
                losses.append(loss)
            mean, norm = float(torch.stack(losses).mean()), float(gradient)
            self.seconds += time.perf_counter() - start
            points.append(self.reached(mean, norm))
        return points

    def begin(self) -> list[LivePoint]:
        """The check before the first step, a point; nothing later."""
        return [] if self.step else [self._check(math.nan, math.nan)]

    @property
    def next_check(self) -> int:
        """The step at which the next check on validation is due."""
        return min((self.step // self.check_every + 1) * self.check_every, self.schedule.last)

    def reached(self, loss: float, gradient: float) -> LivePoint:
        """The point at this step, with the mean loss since the last one; checks where a check is due."""
        if self.step % self.check_every == 0 or self.step == self.schedule.last:
            return self._check(loss, gradient)
        self._watch(loss)
        return self._point(loss, None, gradient)

    def rate_at(self, step: int) -> float:
        """The learning rate of a step."""
        return self.settings.learning_rate * self.schedule.share(step)

    @property
    def too_short(self) -> bool:
        """Whether it has too few steps to say anything: fewer than ten, or not even those of the warm-up."""
        return self.step < max(FEWEST_STEPS, self.schedule.rise)

    @property
    def before_the_end(self) -> float | None:
        """The best value on validation that the first three quarters of the steps had reached; None before a check."""
        found = [value for step, value in self.seen if step <= (1 - LATE) * self.step]
        return (max(found) if self.higher else min(found)) if found else None

    def _step(self, batch: Any) -> tuple[Tensor, Tensor]:
        self.optimiser.rate = self.rate_at(self.step)
        if self.drops:
            with _DROPPING, torch.random.fork_rng(devices=[]):
                drawn_from = self.seed * 1_000_003 + self.step
                if self.data.device.type == "cpu":
                    torch.default_generator.manual_seed(drawn_from)
                else:  # which also seeds generators of devices, and takes milliseconds where there are none
                    torch.manual_seed(drawn_from)
                loss = self.task.loss(self.towers, self.data, batch)
        else:
            loss = self.task.loss(self.towers, self.data, batch)
        self.flat.gradient.zero_()
        loss.backward()  # type: ignore[no-untyped-call]
        gradient = nn.utils.clip_grad_norm_([self.flat.weights], self.settings.clip)
        self.flat.decay(self.settings.weight_decay * self.rate_at(self.step))
        self.optimiser.step()
        self.model.hold_temperature()
        self.step += 1
        return loss.detach(), gradient

    def _check(self, loss: float, gradient: float) -> LivePoint:
        recall = self.validate(self.model, self.data)
        self.model.train()
        if self.step and not self._watch(loss):
            return self._point(loss, recall, gradient)
        if self.step:
            self.checks += 1
        self.seen.append((self.step, recall))
        better = recall > self.best_validation if self.higher else recall < self.best_validation
        # of equals the latest, which has learned most: a measure at its ceiling must not keep the untrained weights
        if better or (recall == self.best_validation and _finite(self.model)):
            self.best_validation, self.best_check, self.best_step = recall, self.checks, self.step
            self.best = _kept(self.model)
        self.checks_since_best = 0 if better else self.checks_since_best + 1
        if 0 < self.settings.patience <= self.checks_since_best and not self.schedule.settled:
            self.schedule.settle(self.step)
            if self.schedule.settled:
                self.reason = say.NO_BETTER(checks=self.checks_since_best)
        if self.step == self.schedule.last:
            self.state = "stopped early" if self.schedule.settled else "finished"
        return self._point(loss, recall, gradient)

    def _watch(self, loss: float) -> bool:
        """Whether the loss is still a number; where not, the arm ends with an explanation."""
        if math.isfinite(loss):
            return True
        self.state = "diverged"
        self.reason = say.NO_NUMBER(step=self.step)
        return False

    def _point(self, loss: float, recall: float | None, gradient: float) -> LivePoint:
        temperature = float(self.model.temperature.detach())
        return LivePoint(self.arm, self.seed, self.step, loss, recall, temperature, gradient, self.seconds)

    def finish(self) -> Model:
        """The model with its best weights; an arm that was still training becomes "stopped"."""
        if self.state == "training":
            if self.step:
                self._check(0.0, math.nan)
            self.state, self.reason = "stopped", ""
        self.model.load_state_dict(self.best)
        self.task.finished(self.model, self.data)
        return self.model


class OneModel:
    """The `Towers` of one model."""

    def __init__(self, model: Model, data: DeviceData) -> None:
        self.model, self.data = model, data

    @property
    def temperature(self) -> Tensor:
        """What products are divided by."""
        return self.model.temperature

    @property
    def own_losses(self) -> bool:
        """Whether each branch has a loss of its own."""
        return self.model.own_losses

    def query(self, events: Tensor, *, each: bool = False) -> Tensor:
        """Vectors (B, H) of events (B,); with `each` those of every branch alone too, (1 + branches, B, H)."""
        return self.run("query", *self.data.queries[events], each=each)

    def item(self, items: Tensor, *, each: bool = False) -> Tensor:
        """Vectors (rows, H) of items (rows,), as `query`."""
        return self.run("item", *self.data.items[items], each=each)

    def run(self, tower: str, codes: Tensor, values: Tensor, *, each: bool = False) -> Tensor:
        """Vectors (rows, H) of a tower on rows of its table, as `query`."""
        return cast(Tensor, self.model.towers[tower](codes, values, each=each))


def steps_of(settings: Training, events: int) -> int:
    """Steps of a training on so many events, at most."""
    return settings.updates or steps_per_epoch(events, settings.batch) * settings.epochs


def _finite(model: Model) -> bool:
    return all(bool(weight.isfinite().all()) for weight in model.parameters())


def _kept(model: Model) -> dict[str, Tensor]:
    return {name: weight.detach().clone() for name, weight in model.state_dict().items()}
