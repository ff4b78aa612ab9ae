"""The planted world keeps its promises: pure crosses, exact scales, true odds, equal bits."""

from __future__ import annotations

import tracemalloc
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from pdcn.arrays import Codes
from pdcn.settings import SettingError, build
from pdcn.sources import planted_laws, planted_world
from pdcn.sources.dataset import Dataset
from pdcn.sources.fields import UNKNOWN
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_laws import WIDTH, Law
from pdcn.sources.planted_world import planted, temperature, world
from pdcn.sources.truth import Truth

SMALL = PlantedData(events=2_000, items=60, users=40, fields=4, values=5)
EXTREME = PlantedData(
    events=2_000, items=50, users=10, fields=2, values=2, numbers=0, crosses=1, rank=1, strength=0, noise=0
)


def _law(side: Law) -> tuple[Codes, NDArray[np.float64]]:
    """Every combination of values (V^F, F) and its chance (V^F,)."""
    fields, values = side.tables.shape[:2]
    picks = np.array(list(product(range(values), repeat=fields)), np.int32)
    return picks, side.chances[picks].prod(axis=1)


def _truth(data: Dataset) -> Truth:
    assert data.truth is not None
    return data.truth


def _recall(scores: NDArray[np.float32], positive: NDArray[np.int64], k: int) -> float:
    """Share of rows of `scores` (n, N) where fewer than k items score above the positive."""
    own = scores[np.arange(len(positive)), positive][:, None]
    return float(((scores > own).sum(axis=1) < k).mean())


def _oracle_and_popularity(data: Dataset, k: int) -> tuple[float, float]:
    test = data.part("test")
    scores = _truth(data).query[test] @ _truth(data).item.T
    counts = np.broadcast_to(data.counts.astype(np.float32), scores.shape)
    return _recall(scores, data.positive[test], k), _recall(counts, data.positive[test], k)


def test_the_same_settings_give_the_same_bits_on_every_machine() -> None:
    assert planted(SMALL).hash == planted(SMALL).hash == "ee58dbae80da"
    latents = _truth(planted(SMALL))
    assert (latents.query * 4096 % 1 == 0).all()
    assert (latents.item * 4096 % 1 == 0).all()


def test_another_seed_is_another_world() -> None:
    assert planted(SMALL).hash != planted(SMALL.model_copy(update={"data_seed": 1})).hash


def test_chunks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = planted(SMALL)
    monkeypatch.setattr(planted_world, "_CELLS", 7 * SMALL.items)
    monkeypatch.setattr(planted_laws, "_ROWS", 97)
    parts = planted(SMALL)
    assert parts.hash == whole.hash
    np.testing.assert_array_equal(_truth(parts).query, _truth(whole).query)


def test_a_dial_leaves_what_it_is_not_about() -> None:
    base = planted(SMALL)
    louder = planted(SMALL.model_copy(update={"strength": 4.0, "nonlinear": 0.0, "crosses": 1}))
    np.testing.assert_array_equal(base.queries.codes, louder.queries.codes)
    np.testing.assert_array_equal(base.items.values, louder.items.values)
    np.testing.assert_array_equal(base.user, louder.user)
    fewer = SMALL.model_copy(update={"strength": 4.0, "crosses": 1})
    for before, after in zip(world(SMALL), world(fewer), strict=True):
        np.testing.assert_array_equal(before.tables, after.tables)


@pytest.mark.parametrize("order", [2, 3])
def test_crosses_are_pure(order: int) -> None:
    settings = SMALL.model_copy(update={"order": order})
    for side in world(settings):
        picks, chance = _law(side)
        for cross in side.planted:
            table = cross.at(picks)
            assert np.abs(table).max() > 0.1
            for field, value in product(range(settings.fields), range(settings.values)):
                rows = picks[:, field] == value
                given = chance[rows] @ table[rows] / chance[rows].sum()
                np.testing.assert_allclose(given, 0, atol=1e-12)


def test_crosses_of_three_hide_from_pairs() -> None:
    side = world(SMALL.model_copy(update={"order": 3, "crosses": 1}))[0]
    picks, chance = _law(side)
    table = side.crossed(picks)
    first, second = side.planted[0].fields[:2]
    for one, other in product(range(SMALL.values), repeat=2):
        rows = (picks[:, first] == one) & (picks[:, second] == other)
        np.testing.assert_allclose(chance[rows] @ table[rows], 0, atol=1e-12)


@pytest.mark.parametrize("strength", [0.0, 1.5, 4.0])
def test_parts_have_the_spread_of_their_dials(strength: float) -> None:
    for side in world(SMALL.model_copy(update={"strength": strength})):
        picks, chance = _law(side)
        main, crossed = side.main(picks), side.crossed(picks)
        np.testing.assert_allclose(chance @ main, 0, atol=1e-12)
        np.testing.assert_allclose(chance @ main**2, 1)
        np.testing.assert_allclose(chance @ crossed**2, strength**2, atol=1e-12)
        np.testing.assert_allclose(chance @ (main * crossed), 0, atol=1e-12)


@pytest.mark.parametrize("numbers", [1, 2])
def test_the_smooth_part_has_the_spread_of_its_dial(numbers: int) -> None:
    settings = SMALL.model_copy(update={"numbers": numbers, "nonlinear": 0.7})
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)  # exact means under a normal law
    grid = np.array(list(product(nodes, repeat=numbers)))
    chance = np.array(list(product(weights / weights.sum(), repeat=numbers))).prod(axis=1)
    for side in world(settings):
        smooth = side.smooth(grid)
        np.testing.assert_allclose(chance @ smooth, 0, atol=1e-6)
        np.testing.assert_allclose(chance @ smooth**2, 0.49, rtol=1e-6)


def test_rows_follow_the_law() -> None:
    settings = PlantedData(users=20_000, crosses=15, noise=0.0)
    many_events = planted(settings.model_copy(update={"events": 20_000, "items": 200}))
    many_items = planted(settings.model_copy(update={"events": 2_000, "items": 20_000}))
    expected = 1 + settings.strength**2 + settings.nonlinear**2
    for latents in (_truth(many_events).query, _truth(many_items).item):
        assert latents[:, :WIDTH].var(axis=0).mean() == pytest.approx(expected, rel=0.05)
    items = many_items.items
    shares = np.bincount(items.codes[:, 0])[1:] / len(items.codes)
    np.testing.assert_allclose(shares, world(settings)[1].chances, atol=0.01)
    assert items.values.mean() == pytest.approx(0, abs=0.03)
    assert items.values.std() == pytest.approx(1, abs=0.03)


def test_users_keep_half_and_context_changes() -> None:
    data = planted(SMALL)
    for user in range(5):
        rows = data.user == user
        assert rows.sum() > 10
        assert (np.ptp(data.queries.codes[rows], axis=0) > 0).tolist() == [False, False, True, True]
        assert (np.ptp(data.queries.values[rows], axis=0) > 0).tolist() == [False, True]


def test_a_choice_follows_the_softmax() -> None:
    settings = EXTREME.model_copy(update={"events": 600_000, "strength": 1.0})
    data = planted(settings)
    truth = _truth(data)
    for codes in np.unique(data.queries.codes, axis=0):
        rows = (data.queries.codes == codes).all(axis=1)
        logits = (truth.item @ truth.query[rows][0]).astype(np.float64) / temperature(settings)
        expected = np.exp(logits) / np.exp(logits).sum() * rows.sum()
        observed = np.bincount(data.positive[rows], minlength=settings.items)
        assert expected.min() > 5
        squares = float(((observed - expected) ** 2 / expected).sum())
        # Mean 49 and standard deviation 9.9 if the odds are right; uniform odds give thousands.
        assert squares < 49 + 4 * 9.9
        even = rows.sum() / settings.items
        assert float(((observed - even) ** 2 / even).sum()) > 1_000


def test_truth_names_the_crosses() -> None:
    settings = SMALL.model_copy(update={"crosses": 6})
    crosses = _truth(planted(settings)).crosses
    names = {"query": ["q1", "q2", "q3", "q4"], "item": ["i1", "i2", "i3", "i4"]}
    for side, law in zip(("query", "item"), world(settings), strict=True):
        mine = [cross for cross in crosses if cross.side == side]
        assert len({cross.fields for cross in mine}) == len(mine) == 6
        assert all(len(cross.fields) == 2 for cross in mine)
        assert all(list(cross.fields) == sorted(cross.fields) for cross in mine)
        assert {name for cross in mine for name in cross.fields} == set(names[side])
        assert sum(cross.strength**2 for cross in mine) == pytest.approx(settings.strength**2)
        picks, chance = _law(law)
        for cross, planted_cross in zip(mine, law.planted, strict=True):
            assert [names[side].index(name) for name in cross.fields] == list(planted_cross.fields)
            variance = (chance @ planted_cross.at(picks) ** 2).mean()
            assert cross.strength == pytest.approx(variance**0.5)


def test_the_oracle_beats_popularity_by_far() -> None:
    data = planted(PlantedData(events=20_000, items=2_000))
    oracle, popularity = _oracle_and_popularity(data, 100)
    assert 0.5 < oracle < 0.9
    assert oracle > 2 * popularity


def test_the_oracle_knows_that_it_does_not_know() -> None:
    # Under heavy noise the mean chance favours items of long latents; u . v alone would fall
    # behind popularity.
    data = planted(PlantedData(events=60_000, noise=10))
    oracle, popularity = _oracle_and_popularity(data, 100)
    assert oracle > popularity
    test = data.part("test")
    truth = _truth(data)
    plain = truth.query[test, :WIDTH] @ truth.item[:, :WIDTH].T
    assert _recall(plain, data.positive[test], 100) < popularity


def test_no_crosses_and_no_numbers() -> None:
    data = planted(SMALL.model_copy(update={"crosses": 0, "numbers": 0}))
    assert _truth(data).crosses == ()
    assert data.queries.values.shape == (2_000, 0)
    assert data.items.values.shape == (60, 0)
    side = world(SMALL.model_copy(update={"crosses": 0}))[0]
    assert not side.crossed(data.queries.codes - 1).any()


def test_three_fields_a_cross() -> None:
    crosses = _truth(planted(SMALL.model_copy(update={"order": 3, "crosses": 4}))).crosses
    assert [len(cross.fields) for cross in crosses] == [3] * 8


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"crosses": 7}, "expected at most 6, the different crosses of 2 among 4 fields, got 7"),
        ({"order": 3, "crosses": 5}, "expected at most 4, the different crosses of 3 among 4 fields, got 5"),
        (
            {"fields": 2, "order": 3, "crosses": 1},
            "expected at most 0, the different crosses of 3 among 2 fields, got 1",
        ),
    ],
)
def test_too_many_crosses(changes: dict[str, int], message: str) -> None:
    with pytest.raises(SettingError, match=f"^crosses: {message}"):
        build(PlantedData, SMALL.model_dump() | changes)


@pytest.mark.parametrize("strength", [0.0, 10.0])
def test_extremes(strength: float) -> None:
    data = planted(EXTREME.model_copy(update={"strength": strength}))
    truth = _truth(data)
    assert [cross.strength for cross in truth.crosses] == pytest.approx([strength] * 2)
    assert np.isfinite(truth.query).all()
    assert np.isfinite(truth.item).all()
    assert len(np.unique(truth.query, axis=0)) == 4
    assert len(np.unique(data.positive)) > 5


def test_fields_read_well() -> None:
    data = planted(SMALL)
    field, number = data.queries.categories[1], data.items.numbers[0]
    assert (field.name, field.label) == ("q2", "Query field 2")
    assert field.values == (UNKNOWN, "v1", "v2", "v3", "v4", "v5")
    assert (number.name, number.label, number.unit) == ("in1", "Item number 1", "")
    assert (data.item_names[0], data.item_names[-1]) == ("Item 0001", "Item 0060")
    assert np.datetime64(int(data.when[1]), "s") == np.datetime64("2024-01-01T00:01")
    assert "3 crosses of 2 fields are planted on each side" in data.note


def test_values_that_training_never_saw_are_unknown() -> None:
    # Of a thousand values a field, the last events bring some that were never met before.
    data = planted(PlantedData(events=2_000, items=50, users=2_000, values=1_000))
    train = data.part("train")
    for field, column in zip(data.queries.categories, data.queries.codes.T, strict=True):
        assert set(column[train]) == set(range(1, len(field.values)))
        assert (column == 0).any()
        assert list(field.values[1:]) == sorted(field.values[1:])
    for field, column in zip(data.items.categories, data.items.codes.T, strict=True):
        assert set(column) == set(range(1, len(field.values)))


def test_memory_does_not_grow_with_events_times_items() -> None:
    settings = PlantedData(events=2_000, items=20_000)
    tracemalloc.start()
    planted(settings)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6  # all scores at once would take 320e6
