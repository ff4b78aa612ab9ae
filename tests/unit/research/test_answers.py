"""Answers in words: every setting by its verdict, and what changes the difference, from the numbers alone."""

from __future__ import annotations

from typing import Any

import pytest

from pdcn.research.answers import answer, changes

HELD = (("ids", "usual"), ("strong", "usual"), ("weak", "usual"), ("elsewhere", "usual"))


def row_of(label: str, verdict: str, difference: float, **values: Any) -> dict[str, Any]:
    return {
        "label": label,
        "arm": "parallel",
        "against": "sequential",
        "title": "Toy",
        "verdict": verdict,
        "difference": difference,
        "low": difference - 0.005,
        "high": difference + 0.005,
        "match": "parameters",
        "residual": 0.004,
        "met": True,
        "terms": "default settings",
        "seeds": 5,
        "seed_spread": 0.004,
        "user_error": 0.001,
        **values,
    }


def test_the_answer_names_every_setting_by_its_verdict_and_the_terms_beside_it() -> None:
    rows = [
        row_of("ids", "better", 0.0123),
        row_of("no ids", "worse", -0.02, terms="settings set by hand, not tuned"),
        row_of("strong", "better", 0.03),
        row_of("weak", "better", 0.011),
        row_of("noise", "no detectable difference", 0.001, title="Other toy"),
    ]
    assert answer({"rows": rows}) == [
        "Of 5 comparisons with sequential, all counted (Holm), parallel is better in 3, worse in 1, and not "
        "detectably different in 1.",
        "On Toy (default settings or settings set by hand, not tuned), better (+1.10 to +3.00 points): ids, strong and "
        "weak; worse (−2.00 points [−2.50, −1.50]): no ids.",
        "On Other toy (default settings), no detectable difference (+0.10 points [−0.40, +0.60]): noise.",
    ]


def test_an_interval_that_leaves_zero_out_is_told_not_to_stand() -> None:
    rows = [row_of("ids", "no detectable difference", 0.0061), row_of("no ids", "better", 0.0123)]
    (_, said) = answer({"rows": rows})
    assert "no detectable difference (+0.61 points [+0.11, +1.11] by itself, not after Holm): ids" in said
    assert "better (+1.23 points [+0.73, +1.73]): no ids" in said


def test_the_answer_names_the_arms_where_there_are_several() -> None:
    rows = [
        row_of("as it comes", "no detectable difference", 0.0, arm="parallel_sum"),
        row_of("as it comes", "better", 0.02, arm="parallel-sequential"),
    ]
    assert answer({"rows": rows}, (("parallel_sum", "parallel-sequential"),)) == [
        "Of 2 comparisons with sequential, all counted (Holm), the other arm is better in 1, worse in 0, and not "
        "detectably different in 1.",
        "On Toy (default settings), better (+2.00 points [+1.50, +2.50]): parallel queries with sequential items; no "
        "detectable difference (0.00 points [−0.50, +0.50]): parallel sum. Held against parallel queries with "
        "sequential items, the difference is smaller: parallel sum (−2.00 points [−2.62, −1.38]).",
    ]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"met": True}, ""),
        ({"met": False, "residual": 0.0345}, " (with 3.5% more dense parameters)"),
        ({"met": False, "residual": -0.0345, "match": "flops"}, " (with 3.5% fewer FLOPs)"),
        ({"met": None, "residual": 0.083, "match": "none"}, " (with 8.3% more dense parameters)"),
        ({"met": None, "residual": 0.0001, "match": "none"}, ""),
    ],
)
def test_a_mismatch_that_no_budget_holds_stands_beside_the_setting(values: dict[str, Any], said: str) -> None:
    found = answer({"rows": [row_of("a", "better", 0.02, **values)]})[1]
    assert found == f"On Toy (default settings), better (+2.00 points [+1.50, +2.50]): a{said}."


def test_what_changes_the_difference_is_said_of_the_same_data_alone() -> None:
    """Variance 2 x (0.4^2 / 5 + 0.1^2) = 0.084, error 0.29 points; Welch's 13.8 degrees of freedom, t = 2.148."""
    rows = [
        row_of("usual", "better", 0.02),
        row_of("strong", "better", 0.05),
        row_of("ids", "worse", -0.02),
        row_of("weak", "better", 0.021),
        row_of("elsewhere", "better", 0.09, title="Other toy"),
    ]
    _, toy, other = answer({"rows": rows}, HELD)
    assert toy.partition(". ")[2] == (
        "Held against usual, the difference is larger: strong (+3.00 points [+2.38, +3.62]); smaller: ids "
        "(−4.00 points [−4.62, −3.38]); not detectably changed: weak."
    )
    assert "Held against" not in other


def test_changes_are_all_counted() -> None:
    """p = 0.034 by itself is no change as one of two, and is one alone."""
    rows = [row_of("usual", "better", 0.02), row_of("ids", "better", 0.0268), row_of("weak", "better", 0.02)]
    (alone,) = changes({"rows": rows[:2]}, HELD)
    first, second = changes({"rows": rows}, HELD)
    assert alone.adjusted == alone.size.p == first.size.p == pytest.approx(0.034, abs=0.001)
    assert first.adjusted == pytest.approx(2 * alone.size.p)
    assert [change.kind for change in (alone, first, second)] == ["larger", "", ""]


def test_settings_of_the_same_trainings_are_held_against_another_once() -> None:
    rows = [row_of("usual", "better", 0.02), row_of("ids (also strong)", "better", 0.0268)]
    (only,) = changes({"rows": rows}, HELD)
    assert only.row is rows[1]
    assert only.held is rows[0]
    twin = [row_of("usual (also ids)", "better", 0.02)]
    assert changes({"rows": twin}, HELD) == []  # nothing is held against itself
