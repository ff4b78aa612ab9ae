"""The order of disagreement against a slow reference, and wins counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from pdcn.pages.retrieve.work.disagreement import Walk, Which, balance, doublings, opening, walk
from pdcn.tasks.measured import Measured
from tests.unit.measured_help import measured_of


def measured(frame: pd.DataFrame) -> Measured:
    """Ranks by "arm.seed"; whose events they are plays no part."""
    return measured_of(frame.assign(user=0))


def ranks_of(events: int, seeds: int) -> pd.DataFrame:
    draws = np.random.default_rng(5)
    columns = {f"{arm}.{seed}": draws.integers(0, 40, events) / 2 for seed in range(seeds) for arm in "ab"}
    return pd.DataFrame({"user": 0, "popularity": 0.0, **columns}).astype(dict.fromkeys(columns, np.float32))


def test_the_order_is_that_of_a_slow_reference() -> None:
    ranks = ranks_of(300, 3)
    sizes = [
        sum(math.log2((float(ranks[f"b.{s}"][at]) + 1) / (float(ranks[f"a.{s}"][at]) + 1)) for s in range(3)) / 3
        for at in range(300)
    ]
    found = walk(measured(ranks), "a", "b")
    np.testing.assert_allclose(found.size, sizes, atol=1e-9)
    slow = sorted((at for at in range(300) if found.size[at]), key=lambda at: (-abs(found.size[at]), at))
    assert found.orders[Which.BOTH].tolist() == slow
    assert found.orders[Which.LEFT].tolist() == [at for at in slow if sizes[at] > 0]
    assert found.orders[Which.RIGHT].tolist() == [at for at in slow if sizes[at] < 0]


def test_neither_arm_comes_first_by_being_itself() -> None:
    ranks = ranks_of(300, 2)
    there, back = walk(measured(ranks), "a", "b"), walk(measured(ranks), "b", "a")
    np.testing.assert_array_equal(there.size, -back.size)
    np.testing.assert_array_equal(there.orders[Which.BOTH], back.orders[Which.BOTH])
    np.testing.assert_array_equal(there.orders[Which.LEFT], back.orders[Which.RIGHT])


def test_the_luck_of_a_seed_cancels_out() -> None:
    ranks = pd.DataFrame({"a.0": [0.0, 1.0], "b.0": [31.0, 3.0], "a.1": [31.0, 1.0], "b.1": [0.0, 3.0]})
    assert walk(measured(ranks), "a", "b").size.tolist() == [0.0, 1.0]


def test_ranks_that_the_seeds_exchange_are_no_disagreement() -> None:
    one, other = [1.0, 1.5, 9.5], [1.5, 9.5, 1.0]
    ranks = pd.DataFrame({f"{arm}.{seed}": [own[seed]] for arm, own in (("a", one), ("b", other)) for seed in range(3)})
    assert doublings(measured(ranks), "a", "b").mean() != 0  # but for rounding
    assert walk(measured(ranks), "a", "b").orders[Which.BOTH].tolist() == []


def test_only_seeds_that_both_arms_have_count() -> None:
    ranks = pd.DataFrame({"a.0": [0.0], "b.0": [1.0], "a.7": [99.0]})
    assert doublings(measured(ranks), "a", "b").tolist() == [[1.0]]


@pytest.mark.parametrize("which", list(Which))
def test_the_walk_skips_nothing_and_leads_back(which: Which) -> None:
    found = walk(measured(ranks_of(50, 1)), "a", "b")
    order = found.orders[which].tolist()
    at, seen = order[0], [order[0]]
    assert found.step(at, -1, which) is None
    while (after := found.step(at, 1, which)) is not None:
        assert found.step(after, -1, which) == at
        assert found.place(after, which) == (len(seen), True)
        at = after
        seen.append(at)
    assert seen == order


def test_from_an_event_outside_of_the_order_the_walk_goes_on_by_size() -> None:
    found = Walk(np.array([3.0, -2.5, 2.0, 0.0, -1.0]))
    assert found.place(1, Which.LEFT) == (1, False)
    assert found.step(1, 1, Which.LEFT) == 2
    assert found.step(1, -1, Which.LEFT) == 0
    assert found.step(3, 1) is None
    assert found.step(3, -1) == 4


def test_wins_are_counted_for_each_seed_and_for_their_mean() -> None:
    ranks = pd.DataFrame(
        {"a.0": [0.0, 5.0, 2.0], "b.0": [3.0, 5.0, 1.0], "a.1": [1.0, 0.0, 2.0], "b.1": [0.0, 1.0, 1.0]}
    )
    columns = ["seed", "left", "alike", "right", "events"]
    # by the mean of the logarithms: 4/1 x 1/2, 6/6 x 2/1, 2/3 x 2/3
    assert balance(measured(ranks), "a", "b")[columns].to_numpy().tolist() == [
        [0, 1, 1, 1, 3],
        [1, 1, 0, 2, 3],
        [-1, 2, 0, 1, 3],
    ]


def test_the_page_opens_where_every_arm_and_seed_finds_the_item() -> None:
    ranks = pd.DataFrame({"a.0": [0.0, 3.0, 9.0], "b.0": [0.0, 4.0, 0.0], "a.1": [12.0, 2.0, 0.0]})
    assert opening(measured(ranks), ("a", "b"), 10) == 1
    assert opening(measured(ranks), ("a", "b"), 2) == 1  # none: the one with the least bad worst rank
