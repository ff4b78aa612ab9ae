"""The paired interval: against a plain reference, at its edges, and does it cover? Holm, and questions in order."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import ttest_1samp, ttest_ind

from pdcn.evaluation import statistics
from pdcn.evaluation.power import _halves, detectable
from pdcn.evaluation.statistics import Contrast, Interval, contrast, holm, in_order, outcome, paired_interval
from pdcn.tasks.retrieval.batches import resampled

Values = NDArray[np.float64]
NAMES = ("mean", "low", "high", "p", "seed_spread", "seed_floor", "user_error")
T_97 = {2: 12.706, 3: 4.3027, 5: 2.7764}
"""Student's t at 97.5%, S - 1 degrees of freedom, from a table."""


def plainly(
    difference: Values, present: NDArray[np.bool_], seed: int, resamples: int, chunk: int, *, anew: bool = False
) -> Interval:
    """The same algorithm, one column, one resample, one user at a time."""
    seeds, users, cuts = difference.shape
    draws = np.random.default_rng(seed)
    drawn: list[tuple[list[int], tuple[float, float]]] = []
    for start in range(0, resamples, chunk):
        size = min(chunk, resamples - start)
        picks = draws.integers(users, size=(size, users)).tolist()
        square = draws.chisquare(seeds - 1, size=size).tolist() if seeds > 1 else [1.0] * size
        normal = draws.standard_normal(size).tolist() if seeds > 1 else [0.0] * size
        drawn += zip(picks, zip(square, normal, strict=True), strict=True)
    found = {name: np.empty(cuts) for name in NAMES}
    for k in range(cuts):
        table = difference[:, :, k].tolist()
        known = [u for u in range(users) if present[u, k]]
        of_seed = [sum(row[u] for u in known) / len(known) for row in table]
        of_user = {u: sum(row[u] for row in table) / seeds for u in known}
        mean = sum(of_seed) / seeds
        apart = sum((of_user[u] - mean) ** 2 for u in known)
        spread, share = float("nan"), 1.0
        floor = spread
        if seeds > 1:
            spread = (sum((m - mean) ** 2 for m in of_seed) / (seeds - 1)) ** 0.5
            rest = sum(
                (row[u] - of_user[u] - own + mean) ** 2 for row, own in zip(table, of_seed, strict=True) for u in known
            )
            floor = (rest / (seeds - 1)) ** 0.5 / len(known)
            share = max(0.0, 1 - rest / (seeds - 1) / seeds / apart) ** 0.5
        means = []
        for pick, (chi, z) in drawn:
            own = [share * (of_user[u] - mean) for u in pick if present[u, k]]
            luck = 0.0
            if seeds > 1:
                square = max(floor**2, spread**2 * (seeds - 1) / chi)
                luck = z * (square / seeds + (square - floor**2 if anew else 0.0)) ** 0.5
            means.append(mean + sum(own) / len(own) + luck)
        below, above = sum(m <= 0 for m in means), sum(m >= 0 for m in means)
        found["mean"][k], found["seed_spread"][k], found["seed_floor"][k] = mean, spread, floor
        found["user_error"][k] = share * apart**0.5 / len(known)
        found["low"][k], found["high"][k] = np.quantile(means, [0.025, 0.975])
        found["p"][k] = min(1.0, 2 * (min(below, above) + 1) / (resamples + 1))
    return Interval(**found, set_spread=np.full(cuts, np.nan))


def noise(draws: np.random.Generator, shape: tuple[int, int, int], seed: float, user: float, rest: float) -> Values:
    """Differences whose truth is 0: luck of the seeds, of the users, and of each pair of them."""
    seeds, users, columns = shape
    between = seed * draws.normal(size=(seeds, 1, columns)) + user * draws.normal(size=(1, users, columns))
    return np.asarray(between + rest * draws.normal(size=shape))


def alike(found: Interval, expected: Interval) -> None:
    for name in NAMES:
        assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=1e-12, nan_ok=True), name


@pytest.mark.parametrize("seeds", [1, 2, 3, 5])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("anew", [False, True])
def test_against_the_plain_reference(seeds: int, masked: bool, anew: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "CHUNK", 40)
    draws = np.random.default_rng(seeds)
    difference = 0.3 + noise(draws, (seeds, 9, 4), 0.2, 0.5, 0.8)
    present = draws.random((9, 4)) < 0.7 if masked else np.ones((9, 4), bool)
    present[:3] = True
    found = paired_interval(
        difference, present if masked else None, 5, 100, sets=range(len(difference)) if anew else ()
    )
    alike(found, plainly(difference, present, 5, 100, 40, anew=anew))
    assert (found.low < found.mean).all()
    assert (found.mean < found.high).all()
    assert np.isnan(found.seed_spread).all() == (seeds == 1)


def test_users_that_a_column_knows_not_do_not_count() -> None:
    """Every user present is the same as no mask; what stands in an absent cell is never looked at."""
    difference = noise(np.random.default_rng(0), (3, 40, 2), 0.1, 1, 0.5)
    alike(paired_interval(difference, np.ones((40, 2), bool), 1, 300), paired_interval(difference, None, 1, 300))
    present = np.arange(40)[:, None] % np.array([2, 3]) > 0
    other = np.where(present, difference, 99.0)
    alike(paired_interval(difference, present, 1, 300), paired_interval(other, present, 1, 300))
    assert paired_interval(difference, present, 1, 300).mean == pytest.approx(
        [difference[:, present[:, k], k].mean() for k in (0, 1)]
    )


def test_fewer_users_are_a_larger_error() -> None:
    difference = noise(np.random.default_rng(0), (3, 400, 1), 0, 1, 0)
    whole = paired_interval(difference, None, 0, 2000)
    part = paired_interval(difference, np.arange(400)[:, None] < 100, 0, 2000)
    assert part.user_error[0] == pytest.approx(2 * whole.user_error[0], rel=0.2)
    assert part.high - part.low == pytest.approx(2 * (whole.high - whole.low), rel=0.25)


def test_equal_seeds_equal_intervals() -> None:
    difference = np.random.default_rng(0).normal(size=(3, 20, 2))
    one, two, other = (paired_interval(difference, seed=seed, resamples=500) for seed in (1, 1, 2))
    for name in NAMES:
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
    assert one.low.tolist() != other.low.tolist()


def test_a_column_does_not_care_for_the_columns_beside_it() -> None:
    difference = noise(np.random.default_rng(0), (3, 30, 3), 0.1, 1, 0.5)
    together = paired_interval(difference, resamples=300)
    alone = paired_interval(difference[:, :, [1]], resamples=300)
    for name in NAMES:
        assert getattr(together, name)[1] == pytest.approx(getattr(alone, name)[0], abs=1e-12)


# memory


@pytest.mark.parametrize("seeds", [1, 3])
def test_chunks_of_picks_do_not_show(seeds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one seed to the last bit; with more, the same draws in another order, as the reference has them."""
    difference = 0.1 + noise(np.random.default_rng(seeds), (seeds, 12, 2), 0.2, 0.5, 0.5)
    whole = paired_interval(difference, None, 3, 60)
    monkeypatch.setattr(statistics, "CHUNK_PICKS", 12 * 7 + 5)
    found = paired_interval(difference, None, 3, 60)
    alike(found, plainly(difference, np.ones((12, 2), bool), 3, 60, 7))
    if seeds == 1:
        alike(found, whole)
    monkeypatch.setattr(statistics, "CHUNK_PICKS", 5)  # fewer than users: one resample at a time
    alike(paired_interval(difference, None, 3, 60), plainly(difference, np.ones((12, 2), bool), 3, 60, 1))


def test_a_hundred_thousand_users_fit_in_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    difference = np.random.default_rng(0).normal(0.01, 1, (1, 100_000, 1))
    found, peaks = [], []
    for picks in (10**9, 200_000):
        monkeypatch.setattr(statistics, "CHUNK_PICKS", picks)
        tracemalloc.start()
        found.append(paired_interval(difference, None, 0, 40))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    alike(*found)
    assert peaks[1] < 20e6 < peaks[0]


# known answers


@pytest.mark.parametrize("shift", [0.25, 0.1, -1 / 3])
def test_a_constant_shift_collapses_the_interval_on_itself(shift: float) -> None:
    found = paired_interval(np.full((3, 40, 2), shift), resamples=300)
    for name in ("mean", "low", "high"):
        assert getattr(found, name) == pytest.approx([shift, shift], abs=1e-12)
    for name in ("seed_spread", "user_error"):
        assert getattr(found, name) == pytest.approx([0, 0], abs=1e-12)
    assert found.p == pytest.approx([2 / 301, 2 / 301])  # no smaller than so many resamples can tell


@pytest.mark.parametrize("seeds", [1, 2, 3, 5])
def test_arms_that_never_differ_are_not_told_apart(seeds: int) -> None:
    """Ties everywhere: the interval is exactly zero, which is no detectable difference."""
    found = paired_interval(np.zeros((seeds, 40, 1)), resamples=300)
    assert (found.mean[0], found.low[0], found.high[0], found.p[0]) == (0, 0, 0, 1)
    assert (found.seed_spread[0] == 0) == (seeds > 1)
    assert outcome(0.0, float(found.p[0]), 3) == "no detectable difference"


def test_a_shift_moves_the_interval_and_changes_nothing_else() -> None:
    difference = np.random.default_rng(0).normal(size=(3, 30, 1))
    here, there = (paired_interval(difference + shift, resamples=500) for shift in (0, 10))
    for name in ("mean", "low", "high"):
        assert getattr(there, name) - getattr(here, name) == pytest.approx(10)
    assert there.seed_spread == pytest.approx(here.seed_spread)
    assert there.user_error == pytest.approx(here.user_error)
    assert here.p[0] > there.p[0]


@given(st.integers(0, 10_000), st.sampled_from([0.01, 0.5, 100.0]))
def test_units_do_not_matter(seed: int, unit: float) -> None:
    difference = noise(np.random.default_rng(seed), (3, 8, 1), 0.3, 1, 1)
    here, there = paired_interval(difference, resamples=50), paired_interval(difference * unit, resamples=50)
    assert there.low == pytest.approx(here.low * unit)
    assert there.user_error == pytest.approx(here.user_error * unit)
    assert there.p.tolist() == here.p.tolist()


def test_the_two_sides_are_alike() -> None:
    difference = np.random.default_rng(0).normal(size=(3, 30, 1))
    here, there = paired_interval(difference, resamples=4000), paired_interval(-difference, resamples=4000)
    width = here.high - here.low
    assert abs(here.low + there.high) < 0.1 * width
    assert abs(here.p - there.p) < 0.05


@pytest.mark.parametrize("users", [10, 77, 100, 200, 300, 801])
@pytest.mark.parametrize("size", [1.0, 0.7, 1 / 3])
def test_one_user_cannot_decide(users: int, size: float) -> None:
    """One user for whom one arm always wins: a third of the resamples miss them, and are zero to the last bit."""
    difference = np.zeros((3, users, 1))
    difference[:, 0] = size
    found = paired_interval(difference, resamples=1000)
    assert found.mean == pytest.approx([size / users])
    assert found.low[0] == 0
    assert found.p[0] == pytest.approx(2 / np.e, abs=0.12)


def test_seeds_that_disagree_widen_the_interval() -> None:
    """Every user agrees within a seed, so all doubt is of the seeds."""
    shifts = np.array([0.0, 0.1, 0.2])
    difference = np.broadcast_to(shifts[:, None, None], (3, 50, 1))
    found = paired_interval(difference, resamples=20_000)
    half = T_97[3] * 0.1 / np.sqrt(3)
    assert found.low[0] == pytest.approx(0.1 - half, rel=0.1)
    assert found.high[0] == pytest.approx(0.1 + half, rel=0.1)
    assert found.seed_spread == pytest.approx([0.1])
    assert found.p[0] == pytest.approx(0.2254, abs=0.015)  # t = sqrt(3), 2 degrees of freedom


def test_one_seed_knows_of_users_only() -> None:
    difference = np.random.default_rng(0).normal(0, 1, (1, 400, 1))
    found = paired_interval(difference, resamples=4000)
    assert (found.high - found.low)[0] == pytest.approx(2 * 1.96 * difference.std() / 20, rel=0.06)
    assert found.user_error[0] == pytest.approx(difference.std() / 20)
    assert np.isnan(found.seed_spread[0])


# the table of two ways: no luck is counted twice


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_luck_of_the_trainings_alone_is_none_of_the_users(seeds: int) -> None:
    """No user prefers an arm: their differences are noise, which the spread of the seeds has already."""
    shape = (seeds, 400, 100)
    found = paired_interval(noise(np.random.default_rng(seeds), shape, 0.2, 0, 1), resamples=4000)
    twice = 1 / np.sqrt(400 * seeds)  # what resampling users would add if nothing were taken from it
    assert np.mean(found.user_error**2) < 0.1 * twice**2
    plain = found.user_error == 0  # the shrinkage took all: half of the columns
    assert 0.3 < plain.mean() < 0.7
    half = T_97[seeds] * found.seed_spread / np.sqrt(seeds)
    far = plain & (found.seed_spread > 2 * found.seed_floor)
    assert ((found.high - found.low) / 2)[far] == pytest.approx(half[far], rel=0.15 if seeds > 2 else 0.3)


# seeds that agree by chance


def test_seeds_that_agree_by_chance_are_not_believed() -> None:
    """The study that said [+1.45, +1.79] of seeds 1.69, 1.61 and 1.56, whose events alone spread them by 1.01."""
    draws = np.random.default_rng(0)
    users, of_seed = 400, np.array([1.69, 1.61, 1.56])
    luck = 20.0 * draws.normal(size=(3, users, 1))
    luck -= luck.mean(0) + luck.mean(1, keepdims=True) - luck.mean()  # in no seed's mean and in no user's
    luck *= 1.01 * users / np.sqrt((luck**2).sum() / 2)
    found = paired_interval(of_seed[:, None, None] + luck)
    assert found.seed_spread == pytest.approx(of_seed.std(ddof=1))
    assert found.seed_floor == pytest.approx([1.01])
    assert found.user_error == 0
    half = 1.96 * 1.01 / np.sqrt(3)  # a normal: the chance that the true spread is much larger is next to nothing
    assert found.low[0] == pytest.approx(1.62 - half, abs=0.05)
    assert found.high[0] == pytest.approx(1.62 + half, abs=0.05)


@pytest.mark.parametrize("seeds", [2, 3, 5])
@pytest.mark.parametrize("true", [1.0, 1.4, 2.0, 4.0])
def test_the_floor_keeps_false_alarms_rare_wherever_the_true_spread_lies(seeds: int, true: float) -> None:
    """Seeds that spread as the luck of events does (1), and by more: 6000 studies, 5% alarms and two errors at most.

    So coverage is 95% and more, since a shift changes nothing. It costs hardly any power beside Student's t.
    """
    draws = np.random.default_rng(seeds)
    of_seed = true * draws.normal(size=(seeds, 6000))
    spread = of_seed.std(0, ddof=1)
    halves = np.exp(np.interp(np.log(spread), *_halves(seeds, 0.975)))
    halves = np.maximum(halves, T_97[seeds] * spread / np.sqrt(seeds))
    slack = 2 * np.sqrt(0.05 * 0.95 / 6000)
    alarms = np.mean(np.abs(of_seed.mean(0)) > halves)
    assert alarms <= 0.05 + slack
    if true == 4:
        assert alarms >= 0.04 - slack - 0.01 * (seeds == 2)
    plain = np.mean(np.abs(of_seed.mean(0) + 2) > T_97[seeds] * spread / np.sqrt(seeds))
    assert np.mean(np.abs(of_seed.mean(0) + 2) > halves) > plain - 0.04


def test_luck_that_every_seed_repeats_is_all_of_the_users() -> None:
    """The same table in every training: there is nothing to take off, the plain bootstrap over users remains."""
    draws = np.random.default_rng(0)
    once = 0.3 + draws.exponential(1, (1, 60, 2))
    found = paired_interval(np.repeat(once, 3, axis=0), resamples=5000)
    picks = draws.integers(60, size=(5000, 60))
    low, high = np.quantile(once[0][picks].mean(1), [0.025, 0.975], axis=0)
    width = high - low
    assert found.user_error == pytest.approx(once[0].std(0) / np.sqrt(60))
    assert np.abs(found.low - low).max() < 0.06 * width.min()
    assert np.abs(found.high - high).max() < 0.06 * width.min()
    assert found.seed_spread == pytest.approx([0, 0], abs=1e-12)


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_the_users_share_is_told_from_the_luck(seeds: int) -> None:
    """Users differ by 0.5, pairs of user and training by 1: the error of the users is 0.5 / sqrt(U)."""
    found = paired_interval(noise(np.random.default_rng(seeds), (seeds, 400, 60), 0.3, 0.5, 1), resamples=10)
    assert np.mean(found.user_error**2) == pytest.approx(0.25 / 400, rel=0.1)
    spread = np.mean(found.seed_spread**2)
    assert spread == pytest.approx(0.3**2 + 1 / 400, rel=0.35)


# does it cover, and does it stay silent?


@pytest.mark.parametrize("seeds", [2, 3, 5])
@pytest.mark.parametrize(
    ("seed", "user", "rest"), [(0.1, 1, 0.3), (0.05, 0.2, 0.5), (0, 0, 1), (0.3, 0, 0.3), (0, 0.3, 1)]
)
def test_two_arms_that_are_one_raise_few_alarms(seeds: int, seed: float, user: float, rest: float) -> None:
    """2000 studies without a difference, luck of three kinds: 5% alarms, and two standard errors of slack."""
    draws = np.random.default_rng(seeds)
    alarms = []
    for study in range(200):  # ten columns of own luck share the draws of the resamples
        found = paired_interval(noise(draws, (seeds, 100, 10), seed, user, rest), None, study, 600)
        alarms += (found.p <= 0.05).tolist()
    assert np.mean(alarms) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 2000)


def test_it_covers_the_truth() -> None:
    """300 studies of 3 seeds and 100 users, noise of both kinds: at least 93% intervals hold the truth."""
    draws = np.random.default_rng(0)
    held = []
    for study in range(300):
        found = paired_interval(0.3 + noise(draws, (3, 100, 1), 0.1, 1, 0.3), None, study, 600)
        held.append(found.low[0] <= 0.3 <= found.high[0])
    assert 0.93 <= np.mean(held) < 1


def taught(draws: np.random.Generator, seeds: int, users: int) -> Values:
    """Differences whose truth is 0, of seeds that each trained on users drawn anew from one training set.

    What a user's events teach shifts the difference of all users, and that of each other user a little for itself.
    """
    user = np.concatenate([np.arange(users), draws.integers(users, size=users)])
    all_alike, each = draws.normal(size=users), 0.2 * draws.normal(size=(users, users))
    first = int(draws.integers(1 << 30))
    sets = [np.bincount(user[resampled(user, first + seed)], minlength=users) / len(user) for seed in range(seeds)]
    table = np.array([one @ all_alike + one @ each for one in sets])
    own = 0.3 * draws.normal(size=(1, users)) + 0.3 * draws.normal(size=(seeds, users))
    return np.asarray((table + own)[:, :, None], np.float64)


@pytest.mark.parametrize("seeds", [3, 5])
def test_it_covers_the_spread_between_training_sets_where_seeds_draw_their_users(seeds: int) -> None:
    """300 training sets from one world: 95% hold the truth, two and a half standard errors of slack.

    The interval of one training set, which knows nothing of others, holds it far less often.
    """
    draws = np.random.default_rng(seeds)
    held: dict[bool, list[bool]] = {False: [], True: []}
    for study in range(300):
        difference = taught(draws, seeds, 60)
        for anew, own in held.items():
            found = paired_interval(difference, None, study, 600, sets=range(seeds) if anew else ())
            own.append(bool(found.low[0] <= 0 <= found.high[0]))
    assert np.mean(held[True]) >= 0.95 - 2.5 * np.sqrt(0.05 * 0.95 / 300)
    assert np.mean(held[False]) < 0.9


def nested(draws: np.random.Generator, sets: int, seeds: int, spreads: tuple[float, float], common: float) -> Values:
    """Differences (S, U, 1) whose truth is 0, of seeds that take turns with the sets; `spreads` are those between sets
    and between seeds of one, `common` is how far the one set is from the truth, where the others were drawn from it."""
    of_set, of_seed = spreads[0] * draws.normal(size=sets), spreads[1] * draws.normal(size=sets * seeds)
    users = 2 * draws.normal(size=40) + 0.6 * draws.normal(size=(sets * seeds, 40))
    return np.asarray((common + np.tile(of_set, seeds) + of_seed)[:, None] + users)[:, :, None]


@pytest.mark.parametrize("spreads", [(0.0, 1.0), (0.5, 1.0), (1.0, 0.3), (1.0, 0.0)])
@pytest.mark.parametrize("worlds", [False, True])
def test_it_covers_where_several_seeds_share_a_set(spreads: tuple[float, float], worlds: bool) -> None:
    """200 studies of four sets and two seeds each: 95% hold the truth, two and a half standard errors of slack.

    Drawn from the one set, the sets share its luck; worlds don't. What is told of the sets is their own spread.
    """
    draws, sets = np.random.default_rng(4), [0, 1, 2, 3] * 2
    held, squared, widths = [], [], []
    for study in range(200):
        table = nested(draws, 4, 2, spreads, 0.0 if worlds else spreads[0] * draws.normal())
        found = paired_interval(table, None, study, 400, sets=sets, worlds=worlds)
        held.append(bool(found.low[0] <= 0 <= found.high[0]))
        squared.append(float(found.set_spread[0]) ** 2)
        if spreads == (0.0, 1.0):
            own = paired_interval(table, None, study, 400, sets=range(8), worlds=worlds)
            widths.append((float(found.high[0] - found.low[0]), float(own.high[0] - own.low[0])))
    assert np.mean(held) >= 0.95 - 2.5 * np.sqrt(0.05 * 0.95 / 200)
    assert np.mean(squared) == pytest.approx(spreads[0] ** 2, abs=0.25)  # what is below zero counts as zero: a bit more
    if widths and not worlds:  # seeds' luck is not counted as that of the one set
        told_apart, together = np.median(widths, axis=0)
        assert told_apart < together


def test_sets_are_told_apart_from_seeds_as_by_hand() -> None:
    """Seeds of three sets find 1 and 1, 2 and 4, 6 and 8: within a set squares of 0 + 2 + 2 over 3, means of 1, 3 and 7
    whose variance is 28/3, less half of the 4/3 within."""
    table = np.array([1.0, 2, 6, 1, 4, 8])[:, None, None] + np.zeros((1, 9, 1))
    found = paired_interval(table, resamples=20, sets=[5, 6, 7, 5, 6, 7])
    assert found.mean == pytest.approx([22 / 6])
    assert found.seed_spread**2 == pytest.approx([4 / 3])
    assert found.set_spread**2 == pytest.approx([28 / 3 - 2 / 3])
    lost = paired_interval(
        table[:5], resamples=20, sets=[5, 6, 7, 5, 6]
    )  # means 1, 3, 6; 2 within, over 2; 1 / h = 2/3
    assert lost.set_spread**2 == pytest.approx([19 / 3 - 2 / 3])
    assert paired_interval(table[:2], resamples=20, sets=[5, 5]).p == [1]  # one set says nothing of others


def test_seeds_that_only_their_users_luck_tells_apart_say_nothing_of_training_sets() -> None:
    """Spread within the floor: a set by itself adds nothing. Far above it: S + 1 times the squared error."""
    luck = noise(np.random.default_rng(0), (3, 500, 1), 0, 0, 1)
    luck -= luck.mean(1, keepdims=True)
    within, same = (paired_interval(luck, resamples=4000, sets=sets) for sets in (range(3), ()))
    assert within.high - within.low == pytest.approx(same.high - same.low)
    far = np.array([-1.0, 0.0, 1.0])[:, None, None] + np.zeros((1, 500, 1))
    wide, narrow = (paired_interval(far, resamples=4000, sets=sets) for sets in (range(3), ()))
    assert wide.high - wide.low == pytest.approx(2 * (narrow.high - narrow.low))
    assert (wide.seed_spread, wide.seed_floor) == (narrow.seed_spread, narrow.seed_floor)


def test_it_covers_where_users_are_all_there_is_to_doubt() -> None:
    """Users of a skewed kind, the same in every training: the bootstrap is alone."""
    draws = np.random.default_rng(1)
    held = []
    for study in range(300):
        once = draws.exponential(0.3, (1, 200, 1))
        found = paired_interval(np.repeat(once, 3, axis=0), None, study, 600)
        held.append(found.low[0] <= 0.3 <= found.high[0])
    assert 0.91 <= np.mean(held) < 0.98


def test_it_covers_where_seeds_are_all_there_is_to_doubt() -> None:
    """The case that resampling three seeds gets wrong: it would cover about three quarters."""
    draws = np.random.default_rng(1)
    held = []
    for study in range(300):
        found = paired_interval(0.3 + noise(draws, (3, 100, 1), 1, 0, 0.01), None, study, 600)
        held.append(found.low[0] <= 0.3 <= found.high[0])
    assert 0.92 <= np.mean(held) < 1


def test_it_is_not_needlessly_wide() -> None:
    """A true effect of five standard errors is found nearly always."""
    draws = np.random.default_rng(2)
    found = [
        paired_interval(0.5 + noise(draws, (3, 100, 1), 0, 1, 0), None, study, 400).p[0] <= 0.05 for study in range(60)
    ]
    assert np.mean(found) > 0.9


@given(st.integers(0, 10_000), st.integers(1, 5), st.floats(-1, 1))
def test_p_is_small_where_the_interval_leaves_zero_out(seed: int, seeds: int, shift: float) -> None:
    """Within two resamples of the ends, where one may say yes and the other not yet."""
    resamples = 400
    difference = shift + noise(np.random.default_rng(seed), (seeds, 10, 3), 0.3, 0.5, 0.5)
    found = paired_interval(difference, resamples=resamples)
    away = (found.low > 0) | (found.high < 0)
    grain = 2 * 2 / (resamples + 1)
    assert (found.p[away] <= 0.05 + grain).all()
    assert (found.p[~away] >= 0.05 - grain).all()
    assert ((found.p > 0) & (found.p <= 1)).all()


def test_p_is_that_of_a_t_test_where_seeds_are_all_there_is() -> None:
    """t of 3.182 with 3 degrees of freedom is p = 0.05."""
    shifts = np.array([-1.0, 1.0, -1.0, 1.0]) * np.sqrt(3) / 2  # spread 1
    difference = np.broadcast_to((3.182 / 2 + shifts)[:, None, None], (4, 20, 1))
    assert paired_interval(difference, resamples=20_000).p[0] == pytest.approx(0.05, abs=0.006)


# Holm


def plain_holm(p: list[float]) -> list[float]:
    """Of every p-value the largest of the products up to its own, smallest p first."""
    return [min(1.0, max((len(p) - sum(o < other for o in p)) * other for other in p if other <= own)) for own in p]


@pytest.mark.parametrize(
    ("p", "adjusted"),
    [
        ([], []),
        ([0.2], [0.2]),
        ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),
        ([0.04, 0.01, 0.03, 0.005], [0.06, 0.03, 0.06, 0.02]),  # 4 x .005, 3 x .01, 2 x .03, 1 x .04
        ([0.02, 0.02, 0.02], [0.06, 0.06, 0.06]),
        ([0.6, 0.001, 0.7], [1.0, 0.003, 1.0]),
        ([1.0, 1.0], [1.0, 1.0]),
        ([0.0, 1.0], [0.0, 1.0]),
    ],
)
def test_holm_by_hand(p: list[float], adjusted: list[float]) -> None:
    assert holm(np.array(p)).tolist() == pytest.approx(adjusted)


chances = st.lists(st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.01, 0.05, 1.0])), max_size=12)


@given(chances, st.randoms(use_true_random=False))
def test_holm_in_any_order(p: list[float], random: Random) -> None:
    adjusted = holm(np.array(p)).tolist()
    assert adjusted == pytest.approx(plain_holm(p))
    assert all(own <= after <= 1 for own, after in zip(p, adjusted, strict=True))
    order = sorted(range(len(p)), key=p.__getitem__)
    assert all(adjusted[a] <= adjusted[b] for a, b in pairwise(order))
    mixed = random.sample(range(len(p)), len(p))
    assert holm(np.array([p[at] for at in mixed])).tolist() == [adjusted[at] for at in mixed]


def test_holm_keeps_any_false_alarm_at_five_percent() -> None:
    """Four true hypotheses of four, then two of four that are plainly false: no more than 5% families err."""
    p = np.random.default_rng(0).random((4000, 4))
    assert np.mean([holm(row).min() <= 0.05 for row in p]) == pytest.approx(0.05, abs=0.01)
    p[:, :2] = 1e-6
    assert np.mean([holm(row)[2:].min() <= 0.05 for row in p]) == pytest.approx(0.05, abs=0.01)


# one question after another


def studies_of(seeds: int, studies: int, true: list[list[float]], spread: float) -> Values:
    """p-values (studies, F, M) of t-tests of F questions about M arms, whose luck is alike in part: one baseline."""
    draws = np.random.default_rng(seeds)
    shape = (seeds, studies, *np.shape(true))
    common = draws.normal(size=(seeds, studies, 1, 1))
    values = np.array(true) + spread * (0.7 * common + np.sqrt(1 - 0.49) * draws.normal(size=shape))
    return np.asarray(ttest_1samp(values, 0).pvalue)


@pytest.mark.parametrize(
    ("true", "null"),
    [
        ([[0, 0], [0, 0], [0, 0]], [(q, a) for q in range(3) for a in range(2)]),
        ([[9, 0], [0, 0], [0, 0]], [(0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]),
        ([[9, 9], [9, 0], [0, 9]], [(1, 1), (2, 0)]),
        ([[9, 9], [9, 9], [0, 0]], [(2, 0), (2, 1)]),
        ([[0, 0], [9, 9], [9, 9]], [(0, 0), (0, 1)]),
    ],
)
def test_questions_in_order_raise_a_false_alarm_in_one_of_twenty(
    true: list[list[float]], null: list[tuple[int, int]]
) -> None:
    """Whatever is true of three questions about two arms, the chance of any false claim is 5% at most."""
    p = studies_of(5, 3000, true, 1.0)
    alarms = [any(in_order(study)[at] <= 0.05 for at in null) for study in p]
    assert np.mean(alarms) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 3000)


def test_a_question_waits_for_every_arm_of_those_before_it() -> None:
    one = np.array([[0.001, 0.03, 0.04], [0.001, 0.001, 0.001]])
    assert in_order(one) == pytest.approx(np.array([[0.003, 0.06, 0.06], [0.06, 0.06, 0.06]]))
    assert in_order(one[:1]).tolist() == [holm(one[0]).tolist()]
    assert in_order(np.empty((2, 0))).shape == (2, 0)


def test_the_headline_alone_is_found_far_more_often_as_with_all_k_counted() -> None:
    """Two points, seeds that spread by 1.15, three of them, of which the former scheme counted all three K."""
    p = studies_of(3, 4000, [[2.0], [0.0], [0.0]], 1.15)[:, :, 0]
    before = np.mean([holm(study)[0] <= 0.05 for study in p])
    now = np.mean([in_order(study[:, None])[0, 0] <= 0.05 for study in p])
    assert before == pytest.approx(0.16, abs=0.03)
    assert now == pytest.approx(0.39, abs=0.03)


# does one difference differ from another?


def test_a_contrast_of_seeds_alone_is_the_test_of_welch() -> None:
    draws = np.random.default_rng(0)
    one, two = draws.normal(0.03, 0.01, 5), draws.normal(0.01, 0.03, 4)
    found = contrast((one.mean(), two.mean()), (one.std(ddof=1), two.std(ddof=1)), (0, 0), (5, 4))
    expected = ttest_ind(one, two, equal_var=False)
    ends = expected.confidence_interval(0.95)
    assert found.difference == pytest.approx(one.mean() - two.mean())
    assert (found.p, found.low, found.high) == pytest.approx((expected.pvalue, ends.low, ends.high))


def test_a_contrast_of_users_alone_is_that_of_a_normal() -> None:
    found = contrast((0.02, 0.01), (0, 0), (0.003, 0.004), (3, 3))
    assert (found.low, found.high) == pytest.approx((0.01 - 1.96 * 0.005, 0.01 + 1.96 * 0.005), abs=1e-6)
    assert found.p == pytest.approx(0.0455, abs=1e-4)  # two standard errors


def test_a_contrast_without_any_doubt() -> None:
    assert contrast((0.02, 0.02), (0, 0), (0, 0), (3, 3)) == Contrast(0, 0, 0, 1)
    assert contrast((0.5, 0.25), (0, 0), (0, 0), (3, 3)) == Contrast(0.25, 0.25, 0.25, 0)


def test_two_sides_of_a_contrast_are_alike() -> None:
    here = contrast((0.03, 0.01), (0.01, 0.02), (0.001, 0.002), (3, 5))
    there = contrast((0.01, 0.03), (0.02, 0.01), (0.002, 0.001), (5, 3))
    assert (there.difference, there.low, there.high, there.p) == pytest.approx(
        (-here.difference, -here.high, -here.low, here.p)
    )


@pytest.mark.parametrize("shared", [0.0, 0.7])
def test_differences_that_are_one_raise_few_alarms(shared: float) -> None:
    """2000 pairs of studies of one difference, some of their luck shared or none: 5% alarms at most."""
    draws = np.random.default_rng(1)
    alarms = []
    for number in range(200):
        common = noise(draws, (5, 60, 10), 0.1, 0.5, 0.5)
        one, two = (
            paired_interval(shared * common + (1 - shared) * noise(draws, (5, 60, 10), 0.1, 0.5, 0.5), None, number, 2)
            for _ in range(2)
        )
        for at in range(10):
            mean, spread, error = (
                (float(getattr(one, name)[at]), float(getattr(two, name)[at]))
                for name in ("mean", "seed_spread", "user_error")
            )
            alarms.append(contrast(mean, spread, error, (5, 5)).p <= 0.05)
    assert np.mean(alarms) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 2000)
    if shared:
        assert np.mean(alarms) < 0.02


# what may be said


@pytest.mark.parametrize(
    ("difference", "adjusted", "seeds", "expected"),
    [
        (0.1, 0.01, 3, "better"),
        (-0.1, 0.01, 2, "worse"),
        (0.1, 0.05, 2, "better"),
        (0.1, 0.0501, 3, "no detectable difference"),
        (-0.1, 1.0, 9, "no detectable difference"),
        (0.1, 0.001, 1, "too few seeds"),
        (-0.1, 0.9, 1, "too few seeds"),
    ],
)
def test_outcomes(difference: float, adjusted: float, seeds: int, expected: str) -> None:
    assert outcome(difference, adjusted, seeds) == expected


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_the_whole_procedure_finds_what_is_promised(seeds: int) -> None:
    """Users by seeds, the interval and Holm over four K of which one has the difference: 80% of 400 studies."""
    draws = np.random.default_rng(seeds)
    spread, user = 0.02, 0.04
    size = detectable(spread, user / np.sqrt(60), seeds, tests=4)
    claims = []
    for study in range(100):  # four studies of four columns a table share the draws of the resamples
        table = noise(draws, (seeds, 60, 16), spread, user, 0.0)
        table[:, :, ::4] += size
        p = paired_interval(table, None, study, 4000).p.reshape(4, 4)
        claims += [holm(own)[0] <= 0.05 for own in p]
    assert 0.8 - 3 * 0.02 < np.mean(claims) < 0.9  # users and seeds mixed err on the safe side
