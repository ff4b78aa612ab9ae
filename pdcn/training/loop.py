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

from pdcn.config import Experiment, Training
from pdcn.nn.two_tower import TwoTower, initialise
from pdcn.tasks import task_named
from pdcn.tasks.retrieval.batches import DeviceData, draws, steps_per_epoch
from pdcn.training.flat import flatten
from pdcn.training.pairing import Drawn

Validate = Callable[[TwoTower, DeviceData], float]
TrainingState = Literal["training", "finished", "stopped early", "diverged", "stopped"]

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
    value, unless the experiment's task is to.
    """

    def __init__(
        self, data: DeviceData, experiment: Experiment, arm: str, seed: int, validate: Validate | None = None
    ) -> None:
        self.data, self.arm, self.seed, self.task = data, arm, seed, task_named(experiment.task)
        self.validate, self.settings = validate or self.task.validate, experiment.training
        dataset = data.dataset
        self.model = TwoTower(dataset.queries, dataset.items, experiment, arm)
        initialise(self.model, seed, self.settings.embedding_std)
        self.model.to(data.device)
        self.flat = flatten([self.model])
        fused = data.device.type in ("cpu", "cuda")
        rate, decay = self.settings.learning_rate, self.settings.weight_decay
        self.optimiser = torch.optim.AdamW([self.flat.weights], lr=rate, weight_decay=decay, fused=fused)
        self.towers = OneModel(self.model, data)
        epoch = steps_per_epoch(len(data), self.settings.batch)
        self.drawn = Drawn(draws(data, self.settings, seed), epoch)
        self.batches: Iterator[Any] = self.task.batches(data, self.settings, self.drawn)
        self.steps = steps_of(self.settings, len(data))
        self.check_every = max(1, epoch // self.settings.evaluations)
        self.drops = any(network.dropout > 0 for network in experiment.networks())
        self.step, self.seconds = 0, 0.0
        self.state: TrainingState = "training"
        self.reason = ""
        self.best = _kept(self.model)
        self.higher = self.task.watched(len(dataset.items)).higher_is_better
        self.best_validation, self.checks_since_best = -1.0 if self.higher else math.inf, 0
        self.checks = self.best_check = self.best_step = 0

    def lap(self, steps: int) -> list[LivePoint]:
        """Train at most `steps` steps; points for the live picture, nothing once the arm is done."""
        if self.state != "training":
            return []
        points = self.begin()
        last = min(self.step + steps, self.steps)
        while self.state == "training" and self.step < last:
            start = time.perf_counter()
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
        return min((self.step // self.check_every + 1) * self.check_every, self.steps)

    def reached(self, loss: float, gradient: float) -> LivePoint:
        """The point at this step, with the mean loss since the last one; checks where a check is due."""
        if self.step % self.check_every == 0 or self.step == self.steps:
            return self._check(loss, gradient)
        self._watch(loss)
        return self._point(loss, None, gradient)

    def rate_at(self, step: int) -> float:
        """The learning rate of a step."""
        return self.settings.learning_rate * schedule(step, self.steps, self.settings.warmup)

    @property
    def too_short(self) -> bool:
        """Whether it has too few steps to say anything: fewer than ten, or not even those of the warm-up."""
        return self.step < max(FEWEST_STEPS, warmup_steps(self.steps, self.settings.warmup))

    def _step(self, batch: Any) -> tuple[Tensor, Tensor]:
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate_at(self.step)
        if self.drops:
            with _DROPPING, torch.random.fork_rng(devices=[]):
                torch.manual_seed(self.seed * 1_000_003 + self.step)
                loss = self.task.loss(self.towers, self.data, batch)
        else:
            loss = self.task.loss(self.towers, self.data, batch)
        self.flat.gradient.zero_()
        loss.backward()  # type: ignore[no-untyped-call]
        gradient = nn.utils.clip_grad_norm_([self.flat.weights], self.settings.clip)
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
        better = recall > self.best_validation if self.higher else recall < self.best_validation
        # of equals the latest, which has learned most: a measure at its ceiling must not keep the untrained weights
        if better or (recall == self.best_validation and _finite(self.model)):
            self.best_validation, self.best_check, self.best_step = recall, self.checks, self.step
            self.best = _kept(self.model)
        self.checks_since_best = 0 if better else self.checks_since_best + 1
        if self.step == self.steps:
            self.state = "finished"
        elif 0 < self.settings.patience <= self.checks_since_best:
            self.state = "stopped early"
            self.reason = f"validation got no better in {self.checks_since_best} checks"
        return self._point(loss, recall, gradient)

    def _watch(self, loss: float) -> bool:
        """Whether the loss is still a number; where not, the arm ends with an explanation."""
        if math.isfinite(loss):
            return True
        self.state = "diverged"
        self.reason = (
            f"the loss was no longer a number by step {self.step}; "
            "a lower learning rate or a tighter clip usually mends that"
        )
        return False

    def _point(self, loss: float, recall: float | None, gradient: float) -> LivePoint:
        temperature = float(self.model.temperature.detach())
        return LivePoint(self.arm, self.seed, self.step, loss, recall, temperature, gradient, self.seconds)

    def finish(self) -> TwoTower:
        """The model with its best weights; an arm that was still training becomes "stopped"."""
        if self.state == "training":
            if self.step:
                self._check(0.0, math.nan)
            self.state, self.reason = "stopped", ""
        self.model.load_state_dict(self.best)
        return self.model


class OneModel:
    """The `Towers` of one model."""

    def __init__(self, model: TwoTower, data: DeviceData) -> None:
        self.model, self.data = model, data

    @property
    def temperature(self) -> Tensor:
        """What products are divided by."""
        return self.model.temperature

    def query(self, events: Tensor) -> Tensor:
        """Vectors (B, H) of events (B,)."""
        return cast(Tensor, self.model.query(*self.data.queries[events]))

    def item(self, items: Tensor) -> Tensor:
        """Vectors (rows, H) of items (rows,)."""
        return cast(Tensor, self.model.item(*self.data.items[items]))


def steps_of(settings: Training, events: int) -> int:
    """Steps of a training on so many events."""
    return steps_per_epoch(events, settings.batch) * settings.epochs


def warmup_steps(steps: int, warmup: float) -> int:
    """Steps of the warm-up, w: that share of all steps, rounded; none where it comes to half a step or less.

    >>> warmup_steps(716, 0.1), warmup_steps(5, 0.1), warmup_steps(1, 0.9)
    (72, 0, 1)
    """
    return round(warmup * steps)


def schedule(step: int, steps: int, warmup: float) -> float:
    """Share of the peak learning rate in a step, counted from 0.

    Step k of a warm-up of w steps has (k + 1) / w, so that no step trains nothing and the last of them has the peak.
    A cosine towards zero follows, which begins at the peak; the end of the training is where it would reach zero.

    >>> [round(schedule(step, 8, 0.5), 2) for step in range(8)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 0.85, 0.5, 0.15]
    """
    rise = warmup_steps(steps, warmup)
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / (steps - rise)))


def _finite(model: TwoTower) -> bool:
    return all(bool(weight.isfinite().all()) for weight in model.parameters())


def _kept(model: TwoTower) -> dict[str, Tensor]:
    return {name: weight.detach().clone() for name, weight in model.state_dict().items()}
