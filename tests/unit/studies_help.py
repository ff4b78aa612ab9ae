"""Tiny planted studies, and waiting with a deadline, for the tests of the job machinery."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pdcn.config import Experiment
from pdcn.dials import assemble

ROOT = Path(__file__).parents[2]


def tiny(**values: Any) -> Experiment:
    """A study that trains in well under a second, unless `values` make it longer."""
    small = {"data": "planted", "events": 2_000, "items": 100, "users": 50, "batch": 256}
    return assemble({**small, "epochs": 1, "seeds": 2, **values})


def long_study(**values: Any) -> Experiment:
    """A study of many laps that nobody waits for: it is stopped, paused or killed midway."""
    return tiny(**{"events": 8_000, "epochs": 100, "patience": 0, "evaluations": 1, **values})


def wait_for(what: Callable[[], object], seconds: float = 200) -> None:
    """Return once `what` is true; fail where that takes too long, even for a worker that gives way to other work."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.04)
