"""Where the cells of a study are trained. A run's request names its executor; another one is a line in `EXECUTORS`."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib import import_module
from itertools import chain, groupby

import torch

from pdcn.host import cores
from pdcn.inert import quoted
from pdcn.jobs import words as say
from pdcn.jobs.cells import Bench, Benches, Cell, CellTraining, Executor, Keeper, Lost, Trained, lap_of
from pdcn.jobs.job import FAR, LOCAL
from pdcn.jobs.kept import keeping
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError
from pdcn.training.device import calm_threads
from pdcn.training.ensemble import crews


def local(benches: Benches, cells: Sequence[Cell], keeper: Keeper) -> Iterator[list[Trained | Lost]]:
    """In this process, all arms of a seed in lock step: the live picture compares like with like, and a stop ends all
    of them at the same step."""
    for _, own in groupby(cells, key=lambda cell: cell.data):
        several = list(own)
        if (yield from _in_a_world(benches(several[0]), several, keeper)):
            return


def _in_a_world(bench: Bench, cells: Sequence[Cell], keeper: Keeper) -> Generator[list[Trained | Lost], None, bool]:
    """What cells of one world come to; whether a stop ended it."""
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
                return True
    return False


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


EXECUTORS: dict[str, Executor] = {LOCAL: local}
"""Every executor by the name that a request gives it."""


def check(name: str) -> str:
    """The name of an executor as it came; `SettingError` where it names none."""
    kind, _, address = name.partition("://")
    if (kind in EXECUTORS and not address) or kind in FAR:
        return name
    raise SettingError(say.NO_SUCH_EXECUTOR(known=", ".join((*EXECUTORS, *FAR)), name=quoted(name)))


@contextmanager
def executing(name: str, folder: RunFolder) -> Iterator[Executor]:
    """The executor of that name, at work for a run; a far one is disconnected afterwards.

    What its cells come to is kept in the folder, and whoever goes on with such a run begins with that.
    """
    kind, _, address = check(name).partition("://")
    with ExitStack() as stack:
        executor = EXECUTORS.get(kind) or stack.enter_context(import_module(FAR[kind]).connected(address))
        yield keeping(folder.cells, executor) if kind in FAR or folder.cells.exists() else executor
