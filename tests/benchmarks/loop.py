"""Is the training loop as fast as a plain hand-written one? Both in one run, interleaved.

    python tests/benchmarks/loop.py [--arm parallel] [--steps 60] [--rounds 5]

The plain loop is what one writes without this project: embeddings, linear layers, cross entropy on
the full score matrix, Adam, gradient clipping; over the same tensors, with one thread.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).parents[2]))

from pdcn import sources as datasets
from pdcn.config import Experiment
from pdcn.dials import assemble
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.training.device import calm_threads, pick
from pdcn.training.loop import Trainer


class PlainTower(nn.Module):
    """A parallel or sequential tower, written down directly."""

    def __init__(self, sizes: list[int], numbers: int, parallel: bool) -> None:
        super().__init__()
        width = 8 * len(sizes) + numbers
        self.tables = nn.ModuleList(nn.Embedding(size, 8) for size in sizes)
        self.cross = nn.ModuleList(nn.Linear(width, width) for _ in range(2))
        self.deep = nn.Sequential(nn.Linear(width, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
        self.head = nn.Linear(64 + width if parallel else 64, 32)
        self.parallel = parallel

    def forward(self, codes: Tensor, values: Tensor) -> Tensor:
        parts = [table(codes[:, column]) for column, table in enumerate(self.tables)]
        x = x0 = torch.cat([*parts, values], dim=1)
        for layer in self.cross:
            x = x0 * layer(x) + x
        out = self.head(torch.cat([x, self.deep(x0)], dim=1) if self.parallel else self.deep(x))
        return functional.normalize(out, dim=1)


def plain_steps(data: DeviceData, parallel: bool, batch: int) -> object:
    """A function that trains a plain model for a number of steps."""
    dataset = data.dataset
    towers = [
        PlainTower([len(f.values) for f in table.categories], len(table.numbers), parallel)
        for table in (dataset.queries, dataset.items)
    ]
    query, item = towers
    temperature = nn.Parameter(torch.tensor(-2.3))
    weights = [*query.parameters(), *item.parameters(), temperature]
    optimiser = torch.optim.Adam(weights, lr=0.01)
    draws = torch.Generator().manual_seed(0)
    labels, diagonal = torch.arange(batch), torch.eye(batch, dtype=torch.bool)

    def train(steps: int) -> None:
        for _ in range(steps):
            events = torch.randint(len(data), (batch,), generator=draws)
            positive = data.positive[events].long()
            scores = query(*data.queries[events]) @ item(*data.items[positive]).T / temperature.exp()
            scores = scores - data.share[positive].log()
            same = (positive[:, None] == positive) & ~diagonal
            loss = functional.cross_entropy(scores.masked_fill(same, -torch.inf), labels)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(weights, 1.0)
            optimiser.step()

    return train


def main() -> None:
    """Print examples per second of both, and the ratio of their medians."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--arm", choices=("parallel", "sequential"), default="parallel")
    options.add_argument("--steps", type=int, default=60)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    calm_threads()
    experiment: Experiment = assemble({"epochs": 200, "evaluations": 1, "patience": 0})
    data = DeviceData(datasets.load(experiment.data), pick("cpu"))
    ours = Trainer(data, experiment, chosen.arm, 0)
    plain = plain_steps(data, chosen.arm == "parallel", experiment.training.batch)
    speeds: dict[str, list[float]] = {"plain": [], "ours": []}
    ours.lap(3)
    plain(3)  # type: ignore[operator]
    for _ in range(chosen.rounds):
        for name, work in (("plain", plain), ("ours", ours.lap)):
            start = time.perf_counter()
            work(chosen.steps)  # type: ignore[operator]
            took = time.perf_counter() - start
            speeds[name].append(chosen.steps * experiment.training.batch / took)
    for name, values in speeds.items():
        print(f"{name:6} {statistics.median(values):10,.0f} examples/s  ({min(values):,.0f} to {max(values):,.0f})")
    ratio = statistics.median(speeds["ours"]) / statistics.median(speeds["plain"])
    print(f"ratio  {ratio:10.2f}  (ours over plain; {chosen.arm}, one thread)")


if __name__ == "__main__":
    main()
