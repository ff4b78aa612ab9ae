"""What a queued run waits for: its place in the queue, and how long that will take. Knows no torch."""

from __future__ import annotations

from pdcn.jobs import words as say
from pdcn.jobs.needs import needs
from pdcn.runs.folder import ACTIVE
from pdcn.runs.store import COMMAND_LINE, RunRow, Store
from pdcn.settings import SettingError
from pdcn.words import duration, plural


def place_in_words(store: Store, run: str) -> str:
    """Where a queued run is in the queue, and the wait that this means, in a sentence."""
    before = _before(store, run)
    if not before:
        return say.WAITING
    told: dict[str, object] = {"place": len(before) + 1, "ahead": plural(len(before), "run")}
    if any(row.state == "paused" for row in before):
        return say.WAITING_BEHIND_PAUSED(**told)
    try:
        wait = sum(_seconds(store, row) for row in before)
    except SettingError:  # one of them can't be read
        return say.WAITING_BEHIND_UNKNOWN(**told)
    return say.WAITING_BEHIND(**told, wait=duration(wait))


def _before(store: Store, run: str) -> list[RunRow]:
    """What the worker is at or takes first; the command line trains its runs itself."""
    rows, queue = store.rows(kind=None), store.queue()
    if run not in queue:
        return []
    sooner = {*queue[: queue.index(run)]}
    return [
        row
        for row in rows
        if (row.state == "queued" and row.run in sooner)
        or (row.state in ACTIVE and store.folder(row.run).request.get("by") != COMMAND_LINE)
    ]


def _seconds(store: Store, row: RunRow) -> float:
    """Seconds until a run is over."""
    folder = store.folder(row.run)
    left = folder.progress.left if row.state in ACTIVE else None
    return needs(folder.experiment).seconds if left is None else left
