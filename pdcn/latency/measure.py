"""Measuring towers cell by cell: a cell is a number of threads, a tower and a batch size, all its forms in turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pdcn.config import Experiment, Network, SettingError
from pdcn.datasets.schema import CategoryField, Table
from pdcn.latency.forms import Form, compiled, forms, graphs, parts
from pdcn.latency.machine import Others, cores, machine
from pdcn.latency.timing import Call, Clock, CudaClock, HostClock, compared, in_rounds, percentiles, threads
from pdcn.nn.two_tower import Tower, TwoTower, initialise

BATCHES = (1, 4, 16, 64, 256, 1_024, 4_096)
QUICK_BATCHES = (1, 64, 4_096)
BOX = 60.0
"""Seconds after which nothing more is compiled."""
VALUES = 1_000
"""Values of a made-up field."""

Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Plan:
    """What is measured: batch sizes, threads an operation, seconds a cell, and whether compiled forms too."""

    batches: tuple[int, ...] = BATCHES
    threads: tuple[int, ...] = field(default_factory=lambda: tuple(sorted({1, cores()})))
    seconds: float = 0.5
    least: int = 30
    compiled: bool = False

    @classmethod
    def quick(cls, **values: object) -> Plan:
        """The smallest honest plan."""
        return cls(**{"batches": QUICK_BATCHES, "seconds": 0.2, "least": 20, **values})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Subject:
    """The towers to time beside each other: `parallel` and `sequential` of the same blocks, and `arms` of a run by name.

    `rows` of the table give real x0; `against` is the arm that the others are held against.
    """

    name: str
    parallel: Tower
    sequential: Tower
    table: Table
    arms: Mapping[str, Tower] = field(default_factory=dict)
    against: str = ""

    def inputs(self, batch: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Codes (B, F) and values (B, M) of rows drawn from the table."""
        rows = np.random.default_rng(0).integers(0, len(self.table), batch)
        codes = torch.from_numpy(self.table.codes[rows]).to(device, torch.int64)
        return codes, torch.from_numpy(self.table.values[rows]).to(device)


def made_up(fields: int, rows: int = 8_192) -> Table:
    """A table of so many categorical fields with random values.

    >>> made_up(3, rows=5).codes.shape
    (5, 3)
    """
    names = tuple(map(str, range(VALUES)))
    categories = tuple(CategoryField(f"field_{at}", f"field {at}", names) for at in range(fields))
    codes = np.random.default_rng(0).integers(0, VALUES, (rows, fields)).astype(np.int32)
    return Table(categories, (), codes, np.zeros((rows, 0), np.float32))


def pair_of(table: Table, network: Network, wiring: str = "parallel") -> tuple[Tower, Tower]:
    """A parallel and a sequential tower of the same blocks and, where they share them, the same random weights."""
    found = []
    for arm in (wiring, "sequential"):
        model = TwoTower(table, table, Experiment(network=network), arm)
        initialise(model, 0, 0.1)
        found.append(model.query.requires_grad_(False).eval())
    return found[0], found[1]


def synthetic(fields: int, network: Network) -> Subject:
    """Towers of a configuration over made-up fields."""
    table = made_up(fields)
    parallel, sequential = pair_of(table, network)
    return Subject(f"{fields} fields", parallel, sequential, table)


def no_wait() -> bool:
    """Nothing to wait for."""
    return False


@torch.inference_mode()
def measure(
    subjects: list[Subject],
    plan: Plan,
    device: torch.device,
    *,
    hold: Callable[[], bool] = no_wait,
    say: Callable[[float, str], None] = lambda share, words: None,
    clock: Clock | None = None,
) -> Frames:
    """Tables `times` (a row a variant and cell, microseconds), `forms` (each form against another), `about` and
    `left_out` (what could not be measured, and why).

    `hold` waits until nobody trains and says whether it had to: a cell during which somebody began is measured anew.
    """
    if device.type == "mps":
        raise SettingError("device: expected cpu or cuda, whose clocks are known here, got mps")
    clock = clock or (CudaClock() if device.type == "cuda" else HostClock())
    counts = (1,) if device.type == "cuda" else plan.threads
    cells = [(n, s, b) for n in counts for s in subjects for b in plan.batches]
    work = _Work(plan, device, clock)
    hold()
    others = Others()
    times, against = [], []
    for done, (count, subject, batch) in enumerate(cells):
        words = f"timing the {subject.name} at batch {batch:,}, {count} thread{'s' if count > 1 else ''}"
        with threads(count):
            while True:
                say(done / len(cells), words)
                samples, pairs = work.cell(count, subject, batch)
                if not hold():
                    break
        cell: dict[str, Any] = {"tower": subject.name, "device": device.type, "threads": count, "batch": batch,
                "width": subject.parallel.width}  # fmt: skip
        times.append(percentiles(samples).assign(**cell))
        against.append(compared(samples, pairs).assign(**cell))
    about = {
        "machine": machine(), "device": _named(device), "cores": cores(), "torch": torch.__version__,
        "clock": clock.name, "measured": time.time(), "others": others.share(), "seconds": plan.seconds,
    }  # fmt: skip
    left_out = pd.DataFrame(sorted(work.left_out.items()), columns=["variant", "why"])
    return {"times": _cells_first(times), "forms": _cells_first(against), "about": pd.DataFrame([about]),
            "left_out": left_out}  # fmt: skip


CELL = ["tower", "device", "threads", "batch", "width"]


def _cells_first(frames: list[pd.DataFrame]) -> pd.DataFrame:
    found = pd.concat(frames, ignore_index=True)
    return found[[*CELL, *(name for name in found.columns if name not in CELL)]]


def _named(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


class _Work:
    """Makes the calls of a cell and times them; keeps what was compiled, and what could not be measured."""

    def __init__(self, plan: Plan, device: torch.device, clock: Clock) -> None:
        self.plan, self.device, self.clock = plan, device, clock
        self.left_out: dict[str, str] = {}
        self.compiling = 0.0
        self.kept: dict[tuple[int, str], tuple[dict[str, Form], dict[str, Form]]] = {}

    def cell(self, count: int, subject: Subject, batch: int) -> tuple[pd.DataFrame, dict[str, str]]:
        """Microseconds of every call of a cell, and which form is held against which."""
        codes, values = subject.inputs(batch, self.device)
        x0 = subject.parallel.to(self.device).x0(codes, values)  # (B, D)
        plain, built = self._forms(count, subject, x0)
        calls: dict[str, Call] = {"lookup": lambda: subject.parallel.x0(codes, values)}
        calls |= parts(subject.parallel, x0)
        calls |= {name: _on(form, x0) for name, form in {**plain, **built}.items()}
        calls |= graphs(plain, x0)
        calls |= {f"arm {arm}": _on(tower.above, x0) for arm, tower in subject.arms.items()}
        samples = in_rounds(calls, self.clock, seconds=self.plan.seconds, least=self.plan.least)
        return samples, dict(_pairs(calls, subject.against))

    def _forms(self, count: int, subject: Subject, x0: Tensor) -> tuple[dict[str, Form], dict[str, Form]]:
        key = count, subject.name
        if key not in self.kept:
            self.kept.clear()  # the compiler forgets the others, too
            towers = {"sequential": subject.sequential, "parallel": subject.parallel}
            for tower in (*towers.values(), *subject.arms.values()):
                tower.to(self.device)
            plain = forms(subject.parallel, subject.sequential, count=count, spare=cores() > 1)
            self._note(plain)
            self.kept[key] = plain, self._compiled(towers, x0)
        return self.kept[key]

    def _note(self, plain: Mapping[str, Form]) -> None:
        if "fused" not in plain:
            self.left_out["fused"] = "one first product needs a full cross layer that reads x0"
        if self.device.type == "cpu":
            self.left_out["two streams, graphs"] = "they are made of a GPU's streams; this ran on a processor"
            if cores() == 1:
                self.left_out["two threads"] = "this machine has one core"

    def _compiled(self, towers: Mapping[str, Tower], x0: Tensor) -> dict[str, Form]:
        if not self.plan.compiled:
            self.left_out["compiled"] = "compiling takes half a minute or more and was not asked for"
            return {}
        if self.compiling > BOX:
            self.left_out["compiled, the rest"] = f"compiling had taken {self.compiling:.0f} seconds"
            return {}
        begun = time.perf_counter()
        try:
            return compiled(towers, x0)
        except Exception as error:  # no compiler, or one that fails: torch raises many kinds
            self.left_out["compiled"] = f"the compiler failed here ({type(error).__name__})"
            return {}
        finally:
            self.compiling += time.perf_counter() - begun


def _on(form: Form, x0: Tensor) -> Call:
    return lambda: form(x0)


def _pairs(calls: Mapping[str, Call], against: str) -> Iterator[tuple[str, str]]:
    for name in calls:
        family, _, form = (
            name.rpartition(" ") if name.startswith(("compiled ", "graph of ")) else ("", "", name)
        )
        other = f"{family} sequential".strip()
        if name.startswith("arm "):
            if name != f"arm {against}":
                yield name, f"arm {against}"
        elif name == "graph of two streams":
            yield name, "graph of sequential"
        elif form in ("parallel", "fused", "two threads", "two streams") and other in calls:
            yield name, other


def of_arms(own: Mapping[str, tuple[Network, str]], table: Table, name: str, against: str) -> Subject:
    """One side of a run: each arm's tower by its network and wiring, and both wirings of the first parallel one's blocks."""
    side_by_side = [pair for pair in own.values() if pair[1].startswith("parallel")]
    network, wiring = (side_by_side or list(own.values()))[0]
    parallel, sequential = pair_of(table, network, wiring if side_by_side else "parallel")
    arms = {}
    for arm, (blocks, its_wiring) in own.items():
        model = TwoTower(table, table, Experiment(network=blocks), its_wiring)
        initialise(model, 0, 0.1)
        arms[arm] = model.query.requires_grad_(False).eval()
    return Subject(name, parallel, sequential, table, arms, against)
