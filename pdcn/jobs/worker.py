"""The worker process: warm, one of a home, takes queued runs in order, ends when long idle.

Started by `pdcn.jobs.submit`, apart from the server that asked for it, so that a run outlives it:
    python -m pdcn.jobs.worker
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

from filelock import FileLock, Timeout

from pdcn import sources as datasets
from pdcn.config import Experiment
from pdcn.files import home, read_only
from pdcn.inert import quoted
from pdcn.jobs import words as at_work
from pdcn.jobs.job import KINDS, Job
from pdcn.jobs.process import give_way
from pdcn.jobs.study import Study
from pdcn.jobs.submit import LOCK
from pdcn.jobs.trouble import ended
from pdcn.runs import lease
from pdcn.runs.folder import OVER, Progress, RunFolder
from pdcn.runs.store import STUDY, Store
from pdcn.settings import SettingError
from pdcn.sources.dataset import Dataset
from pdcn.sources.source import DataSettings
from pdcn.training.budget import counted
from pdcn.training.device import give_back

IDLE_SECONDS = 900.0
"""A worker that had nothing to do for so long gives its memory back; the next run starts another."""
POLL_SECONDS = 0.1
REMEMBERED = 250e6
"""Bytes of data that are kept for a next run; larger data is read again from the cache."""
CRAMPED_SECONDS = 1.0
"""How often runs are looked for where the disk lets no index be used, and every look reads all folders."""


@dataclass
class StoreControl:
    """Listens to what the index asks of a run; waits in it while the run is paused."""

    store: Store
    folder: RunFolder
    paused: bool = False

    def stopping(self) -> bool:
        """Whether a stop was asked for, which stands."""
        return self.store.stop_asked(self.folder.run)

    def proceed(self, progress: Progress) -> bool:
        """Whether to go on; a step lets one lap through and pauses again."""
        said = False
        while True:
            command = self.store.take_command(self.folder.run)
            if command == "stop":
                return False
            if command == "step":
                self.paused = True
                return True
            if command is not None:
                self.paused = command == "pause"
            if not self.paused:
                if said:
                    self.store.mark(self.folder, progress)
                return True
            if not said or self.folder.progress.state != "paused":  # a machine that was starved let its lease run out
                self.store.mark(self.folder, replace(progress, state="paused", left=None))
                said = True
            time.sleep(POLL_SECONDS)


def carry_out(
    store: Store,
    folder: RunFolder,
    watch: Callable[[Progress], None] | None = None,
    load: Callable[..., Dataset] = datasets.load,
) -> Progress:
    """Carry a claimed job out to its end, whatever that is; how it ended is in its folder and returned."""
    control = StoreControl(store, folder)

    def say(progress: Progress) -> None:
        store.mark(folder, progress)
        if watch:
            watch(progress)

    try:
        job = job_of(folder, control, say, load)
    except SettingError as error:
        failed = Progress("failed", "", message=str(error))
        with suppress(OSError):  # whoever serves says it again
            say(failed)
        return failed
    try:
        state, why = ended(job.run, store.home, at_work.LESS_OF_A_STUDY, folder.log)
    except KeyboardInterrupt:
        state, why = "interrupted", at_work.INTERRUPTED
    if why:
        with suppress(OSError):  # not even its end can be written; the job knows it, and whoever serves says it again
            job.fail(why, state)
    return job.progress


def job_of(
    folder: RunFolder, control: StoreControl, say: Callable[[Progress], None], load: Callable[..., Dataset]
) -> Job:
    """The job that a folder asks for; `SettingError` where it asks for none that there is."""
    kind = folder.request.get("kind", STUDY)
    if kind == STUDY:
        return Study(folder, control, say, load)
    if kind not in KINDS:
        raise SettingError(at_work.NO_SUCH_KIND(known=", ".join((STUDY, *KINDS)), kind=quoted(kind)))
    module, _, name = KINDS[kind].rpartition(".")
    job: Job = getattr(import_module(module), name)(folder, control, say)
    return job


class Recent:
    """Loads datasets and remembers the last one, unless it is large, so that a second run on it starts at once."""

    def __init__(self) -> None:
        self.of: tuple[DataSettings, str] | None = None
        self.dataset: Dataset | None = None

    def __call__(self, settings: DataSettings) -> Dataset:
        of = settings, datasets.fingerprint(settings)
        if self.dataset is None or of != self.of:
            self.dataset = None  # two at once could be too much
            self.of, self.dataset = of, datasets.load(settings)
        return self.dataset

    def rest(self) -> None:
        """Between two runs: large data goes, and all memory that is held for nobody."""
        if self.dataset is not None and self.dataset.bytes > REMEMBERED:
            self.dataset = None
        give_back()


def prepare_default(load: Recent) -> None:
    """Prepare the data that a first run most likely asks for, and count its towers, while nobody waits for it.

    Whatever keeps it from being prepared is said by the run that asks for it, so no error ends the worker here.
    """
    with suppress(Exception):
        counted(Experiment(), load(Experiment().data), "parallel")


def main() -> int:
    """Take runs until idle; 0 also where another worker already serves this home, and where nothing can be written."""
    if read_only(home()):
        return 0
    give_way()
    store, load = Store(), Recent()
    while True:
        try:
            with FileLock(store.home / LOCK).acquire(timeout=2):
                with suppress(OSError):  # a full disk: that it serves is seen by the lock
                    lease.hold(store.home)
                if not store.waiting():
                    prepare_default(load)
                serve(store, load)
                lease.release(store.home)
        except Timeout:
            return 0
        if not store.waiting():  # else it came when the lock still kept another worker from starting
            return 0


def serve(store: Store, load: Recent) -> None:
    """Take runs in order until there was none for long. A disk that is full or an index that is busy is waited for."""
    last = time.monotonic()
    untold: dict[Path, Progress] = {}  # ends of runs that could not be written
    while time.monotonic() - last < IDLE_SECONDS:
        try:
            for path, ended in list(untold.items()):
                _tell(store, RunFolder(path), ended)
                del untold[path]
            folder = store.claim()
        except (SettingError, OSError):
            folder = None
        if folder is None:
            time.sleep(CRAMPED_SECONDS if store.index.cramped or untold else POLL_SECONDS)
            continue
        ended = carry_out(store, folder, load=load)
        load.rest()
        if folder.progress.state not in OVER:
            untold[folder.path] = ended
        last = time.monotonic()


def _tell(store: Store, folder: RunFolder, ended: Progress) -> None:
    if folder.path.is_dir():
        store.mark(folder, ended)


if __name__ == "__main__":
    sys.exit(main())
