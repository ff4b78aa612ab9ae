"""What each kind of analysis does with an opened run: one module a kind, each with one function `inspect`.

`inspect(opened, settings, say)` returns tables by name, and tells `say` the share that is done and a phase in words
("" for the kind's own). These modules know torch; `pdcn.studies.analyst` calls them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, cast

from pdcn.studies.analyses import Frames, Settings

if TYPE_CHECKING:
    from pdcn.studies.opened import Opened

Say = Callable[[float, str], None]


def inspect(kind: str, opened: Opened, settings: Settings, say: Say) -> Frames:
    """The tables of an analysis."""
    module = import_module(f"pdcn.studies.inspection.{kind}")
    return cast(Frames, module.inspect(opened, settings, say))
