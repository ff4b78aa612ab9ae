"""Log loss, AUC, grouped AUC and calibration against a brute force, and AUC's error against a bootstrap over users."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pdcn.arrays import Flags, Floats, Ints, Numbers
from pdcn.tasks.measured import Measured
from pdcn.tasks.ranking.metrics import (
    AUC,
    GroupedAUC,
    LogLoss,
    calibration_error,
    calibration_ratio,
    labels,
    predicted,
    signed_odds,
)


def drawn(seed: int, events: int = 400, users: int = 30) -> tuple[Floats, Flags, Ints]:
    """Logits with many ties, labels that depend on them and on the user, and users."""
    draws = np.random.default_rng(seed)
    user = draws.integers(users, size=events)
    taste = draws.normal(0, 1, users)[user]
    logit = np.round(draws.normal(0, 1.5, events) + taste, 1).astype(np.float32)
    label = draws.random(events) < 1 / (1 + np.exp(1 - logit - draws.normal(0, 1, users)[user]))
    return logit, label, user


def brute(logit: Numbers, label: Flags) -> float:
    """The share of pairs in which the label 1 scores higher, half of the ties counted."""
    pairs = [(a > b) + (a == b) / 2 for a in logit[label] for b in logit[~label]]
    return float(np.mean(pairs))


@pytest.mark.parametrize("seed", range(3))
def test_metrics_are_those_of_a_brute_force(seed: int) -> None:
    logit, label, user = drawn(seed)
    column = signed_odds(logit, label)
    chance = 1 / (1 + np.exp(-logit.astype(np.float64)))
    assert labels(column).tolist() == label.tolist()
    assert predicted(column) == pytest.approx(chance, rel=1e-6)
    loss = [-math.log(p if y else 1 - p) for p, y in zip(chance, label, strict=True)]
    assert LogLoss().values(column) == pytest.approx(loss, rel=1e-5)
    assert AUC.by_user([AUC()], column, user).mean() == pytest.approx(brute(logit, label), abs=1e-12)
    own = [
        brute(logit[user == one], label[user == one]) for one in np.unique(user) if 0 < label[user == one].mean() < 1
    ]
    assert GroupedAUC.by_user([GroupedAUC()], column, user)[:, 0] == pytest.approx(own, abs=1e-12)


def test_a_user_with_one_label_alone_has_no_auc_and_counts_in_the_other_metrics() -> None:
    column, user = np.array([3, -1, 2, -4.0], np.float32), np.array([5, 5, 6, 7])
    assert GroupedAUC.by_user([GroupedAUC()], column, user).tolist() == [[1.0]]
    assert len(AUC.by_user([AUC()], column, user)) == len(LogLoss.by_user([LogLoss()], column, user)) == 3
    measured = Measured(user, {("a", 0): column}, {})
    assert measured.means(column, [GroupedAUC()], 0)[0] == 1.0
    assert measured.means(column, [AUC()], 0)[0] == pytest.approx(brute(np.abs(column), column > 0))


def test_the_spread_of_aucs_values_is_the_error_that_users_make() -> None:
    """Users differ in their level and in how often they choose, so that events of a user go together."""
    logit, label, user = drawn(7, events=3_000, users=120)
    column = signed_odds(logit, label)
    values = AUC.by_user([AUC()], column, user)[:, 0]
    error = values.std(ddof=1) / math.sqrt(len(values))
    rows = [np.flatnonzero(user == one) for one in range(120)]
    draws = np.random.default_rng(0)
    again = []
    for _ in range(400):
        at = np.concatenate([rows[one] for one in draws.integers(120, size=120)])
        again.append(AUC.by_user([AUC()], column[at], user[at]).mean())
    assert error == pytest.approx(np.std(again, ddof=1), rel=0.15)
    alone = AUC.by_user([AUC()], column, np.arange(len(user)))[:, 0]  # as if no two events were of one user
    assert alone.std(ddof=1) / math.sqrt(len(alone)) < 0.8 * error


def test_with_one_event_a_user_it_is_the_variance_of_delong() -> None:
    logit, label, _ = drawn(3, events=150)
    pairs = np.array([[(a > b) + (a == b) / 2 for b in logit[~label]] for a in logit[label]])
    v10, v01 = pairs.mean(1), pairs.mean(0)
    # DeLong, DeLong & Clarke-Pearson 1988, eq. 5 and 6, with n in place of n - 1
    variance = v10.var() / len(v10) + v01.var() / len(v01)
    values = AUC.by_user([AUC()], signed_odds(logit, label), np.arange(150))[:, 0]
    assert values.var() / 150 == pytest.approx(variance, rel=1e-9)


def test_odds_keep_order_and_label_however_sure_a_model_is() -> None:
    logit = np.array([-200, -40, -39.9, 0, 39.9, 40, 200], np.float32)
    column = signed_odds(logit, np.array([1, 0, 1, 0, 1, 0, 1]))
    assert np.isfinite(column).all()
    assert (np.diff(np.abs(column)) > 0).all()
    assert np.isfinite(LogLoss().values(column)).all()
    assert LogLoss().values(column)[[0, 5]] == pytest.approx([80, 40])


def test_calibration_is_told_in_groups_of_equally_many() -> None:
    draws = np.random.default_rng(0)
    chance = draws.uniform(0.05, 0.6, 5_000)
    label = draws.random(5_000) < chance
    column = signed_odds(np.log(chance / (1 - chance)), label)
    order = np.argsort(predicted(column), kind="stable")
    expected = np.mean([abs(chance[part].mean() - label[part].mean()) for part in np.split(order, 10)])
    assert calibration_error(column) == pytest.approx(expected, rel=1e-4)
    assert calibration_error(column) < 0.03
    assert calibration_ratio(column) == pytest.approx(chance.mean() / label.mean(), rel=1e-5)
    sure = signed_odds(2 + np.log(chance / (1 - chance)), label)
    assert calibration_error(sure) > 0.2
    assert calibration_ratio(sure) > 1.5
