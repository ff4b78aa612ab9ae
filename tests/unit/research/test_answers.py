"""Answers in words: one sentence a question, and what changes the difference, from the numbers alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pdcn.evaluation.causes import PATH
from pdcn.evaluation.statistics import holm
from pdcn.research.answers import answer, beside_the_claim, changes, details, rows_of, sentences, tally
from pdcn.research.findings import CLAIM, FINDINGS, Finding, Race

SAME = "no detectable difference"
HELD = (("ids", "usual"), ("strong", "usual"), ("weak", "usual"), ("elsewhere", "usual"))


def row_of(label: str, verdict: str, difference: float, **values: Any) -> dict[str, Any]:
    return {
        "label": label,
        "arm": "parallel",
        "against": "sequential",
        "group": "Toy",
        "verdict": verdict,
        "difference": difference,
        "low": difference - 0.005,
        "high": difference + 0.005,
        "p": 0.01,
        "match": "parameters",
        "residual": 0.0,
        "unfinished": [],
        "seeds": 5,
        "seed_spread": 0.004,
        "seed_floor": 0.001,
        "user_error": 0.001,
        "items": 4_000,
        "metric": "recall",
        "k": 100,
        "other": {},
        **values,
    }


def finding(kind: str = "settings", pairs: Any = (CLAIM,), held: Any = ()) -> Finding:
    return Finding("toy", "Is it so?", "It may be.", (), pairs, changes=held, kind=kind)


def path(*steps: tuple[str, float], group: str = "Toy", verdict: str = "better") -> list[dict[str, Any]]:
    whole = row_of("equal", verdict, sum(size for _, size in steps), group=group)
    between = zip(PATH[1:], PATH, steps, strict=False)
    return [whole, *(row_of("equal", v, size, arm=a, against=held, group=group) for a, held, (v, size) in between)]


def test_settings_are_counted_by_pair_and_none_is_hidden() -> None:
    rows = [
        row_of("ids", "better", 0.0123),
        row_of("no ids", "worse", -0.02),
        row_of("weak", SAME, 0.001),
        row_of("ids", "better", 0.01, against="wide_deep"),
    ]
    pairs = (CLAIM, ("parallel", "wide_deep"))
    assert answer(finding(pairs=pairs), {"rows": rows}) == (
        "Parallel beats sequential in 1 of 3 settings and loses in 1. Parallel beats wide and deep, which has no "
        "crosses, in 1 of 1 setting and loses in none."
    )
    assert answer(finding(), {"rows": rows[2:3]}) == (
        "We detect no difference between parallel and sequential in any of 1 setting."
    )


def test_sizes_that_could_not_be_made_equal_are_told() -> None:
    rows = [
        row_of("usual", "better", 0.02, residual=0.009),
        row_of("narrow", "better", 0.05, residual=0.0345),
        row_of("narrow", "better", 0.05, residual=-0.012, group="Planted"),
        row_of("as it comes", "better", 0.05, residual=0.4, match="none"),
    ]
    assert answer(finding(), {"rows": rows}) == (
        "Parallel beats sequential in 4 of 4 settings and loses in none. On Toy, parallel and sequential could not be "
        "made equal in size, and parallel differs in dense parameters with narrow (+3.5%). On Planted, parallel and "
        "sequential could not be made equal in size, and parallel differs in dense parameters with narrow (−1.2%)."
    )


def test_the_cause_is_told_by_what_each_step_brings_and_where() -> None:
    rows = [
        *path(("better", 0.02), (SAME, 0.001), (SAME, -0.001)),
        *path(("better", 0.01), (SAME, 0.01), ("better", 0.03), group="Planted"),
        *path((SAME, 0.0), (SAME, 0.0), ("worse", -0.01), group="Other", verdict=SAME),
        *path((SAME, 0.01), (SAME, 0.0), (SAME, 0.0), group="Silent", verdict=SAME),
    ]
    assert answer(finding("cause"), {"rows": rows}) == (
        "A skip round the MLP brings 2.00 and 1.00 points of recall@100 on Toy and Planted. "
        "Crossing on that skip brings nothing that we detect. "
        "An MLP that reads x0 brings 3.00 points of recall@100 on Planted. "
        "An MLP that reads x0 costs 1.00 points of recall@100 on Other. "
        "We detect no effect of any step on Silent."
    )


def test_arms_are_told_by_their_verdict() -> None:
    rows = [
        row_of("usual", SAME, 0.0, arm="parallel_sum"),
        row_of("usual", "better", 0.02, arm="parallel-sequential"),
        row_of("usual", "worse", -0.02, arm="parallel_gated"),
        row_of("usual", "worse", -0.02, arm="parallel_gated", against="parallel"),
    ]
    assert answer(finding("arms"), {"rows": rows}) == (
        "On Toy, parallel queries with sequential items (+2.00 points [+1.50, +2.50]) beat sequential. "
        "On Toy, parallel gated (−2.00 points [−2.50, −1.50]) fell behind sequential. "
        "On Toy, parallel gated (−2.00 points [−2.50, −1.50]) fell behind parallel. "
        "On Toy, we detect no difference from sequential for parallel sum."
    )


def test_levels_are_told_beside_the_pairs() -> None:
    rows = [
        row_of("full", "better", 0.02),
        row_of("gated", "worse", -0.02),
        row_of("gated against full", "better", 0.01, against="parallel", residual=0.343),
        row_of("low_rank against full", SAME, 0.0, against="parallel", residual=-0.124),
    ]
    assert answer(finding("levels"), {"rows": rows}) == (
        "Another cross layer, which also changes the size, makes parallel better in 1 of 2 cases and worse in none. "
        "Better on Toy: gated against full (+1.00 points [+0.50, +1.50]). On Toy, parallel differs in size between "
        "these, in dense parameters, which may explain a difference: gated against full +34.3% and low-rank against "
        "full −12.4%. Parallel beats sequential in 1 of 2 settings and loses in 1."
    )
    nothing = answer(finding("levels"), {"rows": [*rows[:2], rows[3]]})
    assert nothing.startswith(
        "Another cross layer, which also changes the size, makes parallel better in none of 1 case and worse in none."
    )


def test_other_arms_are_told_beside_the_levels_with_their_sizes() -> None:
    others = {"arm": "edcn", "residual": 0.615}
    rows = [
        row_of("full", "better", 0.02),
        row_of("gated against full", SAME, 0.0, against="parallel", residual=0.343),
        row_of("other arms", "better", 0.01, **others),
        row_of("other arms", "worse", -0.01, **{**others, "against": "parallel"}),
        row_of("other arms", SAME, 0.0, **{**others, "arm": "fcn", "residual": -0.132}),
        row_of("other arms", SAME, 0.0, **{**others, "arm": "fcn", "against": "parallel", "residual": -0.2}),
        row_of("other arms", "better", 0.03, **{**others, "group": "Other"}),
    ]
    pairs = FINDINGS["crossings"].pairs
    assert pairs[0] == CLAIM
    assert answer(finding("levels", pairs), {"rows": rows}) == (
        "Another cross layer, which also changes the size, makes parallel better in none of 1 case and worse in none. "
        "On Toy, parallel differs in size between these, in dense parameters, which may explain a difference: gated "
        "against full +34.3%. Parallel beats sequential in 1 of 1 setting and loses in none. "
        "On Toy, EDCN (+1.00 points [+0.50, +1.50]) beat sequential. On "
        "Toy, EDCN (−1.00 points [−1.50, −0.50]) fell behind parallel. On Other, EDCN (+3.00 points [+2.50, "
        "+3.50]) beat sequential. On Toy, we detect no difference from sequential for FCN. On Toy, we "
        "detect no difference from parallel for FCN. On Toy, these sizes could not be made equal to sequential, in "
        "dense parameters: EDCN +61.5% and FCN −13.2%. On Other, these sizes could not be made equal to sequential, in "
        "dense parameters: EDCN +61.5%."
    )


def test_crossings_at_equal_size_are_told_first() -> None:
    pairs = [("parallel~gated", "better", 0.01), ("parallel~attention", "worse", -0.02), ("parallel~dcn_v1", SAME, 0.0)]
    rows = [
        row_of("full", "better", 0.02),
        *(row_of("equal size", verdict, size, arm=arm, against="parallel") for arm, verdict, size in pairs),
    ]
    assert answer(finding("levels", FINDINGS["crossings"].pairs), {"rows": rows}).startswith(
        "At equal size, on Toy, parallel finds more with gated (+1.00 points [+0.50, +1.50]) than with the full matrix "
        "of DCN-V2. At equal size, on Toy, parallel finds less with attention (−2.00 points [−2.50, −1.50]) than with "
        "the full matrix of DCN-V2. At equal size, on Toy, we detect no difference between the full matrix of DCN-V2 "
        "and DCN V1 in parallel. Another cross layer,"
    )


def test_what_changes_the_difference_is_said_of_the_same_data_alone() -> None:
    """Variance 2 x (0.4^2 / 5 + 0.1^2) = 0.084, error 0.29 points; Welch's 13.8 degrees of freedom, t = 2.148."""
    rows = [
        row_of("usual", "better", 0.02),
        row_of("strong", "better", 0.05),
        row_of("ids", "worse", -0.02),
        row_of("weak", "better", 0.021),
        row_of("elsewhere", "better", 0.09, group="Other toy"),
    ]
    assert details(finding(held=HELD), {"rows": rows}) == [
        "On Toy, the difference is larger with strong (+3.00 points [+2.38, +3.62]) than with “usual”.",
        "On Toy, the difference is smaller with ids (−4.00 points [−4.62, −3.38]) than with “usual”.",
        "On Toy, we detect no change from “usual” with weak.",
    ]


def test_what_was_not_finished_is_said() -> None:
    rows = [row_of("usual", "better", 0.02, unfinished=["parallel"]), row_of("weak", SAME, 0.0)]
    assert details(finding(), {"rows": rows}) == [
        "Still improving when training ended, so not finished: parallel (usual)."
    ]


def test_changes_are_all_counted() -> None:
    """p = 0.034 by itself is no change as one of two, and is one alone."""
    rows = [row_of("usual", "better", 0.02), row_of("ids", "better", 0.0268), row_of("weak", "better", 0.02)]
    (alone,) = changes(finding(held=HELD), {"rows": rows[:2]})
    first, second = changes(finding(held=HELD), {"rows": rows})
    assert alone.adjusted == alone.size.p == first.size.p == pytest.approx(0.034, abs=0.001)
    assert first.adjusted == pytest.approx(2 * alone.size.p)
    assert [change.kind for change in (alone, first, second)] == ["larger", "", ""]


def test_settings_of_the_same_trainings_are_held_against_another_once() -> None:
    rows = [row_of("usual", "better", 0.02), row_of("ids (also strong)", "better", 0.0268)]
    (only,) = changes(finding(held=HELD), {"rows": rows})
    assert only.row is rows[1]
    assert only.held is rows[0]
    twin = [row_of("usual (also ids)", "better", 0.02)]
    assert changes(finding(held=HELD), {"rows": twin}) == []  # nothing is held against itself


def test_the_published_number_stands_beside_ours_with_its_share_of_the_catalogue() -> None:
    rows = [row_of("equal", "better", 0.02, other={"recall@1000": [0.012, 0.004, 0.02, 1.5]})]
    assert beside_the_claim({"rows": rows}) == (
        "On Toy, at equal parameters, parallel changes recall@1000 by +1.5%. That is +1.20 points, 95% interval "
        "[+0.40, +2.00]. There, 1,000 items are 25% of the catalogue."
    )
    assert "too small" in beside_the_claim({"rows": [row_of("equal", "better", 0.02)]})


def test_the_tally_counts_the_same_trainings_once() -> None:
    rows = [row_of("a", "better", 0.02), row_of("b", "better", 0.02), row_of("c", "worse", -0.02)]
    other = [row_of("a", "better", 0.02), row_of("d", SAME, 0.0, against="wide_deep")]
    assert tally([{"rows": rows}, {"rows": other}]) == {"better": 1, "worse": 1, SAME: 0}


# several worlds


WORLDS = Finding(
    "toy",
    "Is it so?",
    "It may be.",
    (
        *(Race("Toy", f"{label}, world {n}", {}, label) for label in ("usual", "strong") for n in (1, 2, 3)),
        Race("Toy", "alone", {}),
    ),
    (CLAIM,),
)


def in_worlds() -> list[dict[str, Any]]:
    known = {"recall": [0.6, 0.5], "baselines": {"popularity": 0.3}, "users": 100, "events": 900}
    sizes = {"usual": (0.02, 0.03, 0.04), "strong": (0.0201, 0.02, 0.0199)}
    rows = [
        row_of(f"{label}, world {n}", "better", size, **known)
        for label, own in sizes.items()
        for n, size in enumerate(own, 1)
    ]
    return [*rows, row_of("alone", "better", 0.02, **known)]


def test_a_setting_in_several_worlds_is_one_row_about_worlds_like_these() -> None:
    """Usual: spread 1 point, t with 2 degrees of freedom 4.303 / sqrt(3) = 2.484. Error of a world: 0.205 points."""
    usual, strong, alone = rows_of(WORLDS, {"rows": in_worlds()})
    assert [row["label"] for row in (usual, strong, alone)] == ["usual", "strong", "alone"]
    assert [usual["difference"], usual["low"], usual["high"]] == pytest.approx([0.03, 0.00516, 0.05484], abs=1e-5)
    luck = (0.004**2 / 5 + 0.001**2) ** 0.5
    assert usual["worlds"] == pytest.approx({"count": 3, "between": (0.01**2 - luck**2) ** 0.5, "luck": luck})
    assert strong["worlds"]["between"] == 0.0
    assert strong["high"] - strong["difference"] == pytest.approx(2.4842 * luck, rel=1e-4)  # luck alone makes so much
    assert (usual["users"], usual["events"], usual["recall"]) == (300, 2700, pytest.approx([0.6, 0.5]))
    p = [usual["p"], strong["p"], alone["p"]]
    assert [row["adjusted"] for row in (usual, strong, alone)] == pytest.approx(holm(np.array(p)).tolist())
    assert [row["verdict"] for row in (usual, strong, alone)] == ["better", "better", "better"]


def test_the_spread_between_worlds_is_told_apart() -> None:
    record = {"rows": in_worlds()}
    assert answer(WORLDS, record) == "Parallel beats sequential in 3 of 3 settings and loses in none."
    assert details(WORLDS, record) == [
        "Parallel minus sequential was measured in 3 worlds for each setting, so it is about worlds like these. Beyond "
        "the luck within a world, its worlds differ by 0.98 points with usual. Its worlds differ by no more than that "
        "luck with strong."
    ]


def test_a_training_that_is_too_short_says_nothing_of_its_setting() -> None:
    rows = in_worlds()
    rows[1]["verdict"] = "too short"
    assert [row["verdict"] for row in rows_of(WORLDS, {"rows": rows})] == ["too short", "better", "better"]


def test_rows_of_one_world_stay_as_they_are() -> None:
    rows = [row_of("usual", "better", 0.02)]
    assert rows_of(finding(), {"rows": rows}) == rows


def test_parts_of_a_system_are_told_by_what_they_do_to_the_first_arm() -> None:
    rows = [
        row_of("two heads against one head", "better", 0.02, against="parallel"),
        row_of("clicks alike against one head", "no detectable difference", 0.001, against="parallel"),
        row_of("one head", "no detectable difference", 0.01),
    ]
    asked = finding("parts")
    told = sentences(asked, {"rows": rows})
    assert told[0] == "On Toy, recall of conversions rises with two heads (+2.00 points [+1.50, +2.50])."
    assert told[1] == "On Toy, we detect no difference with clicks alike."
    assert told[2] == "We detect no difference between parallel and sequential in any of 1 setting."


def test_the_control_without_crosses_is_said_to_have_none() -> None:
    told = sentences(
        finding("arms", (("wide_deep", "sequential"),)), {"rows": [row_of("x", "better", 0.02, arm="wide_deep")]}
    )
    assert told == ["On Toy, wide and deep without crosses (+2.00 points [+1.50, +2.50]) beat sequential."]
