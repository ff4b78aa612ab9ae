"""One difference over several worlds: by hand, at its edges, and does it cover?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t, ttest_1samp

from pdcn.evaluation.worlds import over_worlds


def test_without_luck_it_is_the_t_test_over_worlds() -> None:
    values = np.random.default_rng(0).normal(0.01, 0.02, 5)
    found, known = over_worlds(values, np.zeros(5)), ttest_1samp(values, 0)
    ends = known.confidence_interval(0.95)
    assert (found.mean, found.low, found.high, found.p) == pytest.approx(
        (values.mean(), ends.low, ends.high, known.pvalue)
    )
    assert found.between == pytest.approx(values.std(ddof=1))
    assert (found.luck, found.worlds) == (0.0, 5)


def test_worlds_that_agree_by_chance_have_the_interval_that_luck_makes() -> None:
    found = over_worlds(np.array([0.02, 0.02, 0.02]), np.array([0.003, 0.004, 0.005]))
    luck = np.sqrt((9e-6 + 16e-6 + 25e-6) / 3)
    assert found.between == 0.0
    assert found.luck == pytest.approx(luck)
    assert found.high - found.mean == pytest.approx(t.ppf(0.975, 2) * luck / np.sqrt(3))


def test_nothing_at_all_is_no_difference() -> None:
    found = over_worlds(np.zeros(3), np.zeros(3))
    assert (found.low, found.high, found.p) == (0.0, 0.0, 1.0)
    assert over_worlds(np.full(3, 0.5), np.zeros(3)).p == 0.0


@pytest.mark.parametrize("between", [0.0, 1.0, 3.0])
def test_it_covers_and_tells_the_spreads_apart(between: float) -> None:
    """4000 times three worlds with luck of 1 each: 95% hold the truth; the squared spreads are right on average."""
    draws = np.random.default_rng(int(between))
    values = 0.5 + between * draws.normal(size=(4000, 3)) + draws.normal(size=(4000, 3))
    found = [over_worlds(own, np.ones(3)) for own in values]
    held = np.mean([one.low <= 0.5 <= one.high for one in found])
    assert held >= 0.95 - 2.5 * np.sqrt(0.05 * 0.95 / 4000)
    squared = np.mean([one.between**2 for one in found])
    assert squared == pytest.approx(between**2, rel=0.12, abs=0.5 * (between < 3))  # never below 0, so a little above
