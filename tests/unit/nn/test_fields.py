"""Fields as blocks of x0, and both directions of a pair as one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pdcn.nn.fields import Blocks, pair_frame
from tests.unit.pages.analysis_help import small_data


def test_blocks_follow_the_order_of_x0() -> None:
    blocks = Blocks.of(small_data().dataset.queries, (2, 2, 2, 1, 1))
    assert blocks.widths == (2, 2, 2, 1, 1)
    assert blocks.width == 8
    assert blocks.edges.tolist() == [0, 2, 4, 6, 7, 8]
    assert blocks.slices[1] == slice(2, 4)


def test_sums_over_blocks_are_those_of_a_loop() -> None:
    blocks = Blocks(("a", "b", "c"), ("A", "B", "C"), (2, 3, 1))
    square = np.random.default_rng(0).random((6, 6))
    found = blocks.summed(square)
    for i, rows in enumerate(blocks.slices):
        for j, columns in enumerate(blocks.slices):
            assert np.isclose(found[i, j], sum(square[p, q] for p in range(6)[rows] for q in range(6)[columns]))


def test_pairs_join_both_directions() -> None:
    rows = pd.DataFrame(
        {"layer": 0, "write": ["a", "a", "b", "b"], "read": ["a", "b", "a", "b"], "norm": [2.0, 3.0, 4.0, 1.0]}
    )
    found = pair_frame(rows, ["a", "b"], ["layer"], "norm")
    assert list(zip(found["a"], found["b"], found["norm"], strict=True)) == [
        ("a", "a", 2.0),
        ("a", "b", 5.0),
        ("b", "b", 1.0),
    ]
