"""The numbers of small cross layers, against NumPy and against sums that can be checked on paper."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdcn.arrays import Doubles
from pdcn.pages.cross_lab.figures.one_layer import LIT, OneLayer, one_layer_figure, short
from pdcn.pages.cross_lab.work.by_hand import gated, mixed, outputs, shortened

X0 = np.array([2.0, 1.0, 3.0])
W = np.array([[0, 1.0, 0], [0, 0, 1.0], [0.5, 0, 0]])
B = np.zeros(3)


def test_two_layers_on_paper() -> None:
    """2 * (1) + 2, 1 * (3) + 1, 3 * (0.5 * 2) + 3; then 2 * (4) + 4, 1 * (6) + 4, 3 * (0.5 * 4) + 6."""
    assert outputs(X0, W, B, 2).tolist() == [[2, 1, 3], [4, 4, 6], [12, 10, 12]]
    assert outputs(X0, W, B, 2, itself=True)[2].tolist() == [4 * 4 + 4, 4 * 6 + 4, 6 * (0.5 * 4) + 6]


@given(st.lists(st.floats(-5, 5), min_size=15, max_size=15), st.integers(1, 3), st.floats(0, 2))
def test_every_form_is_its_equation(numbers: list[float], rank: int, sharp: float) -> None:
    W, b, x = np.reshape(numbers[:9], (3, 3)), np.array(numbers[9:12]), np.array(numbers[12:])
    close = partial(pytest.approx, rel=1e-9, abs=1e-9)
    assert outputs(x, W, b, 1)[1] == close(x * (W @ x + b) + x)
    low = shortened(x, W, b, rank)
    assert low.lost == close(np.linalg.norm(W - low.W))
    assert np.linalg.matrix_rank(low.W, 1e-9) <= rank
    assert low.x1 == close(x * (low.W @ x + b) + x)
    through, gates = gated(x, W, b, sharp)
    assert gates == close(1 / (1 + np.exp(-sharp * x)))
    assert through == close(x * (W @ x + b) * gates + x)
    mixture, shares = mixed(x, W, b, sharp)
    assert shares[0] == close(1 / (1 + np.exp(-2 * sharp * x[0])))
    left, sizes, right = np.linalg.svd(W)
    parts = [x * (sizes[k] * left[:, k] * (right[k] @ x) + b) for k in range(2)]
    assert mixture == close(shares[0] * parts[0] + shares[1] * parts[1] + x)


def test_of_the_whole_rank_nothing_is_lost_and_no_other_matrix_of_a_rank_is_nearer() -> None:
    assert shortened(X0, W, B, 3).lost == pytest.approx(0, abs=1e-12)
    draws = np.random.default_rng(0)
    lost = shortened(X0, W, B, 1).lost
    for _ in range(200):
        u, v = draws.normal(size=3), draws.normal(size=3)
        size = (u @ W @ v) / (u @ u * (v @ v))  # the best multiple of u v^T
        assert np.linalg.norm(W - size * np.outer(u, v)) >= lost - 1e-12


def lit(row: int) -> list[str]:
    """The numbers that are bold, in the order in which they are drawn; signs and headings left out."""
    xl: Doubles = outputs(X0, W, B, 1)
    figure = one_layer_figure(OneLayer(["a", "b", "c"], X0, W, B, xl[0], xl[1]), 1, row, False, text="#000", key="k")
    assert sum(shape.line.color == LIT for shape in figure.layout.shapes) == 10
    assert list(figure.data[0].customdata) == [0, 1, 2]
    bold = [str(one.text)[3:-4] for one in figure.layout.annotations if str(one.text).startswith("<b>")]
    return [text for text in bold if text[0].isdigit()]


def test_what_makes_an_output_is_lit() -> None:
    """x0_i; the row of W; all of what is read; b_i; x_i; the output."""
    assert lit(0) == ["2", "0", "1", "0", "2", "1", "3", "0", "2", "4"]
    assert lit(2) == ["3", "0.5", "0", "0", "2", "1", "3", "0", "3", "6"]


@pytest.mark.parametrize(("value", "text"), [(0.5, "0.5"), (-2.0, "−2"), (12345.6, "12346"), (-1234567.0, "−1.2e+06")])
def test_a_number_fits_its_cell(value: float, text: str) -> None:
    assert short(value) == text
