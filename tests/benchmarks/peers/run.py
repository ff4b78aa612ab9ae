"""Training speed beside other libraries, in one run side by side: same data, widths, batch and optimiser.

    python tests/benchmarks/peers/run.py --tfrs PYTHON --rechub PYTHON [--steps 100] [--rounds 3]

Each library runs from an environment of its own, given by its Python:

    python3 -m venv tfrs && tfrs/bin/pip install tensorflow-cpu==2.21.0 tf-keras tensorflow-recommenders==0.7.7
    python3 -m venv rechub && rechub/bin/pip install torch==2.13.0 torch-rechub==0.9.0

Parallel towers on the journey data: embedding 8, two cross layers, MLP 64-64, output 32, in-batch softmax over 1,024
examples, Adam. Prints examples per second as medians over the rounds, and their ratios to the slowest way of ours. What is
not the same is said in each peer's own file.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[3]))

from pdcn import datasets
from pdcn.config import JourneyData

HERE = Path(__file__).parent


def export(path: Path) -> None:
    """The training part as plain arrays."""
    dataset = datasets.load(JourneyData())
    part = dataset.part("train")
    positive = dataset.positive[part]
    np.savez(
        path,
        query_codes=dataset.queries.codes[part], query_values=dataset.queries.values[part],
        item_codes=dataset.items.codes, item_values=dataset.items.values, positive=positive,
        query_sizes=[len(field.values) for field in dataset.queries.categories],
        item_sizes=[len(field.values) for field in dataset.items.categories],
        share=np.bincount(positive, minlength=len(dataset.items)) / len(positive),
    )  # fmt: skip


def measured(python: str, script: str, data: Path, steps: int) -> dict[str, float]:
    """Examples per second by way, as a script measured them in its own environment."""
    done = subprocess.run(
        [python, str(HERE / script), str(data), str(steps)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{script}: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--tfrs", metavar="PYTHON", help="a Python that has TensorFlow Recommenders")
    options.add_argument("--rechub", metavar="PYTHON", help="a Python that has torch-rechub")
    options.add_argument("--steps", type=int, default=100)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    scripts = [(sys.executable, "ours.py")]
    scripts += [(chosen.tfrs, "tfrs_peer.py")] if chosen.tfrs else []
    scripts += [(chosen.rechub, "rechub_peer.py")] if chosen.rechub else []
    speeds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.npz"
        export(data)
        for _ in range(chosen.rounds):
            for python, script in scripts:
                for way, speed in measured(python, script, data, chosen.steps).items():
                    speeds.setdefault(way, []).append(speed)
    base = min(statistics.median(found) for way, found in speeds.items() if way.startswith("ours"))
    print(f"{'way':<44}{'examples/s':>12}{'low':>10}{'high':>10}{'ratio':>8}")
    for way, found in speeds.items():
        middle = statistics.median(found)
        print(f"{way:<44}{middle:>12,.0f}{min(found):>10,.0f}{max(found):>10,.0f}{middle / base:>8.2f}")


if __name__ == "__main__":
    main()
