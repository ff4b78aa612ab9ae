"""The paired interval: against a plain reference, at its edges, and does it cover?"""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pdcn.evaluation import statistics
from pdcn.evaluation.statistics import Interval, outcome, paired_interval
from pdcn.evaluation.verdict import Comparison, points, sentence, spoken

Values = NDArray[np.float64]


def plainly(difference: Values, seed: int, resamples: int, chunk: int) -> Interval:
    """The same algorithm, one resample, one user, one cut-off at a time."""
    seeds, users, cuts = difference.shape
    draws = np.random.default_rng(seed)
    rows = []
    for start in range(0, resamples, chunk):
        size = min(chunk, resamples - start)
        picks = draws.integers(users, size=(size, users))
        student = draws.standard_t(seeds - 1, size=size) if seeds > 1 else np.zeros(size)
        for pick, t in zip(picks, student, strict=True):
            row = []
            for k in range(cuts):
                means = [sum(difference[s, u, k] for u in pick) / users for s in range(seeds)]
                mean = sum(means) / seeds
                spread = (sum((m - mean) ** 2 for m in means) / max(1, seeds - 1)) ** 0.5
                row.append(mean + t * spread / seeds**0.5)
            rows.append(row)
    low = [np.quantile([row[k] for row in rows], 0.025) for k in range(cuts)]
    high = [np.quantile([row[k] for row in rows], 0.975) for k in range(cuts)]
    return Interval(difference.mean((0, 1)), np.array(low), np.array(high))


@pytest.mark.parametrize("seeds", [1, 2, 3])
def test_against_the_plain_reference(seeds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "CHUNK", 40)
    difference = np.random.default_rng(seeds).normal(0.1, 1, (seeds, 7, 3))
    found, expected = paired_interval(difference, 5, 100), plainly(difference, 5, 100, 40)
    for name in ("mean", "low", "high"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=1e-12)
    assert (found.low < found.mean).all()
    assert (found.mean < found.high).all()


def test_equal_seeds_equal_intervals() -> None:
    difference = np.random.default_rng(0).normal(size=(3, 20, 2))
    one, two, other = (paired_interval(difference, seed, 500) for seed in (1, 1, 2))
    assert one.low.tobytes() == two.low.tobytes()
    assert one.low.tolist() != other.low.tolist()


def test_a_constant_shift_collapses_the_interval_on_itself() -> None:
    found = paired_interval(np.full((3, 40, 2), 0.25), resamples=300)
    assert found.mean == pytest.approx([0.25, 0.25])
    assert found.low == pytest.approx([0.25, 0.25], abs=1e-12)
    assert found.high == pytest.approx([0.25, 0.25], abs=1e-12)


def test_arms_that_never_differ_are_not_told_apart() -> None:
    """Ties everywhere: the interval is exactly zero, which is no detectable difference."""
    found = paired_interval(np.zeros((3, 40, 1)), resamples=300)
    assert (found.low[0], found.high[0]) == (0, 0)
    assert outcome(float(found.low[0]), float(found.high[0]), 3) == "no detectable difference"


def test_a_shift_moves_the_interval_and_changes_nothing_else() -> None:
    difference = np.random.default_rng(0).normal(size=(3, 30, 1))
    here, there = (paired_interval(difference + shift, resamples=500) for shift in (0, 10))
    assert there.low - here.low == pytest.approx(10)
    assert there.high - here.high == pytest.approx(10)


def test_the_two_sides_are_alike() -> None:
    difference = np.random.default_rng(0).normal(size=(3, 30, 1))
    here, there = paired_interval(difference, resamples=4000), paired_interval(-difference, resamples=4000)
    width = here.high - here.low
    assert abs(here.low + there.high) < 0.1 * width


def test_one_user_cannot_decide() -> None:
    """One user of a hundred for whom one arm wins outright: the mean says so, the interval does not."""
    difference = np.zeros((3, 100, 1))
    difference[:, 0] = 1.0
    found = paired_interval(difference, resamples=2000)
    assert found.mean == pytest.approx([0.01])
    assert found.low[0] == 0
    assert outcome(float(found.low[0]), float(found.high[0]), 3) == "no detectable difference"


def test_seeds_that_disagree_widen_the_interval() -> None:
    """Every user agrees within a seed, so all doubt is of the seeds: t(2) at 95% is 4.303."""
    shifts = np.array([0.0, 0.1, 0.2])
    difference = np.broadcast_to(shifts[:, None, None], (3, 50, 1))
    found = paired_interval(difference, resamples=20_000)
    half = 4.303 * 0.1 / np.sqrt(3)
    assert found.low[0] == pytest.approx(0.1 - half, rel=0.1)
    assert found.high[0] == pytest.approx(0.1 + half, rel=0.1)


def test_one_seed_knows_of_users_only() -> None:
    difference = np.random.default_rng(0).normal(0, 1, (1, 400, 1))
    found = paired_interval(difference, resamples=4000)
    assert (found.high - found.low)[0] == pytest.approx(2 * 1.96 * difference.std() / 20, rel=0.06)


@pytest.mark.parametrize(
    ("low", "high", "seeds", "expected"),
    [
        (0.1, 0.2, 3, "better"), (-0.2, -0.1, 2, "worse"), (0.0, 0.2, 3, "no detectable difference"),
        (-0.2, 0.0, 3, "no detectable difference"), (-0.1, 0.1, 9, "no detectable difference"),
        (0.1, 0.2, 1, "too few seeds"), (-0.2, -0.1, 1, "too few seeds"),
    ],
)  # fmt: skip
def test_outcomes(low: float, high: float, seeds: int, expected: str) -> None:
    assert outcome(low, high, seeds) == expected


def test_it_covers_the_truth() -> None:
    """300 studies of 3 seeds and 100 users, noise of both kinds: at least 93% intervals hold the truth."""
    draws = np.random.default_rng(0)
    held = []
    for study in range(300):
        seeds = draws.normal(0, 0.1, (3, 1, 1))
        users = draws.normal(0, 1, (1, 100, 1))
        found = paired_interval(0.3 + seeds + users + draws.normal(0, 0.3, (3, 100, 1)), study, 600)
        held.append(found.low[0] <= 0.3 <= found.high[0])
    assert 0.93 <= np.mean(held) < 1


def test_it_covers_where_seeds_are_all_there_is_to_doubt() -> None:
    """The case that resampling three seeds gets wrong: it would cover about three quarters."""
    draws = np.random.default_rng(1)
    held = []
    for study in range(300):
        difference = 0.3 + draws.normal(0, 1, (3, 1, 1)) + draws.normal(0, 0.01, (3, 100, 1))
        found = paired_interval(difference, study, 600)
        held.append(found.low[0] <= 0.3 <= found.high[0])
    assert 0.92 <= np.mean(held) < 1


def test_it_is_not_needlessly_wide() -> None:
    """A true effect of five standard errors is found nearly always."""
    draws = np.random.default_rng(2)
    found = [
        paired_interval(0.5 + draws.normal(0, 1, (1, 100, 1)) + np.zeros((3, 100, 1)), study, 400).low[0] > 0
        for study in range(60)
    ]
    assert np.mean(found) > 0.9


# what is said of it


@given(st.floats(-1, 1), st.floats(-1, 1), st.integers(1, 5))
def test_no_sentence_claims_what_the_interval_leaves_open(one: float, two: float, seeds: int) -> None:
    low, high = sorted((one, two))
    found = outcome(low, high, seeds)
    said = sentence([Comparison("parallel", "sequential", 100, one, low, high, found, seeds, 9, 99)], "Toy")
    claims = re.search(r" is (better|worse) than ", said)
    if low <= 0 <= high or seeds < 2:
        assert claims is None
        assert re.search("no detectable difference|one seed cannot tell", said)
    else:
        assert claims is not None
        assert claims[1] == ("better" if low > 0 else "worse")
    assert "recall@100" in said
    assert said.startswith("On Toy, ")


@pytest.mark.parametrize("found", ["better", "worse"])
def test_a_claim_shows_its_basis(found: str) -> None:
    sign = 1 if found == "better" else -1
    low, high = sorted((sign * 0.004, sign * 0.02))
    comparison = Comparison(
        "parallel", "deep_only", 10, sign * 0.012, low, high, outcome(low, high, 3), 3, 1801, 9000
    )
    mark = {1: "+", -1: "−"}[sign]
    bounds = f"[{points(low)}, {points(high)}]"
    assert sentence([comparison], "Toy") == (
        f"On Toy, parallel is {found} than deep only: {mark}1.20 points of recall@10, 95% interval {bounds}; "
        "3 seeds, 1,801 users."
    )


def test_several_comparisons_are_several_sentences() -> None:
    one = Comparison("parallel", "sequential", 10, 0, -0.1, 0.1, "no detectable difference", 2, 5, 9)
    said = sentence([one, one], "Toy")
    assert said.count("On Toy, no detectable difference between parallel and sequential") == 2


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.01, "+1.00"),
        (-0.01, "−1.00"),
        (0.0, "0.00"),
        (-0.00004, "0.00"),
        (-0.00006, "−0.01"),
        (1, "+100.00"),
    ],
)
def test_points(share: float, text: str) -> None:
    assert points(share) == text


def test_arms_are_spoken() -> None:
    assert spoken("deep_then_cross-cross_only") == "deep then cross queries with cross only items"
