"""What does a leaner or faster way to train cost in recall? Each against float32 and a full shuffle, seed by seed.

    python tests/benchmarks/agreement.py [--out data/speed/agreement.csv] [--data journey] [--seeds 8] [--steps 1500]
    python tests/benchmarks/agreement.py --data large [--out data/speed/shuffle.csv] [--seeds 8]

Ways: block shuffles of few events at a time, where data of a hundred million events mixes a million; bf16 where
autocast takes it, in the towers; towers compiled by torch.

With `--data large` block shuffles as they are past memory, of blocks of 4,096 events: one epoch of four million planted
events. 256 blocks are mixed at a time, a third of these events; or 10, which is as large a share of them as 256 are of
a hundred million. On disk the training events stand by time, by user, or by item, which is the worst order there is:
then what a batch holds against an event are its item's neighbours, and most items are seen in one part of the epoch.

Columns: the mean recall@100 over users of the test part,
its difference to the first row in points with a 95% interval (Student t over seeds, which are paired), and examples a
second of the processor over those of the first row, compiling and first steps left out. The interval says how far
luck goes: where it holds zero nothing was lost that so many seeds can tell.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import pandas as pd
import torch
from scipy import stats
from torch import Tensor

from pdcn import sources as datasets
from pdcn.arrays import Doubles
from pdcn.config import Experiment
from pdcn.dials import assemble, quick
from pdcn.tasks.metric import event_weights
from pdcn.tasks.retrieval import batches
from pdcn.tasks.retrieval.batches import BLOCKS, BlockShuffle, DeviceData
from pdcn.training.device import calm_threads, pick
from pdcn.training.loop import OneModel, Trainer
from pdcn.words import minus

ARM, EVENTS, SETTLING = "parallel", 4_096, 100
LARGE = {"data": "planted", "events": 4_000_000, "items": 1_000, "users": 20_000, "epochs": 1, "schedule": "cosine"}


class Half(OneModel):
    """Towers whose products are in bf16, and their vectors in float32 again."""

    def run(self, tower: str, codes: Tensor, values: Tensor, *, each: bool = False) -> Tensor:
        """As of `OneModel`."""
        with torch.autocast(self.data.device.type, torch.bfloat16):
            return super().run(tower, codes, values, each=each).float()


class Compiled(OneModel):
    """Towers compiled by torch for any number of rows."""

    def __init__(self, model: Any, data: DeviceData) -> None:
        super().__init__(model, data)
        self.compiled: dict[str, Any] = {
            name: torch.compile(tower, dynamic=True) for name, tower in model.towers.items()
        }

    def run(self, tower: str, codes: Tensor, values: Tensor, *, each: bool = False) -> Tensor:
        """As of `OneModel`."""
        found: Tensor = self.compiled[tower](codes, values, each=each)
        return found


@dataclass(frozen=True)
class Way:
    """How events are shuffled, what runs the towers, and by what the training events are sorted on disk."""

    shuffle: BlockShuffle | None = None
    towers: Callable[..., OneModel] = OneModel
    order: str = "time"


WAYS: Mapping[str, Way] = {
    "float32, all shuffled at once": Way(),
    "blocks of 64 events, 16 mixed": Way(BlockShuffle(64, 16)),
    "blocks of 512 events, 2 mixed": Way(BlockShuffle(512, 2)),
    "one block of 512 events at a time": Way(BlockShuffle(512, 1)),
    "bf16 in the towers": Way(towers=Half),
    "compiled towers": Way(towers=Compiled),
}
PAST_MEMORY: Mapping[str, Way] = {
    "all shuffled at once": Way(),
    **{
        f"{mixed} blocks mixed, by {order}": Way(BlockShuffle(BLOCKS.events, mixed), order=order)
        for mixed in (BLOCKS.mixed, 10)
        for order in ("time", "user", "item")
    },
}


def sorted_by(data: DeviceData, order: str) -> DeviceData:
    """The data with its training events sorted, all else as it was."""
    if order == "time":
        return data
    old, train = data.dataset, data.dataset.part("train")
    keys = {"user": old.user, "item": old.positive}[order][train]
    place = np.arange(len(old.queries))
    place[train] = np.argsort(keys, kind="stable")
    queries = replace(old.queries, codes=old.queries.codes[place], values=old.queries.values[place])
    found = replace(old, queries=queries, positive=old.positive[place], user=old.user[place], truth=None)
    return DeviceData(found, data.device)


def trained(data: DeviceData, experiment: Experiment, way: Way, seed: int) -> tuple[float, float]:
    """Recall of one training, and its examples a second of the processor."""
    if way.shuffle:
        batches.BLOCKS = way.shuffle
        update = {"training": experiment.training.model_copy(update={"shuffle": "blocks"})}
        experiment = experiment.model_copy(update=update)
    trainer = Trainer(data, experiment, ARM, seed, lambda *_: 0.0)
    trainer.towers = way.towers(trainer.model, data)
    trainer.lap(SETTLING)
    start = time.process_time()
    trainer.lap(trainer.steps)
    took = time.process_time() - start
    model, task = trainer.finish(), trainer.task
    events = task.events(data.dataset, "test", EVENTS)
    weights = event_weights(data.dataset.user[events], by_user=True)
    recall = task.headline(len(data.dataset.items)).values(task.measure(model, data, events)) @ weights
    return float(recall), (trainer.step - SETTLING) * experiment.training.batch / took


def experiment_of(data: str, steps: int) -> Experiment:
    """What is trained on the data of that name."""
    values = LARGE if data == "large" else {**quick({"data": data}), "updates": steps}
    return assemble({**values, "match": "none", "evaluations": 1, "patience": 0})


def told(way: str, found: Doubles, plain: Doubles) -> dict[str, str]:
    """The row of a way: recall and speed of its seeds (seeds, 2), beside those of the first way."""
    row = {"way": way, "recall@100": f"{found[:, 0].mean():.1%}", "points": "", "low": "", "high": "", "speed": "1.00"}
    if found is plain:
        return row
    off = 100 * (found[:, 0] - plain[:, 0])
    half = stats.t.ppf(0.975, len(off) - 1) * off.std(ddof=1) / np.sqrt(len(off))
    ends = {"points": off.mean(), "low": off.mean() - half, "high": off.mean() + half}
    speed = f"{np.median(found[:, 1]) / np.median(plain[:, 1]):.2f}"
    return row | {name: minus(f"{value:+.2f}") for name, value in ends.items()} | {"speed": speed}


def main() -> None:
    """Print a row a way, and keep the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", metavar="FILE", type=Path, help="write the table there, as CSV")
    options.add_argument("--data", choices=("journey", "planted", "large"), default="journey")
    options.add_argument("--device", default="cpu")
    options.add_argument("--seeds", type=int, default=8)
    options.add_argument("--steps", type=int, default=1_500)
    options.add_argument("--only", default="", help="of the ways beside the first, those whose name has this in it")
    chosen = options.parse_args()
    calm_threads()
    experiment = experiment_of(chosen.data, chosen.steps)
    ways = PAST_MEMORY if chosen.data == "large" else WAYS
    data = DeviceData(datasets.load(experiment.data), pick(chosen.device))
    rows: list[dict[str, str]] = []
    plain = np.zeros((0, 2))
    for way in [name for at, name in enumerate(ways) if not at or chosen.only in name]:
        own = sorted_by(data, ways[way].order)
        found = np.array([trained(own, experiment, ways[way], seed) for seed in range(chosen.seeds)])
        plain = found if not rows else plain
        row = told(way, found, plain)
        rows.append(row)
        print(*row.values(), sep=" | ", flush=True)
        if chosen.out:
            pd.DataFrame(rows).to_csv(chosen.out, index=False)


if __name__ == "__main__":
    main()
