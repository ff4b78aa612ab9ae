"""Equal tuning: the same trials for every arm, judged on validation, with a seed of its own.

Trial 0 is the experiment itself, so tuning never ends below it on validation; the others are spread evenly
over the ranges by a scrambled Sobol sequence, the same for every arm. An item tower with blocks of its own has
a dropout of its own, which is drawn beside that of the query tower.
"""

from __future__ import annotations

import math

from torch.quasirandom import SobolEngine

from pdcn.config import Experiment

Trial = dict[str, float]

RANGES: dict[str, tuple[float, float, bool]] = {
    "learning_rate": (0.001, 0.05, True),
    "weight_decay": (1e-5, 0.1, True),
    "temperature": (0.03, 0.3, True),
    "dropout": (0.0, 0.4, False),
}
"""Lowest value, highest value, and whether the steps between are even on a log scale."""
DROPOUTS = {"dropout": "network", "item_dropout": "item_network"}
"""Whose dropout a name means."""


def ranges(experiment: Experiment) -> dict[str, tuple[float, float, bool]]:
    """What the trials of an experiment vary: `RANGES`, and the item tower's dropout where it has blocks of its own."""
    return RANGES if experiment.item_network is None else {**RANGES, "item_dropout": RANGES["dropout"]}


def tuning_seed(experiment: Experiment) -> int:
    """The seed of all trials: the first after those of the comparison, which never sees it.

    >>> tuning_seed(Experiment()) in Experiment().seed_list
    False
    """
    return experiment.seed + experiment.seeds


def trials(experiment: Experiment) -> list[Trial]:
    """The settings to try, `tune` of them, the experiment's own first; one alone would be no choice.

    >>> trials(Experiment())
    []
    """
    count = experiment.fairness.tune
    if count < 2:
        return []
    varied = ranges(experiment)
    own: Trial = {
        name: getattr(experiment, DROPOUTS[name]).dropout if name in DROPOUTS else getattr(experiment.training, name)
        for name in varied
    }
    sobol = SobolEngine(len(varied), scramble=True, seed=experiment.seed)  # type: ignore[no-untyped-call]
    points = sobol.draw(count - 1).tolist()
    drawn = [
        {name: _at(*ends, share) for (name, ends), share in zip(varied.items(), point, strict=True)} for point in points
    ]
    return [own, *drawn]


def _at(low: float, high: float, log: bool, share: float) -> float:
    value = low * (high / low) ** share if log else low + (high - low) * share
    return float(f"{value:.4g}") if value else 0.0


def applied(experiment: Experiment, trial: Trial) -> Experiment:
    """The experiment with a trial's settings.

    >>> applied(Experiment(), {"learning_rate": 0.02, "dropout": 0.1}).network.dropout
    0.1
    """
    training = {name: value for name, value in trial.items() if name not in DROPOUTS}
    networks = {
        part: getattr(experiment, part).model_copy(update={"dropout": trial[name]})
        for name, part in DROPOUTS.items()
        if name in trial
    }
    return experiment.model_copy(update={"training": experiment.training.model_copy(update=training), **networks})


def best(values: list[float | None], *, higher: bool = True) -> int:
    """The trial that is best on validation, the earliest of equals; None is one that diverged.

    >>> best([0.2, 0.3, None, 0.3])
    1
    """
    sign = 1 if higher else -1
    return max(range(len(values)), key=lambda at: (-math.inf if (v := values[at]) is None else sign * v, -at))
