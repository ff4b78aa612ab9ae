"""The towers that are timed beside each other: of a configuration over made-up fields, or of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from pdcn.config import Experiment, Network
from pdcn.nn.model import initialise
from pdcn.nn.tower import Tower
from pdcn.nn.two_tower import TwoTower
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import CategoryField

VALUES = 1_000
"""Values of a made-up field."""
EMBEDDING = 8
"""Embedding width of made-up towers."""


@dataclass(frozen=True)
class Subject:
    """`parallel` and `sequential` towers of the same blocks, those of `network`, and the `arms` of a run by name.

    Rows of the table give real x0; `against` is the arm that the others are held against.
    """

    name: str
    network: Network
    parallel: Tower
    sequential: Tower
    table: Table
    arms: Mapping[str, Tower] = field(default_factory=dict)
    against: str = ""

    def inputs(self, batch: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Codes (B, F) and values (B, M) of rows drawn from the table."""
        rows = np.random.default_rng(0).integers(0, len(self.table), batch)
        codes = torch.from_numpy(self.table.codes[rows]).to(device)
        return codes, torch.from_numpy(self.table.values[rows]).to(device)

    def to(self, device: torch.device) -> None:
        """All towers on the device."""
        for tower in (self.parallel, self.sequential, *self.arms.values()):
            tower.to(device)


def made_up(fields: int, rows: int = 8_192) -> Table:
    """A table of so many categorical fields with random values.

    >>> made_up(3, rows=5).codes.shape
    (5, 3)
    """
    names = tuple(map(str, range(VALUES)))
    categories = tuple(CategoryField(f"field_{at}", f"field {at}", names) for at in range(fields))
    codes = np.random.default_rng(0).integers(0, VALUES, (rows, fields)).astype(np.int32)
    return Table(categories, (), codes, np.zeros((rows, 0), np.float32))


def pair_of(table: Table, network: Network, wiring: str = "parallel") -> tuple[Tower, Tower]:
    """A parallel and a sequential tower of the same blocks: both branches and the embeddings are one and the same
    memory.

    Were they copies, the tower whose weights are read more often in a round would find them in the cache more often.
    """
    found = []
    for arm in (wiring, "sequential"):
        model = TwoTower(table, table, Experiment().model_copy(update={"network": network}), arm)
        initialise(model, 0, 0.1)
        found.append(model.query.requires_grad_(False).eval())
    parallel, sequential = found
    sequential.embedding = parallel.embedding
    for name in parallel.wiring.wiring.parts if parallel.wiring.wiring.side_by_side else ():
        sequential.wiring.add_module(name, parallel.wiring.part(name))
    return parallel, sequential


def synthetic(width: int, network: Network, own: int) -> Subject:
    """The blocks of a network, made for x0 of width `own`, at another width: deep widths grow in proportion.

    The width is that of whole fields of `EMBEDDING` numbers, at least one; there is at least one cross layer.
    """
    fields = max(1, width // EMBEDDING)
    deep = tuple(min(4_096, max(1, round(layer * fields * EMBEDDING / own))) for layer in network.deep)
    scaled = network.model_copy(
        update={"embedding": EMBEDDING, "id_embedding": 0, "deep": deep, "cross_layers": max(1, network.cross_layers)}
    )
    table = made_up(fields)
    return Subject("made up", scaled, *pair_of(table, scaled), table)


def of_arms(
    name: str, table: Table, towers: Mapping[str, Tower], networks: Mapping[str, Network], against: str
) -> Subject:
    """One side of a run: its arms' towers, and both wirings of the blocks of the first arm that runs side by side.

    Where none does, of the blocks of the first arm.
    """
    chosen = next((arm for arm, tower in towers.items() if tower.wiring.wiring.side_by_side), None)
    wiring = towers[chosen].name if chosen else "parallel"
    network = networks[chosen or next(iter(networks))]
    return Subject(name, network, *pair_of(table, network, wiring), table, towers, against)
