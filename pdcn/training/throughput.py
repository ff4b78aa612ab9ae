"""How fast arms train, beside a plain loop and beside the matrix products alone, all in one run.

Speeds on a shared machine mean little by themselves, so everything is timed in turns and told as medians and ratios.
Shapes: B batch, C candidates, H output width.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor, nn

from pdcn.config import Experiment
from pdcn.host import cores
from pdcn.nn.model import initialise
from pdcn.nn.two_tower import TwoTower, two_towers
from pdcn.tasks.retrieval import Retrieval
from pdcn.tasks.retrieval.batches import Batch, DeviceData, draws
from pdcn.training import words
from pdcn.training.device import calm_threads
from pdcn.training.ensemble import Ensemble
from pdcn.training.loop import Trainer
from pdcn.words import spoken

Product = tuple[int, int, int]
"""(m, k, n): a product of (m, k) and (k, n)."""
WARM_UP = 3


def sampled_softmax_plainly(
    query: Tensor, items: Tensor, log_q: Tensor, hits: Tensor, weight: Tensor | None = None
) -> Tensor:
    """Mean over the batch of -log softmax at the positive: the definition, in autograd's own steps.

    query (B, H), already divided by the temperature; items (C, H), whose first B rows are the
    positives; log_q (C,), log of how likely each candidate was to be sampled; hits (B, C), true
    where a candidate is the row's own positive under another index; weight (B,), what each row counts.
    """
    scores = (query @ items.T - log_q).masked_fill(hits, -torch.inf)  # (B, C)
    each = nn.functional.cross_entropy(scores, torch.arange(len(query), device=query.device), reduction="none")
    return (each if weight is None else each * weight).mean()


class PlainLoop:
    """The training step in autograd's own words: no hand-written backward, no fused optimiser. The reference.

    It takes the same batches from the same seed as `Trainer`, and its weights stay equal to the trainer's but for
    rounding.
    With several outcomes it stays plain retrieval, by weight: without a second head, other losses or hard negatives.
    """

    def __init__(self, data: DeviceData, experiment: Experiment, arm: str, seed: int) -> None:
        self.data, self.settings = data, experiment.training
        self.model = TwoTower(data.dataset.queries, data.dataset.items, experiment, arm)
        initialise(self.model, seed, self.settings.embedding_std)
        self.model.to(data.device)
        weights = list(self.model.parameters())
        groups = [
            {"params": [weight for weight in weights if weight.dim() >= 2], "weight_decay": self.settings.weight_decay},
            {"params": [weight for weight in weights if weight.dim() < 2], "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=self.settings.learning_rate, foreach=False)
        self.batches: Iterator[Batch] = Retrieval().batches(data, self.settings, draws(data, self.settings, seed))
        self.schedule = Trainer(data, experiment, arm, seed, lambda *_: 0.0).schedule
        self.step = 0

    def lap(self, steps: int) -> None:
        """Train so many steps."""
        self.model.train()
        for _ in range(steps):
            batch = next(self.batches)
            for group in self.optimiser.param_groups:
                group["lr"] = self.settings.learning_rate * self.schedule.share(self.step)
            query = self.model.query(*self.data.queries[batch.events]) / self.model.temperature
            items = self.model.item(*self.data.items[batch.candidates])
            loss = sampled_softmax_plainly(query, items, batch.log_q[batch.place], batch.hits, batch.weight)
            self.optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip)
            self.optimiser.step()
            self.model.hold_temperature()
            self.step += 1


def products(model: TwoTower, batch: int, candidates: int) -> list[Product]:
    """Every matrix product of a training step: forward, and backward to inputs and to weights."""
    found = []
    for rows, tower in ((batch, model.query), (candidates, model.item)):
        for name, weight in tower.named_parameters():
            if weight.dim() >= 2 and not name.startswith("embedding"):
                out, into = weight.shape[-2:]
                times = weight.shape[0] if weight.dim() == 3 else 1  # one for each expert
                found += [(rows, into, out), (rows, out, into), (out, rows, into)] * times
    width = model.query.head.out_features
    return [*found, (batch, width, candidates), (batch, candidates, width), (candidates, batch, width)]


class Floor:
    """The step's matrix products alone, on random numbers: no training with them is faster."""

    def __init__(self, model: TwoTower, batch: int, candidates: int, device: torch.device) -> None:
        shapes = products(model, batch, candidates)
        self.terms: list[tuple[Tensor, Tensor, Tensor]] = [
            (torch.randn(m, k, device=device), torch.randn(k, n, device=device), torch.empty(m, n, device=device))
            for m, k, n in shapes
        ]

    def lap(self, steps: int) -> None:
        """Do the products of so many steps."""
        for _ in range(steps):
            for left, right, out in self.terms:
                torch.mm(left, right, out=out)


STATUS = Path("/proc/self/status")


def forget_peak(device: torch.device) -> None:
    """Measure the peak of memory anew from here on; where the system can't, it stays that of the process so far."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    else:
        with suppress(OSError):
            STATUS.with_name("clear_refs").write_text("5", encoding="ascii")


def peak_memory(device: torch.device) -> int:
    """The most memory in bytes since `forget_peak`: of the device on CUDA, else of this process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    with suppress(OSError, StopIteration):
        line = next(line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def settle_on(device: torch.device) -> Callable[[], None]:
    """What waits until the device has done all that it was given; nothing to wait for on a CPU."""
    if device.type == "cuda":
        return lambda: torch.cuda.synchronize(device)
    return lambda: None


def turns(
    work: Sequence[Callable[[], object]],
    rounds: int,
    settle: Callable[[], None],
    clock: Callable[[], float] = time.perf_counter,
) -> list[list[float]]:
    """Seconds that each piece of work took in each round; in a round all take turns, so that drift hits all alike."""
    took: list[list[float]] = [[] for _ in work]
    for _ in range(rounds):
        for place, one in enumerate(work):
            settle()
            start = clock()
            one()
            settle()
            took[place].append(clock() - start)
    return took


def spreads_of(speeds: Sequence[Sequence[float]]) -> list[dict[str, float]]:
    """Of each way its `median`, `low` and `high` over the rounds, and `of_floor`, the ratio of medians to the first."""
    floor = statistics.median(speeds[0])
    return [
        {"median": (middle := statistics.median(own)), "low": min(own), "high": max(own), "of_floor": middle / floor}
        for own in speeds
    ]


Way = tuple[str, int, Callable[[], object]]
"""A way of training: its name, how many seeds it trains, and the work of some steps."""


def _ways(data: DeviceData, experiment: Experiment, arm: str, steps: int, pool: ThreadPoolExecutor) -> list[Way]:
    trainers = [
        Trainer(data, experiment, arm, seed, lambda *_: 0.0) for seed in (experiment.seed, *experiment.seed_list)
    ]
    one, many = trainers[0], trainers[1:]
    batch = min(experiment.training.batch, len(data))
    floor = Floor(two_towers(one.model), batch, batch + experiment.training.negatives, data.device)
    plain = PlainLoop(data, experiment, arm, experiment.seed)

    def all_seeds() -> None:
        list(pool.map(lambda trainer: trainer.lap(steps), many))

    ways: list[Way] = [
        ("floor", 1, partial(floor.lap, steps)),
        ("plain loop", 1, partial(plain.lap, steps)),
        ("this loop", 1, partial(one.lap, steps)),
    ]
    if len(many) > 1:
        ways.append(("this loop", len(many), all_seeds))
    if len(many) > 1 and not one.drops and one.task.stacks:
        own = [Trainer(data, experiment, arm, seed, lambda *_: 0.0) for seed in experiment.seed_list]
        ways.append(("all seeds at once", len(own), partial(Ensemble(own).lap, steps)))
    return ways


def training_frame(
    data: DeviceData,
    experiment: Experiment,
    steps: int,
    rounds: int,
    say: Callable[[float, str], None] = lambda *_: None,
) -> pd.DataFrame:
    """Examples per second of every arm, a row a way of training: the floor, the plain loop, this loop from one seed,
    and all seeds of the experiment, beside each other and as one (`Ensemble`).

    Columns `arm`, `way`, `seeds`, `median`, `low`, `high` (examples/s, all seeds together), `of_floor` and `of_plain`
    (ratios of medians), `peak_bytes`, the most memory that the process, or the GPU, held while that way ran.
    """
    long = experiment.model_copy(
        update={"training": experiment.training.model_copy(update={"epochs": 10_000, "evaluations": 1, "patience": 0})}
    )
    device, batch = data.device, min(experiment.training.batch, len(data))
    calm_threads()
    rows = []
    workers = cores() if device.type == "cpu" else 1
    with ThreadPoolExecutor(workers, initializer=calm_threads) as pool:
        for place, arm in enumerate(experiment.arms):
            say(place / len(experiment.arms), words.TRAINING(arm=spoken(arm)))
            ways = _ways(data, long, arm, steps, pool)
            peaks = []
            for _, _, work in ways:
                forget_peak(device)
                for _ in range(WARM_UP):
                    work()
                peaks.append(peak_memory(device))
            took = turns([work for _, _, work in ways], rounds, settle_on(device))
            speeds = [
                [seeds * steps * batch / seconds for seconds in own]
                for (_, seeds, _), own in zip(ways, took, strict=True)
            ]
            told = spreads_of(speeds)
            plain = told[1]["median"]
            rows += [
                {"arm": arm, "way": way, "seeds": seeds, **one, "of_plain": one["median"] / plain, "peak_bytes": peak}
                for (way, seeds, _), one, peak in zip(ways, told, peaks, strict=True)
            ]
    return pd.DataFrame(rows)
