"""What lies among the runs of a home and is no run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pdcn.files import SHOWCASE
from pdcn.runs import words as say
from pdcn.runs.folder import BEGUN_WITH, RunFolder
from pdcn.runs.store import Store
from pdcn.settings import SettingError


@dataclass(frozen=True)
class Oddity:
    """An entry among the runs that is none, and why."""

    name: str
    why: str


def oddities(store: Store) -> list[Oddity]:
    """Entries of the folder of runs that are no runs, by name, each with the reason; hidden files are left out."""
    known = {row.run for deleted in (False, True) for row in store.rows(deleted=deleted, kind=None)}
    try:
        with os.scandir(store.folders) as entries:
            found = [(entry.name, _oddity(entry)) for entry in entries if entry.name not in known]
    except OSError:
        return []
    return [Oddity(name, why) for name, why in sorted(found) if why]


def _oddity(entry: os.DirEntry[str]) -> str:
    """Why an entry that is not listed is no run; nothing where it is one that came this moment, or a hidden file."""
    if entry.is_symlink():
        return say.A_LINK
    if not entry.is_dir(follow_symlinks=False):
        return "" if entry.name.startswith(".") else say.A_FILE
    if entry.name == SHOWCASE.name:
        return say.NAMED_AS_SHOWCASE
    folder = RunFolder(Path(entry.path))
    missing = [name for name in BEGUN_WITH if not (folder.path / name).exists()]
    if missing:
        return say.LACKS(files=say.AND_NO.join(missing))
    try:
        _ = folder.experiment
    except SettingError:
        return say.UNREADABLE
    return "" if folder.run.isprintable() else say.NO_NAME
