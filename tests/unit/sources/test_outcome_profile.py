"""What the profile says of outcomes, counted by hand on six impressions with engagement and four without."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pdcn.sources.encoded_table import Table
from pdcn.sources.feedback import Feedback, Passed
from pdcn.sources.fields import BagField, CategoryField
from pdcn.sources.planted import PLANTED, PlantedData
from pdcn.sources.profile import outcomes_of


def test_counts_by_surface_and_by_advertiser() -> None:
    world = PLANTED.build(PlantedData(events=2_000, items=50, users=10))
    where = CategoryField("where", "Where", ("(unknown)", "home", "search"))
    asked = BagField("asked", "Asked for", ("(unknown)", "shoes", "hats"), 1)
    # where, asked: what was asked for is known in search alone
    codes = np.array([[1, 0], [1, 0], [2, 1], [2, 2], [2, 1], [1, 0]], np.int32)
    queries = Table((where,), (), codes, np.zeros((6, 0), np.float32), (asked,))
    shown = Table((where,), (), codes[[0, 1, 2, 3]], np.zeros((4, 0), np.float32), (asked,))
    whose = CategoryField("whose", "Whose", ("(unknown)", "a", "b"))
    items = Table((whose,), (), np.array([[1], [1], [2]], np.int32), np.zeros((3, 0), np.float32))
    moments = np.arange(4, dtype=np.int64)
    passed = Passed(shown, np.zeros(4, np.int64), moments, moments, (4, 4))
    feedback = Feedback(
        ("none", "click", "checkout"),
        {"conversion": (2,), "engagement": (1,)},
        np.array([3, 50, 0, 0, 0, 0], np.float32),
        10.0,
        "seconds",
        "where",
        "whose",
        passed,
    )
    dataset = replace(
        world,
        queries=queries,
        items=items,
        item_names=("x", "y", "z"),
        positive=np.array([0, 1, 2, 0, 1, 2]),
        user=np.arange(6),
        when=np.arange(6),
        bounds=(4, 5),
        truth=None,
        outcome=np.array([1, 1, 2, 2, 2, 1], np.float32),
        feedback=feedback,
    )
    found = outcomes_of(dataset, feedback)
    assert found["shares"] == [{"surface": "home", "counts": [2, 3, 0]}, {"surface": "search", "counts": [2, 0, 3]}]
    assert found["groups"]["conversion"] == {"train": 2, "validation": 1, "test": 0}
    assert found["of_one"] == [{"field": "Asked for", "surface": "search"}]
    assert found["spread"] == [[0.5, 0.5], [1.0, 1.0]]  # of the two conversions in training each advertiser has one
    assert found["value"]["shares"][7] == found["value"]["shares"][-1] == 0.5  # 3 of 10 seconds, and what is capped
    assert dataset.hash != replace(dataset, feedback=replace(feedback, cap=20.0)).hash
