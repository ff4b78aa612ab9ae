"""What other machines cost and stand: overhead of a cell, machines that are killed, and a large study on paper.

    python tests/benchmarks/cluster.py [--kills 20] [--out data/speed/cluster.csv]

Machines are processes of this one, so seconds are upper bounds. Needs requirements-ray.txt; best begun where nobody
else is reached, by `unshare -rn --pid --fork --kill-child --mount-proc`.
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
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from pdcn import sources
from pdcn.evaluation.compare import compare
from pdcn.files import SHOWCASE
from pdcn.jobs.cells import Bench, Cell, Lap, cells_of, train
from pdcn.jobs.executors import local
from pdcn.jobs.rays import Address, cluster
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


def bench_and_cells(seeds: int, **values: Any) -> tuple[Bench, list[Cell]]:
    experiment = tiny(arms=ARMS, seeds=seeds, **values)
    bench = Bench.of(sources.load(experiment.data), torch.device("cpu"))
    return bench, list(cells_of(dict.fromkeys(ARMS, experiment), experiment.seed_list))


@contextmanager
def machines_of(count: int, home: Path) -> Iterator[Machines]:
    with Machines(home / "ray.log") as there:
        for _ in range(count):
            there.join()
        yield there


def overhead(count: int, home: Path) -> Iterator[Row]:
    """Wall-clock seconds a cell, of 2 arms x 8 seeds that train next to nothing, here and on so many machines."""
    bench, cells = bench_and_cells(8)
    begun = time.perf_counter()
    list(local(bench, cells, Watching()))
    here = (time.perf_counter() - begun) / len(cells)
    with machines_of(count, home) as there, cluster(Address.of(there.address.removeprefix("ray://"))) as far:
        while sum(node["Alive"] for node in far.ray.nodes()) < count + 1:
            time.sleep(0.2)
        list(far(bench, cells[: 2 * count], Watching()))  # every machine has imported torch, and has the data
        begun = time.perf_counter()
        found = [one for some in far(bench, cells, Watching()) for one in some]
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
            print(f"{made} kills, {studies} studies, {lost} lost, {unlike} unlike", flush=True)
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
    }


def simulated(found: dict[str, float], each: float, seed: int = 0) -> Iterator[Row]:
    """1,000 cells on 100 GPUs: every cell takes the time of a real one and the overhead of ours, results come back one
    after the other through the network of the head, data goes to every machine once, the last summary is made once."""
    draws = random.Random(seed)
    times = [max(0.2, draws.gauss(1, found["spread"])) * found["seconds"] for _ in range(CELLS)]
    free, network = [found["data"] * (at + 1) / NETWORK for at in range(GPUS)], 0.0
    heapq.heapify(free)
    for took in times:
        end = heapq.heappop(free) + each + took
        network = max(network, end) + found["result"] / NETWORK
        heapq.heappush(free, end)
    whole, ideal = network + found["compare"], sum(times) / GPUS
    yield "simulated", GPUS, whole, "seconds for 1,000 cells"
    yield "simulated: share", GPUS, ideal / whole, "of the time that GPUs could do no better than"
    yield "simulated: hours", GPUS, whole * GPUS / 3_600, "hours of GPUs"
    yield "limit: network", 0, found["seconds"] * NETWORK / found["result"], "GPUs whose results fill a gigabit"
    yield "limit: desk", 0, 0.2 / found["tell"], "trainings that the desk can hear"
    yield "limit: driver", 0, found["compare"], "seconds of the summary of 1,000 cells"


def tell_seconds(home: Path) -> float:
    """Seconds that the desk is busy with a lap that it is told, as a process beside it tells it 300 times."""

    def told_often(desk: Any, times: int) -> float:
        ray = import_module("ray")
        begun = time.perf_counter()
        ray.get([desk.tell.remote(0, 0, []) for _ in range(times)])
        return (time.perf_counter() - begun) / times

    with machines_of(1, home) as there, cluster(Address.of(there.address.removeprefix("ray://"))) as far:
        bench, cells = bench_and_cells(1)
        list(far(bench, cells, Watching()))
        return float(far.submit(told_often, far.desk, 300).result())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--out", type=Path, default=Path("data/speed/cluster.csv"))
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        os.environ["PDCN_HOME"] = name
        found = sizes()
        rows = [(what, 0, value, "") for what, value in found.items()]
        for count in (1, 2, 4):
            rows += overhead(count, home)
            print(rows[-2:], flush=True)
        found["tell"] = tell_seconds(home)
        rows += [("tell", 0, found["tell"], "seconds a call of the desk")]
        rows += simulated(found, next(value for what, count, value, _ in rows if (what, count) == ("overhead", 1)))
        print(*rows, sep="\n", flush=True)
        rows += kills(asked.kills, home)
    with asked.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["what", "machines", "value", "unit"])
        writer.writerows((what, count, f"{value:.6g}", unit) for what, count, value, unit in rows)


if __name__ == "__main__":
    main()
