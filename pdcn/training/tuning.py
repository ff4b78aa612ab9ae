"""Equal tuning: the same trials for every arm, judged on validation, with a seed of its own.

Trial 0 is the experiment's own settings, so tuning never ends below them on validation; the others
are spread evenly over `RANGES` by a scrambled Sobol sequence, the same for every arm.
"""

from __future__ import annotations

from torch.quasirandom import SobolEngine

from pdcn.config import Experiment, Network

Trial = dict[str, float]

RANGES: dict[str, tuple[float, float, bool]] = {
    "learning_rate": (0.001, 0.05, True),
    "weight_decay": (1e-5, 0.1, True),
    "temperature": (0.03, 0.3, True),
    "dropout": (0.0, 0.4, False),
}
"""Lowest value, highest value, and whether the steps between are even on a log scale."""


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
    training = experiment.training
    own: Trial = {name: float(getattr(training, name)) for name in RANGES if name != "dropout"}
    own["dropout"] = experiment.network.dropout
    sobol = SobolEngine(len(RANGES), scramble=True, seed=experiment.seed)  # type: ignore[no-untyped-call]
    points = sobol.draw(count - 1).tolist()
    return [own, *({n: _at(n, share) for n, share in zip(RANGES, point, strict=True)} for point in points)]


def _at(name: str, share: float) -> float:
    low, high, log = RANGES[name]
    value = low * (high / low) ** share if log else low + (high - low) * share
    return float(f"{value:.4g}") if value else 0.0


def applied(experiment: Experiment, trial: Trial) -> Experiment:
    """The experiment with a trial's settings.

    >>> applied(Experiment(), {"learning_rate": 0.02, "dropout": 0.1}).network.dropout
    0.1
    """
    training = {name: value for name, value in trial.items() if name != "dropout"}

    def drop(network: Network | None) -> Network | None:
        return network.model_copy(update={"dropout": trial["dropout"]}) if network else None

    return experiment.model_copy(
        update={
            "training": experiment.training.model_copy(update=training),
            "network": drop(experiment.network),
            "item_network": drop(experiment.item_network),
        }
    )


def best(recalls: list[float | None]) -> int:
    """The trial with the highest validation recall, the earliest of equals; None is one that diverged.

    >>> best([0.2, 0.3, None, 0.3])
    1
    """
    return max(range(len(recalls)), key=lambda at: (-1.0 if (r := recalls[at]) is None else r, -at))
