"""The joint model: the fields of query and item in one x0, through one wiring, to one number.

Shapes: B batch, F and G categories of query and item, P and R places of their bags, M and K their numbers, D width of
x0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar, final

import numpy as np
import torch
from torch import Tensor

from pdcn.config import JOINT, Experiment, Network
from pdcn.nn.mmoe import SurfaceTower
from pdcn.nn.model import Model
from pdcn.nn.tower import Tower
from pdcn.sources import words as say
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import BagField, CategoryField, NumberField
from pdcn.wirings import wirings

F = TypeVar("F", CategoryField, BagField, NumberField)


def beside(queries: Table, items: Table) -> Table:
    """Rows of queries and of items beside each other: categories of both, bags of both, then numbers of both.

    Item fields are told from query fields of the same name or label. `ValueError` where one has more rows.
    """
    if len(queries) != len(items):
        raise ValueError(f"expected as many items as queries, got {len(items)} for {len(queries)}")
    names, labels = ({getattr(field, part) for field in queries.fields} for part in ("name", "label"))

    def told(field: F) -> F:
        name = f"item_{field.name}" if field.name in names else field.name
        label = say.OF_ITEM(label=field.label) if field.label in labels else field.label
        return replace(field, name=name, label=label)

    return Table(
        (*queries.categories, *map(told, items.categories)),
        (*queries.numbers, *map(told, items.numbers)),
        np.hstack([queries.single, items.single, *queries.of_bags, *items.of_bags]),
        np.hstack([queries.values, items.values]),
        (*queries.bags, *map(told, items.bags)),
    )


def widths_of(network: Network, queries: Table, items: Table) -> tuple[int, ...]:
    """How wide the embeddings of the joint fields are: on each side its largest field has that of an id."""
    sides = [
        network.widths([len(field.values) for field in side.categories], len(side.bags)) for side in (queries, items)
    ]
    (query, item), (plain, own) = sides, (len(queries.categories), len(items.categories))
    return (*query[:plain], *item[:own], *query[plain:], *item[own:])


@final
class Joint(Model):
    """logit = the head's one number for the fields of a query and an item together; its bias is learned.

    No product of two vectors is left, so nothing is of length one and nothing is divided by a temperature. Where data
    has surfaces, `surface` names the query's field that says which; its experts may be mixed anew for each
    (`SurfaceTower`), and logits scaled and shifted after training (`scale`, `shift`), by Platt's method (1999).
    """

    scale: Tensor
    shift: Tensor

    def __init__(self, queries: Table, items: Table, experiment: Experiment, arm: str, surface: str = "") -> None:
        super().__init__()
        network = experiment.network.model_copy(update={"output": 1, "normalise": False})
        fields, settings = beside(without_rows(queries), without_rows(items)), experiment.ranking
        self.single = len(queries.categories), len(items.categories)
        self.query_bags = len(queries.bags)
        names = [field.name for field in queries.categories]
        self.surface = names.index(surface) if surface in names else None
        """Where the query's categories have the surface."""
        (wiring, _), widths = wirings(arm), widths_of(network, queries, items)
        if self.surface is not None and settings.trunk == "mmoe":
            self.joint: Tower = SurfaceTower(
                fields, network, wiring, widths, surface=self.surface, experts=settings.trunk_experts
            )
        else:
            self.joint = Tower(fields, network, wiring, widths=widths)
        self.calibration = settings.surface_calibration if self.surface is not None else "none"
        if self.surface is not None and self.calibration != "none":
            surfaces = len(queries.categories[self.surface].values)
            self.register_buffer("scale", torch.ones(surfaces))
            self.register_buffer("shift", torch.zeros(surfaces))

    @property
    def towers(self) -> dict[str, Tower]:
        """The one network."""
        return {JOINT: self.joint}

    @property
    def own_losses(self) -> bool:
        """Whether each branch has a loss of its own; a mixture of experts has none of branches."""
        return len(self.joint.networks) == 1 and self.joint.networks[0].wiring.own_losses

    def calibrated(self, logits: Tensor, codes: Tensor) -> Tensor:
        """Logits (B,) of rows with codes (B, ...), scaled and shifted as their surface is."""
        if self.calibration == "none":
            return logits
        at = codes[:, self.surface].long()
        return logits * self.scale[at] + self.shift[at]

    def candidates(self, query: tuple[Tensor, Tensor], items: tuple[Tensor, Tensor]) -> Tensor:
        """Logits (C,) of C items, codes (C, G + R) and values (C, K), for one query, (1, F + P) and (1, M).

        As `forward` of the query C times, but its fields are looked up once.
        """
        (codes, values), (of_items, its) = query, items
        (plain, own), table, ours = self.single, self.joint.embedding, self.query_bags
        bags = [
            given.split(columns, 1) if columns else ()  # type: ignore[no-untyped-call]
            for given, columns in ((codes[:, plain:], table.columns[:ours]), (of_items[:, own:], table.columns[ours:]))
        ]
        asked, asked_bags = table.part(codes[:, :plain], bags[0], 0, 0)
        found, found_bags = table.part(of_items[:, :own], bags[1], plain, ours)
        rows = len(of_items)
        x0 = torch.cat(
            (asked.expand(rows, -1), found, asked_bags.expand(rows, -1), found_bags, values.expand(rows, -1), its), 1
        )
        whole = codes.expand(rows, -1)  # which begin with the categories of the query, its surface among them
        return self.calibrated(self.joint.above(x0, whole).squeeze(-1), whole)

    def forward(self, query: tuple[Tensor, Tensor], item: tuple[Tensor, Tensor]) -> Tensor:
        """Logits (B,) of codes (B, F + P) and values (B, M) of queries, and those (B, G + R), (B, K) of items."""
        codes, values = together(query, item, self.single)
        return self.calibrated(self.joint(codes, values).squeeze(-1), codes)


def together(
    query: tuple[Tensor, Tensor], item: tuple[Tensor, Tensor], single: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Codes and values of both sides as the joint table has them (`beside`); `single` are their categories."""
    (codes, values), (of_item, its) = query, item
    at, own = single
    parts = (codes[..., :at], of_item[..., :own], codes[..., at:], of_item[..., own:])
    return torch.cat(parts, -1), torch.cat((values, its), -1)


def without_rows(table: Table) -> Table:
    """The fields of a table alone."""
    return replace(table, codes=table.codes[:0], values=table.values[:0])
