"""Ranking the same events again and again with one tower changed: what does not change is computed once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from threading import Lock

import torch
from torch import Tensor

from pdcn.arrays import Floats, Ints
from pdcn.nn.fields import Blocks
from pdcn.nn.two_tower import SIDES, Tower, TwoTower
from pdcn.pages.crosses.work.edits import Edit, edited
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.distinct import Distinct
from pdcn.tasks.retrieval.ranks import Catalogue


class Scoring:
    """A model on a sample of events (n,) and the whole catalogue (N,): ranks with and without edits."""

    @torch.no_grad()
    def __init__(self, model: TwoTower, data: DeviceData, events: Ints) -> None:
        self.model, self.data, self.events = model, data, events
        self._alone = Lock()  # a change of the model is seen by every thread
        index = torch.from_numpy(events).to(data.device)
        self.positive = data.positive[index]
        dataset = data.dataset
        self.towers: dict[str, Tower] = {side: model.tower(side) for side in SIDES}
        tables = {"query": dataset.queries, "item": dataset.items}
        self.blocks = {side: Blocks.of(table, self.towers[side].fields) for side, table in tables.items()}
        rows = {"query": data.queries[index], "item": data.items[slice(None)]}
        self.x0 = {side: self.towers[side].x0(*own) for side, own in rows.items()}
        self.alike = {side: Distinct.of(*own) for side, own in rows.items()}
        self.vectors: dict[str, Tensor] = {side: self._above(side, self.alike[side]) for side in SIDES}

    @cached_property
    def intact(self) -> Floats:
        """Ranks (n,) of the true items under the model as it is."""
        return self.ranks()

    def ranks(self, side: str = "query", edits: Sequence[Edit] = ()) -> Floats:
        """Ranks (n,) of the true items where the tower of `side` has these edits."""
        return self._ranks(*self._vectors(side, self._edited(side, edits), self._alike(side, edits)))

    def ranks_within(self, side: str, change: AbstractContextManager[None]) -> Floats:
        """Ranks (n,) where the tower of `side` is as `change` makes it for the length of its block, for every row
        alike."""
        return self._ranks(*self._vectors(side, change, self.alike[side]))

    def _ranks(self, query: Tensor, items: Tensor) -> Floats:
        return Catalogue.of(items).ranks(query, self.positive)

    def first(self, row: int, k: int, side: str = "query", edits: Sequence[Edit] = ()) -> Ints:
        """The first k items (k,) for one of the events, by its place in the sample, the best first."""
        query, items = self._vectors(side, self._edited(side, edits), self._alike(side, edits))
        order = Catalogue.of(items).scores(query[row]).argsort(descending=True, stable=True)[:k]
        return order.cpu().numpy()

    def _edited(self, side: str, edits: Sequence[Edit]) -> AbstractContextManager[None]:
        return edited(self.towers[side], self.blocks[side], edits) if edits else nullcontext()

    def _alike(self, side: str, edits: Sequence[Edit]) -> Distinct:
        """Which rows of a side stay the same under the edits: where an edit shuffles, those with the same partners."""
        place = self.alike[side].place
        partners = [place[edit.order] for edit in edits if edit.order is not None]
        return Distinct.of(torch.stack((place, *partners), dim=1).int()) if partners else self.alike[side]

    @torch.no_grad()
    def _vectors(self, side: str, change: AbstractContextManager[None], alike: Distinct) -> tuple[Tensor, Tensor]:
        with self._alone, change:
            now = {**self.vectors, side: self._above(side, alike)}
        return now["query"], now["item"]

    def _above(self, side: str, alike: Distinct) -> Tensor:
        """Output vectors of all rows of a side; equal rows get the vector of the first of them."""
        vectors = self.towers[side].above(self.x0[side])
        return vectors[alike.first][alike.place] if alike.repeats else vectors
