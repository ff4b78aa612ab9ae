"""The two lists of a presentation: the event is chosen by the rule, and the places are those of the evaluation."""

from __future__ import annotations

import numpy as np

from pdcn.files import SHOWCASE
from pdcn.jobs.analysis import Analysis
from pdcn.pages.present import LISTS
from pdcn.pages.present.work.job import LENGTH, inspect
from pdcn.runs.folder import RunFolder
from pdcn.runs.trained import TrainedRun

ARMS = {"left": "parallel", "right": "sequential"}


def test_those_of_the_showcase_are_the_studys_own_ranks_of_a_typical_event() -> None:
    folder = RunFolder(SHOWCASE)
    tables, measured = Analysis.of(folder, LISTS, **ARMS).tables, folder.measured
    assert tables is not None
    assert measured is not None
    (event,) = tables["event"].to_dict("records")
    left, right = (measured.cells[arm, event["seed"]].astype(float) for arm in ARMS.values())
    assert event["left_rank"] == left[event["event"]]
    assert event["right_rank"] == right[event["event"]]
    size = np.log2((right + 1) / (left + 1))
    near = size[(size != 0) & (np.maximum(left, right) < 100)]
    own = np.sort(np.abs(near[near > 0] if (near > 0).sum() >= (near < 0).sum() else near[near < 0]))
    assert abs(size[event["event"]]) == own[(len(own) - 1) // 2]
    assert event["left_ahead"] == (left < right).mean()


def test_lists_of_a_run_are_in_order_and_mark_the_item_in_both(folder: RunFolder) -> None:
    opened = TrainedRun(folder)
    tables, measured = inspect(opened, ARMS, lambda *_: None), folder.measured
    assert measured is not None
    (event,) = tables["event"].to_dict("records")
    for side, arm in ARMS.items():
        own = tables["lists"][tables["lists"]["arm"] == arm]
        assert len(own) in (LENGTH, LENGTH + 1)
        assert own["place"].is_monotonic_increasing
        assert own["true"].sum() == 1
        assert own.loc[own["true"], "place"].item() == event[f"{side}_rank"]
        assert event[f"{side}_rank"] == measured.cells[arm, event["seed"]][event["event"]]
        assert own["further"].sum() == len(own) - LENGTH
    firsts = [set(own.loc[~own["further"], "name"]) for _, own in tables["lists"].groupby("arm")]
    assert tables["lists"]["both"].sum() == 2 * len(firsts[0] & firsts[1])
