"""What other machines cost and stand: overhead of a cell, machines that are killed, and a large study on paper.

    python tests/benchmarks/cluster.py [--kills 20] [--out data/speed/cluster.csv] [--only overhead]

Machines are processes of this one, so seconds are upper bounds. On paper a cell takes what one took here. Needs
requirements-ray.txt; best begun where nobody else is reached, by `unshare -rn --pid --fork --kill-child --mount-proc`.
"""

from __future__ import annotations

import argparse
import csv
import heapq
import os
import pickle
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from pdcn import sources
from pdcn.evaluation.compare import compare
from pdcn.files import SHOWCASE
from pdcn.jobs.cells import Bench, Benches, Cell, Lap, cells_of, train
from pdcn.jobs.executors import local
from pdcn.jobs.node import STORE_BYTES
from pdcn.jobs.rays.address import Address
from pdcn.jobs.rays.connection import cluster
from pdcn.jobs.rays.there import TELL_SECONDS
from pdcn.jobs.worker import carry_out
from pdcn.runs.folder import Progress, RunFolder
from pdcn.runs.store import Store
from pdcn.tasks import task_for
from tests.clusters import Machines
from tests.unit.studies_help import tiny

ARMS = ("sequential", "parallel")
CELLS, GPUS = 1_000, 100
NETWORK = 125e6
"""Bytes a second that the head's network takes, of a gigabit."""
MACHINES = (1, 2, 4)
UNITS = {
    "data": "bytes that go to every machine",
    "result": "bytes that come back",
    "seconds": "seconds of a training, mean",
    "spread": "of these, standard deviation over mean",
    "compare": "seconds to summarize 1,000",
    "picture": "seconds to keep the live picture of 1,000",
    "tell": "seconds a call of the desk",
}
Row = tuple[str, int, float, str]


class Watching:
    """A keeper who lets all go on."""

    stepping = False

    def goes_on(self, cells: Sequence[Cell]) -> bool:
        return True

    def keep(self, laps: Iterable[Lap]) -> None:
        for _ in laps:
            pass

    def measures(self, cells: Sequence[Cell]) -> None: ...

    def waits(self, cells: Sequence[Cell], what: str) -> None: ...


def benches_and_cells(seeds: int, **values: Any) -> tuple[Benches, list[Cell]]:
    experiment = tiny(arms=ARMS, seeds=seeds, **values)
    bench = Bench.of(sources.load(experiment.data), torch.device("cpu"))
    return lambda _: bench, list(cells_of(dict.fromkeys(ARMS, experiment), experiment.seed_list))


@contextmanager
def machines_of(count: int, home: Path) -> Iterator[Machines]:
    with Machines(home / "ray.log") as there:
        for _ in range(count):
            there.join()
        yield there


def overhead(count: int, home: Path) -> Iterator[Row]:
    """Wall-clock seconds a cell, of 2 arms x 8 seeds that train next to nothing, here and on so many machines."""
    benches, cells = benches_and_cells(8)
    begun = time.perf_counter()
    list(local(benches, cells, Watching()))
    here = (time.perf_counter() - begun) / len(cells)
    with machines_of(count, home) as there, cluster(Address.of(there.address.removeprefix("ray://"))) as far:
        while sum(node["Alive"] for node in far.ray.nodes()) < count + 1:
            time.sleep(0.2)
        list(far(benches, cells[: 2 * count], Watching()))  # every machine has imported torch, and has the data
        begun = time.perf_counter()
        found = [one for some in far(benches, cells, Watching()) for one in some]
        took = (time.perf_counter() - begun) / len(cells)
    assert len(found) == len(cells)
    yield "overhead", count, took - here, "seconds a cell"
    yield "cells", count, 1 / took, "cells a second"


def kills(count: int, home: Path) -> Iterator[Row]:
    """Studies during which one of two machines is killed at a drawn moment, again and again, until all kills are made;
    what they find is held against what this process finds."""
    asked = {"arms": ARMS, "seeds": 3, "epochs": 12, "patience": 0, "evaluations": 4}
    os.environ["PDCN_EXECUTOR"] = "local"
    store = Store()
    home_run = store.create(tiny(**asked), "cpu", own=True)
    carry_out(store, home_run)
    made, lost, unlike, studies = 0, 0, 0, 0
    with machines_of(2, home) as there:
        os.environ["PDCN_EXECUTOR"] = there.address
        while made < count:
            folder, moments = store.create(tiny(**asked), "cpu", own=True), sorted(random.random() for _ in range(2))

            def watch(now: Progress, moments: list[float] = moments) -> None:
                nonlocal made
                if moments and now.share > moments[0] and made < count and there.replace_one():
                    del moments[0]
                    made += 1

            ended = carry_out(store, folder, watch)
            studies += 1
            lost += ended.state != "done" or len(weights_of(folder)) != len(weights_of(home_run))
            unlike += weights_of(folder) != weights_of(home_run)
            yield "kills", 2, made, "machines killed"
            yield "kills: studies", 2, studies, "studies"
            yield "kills: lost", 2, lost, "studies that lost a cell"
            yield "kills: unlike", 2, unlike, "studies with other weights"


def weights_of(folder: RunFolder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder.path / "weights").glob("*.safetensors")}


def sizes() -> dict[str, float]:
    """Bytes and seconds of a cell with the data and settings of the showcase, as it trained."""
    showcase = RunFolder(SHOWCASE)
    result, measured, experiment = showcase.result, showcase.measured, showcase.experiment
    assert result is not None
    assert measured is not None
    dataset = task_for(experiment).view(sources.load(experiment.data), experiment)
    short = experiment.model_copy(update={"training": experiment.training.model_copy(update={"updates": 1})})
    _, ended = train(Bench.of(dataset, torch.device("cpu")), Cell("parallel", 1, short))
    batch = min(experiment.training.batch, len(range(*dataset.part("train").indices(len(dataset.queries)))))
    seconds = [
        seed["steps"] * batch / arm["examples_per_second"] for arm in result["arms"].values() for seed in arm["seeds"]
    ]
    column = next(iter(measured.cells.values()))
    many = {(name, at): column for name in experiment.arms for at in range(CELLS // len(experiment.arms))}
    task, items = task_for(experiment), len(dataset.items)
    assert showcase.history is not None
    points = showcase.history.to_dict("records") * (CELLS // len(measured.cells))
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        RunFolder(Path(folder)).write_frame("history.parquet", pd.DataFrame(points))
    picture = time.perf_counter() - begun
    begun = time.perf_counter()
    compare(
        replace(measured, cells=many),
        experiment.arms,
        experiment.against,
        task.metrics(items),
        task.headline(items),
        detect=0.01,
    )
    return {
        "data": len(pickle.dumps(dataset)),
        "result": len(pickle.dumps(ended)),
        "seconds": statistics.mean(seconds),
        "spread": statistics.stdev(seconds) / statistics.mean(seconds),
        "compare": time.perf_counter() - begun,
        "picture": picture,
    }


def scaled(found: dict[str, float], each: float, cells: int, machines: int, seed: int = 0) -> tuple[float, float]:
    """Seconds of a study on paper, and those that so many machines could do no better than.

    Every cell takes the time of a real one and the overhead of ours, results come back one after the other through the
    network of the head, data goes to every machine once, the last summary is made once.
    """
    draws = random.Random(seed)
    times = [max(0.2, draws.gauss(1, found["spread"])) * found["seconds"] for _ in range(cells)]
    free, network = [found["data"] * (at + 1) / NETWORK for at in range(machines)], 0.0
    heapq.heapify(free)
    for took in times:
        end = heapq.heappop(free) + each + took
        network = max(network, end) + found["result"] / NETWORK
        heapq.heappush(free, end)
    return network + found["compare"] * cells / CELLS, sum(times) / machines


def on_paper(found: dict[str, float], each: float) -> Iterator[Row]:
    """What a study of 2 arms x 8 seeds, and one of 1,000 cells on 100 GPUs, would take; and what is full when."""
    alone, _ = scaled(found, each, 16, 1)
    for machines in MACHINES:
        yield (
            "on paper: speed-up",
            machines,
            alone / scaled(found, each, 16, machines)[0],
            "of 16 cells, one machine = 1",
        )
    whole, ideal = scaled(found, each, CELLS, GPUS)
    yield "on paper: seconds", GPUS, whole, "for 1,000 cells"
    yield "on paper: share", GPUS, ideal / whole, "of the time at work"
    yield "on paper: hours", GPUS, whole * GPUS / 3_600, "hours of all machines together"
    yield "limit: network", 0, found["seconds"] * NETWORK / found["result"], "machines whose results fill a gigabit"
    yield "limit: store", 0, STORE_BYTES / found["result"], "results that one machine's objects have room for"
    yield "limit: desk", 0, TELL_SECONDS / found["tell"], "trainings that the desk can hear"
    yield "limit: picture", 0, found["picture"], "seconds of the live picture of 1,000 cells"
    yield "limit: summary", 0, found["compare"], "seconds of the summary of 1,000 cells"


def tell_seconds(home: Path) -> float:
    """Seconds that the desk is busy with a lap that it is told, as a process beside it tells it 300 times."""

    def told_often(desk: Any, times: int) -> float:
        ray = import_module("ray")
        begun = time.perf_counter()
        ray.get([desk.tell.remote(0, 0, []) for _ in range(times)])
        return (time.perf_counter() - begun) / times

    with machines_of(1, home) as there, cluster(Address.of(there.address.removeprefix("ray://"))) as far:
        benches, cells = benches_and_cells(1)
        list(far(benches, cells, Watching()))
        return float(far.submit(told_often, far.desk, 300).result())


def overheads(home: Path) -> Iterator[Row]:
    for count in MACHINES:
        yield from overhead(count, home)


def paper(home: Path, rows: Sequence[Row]) -> Iterator[Row]:
    """Sizes and times of a real cell, and what follows from them and the overhead that was measured before."""
    found = {**sizes(), "tell": tell_seconds(home)}
    yield from ((f"a cell: {what}", 0, value, UNITS[what]) for what, value in found.items())
    each = [value for what, machines, value, _ in rows if (what, machines) == ("overhead", 1)]  # others share cores
    yield from on_paper(found, max([0.0, *each]))


def read(file: Path) -> list[Row]:
    """The rows that are kept already."""
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return [(what, int(machines), float(value), unit) for what, machines, value, unit in [*csv.reader(lines)][1:]]


def write(file: Path, rows: Iterable[Row]) -> None:
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(["what", "machines", "value", "unit"])
        writer.writerows((what, count, f"{value:.3g}", unit) for what, count, value, unit in rows)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--out", type=Path, default=Path("data/speed/cluster.csv"))
    options.add_argument("--only", choices=("overhead", "paper", "kills"), help="this part alone; others stay as kept")
    asked = options.parse_args()
    rows = read(asked.out) if asked.only else []
    with tempfile.TemporaryDirectory() as name:
        os.environ["PDCN_HOME"] = name
        parts: dict[str, Callable[[], Iterator[Row]]] = {
            "overhead": lambda: overheads(Path(name)),
            "paper": lambda: paper(Path(name), rows),
            "kills": lambda: kills(asked.kills, Path(name)),
        }
        for part in [asked.only] if asked.only else parts:
            for row in parts[part]():
                print(*row, flush=True)
                rows = [*(kept for kept in rows if kept[:2] != row[:2]), row]
                write(asked.out, rows)


if __name__ == "__main__":
    main()
