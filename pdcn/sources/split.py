"""The three parts that a dataset is split into, in order of time."""

from __future__ import annotations

from typing import Literal

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")


def rows_of(part: Part, bounds: tuple[int, int], rows: int) -> slice:
    """The rows of a part, of so many in all; `bounds` are where the training part and where validation end.

    >>> rows_of("validation", (6, 8), 10)
    slice(6, 8, None)
    """
    edges = (0, *bounds, rows)
    return slice(*edges[PARTS.index(part) :][:2])
