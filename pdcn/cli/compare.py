"""python -m pdcn compare: one study, here and now."""

from __future__ import annotations

import argparse
import json
import shutil

from pdcn.cli import words as say
from pdcn.cli.parser import experiment_of
from pdcn.cli.show import SAY, bars, new_folder, show
from pdcn.config import Experiment
from pdcn.jobs.needs import check, needs
from pdcn.runs.folder import Progress as RunProgress
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended."""
ENDED = {"done": 0, "interrupted": INTERRUPTED}
"""Exit codes of how a run ended; 1 for the rest."""


def compare(options: argparse.Namespace) -> int:
    """Run a study here and now, keep it in the store, print what it found."""
    experiment = experiment_of(options)
    out = new_folder(options.out) if options.out else None
    store = Store()
    folder = prepared(store, experiment, options.device)
    if len(experiment.arms) == 1:
        SAY.print(say.ONE_ARM(arm=experiment.arms[0]))
    ended = train(store, folder)
    if out:
        shutil.copytree(folder.path, out, dirs_exist_ok=True)
    return _told(ended, folder, options)


def resumed(store: Store, folder: RunFolder, options: argparse.Namespace) -> int:
    """Go on with a run that was cut short, here and now, and print what it found."""
    store.resume(folder.run, own=True, executor=options.executor)
    return _told(train(store, folder), folder, options)


def _told(ended: RunProgress, folder: RunFolder, options: argparse.Namespace) -> int:
    """Print what a run found; the exit code."""
    result = folder.result
    if ended.state in ("failed", "interrupted"):
        SAY.print(ended.message, style="red")
    if result is None:
        return ENDED.get(ended.state, 1) or 1
    if options.json:
        print(json.dumps(result))
    else:
        show(result, folder)
    return ENDED.get(ended.state, 1)


def prepared(store: Store, experiment: Experiment, device: str) -> RunFolder:
    """The folder of a run that this process is about to train; `SettingError` where the device is none."""
    from pdcn.training.device import pick

    pick(device)
    check(experiment, store.home)
    SAY.print(needs(experiment).words, style="dim")
    return store.create(experiment, device, own=True)


def train(store: Store, folder: RunFolder, prefix: str = "") -> RunProgress:
    """Train a run to its end behind a progress bar."""
    from pdcn.jobs.worker import carry_out

    with bars() as shown:
        task = shown.add_task(say.STARTING, total=None)

        def watch(now: RunProgress) -> None:
            said = prefix + (now.phase or now.state)
            shown.update(task, description=said, completed=now.done, total=now.total or None)

        return carry_out(store, folder, watch)
