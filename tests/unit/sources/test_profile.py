"""The profile adds up, is plain JSON, and says what the data says."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest

from pdcn.sources.dataset import Dataset
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import UNKNOWN, CategoryField, NumberField
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_world import planted
from pdcn.sources.profile import BINS, EXAMPLES, TOP_VALUES, profile

DATA = planted(PlantedData(events=3000, items=60, users=30, fields=3, values=5, crosses=2))
WIDE = planted(PlantedData(events=2000, items=50, users=10, fields=2, values=200, crosses=0, numbers=0))


def toy() -> Dataset:
    """Eight events: five of training, one of validation, two of test."""
    colour = CategoryField("colour", "Colour", (UNKNOWN, "blue", "red"))
    size = NumberField("size", "Size", "cm", 10.0, 2.0)
    kind = CategoryField("kind", "Kind", (UNKNOWN, "x", "y"))
    picks = np.array([[1], [2], [2], [2], [1], [0], [0], [1]], np.int32)
    sizes = np.array([[-1], [0], [0], [0], [1], [0], [0], [9]], np.float32)
    day = 86_400
    return Dataset(
        "toy",
        "Toy",
        "A toy.",
        Table((colour,), (size,), picks, sizes),
        Table((kind,), (), np.array([[1], [2]], np.int32), np.zeros((2, 0), np.float32)),
        ("First", "Second"),
        np.array([0, 0, 0, 0, 1, 1, 1, 1]),
        np.array([0, 0, 1, 1, 2, 2, 3, 3]),
        np.arange(8) * day,
        (5, 6),
    )


def fields(data: Dataset, kind: str) -> list[dict[str, Any]]:
    return [field for field in profile(data)["fields"] if field["kind"] == kind]


def column_of(data: Dataset, field: dict[str, Any]) -> list[float]:
    """A numeric field over the training events."""
    table = data.queries if field["side"] == "query" else data.items
    column = [number.name for number in table.numbers].index(field["name"])
    rows = np.arange(data.bounds[0]) if table is data.queries else data.positive[: data.bounds[0]]
    return [float(value) for value in table.values[rows, column]]


@pytest.mark.parametrize("data", [DATA, WIDE, toy()], ids=["planted", "wide", "toy"])
def test_plain_json_without_nan(data: Dataset) -> None:
    record = profile(data)
    text = json.dumps(record, allow_nan=False)
    assert json.loads(text) == record


@pytest.mark.parametrize("data", [DATA, WIDE, toy()], ids=["planted", "wide", "toy"])
def test_shares_sum_to_one(data: Dataset) -> None:
    for field in fields(data, "number"):
        assert math.isclose(sum(field["shares"]), 1, abs_tol=1e-12)
        assert len(field["shares"]) == BINS == len(field["edges"]) - 1
        raw = [values * field["scale"] + field["mean"] for values in column_of(data, field)]
        low, high = np.quantile(raw, [0.05, 0.95])
        assert min(raw) <= field["edges"][0] <= low
        assert high <= field["edges"][-1] <= max(raw)
    for field in fields(data, "category"):
        shares = [share for _, share in field["top"]]
        assert shares == sorted(shares, reverse=True)
        assert len(shares) == min(TOP_VALUES, len(shares))
        whole = field["values"] <= TOP_VALUES
        assert math.isclose(sum(shares), 1, abs_tol=1e-12) if whole else 0.05 < sum(shares) < 1


@pytest.mark.parametrize("data", [DATA, WIDE, toy()], ids=["planted", "wide", "toy"])
def test_counts_add_up(data: Dataset) -> None:
    record = profile(data)
    events = len(data.queries)
    assert record["events"] == sum(part["events"] for part in record["split"]) == events
    assert sum(cell["events"] for cell in record["timeline"]) == events
    for part in record["split"]:
        shown = sum(cell["events"] for cell in record["timeline"] if cell["part"] == part["part"])
        assert shown == part["events"]
    assert record["popularity"][-1] == pytest.approx([1, 1])
    shares = np.array(record["popularity"])
    assert (np.diff(shares, axis=0) >= 0).all()
    assert record["hash"] == data.hash


def test_what_it_says_of_a_toy() -> None:
    record = profile(toy())
    colour, size, kind = record["fields"]
    assert (colour["side"], colour["name"], colour["values"], colour["unknown"]) == ("query", "colour", 2, 2 / 8)
    assert colour["top"] == [["red", 3 / 5], ["blue", 2 / 5]]  # of the training events
    assert (size["side"], size["unit"], size["mean"], size["scale"]) == ("query", "cm", 10.0, 2.0)
    assert 8 < size["edges"][0] < 8.4  # in centimetres; the outermost values do not stretch the picture
    assert 11.6 < size["edges"][-1] < 12  # and the 28 of the test part is not seen
    assert kind["side"] == "item"
    assert kind["top"] == [["x", 4 / 5], ["y", 1 / 5]]  # weighted by the training events' choices
    assert record["popularity"] == [[0.5, 4 / 5], [1.0, 1.0]]
    assert record["users"] == 4
    assert record["split"] == [
        {"part": "train", "events": 5, "users": 3, "from": "1970-01-01", "to": "1970-01-05"},
        {"part": "validation", "events": 1, "users": 1, "from": "1970-01-06", "to": "1970-01-06"},
        {"part": "test", "events": 2, "users": 1, "from": "1970-01-07", "to": "1970-01-08"},
    ]
    assert record["truth"] is None


def test_examples_are_test_events_in_words() -> None:
    record = profile(DATA)
    assert len(record["examples"]) == EXAMPLES
    chosen = [example["event"] for example in record["examples"]]
    assert len(set(chosen)) == EXAMPLES
    assert all(DATA.bounds[1] <= event < len(DATA.queries) for event in chosen)
    for example in record["examples"]:
        event = example["event"]
        item = int(DATA.positive[event])
        assert example["item"] == DATA.item_names[item]
        assert example["query_words"] == [list(pair) for pair in DATA.queries.words(event)]
        assert example["item_words"] == [list(pair) for pair in DATA.items.words(item)]
        assert example["user"] == DATA.user[event]


def test_the_truth_is_told_where_it_is_known() -> None:
    crosses = profile(DATA)["truth"]
    assert [cross["side"] for cross in crosses] == ["query"] * 2 + ["item"] * 2
    assert all(len(cross["fields"]) == 2 and cross["strength"] > 0 for cross in crosses)


def test_a_number_that_never_varies() -> None:
    data = toy()
    flat = dataclasses.replace(data, queries=dataclasses.replace(data.queries, values=np.zeros((8, 1), np.float32)))
    (size,) = fields(flat, "number")
    assert sum(size["shares"]) == 1
    assert size["edges"][0] < 10 < size["edges"][-1]
