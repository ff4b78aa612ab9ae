"""How far differences between trainings from other seeds usually spread: the measurement behind `usual_spread`.

    python tests/benchmarks/spread.py --out data/spread.csv        (twenty minutes on two cores)

Twelve kinds of studies, each of five seeds that no other one uses. A row holds what is known at the headline K: the
spread, the part of it that the luck of the users' events explains (the floor), and the recall of the baseline arm. Last
come the two numbers that make the spreads likeliest: how far whole trainings spread, as a share of recall, and the
degrees of freedom with which that is known. Runs are kept, and those that are there already are used.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.stats import f

sys.path.insert(0, str(Path(__file__).parents[2]))

from pdcn.cli.compare import train
from pdcn.config import Experiment
from pdcn.dials import assemble, quick
from pdcn.evaluation.statistics import paired_interval
from pdcn.runs.folder import RunFolder
from pdcn.runs.store import Store
from pdcn.tasks.retrieval.metrics import Recall, headline_k

SEEDS = 5
PLANTED = {"data": "planted", "events": 100_000, "items": 1_000, "batch": 512}
KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("journey", {"seed": 10}),
    ("journey, deep 16,16", {"seed": 20, "deep": (16, 16)}),
    ("journey, no ids", {"seed": 30, "ids": False}),
    ("journey, 4 cross layers", {"seed": 110, "cross_layers": 4}),
    ("journey, quick", {"seed": 40, **quick({"data": "journey"})}),
    ("planted", {"seed": 50, **PLANTED}),
    ("planted, strength 6", {"seed": 60, **PLANTED, "strength": 6.0}),
    ("planted, no noise", {"seed": 70, **PLANTED, "noise": 0.0}),
    ("planted, small towers", {"seed": 120, **PLANTED, "deep": (16,), "embedding": 4, "output": 16}),
    ("planted, 25,000 events", {"seed": 80, **PLANTED, "events": 25_000}),
    ("planted, 400,000 events", {"seed": 90, **PLANTED, "events": 400_000}),
    ("planted, quick", {"seed": 100, **quick({"data": "planted"})}),
)


def main() -> None:
    """Write a row a kind of study, and print what they say together."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", metavar="FILE", type=Path, required=True, help="write the table there, as CSV")
    options.add_argument("--check", action="store_true", help="make only the row that takes the shortest")
    asked = options.parse_args()
    store = Store()
    rows = []
    for name, values in KINDS[-1:] if asked.check else KINDS:
        experiment = assemble({**values, "seeds": SEEDS})
        folder = _done(store, experiment)
        if folder is None:
            folder = store.create(experiment, "cpu", own=True)
            train(store, folder, f"{name}: ")
        rows.append({"kind": name, **_measured(folder)})
        print(rows[-1])
    table = pd.DataFrame(rows)
    table.to_csv(asked.out, index=False, float_format="%.6f", lineterminator="\n")
    if asked.check:
        return
    share, freedom = likeliest(table)
    print(f"whole trainings spread by {share:.2%} of recall, known with {freedom:.1f} degrees of freedom")


def _done(store: Store, experiment: Experiment) -> RunFolder | None:
    found = [r.run for r in store.rows() if r.state == "done" and r.experiment == experiment.hash()]
    return store.folder(found[0]) if found else None


def _measured(folder: RunFolder) -> dict[str, Any]:
    measured, result = folder.measured, folder.result
    assert measured is not None
    assert result is not None
    metric = Recall(headline_k(result["data"]["items"]))
    seeds = measured.seeds("parallel", "sequential")
    arm, base = (measured.by_user(name, seeds, [metric]) for name in ("parallel", "sequential"))
    found = paired_interval(arm - base, resamples=2)
    return {
        "seeds": len(seeds),
        "users": arm.shape[1],
        "events": len(measured.user),
        "recall": float(base.mean()),
        "spread": float(found.seed_spread[0]),
        "floor": float(found.seed_floor[0]),
    }


def unlikely(table: pd.DataFrame, share: float, freedom: float) -> float:
    """Minus the log likelihood of the spreads, but for a constant."""
    ratio = table["spread"] ** 2 / (table["floor"] ** 2 + (share * table["recall"]) ** 2)
    return -float(np.sum(f.logpdf(ratio, table["seeds"] - 1, freedom) + np.log(ratio)))


def likeliest(table: pd.DataFrame) -> tuple[float, float]:
    """The share of recall and the degrees of freedom that make the spreads likeliest."""
    found = minimize(
        lambda logs: unlikely(table, *np.exp(logs)), np.log([0.01, 4]), method="Nelder-Mead", bounds=[(-12, 0), (0, 5)]
    )
    share, freedom = np.exp(found.x)
    return float(share), float(freedom)


if __name__ == "__main__":
    main()
