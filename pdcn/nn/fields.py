"""Where each field stands in x0: a field is a block of positions, and W falls into blocks of fields.

Shapes: D width of x0, which is that of all fields together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from pdcn.arrays import Doubles, Ints
from pdcn.sources.encoded_table import Table


@dataclass(frozen=True)
class Blocks:
    """The fields of one side in the order of x0: categories, bags, and the numbers, which are 1 wide.

    >>> Blocks(("age", "days"), ("Age", "Days"), (8, 1)).slices
    (slice(0, 8, None), slice(8, 9, None))
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    widths: tuple[int, ...]

    @classmethod
    def of(cls, table: Table, widths: Sequence[int]) -> Blocks:
        """The blocks of a table's fields, of such widths (`Tower.fields`)."""
        names, labels = (
            zip(*((field.name, field.label) for field in table.fields), strict=True) if table.fields else ((), ())
        )
        return cls(names, labels, tuple(widths))

    def __len__(self) -> int:
        return len(self.names)

    @property
    def width(self) -> int:
        """D."""
        return sum(self.widths)

    @property
    def edges(self) -> Ints:
        """(blocks + 1,) where each block begins, and where the last one ends."""
        return np.concatenate(([0], np.cumsum(self.widths))).astype(np.int64)

    @cached_property
    def slices(self) -> tuple[slice, ...]:
        """The positions of each block."""
        edges = self.edges.tolist()
        return tuple(map(slice, edges[:-1], edges[1:]))

    def summed(self, square: Doubles) -> Doubles:
        """Sums of a (D, D) array over blocks, (blocks, blocks)."""
        starts = self.edges[:-1]
        summed: Doubles = np.add.reduceat(np.add.reduceat(square, starts, 0), starts, 1)
        return summed


def pair_frame(rows: pd.DataFrame, names: Sequence[str], by: Sequence[str], value: str) -> pd.DataFrame:
    """Directed blocks joined into pairs of fields: both directions of `value` as one root of squares.

    `rows` has a row a directed block, with `write` and `read`; `names` are the fields in order. A row of the result has
    the columns `by`, `a`, `b` and `value`, where a comes before b or is b.
    """
    order = {name: place for place, name in enumerate(names)}
    first, second = rows["write"].map(order), rows["read"].map(order)
    pairs = rows[list(by)].assign(
        a=np.where(first <= second, rows["write"], rows["read"]),
        b=np.where(first <= second, rows["read"], rows["write"]),
        square=rows[value] ** 2,
    )
    summed = pairs.groupby([*by, "a", "b"], sort=False, as_index=False).agg(square=("square", "sum"))
    return summed.assign(**{value: np.sqrt(summed["square"])}).drop(columns="square")
