"""Any table is read as it is: separators, encodings, packing and databases; what is none ends in a sentence."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sqlite3
import zipfile
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from pdcn.settings import SettingError
from pdcn.sources.table.draft import EVENTS, Draft, Files, begin, discard
from pdcn.sources.table.engine import engine
from pdcn.sources.table.kept import folder_of_all
from pdcn.sources.table.limits import Limits

ROWS = [(f"{at % 7:03}", f'Tee; "grün", {at % 5}|x', f"2026-11-{1 + at % 28:02} 10:15") for at in range(200)]
FRAME = pd.DataFrame(ROWS, columns=["user", "item", "time"])


def cells(draft: Draft) -> list[tuple[str, ...]]:
    """The cells of the events as they were read."""
    with engine(draft.folder) as running:
        rows = running.rows(f"SELECT c0, c1, c2 FROM {running.table(EVENTS)} ORDER BY file_row_number")
    discard(draft)
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_separators_and_encodings(tmp_path: Path, separator: str, encoding: str) -> None:
    path = tmp_path / "log.csv"
    FRAME.to_csv(path, sep=separator, index=False, encoding=encoding)
    draft = begin(Files(str(path)))
    assert draft.tables[EVENTS].columns == ("user", "item", "time")
    assert cells(draft) == ROWS


def test_packed_files(tmp_path: Path) -> None:
    text = FRAME.to_csv(index=False).encode()
    packed = {"a.gz": gzip.compress(text), "a.bz2": bz2.compress(text), "a.xz": lzma.compress(text)}
    packed["a.zst"] = pa.compress(text, codec="zstd", asbytes=True)
    for name, data in packed.items():
        (tmp_path / name).write_bytes(data)
        assert cells(begin(Files(str(tmp_path / name)))) == ROWS
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("folder/log.csv", text)
    assert cells(begin(Files(str(tmp_path / "a.zip")))) == ROWS


def test_tables_that_know_types(tmp_path: Path) -> None:
    typed = FRAME.assign(time=pd.to_datetime(FRAME["time"]))
    typed.to_parquet(tmp_path / "log.parquet")
    with pa.OSFile(str(tmp_path / "log.arrow"), "wb") as file:
        table = pa.Table.from_pandas(typed, preserve_index=False)
        with pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    with duckdb.connect(str(tmp_path / "log.duckdb")) as base:
        base.execute("CREATE TABLE other AS SELECT 1 AS one")
        base.register("frame", typed)
        base.execute('CREATE TABLE "my events" AS SELECT * FROM frame')
    with sqlite3.connect(tmp_path / "log.sqlite") as lite:
        FRAME.to_sql("events", lite, index=False)
    lite.close()
    expected = [(user, item, f"{time}:00") for user, item, time in ROWS]
    assert cells(begin(Files(str(tmp_path / "log.parquet")))) == expected
    assert cells(begin(Files(str(tmp_path / "log.arrow")))) == expected
    assert cells(begin(Files(f"{tmp_path}/log.duckdb::my events"))) == expected
    assert cells(begin(Files(str(tmp_path / "log.sqlite")))) == ROWS
    with pytest.raises(SettingError, match=r"has the tables .*my events.*; name one of them"):
        begin(Files(str(tmp_path / "log.duckdb")))


def test_moments_with_a_zone_are_moments_in_every_zone(tmp_path: Path) -> None:
    zoned = FRAME.assign(time=pd.to_datetime(FRAME["time"]).dt.tz_localize("Europe/Berlin"))
    zoned.to_parquet(tmp_path / "log.parquet")
    draft = begin(Files(str(tmp_path / "log.parquet")))
    assert cells(draft) == [(user, item, f"{time[:10]} 09:15:00Z") for user, item, time in ROWS]


def test_a_stream_of_arrow(tmp_path: Path) -> None:
    table = pa.Table.from_pandas(FRAME, preserve_index=False)
    with pa.OSFile(str(tmp_path / "log.arrows"), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table, 50)
    assert cells(begin(Files(str(tmp_path / "log.arrows")))) == ROWS


def test_a_table_in_a_schema_is_found_by_its_own_name(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "log.duckdb")) as base:
        base.execute("CREATE TABLE other AS SELECT 1 AS one")
        base.register("frame", FRAME)
        base.execute("CREATE SCHEMA shop")
        base.execute("CREATE TABLE shop.orders AS SELECT * FROM frame")
    for name in ("orders", "shop.orders"):
        assert cells(begin(Files(f"{tmp_path}/log.duckdb::{name}"))) == ROWS


@pytest.mark.parametrize("above", ["\n\n", "My shop\nexported on Monday\n\n", "# a tool wrote this\n", '"sep=;"\n'])
@pytest.mark.parametrize("header", ["user;item;time\n", ""])
def test_lines_above_the_table_are_no_rows(tmp_path: Path, above: str, header: str) -> None:
    rows = [(f"{at % 7:03}", f"p{at % 5}", f"2026-11-{1 + at % 28:02}") for at in range(200)]
    (tmp_path / "log.csv").write_text(above + header + "".join(";".join(row) + "\n" for row in rows))
    draft = begin(Files(str(tmp_path / "log.csv")))
    assert draft.tables[EVENTS].header == bool(header)
    assert draft.tables[EVENTS].above == tuple(line for line in above.split("\n") if line and "sep=" not in line)
    assert cells(draft) == rows


@pytest.mark.parametrize("between", [" ", "   "])
def test_blanks_between_cells(tmp_path: Path, between: str) -> None:
    rows = [(f"{at % 7:03}", f"p{at % 5}", f"{1_700_000_000 + at}") for at in range(200)]
    (tmp_path / "log.txt").write_text("".join(between.join(row) + " \n" for row in [("user", "item", "time"), *rows]))
    assert cells(begin(Files(str(tmp_path / "log.txt")))) == rows


def test_whole_numbers_that_became_floats_stay_ids(tmp_path: Path) -> None:
    """As pandas makes them of a column with an empty cell."""
    pd.DataFrame({"user": [7.0, 8.0, None], "item": ["a", "b", "c"], "price": [1.5, 2.0, 3.0]}).to_parquet(
        tmp_path / "p"
    )
    assert cells(begin(Files(str(tmp_path / "p"))))[:2] == [("7", "a", "1.5"), ("8", "b", "2.0")]


def test_a_view_reads_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    with duckdb.connect(str(tmp_path / "log.duckdb")) as base:
        base.execute(f"CREATE VIEW events AS SELECT * FROM read_csv('{tmp_path}/secret.csv')")
    with pytest.raises(SettingError, match=r"^events is a view in log\.\w+, and views are not run; make a table of it"):
        begin(Files(f"{tmp_path}/log.duckdb::events"))
    with sqlite3.connect(tmp_path / "log.sqlite") as lite:
        lite.execute("CREATE VIEW events AS SELECT 1 AS user")
    lite.close()
    with pytest.raises(SettingError, match=r"^events is a view in log\.\w+, and views are not run; make a table of it"):
        begin(Files(f"{tmp_path}/log.sqlite::events"))


def test_the_name_of_a_file_means_nothing(tmp_path: Path) -> None:
    FRAME.to_csv(tmp_path / "other.csv", index=False)
    FRAME.head(3).to_csv(tmp_path / "*.csv", index=False)
    assert len(cells(begin(Files(f"{tmp_path}/*.csv")))) == 3
    with pytest.raises(SettingError, match="expected a file"):
        begin(Files("s3://bucket/log.csv"))
    with engine(tmp_path / "home") as running:
        for query in (f"FROM read_csv('{tmp_path}/other.csv')", "INSTALL httpfs", "LOAD httpfs", "SET threads = 1"):
            with pytest.raises(SettingError, match="can't be read as a table"):
                running.run(query)


def bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("log.csv", b"user,item\n" + b"a,b\n" * 3_000_000)
    return path


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(99), "is no table"),
        (b"\x1f\x8b\x08\0" + b"broken" * 9, "is damaged"),
        (b"PK\x03\x04" + bytes(50), "is damaged"),
        (b"PAR1" + bytes(50), "can't be read as a table"),
        (b"ARROW1" + bytes(50), "is damaged"),
        (b"SQLite format 3\0" + bytes(99), "is damaged"),
        (b"user,item\n", "has no rows"),
        (b"user,item,text\n1,2," + b"x" * 2_000 + b"\n1,3,y\n", "has 2,000 characters in row 1, and at most 1,000"),
        (b'user,item,text\n1,2,"' + b"x" * 3_000_000 + b'"\n', "can't be read as a table"),
        (b"x" * 12_000_000, "takes more than 10 MB"),
        (b"user,item" + b",c" * 60 + b"\n" + b"1,2" + b",3" * 60 + b"\n", "has 62 columns, and at most 50"),
        (
            b"user\n" + b"1\n" * 99,
            r"has one column only \('user'\); expected a table whose cells are separated by commas",
        ),
        (b'{"user": 1, "item": 2}\n' * 9, "is JSON, which is not read; write it as CSV or Parquet"),
        (b'[\n {"user": 1, "item": 2}]', "is JSON, which is not read"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "is an Excel workbook, which is not read; save its sheet as CSV"),
        (gzip.compress(bytes(257) + b"ustar" + bytes(300), mtime=0), "is an archive of files; unpack it and name one"),
        (gzip.compress(gzip.compress(b"user,item\n1,2\n", mtime=0), mtime=0), "is packed twice; unpack it once"),
        (b"ORC" + bytes(99), "is in a format that is not read; write it as Parquet or CSV"),
        (b"\xff\xff\xff\xff" + bytes(99), "is damaged"),
        (b"user,item\n" + b"1,2\n" * 2_000, "has 2,000 rows, and at most 1,000"),
    ],
)
def test_what_is_no_table_ends_in_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "log.csv").write_bytes(content)
    limits = Limits(file=10, rows=1_000, columns=50, cell=1_000)
    with pytest.raises(SettingError, match=sentence) as caught:
        begin(Files(str(tmp_path / "log.csv")), limits)
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)
    assert not [*folder_of_all().iterdir()]  # nothing half is left


def test_archives_of_others(tmp_path: Path) -> None:
    """What a system puts into an archive by itself does not count; a workbook is an archive, too."""
    text = FRAME.to_csv(index=False)
    members = {"log.zip": ("data/log.csv", "__MACOSX/data/._log.csv", "data/.DS_Store"), "two.zip": ("a.csv", "b.csv")}
    for name, inside in (members | {"book.xlsx": ("[Content_Types].xml", "xl/workbook.xml")}).items():
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for member in inside:
                archive.writestr(member, text)
    assert cells(begin(Files(str(tmp_path / "log.zip")))) == ROWS
    for name, said in (("two.zip", r"several files or none \(a.csv, b.csv\)"), ("book.xlsx", "is an Excel workbook")):
        with pytest.raises(SettingError, match=said):
            begin(Files(str(tmp_path / name)))
    with pytest.raises(SettingError, match=r"is a folder \(book.xlsx, home, log.zip, two.zip"):
        begin(Files(str(tmp_path)))


def test_what_is_packed_too_tightly_is_not_unpacked(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="takes more than 10 MB unpacked"):
        begin(Files(str(bomb(tmp_path / "log.zip"))), Limits(file=10))
    with pytest.raises(SettingError, match="expected a file"):
        begin(Files("/dev/zero"))


def test_limits_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDCN_IMPORT_ROWS", "12")
    assert Limits.here().rows == 12
    monkeypatch.setenv("PDCN_IMPORT_ROWS", "many")
    with pytest.raises(SettingError, match="PDCN_IMPORT_ROWS: expected a whole number"):
        Limits.here()


def test_lines_with_too_many_cells_are_counted_and_told(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("user,item,time\n1,2,3\n1,2,3,4\n5,6\n7,8,9\n")
    draft = begin(Files(str(tmp_path / "log.csv")))
    assert cells(draft) == [("1", "2", "3"), ("5", "6", None), ("7", "8", "9")]
    broken = draft.tables[EVENTS].broken
    assert (broken.count, broken.line, broken.cells) == (1, 3, "1,2,3,4")
