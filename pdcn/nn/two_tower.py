"""The two-tower model: a tower for queries, one for items, and a learned temperature.

Shapes: A groups of items, H output width.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn

from pdcn.config import Experiment
from pdcn.nn.model import Model
from pdcn.nn.tower import Tower, unit
from pdcn.sources.encoded_table import Table
from pdcn.wirings import wirings

Side = Literal["query", "item"]
SIDES: tuple[Side, ...] = ("query", "item")
TEMPERATURE_RANGE = (0.01, 10.0)
LOG_TEMPERATURE_RANGE = (math.log(TEMPERATURE_RANGE[0]), math.log(TEMPERATURE_RANGE[1]))


class TwoTower(Model):
    """Two towers and a learned temperature: score = query . item / temperature.

    What some losses need beside them while they are trained: a second head of each tower, and a vector for each of so
    many groups of items, such as an advertiser's.
    """

    def __init__(
        self, queries: Table, items: Table, experiment: Experiment, arm: str, *, heads: int = 1, groups: int = 0
    ) -> None:
        super().__init__()
        (query_wiring, item_wiring), (query, item) = wirings(arm), experiment.networks()
        self.query = Tower(queries, query, query_wiring, heads)
        self.item = Tower(items, item, item_wiring, heads)
        self.groups = nn.Parameter(torch.empty(groups, item.output)) if groups else None
        start = math.log(experiment.training.temperature)
        self.log_temperature = nn.Parameter(torch.tensor(start))

    @property
    def towers(self) -> dict[str, Tower]:
        """The query tower and the item tower."""
        return {"query": self.query, "item": self.item}

    def group(self, groups: Tensor) -> Tensor:
        """Vectors (A, H) of these groups of items (A,), finished as those of a tower are."""
        assert self.groups is not None
        vectors = self.groups[groups]
        return unit(vectors) if self.item.normalise else vectors

    @property
    def own_losses(self) -> bool:
        """Whether each branch has a loss of its own: its query and item branch at one place are a pair.

        So where the wirings of both towers ask for it, with as many branches; other towers have the plain loss alone.
        """
        query, item = (self.tower(side).wiring.wiring for side in SIDES)
        return query.own_losses and item.own_losses and len(query.branches) == len(item.branches)

    @property
    def temperature(self) -> Tensor:
        """What scores are divided by: learned on a log scale, kept within TEMPERATURE_RANGE."""
        return self.log_temperature.clamp(*LOG_TEMPERATURE_RANGE).exp()

    @property
    def scalars(self) -> int:
        """One: its temperature."""
        return 1

    @torch.no_grad()
    def hold_temperature(self) -> None:
        """Bring the temperature back into its range after a step: beyond it no gradient would."""
        self.log_temperature.clamp_(*LOG_TEMPERATURE_RANGE)


def two_towers(model: Model) -> TwoTower:
    """The model, which has a tower for queries and one for items; `TypeError` where it has not."""
    if not isinstance(model, TwoTower):
        raise TypeError(f"expected a query tower and an item tower, got {', '.join(model.towers)}")
    return model
