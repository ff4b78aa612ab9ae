"""What a difference is worth, against numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pdcn.decision import words as say
from pdcn.decision.worth import Worth, by_event, told, worth
from pdcn.evaluation.comparison import Comparison
from pdcn.tasks.retrieval.metrics import MRR, Recall

GAIN = Comparison("parallel", "sequential", Recall(100), 0.012, 0.004, 0.02, "better", 3, 800, 9_000)


def test_hits_are_requests_times_the_share_times_the_difference() -> None:
    found = worth(GAIN, 250_000, 0.4)  # 100,000 requests have a relevant item; 1.2%, 0.4% and 2% of them
    assert found is not None
    assert (found.mean, found.low, found.high) == pytest.approx((1_200, 400, 2_000))
    assert worth(GAIN, 1_000, 0.0) == Worth(0, 0, 0)


def test_the_interval_is_carried_through_to_hits_a_day_and_their_value() -> None:
    said = told(GAIN, 250_000, 0.4, 0.5)
    assert said[0].startswith(
        "Per 1,000 requests, parallel brings +4.8 hits against sequential, 95% interval [+1.6, +8.0]"
    )
    assert said[1:] == ["In a day: +1,200 hits [+400.0, +2,000].", "In value: +600.0 a day [+200.0, +1,000]."]


def test_no_detectable_difference_may_be_worth_nothing() -> None:
    unsure = replace(GAIN, difference=-0.001, low=-0.01, high=0.008, verdict="no detectable difference")
    said = told(unsure, 0, 1.0)
    assert "−1.0 hits" in said[0]
    assert said[1:] == [say.WORTH_NOTHING]


@pytest.mark.parametrize("found", [None, replace(GAIN, metric=MRR()), replace(GAIN, verdict="too few seeds")])
def test_what_no_interval_is_known_of_is_not_priced(found: Comparison | None) -> None:
    assert told(found, 1_000, 1.0, 1.0) == [say.WORTH_UNKNOWN]


def test_of_an_unfinished_run_the_numbers_are_said_to_be_those_so_far() -> None:
    first, day = told(GAIN, 250_000, 0.4, so_far=True)
    assert first.startswith("Training was not finished, so these numbers may change. So far, per 1,000 requests, ")
    assert "+4.8 hits against sequential, 95% interval [+1.6, +8.0]" in first
    assert day == "In a day: +1,200 hits [+400.0, +2,000]."


def test_of_trainings_that_are_too_short_nothing_is_priced() -> None:
    assert told(replace(GAIN, verdict="too short"), 1_000, 1.0) == [
        say.UNKNOWN_SHORT(arm="parallel", against="sequential")
    ]


def test_every_event_alike_is_told_where_the_record_has_it() -> None:
    arms = {"parallel": {"recall_events": {"100": 0.5}}, "sequential": {"recall_events": {"100": 0.46}}}
    assert "+4.00 points of recall@100" in by_event({"arms": arms}, GAIN)
    assert by_event({"arms": {}}, GAIN) == ""
