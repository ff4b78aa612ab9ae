"""The learning rate by hand: warm-up, cosine, plateau, and where a training ends."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdcn.config import Training
from pdcn.training.schedule import Schedule, cooling_steps, warmup_steps

COSINE_OF_6 = [1.0, 0.9330127, 0.75, 0.5, 0.25, 0.0669873]  # (1 + cos(k pi / 6)) / 2, by hand


def course(steps: int, warmup: float, kind: Any = "cosine", epoch: int | None = None) -> Schedule:
    return Schedule(Training(schedule=kind, warmup=warmup), steps, epoch or steps)


@pytest.mark.parametrize(
    ("steps", "warmup", "rates"),
    [
        (10, 0.4, [0.25, 0.5, 0.75, 1.0, *COSINE_OF_6]),
        (7, 0.2, [1.0, *COSINE_OF_6]),  # 1.4 steps are one, which has the whole rate
        (6, 0.0, COSINE_OF_6),
        (6, 0.08, COSINE_OF_6),  # less than half a step is none
        (2, 0.9, [0.5, 1.0]),  # 1.8 steps are both
        (1, 0.1, [1.0]),
        (1, 0.9, [1.0]),
    ],
)
def test_the_rate_rises_straight_and_falls_by_a_cosine(steps: int, warmup: float, rates: list[float]) -> None:
    made = course(steps, warmup)
    assert [made.share(step) for step in range(steps)] == pytest.approx(rates, abs=1e-7)


def test_on_a_plateau_the_warm_up_is_a_share_of_the_first_epoch() -> None:
    made = course(100, 0.4, "plateau", epoch=10)
    assert [made.share(step) for step in range(5)] == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert [made.share(step) for step in (79, 80, 90, 99)] == pytest.approx([1.0, 1.0, 0.5, 0.05])


def test_settling_begins_the_fall_once_and_never_goes_beyond_the_limit() -> None:
    made = course(100, 0.0, "plateau")
    made.settle(50)
    assert (made.falls_from, made.last) == (50, 60)
    made.settle(55)
    assert (made.falls_from, made.last) == (50, 60)
    late = course(100, 0.0, "plateau")
    late.settle(85)  # it falls already
    assert (late.falls_from, late.last, late.settled) == (80, 100, False)


def test_a_cosine_that_settles_ends_at_once() -> None:
    made = course(100, 0.1)
    made.settle(40)
    assert (made.last, made.settled) == (40, True)


@given(st.integers(1, 500), st.integers(0, 90), st.sampled_from(["cosine", "plateau"]), st.integers(1, 500))
def test_no_step_has_a_rate_of_zero(steps: int, percent: int, kind: str, settled: int) -> None:
    made = course(steps, percent / 100, kind)
    if kind == "plateau":
        made.settle(max(settled, made.rise))
    rates = [made.share(step) for step in range(made.last)]
    assert all(0 < rate <= 1 for rate in rates)
    assert max(rates) == 1
    assert rates[: made.rise] == sorted(rates[: made.rise])
    assert rates[made.rise :] == sorted(rates[made.rise :], reverse=True)
    assert made.last <= steps
    assert warmup_steps(steps, percent / 100) == made.rise
    assert cooling_steps(steps) >= 1
