"""All runs of a home: a folder each, and `runs.sqlite` as their index.

The index also carries what is only of the moment: who runs a run, and what was asked of it (pause,
step, resume, stop). Every process opens it for itself; SQLite in WAL mode keeps them apart.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import psutil

from pdcn.config import Experiment, SettingError
from pdcn.files import SHOWCASE, home
from pdcn.studies.folder import ACTIVE, OVER, Progress, RunFolder, State

Command = Literal["pause", "step", "resume", "stop"]

TABLE = """
CREATE TABLE IF NOT EXISTS runs (
    run TEXT PRIMARY KEY, created REAL NOT NULL, data TEXT NOT NULL, arms TEXT NOT NULL,
    seeds INTEGER NOT NULL, experiment TEXT NOT NULL, state TEXT NOT NULL, verdict TEXT NOT NULL DEFAULT '',
    command TEXT, owner INTEGER, owner_born REAL, deleted REAL
)"""


@dataclass(frozen=True)
class RunRow:
    """A run as the index knows it. `created` and `deleted` are seconds since 1970."""

    run: str
    created: float
    data: str
    arms: str
    seeds: int
    experiment: str
    state: State
    verdict: str
    deleted: float | None


COLUMNS = ", ".join(RunRow.__dataclass_fields__)


class Store:
    """The runs of one home folder."""

    def __init__(self, path: Path | None = None) -> None:
        self.home = path or home()
        self.folders = self.home / "runs"
        fresh = not (self.home / "runs.sqlite").exists()
        self.folders.mkdir(parents=True, exist_ok=True)
        with self._open() as index:
            index.execute("PRAGMA journal_mode = WAL")
            index.execute(TABLE)
        if fresh:
            self.rebuild()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        index = sqlite3.connect(self.home / "runs.sqlite", timeout=20, isolation_level=None)
        try:
            yield index
        finally:
            index.close()

    def _set(self, run: str, **values: object) -> None:
        names = ", ".join(f"{name} = ?" for name in values)
        with self._open() as index:
            index.execute(f"UPDATE runs SET {names} WHERE run = ?", (*values.values(), run))

    # what there is

    def folder(self, run: str) -> RunFolder:
        """The folder of a run, or of the showcase; `SettingError` if there is none of that name."""
        folder = RunFolder(SHOWCASE if run == SHOWCASE.name else self.folders / Path(run).name)
        if not (folder.path / "experiment.json").exists():
            raise SettingError(f"run: expected the name of a run in {self.folders}, got {run!r}")
        return folder

    def rows(self, *, deleted: bool = False) -> list[RunRow]:
        """All runs, the newest first; with `deleted`, those in the bin instead."""
        self.reap()
        where = f"deleted IS {'NOT ' if deleted else ''}NULL"
        with self._open() as index:
            found = index.execute(
                f"SELECT {COLUMNS} FROM runs WHERE {where} ORDER BY created DESC, run DESC"
            )
            return [RunRow(*values) for values in found]

    def state(self, run: str) -> State:
        """The state of a run."""
        self.reap()
        with self._open() as index:
            found = index.execute("SELECT state FROM runs WHERE run = ?", (run,)).fetchone()
        state: State = found[0] if found else self.folder(run).progress.state
        return state

    # the life of a run

    def create(self, experiment: Experiment, device: str = "auto") -> RunFolder:
        """A new run, queued."""
        created = time.time()
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(created))
        folder = RunFolder(self.folders / f"{stamp}-{experiment.hash()[:4]}{secrets.token_hex(2)}")
        folder.create(experiment, {"created": created, "device": device})
        self._insert(folder)
        return folder

    def _insert(self, folder: RunFolder) -> None:
        experiment, progress = folder.experiment, folder.progress
        values = (
            folder.run, folder.request["created"], experiment.data.source, ", ".join(experiment.arms),
            experiment.seeds, experiment.hash(), progress.state, _verdict(folder),
        )  # fmt: skip
        with self._open() as index:
            index.execute(
                "INSERT OR REPLACE INTO runs (run, created, data, arms, seeds, experiment, state, verdict)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )

    def claim(self, run: str | None = None) -> RunFolder | None:
        """Take the oldest queued run, or the named one, for this process; None if there is none."""
        which = "AND run = ?" if run else ""
        with self._open() as index:
            found = index.execute(
                "UPDATE runs SET state = 'running', command = NULL, owner = ?, owner_born = ? WHERE run ="
                f" (SELECT run FROM runs WHERE state = 'queued' AND deleted IS NULL {which}"
                " ORDER BY created LIMIT 1) AND state = 'queued' RETURNING run",
                (os.getpid(), psutil.Process().create_time(), *([run] if run else [])),
            ).fetchone()
        return self.folder(found[0]) if found else None

    def ask(self, run: str, command: Command) -> None:
        """Ask whoever runs a run to pause, step, resume or stop; a queued run stops at once."""
        with self._open() as index:
            index.execute("UPDATE runs SET command = ? WHERE run = ?", (command, run))
            if command == "stop":
                stopped = index.execute(
                    "UPDATE runs SET state = 'stopped' WHERE run = ? AND state = 'queued' RETURNING run",
                    (run,),
                ).fetchone()
                if stopped:
                    self.folder(run).write_progress(
                        Progress("stopped", message="Stopped before it began.")
                    )

    def take_command(self, run: str) -> Command | None:
        """The last thing asked of a run, once."""
        with self._open() as index:
            found = index.execute("SELECT command FROM runs WHERE run = ?", (run,)).fetchone()
            if found and found[0]:
                index.execute(
                    "UPDATE runs SET command = NULL WHERE run = ? AND command = ?", (run, found[0])
                )
        command: Command | None = found[0] if found else None
        return command

    def mark(self, folder: RunFolder, progress: Progress) -> None:
        """Record how far a run is, in its folder and in the index."""
        folder.write_progress(progress)
        self._set(folder.run, state=progress.state, verdict=_verdict(folder))

    def reap(self) -> None:
        """Call runs whose process is gone "interrupted"; what they had reached stays."""
        with self._open() as index:
            active = index.execute(
                "SELECT run, owner, owner_born FROM runs WHERE state IN (?, ?)", ACTIVE
            ).fetchall()
        for run, owner, born in active:
            if not _alive(owner, born):
                folder = RunFolder(self.folders / run)
                now = folder.progress
                if now.state in OVER:  # it ended between the two writes of `mark`
                    self._set(run, state=now.state, verdict=_verdict(folder))
                    continue
                message = "The process that trained this run ended before the run did."
                self.mark(folder, replace(now, state="interrupted", left=None, message=message))

    # tidying up

    def delete(self, run: str) -> None:
        """Put a run into the bin; `restore` brings it back until `empty_bin`."""
        if self.state(run) in ACTIVE:
            raise SettingError(
                f"run: expected a run that has ended, but {run} is at work; stop it first"
            )
        self.folder(run)
        self._set(run, deleted=time.time())

    def restore(self, run: str) -> None:
        """Take a run out of the bin."""
        self._set(run, deleted=None)

    def empty_bin(self) -> int:
        """Delete for good what is in the bin; how many runs that were."""
        gone = self.rows(deleted=True)
        for row in gone:
            RunFolder(self.folders / row.run).remove()
            with self._open() as index:
                index.execute("DELETE FROM runs WHERE run = ?", (row.run,))
        return len(gone)

    def rebuild(self) -> int:
        """Make the index anew from the folders; how many runs were found."""
        folders = [RunFolder(path) for path in sorted(self.folders.iterdir())]
        known = {row.run for row in (*self.rows(), *self.rows(deleted=True))}
        whole = [f for f in folders if f.run not in known and (f.path / "experiment.json").exists()]
        for folder in whole:
            self._insert(folder)
        return len(whole)


def _verdict(folder: RunFolder) -> str:
    result = folder.result
    return str(result["verdict"]) if result else ""


def _alive(pid: int | None, born: float | None) -> bool:
    """Whether that very process still lives: the same number and the same birth."""
    try:
        process = psutil.Process(pid or 0)
        alive = process.status() != psutil.STATUS_ZOMBIE
        return alive and born is not None and abs(process.create_time() - born) < 1.0
    except psutil.Error:
        return False
