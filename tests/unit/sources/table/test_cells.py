"""Numbers and moments as several countries write them: what is read from a cell is what Python reads from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pdcn.sources.table.cells import moment_form, moment_term, number_form, number_term
from pdcn.sources.table.engine import engine, literal


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str, list[str]], list[float | None]]:
    """What a term of a query reads from cells."""

    def reading(term: str, cells: list[str]) -> list[float | None]:
        values = ", ".join(f"({literal(cell)})" for cell in cells)
        with engine(tmp_path) as running:
            return [row[0] for row in running.rows(f"SELECT {term} FROM (VALUES {values}) t(c)")]

    return reading


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1.5", "-2", "3e2", "NA", "free"], [1.5, -2.0, 300.0, None, None]),
        (["1,234.50", "2,000"], [1234.5, 2000.0]),
        (["1.234,50", "2,5", "-3"], [1234.5, 2.5, -3.0]),
        (["1 234,5", "12,25"], [1234.5, 12.25]),
        (["$3.50", "€4", "12%"], [3.5, 4.0, 12.0]),
        (["1e400", "inf", "nan", "2"], [None, None, None, 2.0]),
    ],
)
def test_numbers(read: Callable[..., list[float | None]], cells: list[str], expected: list[float | None]) -> None:
    form = number_form([cell for cell in cells if cell not in ("free", "1e400", "inf", "nan")])
    assert form is not None
    assert read(number_term("c", form.form), cells) == expected


def seconds(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp())  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2026-11-03", "2026-11-14"], [seconds(2026, 11, 3), seconds(2026, 11, 14)]),
        (["2026-11-03T10:15:30Z", "2026-11-03 10:15:30.25"], [seconds(2026, 11, 3, 10, 15, 30)] * 2),
        (
            ["2026-11-03T10:15:00+02:00", "2026-11-03T10:15:00-0530"],
            [seconds(2026, 11, 3, 8, 15), seconds(2026, 11, 3, 15, 45)],
        ),
        (["03.11.2026 10:15", "4.11.2026"], [seconds(2026, 11, 3, 10, 15), seconds(2026, 11, 4)]),
        (["11/1/2000", "11/13/2000 3:05 PM"], [seconds(2000, 11, 1), seconds(2000, 11, 13, 15, 5)]),
        (["13/11/2000", "1/11/2000"], [seconds(2000, 11, 13), seconds(2000, 11, 1)]),
        (["01-Jan-1995", "14-Feb-1995"], [seconds(1995, 1, 1), seconds(1995, 2, 14)]),
        (["Nov 3, 2026", "Nov 14, 2026"], [seconds(2026, 11, 3), seconds(2026, 11, 14)]),
        (["20001101", "20001231"], [seconds(2000, 11, 1), seconds(2000, 12, 31)]),
        (["2026/11/3", "2026/1/14"], [seconds(2026, 11, 3), seconds(2026, 1, 14)]),
        (["881250949", "891717742"], [881250949, 891717742]),
        (["1700000000123", "1700000001999"], [1700000000, 1700000001]),
        (["01.02.99", "13.02.99"], [seconds(1999, 2, 1), seconds(1999, 2, 13)]),
        (["3. März 2026", "14. Mai 2026 10:15"], [seconds(2026, 3, 3), seconds(2026, 5, 14, 10, 15)]),
        (["3 février 2026", "1 août 2026"], [seconds(2026, 2, 3), seconds(2026, 8, 1)]),
        (["3 de noviembre de 2026", "14 ene 2026"], [seconds(2026, 11, 3), seconds(2026, 1, 14)]),
        (["November 3, 2026", "May 14, 2026"], [seconds(2026, 11, 3), seconds(2026, 5, 14)]),
        (["2026年11月3日", "2026年1月14日 10:15"], [seconds(2026, 11, 3), seconds(2026, 1, 14, 10, 15)]),
        (
            ["Tue, 03 Nov 2026 10:15:30 +0000", "Sat, 14 Nov 2026 10:15:30 +0200"],
            [seconds(2026, 11, 3, 10, 15, 30), seconds(2026, 11, 14, 8, 15, 30)],
        ),
        (
            ["Tue Nov  3 10:15:30 2026", "Sat Nov 14 10:15:30 2026"],
            [seconds(2026, 11, 3, 10, 15, 30), seconds(2026, 11, 14, 10, 15, 30)],
        ),
        (["20261103101530", "20260114000000"], [seconds(2026, 11, 3, 10, 15, 30), seconds(2026, 1, 14)]),
        (["1.793700930e+09", "1.78834e+09"], [1_793_700_930, 1_788_340_000]),
    ],
)
def test_moments(read: Callable[..., list[float | None]], cells: list[str], expected: list[int]) -> None:
    form = moment_form(cells)
    assert form is not None
    assert not form.doubtful
    assert read(moment_term("c", form.form), [*cells, "soon", "31.31.2026"]) == [*expected, None, None]


def test_days_and_months_are_told_apart_by_evidence_or_it_is_said() -> None:
    doubtful = moment_form(["01/02/2026", "01/03/2026", "01/04/2026"])
    assert doubtful is not None
    assert (doubtful.doubtful, doubtful.order) == (True, "mdy")  # three days in a row are likelier than three months
    mixed = moment_form(["13/01/2026"] * 3 + ["01/14/2026"])
    assert mixed is not None
    assert (mixed.order, mixed.mixed) == ("dmy", ("%m/%d/%Y",))


@pytest.mark.parametrize("cells", [["7", "8"], ["12345678901"], ["red"], ["1.5"], [], ["NA"], ["2026"], ["10:15"]])
def test_what_is_no_moment(cells: list[str]) -> None:
    assert moment_form(cells) is None
