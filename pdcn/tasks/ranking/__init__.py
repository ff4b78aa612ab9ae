"""Ranking: how likely is it that an item which is shown is chosen, or comes to what is judged?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pdcn.arrays import Floats, Ints, Numbers
from pdcn.config import RANKING, RankingSettings
from pdcn.settings import SettingError
from pdcn.sources import SOURCES
from pdcn.sources.source import OUTCOMES
from pdcn.sources.split import PARTS
from pdcn.tasks import words as say
from pdcn.tasks.metric import Metric
from pdcn.tasks.ranking.metrics import (
    AUC,
    GroupedAUC,
    LogLoss,
    calibration,
    calibration_error,
    calibration_ratio,
    signed_odds,
)
from pdcn.tasks.task import Task, Towers

if TYPE_CHECKING:
    from torch import Tensor

    from pdcn.config import Experiment
    from pdcn.nn.model import Model
    from pdcn.sources.dataset import Dataset
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

    def __init__(self, settings: RankingSettings | None = None) -> None:
        self.settings = settings or RankingSettings()

    def under(self, experiment: Experiment) -> Ranking:
        """With the experiment's settings."""
        return Ranking(experiment.ranking)

    def view(self, dataset: Dataset, experiment: Experiment) -> Dataset:
        """The data as examples (`pdcn.tasks.ranking.examples`); `SettingError` where nothing is left to tell apart."""
        from pdcn.tasks.ranking.examples import examples

        found = examples(dataset, experiment)
        assert found.outcome is not None
        for part in PARTS:
            rows = found.part(part)
            both = np.intersect1d(found.user[rows][found.outcome[rows] > 0], found.user[rows][found.outcome[rows] == 0])
            if not len(both):
                raise SettingError(say.ONE_LABEL(part=part, outcome=experiment.outcomes.outcome))
        return found

    def weights(self, dataset: Dataset, events: Ints) -> Floats | None:
        """Weights are for the loss: an event counts as much as any other where a model is judged."""
        return None

    def labels(self, dataset: Dataset, events: Ints) -> dict[str, NDArray[Any]]:
        """The surface of each event, where data has surfaces; nothing of one where no user has both labels."""
        told = dataset.feedback
        if told is None or dataset.outcome is None:
            return {}
        column = [field.name for field in dataset.queries.categories].index(told.surface)
        codes, names = dataset.queries.single[events, column], dataset.queries.categories[column].values
        words, label, user = np.array(names, object)[codes], dataset.outcome[events], dataset.user[events]
        for code in np.unique(codes):
            own = codes == code
            if not len(np.intersect1d(user[own & (label > 0)], user[own & (label == 0)])):
                words[own] = ""
        return {"surface": words}

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

    def baselines(self, dataset: Dataset, events: Ints) -> dict[str, Numbers]:
        """Rates from training, and the oracle where the truth is known."""
        from pdcn.tasks.ranking import baselines

        logits = baselines.joined(dataset, events)
        if dataset.truth is not None and dataset.feedback is None:
            logits["oracle"] = baselines.oracle(dataset, self.settings, events)
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
