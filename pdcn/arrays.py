"""What numbers an array holds; how many stands beside it, as a shape. Of too many rows, a few stand for all."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Numbers = NDArray[np.floating[Any]]


def spaced(rows: int, most: int) -> Ints:
    """At most so many of the rows, evenly spaced, the first and the last among them.

    >>> spaced(10, 4).tolist(), spaced(3, 9).tolist()
    ([0, 3, 6, 9], [0, 1, 2])
    """
    return np.linspace(0, rows - 1, min(rows, most)).astype(np.int64)
