"""Timing towers cell by cell: a cell is a number of threads, a subject and a batch size, all its forms in turns.

Times are microseconds. Shapes: B batch, D width of x0.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from pdcn.host import cores
from pdcn.jobs.analysis import Say
from pdcn.pages.latency.plan import Plan
from pdcn.pages.latency.words import judged
from pdcn.pages.latency.work.forms import Form, compiled, forms, graphs, parts
from pdcn.pages.latency.work.subjects import Subject, synthetic
from pdcn.pages.latency.work.timing import Bench, Call, compared, percentiles, threads
from pdcn.words import plural

BOX = 240.0
"""Seconds after which nothing more is compiled."""
REGION_BATCHES = (1, 8, 64, 512, 2_048)
FAMILIES = ("compiled ", "graph of ", "arm ")
SIDE_BY_SIDE = ("parallel", "fused", "two threads", "two streams")
BEHIND = ("join", "head")
"""Parts of a tower that stand behind its branches."""
CELL = ["tower", "device", "threads", "batch", "width"]
FOUND = ["ratio", "ratio_low", "ratio_high", "overlap", "overlap_low", "overlap_high"]


@torch.inference_mode()
def measure(
    subjects: Sequence[Subject], plan: Plan, device: torch.device, bench: Bench, say: Say = lambda share, words: None
) -> dict[str, pd.DataFrame]:
    """Tables `times` (a row a variant and cell), `forms` (each form against another) and `left_out` (and why)."""
    counts = plan.threads if device.type == "cpu" else (1,)
    cells = [(count, subject, batch) for count in counts for subject in subjects for batch in plan.batches]
    work = _Work(plan, device, bench)
    times, against = [], []
    for done, (count, subject, batch) in enumerate(cells):
        say(
            done / len(cells),
            f"timing the {subject.name} tower at batch {batch:,}, {plural(count, 'thread')} an operation",
        )
        with threads(count):
            samples = work.cell(count, subject, batch)
        cell: dict[str, Any] = dict(
            zip(CELL, (subject.name, device.type, count, batch, subject.parallel.width), strict=True)
        )
        times.append(percentiles(samples).assign(**cell))
        against.append(compared(samples, dict(pairs(samples.columns, subject.against))).assign(**cell))
    return {
        "times": pd.concat(times, ignore_index=True)[[*CELL, "variant", "p50", "p95", "p99", "repeats"]],
        "forms": pd.concat(against, ignore_index=True)[[*CELL, "variant", "against", *FOUND]],
        "left_out": pd.DataFrame(sorted(work.left_out.items()), columns=["variant", "why"]),
    }


def region(
    like: Subject, plan: Plan, device: torch.device, bench: Bench, say: Say = lambda share, words: None
) -> pd.DataFrame:
    """As `forms`, of the blocks of a subject at many widths and batch sizes, with a `verdict` on each cell.

    Cells get half the repeats: they are many.
    """
    made = [synthetic(width, like.network, like.parallel.width) for width in plan.widths]
    subjects = list({subject.parallel.width: subject for subject in made}.values())
    coarse = replace(plan, batches=REGION_BATCHES, repeats=max(2, plan.repeats // 2), compiled=False)
    return judged(measure(subjects, coarse, device, bench, say)["forms"])


def pairs(names: Iterable[str], against: str) -> Iterator[tuple[str, str]]:
    """Which call of a cell is held against which: forms against their sequential one, arms against the arm `against`.

    >>> list(pairs(["cross", "sequential", "parallel", "arm b", "arm a"], "a"))
    [('parallel', 'sequential'), ('arm b', 'arm a')]
    """
    names = list(names)
    for name in names:
        family = next((start for start in FAMILIES if name.startswith(start)), "")
        form = name.removeprefix(family)
        other = f"arm {against}" if family == "arm " else f"{family}sequential"
        if name != other and other in names and (family == "arm " or form in SIDE_BY_SIDE):
            yield name, other


class _Work:
    """Makes the calls of a cell and times them; keeps what was compiled, and what could not be measured."""

    def __init__(self, plan: Plan, device: torch.device, bench: Bench) -> None:
        self.plan, self.device, self.bench = plan, device, bench
        self.left_out: dict[str, str] = {}
        self.compiling = 0.0
        self.key: tuple[int, str, int] | None = None
        self.plain: dict[str, Form] = {}
        self.built: dict[str, Form] = {}

    def cell(self, count: int, subject: Subject, batch: int) -> pd.DataFrame:
        """Microseconds of every call of a cell, a row a round."""
        subject.to(self.device)
        codes, values = subject.inputs(batch, self.device)
        x0 = subject.parallel.x0(codes, values)  # (B, D)
        self._prepare(count, subject)
        own = parts(subject.parallel, x0)
        branches = {name: form for name, form in own.items() if name not in BEHIND}
        arms = {f"arm {arm}": tower.above for arm, tower in subject.arms.items()}
        calls: dict[str, Call] = {"lookup": partial(subject.parallel.x0, codes, values)}
        for form in (own, self.plain, self._compiled(x0), arms):
            calls |= {name: partial(call, x0) for name, call in form.items()}
        calls |= graphs({**branches, **self.plain}, x0)
        return self.bench.samples(calls, seconds=self.plan.seconds, least=self.plan.repeats)

    def _prepare(self, count: int, subject: Subject) -> None:
        key = count, subject.name, subject.parallel.width
        if key == self.key:
            return
        self.key = key
        spare = count == 1 and cores() > 1
        self.plain = forms(subject.parallel, subject.sequential, spare=spare)
        self.built = compiled(self.plain) if self.plan.compiled else {}
        if not self.plan.compiled:
            self.left_out["compiled"] = "compiling takes minutes and was not asked for"
        if "fused" not in self.plain:
            self.left_out["fused"] = "one first product needs a full cross layer that reads x0"
        if self.device.type == "cpu":
            self.left_out["two streams, CUDA graphs"] = "they are a GPU's, and this ran on a processor"
            if cores() == 1:
                self.left_out["two threads"] = "this machine has one core"

    def _compiled(self, x0: Tensor) -> dict[str, Form]:
        """The compiled forms that can be called with this x0; the first call of a kind compiles."""
        ready = {}
        for name, form in list(self.built.items()):
            if self.compiling > BOX:
                self.left_out["compiled, the rest"] = f"compiling had taken {self.compiling:.0f} seconds"
                self.built.pop(name)
                continue
            begun = time.perf_counter()
            try:
                form(x0)
                ready[name] = form
            except Exception as error:  # no compiler, or one that fails: torch raises many kinds
                self.left_out[name] = f"the compiler failed here ({type(error).__name__})"
                self.built.pop(name)
            self.compiling += time.perf_counter() - begun
        return ready
