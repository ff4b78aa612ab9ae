"""Where things are kept, how a file is written so that nobody ever reads half of it, and what to say where it can't
be."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import platformdirs
import psutil

from pdcn import environment, words
from pdcn.settings import SettingError

DATA = Path(__file__).parent.parent / "data"
SHOWCASE = DATA / "showcase"
"""The run that comes with the project, read-only."""
FULL = (errno.ENOSPC, errno.EDQUOT)
LOCKED = (errno.EROFS, errno.EACCES, errno.EPERM)
"""What the system says of a disk without room, and of a place that nobody, or not this person, may write to."""
PARTIAL = re.compile(r"\..*\.(\d+)\.\d+\.partial")


class Unwritable(SettingError):
    """A place can't be written now: its disk is full, or it is read-only. What is there can be read all the same."""


def home() -> Path:
    """The folder of runs and caches: `PDCN_HOME`, or the user's data directory.

    It is made where it can be; a disk that is full or read-only is said by whoever wants to write there.
    """
    chosen = os.environ.get(environment.HOME)
    path = Path(chosen).expanduser() if chosen else platformdirs.user_data_path("pdcn-explorer", False)
    path = path.absolute()  # the worker has another working directory
    if environment.only_looked_at():
        return path
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno not in (*FULL, *LOCKED):
            raise SettingError(words.HOME_UNUSABLE(path=path, why=error.strerror)) from None
    return path


def read_only(path: Path) -> bool:
    """Whether nothing of a home can be written, or made where it is to be, however much room there is."""
    if environment.only_looked_at():
        return True
    while not path.exists() and path != path.parent:
        path = path.parent
    return not os.access(path, os.W_OK)


def disk_is_full(error: BaseException) -> bool:
    """Whether an error comes from a disk without room.

    >>> disk_is_full(OSError(errno.ENOSPC, "No space left on device")), disk_is_full(OSError(errno.ENOENT, "None"))
    (True, False)
    """
    if isinstance(error, OSError):
        return error.errno in FULL
    return "no space left on device" in str(error).lower()  # safetensors has an error of its own


def why_unwritable(path: Path, error: BaseException) -> Unwritable:
    """The error that says why `path` can't be written, and what to do."""
    if read_only(path):
        return Unwritable(why_read_only(path))
    if disk_is_full(error) or not room(path):
        return Unwritable(words.DISK_FULL(path=path))
    said = error.strerror if isinstance(error, OSError) else error
    return Unwritable(words.UNWRITABLE(path=path, why=said))


def why_read_only(path: Path) -> str:
    """What a home that is read-only is good for."""
    return words.DEMONSTRATION if environment.only_looked_at() else words.READ_ONLY(path=path)


def check_writable() -> None:
    """`Unwritable` in a demonstration, whose home nobody changes."""
    if environment.only_looked_at():
        raise Unwritable(words.DEMONSTRATION)


def room(path: Path) -> int:
    """Bytes that can still be written to the disk of a folder that is there or is to be made."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return psutil.disk_usage(str(path)).free


def bytes_in(folder: Path) -> int:
    """Bytes of the files in a folder that is there or not; what a link leads to is not in it."""
    total = 0
    for place, _, names in os.walk(folder) if not folder.is_symlink() else ():
        for name in names:
            with suppress(OSError):  # a file that was replaced meanwhile
                total += Path(place, name).lstat().st_size
    return total


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; it takes the place of `path` once the block is through.

    A block that fails leaves `path` as it was. In a demonstration a home is as a disk that is read-only.
    """
    if environment.only_looked_at() and path.absolute().is_relative_to(home()):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_json(path: Path, record: Any, *, cramped: bool = False) -> None:
    """Write a record as JSON, whole or not at all.

    With `cramped` a disk without any room is met by writing over the file that is there, where its own blocks hold the
    new text: for small records that have to be kept even then.
    """
    text = json.dumps(record, indent=1) + "\n"
    try:
        with atomic_path(path) as partial:
            partial.write_text(text, encoding="utf-8")
    except OSError as error:
        if not (cramped and disk_is_full(error) and _written_over(path, text.encode())):
            raise


def _written_over(path: Path, new: bytes) -> bool:
    """Put new text into the room that a file has already; false, and nothing done, where it does not fit."""
    try:
        file = os.open(path, os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0))  # never through a link
    except OSError:
        return False
    try:
        at = os.fstat(file)
        if len(new) > max(at.st_size, getattr(at, "st_blocks", 0) * 512):
            return False
        return os.write(file, new.ljust(at.st_size)) >= len(new)  # JSON does not mind spaces at its end
    except OSError:
        return False
    finally:
        os.close(file)


def sweep(folder: Path) -> int:
    """Delete what processes that are gone had begun to write anywhere in a folder; how many files that were."""
    gone = 0
    if environment.only_looked_at():
        return gone
    for place, _, names in os.walk(folder):  # which follows no link
        for name in names:
            found = PARTIAL.fullmatch(name)
            path = Path(place, name)
            if found and not path.is_symlink():
                with suppress(OSError):  # its writer was through this moment, or nothing can be deleted here
                    if not _writes_still(int(found[1]), path.stat().st_mtime):
                        path.unlink()
                        gone += 1
    return gone


def _writes_still(pid: int, last: float) -> bool:
    """Whether the process of that number lives, and was born before the file was last written to."""
    try:
        process = psutil.Process(pid)
        return process.create_time() <= last + 1.0 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:  # not ours to look at: it lives
        return True


def read_json(path: Path) -> Any:
    """Read a JSON file; None where there is none, or where it is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # not there or not to be read, neither JSON nor UTF-8
        return None


def sha256_of(path: Path) -> str:
    """The SHA-256 of what stands in a file, in hex digits, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
