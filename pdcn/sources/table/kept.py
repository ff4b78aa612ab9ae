"""The data sets that a person imported, as they lie in the home: a folder each, which is there whole or not at all."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pdcn.files import home, read_json, sha256_of
from pdcn.inert import quoted, short
from pdcn.settings import SettingError
from pdcn.sources.table import words as say

RECORD = "meta.json"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
REPLACED, DELETED = ".replaced", ".deleted"
"""Ends of the folders of data sets that are to go."""
FORM = 1
"""The form of the record; a later one is read by later versions alone."""


@dataclass(frozen=True)
class Kept:
    """A data set that was imported: its name, its folder, and its record."""

    name: str
    folder: Path
    record: Mapping[str, Any]

    @property
    def fingerprint(self) -> str:
        """What tells its content from another."""
        return str(self.record["hash"])

    @property
    def changed(self) -> list[str]:
        """The files that it came from and that have changed since; one that is gone, or that was sent here, has not."""
        return [file["name"] for file in self.record["files"] if file["path"] and _changed(file)]

    @property
    def bytes(self) -> int:
        """What it takes on the disk; of one that is being deleted, what is still there."""
        total = 0
        with suppress(OSError):
            for path in self.folder.iterdir():
                total += path.stat().st_size
        return total


def folder_of_all() -> Path:
    """Where all of them lie."""
    return home() / "data"


def names() -> list[str]:
    """The names of all data sets, in their order."""
    place = folder_of_all()
    if not place.is_dir():
        return []
    for old in place.glob(f".*{REPLACED}"):
        restore(old.name[1 : -len(REPLACED)])
    return sorted(one.name for one in place.iterdir() if NAME.fullmatch(one.name) and (one / RECORD).is_file())


def restore(name: str) -> None:
    """Put a data set back whose replacement was cut off between its going and the other's coming."""
    folder = folder_of_all() / name
    with suppress(OSError):
        if NAME.fullmatch(name) and not folder.exists():
            folder.with_name(f".{name}{REPLACED}").rename(folder)


def kept(name: str) -> Kept:
    """The data set of a name; `SettingError` where there is none that can be read."""
    if not name:
        raise SettingError(say.NAME_ONE(known=_known()))
    restore(name)
    folder = folder_of_all() / name if NAME.fullmatch(name) else None
    record = read_json(folder / RECORD) if folder else None
    if folder is None or record is None:
        raise SettingError(say.NO_DATA(name=quoted(name), known=_known()))
    if not isinstance(record, dict) or record.get("form") != FORM or not record.get("hash"):
        raise SettingError(say.OTHER_FORM(name=quoted(name)))
    return Kept(name, folder, record)


def _known() -> str:
    return ", ".join(map(short, names()[:20])) or "none yet"


def delete(name: str) -> None:
    """Delete a data set for good, with what was prepared of it."""
    found = kept(name)
    gone = found.folder.with_name(f".{name}{DELETED}")
    shutil.rmtree(gone, ignore_errors=True)
    found.folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
    from pdcn.sources.cache import forget

    forget("own", name)


def _changed(file: Mapping[str, Any]) -> bool:
    """Whether a file differs from what was imported: by size and time first, and where these differ, by its content."""
    with suppress(OSError):
        stat = Path(file["path"]).stat()
        if (stat.st_size, stat.st_mtime) == (file["bytes"], file["modified"]):
            return False
        return _sha256(file["path"], stat.st_size, stat.st_mtime_ns) != str(file["sha256"])
    return False


@lru_cache(maxsize=64)
def _sha256(path: str, size: int, modified: int) -> str:
    """The digest of a file as it stood then, worked out once."""
    return sha256_of(Path(path))
