"""The Complete Journey, written to CSV and imported, is the same data as the source that comes with the project, and a
comparison on it finds the same of every event."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pdcn.arrays import Flags
from pdcn.dials import assemble
from pdcn.jobs.study import Study
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.sources import journey_events, load
from pdcn.sources.dataset import Dataset
from pdcn.sources.encode import Category, Number, encode
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import MISSING
from pdcn.sources.journey import JourneyData
from pdcn.sources.journey_raw import household_ids, load_raw, time_cuts
from pdcn.sources.own import OwnData
from pdcn.sources.table.draft import Files, begin, edit
from pdcn.sources.table.features import GIVEN
from pdcn.sources.table.importing import import_data

SMALL: dict[str, Any] = {"updates": 20, "seeds": 2, "deep": (16,), "output": 8, "match": "none"}


@pytest.fixture
def numbers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Number]:
    """The numbers of the Journey as they are before they are standardised."""
    found: dict[str, Number] = {}

    def heard(categories: Sequence[Category], columns: Sequence[Number], train: Flags) -> Table:
        found.update({one.name: one for one in columns})
        return encode(categories, columns, train)

    monkeypatch.setattr(journey_events, "encode", heard)
    return found


def cells(table: Table, numbers: dict[str, Number]) -> dict[str, Any]:
    """The columns of a table as they were before they were encoded."""
    found: dict[str, Any] = {}
    for field, codes in zip(table.categories, table.codes.T, strict=True):
        words = np.array([None if word == MISSING else word for word in field.values], object)
        found[field.name] = words[codes]
    return found | {field.name: numbers[field.name].cells for field in table.numbers}


def imported(journey: Dataset, numbers: dict[str, Number], folder: Path) -> None:
    """Write the Journey to two files of text, and import them with the dates at which the source cuts it.

    It takes them from all lines of the tills, of which some are no events, so they have to be given.
    """
    query, item = cells(journey.queries, numbers), cells(journey.items, numbers)
    ids = np.array([name.rpartition("(#")[2].rstrip(")") for name in journey.item_names], object)
    log = {"who": journey.user, "what": ids[journey.positive], "seconds": journey.when}
    pd.DataFrame({**log, **query}).to_csv(folder / "events.csv", index=False)
    pd.DataFrame({"what": ids, **item}).to_csv(folder / "items.csv", index=False)
    roles = {"events.who": "user", "events.what": "item", "seconds": "time", "items.what": "item"}
    for table, side, names in (("events", "query", query), ("items", "item", item)):
        roles |= {f"{table}.{name}": f"{side}-category" for name in names if name not in numbers}
        # which logarithm is guessed from how a column spreads, and the source has it by hand
        roles |= {f"{table}.{n}": f"{side}-number:{numbers[n].log or 'plain'}" for n in names if n in numbers}
    draft = edit(
        begin(Files(str(folder / "events.csv"), items=str(folder / "items.csv"))), roles=roles, cuts=cuts_of_quick()
    )
    import_data(draft, "journey-again")


def cuts_of_quick() -> tuple[int, int]:
    """The seconds at which the source begins validation and test."""
    raw = load_raw()
    return time_cuts(raw.transactions[raw.transactions["household_id"].isin(household_ids(raw, "quick"))])


def found_on(made: Dataset, store: Store, **data: Any) -> RunFolder:
    """What both arms find on a dataset that these dials name."""
    folder = store.create(assemble({**data, **SMALL}), "cpu", own=True)
    assert Study(folder, load=lambda _: made).run() == "done"
    return folder


@pytest.mark.slow
def test_the_same_data_and_the_same_comparison(tmp_path: Path, numbers: dict[str, Number]) -> None:
    journey = journey_events.journey(JourneyData(size="quick"))
    imported(journey, numbers, tmp_path)
    settings = {"own_ids": False, "moments": False, "gaps": False}  # the ids are fields of their own, as for the source
    again = load(OwnData(dataset="journey-again", **settings))
    assert again.bounds == journey.bounds
    for name in ("when", "positive", "user"):
        assert getattr(again, name).tolist() == getattr(journey, name).tolist(), name
    for ours, theirs in ((again.queries, journey.queries), (again.items, journey.items)):
        taken = {"weekday": "weekday_2", "hour": "hour_2"}  # names that an import has a use for itself
        assert [field.name for field in ours.fields] == [taken.get(field.name, field.name) for field in theirs.fields]
        assert [field.values for field in ours.categories] == [field.values for field in theirs.categories]
        assert [(n.mean, n.scale, n.log) for n in ours.numbers] == [(n.mean, n.scale, n.log) for n in theirs.numbers]
        assert ours.codes.tobytes() == theirs.codes.tobytes()
        assert ours.values.tobytes() == theirs.values.tobytes()
    store = Store(tmp_path / "runs")
    there = found_on(journey, store, data="journey", size="quick")
    here = found_on(again, store, data="own", dataset="journey-again", **settings)
    for name in ("ranks.parquet", "slices.parquet"):
        one, other = (pd.read_parquet(folder.path / name) for folder in (there, here))
        labels = ["field"] * ("field" in one)  # what fields are called
        pd.testing.assert_frame_equal(one.drop(columns=labels), other.drop(columns=labels), check_exact=True)
    assert there.whole_result()["comparison"] == here.whole_result()["comparison"]  # type: ignore[index]
    it_adds(load(OwnData(dataset="journey-again")), journey, numbers)


def it_adds(again: Dataset, journey: Dataset, numbers: dict[str, Number]) -> None:
    """What an import adds by itself: ids, the weekday and hour of a moment, and whether a number is missing."""
    for ours, theirs, added in (
        (again.queries, journey.queries, ["user", "weekday", "hour"]),
        (again.items, journey.items, ["item"]),
    ):
        names = [field.name for field in ours.fields]
        lacking = [number.name for number in theirs.numbers if np.isnan(numbers[number.name].cells).any()]
        assert lacking
        assert names[: len(added)] == added
        assert [name for name in names if name.endswith(GIVEN)] == [f"{name}{GIVEN}" for name in lacking]
        assert len(names) == len(theirs.fields) + len(added) + len(lacking)
