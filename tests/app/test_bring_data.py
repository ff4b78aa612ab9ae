"""A person brings files to the Data page: they are read, looked at, changed, imported, shown, compared on, deleted."""

from __future__ import annotations

import re
import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pdcn.files import home
from pdcn.sources.table.kept import kept, names
from tests.app.app_help import button, charts, follow, labels, open_app, press, set_to, texts, widget

NASTY = "![x](http://evil.example) **b**"


def log(column: str = "price", rows: int = 600) -> bytes:
    """Events of 30 users with 40 items over a year; a further column has the same number for an item."""
    draws = np.random.default_rng(0)
    lines = [f"user_id,item_id,timestamp,{column}"]
    for at in range(rows):
        item = int(draws.integers(40))
        lines.append(f"u{at % 30},i{item:02},2025-{1 + at * 12 // rows:02}-{1 + at % 28:02},{NASTY} {item % 4}")
    return "\n".join(lines).encode()


def brought(content: bytes, name: str = "My log.csv") -> Any:
    """The page once a file of events was read."""
    at = open_app("data", data_of="own")
    (events,) = (one for one in at.file_uploader if one.label == "Events")
    events.set_value((name, content, "text/csv"))
    return press(at.run(), "Read the files")


def role(at: Any, column: str) -> Any:
    """The choice of a column's role."""
    (found,) = [one for one in at.selectbox if one.label == f"Role of {column}"]
    return found


def test_from_a_file_to_a_comparison_and_away_again() -> None:
    at = brought(log())
    assert {one.label: one.value for one in at.selectbox if one.label.startswith("Role of")} == {
        "Role of user_id": "user",
        "Role of item_id": "item",
        "Role of timestamp": "time",
        "Role of price": "item-category",
    }
    assert "own-timeline" in charts(at)
    assert "popularity, recall at 10" in texts(at)
    assert not list(home().glob("cache/.sent-*"))  # what was sent is gone once it was read
    assert widget(at, "own-name").value == "my-log"
    press(at, "Import")
    assert names() == ["my-log"]
    assert widget(at, "data_of").value == "my-log"
    assert "timeline" in charts(at)
    assert "Imported: my-log" in texts(at)
    (record,) = kept("my-log").record["files"]
    assert (record["name"], record["path"]) == ("My log.csv", "")
    link = next(one.proto for one in at.get("page_link") if one.proto.label == "Compare on my-log")
    compared = follow(f"/compare?{link.query_string}")
    assert widget(compared, "dataset").value == "my-log"
    set_to(at, **{"data_of-labelled": "own"})
    press(at, "Delete it for good")
    assert names() == []
    assert "Deleted: my-log." in texts(at)


def test_what_is_chosen_counts() -> None:
    at = brought(log())
    role(at, "price").set_value("leave-out")
    at.run()
    assert "An item has no field beside its id" in texts(at)
    role(at, "timestamp").set_value("leave-out")
    at.run()
    assert "own-timeline" not in charts(at)
    assert "No column has a time" in texts(at)
    role(at, "user_id").set_value("leave-out")
    at.run()
    assert "No column names the user of an event" in texts(at)
    assert button(at, "Import").disabled
    assert "--" not in texts(at).replace("---", "")  # a page has no options
    press(at, "Other files")
    assert "Read the files" in labels(at)
    assert not list(home().glob("data/.*.staging"))


def test_two_dates_on_the_time_line_split_it() -> None:
    at = brought(log())

    def days() -> dict[str, Any]:
        return {one.label: one for one in at.date_input}

    validation, test = days().values()
    assert [*days()] == ["Validation begins", "The test part begins"]
    assert date(2025, 10, 1) < validation.value < test.value < date(2025, 12, 31)
    days()["Validation begins"].set_value(date(2025, 7, 1))
    at.run()
    days()["The test part begins"].set_value(date(2025, 10, 1))
    at.run()
    assert "Models will learn from 300 events and be judged on 150." in texts(at)  # 50 a month
    days()["Validation begins"].set_value(date(2025, 11, 1))
    at.run()
    assert "expected the beginning of validation before that of the test part" in texts(at)
    days()["The test part begins"].set_value(date(2026, 11, 1))
    at.run()
    assert "expected dates that leave events in every part" in texts(at)
    assert button(at, "Import").disabled
    days()["The test part begins"].set_value(date(2025, 12, 1))
    at.run()
    press(at, "Import")
    assert kept("my-log").record["cuts"] == [1_751_328_000, 1_764_547_200]
    assert "Validation begins on 2025-07-01, and the test part on 2025-12-01." in texts(at)


def test_which_rows_are_events_and_what_they_weigh() -> None:
    draws = np.random.default_rng(1)
    kinds = ["buy", "view", "view"]
    rows = [
        f"u{at % 30},i{int(draws.integers(40))},{1_700_000_000 + 3_600 * at},{1 + at % 5},{kinds[at % 3]}"
        for at in range(900)
    ]
    at = brought("\n".join(["user,item,time,rating,event_type", *rows]).encode())

    def number(label: str) -> Any:
        (found,) = [one for one in at.number_input if one.label == label]
        return found

    def events() -> str:
        return str(next(one.value for one in at.metric if one.label == "events in all parts"))

    assert number("A row is an event from this rating on").value == 4
    assert events() == "360"
    number("A row is an event from this rating on").set_value(None)
    at.run()
    assert events() == "900"
    number("Weight of view").set_value(0.0)
    at.run()
    assert events() == "300"
    (repeats,) = [one for one in at.button_group if one.label == "The same user and item again"]
    repeats.set_value("once")
    at.run()
    pairs = {tuple(row.split(",")[:2]) for row in rows[::3]}
    assert events() == f"{len(pairs)}"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty; expected a table"),
        (b"\x89PNG\x00\x00" * 50, "is no table; expected CSV"),
        (b"user,item\n1,2\n", "are left, and at least 30 events"),
    ],
)
def test_a_file_that_is_none_is_one_sentence(content: bytes, said: str) -> None:
    at = brought(content, "../../etc/passwd")
    assert said in texts(at)
    assert str(home()) not in texts(at)
    assert len(at.error) == 1


def test_a_table_within_a_database_and_one_of_items(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    users, items = [f"u{at % 30}" for at in range(600)], [f"i{at * at % 37}" for at in range(600)]
    with sqlite3.connect(path) as base:
        pd.DataFrame({"user": users, "item": items}).to_sql("orders", base, index=False)
        pd.DataFrame({"item": sorted(set(items)), "size": "large"}).to_sql("goods", base, index=False)
    base.close()
    at = open_app("data", data_of="own")
    files = {one.label: one for one in at.file_uploader}
    files["Events"].set_value(("shop.db", path.read_bytes(), ""))
    files["Items, if you have them"].set_value(("goods.csv", b"item,colour\ni0,red\ni1,blue\ni4,red\n", ""))
    press(at.run(), "Read the files")
    assert "has the tables orders, goods; name one of them." in texts(at)
    for wrong in ("::../../../../etc/passwd", "none"):
        next(one for one in at.text_input if one.label == "Table in the database").set_value(wrong)
        press(at.run(), "Read the files")
        assert "name one of them." in texts(at)
    next(one for one in at.text_input if one.label == "Table in the database").set_value("orders")
    press(at.run(), "Read the files")
    assert role(at, "colour").value == "item-category"
    assert "are not in the table of items" in texts(at)  # which has three of them


def test_a_file_may_be_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDCN_IMPORT_UPLOAD", "1")
    assert "A file may have at most 1 MB here" in texts(brought(b"x" * 1_000_001))


def test_hostile_names_and_cells_are_text() -> None:
    at = brought(log(NASTY), f"{NASTY}.csv")
    assert NASTY in [one.label.replace("`", "")[len("Role of ") :] for one in at.selectbox if "evil" in one.label]
    for _ in range(2):
        shown = [texts(at), *(one.label for one in (*at.selectbox, *at.number_input))]
        assert "![x](http" not in re.sub("`[^`]*`", "", "\n".join(shown))
        if "Import" in labels(at):
            press(at, "Import")


def test_imported_data_whose_file_changed_says_so(tmp_path: Path) -> None:
    from pdcn.sources.table.draft import Files, begin
    from pdcn.sources.table.importing import import_data

    path = tmp_path / "log.csv"
    path.write_bytes(log())
    import_data(begin(Files(str(path))), "mine")
    path.write_bytes(log(rows=500))
    assert "Since then, log.csv changed." in texts(open_app("data", data_of="mine"))


def test_a_random_split_is_not_said_to_be_one_in_time(tmp_path: Path) -> None:
    from pdcn.sources.table.draft import Files, begin, edit
    from pdcn.sources.table.importing import import_data

    path = tmp_path / "log.csv"
    path.write_bytes(log())
    for split, timed in (("time", True), ("per-user", False), ("random", False)):
        import_data(edit(begin(Files(str(path))), split=split), split)  # type: ignore[arg-type]
        said = texts(open_app("data", data_of=split))
        assert ("The events are sorted by time and cut twice" in said) == timed
        assert ("that come last" in said) == timed
