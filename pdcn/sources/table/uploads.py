"""Files that a browser sent become a draft. They lie in a folder of ours under names of ours, and only for as long."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pdcn.files import check_writable, home, why_unwritable
from pdcn.settings import SettingError
from pdcn.sources.table import words as say
from pdcn.sources.table.draft import Draft, Files, begin
from pdcn.sources.table.limits import Limits

CHUNK = 2**20


@dataclass(frozen=True)
class Sent:
    """A file that a browser sent: what its person calls it, its bytes, and the table in it where it is a database."""

    called: str
    stream: IO[bytes]
    table: str = ""


def begin_sent(sent: Mapping[str, Sent]) -> Draft:
    """The draft of files that were sent, by what is in them: events, users, items; `SettingError` in one sentence."""
    limits = Limits.here()
    place = home() / "cache"
    try:
        check_writable()
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place, prefix=".sent-") as made:
            given = {}
            for table, one in sent.items():
                path = Path(made) / table
                _write(one, path, limits)
                given[table] = str(path)
            called = {table: one.called or table for table, one in sent.items()}
            within = {table: one.table for table, one in sent.items()}
            return begin(Files(**given, called=called, within=within), limits)
    except OSError as error:
        raise why_unwritable(place, error) from None


def _write(sent: Sent, path: Path, limits: Limits) -> None:
    sent.stream.seek(0, 2)
    if sent.stream.tell() > limits.upload * 1e6:
        raise SettingError(say.UPLOAD_TOO_LARGE(most=f"{limits.upload:,}"))
    sent.stream.seek(0)
    with path.open("wb") as file:
        shutil.copyfileobj(sent.stream, file, CHUNK)
