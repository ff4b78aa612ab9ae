"""`runs.sqlite`, the index of a home's runs: what only speeds a look up, and can be made anew from the folders.

Every process opens it for itself; SQLite in WAL mode keeps them apart. An index that is gone, damaged or of another
version is made anew. Where it can't be used because the disk is full or read-only, one in memory takes its place.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from pdcn.files import FULL, LOCKED, Unwritable, check_writable, why_unwritable
from pdcn.runs import words as say
from pdcn.runs.turns import Waiting, in_turn
from pdcn.settings import SettingError
from pdcn.words import HOME_UNUSABLE

R = TypeVar("R")
VERSION = 5
"""Of the table below; raise it with every change to it."""
TABLE = """
CREATE TABLE IF NOT EXISTS runs (
    run TEXT PRIMARY KEY, kind TEXT NOT NULL, created REAL NOT NULL, data TEXT NOT NULL, arms TEXT NOT NULL,
    seeds INTEGER NOT NULL, experiment TEXT NOT NULL, state TEXT NOT NULL, verdict TEXT NOT NULL DEFAULT '',
    matched TEXT NOT NULL DEFAULT '', session TEXT NOT NULL DEFAULT '', begun REAL, command TEXT, deleted REAL
)"""
WAITS = "state = 'queued' AND deleted IS NULL"
DISK_ERRORS = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
"""What SQLite says where the disk is full or read-only: also of reading, for which it writes beside the index."""


class RunIndex:
    """The index of the runs below `home`; `adopt` takes every run that there is into one that is empty."""

    def __init__(self, home: Path, adopt: Callable[[sqlite3.Connection], None]) -> None:
        self.home, self.path = home, home / "runs.sqlite"
        self.cramped = False
        """Whether the index could not be used when it was last looked at, so that every look reads the folders."""
        self._adopt = adopt

    def make(self) -> None:
        """Make or mend the index; `Unwritable` where the disk does not let it, and in a demonstration."""
        check_writable()
        try:
            if self.path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(self.path))
            (self.home / "runs").mkdir(parents=True, exist_ok=True)
            with FileLock(self.home / "index.lock"):  # one process at a time makes or mends it
                self._prepare()
        except OSError as error:
            if error.errno in (*FULL, *LOCKED):
                raise why_unwritable(self.home, error) from None
            raise self._no_home(error) from None
        except sqlite3.OperationalError as error:
            raise self._told(error) from None
        except sqlite3.Error as error:
            raise self._no_home(error) from None

    def _no_home(self, error: Exception) -> SettingError:
        return SettingError(HOME_UNUSABLE(path=self.home, why=error))

    def _told(self, error: sqlite3.OperationalError) -> SettingError:
        """What keeps the index from being used, in a sentence."""
        if _of_the_disk(error):
            return why_unwritable(self.home, error)
        return SettingError(say.INDEX_IN_USE(path=self.path, why=error))

    def _prepare(self) -> None:
        try:
            with self._connect() as index:
                sound = index.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        except sqlite3.OperationalError:  # busy, or not ours to open: not damaged
            raise
        except sqlite3.DatabaseError:
            sound = False
        if not sound:
            self.path.replace(self.path.with_suffix(".damaged"))
            for rest in ("-wal", "-shm"):
                self.path.with_name(self.path.name + rest).unlink(missing_ok=True)
        try:
            with self._connect() as index:
                index.execute("PRAGMA journal_mode = WAL")
                whole = index.execute("PRAGMA user_version").fetchone() == (VERSION,)
            if not whole:
                self.rebuild()
        except sqlite3.OperationalError as error:
            if _of_the_disk(error):  # half an index is worse than none
                self.discard()
            raise

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        index = sqlite3.connect(self.path, timeout=20, isolation_level=None)
        try:
            yield index
        finally:
            index.close()

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """The index on disk; `Unwritable` where the disk does not let it be used, and in a demonstration."""
        check_writable()
        try:
            if not self.path.exists():  # taken away under a living server
                self.make()
            with self._connect() as index:
                if _made(index):
                    yield index
                    return
            self.make()  # still being made by another process
            with self._connect() as index:
                yield index
        except sqlite3.OperationalError as error:
            raise self._told(error) from None
        except sqlite3.DatabaseError:
            self.make()
            raise SettingError(say.INDEX_DAMAGED) from None

    @contextmanager
    def from_folders(self) -> Iterator[sqlite3.Connection]:
        """An index in memory, made from the folders and forgotten after the block."""
        index = sqlite3.connect(":memory:", isolation_level=None)
        try:
            self._fill(index)
            yield index
        finally:
            index.close()

    def look(self, question: Callable[[sqlite3.Connection], R]) -> R:
        """Ask the index; where the disk does not let it be used, the folders."""
        try:
            with self.open() as index:
                found = question(index)
            self.cramped = False
        except Unwritable:
            self.cramped = True
            with self.from_folders() as index:
                found = question(index)
        return found

    def discard(self) -> None:
        """Delete the index, which needs no room: the folders say what it could not be told, and it is made from
        them."""
        check_writable()
        for rest in ("", "-wal", "-shm"):
            with suppress(OSError):
                self.path.with_name(self.path.name + rest).unlink(missing_ok=True)

    @contextmanager
    def alone(self, index: sqlite3.Connection) -> Iterator[None]:
        """No other process writes the index during the block; one that fails leaves it as it was."""
        index.execute("BEGIN IMMEDIATE")
        yield
        index.execute("COMMIT")

    def rebuild(self) -> int:
        """Make the index anew from the folders, as far as they can be read; how many runs it has."""
        with self._connect() as index, self.alone(index):
            index.execute("DROP TABLE IF EXISTS runs")
            self._fill(index)
            index.execute(f"PRAGMA user_version = {VERSION}")
            found: tuple[int] = index.execute("SELECT count(*) FROM runs").fetchone()
        return found[0]

    def _fill(self, index: sqlite3.Connection) -> None:
        index.execute(TABLE)
        self._adopt(index)


def _made(index: sqlite3.Connection) -> bool:
    """Whether the index has its table."""
    return bool(index.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone())


def update(index: sqlite3.Connection, run: str, **values: object) -> None:
    """Set columns of a run."""
    names = ", ".join(f"{name} = ?" for name in values)
    index.execute(f"UPDATE runs SET {names} WHERE run = ?", (*values.values(), run))


def queued(index: sqlite3.Connection) -> list[str]:
    """The runs that wait, in the order in which they begin: sessions take turns."""
    waiting = index.execute("SELECT run, session, created FROM runs WHERE " + WAITS).fetchall()
    if len(waiting) < 2:
        return [run for run, *_ in waiting]
    begun = index.execute("SELECT session, max(begun) FROM runs WHERE begun IS NOT NULL GROUP BY session").fetchall()
    return in_turn((Waiting(*one) for one in waiting), dict(begun))


def _of_the_disk(error: sqlite3.OperationalError) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in DISK_ERRORS
