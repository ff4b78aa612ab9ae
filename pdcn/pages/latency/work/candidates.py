"""What a candidate costs in the networks of a ranking run on this machine, against the dot product of two towers."""

from __future__ import annotations

import pandas as pd
import torch

from pdcn.evaluation.candidates import candidates_frame
from pdcn.host import machine
from pdcn.jobs.analysis import Say, Settings
from pdcn.jobs.quiet import Quiet
from pdcn.pages.latency import words as say
from pdcn.pages.latency.plan import numbers
from pdcn.pages.latency.work.job import device_of, part
from pdcn.runs.store import Store
from pdcn.runs.trained import TrainedRun
from pdcn.settings import SettingError
from pdcn.training.device import describe

MOST = 100_000


def inspect(opened: TrainedRun, settings: Settings, tell: Say) -> dict[str, pd.DataFrame]:
    """Tables candidates, as `candidates_frame` has them for each number of candidates, each arm with its own blocks;
    and about. Nothing is timed while a run of this home is trained."""
    if settings["machine"] != machine():
        raise SettingError(say.NOT_THIS_MACHINE(here=machine(), machine=settings["machine"]))
    dataset, device = opened.data.dataset, device_of(str(settings["device"]))
    asked = numbers("candidates", str(settings["candidates"]), MOST)
    sizes = sorted({min(size, len(dataset.items)) for size in asked})
    share = 0.0
    quiet = Quiet(Store(), lambda words: tell(share, words))
    cells, found = [(arm, size) for arm in opened.arms for size in sizes], []
    for place, (arm, size) in enumerate(cells):
        share = place / len(cells)
        own = opened.folder.own(arm).model_copy(update={"arms": (arm,)})
        quiet()
        while True:
            watch = part(tell, share, (place + 1) / len(cells))
            frame = candidates_frame(dataset, own, device, int(settings["rounds"]), watch, size)
            if not quiet():
                break
        found.append(frame)
    about = {"machine": machine(), "device": describe(device), "torch": torch.__version__}
    return {"candidates": pd.concat(found, ignore_index=True), "about": pd.DataFrame([about])}
