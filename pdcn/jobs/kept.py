"""Cells that have ended lie in their run's folder, so that a run that is begun again trains only the others.

A file a cell, which appears whole or not at all. It has weights and measures as tensors, all else as JSON, and the key
of what was trained: a file of another experiment, other data or another training is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from pdcn.files import atomic_path
from pdcn.jobs.cells import Bench, Benches, Cell, Executor, Keeper, Lap, Lost, Trained, by_world
from pdcn.runs.arm_seed import ArmSeed
from pdcn.training.loop import LivePoint
from pdcn.training.pairing import Pairing
from pdcn.training.version import VERSION

MEASURED = "measured"
WEIGHT = "weight/"


def keeping(folder: Path, executor: Executor) -> Executor:
    """An executor that carries out only the cells which do not lie in the folder yet, and keeps there what they come
    to."""

    def carry_out(benches: Benches, cells: Sequence[Cell], keeper: Keeper) -> Iterator[Sequence[Trained | Lost]]:
        there: set[Cell] = set()
        for own in by_world(cells):
            found = {cell: kept for cell in own if (kept := read(folder, benches, cell))}
            there |= found.keys()
            if found:
                keeper.keep(lap for lap, _ in found.values())
                yield [ended for _, ended in found.values()]
        rest = [cell for cell in cells if cell not in there]
        if not rest:
            return
        told = _Told(keeper)
        for ended in executor(benches, rest, told):
            for one in ended:
                if isinstance(one, Trained) and one.record.state != "stopped":
                    write(folder, benches(one.cell), one, told.points.pop(one.cell, []))
            yield ended

    return carry_out


class _Told:
    """A keeper who also notes the points of every cell."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.points: dict[Cell, list[LivePoint]] = {}

    def goes_on(self, cells: Sequence[Cell]) -> bool:
        return self.keeper.goes_on(cells)

    @property
    def stepping(self) -> bool:
        return self.keeper.stepping

    def keep(self, laps: Iterable[Lap]) -> None:
        several = [*laps]
        for lap in several:
            self.points.setdefault(lap.cell, []).extend(lap.points)
        self.keeper.keep(several)

    def measures(self, cells: Sequence[Cell]) -> None:
        self.keeper.measures(cells)

    def waits(self, cells: Sequence[Cell], what: str) -> None:
        self.keeper.waits(cells, what)


def _path(folder: Path, cell: Cell) -> Path:
    return folder / f"{cell.name}{'' if cell.trial is None else f'.{cell.trial}'}.safetensors"


def _key(bench: Bench, cell: Cell) -> str:
    told = f"{VERSION} {bench.data.dataset.hash} {cell.experiment.hash()} {cell.arm} {cell.seed} {cell.trial}"
    return sha256(told.encode()).hexdigest()


def write(folder: Path, bench: Bench, ended: Trained, points: Sequence[LivePoint]) -> None:
    """Keep what a cell came to, with the points of its live picture."""
    tensors = {WEIGHT + name: weight.contiguous() for name, weight in ended.weights.items()}
    if ended.measured is not None:
        tensors[MEASURED] = torch.from_numpy(np.array(ended.measured))  # that of another process is read-only
    told = {
        "key": _key(bench, ended.cell),
        "record": asdict(ended.record),
        "pairing": asdict(ended.pairing),
        "device": ended.device,
        "points": [asdict(point) for point in points],
    }
    with atomic_path(_path(folder, ended.cell)) as partial:
        save_file(tensors, partial, {"cell": json.dumps(told)})


def read(folder: Path, benches: Benches, cell: Cell) -> tuple[Lap, Trained] | None:
    """What a cell came to, and a lap with all of its points; None where that is not kept, or not whole."""
    try:
        with safe_open(_path(folder, cell), "pt") as file:
            told: dict[str, Any] = json.loads(file.metadata()["cell"])
            if told["key"] != _key(benches(cell), cell):
                return None
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (OSError, SafetensorError, ValueError, KeyError, TypeError):
        return None
    record, drawn = ArmSeed(**told["record"]), told["pairing"]["drawn"]
    pairing = Pairing(told["pairing"]["weights"], {int(step): digest for step, digest in drawn.items()})
    measured = tensors.pop(MEASURED).numpy() if MEASURED in tensors else None
    weights = {name.removeprefix(WEIGHT): weight for name, weight in tensors.items()}
    ended = Trained(cell, record, weights, measured, pairing, told["device"])
    return Lap(cell, record.state, record.steps, tuple(LivePoint(**one) for one in told["points"])), ended
