"""Measuring the same events again and again with one tower changed: what does not change is computed once.

Of two towers the rank of each event's item among the whole catalogue is measured; of a joint network, which ranks
nothing but what it is asked about, the odds that it gives each event (`pdcn.tasks.ranking.metrics`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from threading import Lock

import numpy as np
import torch
from torch import Tensor

from pdcn.arrays import Floats, Ints
from pdcn.config import JOINT
from pdcn.evaluation.sides import labelled, rows_of, table_of
from pdcn.nn.fields import Blocks
from pdcn.nn.joint import Joint
from pdcn.nn.model import Model
from pdcn.nn.tower import Tower
from pdcn.nn.two_tower import two_towers
from pdcn.pages.crosses.work.edits import Edit, edited
from pdcn.runs.trained import TrainedRun
from pdcn.tasks.metric import Metric
from pdcn.tasks.ranking.metrics import GroupedAUC, signed_odds
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.distinct import Distinct
from pdcn.tasks.retrieval.metrics import Recall, headline_k
from pdcn.tasks.retrieval.ranks import Catalogue, ranks_of

CHUNK = 8_192
"""Items of a catalogue that a joint network reads at once."""


class Scored(ABC):
    """A model on a sample of events (n,): what is measured of them with and without edits.

    `asked` are the events whose list can be asked for, by their places in the sample.
    """

    metric: Metric
    asked: Ints

    @torch.no_grad()
    def __init__(self, model: Model, data: DeviceData, events: Ints) -> None:
        self.model, self.data, self.events = model, data, events
        self._alone = Lock()  # a change of the model is seen by every thread
        self.towers: dict[str, Tower] = dict(model.towers)
        self.blocks: dict[str, Blocks] = {}
        self.x0: dict[str, Tensor] = {}
        self.read: dict[str, Tensor] = {}  # the codes that x0 was looked up for
        self.alike: dict[str, Distinct] = {}
        for side, tower in self.towers.items():
            rows, index = rows_of(data, side, events)
            own = rows[index]
            self.blocks[side] = Blocks.of(table_of(data.dataset, side, events)[0], tower.fields)
            self.x0[side], self.read[side], self.alike[side] = tower.x0(*own), own[0], Distinct.of(*own)
        self.outputs: dict[str, Tensor] = {side: self._above(side, self.alike[side]) for side in self.towers}

    @cached_property
    def intact(self) -> Floats:
        """What is measured (n,) of the model as it is."""
        return self._measured(self.outputs)

    def measured(self, side: str, edits: Sequence[Edit] = ()) -> Floats:
        """What is measured (n,) where the tower of `side` has these edits."""
        return self._measured(self._changed(side, self._edited(side, edits), self._alike(side, edits)))

    def measured_within(self, side: str, change: AbstractContextManager[None]) -> Floats:
        """What is measured (n,) where the tower of `side` is as `change` makes it for the length of its block, for
        every row alike."""
        return self._measured(self._changed(side, change, self.alike[side]))

    @abstractmethod
    def listed(
        self, row: int, k: int, measured: Floats, side: str = "query", edits: Sequence[Edit] = ()
    ) -> tuple[Ints, float]:
        """The first k items (k,) for one of the events, by its place in the sample, the best first; and the rank of
        the event's own item. `measured` (n,) is what was measured with these edits."""

    @abstractmethod
    def _measured(self, outputs: Mapping[str, Tensor]) -> Floats:
        """What is measured (n,) of what the towers put out."""

    def _edited(self, side: str, edits: Sequence[Edit]) -> AbstractContextManager[None]:
        return edited(self.towers[side], self.blocks[side], edits) if edits else nullcontext()

    def _alike(self, side: str, edits: Sequence[Edit]) -> Distinct:
        """Which rows of a side stay the same under the edits: where an edit shuffles, those with the same partners."""
        place = self.alike[side].place
        partners = [place[edit.order] for edit in edits if edit.order is not None]
        return Distinct.of(torch.stack((place, *partners), dim=1).int()) if partners else self.alike[side]

    @torch.no_grad()
    def _changed(self, side: str, change: AbstractContextManager[None], alike: Distinct) -> dict[str, Tensor]:
        with self._alone, change:
            return {**self.outputs, side: self._above(side, alike)}

    def _above(self, side: str, alike: Distinct) -> Tensor:
        """Output of all rows of a side; equal rows get that of the first of them."""
        found = self.towers[side].above(self.x0[side], self.read[side])
        return found[alike.first][alike.place] if alike.repeats else found


class Scoring(Scored):
    """Two towers on a sample of events (n,) and the whole catalogue (N,): ranks with and without edits."""

    def __init__(self, model: Model, data: DeviceData, events: Ints) -> None:
        super().__init__(two_towers(model), data, events)
        self.positive = data.positive[torch.from_numpy(events).to(data.device)]
        self.metric = Recall(headline_k(len(data.dataset.items)))
        self.asked = np.arange(len(events), dtype=np.int64)

    def _measured(self, outputs: Mapping[str, Tensor]) -> Floats:
        return Catalogue.of(outputs["item"]).ranks(outputs["query"], self.positive)

    def listed(
        self, row: int, k: int, measured: Floats, side: str = "query", edits: Sequence[Edit] = ()
    ) -> tuple[Ints, float]:
        """The first k of the catalogue, and the rank that was measured."""
        outputs = self._changed(side, self._edited(side, edits), self._alike(side, edits))
        scores = Catalogue.of(outputs["item"]).scores(outputs["query"][row])
        return _first(scores, k), float(measured[row])


class JointScoring(Scored):
    """One network on a sample of events (n,): the signed odds of each, with and without edits.

    Lists are of the whole catalogue, which it is asked about item by item.
    """

    model: Joint

    def __init__(self, model: Joint, data: DeviceData, events: Ints) -> None:
        super().__init__(model, data, events)
        assert data.dataset.outcome is not None
        self.label = data.dataset.outcome[events]
        self.codes = data.queries[torch.from_numpy(events).to(data.device)][0]
        self.metric, self.asked = GroupedAUC(), np.flatnonzero(self.label > 0)

    def _measured(self, outputs: Mapping[str, Tensor]) -> Floats:
        logits = self.model.calibrated(outputs[JOINT].squeeze(-1), self.codes)
        return signed_odds(logits.cpu().numpy(), self.label)

    @torch.no_grad()
    def listed(
        self, row: int, k: int, measured: Floats, side: str = JOINT, edits: Sequence[Edit] = ()
    ) -> tuple[Ints, float]:
        """The first k of the catalogue, and the rank of the event's item in it."""
        event = torch.from_numpy(self.events[row : row + 1]).to(self.data.device)
        query, items = self.data.queries[event], self.data.items
        with self._alone, self._edited(side, edits):
            parts = torch.arange(len(items.codes), device=self.data.device).split(CHUNK)  # type: ignore[no-untyped-call]
            scores = torch.cat([self.model.candidates(query, items[part]) for part in parts])
        return _first(scores, k), float(ranks_of(scores[None], self.data.positive[event]))


def _first(scores: Tensor, k: int) -> Ints:
    return scores.argsort(descending=True, stable=True)[:k].cpu().numpy()


def scored(model: Model, data: DeviceData, events: Ints) -> Scored:
    """Two towers, or one network, on these events."""
    return JointScoring(model, data, events) if isinstance(model, Joint) else Scoring(model, data, events)


def sampled(opened: TrainedRun, most: int) -> Ints:
    """At most so many test events of a run that a model's crosses are judged on; of a joint network half of each
    label."""
    first = opened.any_model(opened.arms[0], opened.folder.seeds_of(opened.arms[0])[0])
    if isinstance(first, Joint):
        return labelled(opened.data.dataset, opened.events(), most)
    return opened.events(most)
