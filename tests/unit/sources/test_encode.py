"""Encoding learns from training rows only; a table and a dataset refuse what does not fit at the border."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from pdcn.sources.dataset import Dataset
from pdcn.sources.encode import Category, Number, encode, time_bounds
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import MISSING, UNKNOWN, CategoryField, NumberField

TRAIN = np.array([True, True, True, True, False, False])


def category(*cells: Any) -> Category:
    return Category("c", "C", pd.Series(list(cells)))


def number(*cells: float) -> Number:
    return Number("n", "N", "kg", np.array(cells, np.float64))


# categories


def test_values_are_numbered_in_sorted_order_from_one() -> None:
    table = encode([category("pear", "apple", "fig", "apple", "fig", "pear")], [], TRAIN)
    assert table.categories[0] == CategoryField("c", "C", (UNKNOWN, "apple", "fig", "pear"))
    assert table.codes[:, 0].tolist() == [3, 1, 2, 1, 2, 3]
    assert table.codes.dtype == np.int32


def test_a_value_without_a_training_row_is_unknown_and_not_in_the_vocabulary() -> None:
    table = encode([category("b", "b", "a", "a", "c", "b")], [], TRAIN)
    assert table.categories[0].values == (UNKNOWN, "a", "b")
    assert table.codes[:, 0].tolist() == [2, 2, 1, 1, 0, 2]


def test_an_empty_cell_is_a_value_of_its_own() -> None:
    table = encode([category("b", None, "a", float("nan"), None, "z")], [], TRAIN)
    assert table.categories[0].values == (UNKNOWN, MISSING, "a", "b")
    assert table.codes[:, 0].tolist() == [3, 1, 2, 1, 1, 0]


def test_cells_missing_only_after_training_are_unknown() -> None:
    table = encode([category("b", "a", "b", "a", None, "a")], [], TRAIN)
    assert table.categories[0].values == (UNKNOWN, "a", "b")
    assert table.codes[4, 0] == 0


def test_anything_printable_is_a_category() -> None:
    table = encode([category(10, 9, 10, 9, 10, 11)], [], TRAIN)
    assert table.categories[0].values == (UNKNOWN, "10", "9")  # sorted as words
    assert table.codes[:, 0].tolist() == [1, 2, 1, 2, 1, 0]


def test_the_index_of_the_series_does_not_matter() -> None:
    cells = pd.Series(["b", "a", "b", "a", "c", "a"], index=[9, 8, 7, 3, 2, 1])
    table = encode([Category("c", "C", cells)], [], TRAIN)
    assert table.codes[:, 0].tolist() == [2, 1, 2, 1, 0, 1]


# numbers


def test_mean_and_scale_are_those_of_the_training_rows() -> None:
    table = encode([], [number(1, 3, 1, 3, 100, 2)], TRAIN)  # mean 2, spread 1
    assert table.numbers[0] == NumberField("n", "N", "kg", 2.0, 1.0)
    assert table.values[:, 0].tolist() == [-1, 1, -1, 1, 98, 0]
    assert table.values.dtype == np.float32


def test_an_empty_number_becomes_the_mean_and_does_not_move_it() -> None:
    table = encode([], [number(1, np.nan, 3, np.nan, np.nan, 4)], TRAIN)
    assert (table.numbers[0].mean, table.numbers[0].scale) == (2.0, 1.0)
    assert table.values[:, 0].tolist() == [-1, 0, 1, 0, 0, 2]


@pytest.mark.parametrize("cells", [(5, 5, 5, 5, 7, 5), (5, np.nan, np.nan, np.nan, 7, 5)])
def test_a_number_that_never_varies_is_only_centred(cells: tuple[float, ...]) -> None:
    table = encode([], [number(*cells)], TRAIN)
    assert (table.numbers[0].mean, table.numbers[0].scale) == (5.0, 1.0)
    assert table.values[4:, 0].tolist() == [2, 0]


def test_a_number_known_nowhere_in_training_stays_as_it_is() -> None:
    table = encode([], [number(*[np.nan] * 4, 7, np.nan)], TRAIN)
    assert (table.numbers[0].mean, table.numbers[0].scale) == (0.0, 1.0)
    assert table.values[:, 0].tolist() == [0, 0, 0, 0, 7, 0]


@pytest.mark.parametrize(("log", "cells"), [("ln", (1.0, np.e**2)), ("log1p", (0.0, np.e**2 - 1))])
def test_a_logarithm_is_taken_first(log: Any, cells: tuple[float, float]) -> None:
    low, high = cells  # whose logarithms are 0 and 2
    field = Number("n", "N", "", np.array([low, high, low, high, np.nan, high]), log)
    table = encode([], [field], TRAIN)
    assert (table.numbers[0].mean, table.numbers[0].scale) == pytest.approx((1, 1))
    assert table.values[:, 0].tolist() == pytest.approx([-1, 1, -1, 1, 0, 1])
    assert table.numbers[0].raw(table.values[:2, 0]).tolist() == pytest.approx([low, high])


def test_columns_keep_their_order_and_their_side_of_the_table() -> None:
    other = Category("d", "D", pd.Series(list("xyxyxy")))
    table = encode([category(*"aabbab"), other], [number(*[0.0] * 6), number(1, 3, 1, 3, 1, 3)], TRAIN)
    assert [field.name for field in table.categories] == ["c", "d"]
    assert table.codes.tolist() == [[1, 1], [1, 2], [2, 1], [2, 2], [1, 1], [2, 2]]
    assert table.values[:2].tolist() == [[0, -1], [0, 1]]


def test_words_say_what_was_encoded() -> None:
    table = encode([category("b", None, "a", "b", "q", "a")], [number(10, 30, 10, -30, 1234.5, 20)], TRAIN)
    assert list(table.words(1)) == [("C", MISSING), ("N", "30.00 kg")]
    assert list(table.words(3)) == [("C", "b"), ("N", "−30.00 kg")]
    assert list(table.words(4)) == [("C", UNKNOWN), ("N", "1,234.50 kg")]
    counted = encode([], [Number("n", "N", "times", np.array([3.0, 20, 1234, np.nan, 7, 1]), "log1p")], TRAIN)
    assert [list(counted.words(row)) for row in (1, 2)] == [[("N", "20 times")], [("N", "1,234 times")]]


def test_nothing_learned_depends_on_later_rows() -> None:
    random = np.random.default_rng(0)
    words = random.choice(list("abcdef"), 40)
    values = random.normal(size=40)
    train = np.arange(40) < 25
    whole = encode([category(*words)], [number(*values)], train)
    words[25:], values[25:] = "zz", 1e6
    changed = encode([category(*words)], [number(*values)], train)
    assert (changed.categories, changed.numbers) == (whole.categories, whole.numbers)
    assert (changed.codes[:25] == whole.codes[:25]).all()
    assert (changed.values[:25] == whole.values[:25]).all()


# the split


@pytest.mark.parametrize(("events", "bounds"), [(1000, (850, 900)), (2000, (1700, 1800)), (33, (28, 30))])
def test_time_bounds(events: int, bounds: tuple[int, int]) -> None:
    assert time_bounds(events) == bounds


def test_time_bounds_of_other_shares() -> None:
    assert time_bounds(100, validation=0.25, test=0.5) == (25, 50)


# what is refused at the border

FIELD = CategoryField("c", "C", (UNKNOWN, "a"))
LENGTH = NumberField("n", "N", "", 0.0, 1.0)


def table_of(rows: int) -> Table:
    return Table((FIELD,), (LENGTH,), np.ones((rows, 1), np.int32), np.zeros((rows, 1), np.float32))


def dataset(**changes: Any) -> Dataset:
    parts: dict[str, Any] = {
        "name": "toy",
        "title": "Toy",
        "note": "A toy.",
        "queries": table_of(4),
        "items": table_of(3),
        "item_names": ("x", "y", "z"),
        "positive": np.array([0, 2, 2, 1]),
        "user": np.array([0, 0, 1, 1]),
        "when": np.array([5, 5, 6, 9]),
        "bounds": (2, 3),
    }
    return Dataset(**{**parts, **changes})


def codes(*rows: list[int], kind: Any = np.int32) -> NDArray[Any]:
    return np.array(rows, kind)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"codes": codes([1, 1], [1, 1])}, r"expected int32 codes .* got int32 \(2, 2\)"),
        ({"codes": codes([1], [1], kind=np.int64)}, "expected int32 codes .* got int64"),
        ({"codes": codes([1])}, r"expected float32 values of shape \(1, 1\), got float32 \(2, 1\)"),
        ({"values": np.zeros((2, 1))}, "expected float32 values .* got float64"),
        ({"values": np.zeros((2, 2), np.float32)}, r"shape \(2, 1\), got float32 \(2, 2\)"),
        ({"codes": codes([1], [2])}, "expected codes of c between 0 and 1"),
        ({"codes": codes([-1], [1])}, "expected codes of c between 0 and 1"),
        ({"values": np.array([[0], [np.nan]], np.float32)}, "expected finite numbers"),
        ({"values": np.array([[0], [np.inf]], np.float32)}, "expected finite numbers"),
    ],
)
def test_a_table_that_does_not_fit(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(table_of(2), **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"positive": np.array([0, 1])}, r"expected positive as int64 of shape \(4,\), got int64 \(2,\)"),
        ({"user": np.zeros(4, np.int32)}, "expected user as int64 .* got int32"),
        ({"when": np.zeros((4, 1), np.int64)}, r"expected when .* got int64 \(4, 1\)"),
        ({"item_names": ("x",)}, "expected 3 item names, got 1"),
        ({"bounds": (0, 2)}, r"expected train, validation and test events, got bounds \(0, 2\) of 4"),
        ({"bounds": (2, 2)}, "expected train, validation and test"),
        ({"bounds": (2, 4)}, "expected train, validation and test"),
        ({"when": np.array([5, 4, 6, 9])}, "expected events sorted by time"),
        ({"positive": np.array([0, 1, 2, 3])}, "expected positives between 0 and 2"),
        ({"positive": np.array([0, 1, 2, -1])}, "expected positives between 0 and 2"),
    ],
)
def test_a_dataset_that_does_not_fit(changes: dict[str, Any], message: str) -> None:
    dataset()
    with pytest.raises(ValueError, match=message):
        dataset(**changes)


def test_a_dataset_cannot_be_changed() -> None:
    data = dataset()
    for array in (data.positive, data.user, data.when, data.queries.codes, data.items.values):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_parts_and_counts() -> None:
    data = dataset()
    assert [data.part(part) for part in ("train", "validation", "test")] == [slice(0, 2), slice(2, 3), slice(3, 4)]
    assert data.counts.tolist() == [1, 0, 1]  # of the training part only


@pytest.mark.parametrize(
    "changes",
    [
        {"positive": np.array([0, 2, 2, 2])},
        {"user": np.array([0, 0, 1, 2])},
        {"when": np.array([5, 5, 6, 10])},
        {"bounds": (1, 3)},
        {"item_names": ("x", "y", "w")},
        {"queries": dataclasses.replace(table_of(4), codes=np.zeros((4, 1), np.int32))},
        {"items": dataclasses.replace(table_of(3), values=np.ones((3, 1), np.float32))},
        {"items": dataclasses.replace(table_of(3), categories=(CategoryField("c", "C", (UNKNOWN, "b")),))},
    ],
)
def test_other_content_another_hash(changes: dict[str, Any]) -> None:
    assert dataset().hash == dataset().hash
    assert dataset(**changes).hash != dataset().hash
