"""What is said of a comparison: every branch of it in full, and never more than the numbers allow."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdcn.evaluation.comparison import Comparison, comparisons_of, headline_of, settled
from pdcn.evaluation.statistics import outcome
from pdcn.evaluation.verdict import Terms, basis, below_floor, budget, claim, estimand, on_terms, sentence
from pdcn.tasks.retrieval.metrics import MRR, NDCG, Recall

BETTER = Comparison(
    "parallel",
    "deep_only",
    Recall(10),
    0.012,
    0.004,
    0.02,
    "better",
    3,
    1801,
    9000,
    3.52,
    0.004,
    0.012,
    2,
    seed_spread=0.004,
    user_error=0.001,
    seeds_needed=5,
)
WORSE = replace(
    BETTER, difference=-0.012, low=-0.02, high=-0.004, verdict="worse", difference_percent=-3.52, adjusted=1e-4
)
OPEN = replace(
    BETTER,
    difference=0.002,
    low=-0.004,
    high=0.008,
    verdict="no detectable difference",
    difference_percent=0.6,
    p=0.4,
    adjusted=0.8,
)
ONE = replace(BETTER, verdict="too few seeds", seeds=1, seed_spread=None, seeds_needed=None)
BASIS = "Same blocks, default settings; 3 seeds, 1,801 test users, 9,000 test events; "


# the sentence


def test_better_in_full() -> None:
    assert sentence([BETTER], "Toy") == (
        "On Toy, parallel is better than deep only: +1.20 points of recall@10 (+3.5%), 95% interval "
        f"[+0.40, +2.00]. {BASIS}p = 0.012 after Holm over 2 arms."
    )


@pytest.mark.parametrize(("reach", "warned"), [(0.013, True), (0.011, False), (None, False)])
def test_a_difference_that_is_seldom_found_is_told_to_look_too_large(reach: float | None, warned: bool) -> None:
    said = basis(replace(BETTER, detectable=reach), Terms())
    warning = "Three seeds reliably detect only about 1.3 points. This result is smaller, so it may be overstated."
    assert (warning in said) == warned
    assert ("reliably" in said) == ("overstated" in said) == warned


@pytest.mark.parametrize(
    ("seeds", "reach", "told"),
    [
        (3, 0.0131, " Three seeds reliably detect only about 1.3 points."),
        (12, 0.002, " 12 seeds reliably detect only about 0.2 points."),
        (2, 1.2, " Two seeds detect no difference reliably."),
        (3, None, ""),
    ],
)
def test_without_a_difference_the_reach_is_told(seeds: int, reach: float | None, told: str) -> None:
    """So that nobody takes "no detectable difference" for "no difference"."""
    said = basis(replace(OPEN, seeds=seeds, detectable=reach, seeds_needed=20), Terms())
    assert f"after Holm over 2 arms.{told} To detect 1 point, about 20 seeds are needed." in said
    assert "overstated" not in said


@pytest.mark.parametrize("seeds", [2, 3])
def test_two_seeds_are_told_to_leave_the_interval_wide(seeds: int) -> None:
    for found in (BETTER, OPEN):
        said = basis(replace(found, seeds=seeds), Terms())
        assert ("Two seeds say little about how far trainings spread" in said) == (seeds == 2)


def test_arms_below_popularity_are_named() -> None:
    arms = {
        name: {"recall": recall}
        for name, recall in (("parallel", {"10": 0.1}), ("deep_only", {"10": 0.3}), ("sequential", {}))
    }
    result = {"data": {"items": 60}, "arms": arms, "baselines": {"popularity": {"recall": {"10": 0.2}}}}
    assert below_floor(result).startswith("Below popularity in recall@10: parallel. An arm that does worse")
    result["baselines"] = {"popularity": {"recall": {"10": 0.05}}}
    assert below_floor(result) == ""


def test_every_baseline_that_an_arm_is_below_is_named_and_explained_from_the_data() -> None:
    arms = {name: {"recall": {"10": recall}} for name, recall in (("parallel", 0.1), ("deep_only", 0.3))}
    levels = {"popularity": 0.2, "history": 0.5, "pure_svd": 0.25, "item_knn": 0.05, "oracle": 0.9}
    result = {
        "data": {"items": 60, "repeats": 0.672},
        "arms": arms,
        "baselines": {name: {"recall": {"10": level}} for name, level in levels.items()},
    }
    said = below_floor(result)
    assert said.startswith(
        "Below popularity, own history and PureSVD in recall@10: parallel. Below own history in recall@10: deep only. "
        "An arm "
    )
    assert said.endswith(
        "67% of the test events repeat an item that their user had in the training part. History puts these first; "
        "a tower has to learn who had what."
    )


def test_worse_in_full() -> None:
    assert sentence([WORSE], "Toy") == (
        "On Toy, parallel is worse than deep only: −1.20 points of recall@10 (−3.5%), 95% interval "
        f"[−2.00, −0.40]. {BASIS}p < 0.001 after Holm over 2 arms."
    )


def test_no_detectable_difference_in_full() -> None:
    assert sentence([OPEN], "Toy") == (
        "On Toy, no detectable difference between parallel and deep only: +0.20 points of recall@10 (+0.6%), "
        f"95% interval [−0.40, +0.80]. {BASIS}p = 0.800 after Holm over 2 arms. To detect 1 point, about 5 seeds "
        "are needed."
    )


def test_one_seed_in_full() -> None:
    """It has neither an interval nor a p-value to show."""
    assert sentence([ONE], "Toy") == (
        "On Toy, one seed cannot tell parallel from deep only: +1.20 points of recall@10 (+3.5%) in that one training. "
        "Same blocks, default settings; 1 seed, 1,801 test users, 9,000 test events. One seed says nothing about how "
        "far seeds spread: train at least three."
    )


def test_one_seed_with_the_spread_of_another_run() -> None:
    said = sentence([replace(ONE, seeds_needed=7)], "Toy", Terms(detect=0.005))
    assert said.endswith("train at least three, and about 7 for 0.5 points if they spread as in the showcase run.")


@pytest.mark.parametrize(("counted", "family"), [(0, "arms and K"), (2, "arms")])
def test_an_interval_that_leaves_zero_out_where_holm_does_not(counted: int, family: str) -> None:
    open_ = replace(OPEN, counted=counted)
    for low, high in ((0.0004, 0.008), (-0.01, -0.0004)):
        c = replace(open_, low=low, high=high)
        assert f" The interval by itself leaves zero out, but not with all {family} counted." in basis(c, Terms())
        assert f" once all {family} are counted: " in claim(c, "Toy")
    for low, high in ((0.0, 0.01), (-0.01, 0.0)):
        assert "by itself" not in basis(replace(open_, low=low, high=high), Terms())


def test_a_record_of_the_former_scheme_keeps_its_words() -> None:
    """It counted all arms and K, and its rows do not say over how many: as they were, they stay."""
    kept = BETTER.record()
    del kept["counted"], kept["seed_floor"]
    (found,) = comparisons_of({"comparison": [kept]})
    assert "p = 0.012 after Holm." in sentence([found], "Toy")
    alone = replace(BETTER, counted=1)
    assert "p = 0.012." in sentence([alone], "Toy")


@pytest.mark.parametrize(("spread", "floor", "told"), [(0.001, 0.01, True), (0.006, 0.01, False), (0.01, 0.0, False)])
def test_seeds_that_agree_by_chance_are_told(spread: float, floor: float, told: bool) -> None:
    said = basis(replace(BETTER, seed_spread=spread, seed_floor=floor), Terms())
    assert ("agree more closely than luck allows" in said) == told


@pytest.mark.parametrize(
    ("seeds", "needed", "error", "detect", "said"),
    [
        (3, 5, 0.001, 0.01, " To detect 1 point, about 5 seeds are needed."),
        (3, 4, 0.001, 0.02, " To detect 2 points, about 4 seeds are needed."),
        (3, 4, 0.001, 0.0025, " To detect 0.25 points, about 4 seeds are needed."),
        (3, 4, 0.001, 0.07, " To detect 7 points, about 4 seeds are needed."),
        (3, 3, 0.001, 0.01, ""),
        (5, 3, 0.001, 0.01, ""),
        (3, None, 0.01, 0.01, " No number of seeds would find 1 point with so few users."),
        (3, None, 0.0001, 0.001, " To detect 0.1 points, more than 200 seeds are needed."),
    ],
)
def test_seeds_that_are_missing(seeds: int, needed: int | None, error: float, detect: float, said: str) -> None:
    c = replace(OPEN, seeds=seeds, seeds_needed=needed, user_error=error)
    assert basis(c, Terms(detect=detect)).partition(" after Holm over 2 arms.")[2] == said


def test_a_difference_that_is_found_asks_for_no_more_seeds() -> None:
    for c in (BETTER, WORSE):
        assert "needed" not in sentence([replace(c, seeds_needed=9)], "Toy")


@pytest.mark.parametrize(
    ("having", "said"),
    [
        ((), "On Toy, no arm has a result to compare."),
        (("deep_only",), "On Toy, only deep only has a result; nothing to compare with."),
        (("parallel", "deep_only"), "On Toy, only parallel and deep only have a result; nothing to compare with."),
    ],
)
def test_nothing_to_compare(having: tuple[str, ...], said: str) -> None:
    assert sentence([], "Toy", having=having) == said


def test_several_comparisons_are_several_sentences() -> None:
    said = sentence([OPEN, replace(BETTER, arm="cross_only")], "Toy")
    assert said == f"{sentence([OPEN], 'Toy')} {sentence([replace(BETTER, arm='cross_only')], 'Toy')}"
    assert said.count("On Toy, ") == 2


def test_the_sentence_is_claim_and_basis() -> None:
    terms = Terms("flops", {"parallel": 0.3}, {"parallel": False}, "equally tuned, 6 trials an arm", 0.02)
    for c in (BETTER, WORSE, OPEN, ONE):
        assert sentence([c], "Toy", terms) == f"{claim(c, 'Toy')} {basis(c, terms)}"
        start = "FLOPs matched as closely as could be, equally tuned, 6 trials an arm; "
        assert basis(c, terms).startswith(start)
        assert basis(c, terms).endswith("The match could not be met: parallel has 30.0% more FLOPs.")


@given(
    st.floats(-1, 1),
    st.floats(0, 0.5),
    st.floats(0, 0.5),
    st.floats(0, 1),
    st.integers(1, 5),
    st.one_of(st.none(), st.integers(2, 200)),
)
def test_no_sentence_claims_what_the_test_leaves_open(
    difference: float, below: float, above: float, adjusted: float, seeds: int, needed: int | None
) -> None:
    found = outcome(difference, adjusted, seeds)
    c = replace(
        OPEN,
        difference=difference,
        low=difference - below,
        high=difference + above,
        adjusted=adjusted,
        seeds=seeds,
        seeds_needed=needed,
        verdict=found,
    )
    said = sentence([c], "Toy")
    claims = re.search(r" is (better|worse) than ", said)
    if adjusted > 0.05 or seeds < 2:
        assert claims is None
        assert re.search("no detectable difference|one seed cannot tell", said)
    else:
        assert claims is not None
        assert claims[1] == ("better" if difference > 0 else "worse")
    assert ("interval [" in said) == ("after Holm" in said) == (seeds > 1)
    assert "recall@10" in said
    assert said.startswith("On Toy, ")
    assert said.endswith(".")
    assert "  " not in said
    assert ".." not in said


# terms


@pytest.mark.parametrize(
    ("match", "residual", "met", "said"),
    [
        ("none", 0.08, None, "Sizes differ: parallel has 8.0% more dense parameters."),
        ("none", -0.0821, None, "Sizes differ: parallel has 8.2% fewer dense parameters."),
        ("parameters", 0.004, True, "Sizes match: parallel is 0.4% larger."),
        ("flops", -0.08, False, "The match could not be met: parallel has 8.0% fewer FLOPs."),
        ("train-time", -0.08, True, "Training times match: parallel takes 8.0% less."),
        ("train-time", 0.5, False, "The match could not be met: parallel has 50.0% more training time."),
        ("parameters", 0.00051, True, "Sizes match: parallel is 0.1% larger."),
        ("parameters", 0.00049, True, ""),
        ("none", -0.00049, None, ""),
        ("none", None, None, ""),
    ],
)
def test_budgets(match: str, residual: float | None, met: bool | None, said: str) -> None:
    terms = Terms(
        match,
        {"cross_only": 9.0} | ({} if residual is None else {"parallel": residual}),
        {} if met is None else {"parallel": met},
    )
    assert budget(BETTER, terms) == said
    assert basis(BETTER, terms).endswith(said or "after Holm over 2 arms.")


def test_where_both_arms_moved_the_mismatch_is_between_the_two() -> None:
    terms = Terms("flops", {"parallel": 0.01, "deep_only": -0.02}, {"parallel": True, "deep_only": True})
    assert budget(BETTER, terms) == "FLOPs match: parallel needs 3.1% more."
    missed = replace(terms, met={"parallel": True, "deep_only": False})
    assert budget(BETTER, missed) == "The match could not be met: parallel has 3.1% more FLOPs."
    assert basis(BETTER, missed).startswith("FLOPs matched as closely as could be")
    assert budget(BETTER, replace(terms, residual=dict.fromkeys(terms.residual, -0.3))) == ""


@pytest.mark.parametrize(
    ("match", "said"),
    [
        ("none", "same blocks, default settings"),
        ("parameters", "equal dense parameters, default settings"),
        ("flops", "equal FLOPs, default settings"),
        ("train-time", "equal training time, default settings"),
        ("unknown", "default settings"),
    ],
)
def test_terms_in_a_few_words(match: str, said: str) -> None:
    assert on_terms(Terms(match)) == said
    assert basis(BETTER, Terms(match)).startswith(said[0].upper() + said[1:] + "; 3 seeds")


def record(**changes: Any) -> dict[str, Any]:
    return {
        "match": {
            "target": {"budget": "flops", "arm": "sequential", "value": 9},
            "tolerance": 0.02,
            "residual": {"parallel": 0.01},
            "met": {"parallel": True},
        },
        "tuning": {"settings": "equally tuned, 6 trials an arm", "trials": 6},
        "detect": 0.5,
        "comparison": [BETTER.record(), OPEN.record()],
    } | changes


def test_the_terms_of_a_record() -> None:
    assert Terms.of(record()) == Terms(
        "flops", {"parallel": 0.01}, {"parallel": True}, "equally tuned, 6 trials an arm", 0.005
    )


def test_the_terms_of_a_record_from_before_there_were_terms() -> None:
    old = record()
    del old["match"], old["tuning"], old["detect"]
    terms = Terms.of(old)
    assert terms == Terms("unknown", tuning="settings as they were")
    assert on_terms(terms) == "settings as they were"
    assert budget(BETTER, terms) == ""
    assert Terms.of({"match": None}) == terms


# records


def test_comparisons_come_back_from_a_record() -> None:
    assert comparisons_of(record()) == [BETTER, OPEN]
    assert comparisons_of(record(comparison=[])) == []


def test_a_record_may_know_more_or_less_than_a_comparison() -> None:
    kept = BETTER.record() | {"colour": "blue"}
    for name in ("seed_spread", "user_error", "seeds_needed"):
        del kept[name]
    (found,) = comparisons_of({"comparison": [kept]})
    assert found == replace(BETTER, seed_spread=None, user_error=0.0, seeds_needed=None)


def test_no_comparison_without_its_p_value() -> None:
    """A record of the former method has none: a sentence would show p = 1 that nobody computed."""
    kept = BETTER.record()
    del kept["p"], kept["adjusted"]
    assert comparisons_of({"comparison": [kept, OPEN.record()]}) == [OPEN]


def test_the_headline_is_recall_at_its_k() -> None:
    other = replace(BETTER, arm="cross_only")
    crowd = [
        BETTER,
        replace(BETTER, metric=Recall(100)),
        replace(BETTER, metric=NDCG(10)),
        replace(BETTER, metric=MRR()),
        other,
    ]
    assert headline_of(crowd, Recall(10)) == [BETTER, other]
    assert headline_of(crowd, Recall(1)) == []


# words


def test_a_metric_has_its_name_and_k() -> None:
    assert str(BETTER.metric) == "recall@10"
    assert str(NDCG(100)) == "NDCG@100"
    assert str(MRR()) == "MRR"


# several looks


def test_looks_are_told_and_ask_for_no_more_seeds() -> None:
    said = basis(replace(OPEN, looks=3, seeds=7, seeds_needed=None), Terms())
    assert "Three looks were made" in said
    assert "needed" not in said
    assert "look" not in basis(OPEN, Terms())


@pytest.mark.parametrize(("low", "high", "none"), [(-0.004, 0.008, True), (-0.004, 0.011, False)])
def test_an_interval_within_what_matters_says_so(low: float, high: float, none: bool) -> None:
    c = replace(OPEN, low=low, high=high, looks=2)
    assert settled(c, 0.01) == none
    assert ("The difference is smaller than 1 point: none that matters." in basis(c, Terms())) == none
    assert settled(BETTER, 0.5)


def test_what_a_verdict_is_about_follows_from_its_training_sets() -> None:
    assert estimand({"experiment": {}}).startswith("It is about these training events")
    assert estimand({"experiment": {"training_sets": "bootstrap"}}).startswith(
        "It is about training sets like this one"
    )
    same = replace(BETTER, verdict="no detectable difference", low=-0.01)
    for c in (BETTER, same):
        assert "3 seeds, 1,801 test users" in basis(c, Terms())
        assert "3 seeds, each with training users drawn anew, 1,801 test users" in basis(c, Terms(resampled=True))
    assert "seeds are needed" in basis(same, Terms())
    assert estimand({"experiment": {"training_sets": "worlds"}}).startswith("It is about worlds like these")
    split = replace(BETTER, sets=3, set_spread=0.002)
    assert "3 seeds in 3 training sets drawn anew, 1,801 test users" in basis(split, Terms(resampled=True))
    assert "Worlds differ by 0.20 points" in basis(split, Terms(resampled=True, worlds=True))
    assert "needed" not in basis(same, Terms(resampled=True))  # more of them leave the luck of the one set
