"""Several looks at one study: no more false alarms than one look, and p-values that count them all."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, stdtrit

from pdcn.evaluation.looks import Looks
from pdcn.evaluation.power import _halves


def looked(looks: tuple[int, ...], true: float, floor: float, studies: int = 4000) -> tuple[float, float, float]:
    """Of studies whose seeds spread by 1 and which end once they claim: how many claim, the seeds that they trained on
    average, and how many end with an interval that misses the truth."""
    values = np.random.default_rng(looks[-1]).normal(true, 1, (looks[-1], studies))
    claims, missed, ended = np.zeros(studies, bool), np.zeros(studies, bool), np.full(studies, looks[-1])
    for made, seeds in enumerate(looks, start=1):
        beyond = 1 - Looks(looks, made).chance / 2
        mean, spread = values[:seeds].mean(0), values[:seeds].std(0, ddof=1)
        half = np.asarray(stdtrit(seeds - 1, beyond)) * spread / np.sqrt(seeds)
        if floor:
            own = floor * np.exp(np.interp(np.log(spread / floor), *_halves(seeds, beyond)))
            half = np.maximum(half, own)
        here = ~claims & ((np.abs(mean) > half) | (seeds == looks[-1]))
        missed |= here & (np.abs(mean - true) > half)
        ended[here & (np.abs(mean) > half)] = seeds
        claims |= ~claims & (np.abs(mean) > half)
    return float(claims.mean()), float(ended.mean()), float(missed.mean())


@pytest.mark.parametrize("looks", [(3, 5), (2, 4, 6, 8, 10), tuple(range(3, 16, 2))])
@pytest.mark.parametrize("floor", [0.0, 1.0])
def test_looking_again_and_again_raises_no_more_alarms(looks: tuple[int, ...], floor: float) -> None:
    """4000 whole sequences without a difference: 5% end with a claim, and two binomial errors at most."""
    slack = 2 * np.sqrt(0.05 * 0.95 / 4000)
    alarms, seeds, missed = looked(looks, 0.0, floor)
    assert alarms <= 0.05 + slack
    assert missed == pytest.approx(alarms)
    assert seeds > 0.95 * looks[-1]
    for true in (0.7, 2.0):
        claims, seeds, missed = looked(looks, true, floor)
        assert missed <= 0.05 + slack
    if len(looks) > 5:  # a difference of two spreads is found with half the seeds, and less
        assert claims > 0.99
        assert seeds < 8


def test_the_boundaries_spend_what_they_may() -> None:
    """Two independent halves of one chance, by hand: the first look spends 0.85 x 5% x (1/2)^2."""
    assert Looks((5, 10), 1).chance == pytest.approx(0.85 * 0.05 / 4, rel=1e-3)
    draws = np.random.default_rng(0).normal(size=(10, 200_000))
    z = [draws[:5].sum(0) / np.sqrt(5), draws.sum(0) / np.sqrt(10)]
    crossed = [2 * ndtr(-np.abs(one)) <= Looks((5, 10), made).chance for made, one in enumerate(z, start=1)]
    assert np.mean(crossed[0] | crossed[1]) == pytest.approx(0.85 * 0.05, abs=0.0015)


@pytest.mark.parametrize("made", [1, 2, 3])
def test_p_of_all_looks_is_small_where_this_one_claims(made: int) -> None:
    look = Looks((3, 5, 7), made)
    p = np.array([1e-9, 0.5 * look.chance, 0.999 * look.chance, 1.001 * look.chance, 0.3, 1.0])
    found = look.counted(p)
    assert (found <= 0.05).tolist() == [True, True, True, False, False, False]
    assert (np.diff(found) >= 0).all()
    assert (found >= p).all()
    assert found[-1] == 1
