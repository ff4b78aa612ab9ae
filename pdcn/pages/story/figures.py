"""The tower of a wiring with the numbers of one event in its blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from pdcn.arrays import Doubles
from pdcn.pages.story import words as say
from pdcn.shell.figures.towers import Paint, tower_figure
from pdcn.words import minus

CELLS, FIRST = 40, 4
"""Cells that a strip has at most, and values that are written out."""


def followed_tower(plan: dict[str, Any], blocks: pd.DataFrame, title: str, text: str) -> go.Figure:
    """The diagram of a tower; each block holds the event's own numbers there, on a scale of its own.

    `blocks` has a row a block: `point`, `kind`, `parameters` and `values` (w,).
    """
    paint = {
        str(block["point"]): Paint(
            "", "", text, say.BLOCK(**told(block, blocks)), tuple(strip(block["values"]).tolist())
        )
        for block in blocks.to_dict("records")
    }
    return tower_figure(plan, title, text, paint)


def told(block: dict[Any, Any], blocks: pd.DataFrame) -> dict[str, str]:
    """What is said of one of a tower's blocks: its equation, its first values and its share of all parameters."""
    return {
        "equation": say.EQUATIONS[block["kind"]],
        "values": first_values(block["values"]),
        "share": f"{block['parameters'] / blocks['parameters'].sum():.0%}",
    }


def strip(values: Any) -> Doubles:
    """At most 40 cells of a block's numbers (w,), the largest of them at 1 or -1; neighbours share a cell by the one
    that is farthest from zero.

    >>> strip([0.5, -2.0]).tolist(), len(strip(np.arange(157.0)))
    ([0.25, -1.0], 40)
    """
    numbers = np.asarray(values, np.float64)
    parts = np.array_split(numbers, min(CELLS, len(numbers)))
    cells: Doubles = np.array([part[np.abs(part).argmax()] for part in parts])
    largest = np.abs(cells).max()
    return cells / largest if largest else cells


def first_values(values: Any) -> str:
    """The first few of a block's numbers.

    >>> first_values([0.12345, -2.0, 0.0, 1.0, 7.0])
    '0.12, −2.00, 0.00, 1.00'
    """
    return ", ".join(minus(f"{value:.2f}") for value in list(values)[:FIRST])
