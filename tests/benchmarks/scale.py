"""Does the cost grow linearly, and does it fit? Speeds and memory from small data to large.

    python tests/benchmarks/scale.py [--out data/scale.csv] [--steps 60] [--most 10000000]

Planted data of 0.1, 1 and 10 million events, then of 10 thousand to 1 million items; each size in a process of its own:
seconds to prepare the data, examples a second of training (parallel arm), scores a second of ranking at most 2,048 test
events against the whole catalogue, and the most memory that each part held. Exit code 1 where training or ranking held
8 GB. Drawing planted events takes time as events x items, so that large catalogues come with few events here.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import pandas as pd
import torch

from pdcn import sources as datasets
from pdcn.dials import assemble
from pdcn.nn.two_tower import two_towers
from pdcn.tasks.base import VALIDATION_EVENTS
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.ranks import model_ranks
from pdcn.training.device import calm_threads
from pdcn.training.loop import Trainer
from pdcn.training.throughput import WARM_UP, forget_peak, peak_memory

CPU, LIMIT = torch.device("cpu"), 8e9
SIZES: tuple[dict[str, Any], ...] = (
    *({"events": events, "items": 500} for events in (100_000, 1_000_000, 10_000_000)),
    *({"events": 4_000_000_000 // items, "items": items} for items in (10_000, 100_000, 1_000_000)),
)


def measured(values: dict[str, Any], steps: int) -> dict[str, Any]:
    """One size, here and now."""
    calm_threads()
    experiment = assemble(
        {"data": "planted", "match": "none", "epochs": 200, "evaluations": 1, "patience": 0, **values}
    )
    forget_peak(CPU)
    start = time.perf_counter()
    dataset = datasets.load(experiment.data)
    row: dict[str, Any] = {"events": len(dataset.queries), "items": len(dataset.items)}
    row |= {"prepare_seconds": time.perf_counter() - start, "prepare_bytes": peak_memory(CPU)}
    forget_peak(CPU)
    data = DeviceData(dataset, CPU)
    trainer = Trainer(data, experiment, "parallel", 0, lambda *_: 0.0)
    trainer.lap(WARM_UP)
    start = time.perf_counter()
    trainer.lap(steps)
    took = time.perf_counter() - start
    row |= {"examples_per_second": steps * experiment.training.batch / took, "train_bytes": peak_memory(CPU)}
    forget_peak(CPU)
    every = dataset.events("test")
    events = every[np.linspace(0, len(every) - 1, min(VALIDATION_EVENTS, len(every))).astype(np.int64)]
    start = time.perf_counter()
    model_ranks(two_towers(trainer.model), data, events)
    took = time.perf_counter() - start
    return row | {"scores_per_second": len(events) * len(dataset.items) / took, "rank_bytes": peak_memory(CPU)}


def main() -> int:
    """Print the table, and keep it; 0 if everything fits."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", metavar="FILE", help="write the table there, as CSV")
    options.add_argument("--steps", type=int, default=60)
    options.add_argument("--most", type=int, default=10_000_000, help="leave larger sizes out")
    options.add_argument("--one", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.one:
        print(json.dumps(measured(json.loads(chosen.one), chosen.steps)))
        return 0
    rows = []
    for size in (size for size in SIZES if max(size.values()) <= chosen.most):
        with tempfile.TemporaryDirectory() as home:
            done = subprocess.run(
                [sys.executable, __file__, "--steps", str(chosen.steps), "--one", json.dumps(size)],
                env={**os.environ, "PDCN_HOME": home},
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            sys.exit(f"{size}: ended with {done.returncode}: {done.stderr[-500:]}")
        rows.append(json.loads(done.stdout.splitlines()[-1]))
        print(f"{size}: prepared in {rows[-1]['prepare_seconds']:.1f} s", file=sys.stderr)
    found = pd.DataFrame(rows)
    shown = pd.DataFrame(
        {
            "events": found["events"].map("{:,}".format),
            "items": found["items"].map("{:,}".format),
            "prepare s": found["prepare_seconds"].map("{:.1f}".format),
            "thousand examples/s": (found["examples_per_second"] / 1e3).map("{:.1f}".format),
            "million scores/s": (found["scores_per_second"] / 1e6).map("{:.0f}".format),
            **{
                f"{part} GB": (found[f"{part}_bytes"] / 1e9).map("{:.1f}".format)
                for part in ("prepare", "train", "rank")
            },
        }
    )
    print(shown.to_string(index=False))
    if chosen.out:
        shown.to_csv(chosen.out, index=False)
    return 1 if (found[["train_bytes", "rank_bytes"]] >= LIMIT).any(axis=None) else 0


if __name__ == "__main__":
    sys.exit(main())
