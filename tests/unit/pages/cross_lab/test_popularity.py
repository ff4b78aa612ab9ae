"""Negatives and logQ: the loss on paper, and a bias over popularity that is planted and found."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import torch

from pdcn.pages.cross_lab.figures.popularity import bias_figure
from pdcn.pages.cross_lab.work import popularity
from pdcn.pages.cross_lab.work.popularity import World, best, compared, slope, world
from pdcn.tasks.retrieval.loss import sampled_softmax


@pytest.mark.parametrize("corrected", [True, False])
def test_the_loss_on_paper(corrected: bool) -> None:
    """Two rows with items 0 and 1 of three; item 2 is in no row. Scores 1, 2 and 0.5, 0; items have 3/4 and 1/4."""
    p = (0.75, 0.25)
    scores = torch.tensor([[1.0, 0.5], [2.0, 0.0], [9.0, 9.0]])  # (items, kinds)
    log_q = torch.tensor([*map(math.log, p), 0.0]) if corrected else torch.zeros(3)
    own = torch.tensor([0, 1])
    loss = sampled_softmax(torch.eye(2), scores, log_q, torch.tensor([1, 1, 0]), own)
    q = p if corrected else (1.0, 1.0)
    first = -math.log((math.e / q[0]) / (math.e / q[0] + math.exp(2) / q[1]))
    second = -math.log((1 / q[1]) / (math.exp(0.5) / q[0] + 1 / q[1]))
    assert loss.item() == pytest.approx((first + second) / 2, rel=1e-6)


def test_popularity_is_as_planted() -> None:
    found = world(1.0)
    assert found.chosen.sum(1) == pytest.approx(1)
    assert (np.diff(found.popularity) <= 0).all()
    steep, flat = (np.ptp(np.log(world(zipf).popularity)) for zipf in (1.5, 0.0))
    assert steep > 3 * flat


def test_without_the_correction_popular_items_are_pushed_down_by_their_log_popularity() -> None:
    rows = compared(1.0, 256)
    without, corrected = (own for _, own in rows.groupby("corrected"))
    assert slope(without) == pytest.approx(-1, abs=0.12)
    assert slope(corrected) == pytest.approx(0, abs=0.12)
    assert corrected["bias"].std() < 0.2 * without["bias"].std()
    assert corrected["found"].iloc[0] > without["found"].iloc[0] + 0.3


def test_the_same_training_comes_out_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(popularity, "STEPS", 20)
    assert compared(0.5, 32).equals(compared(0.5, 32))


def test_slope_and_best_on_paper() -> None:
    own = World(np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]]))
    assert best(own, np.array([[3.0, 2, 1], [3, 2, 1]]), 1) == 0.5
    rows = compared_by_hand()
    assert slope(rows[~rows["corrected"]]) == pytest.approx(-2)
    figure = bias_figure(rows, key="k")
    assert [trace.name for trace in figure.data] == ["without logQ", "with logQ"]
    assert list(figure.data[0].y) == list(rows[~rows["corrected"]]["bias"])
    assert figure.data[0].line.dash != figure.data[1].line.dash
    assert figure.data[0].marker.symbol != figure.data[1].marker.symbol


def compared_by_hand() -> pd.DataFrame:
    shares = np.array([0.6, 0.3, 0.1])
    parts = [
        pd.DataFrame({"popularity": shares, "corrected": corrected, "bias": steep * np.log(shares)})
        for corrected, steep in ((False, -2.0), (True, 0.0))
    ]
    return pd.concat(parts, ignore_index=True)
