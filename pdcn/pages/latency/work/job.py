"""The latency analysis: what the towers of a run cost to serve on this machine, told by `pdcn.pages.latency`.

Nothing is timed while a run of this home is trained.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import pandas as pd
import torch

from pdcn.host import clock_rate, cores, machine
from pdcn.jobs.analysis import Say, Settings
from pdcn.jobs.quiet import Quiet
from pdcn.nn.two_tower import TwoTower
from pdcn.pages.latency.plan import Plan
from pdcn.pages.latency.work.measure import measure, region
from pdcn.pages.latency.work.serving import serving_frame
from pdcn.pages.latency.work.subjects import Subject, of_arms
from pdcn.pages.latency.work.timing import Clock, CudaClock, HostClock, Timer
from pdcn.runs.store import Store
from pdcn.runs.trained import TrainedRun
from pdcn.settings import SettingError
from pdcn.training.device import available, pick

TOWERS, REGION = 0.45, 0.35
"""Shares of the work; what is left is serving."""


def part(say: Say, low: float, high: float) -> Say:
    """Tells how far a part of the work is, which goes from one share of all of it to another."""
    return lambda share, words: say(low + share * (high - low), words)


def inspect(opened: TrainedRun, settings: Settings, say: Say) -> dict[str, pd.DataFrame]:
    """Tables times, forms, region, serving, about and left_out."""
    plan = Plan.of(settings)
    device = device_of(str(settings["device"]))
    opened = TrainedRun(opened.folder, device.type)
    clock: Clock = CudaClock() if device.type == "cuda" else HostClock()
    share = 0.0

    def tell(now: float, words: str) -> None:
        nonlocal share
        share = now
        say(now, words)

    timer = Timer(clock, Quiet(Store(), lambda words: say(share, words)))
    models = {arm: opened.model(arm, opened.folder.seeds_of(arm)[0]) for arm in opened.arms}
    subjects = [side_of(opened, models, at) for at in range(2)]
    measured = measure(subjects, plan, device, timer, part(tell, 0.0, TOWERS))
    made_up = (
        region(subjects[0], plan, device, timer, part(tell, TOWERS, TOWERS + REGION))
        if plan.widths
        else measured["forms"].iloc[:0].assign(verdict=pd.Series(dtype="str"))
    )
    serving = serving_frame(
        models, opened.data, plan, timer, part(tell, TOWERS + REGION, 1.0), opened.events(plan.events)
    )
    about = {
        "machine": machine(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "cores": cores(),
        "torch": torch.__version__,
        "clock": clock.name,
        "mhz": clock_rate(),
        "measured": time.time(),
        "others": timer.others.share(),
        "seconds": plan.seconds,
        "remeasured": timer.again,
    }
    return {**measured, "region": made_up, "serving": serving, "about": pd.DataFrame([about])}


def side_of(opened: TrainedRun, models: Mapping[str, TwoTower], at: int) -> Subject:
    """The query side (0) or the item side (1) of a run: its arms' towers as they were trained."""
    dataset = opened.data.dataset
    towers = {arm: (model.query, model.item)[at] for arm, model in models.items()}
    networks = {arm: opened.folder.own(arm).networks()[at] for arm in towers}
    table = (dataset.queries, dataset.items)[at]
    return of_arms(("query", "item")[at], table, towers, networks, opened.experiment.against)


def device_of(name: str) -> torch.device:
    """The device of that name; `auto` is CUDA or the processor, whose clocks are known here."""
    if name == "auto":
        return torch.device("cuda" if "cuda" in available() else "cpu")
    device = pick(name)
    if device.type == "mps":
        raise SettingError("device: expected auto, cpu or cuda, whose clocks are known here, got mps")
    return device
