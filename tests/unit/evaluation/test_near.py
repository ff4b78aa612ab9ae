"""Neighbours with ties against draws by lot, against plain sorts where nothing ties, and on collapsed spaces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import skew

from pdcn.evaluation import near as module
from pdcn.evaluation.near import Near, chances, different, shared
from pdcn.pages.embeddings.work.space import Extent, Vectors, hubness, neighbours, numbers, unit_rows

DRAWS = np.random.default_rng(0)
FEW = DRAWS.integers(-1, 2, (40, 2)).astype(np.float32)  # nine places at most
OTHER = DRAWS.integers(-1, 2, (40, 2)).astype(np.float32)
OWN = np.arange(40)


def drawn_by_lot(score: np.ndarray, k: int, draws: np.random.Generator) -> np.ndarray:
    """Which rows (n, N) are the k of highest score, ties in an order that is drawn."""
    order = np.lexsort((draws.random(score.shape), -score), axis=1)[:, :k]
    found = np.zeros(score.shape, bool)
    np.put_along_axis(found, order, True, axis=1)
    return found


@given(st.lists(st.tuples(st.sampled_from([-0.0, 0.0, 1.5]), st.integers(-1, 1)), min_size=1))
def test_different_rows_are_those_of_a_dictionary(rows: list[tuple[float, int]]) -> None:
    first, place, times = different(np.array(rows, np.float32))
    numbered: dict[tuple[float, int], int] = {}
    expected = [numbered.setdefault(row, len(numbered)) for row in rows]
    assert place.tolist() == expected
    assert first.tolist() == [expected.index(at) for at in range(len(numbered))]
    assert times.tolist() == [expected.count(at) for at in range(len(numbered))]


@given(st.data())
def test_chances_are_those_of_ties_drawn_by_lot(data: st.DataObject) -> None:
    """Of few scores, by hand: 1 above the last score that fits, the rest shared among its ties."""
    times = np.array(data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=8)))
    score = np.array([data.draw(st.lists(st.integers(0, 3), min_size=len(times), max_size=len(times)))], float)
    own = data.draw(st.one_of(st.none(), st.integers(0, len(times) - 1)))
    each = times - (np.arange(len(times)) == own)
    if not each.sum():
        return
    k = data.draw(st.integers(1, int(each.sum())))
    found = chances(score, times, [k], None if own is None else np.array([own]))[k].toarray()[0]
    for at, chance in enumerate(found):
        before, level = (each[side].sum() for side in (score[0] > score[0, at], score[0] == score[0, at]))
        if each[at]:
            assert chance == pytest.approx(np.clip((k - before) / level, 0, 1))


@pytest.mark.parametrize("chunk", [50, 10**9])
def test_without_ties_they_are_those_of_a_sort(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK_SCORES", chunk)
    x, y = (unit_rows(DRAWS.normal(size=(60, 5))) for _ in range(2))
    own = np.arange(0, 60, 2)
    a, b = (Near.of(one[own], one, [3, 10], own) for one in (x, y))
    left, right = (neighbours(one[own], one, 10, own=own)[0] for one in (x, y))
    expected = [len({*p} & {*q}) / 10 for p, q in zip(left.tolist(), right.tolist(), strict=True)]
    assert shared(a, b, 10) == pytest.approx(np.array(expected))
    assert shared(a, a, 3).tolist() == [1.0] * 30
    counts = np.bincount(left[:, :3].ravel(), minlength=60)
    assert a.counts(3) == pytest.approx(counts)
    assert hubness(a.counts(3)) == pytest.approx(skew(counts))


@pytest.mark.parametrize("own", [OWN, None])
def test_with_ties_they_are_what_draws_give_on_average(own: np.ndarray | None) -> None:
    a, b = (Near.of(x, x, [6], own) for x in (FEW, OTHER))
    scores = [np.where(np.eye(40, dtype=bool) & (own is not None), -np.inf, x @ x.T) for x in (FEW, OTHER)]
    draws = np.random.default_rng(1)
    both, counts = [], np.zeros(40)
    for _ in range(2_000):
        left, right = (drawn_by_lot(score, 6, draws) for score in scores)
        both.append((left & right).sum(1) / 6)
        counts += left.sum(0) / 2_000
    assert shared(a, b, 6) == pytest.approx(np.mean(both, axis=0), abs=0.03)
    assert shared(a, b, 6).mean() == pytest.approx(np.mean(both), abs=0.004)
    assert a.counts(6) == pytest.approx(counts, abs=0.25)


@pytest.mark.parametrize("items", [500, 8_195])
def test_spaces_in_one_place_agree_by_chance_and_have_no_hubs(items: int) -> None:
    same = np.tile(unit_rows(DRAWS.normal(size=(1, 8))), (items, 1))
    own = np.arange(0, items, 50)
    found = Near.of(same[own], same, [10], own)
    assert shared(found, found, 10) == pytest.approx(10 / (items - 1))
    assert np.isnan(hubness(Near.of(same, same, [10]).counts(10)))


def test_a_list_shows_the_first_of_the_catalogue_among_ties() -> None:
    score = np.array([2.0, 1, 3, 1, 1, 1, 3, 1], np.float32)[:, None]
    assert neighbours(np.ones((1, 1)), score, 5)[0].tolist() == [[2, 6, 0, 1, 3]]
    many = np.tile(score, (1_000, 1))
    assert neighbours(np.ones((1, 1)), many, 3)[0].tolist() == [[2, 6, 10]]


# collapsed spaces


def test_what_is_collapsed_and_what_is_said() -> None:
    place, noise = DRAWS.normal(size=(1, 8)), DRAWS.normal(size=(300, 8))
    assert not Extent.of(noise).collapsed
    assert not Extent.of(place + 0.1 * noise).collapsed
    near = Extent.of(place + 1e-5 * noise)
    assert near.collapsed
    assert near.differ == 300
    assert "nearly in one place" in near.said("the item vectors of parallel")
    same = Extent.of(np.tile(place, (300, 1)))
    assert same.collapsed
    assert same.said("the item vectors of parallel") == (
        "All 300 of the item vectors of parallel are the same: nothing is nearer to one than to another."
    )
    few = Extent.of(noise[np.arange(300) % 9])
    assert few.collapsed
    assert "only 9 differ" in few.said("the item vectors of parallel")
    assert Extent.of(noise).spread == pytest.approx(1, abs=0.05)  # all directions alike
    assert not Extent.of(noise[:1]).collapsed


def test_numbers_of_a_collapsed_arm_are_left_out_and_those_of_the_other_stay() -> None:
    good, query = (DRAWS.normal(size=(200, 8)).astype(np.float32) for _ in range(2))
    gone = np.tile(good[:1], (200, 1))
    positive = np.arange(200)
    table = numbers({("a", 0): Vectors(good, query, positive), ("b", 0): Vectors(gone, query, positive)})
    value = table.set_index(["metric", "about", "k", "arm", "other_arm"])["value"]
    assert value[[("overlap", about, k, "a", "b") for about in ("items", "queries") for k in (10, 50)]].isna().all()
    assert np.isnan(value["CKA", "items", 0, "a", "b"])
    assert value["CKA", "queries", 0, "a", "b"] == pytest.approx(1)
    assert np.isnan(value["hubness", "items", 10, "b", ""])
    assert np.isfinite(value["hubness", "items", 10, "a", ""])
    assert value["differ", "items", 0, "b", ""] == 1
    assert value["vectors", "items", 0, "b", ""] == 200
    assert value["spread", "items", 0, "b", ""] == pytest.approx(0, abs=1e-6)
