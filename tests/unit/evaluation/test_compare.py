"""Comparisons of arms against pandas by hand: paired, over shared seeds, each user one voice, one headline."""

from __future__ import annotations

from dataclasses import replace
from math import log2

import numpy as np
import pandas as pd
import pytest

from pdcn.evaluation.compare import compare as compare_measured
from pdcn.evaluation.compare import curve_frame, difference_frame
from pdcn.evaluation.comparison import Comparison
from pdcn.evaluation.power import detectable, expected_spread, seeds_needed
from pdcn.evaluation.statistics import holm, outcome, paired_interval
from pdcn.evaluation.verdict import claim
from pdcn.tasks.metric import Metric
from pdcn.tasks.retrieval import Retrieval
from pdcn.tasks.retrieval.metrics import MRR, NDCG, Recall, cuts_of, log_cuts
from tests.unit.measured_help import measured_of

ARMS = ("parallel", "sequential", "deep_only")
CUTS = [1, 10, 100]


def ranks_of(columns: dict[str, int], events: int = 900, users: int = 60) -> pd.DataFrame:
    """Half ranks that agree between columns but for some luck; some users have far more events than others."""
    draws = np.random.default_rng(0)
    easy = draws.exponential(20, events)
    made = {
        name: (2 * np.minimum(easy * draws.exponential(1, events) * (1 + worse), 150)).round() / 2
        for name, worse in columns.items()
    }
    user = (users * draws.random(events) ** 2).astype(np.int64)
    popularity = draws.integers(0, 150, events).astype(np.float64)
    frame = pd.DataFrame({"user": user, "popularity": popularity, **made})
    return frame.astype(dict.fromkeys(made, np.float32))


def compare(
    ranks: pd.DataFrame,
    arms: tuple[str, ...],
    against: str,
    cuts: list[int],
    *,
    detect: float | None = None,
    metrics: tuple[str, ...] = ("recall", "ndcg", "mrr"),
) -> list[Comparison]:
    """`compare` of a frame, in the metrics of these names."""
    known: dict[str, list[Metric]] = {"recall": [*map(Recall, cuts)], "ndcg": [NDCG(10), NDCG(100)], "mrr": [MRR()]}
    several = [m for n in metrics for m in known[n]]
    headline = Recall(max(k for k in cuts if k <= 100)) if "recall" in metrics else several[0]
    return compare_measured(measured_of(ranks), arms, against, several, headline, detect=detect)


RANKS = ranks_of({f"{arm}.{seed}": 2 * at for at, arm in enumerate(ARMS) for seed in range(3)})
FOUND = compare(RANKS, ARMS, "sequential", CUTS, detect=0.01)


def one(found: list[Comparison], arm: str, name: str) -> Comparison:
    """The comparison of an arm in a metric, such as NDCG@10."""
    (only,) = [c for c in found if (c.arm, str(c.metric)) == (arm, name)]
    return only


def by_user(ranks: pd.DataFrame, column: str, name: str) -> pd.Series:
    """Each user's mean of a metric by a pandas groupby."""
    rank, k = ranks[column].astype(np.float64), float(name.partition("@")[2] or 0)
    value = {
        "recall": (rank < k).astype(np.float64),
        "NDCG": (1 / (rank + 2).map(log2)).where(rank < k, 0.0),
        "MRR": 1 / (rank + 1),
    }[name.partition("@")[0]]
    means: pd.Series = value.groupby(ranks["user"]).mean()
    return means


NAMES = ["recall@1", "recall@10", "recall@100", "NDCG@10", "NDCG@100", "MRR"]


def test_every_arm_in_every_metric_once() -> None:
    assert [(str(c.metric), c.arm) for c in FOUND] == [
        (name, arm)
        for names in (NAMES[:3], NAMES[3:5], NAMES[5:])
        for arm in ("parallel", "deep_only")
        for name in names
    ]
    assert {c.against for c in FOUND} == {"sequential"}
    assert {(c.seeds, c.users, c.events) for c in FOUND} == {(3, RANKS["user"].nunique(), 900)}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("arm", ["parallel", "deep_only"])
def test_a_comparison_is_that_of_the_users_means(arm: str, name: str) -> None:
    found = one(FOUND, arm, name)
    tables = {
        which: np.stack([by_user(RANKS, f"{which}.{seed}", name) for seed in range(3)]) for which in (arm, "sequential")
    }
    difference = tables[arm] - tables["sequential"]  # (S, U)
    assert found.difference == pytest.approx(difference.mean())
    assert found.difference_percent == pytest.approx(100 * difference.mean() / tables["sequential"].mean())
    expected = paired_interval(difference[:, :, None])
    assert (found.low, found.high) == pytest.approx((expected.low[0], expected.high[0]))
    assert found.p == pytest.approx(expected.p[0], abs=3e-4)  # a resample on the edge may fall either way
    assert found.seed_spread == pytest.approx(difference.mean(1).std(ddof=1))
    assert found.user_error == pytest.approx(expected.user_error[0])


def test_the_headline_counts_its_arms_and_the_others_wait_for_it() -> None:
    """In words: recall@100 first, then the other K, the nearest first, then NDCG and MRR, from large K to small."""
    before = 0.0
    for name in ("recall@100", "recall@10", "recall@1", "NDCG@100", "NDCG@10", "MRR"):
        own = [c for c in FOUND if str(c.metric) == name]
        assert [c.adjusted for c in own] == np.maximum(before, holm(np.array([c.p for c in own]))).tolist()
        for c in own:
            assert c.verdict == (outcome(c.difference, c.adjusted, 3) if before <= 0.05 else "not tested")
        before = max(c.adjusted for c in own)
    assert {c.counted for c in FOUND} == {2}
    assert any(c.adjusted > c.p for c in FOUND)
    assert {c.verdict for c in FOUND} >= {"better", "worse"}


def test_behind_a_headline_that_finds_nothing_no_other_metric_is_tested() -> None:
    """The same ranks twice, but for the first places: whatever NDCG@10 by itself would say."""
    ranks = RANKS[["user", "popularity", *(f"{arm}.{seed}" for arm in ("parallel", "sequential") for seed in range(3))]]
    first = {
        f"parallel.{seed}": np.where(ranks[f"sequential.{seed}"] < 10, 0, ranks[f"sequential.{seed}"])
        for seed in range(3)
    }
    found = compare(ranks.assign(**first), ARMS[:2], "sequential", CUTS)
    assert one(found, "parallel", "recall@100").verdict == "no detectable difference"
    for c in found:
        if str(c.metric) != "recall@100":
            assert (c.verdict, c.adjusted) == ("not tested", 1.0)
    assert one(found, "parallel", "NDCG@10").p < 0.01


def test_one_of_two_arms_that_is_not_told_apart_keeps_the_other_metrics_closed() -> None:
    ranks = RANKS.assign(**{f"parallel.{seed}": RANKS[f"sequential.{seed}"] for seed in range(3)})
    found = compare(ranks, ARMS, "sequential", CUTS)
    assert one(found, "deep_only", "recall@100").verdict == "worse"
    assert {c.verdict for c in found if c.metric != Recall(100)} == {"not tested"}


def _apart_from_the_others(c: Comparison) -> Comparison:
    return replace(c, adjusted=0, counted=0, verdict="better", seeds_needed=None, detectable=None)


def test_one_more_arm_makes_the_others_stand_a_harder_test() -> None:
    alone = compare(RANKS, ("parallel", "sequential"), "sequential", CUTS, metrics=("recall",))
    for c in alone:
        beside = one(FOUND, "parallel", str(c.metric))
        assert _apart_from_the_others(c) == _apart_from_the_others(beside)
        assert c.adjusted <= beside.adjusted


def test_only_metrics_that_are_asked_for() -> None:
    found = compare(RANKS, ARMS, "sequential", CUTS, metrics=("mrr",))
    assert [(str(c.metric), c.arm, c.metric.k) for c in found] == [
        ("MRR", "parallel", None),
        ("MRR", "deep_only", None),
    ]
    own = [c for c in FOUND if c.metric.name == "mrr"]
    assert [*map(_apart_from_the_others, found)] == [*map(_apart_from_the_others, own)]


def test_what_the_seeds_at_hand_find_is_the_other_side_of_the_seeds_needed() -> None:
    sizes = [c.detectable for c in FOUND if c.detectable is not None]
    assert len(sizes) == 2
    for c in compare(RANKS, ARMS, "sequential", CUTS, detect=max(sizes), metrics=("recall",)):
        if c.detectable is not None:
            assert (c.detectable <= max(sizes)) == (c.seeds_needed is not None and c.seeds_needed <= c.seeds)
    assert all(c.detectable is None for c in compare(RANKS, ARMS, "sequential", CUTS))


def test_seeds_are_estimated_for_the_headline_and_only_when_asked() -> None:
    for c in FOUND:
        assert c.seed_spread is not None
        assert c.usual_spread is not None
        assert c.seed_floor is not None
        if c.metric != Recall(100):
            assert c.seeds_needed is c.detectable is None
            continue
        spread, freedom = expected_spread(c.seed_spread, c.usual_spread, c.seeds)
        assert c.seeds_needed == seeds_needed(spread, c.user_error, 0.01, 2, freedom, c.seed_floor)
        assert c.detectable == detectable(spread, c.user_error, c.seeds, 2, freedom, c.seed_floor)
    assert any(c.seeds_needed for c in FOUND)
    silent = compare(RANKS, ARMS, "sequential", CUTS)
    assert all(c.seeds_needed is None for c in silent)


@pytest.mark.parametrize("against", ARMS)
def test_against_each_arm(against: str) -> None:
    found = compare(RANKS, ARMS, against, CUTS, metrics=("recall",))
    assert {c.arm for c in found} == set(ARMS) - {against}
    for c in found:
        back = one(compare(RANKS, ARMS, c.arm, CUTS, metrics=("recall",)), against, str(c.metric))
        assert c.difference == pytest.approx(-back.difference)
        if c.metric == Recall(100):
            assert {c.verdict, back.verdict} in ({"better", "worse"}, {"no detectable difference"})


def test_percent_is_of_the_baselines_value() -> None:
    """Recall of 0.75 against 0.5 is half as much again; the other way it is a third less."""
    ranks = pd.DataFrame({"user": [1, 1, 2, 2], "a.0": [0, 9, 0, 0], "b.0": [0, 9, 9, 0]})
    assert compare(ranks, ("a", "b"), "b", [5])[0].difference_percent == pytest.approx(50)
    assert compare(ranks, ("a", "b"), "a", [5])[0].difference_percent == pytest.approx(-100 / 3)


def test_percent_of_nothing_is_not_told() -> None:
    ranks = pd.DataFrame({"user": [1, 2], "a.0": [0, 0], "b.0": [9, 9]})
    found = one(compare(ranks, ("a", "b"), "b", [5]), "a", "recall@5")
    assert (found.difference, found.difference_percent) == (1, None)
    assert claim(found, "Toy").endswith(": +100.00 points of recall@5 in that one training.")


def test_only_seeds_that_both_arms_finished() -> None:
    ranks = RANKS.drop(columns=["parallel.0", "sequential.2"])
    assert measured_of(ranks).seeds("parallel", "sequential") == [1]
    assert measured_of(ranks).seeds("deep_only", "sequential") == [0, 1]
    found = compare(ranks, ARMS, "sequential", CUTS, detect=0.01)
    assert {c.arm: c.seeds for c in found} == {"parallel": 1, "deep_only": 2}
    for c in found:
        if c.arm == "parallel":
            assert (c.verdict, c.seed_spread, c.seeds_needed) == ("too few seeds", None, None)
    expected = by_user(RANKS, "parallel.1", "recall@10") - by_user(RANKS, "sequential.1", "recall@10")
    assert one(found, "parallel", "recall@10").difference == pytest.approx(expected.mean())


def test_pairs_are_of_the_same_seed_in_whatever_order_they_stand() -> None:
    assert compare(RANKS[sorted(RANKS.columns, reverse=True)], ARMS, "sequential", CUTS, detect=0.01) == FOUND


def test_nothing_to_compare() -> None:
    assert compare(RANKS, ("parallel",), "parallel", CUTS) == []
    assert compare(RANKS.filter(like="parallel").assign(user=RANKS["user"]), ARMS, "sequential", CUTS) == []


def test_users_with_many_events_do_not_swamp_the_rest() -> None:
    """User 1 has ten events, all won by a; users 2 and 3 one each, lost: the mean is (1 - 1 - 1) / 3."""
    user = [1] * 10 + [2, 3]
    ranks = pd.DataFrame({"user": user})
    for seed in (0, 1):
        ranks[f"a.{seed}"] = [0.0] * 10 + [99.0] * 2
        ranks[f"b.{seed}"] = [99.0] * 10 + [0.0] * 2
    found = compare(ranks, ("a", "b"), "b", [10])
    assert one(found, "a", "recall@10").difference == pytest.approx(-1 / 3)
    assert one(found, "a", "recall@10").difference_percent == pytest.approx(-50)  # of 2 / 3
    assert one(found, "a", "NDCG@10").difference == pytest.approx(-1 / 3)
    assert one(found, "a", "MRR").difference == pytest.approx(-(1 - 1 / 100) / 3)
    assert (found[0].users, found[0].events) == (3, 12)


def test_more_events_of_one_user_change_nothing() -> None:
    again = pd.concat([RANKS, *[RANKS[RANKS["user"] == 3]] * 5], ignore_index=True)
    for c, more in zip(FOUND, compare(again, ARMS, "sequential", CUTS, detect=0.01), strict=True):
        assert (more.difference, more.low, more.high) == pytest.approx((c.difference, c.low, c.high))
        assert more.events > c.events


def test_the_curve_of_differences_is_that_of_the_comparisons() -> None:
    frame = difference_frame(measured_of(RANKS), ARMS, "sequential", Retrieval().curve(150))
    assert frame["k"].unique().tolist() == log_cuts(150).tolist()
    assert frame["arm"].unique().tolist() == ["parallel", "deep_only"]
    assert set(frame["metric"]) == {"recall"}
    at = {(row["arm"], row["k"]): row for row in frame.to_dict("records")}
    for c in FOUND:
        if c.metric.name == "recall" and c.metric.k in (1, 10):
            row = at[c.arm, c.metric.k]
            assert (row["difference"], row["low"], row["high"]) == pytest.approx((c.difference, c.low, c.high))
    frame_of_curves = curve_frame(measured_of(RANKS), ARMS, Retrieval().curve(150))
    curves = frame_of_curves.groupby(["arm", "k"])["value"].mean()
    gap = curves["parallel"] - curves["sequential"]
    own = frame[frame["arm"] == "parallel"]
    assert own["difference"].to_numpy() == pytest.approx(gap.to_numpy())


def test_no_differences_are_an_empty_curve() -> None:
    frame = difference_frame(measured_of(RANKS), ("parallel",), "parallel", Retrieval().curve(150))
    assert frame.empty
    assert list(frame.columns) == list(Comparison.RECORD)


@pytest.mark.parametrize(
    ("items", "cuts"), [(10, [1]), (11, [1, 10]), (1000, [1, 10, 100]), (10**6, [1, 10, 100, 1000])]
)
def test_cuts_go_as_far_as_the_catalogue(items: int, cuts: list[int]) -> None:
    assert cuts_of(items) == cuts


def test_seeds_with_users_drawn_anew_have_the_wider_interval_and_no_promise() -> None:
    one, anew = (
        compare_measured(
            replace(measured_of(RANKS), sets=0 if resampled else None),
            ARMS,
            "sequential",
            [Recall(100)],
            Recall(100),
            detect=0.01,
        )
        for resampled in (False, True)
    )
    for narrow, wide in zip(one, anew, strict=True):
        assert wide.difference == narrow.difference
        assert wide.low < narrow.low < narrow.high < wide.high
        assert (wide.seed_spread, wide.seed_floor) == (narrow.seed_spread, narrow.seed_floor)
        assert (narrow.detectable is None, wide.detectable, wide.seeds_needed) == (False, None, None)
