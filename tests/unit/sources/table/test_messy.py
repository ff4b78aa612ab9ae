"""Whatever is in a file, an import ends with a data set that can be trained on or with one sentence, and nothing else.

`PDCN_MESSY=2000 python -m pytest tests/unit/sources/table/test_messy.py` tries that many files.
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdcn.inert import line
from pdcn.settings import SettingError
from pdcn.sources import load
from pdcn.sources.own import OwnData
from pdcn.sources.table.draft import EVENTS, ROLES, Files, begin, discard, edit
from pdcn.sources.table.importing import import_data
from pdcn.sources.table.kept import folder_of_all
from pdcn.sources.table.limits import Limits
from pdcn.sources.table.preview import preview
from pdcn.sources.table.problems import problems

CASES = int(os.environ.get("PDCN_MESSY", "12"))
LIMITS = Limits(memory=200, file=5, rows=5_000, columns=30, cell=2_000)
NAMES = ("user", "item", "time", "rating", "price", "tags", "", "a b", "user", "'; --", "{x}", "\u202eevil", "count")
CELL = st.one_of(
    st.sampled_from(
        ["", "NA", "007", "1.234,5", "1,5", "2026-11-03", "3/11/2026", "1700000000", "a|b", "=1+1", "\\N", "nan"]
    ),
    st.integers(-5, 50).map(str),
    st.text(max_size=6),
)


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """The bytes of a file that is more or less a table of events."""
    width = draw(st.integers(1, 6))
    names = draw(st.lists(st.sampled_from(NAMES), min_size=width, max_size=width))
    columns = [draw(st.lists(CELL, min_size=1, max_size=5)) for _ in range(width)]
    many = draw(st.integers(0, 80))
    written = io.StringIO()
    out = csv.writer(
        written, delimiter=draw(st.sampled_from(",;\t|")), lineterminator=draw(st.sampled_from(["\n", "\r\n"]))
    )
    if draw(st.booleans()):
        out.writerow(names)
    for at in range(many):
        row = [column[at * (place + 1) % len(column)] for place, column in enumerate(columns)]
        out.writerow(row[: draw(st.integers(1, width))] if draw(st.integers(0, 20)) == 0 else row)
    encoding = draw(st.sampled_from(["utf-8", "utf-16", "cp1252"]))
    data = written.getvalue().encode(encoding, "replace")
    return data[: draw(st.integers(0, len(data)))] if draw(st.integers(0, 9)) == 0 else data


@contextmanager
def one_sentence() -> Iterator[None]:
    """Goes through, or ends with an error that is one sentence."""
    try:
        yield
    except SettingError as error:
        if "\n" in str(error):
            raise AssertionError(str(error)) from error


@settings(max_examples=CASES, suppress_health_check=[*HealthCheck])
@given(data=tables(), choice=st.data())
def test_any_file(data: bytes, choice: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as made, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PDCN_HOME", f"{made}/home")
        path = Path(made) / "log.csv"
        path.write_bytes(data)
        with one_sentence():
            draft = begin(Files(str(path)), LIMITS)
            for column in draft.columns[EVENTS]:
                if choice.draw(st.booleans()):
                    with one_sentence():
                        draft = edit(draft, roles={column.name: choice.draw(st.sampled_from(ROLES[EVENTS]))})
            found = problems(draft)
            assert all(line(one.text) == one.text for one in found)
            if not any(one.level == "error" for one in found):
                seen = preview(draft)
                import_data(draft, "mine")
                dataset = load(OwnData(dataset="mine"))
                assert (len(dataset.queries), len(dataset.items)) == (seen.events, seen.items)
            discard(draft)
        assert {one.name for one in folder_of_all().iterdir()} <= {"mine"} | {
            one.name for one in folder_of_all().glob(".*.staging")
        }
        assert {one.name for one in Path(made).iterdir()} == {"log.csv", "home"}
