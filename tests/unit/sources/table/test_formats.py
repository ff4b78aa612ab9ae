"""What people have comes out right without options: which column is what, which ids, which dates."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pdcn.sources import load
from pdcn.sources.dataset import Dataset
from pdcn.sources.fields import MISSING, BagField
from pdcn.sources.own import OwnData
from pdcn.sources.table.draft import EVENTS, ITEMS, USERS, Draft, Files, begin
from pdcn.sources.table.importing import import_data
from tests.unit.sources.table.formats_help import bare, movielens_1m, movielens_100k, ta_feng


def roles(draft: Draft, table: str = EVENTS) -> list[str]:
    """The roles of a table's columns, in order."""
    return [column.role for column in draft.columns[table]]


def imported(draft: Draft, name: str = "mine", **settings: object) -> Dataset:
    """The dataset that a draft becomes."""
    import_data(draft, name)
    return load(OwnData.model_validate({"dataset": name, **settings}))


def category(dataset: Dataset, side: str, name: str) -> list[str]:
    """The values of a category in words, row by row."""
    table = dataset.queries if side == "query" else dataset.items
    (at,) = [place for place, field in enumerate(table.categories) if field.name == name]
    return [table.categories[at].values[code] for code in table.codes[:, at]]


def test_movielens_100k(tmp_path: Path) -> None:
    files = movielens_100k(tmp_path)
    draft = begin(Files(*files))
    assert roles(draft) == ["user", "item", "value", "time"]
    assert roles(draft, USERS)[:4] == ["user", "query-number", "query-category", "query-category"]
    assert roles(draft, ITEMS) == [
        "item",
        "item-text",
        "item-number",
        "leave-out",
        "leave-out",
        *["item-category"] * 19,
    ]
    assert (draft.split, draft.positive_from) == ("time", 4.0)
    dataset = imported(draft)
    log = pd.read_csv(files[0], sep="\t", header=None, names=["user", "item", "rating", "when"])
    kept = log[log["rating"] >= 4].sort_values("when", kind="stable")
    assert dataset.when.tolist() == kept["when"].tolist()
    assert (
        dataset.user.tolist()
        == np.searchsorted(kept["user"].unique() * 0 + np.sort(kept["user"].unique()), kept["user"]).tolist()
    )
    assert [dataset.item_names[at].partition(" · #")[2] for at in dataset.positive] == kept["item"].astype(str).tolist()
    assert dataset.item_names[0] == "Café 1, The (1951) · #1"
    jobs = ("technician", "other", "writer")
    assert category(dataset, "query", "column_4") == [jobs[user % 3] for user in kept["user"]]
    (released,) = dataset.items.numbers
    days = date(1951, 1, 2).toordinal() - date(1970, 1, 1).toordinal()
    assert float(released.raw(float(dataset.items.values[0, 0]))) == pytest.approx(days, abs=0.01)
    assert category(dataset, "item", "column_3_2_given")[66] == MISSING  # the film without a date


def test_movielens_1m(tmp_path: Path) -> None:
    draft = begin(Files(*movielens_1m(tmp_path)))
    assert roles(draft) == ["user", "item", "value", "time"]
    assert roles(draft, USERS)[:4] == ["user", "query-category", "query-category", "query-category"]
    assert roles(draft, ITEMS) == ["item", "item-text", "item-multi"]
    dataset = imported(draft)
    assert dataset.item_names[4].startswith('Étude 5: The "Film", Part 2 (1955)')
    text, genres = dataset.items.bags
    assert isinstance(genres, BagField)
    assert genres.told(dataset.items.held[1][1]) == "Drama"
    assert genres.told(dataset.items.held[1][3]) == "Children's, Comedy"
    assert set(text.told(dataset.items.held[0][4]).replace(",", "").split()) >= {"étude"}


def test_a_grocery_log_in_one_wide_table(tmp_path: Path) -> None:
    draft = begin(Files(ta_feng(tmp_path)))
    assert roles(draft) == [
        *("time", "user", "query-category", "query-category", "item-category", "item", "leave-out"),
        *("item-number", "item-number"),
    ]
    column = draft.columns[EVENTS][0]
    assert (column.moments, column.warning) == ("%m/%d/%Y", "")
    dataset = imported(draft)
    assert dataset.queries.categories[0].values[1] == "00001069"  # not 1069
    assert date.fromordinal(date(1970, 1, 1).toordinal() + int(dataset.when[0]) // 86_400) == date(2000, 11, 1)
    assert {field.label for field in dataset.items.numbers} == {"ASSET", "SALES PRICE"}
    first, second = dataset.bounds
    assert dataset.when[first - 1] < dataset.when[first]  # no day is in two parts
    assert dataset.when[second - 1] < dataset.when[second]


@pytest.mark.parametrize("header", [True, False])
def test_a_bare_log(tmp_path: Path, header: bool) -> None:
    draft = begin(Files(bare(tmp_path, header=header)))
    assert roles(draft) == ["user", "item", "time"]
    assert bool(draft.columns[EVENTS][0].warning) is not header
    dataset = imported(draft)
    assert (len(dataset.queries), dataset.users()) == (1_500, 40)
    assert dataset.queries.categories[0].values[1:3] == ("001", "002")
    assert [field.name for field in dataset.items.fields] == ["item"]


def test_without_a_time_the_split_is_drawn_and_said(tmp_path: Path) -> None:
    log = pd.read_csv(bare(tmp_path), dtype=str).drop(columns="time")
    log.to_csv(tmp_path / "pairs.csv", index=False)
    draft = begin(Files(str(tmp_path / "pairs.csv")))
    assert draft.split == "random"
    dataset = imported(draft)
    assert dataset.bounds == (1_275, 1_350)
    assert dataset.zone == ""
    assert "drawn at random" in dataset.note
    assert sorted(zip(dataset.user, dataset.positive, strict=True)) != [
        *zip(dataset.user, dataset.positive, strict=True)
    ]


def test_a_time_of_day_in_a_column_of_its_own_is_said(tmp_path: Path) -> None:
    log = pd.read_csv(bare(tmp_path), dtype=str)
    log[["time", "clock"]] = log["time"].str.split(" ", expand=True)
    log.to_csv(tmp_path / "two.csv", index=False)
    draft = begin(Files(str(tmp_path / "two.csv")))
    assert roles(draft) == ["user", "item", "time", "leave-out"]
    assert "write day and time in one column" in draft.columns[EVENTS][3].warning


def test_numbers_that_hardly_come_twice_are_a_feature_and_numbers_of_baskets_are_none(tmp_path: Path) -> None:
    log = pd.read_csv(bare(tmp_path), dtype=str)
    log["temperature"] = np.random.default_rng(0).normal(12, 5, len(log))
    log["transactionid"] = [str(at) if at % 3 == 0 else "" for at in range(len(log))]
    log.to_csv(tmp_path / "more.csv", index=False)
    assert roles(begin(Files(str(tmp_path / "more.csv"))))[3:] == ["query-number", "leave-out"]
