"""Training speed beside other libraries, in one run side by side: same data, widths, batch and optimiser.

    python tests/benchmarks/peers/run.py --tfrs PYTHON --rechub PYTHON [--steps 100] [--rounds 3] [--out
    data/speed/peers.csv]

Each library runs from an environment of its own, given by its Python:

    python3 -m venv tfrs && tfrs/bin/pip install tensorflow-cpu==2.21.0 tf-keras tensorflow-recommenders==0.7.7
    python3 -m venv rechub && rechub/bin/pip install torch==2.13.0 torch-rechub==0.9.0

Parallel towers on the journey data: embedding 8, two cross layers, MLP 64-64, output 32, in-batch softmax over 1,024
examples, Adam. Prints examples per second as medians over the rounds, each way beside TensorFlow Recommenders where it
ran, else beside one model of ours, and "floor": the matrix products of a step alone, one such loop a core. What is not
the same is said in each peer's own file.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[3]))

from pdcn import sources as datasets
from pdcn.sources.journey import JourneyData

HERE = Path(__file__).parent


def export(path: Path) -> None:
    """The training part as plain arrays."""
    dataset = datasets.load(JourneyData())
    part = dataset.part("train")
    positive = dataset.positive[part]
    np.savez(
        path,
        query_codes=dataset.queries.codes[part],
        query_values=dataset.queries.values[part],
        item_codes=dataset.items.codes,
        item_values=dataset.items.values,
        positive=positive,
        query_sizes=[len(field.values) for field in dataset.queries.categories],
        item_sizes=[len(field.values) for field in dataset.items.categories],
        share=np.bincount(positive, minlength=len(dataset.items)) / len(positive),
    )


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
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tfrs", metavar="PYTHON", help="a Python that has TensorFlow Recommenders")
    options.add_argument("--rechub", metavar="PYTHON", help="a Python that has torch-rechub")
    options.add_argument("--steps", type=int, default=100)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--out", metavar="FILE", help="write the table there, as CSV")
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
    middle = {way: statistics.median(found) for way, found in speeds.items()}
    base = next((speed for way, speed in middle.items() if way.startswith("TensorFlow")), next(iter(middle.values())))
    rows = [
        (way, f"{middle[way]:,.0f}", f"{min(found):,.0f}", f"{max(found):,.0f}", f"{middle[way] / base:.2f}")
        for way, found in speeds.items()
    ]
    header = ("way", "examples/s", "lowest", "highest", "ratio")
    for row in (header, *rows):
        print(f"{row[0]:<44}" + "".join(f"{cell:>12}" for cell in row[1:]))
    if chosen.out:
        with Path(chosen.out).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows((header, *rows))


if __name__ == "__main__":
    main()
