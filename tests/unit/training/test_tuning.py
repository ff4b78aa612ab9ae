"""Equal tuning: the same trials for every arm, with a seed that the comparison never sees."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdcn.config import Experiment
from pdcn.dials import assemble
from pdcn.training.tuning import RANGES, applied, best, trials, tuning_seed

any_seeds = given(st.integers(0, 2**31 - 1), st.integers(1, 50))


def experiment(**values: Any) -> Experiment:
    return assemble({"data": "planted", "tune": 8, **values})


@settings(deadline=None)
@any_seeds
def test_the_seed_of_the_trials_is_none_of_the_comparison(seed: int, seeds: int) -> None:
    at = experiment(seed=seed, seeds=seeds)
    assert tuning_seed(at) not in at.seed_list


def test_without_tuning_there_is_no_trial() -> None:
    assert trials(experiment(tune=0)) == []
    assert trials(experiment(tune=1)) == []  # a choice of one is none


def test_the_first_trial_is_the_settings_as_they_are() -> None:
    at = experiment(learning_rate=0.7, weight_decay=0.5, temperature=2.0, dropout=0.8)
    first = trials(at)[0]
    assert first == {"learning_rate": 0.7, "weight_decay": 0.5, "temperature": 2.0, "dropout": 0.8}
    assert applied(at, first) == at


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31 - 1), st.integers(2, 100))
def test_all_other_trials_are_within_their_ranges_and_differ(seed: int, tune: int) -> None:
    found = trials(experiment(seed=seed, tune=tune))
    assert len(found) == tune
    for trial in found[1:]:
        assert list(trial) == list(RANGES)
        for name, (low, high, _) in RANGES.items():
            assert low <= trial[name] <= high
        assert Experiment.from_json(applied(experiment(), trial).to_json()) == applied(experiment(), trial)
    assert len({tuple(trial.items()) for trial in found[1:]}) == tune - 1


def test_trials_are_spread_evenly_over_the_ranges() -> None:
    """Of 64 Sobol points, each eighth of a range holds about eight, on the scale of the range."""
    found = trials(experiment(tune=65))[1:]
    for name, (low, high, log) in RANGES.items():
        shares = [
            math.log(trial[name] / low, high / low) if log else (trial[name] - low) / (high - low) for trial in found
        ]
        for eighth in range(8):
            assert 6 <= sum(eighth / 8 <= share < (eighth + 1) / 8 for share in shares) <= 10, name


def test_trials_hang_on_the_first_seed_alone() -> None:
    """Not on the arms, the blocks or the number of seeds, so that every arm gets the same."""
    found = trials(experiment())
    assert trials(experiment()) == found
    assert trials(experiment(arms=("deep_only", "parallel"), deep=(7,), match="none", seeds=9)) == found
    assert trials(experiment(tune=5)) == found[:5]
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
    ("recalls", "chosen"),
    [
        ([0.1, 0.3, 0.2], 1),
        ([0.3, 0.3, 0.3], 0),  # the earliest of equals: the settings as they are
        ([None, 0.0, None], 1),
        ([None, None], 0),
        ([0.5], 0),
    ],
)
def test_the_best_trial(recalls: list[float | None], chosen: int) -> None:
    assert best(recalls) == chosen
