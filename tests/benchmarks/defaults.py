"""The measurement behind the defaults: one setting changed at a time, judged on validation only.

    python tests/benchmarks/defaults.py --out data/defaults.csv        (half an hour on two cores)

Validation recall@100 of both arms at two seeds, on both data sources. A default is kept unless another value
is clearly better for the two arms together; which arm it favours plays no part.
"""

from __future__ import annotations

import argparse
import csv
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from pdcn import sources as datasets
from pdcn.dials import assemble
from pdcn.host import cores
from pdcn.settings import SettingError
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.training.device import calm_threads, pick
from pdcn.training.loop import Trainer

ARMS, SEEDS = ("parallel", "sequential"), (0, 1)
CHANGES: tuple[dict[str, Any], ...] = (
    {},
    {"learning_rate": 0.003},
    {"learning_rate": 0.03},
    {"embedding_std": 0.03},
    {"embedding_std": 0.3},
    {"batch": 256},
    {"batch": 1024},
    {"weight_decay": 0.0},
    {"weight_decay": 0.3},
    {"patience": 3},
    {"patience": 12},
    {"id_embedding": 64},
    {"id_embedding": 64, "output": 64},
    {"history": True},
)


def main() -> None:
    """Write a row a data source and setting."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", metavar="FILE", type=Path, required=True, help="write the table there, as CSV")
    options.add_argument("--check", action="store_true", help="make only the row that takes the shortest")
    asked = options.parse_args()
    sources, changes = (("planted",), ({},)) if asked.check else (("journey", "planted"), CHANGES)
    with ThreadPoolExecutor(cores(), initializer=calm_threads) as pool, asked.out.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("data", "setting", *ARMS, "mean"))
        for source in sources:
            for change in changes:
                try:
                    experiment = assemble({"data": source, **change})
                except SettingError:  # another source's setting
                    continue
                data = DeviceData(datasets.load(experiment.data), pick("cpu"))
                pairs = [(arm, seed) for seed in SEEDS for arm in ARMS]
                trainers = [Trainer(data, experiment, arm, seed) for arm, seed in pairs]
                list(pool.map(lambda trainer: trainer.lap(trainer.steps), trainers))
                best = {arm: [t.best_validation for t in trainers if t.arm == arm] for arm in ARMS}
                means = [sum(best[arm]) / len(SEEDS) for arm in ARMS]
                name = ", ".join(f"{key} {value}" for key, value in change.items()) or "default"
                row = (source, name, *(f"{100 * mean:.1f}" for mean in (*means, sum(means) / len(means))))
                table.writerow(row)
                file.flush()
                print(*row)


if __name__ == "__main__":
    main()
