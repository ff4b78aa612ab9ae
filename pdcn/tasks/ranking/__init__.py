"""Ranking: how likely is it that an item which is shown is chosen, or comes to what is judged?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from pdcn.arrays import Ints, Numbers
from pdcn.config import RANKING
from pdcn.sources import SOURCES
from pdcn.sources.base import OUTCOMES
from pdcn.tasks import words as say
from pdcn.tasks.base import Metric, Task, Towers
from pdcn.tasks.ranking.metrics import (
    AUC,
    GroupedAUC,
    LogLoss,
    calibration,
    calibration_error,
    calibration_ratio,
    signed_odds,
)

if TYPE_CHECKING:
    from torch import Tensor

    from pdcn.config import Experiment
    from pdcn.nn.two_tower import Model
    from pdcn.sources.schema import Dataset
    from pdcn.tasks.retrieval.batches import DeviceData


class Ranking(Task):
    """Tell what is chosen from what is not: binary cross-entropy of one network that reads query and item together.

    The headline is grouped AUC: a ranking orders the items of one user, so pairs of one user are what it can get
    right, and a user counts as much as any other, as in every verdict here. Log loss, which every event has, says when
    a training is at its best: it is the smoother of the two, and knows how sure a model is.
    """

    name = RANKING
    kinds = (GroupedAUC, AUC, LogLoss)
    whole_record = True
    baselines_told: ClassVar[Mapping[str, str]] = {
        "item_rate": say.ITEM_RATE,
        "user_rate": say.USER_RATE,
        "both_rates": say.BOTH_RATES,
        "constant_rate": say.CONSTANT_RATE,
        "oracle": say.RANKING_ORACLE,
    }
    floors: ClassVar[Mapping[str, str]] = {"item_rate": say.BELOW_ITEM_RATE}

    def view(self, dataset: Dataset, experiment: Experiment) -> Dataset:
        """The data as examples; see `pdcn.tasks.ranking.examples`."""
        from pdcn.tasks.ranking.examples import examples

        return examples(dataset, experiment)

    def rows(self, experiment: Experiment) -> int:
        """An event and the items that are drawn for it; data with outcomes has its own impressions."""
        has_outcomes = OUTCOMES in SOURCES[experiment.data.source].offers
        return 1 if has_outcomes else 1 + experiment.ranking.sampled

    def scores(self, events: int, items: int) -> int:
        """One of each event, which takes as long as a hundred products."""
        return 100 * events

    def model(self, dataset: Dataset, experiment: Experiment, arm: str) -> Model:
        """One network for the fields of both sides."""
        from pdcn.nn.joint import Joint

        surface = dataset.feedback.surface if dataset.feedback else ""
        return Joint(dataset.queries, dataset.items, experiment, arm, surface)

    def finished(self, model: Model, data: DeviceData) -> None:
        """Fit what scales and shifts logits on validation, where the model has such."""
        from pdcn.tasks.ranking.platt import calibrate

        calibrate(model, data)

    def metrics(self, items: int) -> tuple[Metric, ...]:
        """Grouped AUC, AUC and log loss, whatever the catalogue."""
        return (GroupedAUC(), AUC(), LogLoss())

    def watched(self, items: int) -> Metric:
        """Log loss."""
        return LogLoss()

    @property
    def watches_shares(self) -> bool:
        """Log loss is no share."""
        return False

    def loss(self, towers: Towers, data: DeviceData, batch: Tensor) -> Tensor:
        """Binary cross-entropy; see `pdcn.tasks.ranking.loss`."""
        from pdcn.tasks.ranking.loss import cross_entropy

        return cross_entropy(towers, data, batch)

    def measure(self, model: Model, data: DeviceData, events: Ints) -> Numbers:
        """The odds that the model gives each event, with a minus sign where its label is 0."""
        from pdcn.tasks.ranking.loss import logits_of

        assert data.dataset.outcome is not None
        return signed_odds(logits_of(model, data, events), data.dataset.outcome[events])

    def baselines(self, dataset: Dataset, events: Ints, experiment: Experiment) -> dict[str, Numbers]:
        """Rates from training, and the oracle where the truth is known."""
        from pdcn.tasks.ranking import baselines

        logits = baselines.joined(dataset, events)
        if dataset.truth is not None and dataset.feedback is None:
            logits["oracle"] = baselines.oracle(dataset, experiment, events)
        return {**baselines.measured(dataset, events, logits)}

    def facts(self, dataset: Dataset, events: Ints) -> dict[str, float]:
        """The share of events with label 1."""
        assert dataset.outcome is not None
        return {"chosen": float(dataset.outcome[events].mean())}

    def calibrated(self, column: Numbers) -> Sequence[tuple[int, float, float]]:
        """Ten groups of equally many events."""
        return calibration(column)

    def beside(self, columns: Sequence[Numbers]) -> dict[str, Any]:
        """How well chances are calibrated, a number of each training: told without a test."""
        told = {"error": calibration_error, "ratio": calibration_ratio}
        return {
            f"calibration_{name}": float(np.mean([of(one) for one in columns])) if columns else None
            for name, of in told.items()
        }
