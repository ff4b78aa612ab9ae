"""How much a file of a person may hold, and how much of this machine its import may take."""

from __future__ import annotations

import os
from dataclasses import dataclass

from pdcn.settings import SettingError, whole_number
from pdcn.sources.table import words as say

PREFIX = "PDCN_IMPORT_"
"""Beginning of the environment variables that set other limits, such as PDCN_IMPORT_ROWS."""


@dataclass(frozen=True)
class Limits:
    """Limits of an import: `memory`, `file` (what it takes unpacked) and `upload` (what a browser may send) in
    megabytes, `cell` in characters."""

    memory: int = 1_000
    file: int = 20_000
    rows: int = 50_000_000
    columns: int = 300
    cell: int = 65_536
    upload: int = 200

    @classmethod
    def here(cls) -> Limits:
        """Those of this machine, which environment variables may set.

        >>> Limits.here().columns
        300
        """
        found = {}
        for name, field in cls.__dataclass_fields__.items():
            text = os.environ.get(f"{PREFIX}{name.upper()}", "")
            if not text:
                continue
            try:
                found[name] = whole_number(text)
            except ValueError:
                found[name] = 0
            if found[name] < 1:
                raise SettingError(say.LIMIT(name=f"{PREFIX}{name.upper()}", default=field.default))
        return cls(**found)
