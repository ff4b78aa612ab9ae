"""What the advantage is made of: steps that add up, each of one change, in words that follow from their verdicts."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from pdcn.evaluation.causes import PATH, conclusion, explanation, steps, steps_of, unexplained
from pdcn.evaluation.comparison import Comparison
from pdcn.tasks.measured import Measured
from pdcn.tasks.retrieval.metrics import Recall

SAME = "no detectable difference"
METRIC = Recall(10)


def ranked(**found: float) -> Measured:
    """Ranks of 200 users with 10 events each, of which every arm finds so large a share among the first ten."""
    draws = np.random.default_rng(0)
    user, luck = np.repeat(np.arange(200), 10), draws.random(2_000)
    cells = {
        (arm, seed): np.where((luck + 0.01 * draws.standard_normal(2_000)) < share, 0.0, 99.0).astype(np.float32)
        for arm, share in found.items()
        for seed in range(4)
    }
    return Measured(user, cells, {})


def shares(*of_path: float) -> Measured:
    return ranked(**dict(zip(PATH, of_path, strict=True)))


def test_the_steps_add_up_to_the_whole_and_say_which_of_them_is_there() -> None:
    measured = shares(0.40, 0.46, 0.46, 0.46)
    found = steps(measured, METRIC)
    assert [(c.against, c.arm) for c in found] == [*pairwise(PATH)]
    means = [np.mean([METRIC.values(measured.cells[arm, seed]).mean() for seed in range(4)]) for arm in PATH]
    assert [c.difference for c in found] == pytest.approx(np.diff(means).tolist())
    assert [c.verdict for c in found] == ["better", SAME, SAME]
    for c in found:
        assert c.low <= c.difference <= c.high
        assert c.adjusted >= c.p


def test_three_steps_are_counted_together() -> None:
    """Holm: the smallest p-value counts three times."""
    found = steps(shares(0.40, 0.41, 0.41, 0.41), METRIC)
    least = min(found, key=lambda c: c.p)
    assert least.adjusted == pytest.approx(min(1.0, 3 * least.p))


def test_only_seeds_that_every_arm_finished_count() -> None:
    measured = shares(0.40, 0.46, 0.46, 0.46)
    del measured.cells[PATH[1], 3]  # type: ignore[attr-defined]
    assert {c.seeds for c in steps(measured, METRIC)} == {3}


def test_where_an_arm_is_missing_there_are_no_steps() -> None:
    assert steps(ranked(parallel=0.4, sequential=0.4), METRIC) == []
    assert explanation([]) == ""


def comparison(arm: str, against: str, verdict: Any, difference: float = 0.02) -> Comparison:
    return Comparison(
        arm, against, Recall(100), difference, difference - 0.01, difference + 0.01, verdict, 5, 800, 9000
    )


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (
            ("better", SAME, SAME),
            "The advantage comes from a skip round the MLP. We detect no effect of what the MLP reads.",
        ),
        ((SAME, SAME, "better"), "The advantage comes from an MLP that reads x0."),
        (
            ("better", "better", "worse"),
            "The advantage comes from a skip round the MLP and crossing on that skip. An MLP that reads x0 costs some "
            "of it.",
        ),
        ((SAME, SAME, SAME), "No single step brings a detectable advantage."),
    ],
)
def test_the_conclusion_follows_from_the_verdicts(verdicts: tuple[str, ...], said: str) -> None:
    found = [comparison(arm, held, v) for (held, arm), v in zip(pairwise(PATH), verdicts, strict=True)]
    assert conclusion(found) == said
    assert explanation(found).startswith(f"{said} From sequential to parallel, step by step: ")
    assert explanation(found).count("[+1.00, +3.00]") == 3


def record(verdict: str, *arms: str) -> dict[str, Any]:
    return {
        "arms": {arm: {} for arm in arms},
        "data": {"items": 2_000},
        "comparison": [comparison("parallel", "sequential", verdict).record()],
    }


def test_an_advantage_is_unexplained_until_the_arms_between_have_raced() -> None:
    assert unexplained(record("better", "parallel", "sequential")) == PATH[1:3]
    assert unexplained(record("better", "parallel", "sequential", PATH[1])) == PATH[2:3]
    assert unexplained(record("better", *PATH)) == ()
    assert unexplained(record(SAME, "parallel", "sequential")) == ()


def test_a_record_keeps_its_steps() -> None:
    found = steps(shares(0.40, 0.46, 0.46, 0.46), METRIC)
    assert steps_of({"steps": [c.record() for c in found]}) == found
    assert steps_of({}) == []
