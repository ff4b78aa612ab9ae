"""What a model answers to one query: scores of the whole catalogue, ranks, and what each field adds.

A query is codes (F + P,) and values (M,), of a real event or made up. score = query . item / temperature.
Shapes: N items, F categorical fields, P places of all bags, M numbers, D width of x0, H output width.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pdcn.arrays import Codes, Doubles, Flags, Floats, Ints, spaced
from pdcn.config import JOINT
from pdcn.nn.fields import Blocks
from pdcn.nn.joint import Joint, together
from pdcn.nn.model import Model
from pdcn.nn.tower import Tower
from pdcn.nn.two_tower import TwoTower, two_towers
from pdcn.sources.dataset import Dataset
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import LOGARITHM, BagField, NumberField
from pdcn.tasks.retrieval.batches import DeviceData, Rows
from pdcn.tasks.retrieval.ranks import Catalogue, encode_rows, ranks_of

MEANED = 8_192
"""Rows, evenly spaced, over which the mean of what a tower makes of a sequence is taken."""
Shares = tuple[Doubles, ...]
"""Of each categorical field the share of rows that have each of its values, (V,); of each bag the mean share of its
values that are this one."""


@dataclass(frozen=True)
class Query:
    """One row of the query table, or one that is made up: codes (F + P,) and standardised values (M,).

    `had` are the items that are no answer any more, since the user had them before; none where all may be had again.
    """

    codes: Codes
    values: Floats
    had: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def changed(self, other: Query, table: Table) -> list[int]:
        """Numbers of the table's fields in which two queries differ."""
        differ = np.concatenate((self.codes != other.codes, self.values != other.values))
        columns = [field.columns if isinstance(field, BagField) else 1 for field in table.fields]
        found: list[int] = np.unique(np.repeat(np.arange(len(columns)), columns)[differ]).tolist()
        return found

    @classmethod
    def of(cls, dataset: Dataset, event: int) -> Query:
        """The query of an event."""
        table, had = dataset.queries, dataset.had_before(np.array([event]))
        own = (table.codes[event], table.values[event])
        return cls(*own) if had is None else cls(*own, had.pairs(slice(None))[1])

    def table(self, like: Table) -> Table:
        """A table of this one row, for its words."""
        return Table(like.categories, like.numbers, self.codes[None].copy(), self.values[None].copy(), like.bags)


def standardised(number: NumberField, raw: float) -> float:
    """A number in its own unit as the towers read it: the inverse of `NumberField.raw`.

    >>> round(standardised(NumberField("days", "Days", "days", 1.0, 2.0, "log1p"), 6.389), 4)
    0.5
    """
    plain = float(LOGARITHM[number.log](raw)) if number.log else raw
    return (plain - number.mean) / number.scale


def places(score: Floats) -> Doubles:
    """The rank (N,) of every item by its score (N,), as `pdcn.tasks.retrieval.ranks` counts: from 0, ties half.

    >>> places(np.array([3, 1, 3, 2], np.float32)).tolist()
    [0.5, 3.0, 0.5, 2.0]
    """
    known = np.sort(score[~np.isnan(score)])
    low, high = np.searchsorted(known, score, "left"), np.searchsorted(known, score, "right")
    rank = len(known) - high + (high - low - 1) / 2
    return np.where(np.isnan(score), len(score) - 1.0, rank)


@dataclass(frozen=True)
class Answer:
    """Every item's score and rank (N,) for one query; a rank counts from 0."""

    score: Floats
    rank: Doubles

    def top(self, k: int) -> pd.DataFrame:
        """The first `k` items: `place` from 1, `item`, `rank` and `score`; tied items in catalogue order."""
        items = np.argsort(self.rank, kind="stable")[:k]
        return pd.DataFrame(
            {"place": np.arange(1, len(items) + 1), "item": items, "rank": self.rank[items], "score": self.score[items]}
        )


def value_shares(table: Table, rows: slice = slice(None)) -> Shares:
    """How often each value of each categorical field occurs in these rows, and what share of a bag it makes up."""
    count = max(1, len(table.codes[rows]))
    single = (
        np.bincount(column[rows], minlength=len(field.values)) / count
        for column, field in zip(table.single.T, table.categories, strict=True)
    )
    return (*single, *(_held_shares(bag, codes[rows]) for bag, codes in zip(table.bags, table.held, strict=True)))


def _held_shares(bag: BagField, codes: Codes) -> Doubles:
    held = codes > 0
    share = held / np.maximum(1, held.sum(1, keepdims=True))
    return np.bincount(codes.ravel(), share.ravel(), minlength=len(bag.values)) / max(1, len(codes))


@torch.no_grad()
def average_x0(tower: Tower, shares: Shares, numbers: int, rows: Rows | None = None) -> Tensor:
    """(D,) the mean embedding of each field, and 0, which is their mean, for the numbers.

    Of a sequence it is the mean of what the tower makes of `rows`, evenly spaced.
    """
    parts = tower.embedding.tables()
    means = [torch.from_numpy(share).to(part) @ part for share, part in zip(shares, parts, strict=True)]
    if rows is not None and tower.embedding.sequences:
        index = torch.from_numpy(spaced(len(rows.codes), MEANED)).to(rows.codes.device)
        own = tower.x0(*rows[index]).mean(0).split(tower.fields)  # type: ignore[no-untyped-call]
        for bag in tower.embedding.sequences:
            at = tower.embedding.single + bag
            means[at] = own[at]
    return torch.cat([*means, tower.embedding.weight.new_zeros(numbers)])


def by_the_other_head(model: TwoTower) -> TwoTower:
    """The same towers with the second head of each in the place of the first."""
    found = deepcopy(model)
    for tower in (found.query, found.item):
        assert tower.second is not None
        tower.head = tower.second
    return found


class Retriever:
    """One model over one catalogue; item vectors are computed once, so that a query is answered in a moment.

    Occlusion hides a field by putting the field's mean in place of its value: the mean embedding, over training
    events for a query and over the catalogue for an item, and the mean, 0, for a number. The alternative is code 0,
    whose embedding is zero. But a block of zeros in x0 does more than hide a value: x0 * (W x) + ... switches every
    cross into that block off, and no training event had it. The mean keeps what all values have in common and treats
    categories and numbers alike. It is still no value of the data, fields that go together are separated, and what
    the fields add need not sum to the score (Zeiler & Fergus, ECCV 2014, for occlusion itself).
    """

    def __init__(self, model: TwoTower, data: DeviceData, query_shares: Shares) -> None:
        self.model, self.data, self.query_shares = model, data, query_shares
        self.catalogue = Catalogue.of(encode_rows(model.item, data.items))
        self.temperature = float(model.temperature)

    @cached_property
    def _query_mean(self) -> Tensor:
        train = Rows(*self.data.queries[self.data.dataset.part("train")])
        return average_x0(self.model.query, self.query_shares, len(self.data.dataset.queries.numbers), train)

    @cached_property
    def _item_mean(self) -> Tensor:
        items = self.data.dataset.items
        return average_x0(self.model.item, value_shares(items), len(items.numbers), self.data.items)

    @torch.no_grad()
    def _x0(self, query: Query) -> Tensor:
        codes, values = (
            torch.as_tensor(row[None].copy(), device=self.data.device) for row in (query.codes, query.values)
        )
        return self.model.query.x0(codes, values)  # (1, D)

    @torch.no_grad()
    def answer(self, query: Query) -> Answer:
        """Scores and ranks of the whole catalogue."""
        product = self._scores(query, self._x0(query))[0]  # (N,)
        return Answer((product / self.temperature).cpu().numpy(), places(product.cpu().numpy()))

    def _scores(self, query: Query, x0: Tensor) -> Tensor:
        """query . item of every item, (rows, D) -> (rows, N); what the user had before comes after all others."""
        product = self.catalogue.scores(self.model.query.above(x0))
        product[:, torch.from_numpy(query.had)] = -torch.inf
        return product

    @torch.no_grad()
    def query_occlusion(self, query: Query, item: int) -> pd.DataFrame:
        """What each field of the query adds to an item's score, a row a field (`_frame`)."""
        blocks = Blocks.of(self.data.dataset.queries, self.model.query.fields)
        hidden = _hidden(self._x0(query), self._query_mean, blocks)  # (fields + 1, D), the last one whole
        product = self._scores(query, hidden)  # (fields + 1, N)
        return _frame("query", blocks, product, item, self.temperature)

    @torch.no_grad()
    def item_occlusion(self, query: Query, item: int) -> pd.DataFrame:
        """The same of the item's own fields; every other item stays as it is."""
        blocks = Blocks.of(self.data.dataset.items, self.model.item.fields)
        x0 = self.model.item.x0(*self.data.items[torch.tensor([item])])
        vectors = self.model.item.above(_hidden(x0, self._item_mean, blocks))  # (fields + 1, H)
        asked = self.model.query.above(self._x0(query))  # (1, H)
        product = self._scores(query, self._x0(query)).repeat(len(vectors), 1)  # (fields + 1, N)
        product[:-1, item] = vectors[:-1] @ asked[0]  # whole it keeps its score, which ties with its like
        return _frame("item", blocks, product, item, self.temperature)


class JointRetriever:
    """One network that is asked about every item of the catalogue: the same answers as a `Retriever` gives, where a
    score is a logit.

    A field is hidden as there. What stands for a query's field is its mean over training events, and for an item's its
    mean over the catalogue: of at most `MEANED` rows, evenly spaced.
    """

    def __init__(self, model: Joint, data: DeviceData) -> None:
        self.model, self.data, self.tower = model, data, model.towers[JOINT]
        tables = {"query": data.dataset.queries, "item": data.dataset.items}
        (query, item), kinds = (self._kinds(table) for table in tables.values()), range(3)
        whole = [side for kind in kinds for side, own in (("query", query), ("item", item)) for _ in range(own[kind])]
        every = Blocks((), (), tuple(self.tower.fields)).slices
        self.slices = {side: [part for part, of in zip(every, whole, strict=True) if of == side] for side in tables}
        widths = {side: [part.stop - part.start for part in own] for side, own in self.slices.items()}
        self.blocks = {side: Blocks.of(table, widths[side]) for side, table in tables.items()}

    @staticmethod
    def _kinds(table: Table) -> tuple[int, int, int]:
        """How many categories, bags and numbers a side has, which is how a joint table is ordered."""
        return len(table.categories), len(table.bags), len(table.numbers)

    def _x0(self, codes: Tensor, values: Tensor, items: Tensor) -> tuple[Tensor, Tensor]:
        """Codes of both sides, and x0 (n, D), of queries, codes (n, ...) and values (n, ...), beside items (n,)."""
        whole = together((codes, values), self.data.items[items], self.model.single)
        return whole[0], self.tower.x0(*whole)

    def _asked(self, query: Query, items: Tensor) -> tuple[Tensor, Tensor]:
        """As `_x0`, of one query."""
        codes, values = (
            torch.as_tensor(row[None].copy(), device=self.data.device).expand(len(items), -1)
            for row in (query.codes, query.values)
        )
        return self._x0(codes, values, items)

    @cached_property
    @torch.no_grad()
    def _mean(self) -> Tensor:
        """(D,) what stands for each field where it is hidden."""
        dataset, device = self.data.dataset, self.data.device
        train = torch.from_numpy(spaced(dataset.bounds[0], MEANED)).to(device)
        items = torch.from_numpy(spaced(len(dataset.items), MEANED)).to(device)
        found = self._x0(*self.data.queries[train], self.data.positive[train])[1].mean(0)
        of_items = self._asked(Query.of(dataset, 0), items)[1].mean(0)
        for part in self.slices["item"]:
            found[part] = of_items[part]
        return found

    def _scores(self, query: Query, hidden: slice | None = None, items: Tensor | None = None) -> Tensor:
        """Logits (n,) of items, by default of all, without a field where one is hidden; what a user had is last."""
        every = torch.arange(len(self.data.items.codes), device=self.data.device) if items is None else items
        found = []
        for part in every.split(MEANED):  # type: ignore[no-untyped-call]
            codes, x0 = self._asked(query, part)
            if hidden is not None:
                x0[:, hidden] = self._mean[hidden]
            found.append(self.model.calibrated(self.tower.above(x0, codes).squeeze(-1), codes))
        scores = torch.cat(found)
        if items is None:
            scores[torch.from_numpy(query.had)] = -torch.inf
        return scores

    @torch.no_grad()
    def answer(self, query: Query) -> Answer:
        """Logits and ranks of the whole catalogue."""
        scores = self._scores(query).cpu().numpy()
        return Answer(scores, places(scores))

    @torch.no_grad()
    def query_occlusion(self, query: Query, item: int) -> pd.DataFrame:
        """What each field of the query adds to an item's score, a row a field (`_frame`)."""
        hidden = [self._scores(query, part) for part in self.slices["query"]]
        return _frame("query", self.blocks["query"], torch.stack([*hidden, self._scores(query)]), item)

    @torch.no_grad()
    def item_occlusion(self, query: Query, item: int) -> pd.DataFrame:
        """The same of the item's own fields; every other item stays as it is."""
        scores = self._scores(query).repeat(len(self.slices["item"]) + 1, 1)
        own = torch.tensor([item], device=self.data.device)
        for row, part in zip(scores, self.slices["item"], strict=False):
            row[item] = self._scores(query, part, own)[0]
        return _frame("item", self.blocks["item"], scores, item)


def retriever_of(model: Model, data: DeviceData, query_shares: Shares) -> Retriever | JointRetriever:
    """What answers queries with a model, whatever its towers."""
    return JointRetriever(model, data) if isinstance(model, Joint) else Retriever(two_towers(model), data, query_shares)


def _frame(side: str, blocks: Blocks, product: Tensor, item: int, temperature: float = 1.0) -> pd.DataFrame:
    """Columns `side`, `field`, `label`, `score`, `without` (the field), `adds`, `rank`, `rank_without`.

    `product` (fields + 1, N) is with each field hidden, and then whole.
    """
    place = ranks_of(product, torch.full((len(product),), item, device=product.device)).cpu().numpy()
    score = (product[:, item] / temperature).cpu().numpy()
    return pd.DataFrame(
        {
            "side": side,
            "field": blocks.names,
            "label": blocks.labels,
            "score": score[-1],
            "without": score[:-1],
            "adds": score[-1] - score[:-1],
            "rank": place[-1],
            "rank_without": place[:-1],
        }
    )


def _hidden(x0: Tensor, mean: Tensor, blocks: Blocks) -> Tensor:
    """x0 (1, D) with one field after the other replaced by its mean, then as it is: (fields + 1, D)."""
    rows = x0.repeat(len(blocks) + 1, 1)
    for row, part in enumerate(blocks.slices):
        rows[row, part] = mean[part]
    return rows


def steady_fields(table: Table, user: Ints) -> Flags:
    """(fields,) which fields never change between the events of a user: who one is, not what one does.

    >>> from pdcn.sources.fields import CategoryField
    >>> fields = (CategoryField("age", "Age", ("", "20", "30")), CategoryField("hour", "Hour", ("", "1", "2")))
    >>> table = Table(fields, (), np.array([[1, 1], [2, 1], [1, 2]], np.int32), np.zeros((3, 0), np.float32))
    >>> steady_fields(table, np.array([5, 6, 5])).tolist()
    [True, False]
    """
    order = np.argsort(user, kind="stable")
    same = np.diff(user[order]) == 0
    columns = [*table.single.T[..., None], *table.held, *table.values.T[..., None]]  # (rows, places) each
    return np.array([not (np.diff(column[order], axis=0) != 0)[same].any() for column in columns], np.bool_)


def chosen_together(dataset: Dataset, event: int, *, examples: bool = False) -> Ints:
    """Other items that the same user chose at the same moment: right as well, though not what the event asks for.

    Where events are `examples`, not every one of them was chosen.
    """
    if not dataset.zone:  # no moment is known
        return np.zeros(0, np.int64)
    same = (dataset.user == dataset.user[event]) & (dataset.when == dataset.when[event])
    if examples:  # of which those with label 0 were not chosen
        assert dataset.outcome is not None
        same &= dataset.outcome > 0
    found: Ints = np.setdiff1d(dataset.positive[same], dataset.positive[event])
    return found


def by_difference(frame: pd.DataFrame, arms: tuple[str, ...], seed: int) -> list[str]:
    """Fields by how much two arms differ in what they add, the largest first; of one arm, by how much they add.

    `frame` has the columns of the occlusion and `arm` and `seed`.
    """
    own = frame[frame["seed"] == seed].pivot(index="field", columns="arm", values="adds")
    size = (own[arms[0]] - own[arms[1]] if len(arms) > 1 else own[arms[0]]).abs()
    return [str(name) for name in size.sort_values(ascending=False, kind="stable").index]
