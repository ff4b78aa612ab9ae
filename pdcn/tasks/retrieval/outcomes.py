"""Retrieval where an impression can come to several things: what each of them weighs, which head learns from it, and
which of them a verdict is about.

Shapes: n events, B batch, U different items among the candidates, N items, H output width.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from pdcn.arrays import Flags, Floats, Ints, Numbers, spaced
from pdcn.settings import SettingError
from pdcn.sources.dataset import Dataset
from pdcn.sources.split import PARTS, Part
from pdcn.tasks.measured import ALL
from pdcn.tasks.retrieval import Retrieval
from pdcn.tasks.retrieval import words as say
from pdcn.tasks.task import Towers

if TYPE_CHECKING:
    from torch import Tensor

    from pdcn.config import Experiment, Outcomes, Training
    from pdcn.nn.two_tower import TwoTower
    from pdcn.tasks.retrieval.batches import Batch, DeviceData
    from pdcn.tasks.retrieval.mixed import MixedBatch

CONVERSION, ENGAGEMENT = "conversion", "engagement"
"""The two groups of outcomes that have a weight each."""
HALF = 0.5
"""The head of all advertisers are the fewest that have so large a share of the training part's conversions."""


class HasModel(Protocol):
    """Towers that are those of one model."""

    model: TwoTower


class OutcomeRetrieval(Retrieval):
    """Retrieval of what impressions came to: see `pdcn.config.Outcomes`, whose settings these are."""

    stacks: ClassVar[bool] = False

    def __init__(self, settings: Outcomes) -> None:
        self.settings = settings

    @property
    def learned(self) -> list[str]:
        """The groups that weigh anything."""
        weights = {CONVERSION: self.settings.conversion_weight, ENGAGEMENT: self.settings.engagement_weight}
        return [group for group, weight in weights.items() if weight]

    def view(self, dataset: Dataset, experiment: Experiment) -> Dataset:
        """The data with what each event weighs; `SettingError` where nothing is left to learn from or to judge by."""
        feedback = dataset.feedback
        if feedback is None:
            return dataset
        weight = weights_of(dataset, self.settings)
        groups = _groups(dataset)
        train = dataset.part("train")
        needed = [self.settings.served] if self.settings.heads == "two" else self.learned
        if not (weight[train] > 0)[np.isin(groups[train], needed)].any():
            raise SettingError(say.NOTHING_TO_LEARN(outcome=needed[0] if len(needed) == 1 else ALL))
        for part in PARTS[1:]:
            if not len(self.events(dataset, part)):
                raise SettingError(say.NOTHING_TO_JUDGE(outcome=self.settings.outcome, part=part))
        return dataset if (weight == weight[0]).all() else replace(dataset, weight=weight)

    def _judged(self, dataset: Dataset, events: Ints) -> Flags:
        """Which of these events (b,) the verdict is about."""
        every: Flags = np.full(len(events), True)
        there = self.settings.outcome != ALL and dataset.feedback is not None
        return _groups(dataset, events) == self.settings.outcome if there else every

    def model(self, dataset: Dataset, experiment: Experiment, arm: str) -> TwoTower:
        """With a second head, or a table of advertisers, where they are asked for. A head that learns from nothing is
        frozen."""
        from pdcn.nn.two_tower import SIDES, TwoTower

        said, groups = self.settings, 0
        if dataset.feedback is not None and said.advertiser_loss and said.advertiser_vector == "table":
            values = {field.name: len(field.values) for field in dataset.items.categories}
            groups = values[dataset.feedback.advertiser]
        two = said.heads == "two"
        model = TwoTower(dataset.queries, dataset.items, experiment, arm, heads=1 + two, groups=groups)
        for side in SIDES:
            second = model.tower(side).second
            if second is not None and len(self.learned) < len((CONVERSION, ENGAGEMENT)):
                second.requires_grad_(False)
        return model

    def events(self, dataset: Dataset, part: Part, most: int | None = None) -> Ints:
        """Those with the outcome that the verdict is about."""
        found = dataset.events(part)
        found = found[self._judged(dataset, found)]
        return found if most is None else found[spaced(len(found), most)]

    def weights(self, dataset: Dataset, events: Ints) -> Floats | None:
        """Weights are for the loss: an event counts as much as any other where a model is judged."""
        return None

    def labels(self, dataset: Dataset, events: Ints) -> dict[str, NDArray[Any]]:
        """The group of each event's outcome, its surface, and whether its item's advertiser is of the head or the
        tail."""
        from pdcn.tasks.retrieval.advertisers import owners

        told = dataset.feedback
        if told is None:
            return {}
        column = [field.name for field in dataset.queries.categories].index(told.surface)
        surfaces = np.array(dataset.queries.categories[column].values, object)
        head = np.isin(owners(dataset)[dataset.positive[events]], head_of(dataset))
        return {
            "outcome": _groups(dataset, events),
            "surface": surfaces[dataset.queries.single[events, column]],
            "advertisers": np.where(head, "head", "tail").astype(object),
        }

    def baselines(self, dataset: Dataset, events: Ints) -> dict[str, Numbers]:
        """As in `Retrieval`; the oracle knows of each event the truth of its own outcome."""
        from pdcn.tasks.retrieval.ranks import oracle_ranks

        told = dataset.feedback
        found = super().baselines(replace(dataset, truth=None), events)
        if told is None or not told.truths:
            return found
        groups, oracle = _groups(dataset, events), np.zeros(len(events), np.float32)
        for group in np.unique(groups.astype(str)):
            own = np.flatnonzero(groups == group)
            oracle[own] = oracle_ranks(replace(dataset, truth=told.truths[str(group)]), events[own])
        return {**found, "oracle": oracle}

    def draws(self, data: DeviceData, training: Training, seed: int) -> Iterator[tuple[Tensor, ...]]:
        """Behind events and uniform items, where they are asked for, hard negatives (K,)."""
        from pdcn.tasks.retrieval.hard import Pool

        plain = super().draws(data, training, seed)
        many = self.hard(data, training)
        return Pool.of(data).draws(plain, many, seed) if many else plain

    def hard(self, data: DeviceData, training: Training) -> int:
        """How many hard negatives a batch has."""
        there = data.dataset.feedback is not None
        return round(self.settings.hard_negatives * min(training.batch, len(data))) if there else 0

    def batches(self, data: DeviceData, training: Training, drawn: Iterable[tuple[Tensor, ...]]) -> Iterator[Any]:
        """Every batch of a training, with what its losses need."""
        from pdcn.tasks.retrieval.mixed import Mixer

        mixer = Mixer.of(data, training, self)
        return (mixer.batch(*one) for one in drawn)

    def loss(self, towers: Towers, data: DeviceData, batch: Batch) -> Tensor:
        """One softmax over all events, or one for each head over its own; and the advertiser loss where it is asked
        for."""
        from pdcn.tasks.retrieval.mixed import mixed_loss

        model, mixed = cast(HasModel, towers).model, cast("MixedBatch", batch)
        return mixed_loss(model, data, mixed, self.settings.advertiser_loss)


def weights_of(dataset: Dataset, settings: Outcomes) -> Floats:
    """What each event weighs (n,): a conversion its weight, engagement its own times the logarithm of its value.

    log(1 + min(t, cap)) / log(1 + cap) of a value t, a click's seconds or a price, is our reading of Pinterest's capped
    log weight (2026-04-27). A kind that never has a value, as saves have no duration, counts whole. What is neither
    conversion nor engagement weighs nothing.
    """
    told, outcome = dataset.feedback, dataset.outcome
    assert told is not None
    assert outcome is not None
    value = np.ones(len(outcome))
    if settings.value_weight == "log":
        train = dataset.part("train")
        valued = np.unique(outcome[train][told.value[train] > 0])
        logs = np.log1p(np.minimum(told.value, told.cap).astype(np.float64)) / np.log1p(told.cap)
        value = np.where(np.isin(outcome, valued), logs, 1.0)
    groups = _groups(dataset)
    weight = np.where(groups == CONVERSION, settings.conversion_weight, 0.0)
    return np.where(groups == ENGAGEMENT, settings.engagement_weight * value, weight).astype(np.float32)


def head_of(dataset: Dataset) -> Ints:
    """The fewest advertisers that have half of all conversions of the training part, as their field numbers them."""
    from pdcn.tasks.retrieval.advertisers import owners

    train = dataset.part("train")
    converted = _groups(dataset, train) == CONVERSION
    counts = np.bincount(owners(dataset)[dataset.positive[train][converted]])
    order = np.argsort(-counts, kind="stable")
    many = int(np.searchsorted(counts[order].cumsum(), HALF * counts.sum())) + 1
    return order[:many]


def _groups(dataset: Dataset, events: Ints | slice = slice(None)) -> NDArray[np.object_]:
    """The group of the outcome of each of these events, by default of all."""
    assert dataset.feedback is not None
    assert dataset.outcome is not None
    return dataset.feedback.group_of(dataset.outcome[events])
