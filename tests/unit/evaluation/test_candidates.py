"""What a candidate costs: a row an arm and way, each measured in turns with the others."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pdcn import sources
from pdcn.dials import assemble
from pdcn.evaluation.candidates import WAYS, candidates_frame


def test_every_way_of_every_arm_is_timed_on_the_candidates_of_one_query() -> None:
    asked = assemble({"data": "planted", "events": 2_000, "items": 70, "users": 40, "arms": ("parallel", "edcn")})
    frame = candidates_frame(sources.load(asked.data), asked, torch.device("cpu"), 3)
    assert list(zip(frame["arm"], frame["way"], strict=True)) == [(arm, way) for arm in asked.arms for way in WAYS]
    assert set(frame["candidates"]) == {70}  # the whole catalogue, as it has no thousand
    assert (frame["median"] > 0).all()
    assert (frame["low"] <= frame["median"]).all()
    assert (frame["median"] <= frame["high"]).all()
    assert (frame["of_floor"] == frame["median"] / frame.groupby("arm")["median"].transform("first")).all()


def test_a_round_that_something_disturbed_moves_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    took = [*range(1, 41), 1_000_000]  # microseconds, of which nine of ten lie from 3 to 39
    monkeypatch.setattr(
        "pdcn.evaluation.candidates.turns", lambda work, *_: [[1e-6 * one for one in took] for _ in work]
    )
    asked = assemble({"data": "planted", "events": 2_000, "items": 70, "users": 40, "arms": ("parallel", "sequential")})
    frame = candidates_frame(sources.load(asked.data), asked, torch.device("cpu"), 3)
    found = frame[["low", "median", "high", "of_floor"]].to_numpy()
    assert found == pytest.approx(np.tile([3.0, 21.0, 39.0, 1.0], (6, 1)))
