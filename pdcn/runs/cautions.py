"""What is said beside a verdict where trainings were lost, cut short, too short, unfinished, or learned little."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pdcn.evaluation.power import TRAINING_LUCK
from pdcn.runs import words as say
from pdcn.runs.arm_seed import ArmSeed
from pdcn.training.loop import FEWEST_STEPS
from pdcn.words import listed, plural, spoken


def lost_trainings(lost: Mapping[tuple[str, int], str]) -> Iterator[str]:
    """A sentence for each training that came to nothing."""
    for (arm, seed), why in lost.items():
        yield say.LOST(arm=spoken(arm).capitalize(), seed=seed, why=why)


def cut_short(arms: list[ArmSeed]) -> str:
    """A warning where the verdict rests on trainings that were stopped midway."""
    cut = [a for a in arms if a.state == "stopped"]
    return say.CUT_SHORT(step=f"{cut[0].steps:,}", steps=f"{cut[0].planned:,}") if cut else ""


def few_steps(arms: list[ArmSeed]) -> str:
    """Why trainings are too short, and what mends that."""
    short = [a.steps for a in arms if a.too_short]
    return say.FEW_STEPS(steps=plural(min(short), "step"), least=FEWEST_STEPS) if short else ""


def unfinished(arms: Sequence[ArmSeed]) -> list[str]:
    """The arms that were still improving when their training ended.

    They had reached their last epoch, and in the mean over seeds the last quarter of the steps still added more than
    whole trainings from other seeds differ by, `TRAINING_LUCK` of the value.
    """
    found = []
    for arm in dict.fromkeys(one.arm for one in arms):
        own = [one for one in arms if one.arm == arm and one.before_the_end is not None and not one.too_short]
        ended = [one for one in own if one.state == "finished"]
        gain = sum(abs(one.validation - (one.before_the_end or 0.0)) for one in ended)
        if ended and gain > TRAINING_LUCK * sum(abs(one.validation) for one in own):
            found.append(arm)
    return found


def not_finished(arms: Sequence[str]) -> str:
    """What stands beside a verdict on such trainings.

    >>> not_finished(["parallel", "sequential"])
    'Not finished: parallel and sequential were still improving when training ended. More epochs may change the result.'
    """
    if not arms:
        return ""
    told = listed(map(spoken, arms))
    return say.NOT_FINISHED_ONE(arm=told) if len(arms) == 1 else say.NOT_FINISHED(arms=told)


def learned_little(arms: list[ArmSeed], validated: str) -> Iterator[str]:
    """A sentence for each arm about the trainings that are kept as they were before the first step, or early after
    it."""
    for arm in dict.fromkeys(a.arm for a in arms):
        own = [a for a in arms if a.arm == arm]
        if untrained := [a.seed for a in own if a.best_check == 0]:
            yield say.UNTRAINED(arm=spoken(arm).capitalize(), seeds=_seeds(untrained), metric=validated)
        if first := [a.seed for a in own if a.best_check == 1 < a.checks and not a.too_short]:
            yield say.FIRST_CHECK(arm=spoken(arm).capitalize(), seeds=_seeds(first), metric=validated)


def _seeds(seeds: Sequence[int]) -> str:
    """Seeds as one says them.

    >>> _seeds([1]), _seeds([0, 2]), _seeds([0, 2, 3])
    ('seed 1', 'seeds 0 and 2', 'seeds 0, 2 and 3')
    """
    return say.SEED(number=seeds[0]) if len(seeds) == 1 else say.SEEDS(numbers=listed(seeds))
