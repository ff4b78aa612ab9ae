"""CKA and effective rank against their definitions, and cases whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from pdcn.evaluation.similarity import effective_rank, linear_cka

DRAWS = np.random.default_rng(7)
A = DRAWS.normal(size=(300, 9)) * np.arange(1, 10)
B = A[:, :4] @ DRAWS.normal(size=(4, 6)) + DRAWS.normal(size=(300, 6))


def hsic_cka(a: np.ndarray, b: np.ndarray) -> float:
    """CKA as the normalised HSIC of the two (rows, rows) kernels: the other way to write it."""
    rows = len(a)
    centre = np.eye(rows) - 1 / rows
    k, other = centre @ a @ a.T @ centre, centre @ b @ b.T @ centre
    return float((k * other).sum() / np.sqrt((k * k).sum() * (other * other).sum()))


def test_cka_is_the_normalised_hsic_of_the_kernels() -> None:
    assert linear_cka(A, B) == pytest.approx(hsic_cka(A, B), rel=1e-10)
    assert 0.05 < linear_cka(A, B) < 0.95
    assert linear_cka(A, B) == pytest.approx(linear_cka(B, A), rel=1e-12)


def test_cka_ignores_rotation_shift_and_scale_but_not_the_directions_own_scales() -> None:
    rotation, _ = np.linalg.qr(DRAWS.normal(size=(9, 9)))
    assert linear_cka(A, -3 * A @ rotation + 5) == pytest.approx(1, abs=1e-12)
    assert linear_cka(A, A / A.std(0)) < 0.95


def test_cka_of_unrelated_rows_is_near_zero_and_of_a_constant_undefined() -> None:
    many = DRAWS.normal(size=(5_000, 8))
    assert linear_cka(many, DRAWS.normal(size=(5_000, 8))) < 0.01
    assert np.isnan(linear_cka(A, np.ones((300, 2))))


def test_cka_wants_the_same_rows() -> None:
    with pytest.raises(ValueError, match="the same rows in both, got 300 and 299"):
        linear_cka(A, B[:-1])


def test_effective_rank_is_the_entropy_of_the_singular_values() -> None:
    singular = np.linalg.svd(A - A.mean(0), compute_uv=False)
    share = singular / singular.sum()
    assert effective_rank(A) == pytest.approx(np.exp(-(share * np.log(share)).sum()), rel=1e-9)


def test_effective_rank_of_known_shapes() -> None:
    line = np.outer(DRAWS.normal(size=50), DRAWS.normal(size=7))
    assert effective_rank(line) == pytest.approx(1, abs=1e-4)
    assert effective_rank(np.vstack([np.eye(5), -np.eye(5)])) == pytest.approx(5, abs=1e-12)
    # singular values 3 and 1: shares 3/4 and 1/4
    two = np.array([[3.0, 0], [-3, 0], [0, 1], [0, -1]])
    assert effective_rank(two) == pytest.approx(4 / 3**0.75, rel=1e-12)
    assert effective_rank(np.full((6, 3), 2.0)) == 0


def test_effective_rank_of_fewer_rows_than_columns_counts_the_rows() -> None:
    wide = DRAWS.normal(size=(6, 40))
    assert effective_rank(wide) == pytest.approx(effective_rank(np.vstack([wide, wide])), rel=1e-6)
    assert effective_rank(wide) <= 5 + 1e-6
