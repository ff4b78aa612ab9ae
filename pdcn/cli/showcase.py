"""python -m pdcn showcase: the run that comes with the project, made anew with all that the pages show of it."""

from __future__ import annotations

import argparse
import shutil
from typing import Any

from pdcn.cli.bench import measured
from pdcn.cli.compare import prepared, train
from pdcn.cli.inspect import arms_of, worked_out
from pdcn.cli.show import new_folder, show
from pdcn.config import Experiment
from pdcn.files import write_json
from pdcn.jobs.analysis import Analysis
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store

EXPERIMENT = Experiment()
BUNDLED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("crosses", {}),
    ("importance", {}),
    ("inside", {}),
    ("space", {}),
    *(("layout", {"points": points, "dimensions": d}) for points in ("items", "queries", "both") for d in (2, 3)),
    ("layout", {"over_training": True}),
    ("latency", {"compiled": True}),
)
"""What is worked out of the run; the times come last and are this machine's."""


def showcase(options: argparse.Namespace) -> int:
    """Train the defaults on the processor, work everything out, and put it into a new folder; 1 where a part failed."""
    out = new_folder(options.out)
    store = Store()
    folder = prepared(store, EXPERIMENT, "cpu")
    if train(store, folder).state != "done":
        return 1
    whole = True
    for kind, settings in BUNDLED:
        whole &= _kept(folder, kind, settings)
    shutil.copytree(folder.path, out, dirs_exist_ok=True)
    request = folder.request
    write_json(out / "request.json", {name: request[name] for name in ("created", "device")})
    result = folder.result
    assert result is not None
    show(result, RunFolder(out))
    return 0 if whole else 1


def _kept(folder: RunFolder, kind: str, settings: dict[str, Any]) -> bool:
    own = arms_of(folder) if kind == "layout" else {}
    analysis = Analysis.of(folder, kind, **own, **settings)
    return (measured(analysis) if kind == "latency" else worked_out(analysis)) is not None
