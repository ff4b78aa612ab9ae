"""All seeds of an arm at once: their weights stacked, one kernel where S trainers would launch S.

The towers are those of `pdcn.nn`, unchanged (`torch.func.functional_call` under `vmap`); batches, clipping, checks and
early stopping stay each seed's own. Results equal `Trainer`'s but for the order of sums. On a GPU a step, once recorded
as a CUDA graph, is one launch: written by torch's rules for captures and not run yet, which
`python tests/benchmarks/devices.py --device cuda` does. On a CPU, where no kernel is too small, trainers beside each
other are faster.
Shapes: S seeds, B batch, M uniform negatives, H output width.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import groupby, islice
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from pdcn.nn.two_tower import LOG_TEMPERATURE_RANGE
from pdcn.tasks.retrieval.batches import Rows
from pdcn.training.adam import Adam
from pdcn.training.flat import flatten
from pdcn.training.loop import LivePoint, Trainer

SCORES_AT_ONCE = 200_000_000
"""Scores (S, B, C) that a step may hold: about 3 GB with what their gradient needs. More seeds take turns."""
WARM_UP = 3


def crews(trainers: Sequence[Trainer]) -> list[Trainer | Ensemble]:
    """Who trains beside whom: on a GPU the seeds of an arm as one, elsewhere each trainer by itself.

    So does an arm with dropout, whose masks are drawn one model at a time, one whose seeds have training events of
    their own, since an item's share of them is not the same for all, and one whose task does not stack.
    """
    found: list[Trainer | Ensemble] = []
    for _, own in groupby(sorted(trainers, key=lambda one: one.arm), key=lambda one: one.arm):
        seeds = list(own)
        apart = seeds[0].drops or seeds[0].data.train is not None or not seeds[0].task.stacks
        if seeds[0].data.device.type != "cuda" or apart or any(one.step for one in seeds):
            found += seeds
            continue
        batch = min(seeds[0].settings.batch, len(seeds[0].data))
        room = max(1, SCORES_AT_ONCE // (batch * (batch + seeds[0].settings.negatives)))
        found += [Ensemble(seeds[at : at + room]) for at in range(0, len(seeds), room)]
    return found


class Ensemble:
    """Trainers of one arm, from different seeds, none of which has begun: `lap` trains all of them.

    The trainers' weights become views of the stacked ones, so that checks, snapshots and `finish` see what was learned.
    A trainer that has ended keeps its best weights; its slice goes on, unwatched, until all have.
    """

    def __init__(self, trainers: Sequence[Trainer]) -> None:
        self.trainers = list(trainers)
        first = self.trainers[0]
        self.data, self.settings, self.model, self.task = first.data, first.settings, first.model, first.task
        device = self.data.device
        self.flat = flatten([one.model for one in self.trainers])
        self.optimiser = Adam(self.flat.weights, self.settings.learning_rate)
        seeds, batch = len(self.trainers), min(self.settings.batch, len(self.data))
        self.events = torch.zeros(seeds, batch, dtype=torch.int64, device=device)
        self.uniform = torch.zeros(seeds, self.settings.negatives, dtype=torch.int64, device=device)
        self.share = torch.zeros(seeds, device=device)  # of the peak rate: each seed's schedule is its own
        self.loss = torch.zeros(seeds, device=device)  # sum since it was last read
        self.gradient = torch.zeros(seeds, device=device)
        self.graph: torch.cuda.CUDAGraph | None = None

    def lap(self, steps: int) -> list[LivePoint]:
        """Train at most `steps` steps; points of every trainer that is not done."""
        going = self._going()
        points = [point for one in going for point in one.begin()]
        if not going:
            return points
        last = going[0].step + steps
        while going and going[0].step < last:
            at = going[0].step
            start, stretch = time.perf_counter(), min(last, *(one.next_check for one in going)) - at
            self._train(at, stretch)
            losses, gradients = (self.loss / stretch).tolist(), self.gradient.tolist()
            took = (time.perf_counter() - start) / len(going)
            for one, loss, gradient in zip(self.trainers, losses, gradients, strict=True):
                if one in going:
                    one.step += stretch
                    one.seconds += took
                    points.append(one.reached(loss, gradient))
            going = self._going()
        return points

    def _going(self) -> list[Trainer]:
        return [one for one in self.trainers if one.state == "training"]

    def _train(self, start: int, steps: int) -> None:
        """So many steps of all from that one; everything that they need is brought to the device first, at once."""
        drawn = [list(islice(one.drawn, steps)) for one in self.trainers]
        events, uniform = (
            torch.stack([torch.stack([step[part] for step in own]) for own in drawn], 1).to(self.data.device)
            for part in (0, 1)
        )  # (steps, S, B), (steps, S, M)
        shares = torch.tensor([[one.schedule.share(start + at) for one in self.trainers] for at in range(steps)])
        shares = shares.to(self.data.device)  # (steps, S)
        if self.data.device.type == "cuda" and self.graph is None:
            self.graph = self._recorded()
        self.loss.zero_()
        for at in range(steps):
            self.events.copy_(events[at])
            self.uniform.copy_(uniform[at])
            self.share.copy_(shares[at])
            if self.graph:
                self.graph.replay()
            else:
                self._step()

    def _step(self) -> None:
        """One step of all seeds, on `events`, `uniform` and `share`; no value leaves the device."""
        self.flat.gradient.zero_()
        batch = self.task.assemble(self.data, self.events, self.uniform, self.settings)
        loss = self.task.loss(self, self.data, batch)  # (S,)
        loss.sum().backward()  # type: ignore[no-untyped-call]
        self.gradient.copy_(self.flat.norms())
        share = (self.settings.clip / (self.gradient + 1e-6)).clamp_max(1.0)  # as clip_grad_norm_ does
        self.flat.gradient.mul_(share[self.flat.model])
        own = self.share.to(self.flat.weights)[self.flat.model]  # (P,)
        if self.settings.weight_decay:
            self.flat.decay(self.settings.weight_decay * self.settings.learning_rate * own)
        before = self.flat.weights.detach().clone()
        self.optimiser.step()  # at the peak rate, of which each seed takes its share
        with torch.no_grad():
            self.flat.weights.copy_(torch.lerp(before, self.flat.weights, own))
            if "log_temperature" in self.flat.views:
                self.flat.views["log_temperature"].clamp_(*LOG_TEMPERATURE_RANGE)
            self.loss += loss.detach()

    @property
    def temperature(self) -> Tensor:
        """Each seed's, (S, 1, 1): within its range, where every step holds it."""
        return self.flat.views["log_temperature"].exp()[:, None, None]

    @property
    def own_losses(self) -> bool:
        """Whether each branch has a loss of its own."""
        return self.model.own_losses

    def query(self, events: Tensor, *, each: bool = False) -> Tensor:
        """Vectors (S, B, H) of each seed's own events (S, B); with `each` (1 + branches, S, B, H)."""
        return self.run("query", *self._rows(self.data.queries, events), each=each)

    def item(self, items: Tensor, *, each: bool = False) -> Tensor:
        """Vectors (S, rows, H) of each seed's own items (S, rows), as `query`."""
        return self.run("item", *self._rows(self.data.items, items), each=each)

    def _rows(self, rows: Rows, index: Tensor) -> tuple[Tensor, Tensor]:
        """Rows (S, rows) of a table: (S, rows, F), (S, rows, M)."""
        return rows.codes[index], rows.values[index]

    def run(self, side: str, codes: Tensor, values: Tensor, *, each: bool = False) -> Tensor:
        """Outputs of each seed's tower of that name on rows of its own (S, rows, F) and (S, rows, M), as `query`."""
        tower: nn.Module = self.model.towers[side]
        own = {
            name.removeprefix(f"{side}."): weight
            for name, weight in self.flat.views.items()
            if name.startswith(f"{side}.")
        }
        run = vmap(lambda weights, *inputs: functional_call(tower, weights, inputs, {"each": each}), out_dims=int(each))
        return cast(Tensor, run(own, codes, values))

    def _recorded(self) -> torch.cuda.CUDAGraph:
        """The step as a CUDA graph. The steps that settle memory and kernels before it leave no trace."""
        before = self.flat.weights.clone()
        aside: Any = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(WARM_UP):
                self._step()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._step()
        self.flat.weights.copy_(before)
        self.optimiser.forget()
        return graph
