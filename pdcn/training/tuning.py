"""Equal tuning: the same trials for every arm, judged on validation, from seeds that the comparison never sees.

Trial 0 is the experiment itself. The others draw every setting independently of the rest, each evenly over its range
(a Latin hypercube: McKay, Beckman and Conover 1979). All are trained from one seed; the best few of an arm, and trial
0, are then trained again from fresh seeds, which alone decide: luck in the first round does not help there. How far the
trainings from these seeds spread tells the error of the choice. Knows no torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pdcn.arrays import Doubles
from pdcn.config import TWO_TOWERS, Experiment, offered
from pdcn.training import words as say

Trial = dict[str, float]

RANGES: dict[str, tuple[float, float, bool]] = {
    "learning_rate": (0.001, 0.05, True),
    "weight_decay": (1e-5, 0.1, True),
    "temperature": (0.03, 0.3, True),
    "dropout": (0.0, 0.4, False),
}
"""Lowest value, highest value, and whether the steps between are even on a log scale."""
LONGEST = 200
"""Epochs that a trial may have at most, as many as the dial allows."""
DROPOUTS = {"dropout": "network", "item_dropout": "item_network"}
"""Whose dropout a name means."""
FINALISTS, FINAL_SEEDS = 4, 3
"""How many trials of an arm are trained again, trial 0 among them, and from how many fresh seeds."""
FEWEST_TRIALS = 12
"""Of 11 drawn trials, at least one is among the best fifth of all settings nine times in ten: 1 - 0.8**11 = 0.91."""
CONFIDENCE = 0.95


def ranges(experiment: Experiment) -> dict[str, tuple[float, float, bool]]:
    """What the trials of an experiment vary: `RANGES`, half to twice its epochs, and the item tower's dropout where it
    has blocks of its own. Without two towers nothing is divided by a temperature."""
    epochs, plain = experiment.training.epochs, dict(RANGES)
    if TWO_TOWERS not in offered(experiment.data.source, experiment.task):
        del plain["temperature"]
    varied = {**plain, "epochs": (float(max(1, epochs // 2)), float(min(LONGEST, 2 * epochs)), True)}
    return varied if experiment.item_network is None else {**varied, "item_dropout": RANGES["dropout"]}


def tuning_seed(experiment: Experiment) -> int:
    """The seed of the first round: the first after those of the comparison, which never sees it.

    >>> tuning_seed(Experiment()) in Experiment().seed_list
    False
    """
    return experiment.seed_list[-1] + 1


def narrows(count: int) -> bool:
    """Whether a first round chooses among so many trials; few enough go to the second at once."""
    return count > FINALISTS


def final_seeds(experiment: Experiment) -> tuple[int, ...]:
    """The seeds that decide, which neither the first round nor the comparison sees.

    >>> tuning_seed(Experiment()), final_seeds(Experiment())
    (3, (4, 5, 6))
    """
    first = tuning_seed(experiment) + 1
    return tuple(range(first, first + FINAL_SEEDS))


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
    drawn: list[Trial] = [{} for _ in range(count - 1)]
    for place, (name, ends) in enumerate(varied.items()):
        random = np.random.default_rng([experiment.seed, place])
        shares = (random.permutation(count - 1) + random.random(count - 1)) / (count - 1)
        for trial, share in zip(drawn, shares.tolist(), strict=True):
            value = _at(*ends, share)
            trial[name] = round(value) if name == "epochs" else value
    return [own, *drawn]


def _at(low: float, high: float, log: bool, share: float) -> float:
    value = low * (high / low) ** share if log else low + (high - low) * share
    return float(f"{value:.4g}") if value else 0.0


def epochs_of(experiment: Experiment) -> float:
    """Epochs that tuning an arm takes: those of the first round, and as many as finalists have on average.

    >>> from pdcn.dials import assemble
    >>> epochs_of(assemble({"epochs": 4})), epochs_of(assemble({"epochs": 1, "tune": 2})) >= 6
    (0.0, True)
    """
    each = [trial["epochs"] for trial in trials(experiment)]
    if not each:
        return 0.0
    others = min(len(each), FINALISTS) - 1
    first = sum(each) if narrows(len(each)) else 0.0
    return first + FINAL_SEEDS * (each[0] + others * sum(each[1:]) / len(each[1:]))


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


def in_order(values: Sequence[float | None], *, higher: bool = True) -> list[int]:
    """The trials from the best on validation, of equals the earliest first; None is one that diverged.

    >>> in_order([0.2, 0.3, None, 0.3])
    [1, 3, 0, 2]
    """
    sign = -1 if higher else 1
    return sorted(range(len(values)), key=lambda at: (math.inf if (v := values[at]) is None else sign * v, at))


def finalists(values: Sequence[float | None], *, higher: bool = True) -> list[int]:
    """The trials that are trained again: trial 0 and the best of the others, in their order.

    >>> finalists([0.1, 0.5, 0.2, None, 0.4, 0.3])
    [0, 1, 4, 5]
    """
    others = [at for at in in_order(values, higher=higher) if at and values[at] is not None]
    return sorted([0, *others[: FINALISTS - 1]])


@dataclass(frozen=True)
class Choice:
    """The trial that an arm keeps, and by how much the fresh seeds found it better than trial 0, both means over them;
    None where either diverged."""

    trial: int
    gain: float | None


def choice(finals: Mapping[int, Sequence[float | None]], *, higher: bool = True) -> Choice:
    """The finalist with the best mean over the fresh seeds, the earliest of equals; one that diverged even once never.

    >>> choice({0: [0.25, 0.25], 3: [0.25, 0.75], 5: [0.5, None]})
    Choice(trial=3, gain=0.25)
    """
    means = {at: mean_of(values) for at, values in finals.items()}
    places = list(means)
    best = places[in_order(list(means.values()), higher=higher)[0]]
    before, after = means.get(0), means[best]
    return Choice(best, None if before is None or after is None else (after - before) * (1 if higher else -1))


def mean_of(values: Sequence[float | None]) -> float | None:
    """The mean over the fresh seeds; None where one diverged."""
    there = [value for value in values if value is not None]
    return float(np.mean(there)) if there and len(there) == len(values) else None


def error_of(arms: Sequence[Mapping[int, Sequence[float | None]]]) -> float | None:
    """By how much two finalists' means must differ to be told apart, at 95%; None where too few were trained to say.

    What a finalist finds from a seed is taken as its mean, plus what that seed gives all of them, plus luck. The
    variance of the luck is pooled over arms; Student's t follows from its degrees of freedom.

    >>> round(error_of([{0: [1.0, 2.0, 3.0], 1: [1.0, 2.0, 6.0]}]), 2)  # residuals 0.5, 0.5, -1.0: variance 1.5
    4.3
    """
    from scipy.special import stdtrit  # a fifth of a second to import, and only needed here

    squares, freedom, seeds = 0.0, 0, FINAL_SEEDS
    for finals in arms:
        table = [values for values in finals.values() if None not in values]
        if len(table) < 2:
            continue
        values: Doubles = np.array(table, dtype=np.float64)  # (finalists, seeds)
        seeds = values.shape[1]
        luck = values - values.mean(1, keepdims=True) - values.mean(0) + values.mean()
        squares += float((luck**2).sum())
        freedom += (len(table) - 1) * (seeds - 1)
    if not freedom:
        return None
    return float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) * math.sqrt(2 * squares / freedom / seeds)


def tuned_in_words(count: int, choices: Sequence[Choice], error: float | None, detect: float) -> str:
    """What may be said of such a tuning.

    Arms are tuned equally where there were trials enough, and where in every arm the settings that are kept are better
    than those it had by more than the error, or a difference that matters (`detect`) would have been told.

    >>> tuned_in_words(4, [Choice(2, 0.04)], 0.01, 0.01)
    'tuned with 4 trials an arm, too few to tell settings apart'
    >>> tuned_in_words(16, [Choice(2, 0.04), Choice(0, 0.0)], 0.02, 0.01)
    'tuned with 16 trials an arm, which do not tell settings apart that differ by less than 2.0 points'
    >>> tuned_in_words(16, [Choice(2, 0.04), Choice(0, 0.0)], 0.008, 0.01)
    'tuned equally, 16 trials an arm'
    """
    if count < FEWEST_TRIALS or error is None:
        return say.TOO_FEW_TRIALS(trials=count)
    if error <= detect or all(one.gain is None or one.gain > error for one in choices):
        return say.TUNED_EQUALLY(trials=count)
    return say.NOT_TOLD_APART(trials=count, points=f"{100 * error:.1f}")
