"""How many seeds a study needs, and what it finds with them: by hand, against trials, and at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import ndtr, stdtr, stdtrit

from pdcn.evaluation.power import (
    TRAINING_LUCK,
    USUAL_FREEDOM,
    _halves,
    detectable,
    expected_spread,
    power,
    seeds_needed,
    usual_spread,
)

Values = NDArray[np.float64]


@pytest.mark.parametrize("seeds", [2, 3, 5])
@pytest.mark.parametrize("ratio", [0.1, 1.0, 3.0])
def test_the_half_width_that_power_reckons_with_is_that_of_the_interval(seeds: int, ratio: float) -> None:
    draws = np.random.default_rng(seeds)
    possible = ratio * np.sqrt((seeds - 1) / draws.chisquare(seeds - 1, 400_000))
    drawn = np.abs(draws.normal(size=400_000)) * np.maximum(1, possible) / np.sqrt(seeds)
    for beyond in (0.975, 0.99):
        half = np.exp(np.interp(np.log(ratio), *_halves(seeds, beyond)))
        assert half == pytest.approx(np.quantile(drawn, 2 * beyond - 1), rel=0.04 if seeds > 2 else 0.08)


STUDIES = 1500
LUCKY = 3 * np.sqrt(0.8 * 0.2 / STUDIES)
"""Three binomial errors of a share of 80%."""


def share_found(seeds: int, spread: Values | float, error: float, true: Values | float, tests: int = 1) -> float:
    """How often 1500 studies of so many seeds claim the difference, each judged by the share of its resamples that
    would fall below zero, of as many as one likes: a normal of the users beside Student's t of the seeds."""
    draws = np.random.default_rng(seeds)
    means = true + draws.normal(0, error, STUDIES)
    of_seeds = means + spread * draws.normal(0, 1, (seeds, STUDIES))
    mean, own = of_seeds.mean(0), of_seeds.std(0, ddof=1) / np.sqrt(seeds)
    if error:
        luck = stdtrit(seeds - 1, (np.arange(4000) + 0.5) / 4000)
        below = np.array([ndtr(-(m + s * luck) / error).mean() for m, s in zip(mean, own, strict=True)])
    else:
        below = stdtr(seeds - 1, -mean / own)
    return float(np.mean(below <= 0.025 / tests))


@pytest.mark.parametrize("tests", [1, 4])
@pytest.mark.parametrize(
    ("spread", "error", "seeds"),
    [
        (0.01, 0.0, 2),
        (0.01, 0.0, 3),
        (0.01, 0.0, 5),
        (0.01, 0.002, 3),
        (0.01, 0.003, 5),
        (0.002, 0.003, 5),
        (0.0, 0.002, 3),
    ],
)
def test_what_is_called_detectable_is_found_four_times_out_of_five(
    spread: float, error: float, seeds: int, tests: int
) -> None:
    """80% of the studies within the binomial error; up to a tenth more where users and seeds mix."""
    size = detectable(spread, error, seeds, tests)
    found = share_found(seeds, spread, error, size, tests)
    assert 0.8 - LUCKY < found < 0.8 + LUCKY + (0.06 if spread and error else 0)
    assert share_found(seeds, spread, error, size / 2, tests) < 0.6
    assert power(size, spread, error, seeds, tests) == pytest.approx(0.8, abs=0.001)


@pytest.mark.parametrize("tests", [1, 4])
@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_what_one_study_promises_the_next_one_finds_four_times_out_of_five(seeds: int, tests: int) -> None:
    """From end to end: trainings spread by as much as they may, one study estimates and promises, another one looks."""
    draws = np.random.default_rng(seeds)
    usual, freedom = 0.01, USUAL_FREEDOM + seeds - 1
    spread = usual * np.sqrt(USUAL_FREEDOM / draws.chisquare(USUAL_FREEDOM, STUDIES))
    seen = spread * np.sqrt(draws.chisquare(seeds - 1, STUDIES) / (seeds - 1))
    unit = detectable(1.0, 0.0, seeds, tests, freedom)
    expected = np.array([expected_spread(s, usual, seeds) for s in seen])
    assert set(expected[:, 1]) == {freedom}
    found = share_found(seeds, spread, 0.0, unit * expected[:, 0], tests)
    assert found == pytest.approx(0.8, abs=LUCKY)
    naive = share_found(seeds, spread, 0.0, detectable(1.0, 0.0, seeds, tests) * seen, tests)
    assert naive < 0.8 - LUCKY  # what the spread of a few seeds promises alone is not kept


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_the_expected_spread_lies_between_what_was_seen_and_what_is_usual(seeds: int) -> None:
    assert expected_spread(0.01, 0.01, seeds) == pytest.approx((0.01, USUAL_FREEDOM + seeds - 1))
    for seen in (0.0, 0.001, 0.1):
        expected, _ = expected_spread(seen, 0.01, seeds)
        assert min(seen, 0.01) < expected < max(seen, 0.01)
    assert abs(expected_spread(0.1, 0.01, 200)[0] - 0.1) < 0.002  # many seeds speak for themselves


def test_the_usual_spread_is_luck_of_events_and_of_trainings() -> None:
    assert usual_spread(0.003, 0.0) == 0.003
    assert usual_spread(0.0, 0.5) == 0.5 * TRAINING_LUCK == 0.005


@pytest.mark.parametrize(
    ("spread", "error", "detect"),
    [(0.01, 0, 0.02), (0.01, 0.002, 0.02), (0.01, 0.001, 0.01), (0.005, 0.002, 0.01), (0.02, 0.003, 0.02)],
)
def test_so_many_seeds_find_it_four_times_out_of_five(spread: float, error: float, detect: float) -> None:
    found = seeds_needed(spread, error, detect)
    assert found is not None
    assert detectable(spread, error, found) <= detect * 1.001
    assert found == 2 or detectable(spread, error, found - 1) > detect
    assert share_found(found + 1, spread, error, detect) >= 0.8
    assert found <= 3 or share_found(found - 2, spread, error, detect) < 0.8


@given(st.floats(0, 0.05), st.floats(0, 0.01), st.floats(0.001, 0.1), st.floats(1, 3))
def test_more_doubt_needs_more_seeds_and_a_larger_effect_fewer(
    spread: float, error: float, detect: float, times: float
) -> None:
    def needed(spread: float, error: float, detect: float, freedom: float = np.inf) -> float:
        found = seeds_needed(spread, error, detect, freedom=freedom)
        return float("inf") if found is None else found

    here = needed(spread, error, detect)
    assert here >= 2
    assert needed(spread * times, error, detect) >= here
    assert needed(spread, error * times, detect) >= here
    assert needed(spread, error, detect * times) <= here
    assert needed(spread, error, detect, 4) >= here


@given(st.floats(0, 0.05), st.floats(0, 0.01), st.integers(2, 30), st.sampled_from([1, 4, 28]))
def test_more_seeds_and_fewer_tests_find_more(spread: float, error: float, seeds: int, tests: int) -> None:
    at = [power(0.02, spread, error, s, t) for s, t in ((seeds, tests), (seeds + 1, tests), (seeds, tests + 1))]
    assert at[1] >= at[0] - 1e-9 >= at[2] - 2e-9


def test_no_number_of_seeds_makes_up_for_too_few_users() -> None:
    """In the limit the difference must be 1.96 + 0.84 errors."""
    assert seeds_needed(0.01, 0.001, 0.01, tests=4) == 16  # 11 alone
    assert seeds_needed(0.01, 0.001, 0.01) == 11
    assert seeds_needed(0.0, 0.01, 0.0280) is None
    assert seeds_needed(0.0, 0.01, 0.0281) == 2
    assert seeds_needed(0.0, 0.0, 0.001) == 2


def test_it_never_asks_for_more_than_it_may() -> None:
    assert seeds_needed(0.01, 0.0, 2.816 * 0.01 / np.sqrt(200)) == 200
    assert seeds_needed(0.01, 0.0, 2.810 * 0.01 / np.sqrt(200)) is None
