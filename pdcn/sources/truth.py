"""What a generator knows of the data that it made.

Shapes: n events, N items, h columns of the best scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pdcn.arrays import Floats


@dataclass(frozen=True)
class PlantedCross:
    """One cross that was planted: the names of its fields, its side and its share of the variance."""

    side: Literal["query", "item"]
    fields: tuple[str, ...]
    strength: float


@dataclass(frozen=True)
class Truth:
    """What a generator knows. `query @ item.T` (n, N) are the best scores that can be known.

    Exactly so without noise; with it, the unknowable taste is averaged out to second order.
    """

    crosses: tuple[PlantedCross, ...]
    query: Floats  # (n, h)
    item: Floats  # (N, h)
