"""What does a leaner or faster way to train cost in recall? Each against float32 and a full shuffle, seed by seed.

    python tests/benchmarks/agreement.py [--out data/speed/agreement.csv] [--data journey] [--seeds 8] [--steps 1500]

Ways: block shuffles of few events at a time, where data of a hundred million events mixes a million; bf16 where
autocast takes it, in the towers; towers compiled by torch. Columns: the mean recall@100 over users of the test part,
its difference to the first row in points with a 95% interval (Student t over seeds, which are paired), and examples a
second of the processor over those of the first row, compiling and first steps left out. The interval says how far
luck goes: where it holds zero nothing was lost that so many seeds can tell.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import pandas as pd
import torch
from scipy import stats
from torch import Tensor

from pdcn import sources as datasets
from pdcn.config import Experiment
from pdcn.dials import assemble, quick
from pdcn.tasks.metric import event_weights
from pdcn.tasks.retrieval import batches
from pdcn.tasks.retrieval.batches import BlockShuffle, DeviceData
from pdcn.training.device import calm_threads, pick
from pdcn.training.loop import OneModel, Trainer
from pdcn.words import minus

ARM, EVENTS, SETTLING = "parallel", 4_096, 100


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


WAYS: dict[str, tuple[BlockShuffle | None, Callable[..., OneModel]]] = {
    "float32, all shuffled at once": (None, OneModel),
    "blocks of 64 events, 16 mixed": (BlockShuffle(64, 16), OneModel),
    "blocks of 512 events, 2 mixed": (BlockShuffle(512, 2), OneModel),
    "one block of 512 events at a time": (BlockShuffle(512, 1), OneModel),
    "bf16 in the towers": (None, Half),
    "compiled towers": (None, Compiled),
}


def trained(data: DeviceData, experiment: Experiment, way: str, seed: int) -> tuple[float, float]:
    """Recall of one training, and its examples a second of the processor."""
    blocks, towers = WAYS[way]
    if blocks:
        batches.BLOCKS = blocks
        update = {"training": experiment.training.model_copy(update={"shuffle": "blocks"})}
        experiment = experiment.model_copy(update=update)
    trainer = Trainer(data, experiment, ARM, seed, lambda *_: 0.0)
    trainer.towers = towers(trainer.model, data)
    trainer.lap(SETTLING)
    start = time.process_time()
    trainer.lap(trainer.steps)
    took = time.process_time() - start
    model, task = trainer.finish(), trainer.task
    events = task.events(data.dataset, "test", EVENTS)
    weights = event_weights(data.dataset.user[events], by_user=True)
    recall = task.headline(len(data.dataset.items)).values(task.measure(model, data, events)) @ weights
    return float(recall), (trainer.step - SETTLING) * experiment.training.batch / took


def main() -> None:
    """Print a row a way, and keep the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", metavar="FILE", type=Path, help="write the table there, as CSV")
    options.add_argument("--data", choices=("journey", "planted"), default="journey")
    options.add_argument("--device", default="cpu")
    options.add_argument("--seeds", type=int, default=8)
    options.add_argument("--steps", type=int, default=1_500)
    options.add_argument("--only", default="", help="of the ways beside the first, those whose name has this in it")
    chosen = options.parse_args()
    calm_threads()
    values = {**quick({"data": chosen.data}), "match": "none", "updates": chosen.steps, "evaluations": 1, "patience": 0}
    experiment = assemble(values)
    data = DeviceData(datasets.load(experiment.data), pick(chosen.device))
    rows: list[dict[str, str]] = []
    plain = np.zeros((chosen.seeds, 2))
    for way in [name for at, name in enumerate(WAYS) if not at or chosen.only in name]:
        found = np.array([trained(data, experiment, way, seed) for seed in range(chosen.seeds)])
        row = {
            "way": way,
            "recall@100": f"{found[:, 0].mean():.1%}",
            "points": "",
            "low": "",
            "high": "",
            "speed": "1.00",
        }
        if not rows:
            plain = found
        else:
            off = 100 * (found[:, 0] - plain[:, 0])
            half = stats.t.ppf(0.975, len(off) - 1) * off.std(ddof=1) / np.sqrt(len(off))
            told = {"points": off.mean(), "low": off.mean() - half, "high": off.mean() + half}
            row |= {name: minus(f"{value:+.2f}") for name, value in told.items()}
            row["speed"] = f"{np.median(found[:, 1]) / np.median(plain[:, 1]):.2f}"
        rows.append(row)
        print(*row.values(), sep=" | ", flush=True)
        if chosen.out:
            pd.DataFrame(rows).to_csv(chosen.out, index=False)


if __name__ == "__main__":
    main()
