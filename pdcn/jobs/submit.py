"""Submitting studies to the worker. Knows no torch, so that a page can import it at no cost."""

from __future__ import annotations

from contextlib import suppress

from filelock import FileLock, Timeout

from pdcn.config import Experiment
from pdcn.environment import MOST_WAITING, MOST_WAITING_IN_ALL
from pdcn.files import read_only
from pdcn.jobs.needs import check
from pdcn.jobs.process import start
from pdcn.runs import lease
from pdcn.runs import words as say
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import COMMAND_LINE, Store
from pdcn.settings import SettingError
from pdcn.words import plural

LOCK = "worker.lock"


def submit(store: Store, experiment: Experiment, device: str = "auto", *, by: str = COMMAND_LINE) -> RunFolder:
    """Queue an experiment for the session `by`, and see to it that a worker is there.

    `SettingError` where it does not fit this machine, or where enough is waiting already.
    """
    check(experiment, store.home)
    if said := too_many(store, by):
        raise SettingError(said)
    folder = store.create(experiment, device, by=by)
    ensure_worker(store)
    return folder


def too_many(store: Store, session: str) -> str:
    """Why a session can't have one more run wait, in a sentence; nothing where it can, as whoever has the command line
    can."""
    if session == COMMAND_LINE:
        return ""
    if store.waiting_of(session) >= (most := MOST_WAITING()):
        return say.TOO_MANY_WAIT(runs=plural(most, "run"))
    if store.waiting_of() >= (most := MOST_WAITING_IN_ALL()):
        return say.TOO_MANY_WAIT_IN_ALL(count=most)
    return ""


def wake(store: Store) -> bool:
    """Start a worker if a run is queued and none lives, as after a restart of the machine.

    Cheap enough for every view of a page; whether one was started.
    """
    return store.waiting() and ensure_worker(store)


def ensure_worker(store: Store) -> bool:
    """Start a worker for this home unless one lives; whether one was started.

    The worker holds the home's lease for as long as it serves; it is reserved for one that is on its way. On a full
    disk `worker.lock` alone says that one is there. A home that is read-only has no use for one.
    """
    if read_only(store.home):
        return False
    if lease.held(store.home):
        return False
    try:
        with FileLock(store.home / LOCK).acquire(timeout=3):  # one that dies this moment keeps it
            if lease.held(store.home):
                return False
            with suppress(OSError):  # a full disk
                lease.reserve(store.home)
            start(store.home, store.home / "worker.log", "pdcn.jobs.worker")
    except (Timeout, OSError):
        return False
    return True
