"""The sentences on top of the page follow from the numbers, and claim no more than the interval allows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from pdcn.pages.inside.work.bottleneck import at_point, gap, in_words, read_by_deep, stages_of, steepest
from pdcn.pages.inside.work.reliance import in_words as reliance_in_words

PARALLEL = [("embedding", "x0"), ("0.0", "Cross 1"), ("1.0", "Deep 1"), ("join", "Concat"), ("head", "Output")]
SEQUENTIAL = [("embedding", "x0"), ("0.0", "Cross 1"), ("0.1", "Deep 1"), ("head", "Output")]


def table(outputs: dict[str, list[float]], before: float = 0.5) -> pd.DataFrame:
    """Points of two arms: 1 at x0, 0.9 after the crosses, 0.6 in the deep layer, 0.8 joined, and these outputs."""
    kept = {"x0": 1.0, "Cross 1": 0.9, "Deep 1": 0.6, "Concat": 0.8}
    rows = [
        {
            "arm": arm,
            "seed": seed,
            "moment": moment,
            "point": point,
            "name": name,
            "place": place,
            "width": 8,
            "kept": before if moment == "before" else kept.get(name, output),
            "fields": 4,
        }
        for arm, points in (("parallel", PARALLEL), ("sequential", SEQUENTIAL))
        for seed, output in enumerate(outputs[arm])
        for moment in ("trained", "before")
        for place, (point, name) in enumerate(points)
    ]
    return pd.DataFrame(rows)


APART = table({"parallel": [0.50, 0.52, 0.51], "sequential": [0.30, 0.31, 0.33]})
ALIKE = table({"parallel": [0.50, 0.40, 0.60], "sequential": [0.45, 0.55, 0.47]})


def test_the_gap_is_a_paired_t_interval_over_seeds() -> None:
    found = gap(APART, "parallel", "sequential")
    assert found is not None
    difference = np.array([0.20, 0.21, 0.18])
    half = t.ppf(0.975, 2) * difference.std(ddof=1) / np.sqrt(3)
    assert found.difference == pytest.approx(difference.mean())
    assert (found.low, found.high) == pytest.approx((difference.mean() - half, difference.mean() + half), abs=3e-3)
    assert (found.verdict, found.seeds) == ("better", 3)
    assert found.one == pytest.approx(0.51)


def test_seeds_that_overlap_are_no_difference_and_one_seed_is_no_claim() -> None:
    found = gap(ALIKE, "parallel", "sequential")
    assert found is not None
    assert found.verdict == "no detectable difference"
    assert in_words(ALIKE, ("parallel", "sequential"), "query")[0].startswith("No detectable difference")
    lone = table({"parallel": [0.5], "sequential": [0.3]})
    assert "One seed cannot tell" in in_words(lone, ("parallel", "sequential"), "query")[0]
    apart = table({"parallel": [0.5], "sequential": []})
    assert gap(apart, "parallel", "sequential") is None
    assert in_words(apart[apart["arm"] == "parallel"], ("parallel",), "query")
    assert (
        "no seed in common"
        in in_words(
            pd.concat([apart, APART[(APART["arm"] == "sequential") & (APART["seed"] == 1)]]),
            ("parallel", "sequential"),
            "query",
        )[0]
    )


def test_what_is_said_of_towers_that_differ() -> None:
    said = in_words(APART, ("parallel", "sequential"), "query")
    assert said[0].startswith(
        "The query tower keeps more of its input in parallel (51.0%) than in sequential (31.3%). That is +19.67 "
        "points, 95% interval ["
    )
    assert said[1] == "The output's shares are means over 4 fields and 3 seeds."
    assert said[2] == "Before training the outputs kept 50.0% in parallel and 50.0% in sequential: 0.00 points."
    assert said[3:5] == [
        "The deep network of parallel reads x0 (100% kept).",
        "The deep network of sequential reads Cross 1 (90% kept).",
    ]
    assert said[5].endswith("x0 100% → Concat 80% → Output 51%. The steepest fall is from Concat to Output.")
    assert said[6].endswith("Cross 1 90% → Deep 1 60% → Output 31%. The steepest fall is from Cross 1 to Deep 1.")
    assert (
        "keeps less of its input in sequential (31.3%) than in parallel (51.0%)"
        in in_words(APART, ("sequential", "parallel"), "query")[0]
    )


def test_an_arm_alone_is_not_compared() -> None:
    said = in_words(APART[APART["arm"] == "sequential"], ("sequential",), "item")
    assert len(said) == 2
    assert said[0].startswith("The deep network of sequential reads Cross 1")


def test_stages_skip_the_branches_and_know_the_steepest_fall() -> None:
    assert list(stages_of(APART, "parallel")["name"]) == ["x0", "Concat", "Output"]
    assert list(stages_of(APART, "sequential")["name"]) == ["x0", "Cross 1", "Deep 1", "Output"]
    fall = steepest(APART, "sequential")
    assert fall is not None
    assert fall[:2] == ("Cross 1", "Deep 1")
    assert fall[2] == pytest.approx(0.3)
    flat = APART.assign(kept=0.7)
    assert steepest(flat, "parallel") is None
    assert read_by_deep(APART[APART["name"] != "Deep 1"], "parallel") is None
    assert at_point(APART, "parallel", "head").tolist() == [0.50, 0.52, 0.51]


def drop(
    arm: str, change: str, difference: float, low: float, high: float, verdict: str, seeds: int = 3
) -> dict[str, object]:
    return {
        "arm": arm,
        "change": change,
        "sides": "both",
        "k": 100,
        "difference": difference,
        "low": low,
        "high": high,
        "verdict": verdict,
        "seeds": seeds,
    }


def test_what_is_said_of_the_drops() -> None:
    drops = pd.DataFrame(
        [
            drop("parallel", "mute deep", -0.02, -0.03, -0.01, "worse"),
            drop("parallel", "bypass cross", -0.01, -0.03, 0.01, "no detectable difference"),
            drop("sequential", "bypass cross", -0.02, -0.04, -0.001, "no detectable difference"),
        ]
    )
    assert reliance_in_words(drops, ("parallel", "sequential"), "both") == (
        "Recall@100 changes like this (points, 95% intervals):\n\n"
        "- Deep branch muted: parallel −2.00 [−3.00, −1.00]\n"
        "- Crosses bypassed: parallel −1.00 [−3.00, +1.00], no detectable difference; sequential −2.00 [−4.00, −0.10], "
        "not significant after testing every row (Holm)"
    )
    assert reliance_in_words(drops, ("parallel",), "query") == ""
    lone = pd.DataFrame([drop("parallel", "mute deep", -0.02, np.nan, np.nan, "too few seeds", 1)])
    told = reliance_in_words(lone, ("parallel",), "both")
    assert "(points; one seed cannot tell" in told
    assert told.endswith("- Deep branch muted: parallel −2.00")
