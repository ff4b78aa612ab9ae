"""What learning from several outcomes costs, and what it brings. Both on the shopping world, never run by the tests.

    python tests/benchmarks/outcomes.py cost [--arm parallel] [--steps 20] [--rounds 7]
    python tests/benchmarks/outcomes.py gains [--worlds 4] [--only "two heads"]
    python tests/benchmarks/outcomes.py advertisers [--worlds 16] [--first 16]

`cost` trains plain retrieval, each addition and each other system in turns and tells steps a second of the processor,
so that what else runs on the machine plays a small part. `gains` trains each addition in several worlds, both arms from
one seed each, and tells on the test events what it adds to plain retrieval for conversions, for engagement and for the
conversions of the tail of the advertisers: the mean over worlds and arms, with a 95% interval over worlds.
`advertisers` does so in worlds where taste goes by advertiser, and few of many items are bought: where an advertiser
loss has something to learn that items alone teach slowly.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import t as student

sys.path.insert(0, str(Path(__file__).parents[2]))

from pdcn import sources
from pdcn.config import Experiment
from pdcn.dials import assemble, quick
from pdcn.sources.dataset import Dataset
from pdcn.tasks import task_for
from pdcn.tasks.measured import Measured
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.metrics import Recall
from pdcn.training.device import calm_threads
from pdcn.training.loop import Trainer
from pdcn.training.throughput import settle_on, turns
from tests.unit.outcomes_help import by_advertiser

PLAIN = {"hard_negatives": 0.0, "advertiser_loss": 0.0, "value_weight": "equal"}
ADDED: dict[str, dict[str, Any]] = {
    "plain retrieval": {},
    "click weights": {"value_weight": "log"},
    "hard negatives 0.25": {"hard_negatives": 0.25},
    "hard negatives 1": {"hard_negatives": 1.0},
    "means of advertisers 0.3": {"advertiser_loss": 0.3, "advertiser_vector": "mean"},
    "advertisers' vectors 0.3": {"advertiser_loss": 0.3, "advertiser_vector": "table"},
    "two heads": {"heads": "two"},
}
ADDED["all of these"] = {name: value for added in ADDED.values() for name, value in added.items()}
RANKED = {"task": "ranking", "outcome": "engagement"}
BESIDE: dict[str, dict[str, Any]] = {
    "a Transformer, DCN V2 projects": {"sequence": "transformer", "projection": "dcn_low"},
    "a Transformer, all side by side": {"sequence": "transformer", "projection": "flat"},
    "ranking": RANKED,
    "ranking, experts a surface": {**RANKED, "trunk": "mmoe"},
}
"""The other systems, whose cost is told beside that of plain retrieval."""
K = 20
CPU = torch.device("cpu")


def asked(world: int, added: str, **values: Any) -> Experiment:
    own = {**ADDED, **BESIDE}[added]
    plain = {} if "task" in own else PLAIN
    return assemble(quick({"data": "shopping", "shopping_seed": world, **plain, **own, **values}))


def seen(dataset: Dataset, experiment: Experiment) -> DeviceData:
    return DeviceData(task_for(experiment).view(dataset, experiment), CPU)


def cost(options: argparse.Namespace) -> None:
    dataset = sources.load(asked(0, "plain retrieval").data)
    trainers = []
    for added in (*ADDED, *BESIDE):
        experiment = asked(0, added, epochs=200, evaluations=1, patience=0)
        trainers.append(Trainer(seen(dataset, experiment), experiment, options.arm, 0, lambda *_: 0.0))
    work = [partial(trainer.lap, options.steps) for trainer in trainers]
    for one in work:
        one()
    took = turns(work, options.rounds, settle_on(CPU), time.process_time)
    first = statistics.median(took[0])
    print(f"{'':32}  steps/s      time of a step, plain = 1 (lowest to highest)")
    for added, seconds in zip((*ADDED, *BESIDE), took, strict=True):
        ratios = [mine / base for mine, base in zip(seconds, took[0], strict=True)]
        middle = statistics.median(seconds)
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        print(f"{added:32}  {options.steps / middle:7.1f}      {middle / first:.2f} ({spread})")


def levels(world: int, added: str) -> Iterator[dict[str, float]]:
    """Recall of each arm by the part of the test events, means over users."""
    experiment = asked(world, added)
    dataset, task = sources.load(experiment.data), task_for(experiment)
    data, events = seen(dataset, experiment), dataset.events("test")
    labels = task.labels(dataset, events)
    for arm in experiment.arms:
        trainer = Trainer(data, experiment, arm, world)
        while trainer.lap(100):
            pass
        found = Measured(
            dataset.user[events], {(arm, 0): task.measure(trainer.finish(), data, events)}, {}, labels=labels
        )
        sold = found.judged("conversion")
        parts = {"conversions": sold, "engagement": found.judged("engagement"), "tail": sold.of("advertisers", "tail")}
        yield {name: float(part.by_user(arm, [0], [Recall(K)]).mean()) for name, part in parts.items()}


def gains(options: argparse.Namespace) -> None:
    chosen = [options.only] if options.only else list(ADDED)[1:]
    base = [list(levels(world, "plain retrieval")) for world in range(options.worlds)]
    plain = {name: np.mean([one[name] for own in base for one in own]) for name in base[0][0]}
    print(f"recall@{K} of plain retrieval: " + ", ".join(f"{name} {100 * level:.1f}%" for name, level in plain.items()))
    wide = float(student.ppf(0.975, options.worlds - 1))
    for added in chosen:
        apart: dict[str, list[float]] = {name: [] for name in plain}
        for world, own in enumerate(base):
            pairs = list(zip(levels(world, added), own, strict=True))
            for name, found in apart.items():
                found.append(100 * statistics.mean(ours[name] - before[name] for ours, before in pairs))
        told = []
        for name, found in apart.items():
            mean, reach = statistics.mean(found), wide * statistics.stdev(found) / len(found) ** 0.5
            told.append(f"{name} {mean:+.1f} [{mean - reach:+.1f}, {mean + reach:+.1f}]")
        print(f"{added:30}  {'   '.join(told)}", flush=True)


def advertisers(options: argparse.Namespace) -> None:
    asked_for: dict[str, dict[str, Any]] = {
        "none": {},
        "mean of its items, 3": {"advertiser_loss": 3.0, "advertiser_vector": "mean"},
        "vectors of their own, 3": {"advertiser_loss": 3.0, "advertiser_vector": "table"},
    }
    found: dict[tuple[str, str], list[float]] = {}
    for world in range(options.first, options.first + options.worlds):
        dataset = by_advertiser(world)
        for name, values in asked_for.items():
            experiment = assemble(
                {"data": "shopping", **PLAIN, "batch": 256, "epochs": 15, "schedule": "cosine", **values}
            )
            task, data = task_for(experiment), seen(dataset, experiment)
            trainer = Trainer(data, experiment, "parallel", world)
            while trainer.lap(100):
                pass
            events = dataset.events("test")
            hits = Recall(K).values(task.measure(trainer.finish(), data, events))
            labels = task.labels(dataset, events)["advertisers"]
            for part in ("head", "tail"):
                found.setdefault((name, part), []).append(100 * float(hits[labels == part].mean()))
    wide = float(student.ppf(0.975, options.worlds - 1)) / options.worlds**0.5
    for (name, part), own in found.items():
        apart = [mine - before for mine, before in zip(own, found["none", part], strict=True)]
        mean, reach = statistics.mean(apart), wide * statistics.stdev(apart)
        level = f"{part} of the advertisers: recall@{K} {statistics.mean(own):.1f}%"
        print(
            f"{name:26} {level}"
            + ("" if name == "none" else f", {mean:+.1f} [{mean - reach:+.1f}, {mean + reach:+.1f}]")
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("cost")
    one.add_argument("--arm", default="parallel")
    one.add_argument("--steps", type=int, default=20)
    one.add_argument("--rounds", type=int, default=7)
    one.set_defaults(run=cost)
    other = commands.add_parser("gains")
    other.add_argument("--worlds", type=int, default=4)
    other.add_argument("--only", choices=list(ADDED)[1:])
    other.set_defaults(run=gains)
    last = commands.add_parser("advertisers")
    last.add_argument("--worlds", type=int, default=16)
    last.add_argument("--first", type=int, default=16)
    last.set_defaults(run=advertisers)
    options = parser.parse_args()
    calm_threads()
    options.run(options)


if __name__ == "__main__":
    main()
