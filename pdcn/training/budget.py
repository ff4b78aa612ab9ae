"""Equal budgets: the depths and widths at which an arm costs what the baseline arm costs, or another target.

Only the blocks that the person lets move change: the depth first, then all widths by one factor, then one width
at a time, so that a tower keeps its shape. Costs come from `pdcn.nn.model.cost`, counted on models
without memory; a training step's time is measured, in turns with the baseline's so that the machine's
drift hits both alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from statistics import geometric_mean, median

import torch

from pdcn.config import Experiment, Fairness, Network
from pdcn.nn.model import cost
from pdcn.sources.dataset import Dataset
from pdcn.tasks import task_for
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.training.loop import Trainer

LARGEST = {"deep": 4096, "head": 4096, "rank": 512}
DEEPEST = 8
"""Widths, ranks and numbers of deep layers go no further; the settings don't either."""
DOUBLINGS = 6
HALVINGS = {"parameters": 12, "flops": 12, "train-time": 5}
ROUNDS, STEPS = 5, 5
"""A step's time is the median of so many rounds, each of so many steps."""

Measure = Callable[[Experiment, str], float]


@dataclass(frozen=True)
class Fit:
    """An arm's own blocks, what they cost, and what they were to cost."""

    experiment: Experiment
    cost: float
    target: float

    @property
    def residual(self) -> float:
        """By which share the cost misses the target."""
        return self.cost / self.target - 1


def counted(experiment: Experiment, dataset: Dataset, arm: str) -> tuple[int, int]:
    """Dense parameters and FLOPs of an arm; nothing is allocated."""
    with torch.device("meta"):
        found = cost(task_for(experiment).model(dataset, experiment, arm))
    return found.dense, found.flops


def matched(experiment: Experiment, data: DeviceData) -> dict[str, Fit]:
    """Every arm with the blocks that bring it closest to the target's cost: by default the baseline's.

    The smallest, the largest and the middle are those of the arms that can move, as they cost with the blocks that
    were asked for. With `match` none the blocks stay and the residual is that of the dense parameters to the
    baseline's. The residual may exceed `TOLERANCE`: a wiring without the block that may move can't meet a budget.
    """
    match, against = experiment.fairness.match, experiment.against
    measure = _step_ratio(data, experiment) if match == "train-time" else _counter(data.dataset, match)
    plain = {arm: measure(experiment, arm) for arm in experiment.arms}
    free = [arm for arm in experiment.arms if match != "none" and _moves(experiment, data.dataset, arm)]
    target = plain[against]
    if free and experiment.fairness.target != "baseline":
        costs = [plain[arm] for arm in free]
        target = {"smallest": min(costs), "largest": max(costs), "middle": geometric_mean(costs)}[
            experiment.fairness.target
        ]
    found = {arm: Fit(experiment, cost, target) for arm, cost in plain.items()}
    for arm in free:
        if plain[arm] != target:
            own = solved(experiment, lambda at, arm=arm: measure(at, arm) / target, match)  # type: ignore[misc]
            found[arm] = Fit(own, measure(own, arm), target)
    return found


def _moves(experiment: Experiment, dataset: Dataset, arm: str) -> bool:
    """Whether what may move changes what an arm costs."""
    steps = (*neighbours(experiment, experiment.fairness), *deepened(experiment))
    return any(counted(at, dataset, arm) != counted(experiment, dataset, arm) for at in steps)


def _counter(dataset: Dataset, match: str) -> Measure:
    place = 1 if match == "flops" else 0
    return cache(lambda experiment, arm: float(counted(experiment, dataset, arm)[place]))


def solved(experiment: Experiment, ratio: Callable[[Experiment], float], match: str) -> Experiment:
    """The experiment with the depth and the widths that bring `ratio`, which grows with them, closest to 1.

    Many pairs of the two would do: the depth whose cost is the closest comes first, the least changed of equals.
    """
    if len(depths := deepened(experiment)) > 1:
        experiment = min(depths, key=lambda at: abs(ratio(at) - 1))
    if not any(True for _ in neighbours(experiment, experiment.fairness)):
        return experiment
    start = ratio(experiment)
    tried = [(abs(start - 1), experiment)]
    low = high = 1.0
    for _ in range(DOUBLINGS):  # a bracket around 1, without building towers far larger than needed
        low, high = (high, 2 * high) if start < 1 else (low / 2, low)
        at = scaled(experiment, high if start < 1 else low)
        value = ratio(at)
        tried.append((abs(value - 1), at))
        if (value >= 1) != (start >= 1):
            break
    for _ in range(HALVINGS[match]):
        middle = math.sqrt(low * high)
        at = scaled(experiment, middle)
        value = ratio(at)
        tried.append((abs(value - 1), at))
        low, high = (middle, high) if value < 1 else (low, middle)
    off, best = min(tried, key=lambda pair: pair[0])
    if match == "train-time":  # a width more or less is lost in the noise of a clock
        return best
    while True:
        steps = ((abs(ratio(step) - 1), step) for step in neighbours(best, experiment.fairness))
        nearest, at = min(steps, key=lambda pair: pair[0])
        if nearest >= off:
            return best
        off, best = nearest, at


def deepened(experiment: Experiment) -> list[Experiment]:
    """The experiment itself, and where the depth may move those with fewer and with more deep layers, nearest first.

    Both towers change by the same number; layers leave from the end, and come as wide as the last.

    >>> at = Experiment.of_record({"fairness": {"move": ["depth"]}, "network": {"deep": [64, 32]}})
    >>> [one.network.deep for one in deepened(at)][:4]
    [(64, 32), (64,), (64, 32, 32), (64, 32, 32, 32)]
    """

    def grow(network: Network, more: int) -> Network:
        deep = (*network.deep, *network.deep[-1:] * more)
        return network.model_copy(update={"deep": deep[: min(max(1, len(network.deep) + more), DEEPEST)]})

    def moved(more: int) -> Experiment:
        item = grow(experiment.item_network, more) if experiment.item_network else None
        return experiment.model_copy(update={"network": grow(experiment.network, more), "item_network": item})

    reach = range(1 - DEEPEST, DEEPEST) if "depth" in experiment.fairness.move else range(1)
    return list(dict.fromkeys(map(moved, sorted(reach, key=abs))))


def scaled(experiment: Experiment, factor: float) -> Experiment:
    """The experiment with every width that may move times `factor`, within what is allowed.

    >>> scaled(Experiment(), 0.5).network.deep
    (32, 32)
    """

    def grow(network: Network) -> Network:
        moved = {
            block: [round(factor * width) for width in widths]
            for block, widths in _widths(network, experiment.fairness)
        }
        return _with(network, moved)

    item = grow(experiment.item_network) if experiment.item_network else None
    return experiment.model_copy(update={"network": grow(experiment.network), "item_network": item})


def neighbours(experiment: Experiment, fairness: Fairness) -> Iterator[Experiment]:
    """The experiments one width up or down from this one."""
    for part in ("network", "item_network"):
        network: Network | None = getattr(experiment, part)
        if network is None:
            continue
        for block, widths in _widths(network, fairness):
            for place in range(len(widths)):
                for step in (-1, 1):
                    changed = [width + step * (at == place) for at, width in enumerate(widths)]
                    yield experiment.model_copy(update={part: _with(network, {block: changed})})


def _widths(network: Network, fairness: Fairness) -> Iterator[tuple[str, list[int]]]:
    for block in fairness.move:
        if block != "depth" and network.has((block,)):
            yield block, [network.cross_rank] if block == "rank" else list(getattr(network, block))


def _with(network: Network, moved: dict[str, list[int]]) -> Network:
    held = {block: [min(max(1, w), LARGEST[block]) for w in widths] for block, widths in moved.items()}
    update = {
        ("cross_rank" if block == "rank" else block): (widths[0] if block == "rank" else tuple(widths))
        for block, widths in held.items()
    }
    return network.model_copy(update=update)


def _step_ratio(data: DeviceData, experiment: Experiment) -> Measure:
    """Seconds a step, relative to the baseline measured in the same rounds."""

    def measure(at: Experiment, arm: str) -> float:
        if (at, arm) == (experiment, experiment.against):
            return 1.0
        ours, theirs = (_clocked(data, *pair) for pair in ((at, arm), (experiment, experiment.against)))
        return median(next(ours) / next(theirs) for _ in range(ROUNDS))

    return measure


def _clocked(data: DeviceData, experiment: Experiment, arm: str) -> Iterator[float]:
    """Seconds of the next steps, again and again; the first ones, which warm up, are left out."""
    endless = experiment.training.model_copy(update={"epochs": 200, "evaluations": 1, "patience": 0})
    own = experiment.model_copy(update={"training": endless})
    trainer = Trainer(data, own, arm, experiment.seed, validate=lambda *_: 0.0)
    trainer.lap(STEPS)
    while True:
        before = trainer.seconds
        trainer.lap(STEPS)
        if trainer.state != "training":
            raise RuntimeError("the clock ran out of steps")
        yield trainer.seconds - before
