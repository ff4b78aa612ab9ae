"""python -m pdcn showcase: the run that comes with the project, made anew with all that the pages show of it."""

from __future__ import annotations

import argparse
import shutil

from pdcn.cli.compare import prepared, train
from pdcn.cli.inspect import arms_of, worked_out
from pdcn.cli.show import new_folder, show
from pdcn.config import Experiment
from pdcn.files import write_json
from pdcn.jobs.analysis import Analysis
from pdcn.pages import recipes
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store

EXPERIMENT = Experiment()


def bundled(folder: RunFolder) -> list[Analysis]:
    """What is worked out of the run; the times come last and are this machine's."""
    found = sorted(recipes().values(), key=lambda recipe: recipe.timed)
    return [Analysis.of(folder, one, **{**arms_of(folder, one), **own}) for one in found for own in one.showcase]


def showcase(options: argparse.Namespace) -> int:
    """Train the defaults on the processor, work everything out, and put it into a new folder; 1 where a part failed."""
    out = new_folder(options.out)
    store = Store()
    folder = prepared(store, EXPERIMENT, "cpu")
    if train(store, folder).state != "done":
        return 1
    kept = [worked_out(analysis) is not None for analysis in bundled(folder)]
    shutil.copytree(folder.path, out, dirs_exist_ok=True)
    request = folder.request
    write_json(out / "request.json", {name: request[name] for name in ("created", "device")})
    result = folder.result
    assert result is not None
    show(result, RunFolder(out))
    return 0 if all(kept) else 1
