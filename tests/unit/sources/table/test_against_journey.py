"""The Complete Journey, written to CSV and imported, is the same data as the source that comes with the project."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pdcn.sources import load
from pdcn.sources.encode import Category, Number, encode
from pdcn.sources.journey import JourneyData
from pdcn.sources.own import OwnData
from pdcn.sources.schema import MISSING, CategoryField, Table
from pdcn.sources.table.draft import Files, begin, edit
from pdcn.sources.table.importing import import_data

EVENTS = 9_000


def columns(table: Table, rows: slice) -> dict[str, list[object]]:
    """A table as columns of words and of numbers in their own unit; empty cells are None."""
    found: dict[str, list[object]] = {}
    for field, codes in zip(table.categories, table.codes[rows].T, strict=False):
        words = [field.values[code] for code in codes]
        found[field.name] = [None if word == MISSING else word for word in words]
    for number, values in zip(table.numbers, table.values[rows].T, strict=True):
        found[number.name] = [None if value == 0 else float(number.raw(float(value))) for value in values]
    return found


def test_the_same_events_items_and_codes(tmp_path: Path) -> None:
    journey = load(JourneyData(size="quick"))
    rows = slice(0, EVENTS)
    query, item = columns(journey.queries, rows), columns(journey.items, slice(None))
    ids = [name.rpartition("(#")[2].rstrip(")") for name in journey.item_names]
    log = {"seconds": journey.when[rows], "product_id": [ids[at] for at in journey.positive[rows]], **query}
    pd.DataFrame(log).to_csv(tmp_path / "events.csv", index=False)
    pd.DataFrame({"product_id": ids, **item}).to_csv(tmp_path / "items.csv", index=False)
    draft = begin(Files(str(tmp_path / "events.csv"), items=str(tmp_path / "items.csv")))
    numbers = {field.name for table in (journey.queries, journey.items) for field in table.numbers}
    roles = {"household": "user", "seconds": "time"}
    for table, names in (("events", query), ("items", item)):
        side = "query" if table == "events" else "item"
        roles |= {f"{table}.{name}": f"{side}-{'number' if name in numbers else 'category'}" for name in names}
    del roles["events.household"]
    import_data(edit(draft, roles=roles), "journey-again")
    own = load(OwnData(dataset="journey-again", own_ids=False, moments=False))
    assert own.when.tolist() == journey.when[rows].tolist()
    assert own.item_names == tuple(ids)  # in the same order
    assert own.positive.tolist() == journey.positive[rows].tolist()
    assert len({*zip(own.user.tolist(), journey.user[rows].tolist(), strict=True)}) == own.users()
    trained = np.bincount(own.positive[: own.bounds[0]], minlength=len(ids)) > 0
    for own_table, cells, train in (
        (own.queries, query, np.arange(EVENTS) < own.bounds[0]),
        (own.items, item, trained),
    ):
        fields = {field.name: at for at, field in enumerate(own_table.fields)}
        for name, raw in cells.items():
            if name == "household":
                continue
            wanted = fields[f"{name}_2" if f"{name}_2" in fields else name]
            field = own_table.fields[wanted]
            if isinstance(field, CategoryField):
                expected = encode([Category(name, "", pd.Series(raw, dtype="object"))], [], train)
                assert field.values == expected.categories[0].values, name
                assert own_table.codes[:, wanted].tolist() == expected.codes[:, 0].tolist(), name
            else:
                at = wanted - len(own_table.categories)
                plain = np.array([np.nan if cell is None else cell for cell in raw], np.float64)
                expected = encode([], [Number(name, "", "", plain, field.log)], train)
                assert own_table.values[:, at] == pytest.approx(expected.values[:, 0], abs=1e-4), name
