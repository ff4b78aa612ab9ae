"""Landed files as tables of text: one Parquet file each, whose columns are c0, c1 and on, whatever the person's are.

Everything stays text until its role is known, so that the id 007 stays 007. Empty cells are null, and cells have no
blanks around them.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pdcn.inert import line, quoted, short
from pdcn.settings import SettingError
from pdcn.sources.table import words as say
from pdcn.sources.table.cells import like_a_value
from pdcn.sources.table.engine import Engine, literal
from pdcn.sources.table.landing import ARROW, DUCKDB, PARQUET, SQLITE, STREAM, TEXT, Landed
from pdcn.sources.table.nouns import like_a_name

WITHIN = "\x1f"
"""What separates the values of a list, where a file has lists."""
BLANKS = literal(" \t\r\n\u00a0\ufeff")
FIRST = 200
"""Rows that say whether the first of them has the names of the columns."""
ROWS_AT_ONCE = 20_000
BROKEN_KEPT = 1_000
"""Lines with too many cells that are counted and told."""


@dataclass(frozen=True)
class Broken:
    """Lines of a file that are no rows, of which the first is told."""

    count: int = 0
    line: int = 0
    cells: str = ""


@dataclass(frozen=True)
class Staged:
    """A table as it was read: its rows, the person's names of its columns, and how the file is written. `above` are
    lines before the table, blank ones left out."""

    name: str
    rows: int
    columns: tuple[str, ...]
    landed: Landed
    separator: str = ""
    header: bool = True
    broken: Broken = Broken()
    above: tuple[str, ...] = ()


def stage(engine: Engine, name: str, landed: Landed, inner: str = "") -> Staged:
    """Read a landed file into the table `name` of the engine's folder. `inner` names a table within a database."""
    readers = {TEXT: _text, PARQUET: _typed, ARROW: _arrow, STREAM: _arrow, DUCKDB: _database, SQLITE: _sqlite}
    if inner and landed.kind not in (DUCKDB, SQLITE):
        raise SettingError(say.NO_DATABASE(file=quoted(landed.called), table=quoted(inner)))
    found = readers[landed.kind](engine, name, landed, inner)
    Path(landed.path).unlink()
    limits = engine.limits
    if len(found.columns) > limits.columns:
        raise SettingError(say.TOO_MANY_COLUMNS(columns=f"{len(found.columns):,}", most=f"{limits.columns:,}"))
    if found.rows > limits.rows:
        raise SettingError(say.TOO_MANY_ROWS(rows=f"{found.rows:,}", most=f"{limits.rows:,}"))
    if not found.rows:
        raise SettingError(say.NO_ROWS(file=quoted(landed.called)))
    lengths = ", ".join(f"max(length(c{at}))" for at in range(len(found.columns)))
    for at, length in enumerate(engine.row(f"SELECT {lengths} FROM {engine.table(name)}")):
        if (length or 0) > limits.cell:
            row = engine.row(
                f"SELECT min(file_row_number) FROM {engine.table(name)} WHERE length(c{at}) > {limits.cell}"
            )
            told = {"row": f"{row[0] + 1:,}", "length": f"{length:,}", "most": f"{limits.cell:,}"}
            raise SettingError(say.CELL_TOO_LONG(column=quoted(found.columns[at]), **told))
    return found


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names of columns in one line each, none of them empty or there twice.

    >>> unique_names(["a", "a", "", "b"])
    ('a', 'a 2', 'column 3', 'b')
    """
    found: list[str] = []
    for at, name in enumerate(names):
        plain = short(line(name)) or f"column {at + 1}"
        same, number = plain, 1
        while plain in found:
            number += 1
            plain = f"{same} {number}"
        found.append(plain)
    return tuple(found)


def _write(engine: Engine, name: str, cells: Sequence[str], rows: str) -> int:
    """Write columns, given as queries' terms of text, and say how many rows there are."""
    trimmed = ", ".join(f"nullif(trim({cell}, {BLANKS}), '') AS c{at}" for at, cell in enumerate(cells))
    engine.write(name, f"SELECT {trimmed} FROM {rows}")
    count: int = engine.row(f"SELECT count(*) FROM {engine.table(name)}")[0]
    return count


def _text(engine: Engine, name: str, landed: Landed, _: str) -> Staged:
    path = literal(landed.path)
    if _double_colons(Path(landed.path)):
        separator, quote, skipped = "::", "", 0
    else:
        sniffed = engine.row(f"SELECT Delimiter, Quote, SkipRows FROM sniff_csv({path}, sample_size = 20480)")
        separator, quote, skipped = sniffed[0], sniffed[1].replace("(empty)", ""), sniffed[2]
        plainly = _commonest(Path(landed.path))
        if plainly and not _comes(Path(landed.path), separator):
            separator, skipped = plainly, 0  # lines of other lengths among them kept it from being found
        elif not plainly and _between_blanks(Path(landed.path)):
            separator, quote, skipped = "\t", "", 0
        quote = quote or ('"' if separator in ",;" else "")
    above = _above(Path(landed.path), separator, quote)
    skipped = max(skipped, len(above))
    written = {
        "auto_detect": "false",
        "delim": literal(separator),
        "quote": literal(quote),
        "escape": literal(quote),
        "skip": str(skipped),
        "null_padding": "true",
        "parallel": "false",  # several at once can't pad rows where cells have line breaks
        "max_line_size": str(max(2**21, 8 * engine.limits.cell)),
    }
    with Path(landed.path).open(encoding="utf-8", newline="") as file:
        widest = max((row.count(separator) for row in islice(file, FIRST)), default=0) + 1
    if widest > 4 * engine.limits.columns:
        raise SettingError(say.TOO_MANY_COLUMNS(columns=f"{widest:,}", most=f"{engine.limits.columns:,}"))

    def reading(columns: int, **more: str) -> str:
        names = ", ".join(f"c{at}: 'VARCHAR'" for at in range(columns))
        options = ", ".join(f"{key} = {value}" for key, value in {**written, **more}.items())
        return f"read_csv({path}, columns = {{{names}}}, {options})"

    first = engine.rows(f"FROM {reading(widest, header='false')} LIMIT {FIRST}")
    if not first:
        raise SettingError(say.NO_ROWS(file=quoted(landed.called)))
    filled = [max(at + 1 for at, cell in enumerate(row) if cell is not None or at == 0) for row in first]
    columns = max(set(filled), key=filled.count) if separator != "::" else widest
    columns = max(columns, filled[0])
    rows = [row[:columns] for row in first]
    header = names_columns(rows)
    names = [cell or "" for cell in rows[0]] if header else [""] * columns
    kept = {"store_rejects": "true", "rejects_limit": str(BROKEN_KEPT), "header": str(header).lower()}
    count = _write(engine, name, [f"c{at}" for at in range(columns)], reading(columns, **kept))
    told = engine.rows("SELECT line, csv_line FROM reject_errors ORDER BY line")
    broken = Broken(len({at for at, _ in told}), told[0][0], short(told[0][1], 80)) if told else Broken()
    engine.run("DROP TABLE reject_errors")
    engine.run("DROP TABLE reject_scans")
    if columns == 1:
        raise SettingError(say.ONE_COLUMN(file=quoted(landed.called), name=quoted(names[0] or first[0][0] or "")))
    told_above = tuple(line for line in above if line)
    return Staged(name, count, unique_names(names), landed, separator, header, broken, told_above)


def _above(path: Path, separator: str, quote: str) -> list[str]:
    """The lines before the table: those at the beginning that lack what separates cells, where most lines have it."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row.rstrip("\r\n") for row in islice(file, FIRST)]
    if 2 * sum(separator in row for row in rows) < sum(map(bool, rows)):
        return []
    whole = [separator not in row and (not quote or row.count(quote) % 2 == 0) for row in rows]
    return rows[: whole.index(False)] if False in whole else []


def _between_blanks(path: Path) -> bool:
    """Whether blanks stand between the cells of a file, as many as one likes; then a tab is put there instead.

    Each of the first lines has the same number of cells then, and at least two.
    """
    with path.open(encoding="utf-8", newline="") as file:
        counts = {len(row.split()) for row in islice(file, FIRST) if row.strip()}
    if len(counts) != 1 or counts <= {0, 1}:
        return False
    there = path.with_suffix(".tabs")
    with path.open(encoding="utf-8") as file, there.open("w", encoding="utf-8") as tabs:
        tabs.writelines("\t".join(row.split()) + "\n" for row in file)
    there.replace(path)
    return True


def _double_colons(path: Path) -> bool:
    """Whether two colons separate the cells: each of the first lines has them, and equally often."""
    with path.open(encoding="utf-8", newline="") as file:
        counts = {row.count("::") for row in islice(file, FIRST) if row.strip()}
    return len(counts) == 1 and counts != {0}


def _comes(path: Path, separator: str) -> bool:
    """Whether a separator is in the first line."""
    with path.open(encoding="utf-8", newline="") as file:
        return separator in file.readline()


def _commonest(path: Path) -> str:
    """What is in most of the first lines equally often, out of what separates cells; nothing where nothing is."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in islice(file, FIRST) if row.strip()]
    for separator in ("\t", ";", "|", ","):
        counts = [row.count(separator) for row in rows]
        usual = max(set(counts), key=counts.count, default=0)
        if usual and counts.count(usual) * 2 >= len(counts):
            return separator
    return ""


def names_columns(rows: Sequence[Sequence[str | None]]) -> bool:
    """Whether the first of the rows has the names of the columns.

    >>> names_columns([["user", "item"], ["1", "2"]]), names_columns([["1", "ann"], ["2", "bob"]])
    (True, False)
    >>> names_columns([["ann", "tea"], ["bob", "jam"], ["ann", "jam"]]), names_columns([["user", "item"], ["a", "b"]])
    (False, True)
    """
    first, rest = rows[0], rows[1:]
    texts = [cell or "" for cell in first]
    if any(like_a_value(text) for text in texts) or not all(texts[1:]) or not any(texts):
        return False
    if sum(map(like_a_name, texts)) * 2 > len(texts) or not rest:
        return True
    for text, column in zip(texts, zip(*rest, strict=True), strict=True):
        cells = [cell for cell in column if cell]
        if text in cells:
            return False
        if cells and sum(map(like_a_value, cells)) >= 0.9 * len(cells):
            return True
    return all(re.fullmatch(r"[\w .:/()%#-]{0,60}", text) for text in texts)


def _typed(engine: Engine, name: str, landed: Landed, _: str) -> Staged:
    return _of_types(engine, name, landed, f"read_parquet({literal(landed.path)})")


def _of_types(engine: Engine, name: str, landed: Landed, rows: str) -> Staged:
    """A table that knows types, each column as the text that says the same."""
    told = engine.rows(f"DESCRIBE SELECT * FROM {rows}")
    quotes = ['"' + str(column[0]).replace('"', '""') + '"' for column in told]
    floats = [quote for quote, column in zip(quotes, told, strict=True) if column[1] in ("FLOAT", "DOUBLE")]
    whole = set()
    if floats:
        asked = ", ".join(f"bool_and(isnan({q}) OR ({q} = trunc({q}) AND abs({q}) < 1e15))" for q in floats)
        whole = {q for q, yes in zip(floats, engine.row(f"SELECT {asked} FROM {rows}"), strict=True) if yes}
    cells = [_as_text(quote, str(column[1]), quote in whole) for quote, column in zip(quotes, told, strict=True)]
    return Staged(name, _write(engine, name, cells, rows), unique_names([str(one[0]) for one in told]), landed)


def _as_text(quote: str, kind: str, whole: bool) -> str:
    """The term of a query that makes text of a column of a type."""
    if kind.endswith("]"):
        return f"array_to_string({quote}::VARCHAR[], chr(31))"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime({quote} AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%SZ')"
    if kind.startswith("TIMESTAMP"):
        return f"strftime({quote}::TIMESTAMP, '%Y-%m-%d %H:%M:%S')"
    if kind in ("FLOAT", "DOUBLE"):
        text = f"{quote}::BIGINT::VARCHAR" if whole else f"{quote}::VARCHAR"
        return f"CASE WHEN isnan({quote}) THEN NULL ELSE {text} END"
    return f"{quote}::VARCHAR"


def _arrow(engine: Engine, name: str, landed: Landed, _: str) -> Staged:
    """Arrow's batches go through Parquet one by one, so that memory holds one of them."""
    there = Path(landed.path).with_suffix(".typed")
    try:
        with (
            pa.memory_map(landed.path) as mapped,
            (pa.ipc.open_stream if landed.kind == STREAM else pa.ipc.open_file)(mapped) as file,
            pq.ParquetWriter(there, file.schema) as writer,
        ):
            batches = file if landed.kind == STREAM else map(file.get_batch, range(file.num_record_batches))
            for batch in batches:
                writer.write_batch(batch)
    except (pa.ArrowException, NotImplementedError) as error:
        raise SettingError(say.DAMAGED(file=quoted(landed.called), why=short(error))) from None
    found = _of_types(engine, name, landed, f"read_parquet({literal(there)})")
    there.unlink()
    return found


def _database(engine: Engine, name: str, landed: Landed, inner: str) -> Staged:
    engine.run(f"ATTACH {literal(landed.path)} AS person (READ_ONLY)")
    try:
        tables = engine.rows(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'person' AND NOT internal"
        )
        names = {f"{table}" if schema == "main" else f"{schema}.{table}": (schema, table) for schema, table in tables}
        views = engine.rows("SELECT view_name FROM duckdb_views() WHERE database_name = 'person' AND NOT internal")
        schema, table = names[_one_of([*names], inner, landed, [str(one[0]) for one in views])]
        plain = ".".join('"' + part.replace('"', '""') + '"' for part in ("person", schema, table))
        return _of_types(engine, name, landed, plain)
    finally:
        engine.run("DETACH person")


def _one_of(names: Sequence[str], inner: str, landed: Landed, views: Sequence[str]) -> str:
    """The table of a database that is meant: the one that is named, also without its schema, or the only one."""
    if inner in names:
        return inner
    same = [name for name in names if name.rpartition(".")[2] == inner] if inner else names
    if len(same) == 1:
        return same[0]
    file = short(landed.called)
    if inner.rpartition(".")[2] in views:
        raise SettingError(say.VIEW(name=short(inner), file=file))
    raise SettingError(say.WHICH_TABLE(file=file, names=", ".join(map(short, names[:20])) or "none"))


def _sqlite(engine: Engine, name: str, landed: Landed, inner: str) -> Staged:
    """A table of SQLite, by Python's own library, row by row as text. Views, and what they call, are never run."""
    there = Path(landed.path).with_suffix(".typed")
    try:
        uri = f"{Path(landed.path).as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as base:
            base.text_factory = lambda text: text.decode("utf-8", "replace")
            base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(2**21, 8 * engine.limits.cell))
            base.execute("PRAGMA trusted_schema = OFF")
            told = base.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
            names = [str(row[0]) for row in told if not str(row[0]).startswith("sqlite_")]
            views = [str(row[0]) for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'view'")]
            table = _one_of(names, inner, landed, views).replace('"', '""')
            rows = base.execute(f'SELECT * FROM "{table}"')
            columns = [str(one[0]) for one in rows.description]
            schema = pa.schema([(f"c{at}", pa.string()) for at in range(len(columns))])
            with pq.ParquetWriter(there, schema) as writer:
                while part := rows.fetchmany(ROWS_AT_ONCE):
                    texts = [[_sqlite_text(cell) for cell in column] for column in zip(*part, strict=True)]
                    writer.write_table(pa.table([pa.array(one, pa.string()) for one in texts], schema=schema))
    except sqlite3.Error as error:
        raise SettingError(say.DAMAGED(file=quoted(landed.called), why=short(error))) from None
    cells = [f"c{at}" for at in range(len(columns))]
    count = _write(engine, name, cells, f"read_parquet({literal(there)})")
    there.unlink()
    return Staged(name, count, unique_names(columns), landed)


def _sqlite_text(cell: object) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
