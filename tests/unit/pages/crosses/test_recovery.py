"""Average precision and AUC over pairs, on orders whose answer is known."""

from __future__ import annotations

import pandas as pd
import pytest

from pdcn.pages.crosses.work.recovery import planted_pairs, recovery_frame
from pdcn.sources.truth import PlantedCross

TRUTH = {frozenset("ab"), frozenset("cd")}
PAIRS = [("a", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"), ("c", "d"), ("a", "a")]


def frame(values: list[float]) -> pd.DataFrame:
    rows = pd.DataFrame(PAIRS, columns=["a", "b"])
    return rows.assign(size=values, arm="parallel", seed=0)


@pytest.mark.parametrize(
    ("values", "precision", "auc"),
    [
        ([9, 1, 1, 1, 1, 8, 99], 1.0, 1.0),  # both on top; a field with itself does not count
        ([9, 5, 4, 3, 2, 1, 0], (1 + 2 / 6) / 2, 0.5),  # first and last
        ([1, 5, 4, 3, 2, 1, 0], 2 / 6, 0.0),  # both last, tied
    ],
)
def test_orders_with_a_known_answer(values: list[float], precision: float, auc: float) -> None:
    found = recovery_frame(frame(values), TRUTH, ["arm", "seed"], "size").to_dict("records")
    assert found == [
        {
            "arm": "parallel",
            "seed": 0,
            "average_precision": pytest.approx(precision),
            "auc": pytest.approx(auc),
            "chance": pytest.approx(2 / 6),
        }
    ]


def test_without_planted_pairs_there_is_nothing_to_recover() -> None:
    assert recovery_frame(frame([1.0] * 7), set(), ["arm", "seed"], "size").empty


def test_only_a_sides_own_crosses_count() -> None:
    crosses = [PlantedCross("query", ("a", "b"), 1.0), PlantedCross("item", ("c", "d"), 1.0)]
    assert planted_pairs(crosses, "query") == {frozenset("ab")}
