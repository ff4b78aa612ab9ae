"""Two runs against each other: pairs by user and seed, held against sums that are written out in NumPy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pdcn.evaluation.across import across, same_trainings, why_unpaired
from pdcn.evaluation.statistics import holm, paired_interval
from pdcn.tasks.measured import Measured
from pdcn.tasks.retrieval.metrics import MRR, Recall

USERS = np.array([3, 1, 3, 2, 1, 3, 2, 2, 9, 9])
"""The user of every event: out of order, and with one to three events each."""
ARMS = ("parallel", "sequential")


def run_of(
    seeds: range, *, lift: float = 0.0, arms: tuple[str, ...] = ARMS, times: int = 30, luck: int = 0
) -> Measured:
    """Ranks of a run: those of 40 items that luck draws, which `lift` makes smaller for parallel."""
    user = np.concatenate([USERS + 10 * at for at in range(times)])
    draws = np.random.default_rng(luck)
    cells = {}
    for seed in seeds:
        for arm in arms:
            ranks = draws.integers(0, 40, len(user)).astype(np.float32)
            cells[arm, seed] = np.floor(ranks * (1 - lift)) if arm == "parallel" else ranks
    return Measured(user, cells, {})


def record(**data: Any) -> dict[str, Any]:
    """What a run's record says of its data."""
    return {"experiment": {"task": "retrieval"}, "data": {"hash": "0123456789ab", "items": 40, **data}}


def of_users(measured: Measured, arm: str, seed: int, k: int) -> list[float]:
    """Recall@K of every user, the mean over the user's own events, users in order; without any of our code."""
    ranks = measured.cells[arm, seed]
    return [float(np.mean([rank < k for rank in ranks[measured.user == user]])) for user in sorted({*measured.user})]


def apart_by_hand(first: Measured, second: Measured, arm: str, seeds: list[int], k: int) -> Any:
    """(S, U) differences."""
    return np.array([np.subtract(of_users(first, arm, s, k), of_users(second, arm, s, k)) for s in seeds])


def test_arms_of_which_both_runs_measured_the_same_are_alike_and_not_tested() -> None:
    first, second = run_of(range(2), luck=1), run_of(range(2), luck=2)
    same = {("sequential", seed): first.cells["sequential", seed].copy() for seed in range(2)}
    second = Measured(second.user, {**second.cells, **same}, {})
    rows = {(row.arm, row.against): row for row in across(first, second, ARMS, ["sequential"], Recall(10), ())}
    assert [key for key, row in rows.items() if row.alike] == [("sequential", "")]
    assert (rows["sequential", ""].difference, rows["sequential", ""].adjusted) == (0.0, 1.0)
    tested = [rows["parallel", ""], rows["parallel", "sequential"]]
    assert [row.adjusted for row in tested] == holm(np.array([row.p for row in tested])).tolist()


def test_rows_are_the_means_of_the_users_over_the_seeds_that_both_have() -> None:
    first, second = run_of(range(3), lift=0.3, luck=1), run_of(range(1, 5), luck=2)
    rows = across(first, second, ARMS, ["sequential"], Recall(10), ())
    assert [(row.arm, row.other, row.against) for row in rows] == [
        ("parallel", "parallel", ""),
        ("sequential", "sequential", ""),
        ("parallel", "parallel", "sequential"),
    ]
    hand = {arm: apart_by_hand(first, second, arm, [1, 2], 10) for arm in ARMS}
    expected = [hand["parallel"], hand["sequential"], hand["parallel"] - hand["sequential"]]
    for row, apart in zip(rows, expected, strict=True):
        assert row.difference == pytest.approx(apart.mean(1).mean())
        interval = paired_interval(apart[:, :, None])
        assert (row.low, row.high, row.p) == pytest.approx((interval.low[0], interval.high[0], interval.p[0]))
        assert (row.seeds, row.users, row.events) == (2, 120, 300)
    assert [row.adjusted for row in rows] == pytest.approx(holm(np.array([row.p for row in rows])).tolist())


def test_the_interval_is_that_of_a_plain_bootstrap_where_seeds_agree() -> None:
    """Where all seeds are alike nothing varies but who the users are: a bootstrap of their means."""
    one, other = (run_of(range(1), lift=lift, luck=luck, times=50) for lift, luck in ((0.5, 3), (0.0, 4)))
    first, second = (
        replace(run, cells={(arm, seed): run.cells[arm, 0] for arm in ARMS for seed in range(3)})
        for run in (one, other)
    )
    row = across(first, second, ARMS, [], Recall(10), ())[0]
    apart = apart_by_hand(one, other, "parallel", [0], 10)[0]
    draws = np.random.default_rng(99)
    means = [apart[draws.integers(0, len(apart), len(apart))].mean() for _ in range(4_000)]
    low, high = np.quantile(means, [0.025, 0.975])
    assert row.difference == pytest.approx(apart.mean())
    assert (row.low, row.high) == pytest.approx((low, high), abs=0.05 * (high - low))
    assert row.verdict == "better"


def test_what_is_alike_is_no_difference() -> None:
    run = run_of(range(3))
    rows = across(run, run, ARMS, ["sequential"], MRR(), ())
    assert same_trainings(run, run)
    assert not same_trainings(run, run_of(range(2)))
    assert {(row.difference, row.low, row.high, row.p, row.verdict) for row in rows} == {
        (0.0, 0.0, 0.0, 1.0, "no detectable difference")
    }


def test_a_single_seed_and_short_trainings_claim_nothing() -> None:
    far = run_of(range(3), lift=0.9), run_of(range(1))
    assert {row.verdict for row in across(*far, ARMS, ["sequential"], Recall(10), ())} == {"too few seeds"}
    far = run_of(range(3), lift=0.9), run_of(range(3))
    rows = across(*far, ARMS, ["sequential"], Recall(10), ["parallel"])
    assert [row.verdict == "too short" for row in rows] == [True, False, True]


def test_runs_without_a_common_arm_pair_each_with_each() -> None:
    first, second = run_of(range(2)), run_of(range(2), arms=("deep_only", "cross_only"), luck=5)
    rows = across(first, second, ARMS, ["sequential"], Recall(10), ())
    assert len(rows) == 4
    assert rows[0].name == "parallel in A, deep only in B"


def test_why_runs_are_not_paired() -> None:
    run = run_of(range(2))
    assert why_unpaired(record(), record(), run, run) == ""
    assert "different data" in why_unpaired(record(), record(hash="ba9876543210"), run, run)
    assert "different data" in why_unpaired(record(hash=None), record(hash=None), run, run)
    others = replace(run, user=run.user[::-1].copy())
    assert "different events (300 in A, 300 in B)" in why_unpaired(record(), record(), run, others)
    weighted = replace(run, weight=np.ones(len(run.user)))
    assert "different events" in why_unpaired(record(), record(), run, weighted)
    assert "training sets" in why_unpaired(record(), record(), run, replace(run, sets=0))
    assert "same seed" in why_unpaired(record(), record(), run, run_of(range(2, 4)))
