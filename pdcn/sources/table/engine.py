"""DuckDB in a folder of its own: with little memory, without a network, and with no way to any other file."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pdcn.host import cores
from pdcn.inert import line, short
from pdcn.settings import SettingError
from pdcn.sources.table import words as say
from pdcn.sources.table.limits import Limits

SAID = 160
"""Letters that are told of what the engine itself says."""


class Engine:
    """A connection that reads and writes in one folder. What it is asked has our own names for columns and files."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder, self.limits = folder, limits
        closed: dict[str, Any] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
        self._connection = duckdb.connect(config=closed)
        for setting in (
            f"memory_limit = '{limits.memory}MB'",
            f"threads = {min(cores(), int(os.environ.get('OMP_NUM_THREADS') or 64))}",
            f"temp_directory = {literal(folder / 'spilled')}",
            f"allowed_directories = [{literal(f'{folder}{os.sep}')}]",
            "enable_external_access = false",
            "enable_progress_bar = false",
            "lock_configuration = true",
        ):
            self._connection.execute(f"SET {setting}")

    def run(self, query: str, *values: object) -> None:
        """Carry a statement out."""
        with _plainly(self.limits):
            self._connection.execute(query, [*values])

    def rows(self, query: str, *values: object) -> list[Any]:
        """The rows of a query."""
        with _plainly(self.limits):
            return self._connection.execute(query, [*values]).fetchall()

    def row(self, query: str, *values: object) -> Any:
        """The one row of a query."""
        return self.rows(query, *values)[0]

    def arrays(self, query: str) -> dict[str, Any]:
        """The columns of a query as NumPy arrays."""
        with _plainly(self.limits):
            return self._connection.execute(query).fetchnumpy()

    def table(self, name: str) -> str:
        """How a query names a table of the folder."""
        return f"read_parquet({literal(self.folder / f'{name}.parquet')}, file_row_number = true)"

    def write(self, name: str, query: str) -> None:
        """Make a table of the folder from a query."""
        path = literal(self.folder / f"{name}.parquet")
        self.run(f"COPY ({query}) TO {path} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000)")

    def close(self) -> None:
        """Give its memory and its files back."""
        self._connection.close()


@contextmanager
def engine(folder: Path, limits: Limits | None = None) -> Iterator[Engine]:
    """An engine for the length of a block."""
    found = Engine(folder, limits or Limits.here())
    try:
        yield found
    finally:
        found.close()


def literal(text: object) -> str:
    """A text as a query writes it.

    >>> literal("O'Neill")
    "'O''Neill'"
    """
    return "'" + str(text).replace("'", "''") + "'"


@contextmanager
def _plainly(limits: Limits) -> Iterator[None]:
    """What the engine can't do, as one sentence."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise SettingError(say.OUT_OF_MEMORY(memory=f"{limits.memory:,}")) from None
    except duckdb.Error as error:
        said = line(error)
        if "no space left" in said.lower():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
        raise SettingError(say.ENGINE(why=short(said, SAID))) from None
