"""Where the cells of a study are trained. A run's request names its executor; another one is a line in `EXECUTORS`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, groupby
from typing import Protocol

import torch

from pdcn.host import cores
from pdcn.jobs.cells import Bench, Cell, CellTraining, Keeper, Lost, Trained, lap_of
from pdcn.training.device import calm_threads
from pdcn.training.ensemble import crews


class Executor(Protocol):
    """Carries cells out, tells their keeper lap by lap, and yields what they came to, some at a time.

    Every cell comes to something: one that is lost on the way, as `Lost`. After a stop, those that had begun are
    yielded as far as they came.
    """

    def __call__(self, bench: Bench, cells: Sequence[Cell], keeper: Keeper) -> Iterator[Sequence[Trained | Lost]]: ...


def local(bench: Bench, cells: Sequence[Cell], keeper: Keeper) -> Iterator[list[Trained | Lost]]:
    """In this process, all arms of a seed in lock step: the live picture compares like with like, and a stop ends all
    of them at the same step."""
    device = bench.data.device
    with ThreadPoolExecutor(cores() if device.type == "cpu" else 1, initializer=calm_threads) as pool:
        for group in groups(cells, device):
            trainings = [CellTraining(bench, cell) for cell in group]
            stopped = _stopped(trainings, pool, keeper)
            begun = [one for one in trainings if one.trainer.step]
            if begun:
                keeper.measures([one.cell for one in begun])
                yield list(pool.map(CellTraining.ended, begun))
            if stopped:
                return


def groups(cells: Sequence[Cell], device: torch.device) -> list[list[Cell]]:
    """Cells that train beside each other: one trial; of seeds on a processor as many as fill the cores, elsewhere one,
    and on CUDA all of them."""
    found: list[list[Cell]] = []
    for _, of_trial in groupby(cells, key=lambda cell: cell.trial):
        seeds = [list(own) for _, own in groupby(of_trial, key=lambda cell: cell.seed)]
        beside = {"cpu": max(1, cores() // len(seeds[0])), "cuda": len(seeds)}.get(device.type, 1)
        found += [[*chain(*seeds[at : at + beside])] for at in range(0, len(seeds), beside)]
    return found


def _stopped(trainings: list[CellTraining], pool: ThreadPoolExecutor, keeper: Keeper) -> bool:
    """Lap by lap until all are done; whether a stop ended it."""
    trainers, cells = [one.trainer for one in trainings], [one.cell for one in trainings]
    lap, going = lap_of(trainers[0].steps), crews(trainers)
    keeper.keep(one.lap() for one in trainings)
    while any(trainer.state == "training" for trainer in trainers):
        if not keeper.goes_on(cells):
            return True
        points = [*chain.from_iterable(pool.map(lambda crew: crew.lap(lap), going))]
        keeper.keep(one.lap(points) for one in trainings)
    return False


LOCAL = "local"
EXECUTORS: dict[str, Executor] = {LOCAL: local}
"""Every executor by the name that a request gives it."""
