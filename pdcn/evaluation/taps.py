"""What a tower holds at each named point: x0, each cross layer, each deep layer, where branches join, the output.

Points are the blocks of the tower's diagram (`TowerPlan`), read by forward hooks, so they are what the model itself
computes. Shapes: rows, w the width of a point, D the width of x0.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pdcn.arrays import Floats
from pdcn.nn.hooks import Hook, hooked
from pdcn.nn.tower import Tower, TowerPlan
from pdcn.tasks.retrieval.batches import Rows

CHUNK = 8_192
"""Rows that go through a tower at once."""


@dataclass(frozen=True)
class Point:
    """A named point: the key of its block ("embedding", "BRANCH.ROW", "join" or "head"), its name, its width."""

    key: str
    name: str
    width: int


def points_of(plan: TowerPlan) -> tuple[Point, ...]:
    """The points of a tower from below upwards, branch after branch; a name that comes twice says which it is."""
    found = [Point("embedding", "x0", plan.embedding.out)]
    taken: set[str] = set()
    for column, branch in enumerate(plan.branches):
        for row, block in enumerate(branch):
            name = block.name
            while name in taken:
                name += " beside"
            taken.add(name)
            found.append(Point(f"{column}.{row}", name, block.out))
    if plan.join:
        found.append(Point("join", plan.join.name, plan.join.out))
    return (*found, Point("head", "Output", plan.head.out))


@torch.inference_mode()
def taps(tower: Tower, rows: Rows, index: Tensor | None = None) -> dict[str, Floats]:
    """Activations (rows, w) by the key of their point; of the rows in `index`, by default of all."""
    index = torch.arange(len(rows.codes), device=rows.codes.device) if index is None else index
    parts = [_one(tower, *rows[part]) for part in torch.split(index, CHUNK)]
    return {key: torch.cat([part[key] for part in parts]).cpu().numpy() for key in parts[0]}


def _one(tower: Tower, codes: Tensor, values: Tensor) -> dict[str, Tensor]:
    holders = tower.holders()
    seen: dict[tuple[str, ...], list[Tensor]] = {keys: [] for keys, _ in holders}

    def keep(keys: tuple[str, ...]) -> Hook:
        return lambda module, inputs, out: seen[keys].append(out)

    x0 = tower.x0(codes, values)
    with hooked(*((module, keep(keys)) for keys, modules in holders for module in modules)):
        output = tower.above(x0, codes)
    between = {key: out for keys, held in seen.items() for key, out in zip(keys, held, strict=True)}
    return {"embedding": x0, **between, "head": output}
