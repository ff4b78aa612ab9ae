"""A file of a person becomes a plain copy in a folder of ours: unpacked, as UTF-8, and within the limits.

Only the copy is read from then on. So no name of a file has a meaning, nothing that changes meanwhile is half read, and
what is packed too tightly ends here.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import hashlib
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from pdcn.inert import LONGEST_WORD, quoted, short
from pdcn.settings import SettingError
from pdcn.sources.table import words as say
from pdcn.sources.table.limits import Limits

CHUNK = 2**20
LONGEST_LINE = 64 * 2**20
"""Bytes of a line, whatever the limit of a cell: what has none so far is no table of text."""
TEXT, PARQUET, ARROW, STREAM, DUCKDB, SQLITE = "text", "parquet", "arrow", "arrow stream", "duckdb", "sqlite"
KINDS = {
    PARQUET: (0, b"PAR1"),
    ARROW: (0, b"ARROW1"),
    STREAM: (0, b"\xff\xff\xff\xff"),
    DUCKDB: (8, b"DUCK"),
    SQLITE: (0, b"SQLite format 3\0"),
}
"""Where the bytes are that tell a kind of file, and which."""
HEAD = 512
"""Bytes that tell a kind of file."""
OTHERS = (
    (0, b"\xd0\xcf\x11\xe0", say.EXCEL),
    (257, b"ustar", say.ARCHIVE),
    (0, b"7z\xbc\xaf", say.ARCHIVE),
    (0, b"Rar!", say.ARCHIVE),
    (0, b"ORC", say.COLUMNAR),
    (0, b"Obj\x01", say.COLUMNAR),
    (0, b"\x89HDF", say.COLUMNAR),
)
"""As above, of files that people have and that are not read, with what to do instead."""
JSON = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:\[\s*)?(?:\{\s*[\"}]|\[\s*[\[{])")
PACKED = {"gzip": b"\x1f\x8b", "bz2": b"BZh", "xz": b"\xfd7zXZ\0", "zstd": b"\x28\xb5\x2f\xfd", "zip": b"PK\x03\x04"}
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
DENSE = 8
"""Bytes of text that a byte stands for at most, as a rule, where it is packed or in columns."""
UNREADABLE = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, pa.ArrowException, RuntimeError)
"""What unpacking a damaged file can raise."""
WESTERN = "cp1252"
"""What text is read as that is not UTF-8: the commonest of what people have besides."""


@dataclass(frozen=True)
class Landed:
    """A file as it lies in our folder: of which kind, what it is called, and what it was where it came from.

    `came_from` is empty where it came from nowhere on this machine.
    """

    kind: str
    path: str
    called: str
    came_from: str
    sha256: str
    bytes: int
    modified: float
    encoding: str = ""


def unpacked(head: bytes, size: int) -> float:
    """About how many bytes of text a file of so many will be, by the bytes it begins with.

    >>> unpacked(b"user,item", 1_000), unpacked(PACKED["gzip"], 1_000)
    (1000, 8000)
    """
    dense = any(head.startswith(magic) for magic in PACKED.values()) or _kind(head) != TEXT
    return size * DENSE if dense else size


def land(given: str | Path, folder: Path, name: str, limits: Limits, encoding: str = "", called: str = "") -> Landed:
    """Copy a file into a folder under a name of ours; `SettingError` where it is none that can be read whole.

    A file that was sent here is `called` as its person calls it. That name is told, and never looked for.
    """
    path = Path(given).expanduser()
    shown = quoted(called or str(given), LONGEST_WORD)
    _refuse_folder(path, shown)
    try:
        path = path.resolve()
        if not path.is_file():
            raise SettingError(say.NO_FILE(file=shown))
        with path.open("rb") as file:
            head = file.read(64)
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        stat = path.stat()
    except OSError as error:
        raise SettingError(say.UNREADABLE(file=shown, why=error.strerror)) from None
    except ValueError:  # a name with a null character
        raise SettingError(say.NO_FILE(file=shown)) from None
    if not head:
        raise SettingError(say.EMPTY_FILE(file=shown))
    there = folder / f"{name}.landed"
    packed = next((way for way, magic in PACKED.items() if head.startswith(magic)), "")
    try:
        with _unpacked(path, packed, shown) as stream:
            begins = stream.read(HEAD)
        kind = _kind(begins)
        _refuse_others(begins, kind, bool(packed), shown)
        if kind != TEXT:
            with _unpacked(path, packed, shown) as stream, there.open("wb") as file:
                for chunk in _within(stream, limits, shown):
                    file.write(chunk)
            encoding = ""
        else:
            encoding = _as_text(path, packed, there, limits, shown, encoding)
    except UNREADABLE as error:
        if isinstance(error, OSError) and error.errno is not None and there.exists() and not packed:
            raise  # the disk of our folder
        raise SettingError(say.DAMAGED(file=shown, why=short(error))) from None
    came_from = "" if called else str(path)
    return Landed(kind, str(there), called or path.name, came_from, sha256, stat.st_size, stat.st_mtime, encoding)


def _kind(head: bytes) -> str:
    return next((kind for kind, (at, magic) in KINDS.items() if head[at:].startswith(magic)), TEXT)


def _refuse_folder(path: Path, shown: str) -> None:
    """A sentence about a folder, with what is in it."""
    names = []
    with suppress(OSError, ValueError):
        if not path.is_dir():
            return
        names = sorted(one.name for one in path.iterdir() if not one.name.startswith((".", "_")))
    if names:
        raise SettingError(say.FOLDER(file=shown, names=", ".join(map(short, names[:8]))))


def _refuse_others(head: bytes, kind: str, packed: bool, shown: str) -> None:
    """A sentence about a file of a kind that people have and that is not read."""
    for at, magic, said in OTHERS:
        if head[at:].startswith(magic):
            raise SettingError(said(file=shown))
    if packed and head.startswith(tuple(PACKED.values())):
        raise SettingError(say.PACKED_TWICE(file=shown))
    if kind == TEXT and JSON.match(head):
        raise SettingError(say.JSON(file=shown))


@contextmanager
def _unpacked(path: Path, packed: str, shown: str) -> Iterator[IO[bytes]]:
    """The bytes of a file as they were before it was packed."""
    if packed == "zip":
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not one.is_dir() and not _of_a_system(one.filename)]
            if any(one.filename == "[Content_Types].xml" for one in members):
                raise SettingError(say.EXCEL(file=shown))
            if len(members) != 1:
                names = ", ".join(short(one.filename) for one in members[:8])
                raise SettingError(say.SEVERAL_FILES(file=shown, names=names or "nothing"))
            with archive.open(members[0]) as file:
                yield file
        return
    openers: dict[str, Any] = {"gzip": gzip.open, "bz2": bz2.open, "xz": lzma.open, "zstd": _zstd, "": Path.open}
    with openers[packed](path, "rb") as file:
        yield file


def _of_a_system(name: str) -> bool:
    """Whether a file of an archive is one that a system puts there by itself.

    >>> _of_a_system("__MACOSX/._log.csv"), _of_a_system("data/.DS_Store"), _of_a_system("data/log.csv")
    (True, True, False)
    """
    return "__MACOSX" in name or name.rpartition("/")[2].startswith(".")


@contextmanager
def _zstd(path: Path, _: str) -> Iterator[Any]:
    with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as file:
        yield file


def _within(stream: IO[bytes], limits: Limits, shown: str) -> Iterator[bytes]:
    """The chunks of a stream, as long as it is not longer than a file may be."""
    total = 0
    while chunk := stream.read(CHUNK):
        total += len(chunk)
        if total > limits.file * 1e6:
            raise SettingError(say.FILE_TOO_LARGE(file=shown, most=f"{limits.file:,}"))
        yield chunk


def _as_text(path: Path, packed: str, there: Path, limits: Limits, shown: str, encoding: str) -> str:
    """Copy text as UTF-8; the encoding that it was read in."""
    if not encoding:
        with _unpacked(path, packed, shown) as stream:
            head = stream.read(4_096)
        encoding = next((name for mark, name in MARKS.items() if head.startswith(mark)), "utf-8")
        if encoding == "utf-8" and len(head) >= 4 and not head[0] and head[1]:
            encoding = "utf-16-be"
        elif encoding == "utf-8" and len(head) >= 4 and head[0] and not head[1]:
            encoding = "utf-16-le"
    elif not _known(encoding):
        raise SettingError(say.NO_ENCODING(encoding=quoted(encoding)))
    for name in dict.fromkeys((encoding, WESTERN)):
        try:
            with _unpacked(path, packed, shown) as stream, there.open("wb") as file:
                last = name == WESTERN
                decoder = codecs.getincrementaldecoder(name)("replace" if last else "strict")
                _transcode(_within(stream, limits, shown), file, decoder, shown)
        except UnicodeError:
            if encoding not in ("utf-8", "utf-8-sig"):
                raise SettingError(say.OTHER_ENCODING(file=shown, encoding=encoding)) from None
        else:
            return name
    raise AssertionError  # Western text is read whatever it is


def _known(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding)._is_text_encoding
    except (LookupError, ValueError):
        return False


def _transcode(chunks: Iterator[bytes], file: IO[bytes], decoder: Any, shown: str) -> None:
    unbroken = 0
    for chunk in chunks:
        text = decoder.decode(chunk)
        if "\0" in text:
            raise SettingError(say.NO_TABLE(file=shown))
        end = max(text.rfind("\n"), text.rfind("\r"))
        unbroken = len(text) - end - 1 if end >= 0 else unbroken + len(text)
        if unbroken > LONGEST_LINE:
            raise SettingError(say.LINE_TOO_LONG(file=shown, most=LONGEST_LINE // 2**20))
        file.write(text.encode())
    file.write(decoder.decode(b"", True).encode())
