"""Does another device find what the CPU finds, and how much faster? One command repeats the check.

    python tests/benchmarks/devices.py [--device cuda] [--data planted] [--seeds 3] [--full]
    python tests/benchmarks/devices.py --device cuda --data journey --seeds 5 --full

The same study on the CPU, where every seed trains by itself, and on the device, where on CUDA all seeds of an arm train
as one recorded step: first losses must agree within 1e-4 (relative), recall of every arm within 2 points (float32 sums
in another order drift apart while training). Exit code 1 where they do not. A study's time is told after a first one of
the same size on the same device, so that preparing data and settling kernels do not count.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from pdcn.dials import assemble, quick
from pdcn.jobs.worker import Recent, carry_out
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.training.device import available, pick

LOSS_TOLERANCE, RECALL_TOLERANCE = 1e-4, 0.02
LOADED = Recent()
"""The data stays in memory from study to study, as in the app's worker."""


def study(device: str, data: str, seeds: int, full: bool) -> tuple[RunFolder, float]:
    """Run the study on a device; its folder and how long it took."""
    values: dict[str, Any] = {"data": data, "seeds": seeds}
    experiment = assemble(values if full else quick(values))
    store = Store()
    folder = store.create(experiment, device, own=True)
    start = time.perf_counter()
    ended = carry_out(store, folder, load=LOADED)
    if ended.state != "done":
        sys.exit(f"{device}: {ended.state}: {ended.message}")
    return folder, time.perf_counter() - start


def main() -> int:
    """Print both results side by side; 0 if they agree."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--device", default=available()[0])
    options.add_argument("--data", choices=("planted", "journey"), default="planted")
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--full", action="store_true", help="the default size instead of the quick one")
    chosen = options.parse_args()
    print(f"cpu against {pick(chosen.device)}")
    with tempfile.TemporaryDirectory() as home:
        os.environ["PDCN_HOME"] = home
        runs = {}
        for name in dict.fromkeys((chosen.device, "cpu")):
            same = (name, chosen.data, chosen.seeds, chosen.full)
            if name == chosen.device:
                study(*same)
            runs[name] = study(*same)
        worst_loss = worst_recall = 0.0
        first = {}
        for name, (folder, took) in runs.items():
            history, result = folder.history, folder.result
            assert history is not None
            assert result is not None
            lap = history[history["step"] > 0]["step"].min()
            first[name] = history[history["step"] == lap].set_index(["arm", "seed"])["loss"].sort_index()
            for arm, record in result["arms"].items():
                print(
                    f"{name:5} {arm:12} recall@100 {100 * record['recall']['100']:.2f}%  "
                    f"{record['examples_per_second']:,.0f} examples/s"
                )
            print(f"{name:5} whole study {took:.1f} s")
        if len(runs) == 2:
            here, there = (runs[name][0].result for name in runs)
            assert here is not None
            assert there is not None
            losses = [first[name] for name in runs]
            worst_loss = float(((losses[0] - losses[1]).abs() / losses[0]).max())
            worst_recall = max(
                abs(here["arms"][arm]["recall"][k] - there["arms"][arm]["recall"][k])
                for arm in here["arms"]
                for k in here["arms"][arm]["recall"]
            )
        print(f"largest difference: first loss {worst_loss:.1e} relative, recall {100 * worst_recall:.2f} points")
    return 0 if worst_loss < LOSS_TOLERANCE and worst_recall < RECALL_TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
