"""Where things are kept, and how a file is written so that nobody ever reads half of it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import platformdirs

from pdcn.config import SettingError

DATA = Path(__file__).parent.parent / "data"
SHOWCASE = DATA / "showcase"
"""The run that comes with the project, read-only."""


def home() -> Path:
    """The folder of runs and caches: `PDCN_HOME`, or the user's data directory."""
    chosen = os.environ.get("PDCN_HOME")
    path = Path(chosen).expanduser() if chosen else platformdirs.user_data_path("pdcn-explorer", False)
    path = path.absolute()  # the worker has another working directory
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(
            f"PDCN_HOME: expected a folder that can be written, got {path} ({error.strerror})"
        ) from None
    return path


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; it takes the place of `path` once the block is through.

    A block that fails leaves `path` as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_json(path: Path, record: Any) -> None:
    """Write a record as JSON, whole or not at all."""
    with atomic_path(path) as partial:
        partial.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read a JSON file; None where there is none, or where it is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):  # neither JSON nor UTF-8
        return None
