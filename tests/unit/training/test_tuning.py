"""Equal tuning: the same trials for every arm, with a seed that the comparison never sees."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdcn.config import Experiment
from pdcn.dials import assemble
from pdcn.training.tuning import (
    FINAL_SEEDS,
    Choice,
    applied,
    choice,
    epochs_of,
    error_of,
    final_seeds,
    finalists,
    ranges,
    trials,
    tuned_in_words,
    tuning_seed,
)

any_seeds = given(st.integers(0, 2**31 - 1), st.integers(1, 50))


def experiment(**values: Any) -> Experiment:
    return assemble({"data": "planted", "tune": 8, **values})


@any_seeds
def test_the_seeds_of_the_trials_are_none_of_the_comparison(seed: int, seeds: int) -> None:
    at = experiment(seed=seed, seeds=seeds)
    own = {tuning_seed(at), *final_seeds(at)}
    assert len(own) == 1 + FINAL_SEEDS  # those that decide have not chosen who is trained again
    assert not own & set(at.seed_list)


def test_without_tuning_there_is_no_trial() -> None:
    assert trials(experiment(tune=0)) == []
    assert trials(experiment(tune=1)) == []  # a choice of one is none


def test_the_first_trial_is_the_settings_as_they_are() -> None:
    own = {"learning_rate": 0.7, "weight_decay": 0.5, "temperature": 2.0, "dropout": 0.8, "epochs": 7}
    at = experiment(**own)
    first = trials(at)[0]
    assert first == own
    assert applied(at, first) == at


@settings(max_examples=40)
@given(st.integers(0, 2**31 - 1), st.integers(2, 100))
def test_all_other_trials_are_within_their_ranges_and_differ(seed: int, tune: int) -> None:
    found = trials(experiment(seed=seed, tune=tune))
    assert len(found) == tune
    for trial in found[1:]:
        assert list(trial) == list(ranges(experiment()))
        for name, (low, high, _) in ranges(experiment()).items():
            assert low <= trial[name] <= high
        assert Experiment.from_json(applied(experiment(), trial).to_json()) == applied(experiment(), trial)
    assert len({tuple(trial.items()) for trial in found[1:]}) == tune - 1


def shares_of(tune: int) -> dict[str, list[float]]:
    """Where on its range, 0 to 1, each setting of each drawn trial is."""
    at = experiment(tune=tune, epochs=100)
    found = trials(at)[1:]
    return {
        name: [math.log(one[name] / low, high / low) if log else (one[name] - low) / (high - low) for one in found]
        for name, (low, high, log) in ranges(at).items()
    }


def test_trials_are_spread_evenly_over_the_ranges() -> None:
    """Of 64 trials, each eighth of a range holds eight, on the scale of the range; epochs are rounded to whole ones."""
    for name, shares in shares_of(65).items():
        for eighth in range(8):
            held = sum(eighth / 8 <= share < (eighth + 1) / 8 for share in shares)
            assert abs(held - 8) <= (2 if name == "epochs" else 0), name


def test_every_setting_is_drawn_independently_of_the_others() -> None:
    """Of 99 trials, two settings that have nothing to do with each other correlate by 0.1 more or less."""
    correlations = np.corrcoef(list(shares_of(100).values()))
    np.fill_diagonal(correlations, 0)
    assert 0.02 < np.abs(correlations).max() < 0.35  # ten pairs, each of standard error 0.1; and no grid


def test_trials_hang_on_the_first_seed_alone() -> None:
    """Not on the arms, the blocks or the number of seeds, so that every arm gets the same."""
    found = trials(experiment())
    assert trials(experiment()) == found
    assert trials(experiment(arms=("deep_only", "parallel"), deep=(7,), match="none", seeds=9)) == found
    assert trials(experiment(seed=1))[1:] != found[1:]
    assert trials(experiment(seed=1))[0] == found[0]


@pytest.mark.parametrize("item", [{"item_deep": (16,)}, {"item_dropout": 0.4}, {"item_dropout": 0.0}])
def test_the_first_trial_is_the_experiment_whatever_the_towers_own_settings_are(item: dict[str, Any]) -> None:
    """The query tower's dropout was written into the item tower, too."""
    at = experiment(dropout=0.1, **item)
    assert applied(at, trials(at)[0]) == at
    assert [network.dropout for network in at.networks()] == [0.1, item.get("item_dropout", 0.1)]


def test_every_tower_with_blocks_of_its_own_has_a_dropout_of_its_own() -> None:
    at = experiment(item_deep=(16,), tune=33)
    drawn = [applied(at, trial).networks() for trial in trials(at)[1:]]
    assert all(0 <= network.dropout <= 0.4 for pair in drawn for network in pair)
    query, item = ([pair[side].dropout for pair in drawn] for side in (0, 1))
    assert all(one != other for one, other in zip(query, item, strict=True))
    assert len(set(item)) == 32
    for eighth in range(8):  # as evenly spread as the others
        assert 2 <= sum(eighth / 8 <= value / 0.4 < (eighth + 1) / 8 for value in item) <= 6
    shared = experiment(tune=33)
    assert all(
        one.dropout == other.dropout for one, other in (applied(shared, trial).networks() for trial in trials(shared))
    )


def test_a_trial_sets_both_towers_and_the_training_and_nothing_else() -> None:
    at = experiment(dropout=0.1, item_deep=(16,), item_dropout=0.2, epochs=7)
    trial = {"learning_rate": 0.02, "weight_decay": 0.01, "temperature": 0.2, "dropout": 0.3, "item_dropout": 0.25}
    own = applied(at, trial)
    assert [network.dropout for network in own.networks()] == [0.3, 0.25]
    assert own.model_dump(exclude={"training", "network", "item_network"}) == at.model_dump(
        exclude={"training", "network", "item_network"}
    )
    assert own.networks()[1].deep == (16,)
    assert own.training == at.training.model_copy(
        update={"learning_rate": 0.02, "weight_decay": 0.01, "temperature": 0.2}
    )
    del trial["item_dropout"]
    assert applied(experiment(), trial).item_network is None


@pytest.mark.parametrize(
    ("recalls", "again"),
    [
        ([0.1, 0.3, 0.2, 0.5, 0.4, 0.35], [0, 3, 4, 5]),  # trial 0 always, and the three best of the others
        ([0.9, 0.3, 0.3, 0.3, 0.3], [0, 1, 2, 3]),  # the earliest of equals
        ([None, 0.1, None, None, None], [0, 1]),  # what diverged is not trained again, but for trial 0
    ],
)
def test_the_best_few_are_trained_again(recalls: list[float | None], again: list[int]) -> None:
    assert finalists(recalls) == again
    assert finalists([None if one is None else 1 - one for one in recalls], higher=False) == again


@pytest.mark.parametrize(
    ("finals", "chosen"),
    [
        ({0: [0.125, 0.25], 4: [0.25, 0.375]}, Choice(4, 0.125)),
        ({0: [0.3, 0.3], 4: [0.3, 0.3]}, Choice(0, 0.0)),  # the earliest of equals: the settings as they are
        ({0: [None, 0.3], 4: [0.1, 0.1]}, Choice(4, None)),
        ({0: [0.1, 0.1], 4: [0.9, None]}, Choice(0, 0.0)),  # once is too often
        ({0: [None, None], 4: [None, 0.1]}, Choice(0, None)),
    ],
)
def test_the_fresh_seeds_choose(finals: dict[int, list[float | None]], chosen: Choice) -> None:
    assert choice(finals) == chosen
    mirrored = {at: [None if one is None else 1 - one for one in values] for at, values in finals.items()}
    assert choice(mirrored, higher=False) == chosen


def test_the_error_holds_what_luck_alone_makes_of_two_equal_trials() -> None:
    """Finalists that differ in nothing but luck are told apart in 5% of cases."""
    random = np.random.default_rng(0)
    told = 0
    for _ in range(2_000):
        arms = random.normal(size=(2, 4, 3)) + 5 * random.normal(size=(2, 1, 3))  # what a seed gives to all cancels out
        error = error_of([dict(enumerate(arm.tolist())) for arm in arms])
        assert error is not None
        told += abs(arms[0, 1].mean() - arms[0, 0].mean()) > error
    assert told / 2_000 == pytest.approx(0.05, abs=0.015)


def test_without_two_finalists_no_error_is_told() -> None:
    assert error_of([{0: [0.1, 0.2, 0.3], 1: [None, 0.2, 0.1]}]) is None
    assert "too few" in tuned_in_words(20, [Choice(0, 0.0)], None, 0.01)


@pytest.mark.parametrize(
    ("gains", "error", "said"),
    [
        ([0.03, 0.03], 0.02, "tuned equally"),
        ([0.03, 0.0], 0.02, "do not tell settings apart"),  # one arm may have missed what would have helped it
        ([0.03, 0.0], 0.01, "tuned equally"),  # no: it would have been seen
        ([0.001, 0.0], 0.009, "tuned equally"),
    ],
)
def test_what_is_said_of_a_tuning(gains: list[float], error: float, said: str) -> None:
    assert said in tuned_in_words(12, [Choice(1, gain) for gain in gains], error, 0.01)
    assert "too few" in tuned_in_words(11, [Choice(1, gain) for gain in gains], error, 0.01)


def test_what_tuning_takes_is_known_before_it_starts() -> None:
    few, many = experiment(tune=3, epochs=10), experiment(tune=12, epochs=10)
    first, *others = (trial["epochs"] for trial in trials(few))
    assert epochs_of(few) == pytest.approx(FINAL_SEEDS * (first + sum(others)))  # all of them decide at once
    each = [trial["epochs"] for trial in trials(many)]
    assert epochs_of(many) == pytest.approx(sum(each) + FINAL_SEEDS * (10 + 3 * sum(each[1:]) / 11))
