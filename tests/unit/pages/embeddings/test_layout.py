"""Maps: PCA and trustworthiness against scikit-learn, Procrustes undone, UMAP on planted clusters."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

from pdcn.pages.embeddings.work.layout import (
    POOR,
    displacement,
    drawn_in,
    faith,
    nearest_by_angle,
    pca,
    rotation,
    turn_onto,
    umap_map,
)
from pdcn.pages.embeddings.work.space import neighbours, unit_rows
from pdcn.settings import SettingError

DRAWS = np.random.default_rng(0)
X = (DRAWS.normal(size=(200, 6)) * [5, 3, 2, 1, 1, 1]).astype(np.float32)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_pca_is_that_of_scikit_learn_up_to_signs(dimensions: int) -> None:
    expected = PCA(dimensions).fit_transform(X.astype(np.float64))
    assert np.abs(pca(X, dimensions)) == pytest.approx(np.abs(expected), abs=1e-4)


def test_pca_is_the_same_whichever_sign_the_library_gives() -> None:
    first = np.linalg.svd(X - X.mean(0), full_matrices=False)[2][0]
    first = first * np.sign(first[np.abs(first).argmax()])
    assert pca(X, 2)[:, 0] == pytest.approx((X - X.mean(0)) @ first, abs=1e-3)


def test_a_narrow_space_leaves_the_rest_of_the_map_empty() -> None:
    assert pca(X[:, :1], 3)[:, 1:].tolist() == np.zeros((200, 2)).tolist()


def test_procrustes_undoes_a_rotation_a_mirroring_and_a_shift() -> None:
    fixed = pca(X, 2)
    angle = 1.1
    moved = fixed @ np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]]) + 7
    assert turn_onto(fixed, moved) == pytest.approx(fixed, abs=1e-4)
    assert displacement(fixed, turn_onto(fixed, moved)) < 1e-4
    turn = rotation(fixed, moved)
    assert turn.T @ turn == pytest.approx(np.eye(2), abs=1e-9)


def test_turning_keeps_distances() -> None:
    one, other = DRAWS.normal(size=(2, 50, 3))
    turned = turn_onto(one, other)
    assert np.linalg.norm(turned[0] - turned[9]) == pytest.approx(np.linalg.norm(other[0] - other[9]), rel=1e-5)
    centred = one - one.mean(0)
    assert np.linalg.norm(centred - turned) < np.linalg.norm(centred - (other - other.mean(0)))


def test_unrelated_maps_lie_as_far_apart_as_lots() -> None:
    one, other = np.random.default_rng(5).normal(size=(2, 4_000, 2))
    assert displacement(one, other) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("k", [5, 10])
def test_trustworthiness_is_that_of_scikit_learn(k: int) -> None:
    drawn = pca(X, 2)
    found = faith(X, drawn, k)
    assert found.trust == pytest.approx(trustworthiness(unit_rows(X), drawn, n_neighbors=k), abs=1e-12)
    assert found.rows == 200
    own = np.arange(200)
    near = neighbours(unit_rows(X), unit_rows(X), k, own=own)[0]
    shown = np.argsort(((drawn[:, None] - drawn) ** 2).sum(-1) + np.diag(np.full(200, np.inf)), axis=1)[:, :k]
    kept = np.mean([len({*a} & {*b}) / k for a, b in zip(near.tolist(), shown.tolist(), strict=True)])
    assert found.kept == pytest.approx(kept)


def test_a_map_that_keeps_all_is_trusted_and_a_shuffled_one_is_poor() -> None:
    angle = np.sort(DRAWS.uniform(0, 5, 300))
    circle = np.stack((np.cos(angle), np.sin(angle)), 1).astype(np.float32)
    true = faith(circle, circle)
    assert true.trust == pytest.approx(1)
    assert true.kept == pytest.approx(1, abs=0.01)
    assert not true.poor
    shuffled = faith(circle, circle[DRAWS.permutation(300)])
    assert shuffled.trust == pytest.approx(0.5, abs=0.06)
    assert shuffled.poor
    assert shuffled.trust < POOR


def test_ties_count_what_draws_by_lot_give_on_average() -> None:
    """scikit-learn ranks ties by their order; a little noise, drawn often, puts them into every order."""
    places = DRAWS.normal(size=(9, 4))
    x, drawn = places[DRAWS.integers(9, size=120)], DRAWS.integers(0, 3, (120, 2)).astype(np.float32)
    draws = np.random.default_rng(2)
    trust, kept = [], []
    for _ in range(150):
        far, near = (one + 1e-4 * draws.normal(size=one.shape) for one in (unit_rows(x).astype(float), drawn))
        trust.append(trustworthiness(far, near, n_neighbors=10))
        lists = [NearestNeighbors(n_neighbors=10).fit(one).kneighbors(return_distance=False) for one in (far, near)]
        kept.append(np.mean([len({*a} & {*b}) / 10 for a, b in zip(*(found.tolist() for found in lists), strict=True)]))
    found = faith(x, drawn)
    assert found.trust == pytest.approx(np.mean(trust), abs=4 * np.std(trust) / np.sqrt(150) + 1e-3)
    assert found.kept == pytest.approx(np.mean(kept), abs=4 * np.std(kept) / np.sqrt(150) + 1e-3)


def test_a_map_of_equal_points_is_no_better_than_one_by_lot() -> None:
    same = np.tile(X[:1], (500, 1))
    by_lot = DRAWS.normal(size=(500, 2))
    for vectors, drawn in ((same, by_lot), (by_lot, same[:, :2]), (same, same[:, :2])):
        found = faith(vectors, drawn)
        assert found.trust == pytest.approx(0.5, abs=0.03)
        assert found.kept == pytest.approx(10 / 499, abs=0.005)


def test_a_sample_of_many_rows_estimates_the_same() -> None:
    many = (DRAWS.normal(size=(3_000, 5)) * [4, 2, 1, 1, 1]).astype(np.float32)
    found = faith(many, pca(many, 2))
    assert found.rows == 1_000
    assert found.trust == pytest.approx(trustworthiness(unit_rows(many), pca(many, 2), n_neighbors=10), abs=0.01)


def test_few_points_have_a_faith_too() -> None:
    assert faith(X[:1], pca(X[:1], 2)).trust == 1.0
    assert faith(X[:5], pca(X[:5], 2)).rows == 5


def test_what_lies_far_out_is_drawn_nearer_and_the_rest_stays() -> None:
    angle = np.linspace(0, 2 * np.pi, 99, endpoint=False)
    ring = np.stack((np.cos(angle), np.sin(angle)), 1)
    one = np.concatenate((ring, [[100.0, 0.0]])).astype(np.float32)
    near, other = drawn_in([one, -one])
    assert near[:99] == pytest.approx(one[:99], abs=0.05)
    assert near[99] == pytest.approx([1 + np.log(100), 0], abs=0.2)
    assert other == pytest.approx(-near, abs=0.05)


@pytest.mark.slow
def test_umap_shows_planted_clusters_repeats_itself_and_starts_where_it_is_told() -> None:
    middles = 4 * np.random.default_rng(3).normal(size=(4, 8))
    label = np.repeat(np.arange(4), 30)
    x = (middles[label] + 0.2 * np.random.default_rng(4).normal(size=(120, 8))).astype(np.float32)
    near = nearest_by_angle(x, 10)
    assert near[0][:, 0].tolist() == list(range(120))
    how: dict[str, Any] = {"dimensions": 2, "distance": 0.1, "draw": 0}
    drawn = umap_map(x, near, **how)
    assert drawn.tolist() == umap_map(x, near, **how).tolist()
    found = np.argsort(((drawn[:, None] - drawn) ** 2).sum(-1), axis=1)[:, 1:6]
    assert (label[found] == label[:, None]).mean() > 0.95
    assert drawn.mean(0) == pytest.approx([0, 0], abs=1e-3)
    assert umap_map(x, near, **{**how, "dimensions": 3}).shape == (120, 3)
    near = nearest_by_angle(X, 15)
    flat = umap_map(X, near, **how)
    again = turn_onto(flat, umap_map(X, near, **{**how, "draw": 1}, start=flat))
    anew = turn_onto(flat, umap_map(X, near, **{**how, "draw": 1}))
    assert displacement(flat, again) < displacement(flat, anew)
    assert displacement(flat, again) < 0.5


def test_without_umap_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = builtins.__import__

    def broken(name: str, *rest: Any, **more: Any) -> Any:
        if name == "umap":
            raise ImportError("no module named umap")
        return honest(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", broken)
    with pytest.raises(SettingError, match="expected umap-learn"):
        umap_map(X, (np.zeros((200, 5), np.int64), np.zeros((200, 5), np.float32)), dimensions=2, distance=0.1, draw=0)


def test_too_few_points_for_a_map_are_refused_in_a_sentence() -> None:
    with pytest.raises(SettingError, match="more points than neighbours"):
        umap_map(X[:1], nearest_by_angle(X[:1], 1), dimensions=2, distance=0.1, draw=0)
