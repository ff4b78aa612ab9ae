"""What a task measured of every test event, for each training and each baseline.

Shapes: n events, U users, M metrics, S seeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pdcn.arrays import Doubles, Ints, Numbers
from pdcn.config import sets_of
from pdcn.tasks.metric import Metric, event_weights

if TYPE_CHECKING:
    import pandas as pd

LABELS = ("outcome", "surface", "advertisers")
"""What events may be told apart by: what came of them, where that was, and whether the advertiser sells much."""
ALL = "all"
"""The outcome that one names to judge by all of them."""


@dataclass(frozen=True)
class Measured:
    """What a task measured of every test event, a column (n,) for each training and each baseline.

    A training's column is found by its arm and seed, so that no name is taken apart. It is wide, not long: a hundred
    thousand events of ten columns would be a million rows, every one of which a figure over K would group again.
    `user` says whose event it is; `weight` what it counts, None where all count alike; `sets` how many training sets
    were drawn anew for the seeds, 0 where each had its own, None where all trained on the one. With `worlds` these are
    worlds, each with as many test events: all but the columns of training belongs to the first, and `users` says whose
    the events are for a seed of another. `labels` tells events apart, a word of each for each of some `LABELS`; of
    data with one outcome there are none.
    """

    user: Ints
    cells: Mapping[tuple[str, int], Numbers]
    baselines: Mapping[str, Numbers]
    weight: Numbers | None = None
    sets: int | None = None
    worlds: bool = False
    users: Mapping[int, Ints] = field(default_factory=dict)
    labels: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def judged(self, outcome: str) -> Measured:
        """What was measured of the events with that outcome, which a verdict is about; of data with one outcome, and by
        all of them, of every event."""
        return self if outcome == ALL or "outcome" not in self.labels else self.of("outcome", outcome)

    def of(self, label: str, word: str) -> Measured:
        """What was measured of the events with that word for a label."""
        chosen = self.labels[label] == word
        return replace(
            self,
            user=self.user[chosen],
            cells={cell: column[chosen] for cell, column in self.cells.items()},
            baselines={name: column[chosen] for name, column in self.baselines.items()},
            weight=None if self.weight is None else self.weight[chosen],
            labels={name: words[chosen] for name, words in self.labels.items()},
        )

    def words_of(self, label: str) -> list[str]:
        """The words that events have for a label, the most frequent first."""
        words, counts = np.unique(self.labels.get(label, np.empty(0, object)).astype(str), return_counts=True)
        return [str(words[at]) for at in np.argsort(-counts, kind="stable") if words[at]]

    @property
    def resampled(self) -> bool:
        """Whether seeds trained on users drawn anew."""
        return self.sets is not None

    def whose(self, seed: int) -> Ints:
        """Whose the test events of a seed are, (n,)."""
        return self.users.get(seed, self.user)

    def first_world(self) -> Measured:
        """What was measured in the first world alone."""
        own = {cell: column for cell, column in self.cells.items() if cell[1] not in self.users}
        return replace(self, cells=own, sets=None, worlds=False, users={}) if self.worlds else self

    def size(self, seeds: Sequence[int]) -> tuple[int, int]:
        """Test users and test events of these seeds, over all of their worlds."""
        apart = dict(zip(self.sets_of(seeds), seeds, strict=True)) if self.worlds else {0: -1}
        return sum(len(np.unique(self.whose(seed))) for seed in apart.values()), len(apart) * len(self.user)

    def sets_of(self, seeds: Sequence[int]) -> list[int]:
        """The training set of each seed, where sets are drawn anew; nothing where there is the one."""
        return sets_of(seeds, self.sets)

    def seeds(self, *arms: str) -> list[int]:
        """The seeds from which every one of the arms has a column, in order."""
        return sorted(set.intersection(*({seed for arm, seed in self.cells if arm == one} for one in arms)))

    def by_user(self, arm: str, seeds: Sequence[int], several: Sequence[Metric]) -> Doubles:
        """An arm's metrics, all of one class, by seed and user: (S, U, M).

        Worlds share no users: there it is (S, 1, M), the mean over each world's own.
        """
        weight = self.weight if several[0].weighted else None
        of = type(several[0]).by_user
        found = [of(several, self.cells[arm, seed], self.whose(seed), weight) for seed in seeds]
        return np.stack([one.mean(0, keepdims=True) for one in found] if self.worlds else found)

    def means(self, column: Numbers, several: Sequence[Metric], seed: int = -1, *, by_user: bool = True) -> Doubles:
        """The mean of each of several metrics of one class, (M,), of a column that a seed has: over users, or over
        events. What has no values of events has the mean over users alone."""
        kind = type(several[0])
        if kind.company:
            return np.asarray(kind.by_user(several, column, self.whose(seed)).mean(0))
        return kind.means(several, column, self.weights(kind, seed, by_user=by_user))

    def weights(self, kind: type[Metric], seed: int = -1, *, by_user: bool = True) -> Doubles:
        """What every event, of a seed, counts in the mean of a metric, (n,)."""
        return event_weights(self.whose(seed), by_user=by_user, weight=self.weight if kind.weighted else None)

    def to_frame(self) -> pd.DataFrame:
        """The columns as a run keeps them: `user`, the labels, the baselines, `ARM.SEED`, and `weight` where there is
        one.

        `user.SEED` stands there of seeds in other worlds.
        """
        import pandas as pd

        own = {f"{arm}.{seed}": column for (arm, seed), column in self.cells.items()}
        last = {} if self.weight is None else {"weight": self.weight}
        users = {f"user.{seed}": column for seed, column in self.users.items()}
        labels = {name: pd.Categorical(words) for name, words in self.labels.items()}
        return pd.DataFrame({"user": self.user, **labels, **users, **self.baselines, **own, **last})

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        arms: Sequence[str],
        seeds: Sequence[int],
        baselines: Sequence[str],
        *,
        sets: int | None = None,
        worlds: bool = False,
    ) -> Measured:
        """Read `to_frame` back: the columns of these arms, seeds and baselines, as far as there are any."""
        names = {(arm, seed): f"{arm}.{seed}" for seed in seeds for arm in arms}
        return cls(
            frame["user"].to_numpy(),
            {cell: frame[name].to_numpy() for cell, name in names.items() if name in frame},
            {name: frame[name].to_numpy() for name in baselines if name in frame},
            frame["weight"].to_numpy() if "weight" in frame else None,
            sets,
            worlds,
            {seed: frame[f"user.{seed}"].to_numpy() for seed in seeds if f"user.{seed}" in frame},
            {name: frame[name].to_numpy(object) for name in LABELS if name in frame},
        )
