"""What each kind of analysis does with an opened run: a module that `KINDS` names, with one function `inspect`.

`inspect(opened, settings, say)` returns tables by name, and tells `say` the share that is done and a phase in words
("" for the kind's own). These modules know torch; `pdcn.jobs.analyst` calls them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, cast

import pandas as pd

from pdcn.jobs.analysis import KINDS, Settings

if TYPE_CHECKING:
    from pdcn.runs.trained import TrainedRun

Say = Callable[[float, str], None]


def inspect(kind: str, opened: TrainedRun, settings: Settings, say: Say) -> dict[str, pd.DataFrame]:
    """The tables of an analysis."""
    module = import_module(KINDS[kind].work)
    return cast(dict[str, pd.DataFrame], module.inspect(opened, settings, say))
