"""Ends whoever writes a home at moments drawn by lot, and then looks whether all that was finished is there, whole.

The worker and whoever acts on the runs are real, but for their birth: they are forked off a process that has imported
all they need, so that a moment costs what it disturbs and no more.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from pdcn.files import PARTIAL
from pdcn.runs.folder import OVER, RunFolder, read_frame
from pdcn.runs.lease import NAME
from pdcn.runs.remarks import Remarks, write_remarks
from pdcn.runs.store import RunRow, Store
from pdcn.settings import SettingError
from pdcn.sources.own import OwnData
from pdcn.sources.table.draft import STAGING, TABLES
from pdcn.sources.table.kept import REPLACED, kept
from pdcn.sources.table.prepare import own_data
from tests.shared import expire
from tests.unit.studies_help import tiny, wait_for

FORK = multiprocessing.get_context("forkserver")
MOVES = ("request.json", "remarks.json", "progress.json", NAME, "log.txt")
"""Files of a finished run that change later: it goes to the bin, and it is named."""
JITTER = 0.15
"""Seconds within which the moment is drawn, from when a run is as far as was drawn, too."""


def serve(home: str) -> None:
    """The worker of a home as it always is, but that it prepares no data unasked, and lets nobody go first."""
    from pdcn.jobs import worker

    os.environ["PDCN_HOME"] = home
    for name in ("prepare_default", "give_way"):
        setattr(worker, name, lambda *_: None)
    os._exit(worker.main())


def act(home: str, seed: int) -> None:
    """What sessions of a server do to runs: name them, delete and restore them, ask for some and stop them."""
    dice, store = random.Random(seed), Store(Path(home))
    while True:
        with suppress(SettingError, OSError):
            rows = store.rows()
            if rows and (chosen := dice.choice(rows)).state == "done":
                write_remarks(
                    store.folder(chosen.run), Remarks(f"name {dice.random()}", "notes " * dice.randrange(100))
                )
                store.delete(chosen.run)
                store.restore(chosen.run)
            elif dice.random() < 0.3:
                store.ask(store.create(tiny(), "cpu", by="visitor").run, "stop")


LOG, BROUGHT = "log.csv", "mine"
"""A person's file that is imported again and again, with other rows each time, and the data set that it becomes."""


def bring(home: str, log: str, seed: int) -> None:
    """Import a log over and over, each time with a row more or less, in place of what was imported before."""
    from pdcn.sources.table.draft import Files, begin
    from pdcn.sources.table.importing import import_data

    os.environ["PDCN_HOME"] = home
    dice = random.Random(seed)
    while True:
        write_log(Path(log), dice.randrange(200, 210))
        with suppress(SettingError, OSError):  # the disk may be full
            import_data(begin(Files(log)), BROUGHT, replacing=True)


def write_log(path: Path, rows: int) -> None:
    """A log of so many events."""
    told = [f"u{at % 9},i{at * at % 23},2026-11-{1 + at % 28:02}" for at in range(rows)]
    path.write_text("\n".join(["user,item,time", *told]), encoding="utf-8")


def damaged(path: Path) -> str:
    """What is wrong with a file that has its whole name; nothing where it can be read."""
    try:
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".parquet":
            read_frame(path)
        elif path.suffix == ".safetensors":
            with safe_open(path, "np") as weights:
                for name in weights.keys():  # noqa: SIM118
                    weights.get_tensor(name)
        elif path.suffix == ".npz":
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                for name in arrays:
                    _ = arrays[name]
    except FileNotFoundError:
        return ""  # replaced or taken away this moment
    except Exception as error:  # whatever a reader says of half a file
        return f"{path}: {error}"
    return ""


def content(folder: Path) -> dict[str, str]:
    """A digest of each file of a run that is there for good."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.name not in MOVES
        and "analysis" not in path.parts
        and not PARTIAL.fullmatch(path.name)  # left by one who was killed while naming the run
    }


@dataclass
class Kills:
    """A home that is disturbed, and what is known to be finished in it."""

    home: Path
    seed: int
    finished: dict[str, dict[str, str]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    done: list[str] = field(default_factory=list)
    """The disturbances so far, with what they met."""
    brought: bool = False
    """Whether data was imported, which is there from then on."""
    _worker: ForkServerProcess | None = None
    _sums: dict[str, list[str]] = field(default_factory=dict)
    _seen: dict[Path, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dice, self.store = random.Random(self.seed), Store(self.home)
        FORK.set_forkserver_preload(["pdcn.jobs.worker", "pdcn.jobs.study", "tests.kills"])

    # the disturbances

    def worker(self) -> None:
        """Kill the worker."""
        self._kill(self._worker)
        expire(*(path.parent for path in self.home.glob(f"**/{NAME}")))

    def visitor(self) -> None:
        """Kill whoever acts on the runs of a server."""
        acting = FORK.Process(target=act, args=(str(self.home), self.dice.randrange(1_000)), daemon=True)
        acting.start()
        wait_for(lambda: [*self.home.glob("runs/*/remarks.json")])  # it is at work
        time.sleep(self.dice.uniform(0.0, 4 * JITTER))
        self._kill(acting)

    def importer(self) -> None:
        """Kill whoever imports data in place of other data, at work or between two imports."""
        bringing = FORK.Process(
            target=bring, args=(str(self.home), str(self.home.parent / LOG), self.dice.randrange(1_000)), daemon=True
        )
        bringing.start()
        place = self.home / "data"
        wait_for(lambda: [*place.glob(f".{bringing.pid}-*{STAGING}")])
        time.sleep(self.dice.uniform(0.0, 8 * JITTER))
        self._kill(bringing)
        self.brought = self.brought or (place / BROUGHT).is_dir() or (place / f".{BROUGHT}{REPLACED}").is_dir()

    def folder(self) -> None:
        """Take away the folder of a run, whatever its state."""
        runs = sorted(path for path in self.store.folders.iterdir() if path.is_dir())
        gone = self.dice.choice(runs)
        self.taken.add(gone.name)
        shutil.rmtree(gone, ignore_errors=True)
        if gone.exists():  # its worker wrote into it meanwhile
            shutil.rmtree(gone, ignore_errors=True)

    def index(self) -> None:
        """Delete the index, or damage it."""
        path = self.home / "runs.sqlite"
        if self.dice.random() < 0.5:
            path.unlink(missing_ok=True)
        elif path.exists():
            with path.open("r+b") as file:
                file.write(b"not a database, for all that anybody knows" * 20)

    def _kill(self, process: ForkServerProcess | None) -> None:
        if process is not None:
            process.kill()
            process.join(20)

    def _rest(self) -> None:
        """Wait until a run at work is as far as is drawn, or all are over, and then a little longer."""
        share = self.dice.random()

        def far_enough() -> bool:
            rows = [row for row in self._rows() if row.state not in OVER]
            return not rows or any(row.state == "running" and self._share(row.run) >= share for row in rows)

        wait_for(far_enough)
        time.sleep(self.dice.uniform(0.0, JITTER))

    def _share(self, run: str) -> float:
        return RunFolder(self.store.folders / run).progress.share

    # the moments

    def moment(self, disturb: Callable[[], None]) -> None:
        """Have runs waiting and a worker at work, disturb it at a moment drawn by lot, and look at what there is."""
        while self.store.waiting_of() < 2:
            self.store.create(tiny(seed=self.dice.randrange(1_000), seeds=self.dice.choice((1, 2))), "cpu")
        self.employ()
        self._rest()
        met = [f"{row.run} {row.state} {self._phase(row.run)}" for row in self._rows() if row.state not in OVER]
        disturb()
        self.done.append(f"{disturb.__name__}: {'; '.join(met[:2])}")
        self.check()

    def _phase(self, run: str) -> str:
        return RunFolder(self.store.folders / run).progress.phase

    def begin(self) -> None:
        """Have a first run finished, so that there is something to lose."""
        self.store.create(tiny(), "cpu")
        self.employ()
        wait_for(lambda: "done" in {row.state for row in self._rows()})
        self.check()

    def employ(self) -> None:
        """See to it that a worker is there."""
        if self._worker is None or not self._worker.is_alive():
            self._worker = FORK.Process(target=serve, args=(str(self.home),), daemon=True)
            self._worker.start()

    def check(self) -> None:
        """Everything that has its whole name is whole, and every run that was finished is there as it was."""
        bad = [said for path in self._new() if (said := damaged(path))]
        assert not bad, bad
        if self.brought:
            self._check_brought()
        rows = {row.run: row for row in self._rows()}
        for run in {*self.finished} - self.taken:
            assert rows[run].state == "done", (run, rows[run])
            now = content(self.store.folders / run)
            other = sorted(
                name for name in now.keys() | self.finished[run] if now.get(name) != self.finished[run].get(name)
            )
            assert not other, (run, other)
        for run, row in rows.items():
            folder = RunFolder(self.store.folders / run)
            if row.state == "done" and run not in self.taken and folder.progress.state == "done":
                assert folder.whole_result(), run
                assert folder.ranks is not None
                assert len(folder.trained) == 2
                self.finished.setdefault(run, content(folder.path))

    def _check_brought(self) -> None:
        """What was imported once is there whole: its rows are as many as its record says, and make a dataset."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PDCN_HOME", str(self.home))
            found = kept(BROUGHT)
            dataset = own_data(OwnData(dataset=BROUGHT))
            sums = [hashlib.sha256((found.folder / f"{table}.parquet").read_bytes()).hexdigest() for table in TABLES]
            assert len(dataset.queries) == found.record["counts"]["events"] in range(200, 210)
            assert self._sums.setdefault(found.fingerprint, sums) == sums

    def _rows(self) -> list[RunRow]:
        """All runs; an index that turns out to be damaged says so once, and is made anew."""
        with suppress(SettingError):
            self.store.rows()
        return [row for binned in (False, True) for row in self.store.rows(deleted=binned, kind=None)]

    def _new(self) -> Iterator[Path]:
        """Files that were written since they were last looked at."""
        for path in self.home.rglob("*.*"):
            with suppress(OSError):
                when = path.stat().st_mtime_ns
                if STAGING in "".join(path.parts):
                    continue  # what is being imported has no name yet
                if path.is_file() and not PARTIAL.fullmatch(path.name) and self._seen.get(path) != when:
                    self._seen[path] = when
                    yield path

    def end(self) -> None:
        """Leave it alone: everything that waits is carried out, nothing half is left, and all stands in a new index."""
        self.employ()
        wait_for(lambda: all(row.state in OVER for row in self._rows()))
        self.check()
        self.worker()
        self.store = Store(self.home)
        assert not [path for path in self.home.rglob("*.partial") if path.is_file() and "runs" in path.parts]
        self.check()
        self.store.index.discard()
        found = {row.run: row.state for row in self._rows()}
        assert {found[run] for run in self.finished if run not in self.taken} == {"done"}

    def stop(self) -> None:
        """End the worker, should one be there."""
        self._kill(self._worker)


def patient(work: Callable[[], object]) -> threading.Thread:
    """Do something that is disturbed, in a thread of its own, whatever becomes of it."""

    def carry_out() -> None:
        with suppress(Exception):
            work()

    thread = threading.Thread(target=carry_out, daemon=True)
    thread.start()
    return thread
