"""How good a model is: a value of every event, and means over events or users.

Shapes: n events, U users, M metrics.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from pdcn.arrays import Doubles, Ints, Numbers
from pdcn.tasks import words as say
from pdcn.words import points, signed


@dataclass(frozen=True)
class Metric(ABC):
    """One number that says how good a model is: a value of every event, then the mean over them.

    `name` stands in records, `label` in sentences. A metric in points is a share, and told in percent; a plain one is
    told as it is. Where `weighted`, an event counts as much as the data says that it weighs. Where an event's value
    depends on other events, the metric is one of `company`: it has values of users (`by_user`), and none of events.
    """

    k: int | None = None
    name: ClassVar[str]
    label: ClassVar[str]
    higher_is_better: ClassVar[bool] = True
    unit: ClassVar[Literal["points", "plain"]] = "points"
    weighted: ClassVar[bool] = False
    company: ClassVar[bool] = False

    @abstractmethod
    def values(self, measured: Numbers) -> NDArray[Any]:
        """The value of each event (n,), from what the task measured of it (n,)."""

    def among(self, measured: Numbers, user: Ints) -> NDArray[Any]:
        """The value of each event (n,) among those of its user, NaN where it has none; as `values` but of `company`."""
        return self.values(measured)

    @classmethod
    def means(cls, several: Sequence[Metric], measured: Numbers, weights: Doubles) -> Doubles:
        """The mean of each of several metrics of this class, (M,), where `weights` (n,) sum to one."""
        return np.array([one.values(measured) @ weights for one in several])

    @classmethod
    def by_user(
        cls, several: Sequence[Metric], measured: Numbers, user: Ints, weight: Numbers | None = None
    ) -> Doubles:
        """Each user's mean of each of several metrics of this class, (U, M), users in ascending order."""
        return user_mean(np.stack([one.values(measured) for one in several], axis=1), user, weight)

    def __str__(self) -> str:
        return self.label if self.k is None else f"{self.label}@{self.k}"

    @property
    def scale(self) -> float:
        """By what a value is multiplied where it stands in a column or on an axis: shares are shown in percent."""
        return 100.0 if self.unit == "points" else 1.0

    @property
    def printed(self) -> str:
        """How a column of values so multiplied is written."""
        return "%.1f%%" if self.unit == "points" else "%.4f"

    def level(self, value: float) -> str:
        """A value as one writes it: 41.2%, or 0.2345."""
        return f"{100 * value:.1f}%" if self.unit == "points" else f"{value:.4f}"

    def change(self, difference: float) -> str:
        """A difference as one writes it, signed: in percentage points, one decimal more than the value has, or
        plain."""
        return points(difference) if self.unit == "points" else signed(f"{difference:+.4f}")

    def told(self, difference: float) -> str:
        """A difference with what it is one of: +1.20 points of recall@100."""
        said = say.POINTS_OF if self.unit == "points" else say.CHANGE_IN
        return said(change=self.change(difference), metric=self)


def user_mean(values: NDArray[Any], user: Ints, weight: Numbers | None = None) -> Doubles:
    """Each user's mean of event values (n, M), (U, M), users in ascending order; weighted where weights (n,) are given.

    >>> user_mean(np.array([[1.0], [0.0], [1.0]]), np.array([7, 7, 9])).tolist()
    [[0.5], [1.0]]
    >>> user_mean(np.array([[1.0], [0.0], [1.0]]), np.array([7, 7, 9]), np.array([3.0, 1.0, 1.0])).tolist()
    [[0.75], [1.0]]
    """
    _, index, counts = np.unique(user, return_inverse=True, return_counts=True)
    if weight is not None:
        values, counts = values * weight[:, None], np.bincount(index, weight)
    sums = [np.bincount(index, column, minlength=len(counts)) for column in values.T]
    return np.stack(sums, axis=1) / counts[:, None]


def event_weights(user: Ints, *, by_user: bool, weight: Numbers | None = None) -> Doubles:
    """Weights (n,) that sum to one: of every event, or of every user, as much as of any other.

    Where events have a `weight` (n,) of their own, they count as much as it says: among all events, or a user's.

    >>> event_weights(np.array([7, 7, 9]), by_user=True).tolist()
    [0.25, 0.25, 0.5]
    >>> event_weights(np.array([7, 7, 9]), by_user=True, weight=np.array([3.0, 1.0, 8.0])).tolist()
    [0.375, 0.125, 0.5]
    """
    if not by_user:
        return np.full(len(user), 1 / max(1, len(user))) if weight is None else weight / weight.sum()
    _, index, counts = np.unique(user, return_inverse=True, return_counts=True)
    if weight is None:
        return 1 / (counts[index] * len(counts))
    return weight / (np.bincount(index, weight)[index] * len(counts))
