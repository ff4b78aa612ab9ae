"""Log loss, AUC and grouped AUC from signed odds, with what statistics over users need of each.

What is measured of an event is one number: the odds p / (1 - p) that a model gives, with a minus sign where the label
is 0. So it holds the score, whose order is that of the odds, and the label, and either keeps every digit however
sure the model is.
Shapes: n events, U users, n1 of label 1 and n0 of label 0, M metrics.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pdcn.arrays import Doubles, Flags, Floats, Ints, Numbers
from pdcn.tasks.metric import Metric

SUREST = 80.0
"""Logits go no further either way, where their odds are still float32."""
BINS = 10
"""Groups of equally many events, over which calibration is told."""


def signed_odds(logit: Numbers, label: Numbers | Flags) -> Floats:
    """What is measured of events (n,), from logits and labels.

    >>> signed_odds(np.log([3.0, 0.25]), np.array([1, 0])).round(4).tolist()
    [3.0, -0.25]
    """
    odds = np.exp(np.clip(np.asarray(logit, np.float64), -SUREST, SUREST))
    return np.where(np.asarray(label, np.float64) > 0, odds, -odds).astype(np.float32)


def labels(measured: Numbers) -> Flags:
    """Which events (n,) have label 1."""
    return np.asarray(measured) > 0


def predicted(measured: Numbers) -> Doubles:
    """The chance that the model gives each event (n,)."""
    odds = np.abs(measured.astype(np.float64))
    return np.asarray(odds / (1 + odds))


class LogLoss(Metric):
    """Minus the logarithm of the chance that was given to what happened: binary cross-entropy, the less the better."""

    name, label, higher_is_better, unit = "log_loss", "log loss", False, "plain"

    def values(self, measured: Numbers) -> Doubles:
        """Of each event: log(1 + 1 / odds) of label 1, log(1 + odds) of label 0.

        >>> LogLoss().values(np.array([3, -0.25], np.float32)).round(4).tolist()  # -log 0.75, -log 0.8
        [0.2877, 0.2231]
        """
        odds = np.abs(measured.astype(np.float64))
        return np.asarray(np.log1p(np.where(measured > 0, 1 / odds, odds)))


class _Ordering(Metric):
    """A share of pairs of a label 1 and a label 0 in which the first scores higher, half of the ties counted."""

    company = True

    def values(self, measured: Numbers) -> Doubles:
        """No event has a value by itself."""
        raise TypeError(f"expected {self.name} to be asked among the events of users")

    def level(self, value: float) -> str:
        """In percent, with two decimals: a tenth of a point is a difference here."""
        return f"{100 * value:.2f}%"

    @property
    def printed(self) -> str:
        """As `level`."""
        return "%.2f%%"


class AUC(_Ordering):
    """The share of all pairs, whoever they belong to."""

    name, label = "auc", "AUC"

    @classmethod
    def by_user(
        cls, several: Sequence[Metric], measured: Numbers, user: Ints, weight: Numbers | None = None
    ) -> Doubles:
        """Values of users (U, 1) whose mean is the AUC and whose spread is its error where a user's events go together.

        With V the placements of DeLong et al. (Biometrics 1988), an event counts n / n1 (V - AUC) or n / n0 (V - AUC),
        and a user the sum of that times U / n, beside the AUC: the variance of the mean over users is then that of
        Obuchowski (Biometrics 1997) for clustered data.
        """
        place, positive = placements(measured), labels(measured)
        _, index = np.unique(user, return_inverse=True)
        users, n1 = int(index.max(initial=-1)) + 1, int(positive.sum())
        n0 = len(measured) - n1
        if not n1 or not n0:
            return np.full((users, len(several)), 0.5)
        auc = place[positive].mean()
        counted = (place - auc) / np.where(positive, n1, n0)
        return np.repeat(auc + users * np.bincount(index, counted, users)[:, None], len(several), 1)


class GroupedAUC(_Ordering):
    """The share of a user's own pairs, averaged over users who have any: Zhu et al., KDD 2017 (GAUC), all alike."""

    name, label = "grouped_auc", "grouped AUC"

    def among(self, measured: Numbers, user: Ints) -> Doubles:
        """Of each event with label 1 the share of its user's events with label 0 that score lower; else NaN.

        >>> GroupedAUC().among(np.array([3, -1, -4, 5.0]), np.array([7, 7, 7, 9])).tolist()
        [0.5, nan, nan, nan]
        """
        place = placements(measured, user)
        return np.where(labels(measured), place, np.nan)

    @classmethod
    def by_user(
        cls, several: Sequence[Metric], measured: Numbers, user: Ints, weight: Numbers | None = None
    ) -> Doubles:
        """The AUC of each user who has both labels, (U, 1)."""
        place = cls().among(measured, user)
        known = ~np.isnan(place)
        _, index, counts = np.unique(user[known], return_inverse=True, return_counts=True)
        means = np.bincount(index, place[known], len(counts)) / counts
        return np.repeat(means[:, None], len(several), 1)


def placements(measured: Numbers, group: Ints | None = None) -> Doubles:
    """Of each label 1 the share of the labels 0 that score lower, of each 0 that of the labels 1 that score higher.

    Half of the ties count. With `group` (n,) only events of the same group are compared; NaN where it has none of the
    other label.

    >>> placements(np.array([3, -1, -4, -3.0])).round(3).tolist()
    [0.5, 1.0, 0.0, 0.5]
    """
    score, positive = np.abs(measured), labels(measured)
    group = np.zeros(len(score), np.int64) if group is None else group
    order = np.lexsort((score, group))
    of, own, good = group[order], score[order], positive[order]
    new = np.ones(len(own), bool)
    new[1:] = of[1:] != of[:-1]
    tied = new.copy()
    tied[1:] |= own[1:] != own[:-1]
    found = np.empty(len(own))

    def share(other: Flags) -> Doubles:
        """Of each event the share of `other` in its group that scores lower, half of the ties counted."""
        before = np.concatenate([[0], np.cumsum(other)])
        at, starts = np.cumsum(tied) - 1, np.flatnonzero(tied)
        ends = np.append(starts[1:], len(own))
        lower = (before[starts] + before[ends])[at] / 2
        group_at, groups = np.cumsum(new) - 1, np.flatnonzero(new)
        last = np.append(groups[1:], len(own))
        total = (before[last] - before[groups])[group_at]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((lower - before[groups][group_at]) / total)

    found[order] = np.where(good, share(~good), 1 - share(good))
    return found


class Group(NamedTuple):
    """Some events whose predicted chances are next to each other: how many, the mean chance, the share of label 1."""

    events: int
    predicted: float
    happened: float


def calibration(measured: Numbers, bins: int = BINS) -> list[Group]:
    """Events in groups of equally many, from the least likely on."""
    chance, label = predicted(measured), labels(measured)
    order = np.argsort(chance, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return [Group(len(part), float(chance[part].mean()), float(label[part].mean())) for part in parts]


def calibration_error(measured: Numbers, bins: int = BINS) -> float:
    """How far predicted chances are from what happened: the mean gap over the groups (Naeini et al., AAAI 2015).

    >>> calibration_error(np.array([1, -1, 3, 3.0]), 2)  # 0.5 against a half of one group, 0.75 against all
    0.125
    """
    groups = calibration(measured, bins)
    gap = sum(one.events * abs(one.predicted - one.happened) for one in groups)
    return gap / max(1, sum(one.events for one in groups))


def calibration_ratio(measured: Numbers) -> float:
    """The mean chance over the mean label: above 1 where a model promises too much."""
    return float(predicted(measured).mean() / labels(measured).mean()) if labels(measured).any() else np.inf
