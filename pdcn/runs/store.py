"""All runs of a home: a folder each, and an index that finds them quickly (`pdcn.runs.index`).

The index also carries what is only of the moment: what was asked of a run (pause, step, resume, stop). Folders that
came or went by hand are noticed when runs are listed.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pdcn import environment
from pdcn.config import Experiment
from pdcn.files import SHOWCASE, Unwritable, check_writable, home, sweep, why_unwritable
from pdcn.inert import quoted, short
from pdcn.runs import lease
from pdcn.runs import words as say
from pdcn.runs.folder import ACTIVE, BEGUN_WITH, OVER, Progress, RunFolder, State, clock
from pdcn.runs.index import WAITS, RunIndex, queued, update
from pdcn.settings import SettingError

Command = Literal["pause", "step", "resume", "stop"]
STUDY = "study"
"""The kind of a run whose request names none."""
COMMAND_LINE = "command line"
"""Who started a run that no page started."""


@dataclass(frozen=True)
class RunRow:
    """A run as the index knows it. `created` and `deleted` are seconds since 1970; a study is one kind of it; `matched`
    says what was made equal between its arms."""

    run: str
    created: float
    data: str
    arms: str
    seeds: int
    experiment: str
    state: State
    verdict: str
    deleted: float | None
    kind: str
    matched: str = ""


COLUMNS = ", ".join(RunRow.__dataclass_fields__)


class Store:
    """The runs of one home folder."""

    def __init__(self, path: Path | None = None) -> None:
        self.home = (path or home()).absolute()
        self.folders = self.home / "runs"
        self.index = RunIndex(self.home, self._adopt_all)
        with suppress(Unwritable):  # the folders are read then
            self.index.make()
        for part in ("runs", "cache", "showcase"):
            sweep(self.home / part)

    def _set(self, run: str, **values: object) -> None:
        with self.index.open() as index:
            update(index, run, **values)

    # what there is

    def folder(self, run: str) -> RunFolder:
        """The folder of a run, or of the showcase; `SettingError` if there is none of that name."""
        if run == SHOWCASE.name:
            return RunFolder(SHOWCASE)
        with suppress(OSError, ValueError):  # a name too long for a file, or with what no name holds
            path = self.folders / run
            if run not in ("", "..") and run == Path(run).name and path.is_dir() and not path.is_symlink():
                return RunFolder(path)
        raise SettingError(say.NO_SUCH_RUN(folder=self.folders, run=quoted(run)))

    def rows(self, *, deleted: bool = False, kind: str | None = STUDY) -> list[RunRow]:
        """All runs of a kind, or of every kind, the newest first; with `deleted`, those in the bin instead."""
        where = f"deleted IS {'NOT ' if deleted else ''}NULL AND kind = coalesce(?, kind)"

        def listed(index: sqlite3.Connection) -> list[RunRow]:
            self._follow_folders(index)
            self._reap(index)
            found = index.execute(f"SELECT {COLUMNS} FROM runs WHERE {where} ORDER BY created DESC, run DESC", (kind,))
            return [RunRow(*values) for values in found]

        return self.index.look(listed)

    def _follow_folders(self, index: sqlite3.Connection) -> None:
        """Drop runs whose folder was taken away by hand, and take in folders that were put there."""
        rows = index.execute("SELECT run, state = 'done' AND verdict = '' FROM runs").fetchall()
        there = self._names()  # after the rows, for a new run has its folder before its row
        known = {run for run, _ in rows}
        for run in known - there:
            index.execute("DELETE FROM runs WHERE run = ?", (run,))
        for folder in (RunFolder(self.folders / run) for run in there - known):
            if folder.arrived:
                self._adopt(index, folder)
        for run in (run for run, speechless in rows if speechless and run in there):
            said = _verdict(RunFolder(self.folders / run))  # a result that was damaged may have been put back
            if said:
                update(index, run, verdict=said)

    def _names(self) -> set[str]:
        """Names of all folders, links to one left out; one named like the showcase could not be told from it."""
        try:
            with os.scandir(self.folders) as entries:
                found = {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}
            return found - {SHOWCASE.name}
        except FileNotFoundError:  # all of them were taken away
            return set()
        except OSError as error:
            raise SettingError(say.HOME_UNREADABLE(path=self.home, why=error)) from None

    def _adopt(self, index: sqlite3.Connection, folder: RunFolder) -> None:
        """Take a folder into the index as far as it can be read."""
        with suppress(SettingError, OSError, ValueError, TypeError, sqlite3.Error):
            self._insert(index, folder)

    def state(self, run: str) -> State:
        """The state of a run."""

        def reaped(index: sqlite3.Connection) -> State | None:
            self._reap(index)
            found = index.execute("SELECT state FROM runs WHERE run = ?", (run,)).fetchone()
            return found[0] if found else None

        return self.index.look(reaped) or self.folder(run).progress.state

    # the life of a run

    def create(
        self,
        experiment: Experiment,
        device: str = "auto",
        *,
        own: bool = False,
        by: str = COMMAND_LINE,
        asked: Mapping[str, object] | None = None,
    ) -> RunFolder:
        """A new run: queued for the worker, or with `own` begun by this process, which no worker takes.

        `by` is who started it: the session of a page, or the command line. `asked` is what else its request says, such
        as a kind that is not a study. PDCN_EXECUTOR names who trains its cells.
        """
        created = time.time()
        stamp = f"{clock(created):%Y%m%d-%H%M%S}"
        folder = RunFolder(self.folders / f"{stamp}-{experiment.hash()[:4]}{secrets.token_hex(2)}")
        request: dict[str, object] = {"created": created, "device": device, "by": by, **(asked or {})}
        if executor := os.environ.get(environment.EXECUTOR):
            request["executor"] = executor
        try:
            with self.index.open() as index, self.index.alone(index):  # or a rebuild would see half of it
                folder.create(experiment, request)
                if own:
                    lease.hold(folder.path)
                else:
                    lease.revoke(folder.path)  # its file is there from now on, and can be taken on a full disk
                self._insert(index, folder)
        except (OSError, Unwritable) as error:
            lease.release(folder.path)
            with suppress(SettingError):
                folder.remove()
            raise why_unwritable(self.home, error) from None
        return folder

    def _insert(self, index: sqlite3.Connection, folder: RunFolder) -> None:
        experiment, progress, request = folder.experiment, folder.progress, folder.request
        at_work = progress.state == "queued" and lease.held(folder.path)  # and not said so yet
        begun = request.get("begun")
        values = (
            folder.run,
            request.get("kind", STUDY),
            request["created"],
            experiment.data.source,
            ", ".join(experiment.arms),
            experiment.seeds,
            experiment.hash(),
            "running" if at_work else progress.state,
            _verdict(folder),
            request.get("deleted"),
            experiment.fairness.match,
            str(request.get("by", "")),
            float(begun) if isinstance(begun, (int, float)) else None,
        )
        index.execute(
            "INSERT OR IGNORE INTO runs (run, kind, created, data, arms, seeds, experiment, state, verdict, deleted,"
            " matched, session, begun) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )

    def waiting(self) -> bool:
        """Whether a run is queued."""
        return self.waiting_of() > 0

    def waiting_of(self, session: str | None = None) -> int:
        """How many runs are queued: of a session, or in all."""

        def counted(index: sqlite3.Connection) -> int:
            where = f"{WAITS} AND session = coalesce(?, session)"
            found: tuple[int] = index.execute(f"SELECT count(*) FROM runs WHERE {where}", (session,)).fetchone()
            return found[0]

        return self.index.look(counted)

    def queue(self) -> list[str]:
        """The queued runs in the order in which they begin."""
        return self.index.look(queued)

    def claim(self) -> RunFolder | None:
        """Take the queued run whose turn it is for this process, which holds its lease until `mark` says that it is
        over; None if there is none."""
        while self.waiting():
            taken = None
            try:
                with self.index.open() as index, self.index.alone(index):
                    run = next(iter(queued(index)), None)
                    if run is None:
                        return None
                    folder = RunFolder(self.folders / run)
                    if folder.path.is_dir():
                        lease.hold(folder.path)  # before anybody sees it running
                        taken = folder
                        update(index, run, state="running", begun=_begin(folder))
                        return folder
                    self._follow_folders(index)  # its folder was taken away; the next one then
            except Unwritable:
                if taken is None:
                    return self._claim_in_folder()
                self.index.discard()  # the disk was full when the index was to say it; the folder says it
                return taken
        return None

    def _claim_in_folder(self) -> RunFolder | None:
        """As `claim`, where the index can't be written: the run's folder alone says that it was taken."""
        with self.index.from_folders() as index:
            run = next(iter(queued(index)), None)
        if run is None:
            return None
        folder = RunFolder(self.folders / run)
        lease.hold(folder.path)
        _begin(folder)
        self.index.discard()
        return folder

    def ask(self, run: str, command: Command) -> None:
        """Ask whoever runs a run to pause, step, resume or stop; a queued run stops at once.

        What is asked last counts, but for a stop, which stands. A run that is over is past asking.
        """
        with self.index.open() as index:
            before = index.execute("SELECT 1 FROM runs WHERE run = ?", (run,)).fetchone()
            after = index.execute(
                "UPDATE runs SET command = CASE command WHEN 'stop' THEN 'stop' ELSE :command END,"
                " state = CASE WHEN state = 'queued' AND :command = 'stop' THEN 'stopped' ELSE state END"
                " WHERE run = :run AND state IN ('queued', 'running', 'paused') RETURNING state",
                {"run": run, "command": command},
            ).fetchone()
        if not before:
            self.folder(run)
        if after == ("stopped",):
            folder = self.folder(run)
            folder.write_progress(Progress("stopped", "", message=say.NOT_BEGUN))
            lease.release(folder.path)

    def resume(self, run: str, *, own: bool = False, executor: str | None = None) -> RunFolder:
        """Begin a run again that ended before it was done, with the trainings that it kept; queued, or with `own` taken
        by this process.

        `executor` trains the others, where that is not to be the one from before. `SettingError` where it kept none.
        """
        folder = self.folder(run)
        try:
            with self.index.open() as index, self.index.alone(index):
                self._at_rest(index, folder)
                if folder.progress.state not in OVER or not folder.cells.is_dir():
                    raise SettingError(say.NOTHING_KEPT(run=short(folder.run)))
                if executor:
                    folder.note(executor=executor)
                lease.hold(folder.path) if own else lease.revoke(folder.path)
                folder.write_progress(Progress())
                update(index, run, state="running" if own else "queued", command=None)
        except (OSError, Unwritable) as error:
            raise why_unwritable(self.home, error) from None
        return folder

    def take_command(self, run: str) -> Command | None:
        """The last thing asked of a run, once; a stop stands until the run is over."""
        with suppress(SettingError), self.index.open() as index:  # a busy index ends no training
            found = index.execute("SELECT command FROM runs WHERE run = ?", (run,)).fetchone()
            if found and found[0]:
                taken = "UPDATE runs SET command = NULL WHERE run = ? AND command = ? AND command <> 'stop'"
                index.execute(taken, (run, found[0]))
            command: Command | None = found[0] if found else None
            return command
        return None

    def stop_asked(self, run: str) -> bool:
        """Whether the run was asked to stop."""
        with suppress(SettingError), self.index.open() as index:
            found = index.execute("SELECT command = 'stop' FROM runs WHERE run = ?", (run,)).fetchone()
            return bool(found and found[0])
        return False

    def mark(self, folder: RunFolder, progress: Progress) -> None:
        """Record how far a run is, in its folder and in the index; `OSError` where the folder can't be written."""
        try:
            folder.write_progress(progress)
        finally:
            with suppress(SettingError):  # a busy index ends no training: `_reap` reads the folder
                self._set(folder.run, state=progress.state, verdict=_verdict(folder))
        if progress.state in OVER:
            lease.release(folder.path)

    def _reap(self, index: sqlite3.Connection) -> None:
        """Call runs that nobody is at work on any more "interrupted"; what they had reached stays."""
        active = index.execute("SELECT run FROM runs WHERE state IN (?, ?)", ACTIVE).fetchall()
        for (run,) in active:
            folder = RunFolder(self.folders / run)
            gone = not lease.held(folder.path)  # asked before the folder is read: its last word counts
            now = folder.progress
            if gone and now.state not in OVER:
                why = say.PROCESS_ENDED_KEPT(run=run) if folder.cells.is_dir() else say.PROCESS_ENDED
                now = replace(now, state="interrupted", left=None, message=why)
                if folder.path.exists():
                    with suppress(OSError):  # nothing can be written here; the index says it for now
                        folder.write_progress(now)
                    sweep(folder.path)
            if now.state in OVER:  # also one that ended between the two writes of `mark`
                update(index, run, state=now.state, verdict=_verdict(folder))

    # tidying up

    def delete(self, run: str) -> None:
        """Put a run into the bin; `restore` brings it back until `empty_bin`."""
        self.rows()
        self._bin(run, time.time())

    def restore(self, run: str) -> None:
        """Take a run out of the bin."""
        self._bin(run, None)

    def _bin(self, run: str, deleted: float | None) -> None:
        folder = self.folder(run)
        if folder.path == SHOWCASE:
            raise SettingError(say.OWN_RUN)
        try:
            try:
                with self.index.open() as index, self.index.alone(index):
                    self._at_rest(index, folder)
                    update(index, run, deleted=deleted)
                    folder.note(deleted=deleted)
            except Unwritable:
                with self.index.from_folders() as index:
                    self._at_rest(index, folder)
                folder.note(deleted=deleted)
                self.index.discard()
        except OSError as error:
            raise why_unwritable(self.home, error) from None

    def _at_rest(self, index: sqlite3.Connection, folder: RunFolder) -> None:
        """`SettingError` unless the run is listed and nobody works on it."""
        found = index.execute("SELECT state FROM runs WHERE run = ?", (folder.run,)).fetchone()
        if not found:
            raise SettingError(
                say.FILES_DAMAGED(run=short(folder.run), files=", ".join(BEGUN_WITH), folder=folder.path)
            )
        if found[0] in ACTIVE:
            raise SettingError(say.AT_WORK(run=short(folder.run)))

    def empty_bin(self) -> int:
        """Delete for good what is in the bin; how many runs that were."""
        check_writable()
        gone = 0
        for row in self.rows(deleted=True, kind=None):
            folder = RunFolder(self.folders / row.run)
            try:
                with self.index.open() as index, self.index.alone(index):  # or its folder would be taken for a new one
                    found = index.execute(  # unless it was restored this moment
                        "DELETE FROM runs WHERE run = ? AND deleted IS NOT NULL AND state NOT IN (?, ?) RETURNING run",
                        (row.run, *ACTIVE),
                    ).fetchone()
                    if found:
                        folder.remove()
                        gone += 1
            except Unwritable:
                if folder.request.get("deleted") is not None and folder.path.exists():
                    folder.remove()
                    gone += 1
                self.index.discard()
        return gone

    def _adopt_all(self, index: sqlite3.Connection) -> None:
        for run in sorted(self._names()):
            self._adopt(index, RunFolder(self.folders / run))


def _begin(folder: RunFolder) -> float:
    """Keep when a run was begun, by which its session waits for its next turn."""
    now = time.time()
    with suppress(OSError):  # no room for it: the index knows it, for as long as it lives
        folder.note(begun=now)
    return now


def _verdict(folder: RunFolder) -> str:
    result = folder.result
    return str(result.get("verdict", "")) if result else ""
