"""Numbers of the space against plain references, on spaces whose answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import skew
from sklearn.neighbors import NearestNeighbors

from pdcn.pages.embeddings.work import space
from pdcn.pages.embeddings.work.shared_values import in_common
from pdcn.pages.embeddings.work.space import (
    Vectors,
    alignment,
    hubness,
    neighbours,
    numbers,
    spread,
    uniformity,
    unit_rows,
)

DRAWS = np.random.default_rng(0)
X = DRAWS.normal(size=(60, 8)).astype(np.float32)
Q = DRAWS.normal(size=(40, 8)).astype(np.float32)


def turned(x: np.ndarray) -> np.ndarray:
    """The same rows in another orientation."""
    rotation, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(8, 8)))
    return np.asarray(x @ rotation, np.float32)


def test_neighbours_are_those_of_a_full_sort() -> None:
    score = Q.astype(np.float64) @ X.T.astype(np.float64)
    found, scores = neighbours(Q, X, 7)
    assert found.tolist() == np.argsort(-score, axis=1)[:, :7].tolist()
    assert scores == pytest.approx(-np.sort(-score, axis=1)[:, :7], abs=1e-5)


def test_neighbours_of_unit_rows_are_the_nearest_without_the_row_itself() -> None:
    unit = unit_rows(X)
    expected = NearestNeighbors(n_neighbors=6).fit(unit).kneighbors(unit, return_distance=False)[:, 1:]
    assert neighbours(unit, unit, 5, own=np.arange(60))[0].tolist() == expected.tolist()


def test_of_equal_scores_the_lower_index_comes_first_and_k_is_cut() -> None:
    found, scores = neighbours(np.ones((1, 2)), np.ones((4, 2)), 9, own=np.array([1]))
    assert found.tolist() == [[0, 2, 3]]
    assert scores.tolist() == [[2.0, 2.0, 2.0]]


def test_alignment_is_between_the_same_place_and_the_opposite_one() -> None:
    expected = np.mean(
        [np.sum((q / np.linalg.norm(q) - x / np.linalg.norm(x)) ** 2) for q, x in zip(Q, X, strict=False)]
    )
    assert alignment(Q, X[:40]) == pytest.approx(expected, rel=1e-5)
    assert alignment(Q, 3 * Q) == pytest.approx(0, abs=1e-10)
    assert alignment(Q, -Q) == pytest.approx(4)


def test_uniformity_is_the_log_of_the_mean_over_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = X.astype(np.float64) / np.linalg.norm(X, axis=1, keepdims=True)
    pairs = [np.exp(-2 * np.sum((a - b) ** 2)) for i, a in enumerate(unit) for b in unit[:i]]
    assert uniformity(X) == pytest.approx(np.log(np.mean(pairs)), rel=1e-5)
    monkeypatch.setattr(space, "CHUNK_SCORES", 100)
    assert uniformity(X) == pytest.approx(np.log(np.mean(pairs)), rel=1e-5)
    assert uniformity(np.ones((5, 3))) == pytest.approx(0, abs=1e-6)
    assert uniformity(np.array([[1.0, 0], [-1, 0]])) == pytest.approx(-8)


def test_hubness_is_the_skewness_of_how_often_each_is_a_neighbour() -> None:
    counts = DRAWS.integers(0, 9, 60).astype(float)
    assert hubness(counts) == pytest.approx(skew(counts))
    assert np.isnan(hubness(np.ones(3)))
    assert hubness(np.eye(50)[0]) > 6


def test_numbers_do_not_change_when_a_space_is_turned() -> None:
    positive = np.arange(40)
    table = numbers({("a", 0): Vectors(X, Q, positive), ("b", 0): Vectors(turned(X), turned(Q), positive)})
    pairs = table[table["other_arm"] == "b"]
    assert set(pairs["metric"]) == {"overlap", "CKA"}
    assert pairs["value"].to_numpy() == pytest.approx(1.0, abs=1e-6)
    alone = table[table["other_arm"] == ""].pivot(index=["metric", "about"], columns="arm", values="value")
    assert alone["a"].to_numpy() == pytest.approx(alone["b"].to_numpy(), rel=1e-4)
    assert set(table["k"]) == {0, 10, 50}


def test_pairs_are_arms_of_a_seed_and_seeds_of_an_arm() -> None:
    models = {(arm, seed): Vectors(X, Q, np.arange(40)) for arm in ("a", "b") for seed in (0, 1)}
    table = numbers(models)
    own = table[(table["metric"] == "CKA") & (table["about"] == "items")]
    found = set(own[["arm", "seed", "other_arm", "other_seed"]].itertuples(index=False, name=None))
    assert found == {("a", 0, "a", 1), ("b", 0, "b", 1), ("a", 0, "b", 0), ("a", 1, "b", 1)}


def test_unrelated_spaces_agree_by_chance_only() -> None:
    many = [np.random.default_rng(seed).normal(size=(2_000, 16)).astype(np.float32) for seed in range(4)]
    positive = np.zeros(2_000, np.int64)
    table = numbers({("a", 0): Vectors(many[0], many[1], positive), ("b", 0): Vectors(many[2], many[3], positive)})
    value = table.set_index(["metric", "about", "k"])["value"]
    assert value["overlap", "items", 10] == pytest.approx(10 / 1_999, abs=0.002)
    assert value["overlap", "queries", 50] == pytest.approx(50 / 2_000, abs=0.004)
    assert value["CKA", "items", 0] < 0.02


def test_planted_clusters_are_found_by_neighbours() -> None:
    middles = 4 * np.random.default_rng(3).normal(size=(6, 8))
    label = np.repeat(np.arange(6), 20)
    x = unit_rows(middles[label] + 0.2 * np.random.default_rng(4).normal(size=(120, 8)))
    found, _ = neighbours(x, x, 10, own=np.arange(120))
    assert (label[found] == label[:, None]).mean() > 0.99


def test_a_sample_is_spread_over_all_rows() -> None:
    assert spread(5, 9).tolist() == [0, 1, 2, 3, 4]
    found = spread(10_000, 100)
    assert (found[0], found[-1], len(set(found.tolist()))) == (0, 9_999, 100)


def test_what_a_selection_has_in_common() -> None:
    fields = {
        "aisle": pd.Series(pd.Categorical(["dairy"] * 4 + ["bread"] * 4)),
        "brand": pd.Series(["own", "other"] * 4),
        "price": pd.Series(np.arange(8.0)),
    }
    mask = np.array([1, 1, 1, 0, 1, 0, 0, 0], bool)
    found = in_common(fields, mask)
    assert found[["field", "value"]].to_numpy().tolist() == [["aisle", "dairy"], ["brand", "own"]]
    row = found.iloc[0]
    assert (row["selected"], row["all"]) == (0.75, 0.5)
    assert row["weight"] == pytest.approx(0.75 * np.log(0.75 / 0.5))
    assert in_common(fields, np.zeros(8, bool)).empty
