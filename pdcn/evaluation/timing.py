"""Timing in turns: every call once a round, in an order drawn anew, so that the machine's drift hits all alike."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, final

import numpy as np
import pandas as pd
import torch

from pdcn.arrays import Doubles
from pdcn.host import Others

Call = Callable[[], object]
WARM = 3
"""Rounds whose times are thrown away."""
MOST = 400
"""Rounds that are always enough."""
LEAST = {"p95": 20, "p99": 100}
"""From fewer repeats a percentile would be no more than the slowest of them."""
RESAMPLES = 400
COMPARED = ["variant", "against", "ratio", "ratio_low", "ratio_high", "overlap", "overlap_low", "overlap_high"]


class Clock(Protocol):
    """Times a call, in microseconds; `now` is in seconds."""

    name: str

    def time(self, call: Call) -> float:
        """How long one call takes."""

    def now(self) -> float:
        """Seconds since some moment."""
        return time.perf_counter()


@final
class HostClock(Clock):
    """The clock of the processor: for what runs on it, or with `settle` for what it waits for."""

    name = "time.perf_counter_ns"

    def __init__(self, settle: Callable[[], None] = lambda: None) -> None:
        self.settle = settle

    def time(self, call: Call) -> float:
        begun = time.perf_counter_ns()
        call()
        self.settle()
        return (time.perf_counter_ns() - begun) / 1e3


@final
class ThreadClock(Clock):
    """The time that the processor spends on the calling thread: what else runs on the machine hardly counts.

    For calls that this one thread carries out alone.
    """

    name = "time.thread_time_ns"

    def time(self, call: Call) -> float:
        begun = time.thread_time_ns()
        call()
        return (time.thread_time_ns() - begun) / 1e3


@final
class CudaClock(Clock):
    """Events of the GPU around one call, which is waited for before the next: the time of one request alone.

    The GPU is idle when a call begins, so launching counts where the GPU waits for it.
    """

    name = "CUDA events"

    def __init__(self) -> None:
        made: Any = torch.cuda.Event  # torch leaves it untyped
        self.begin, self.end = made(enable_timing=True), made(enable_timing=True)

    def time(self, call: Call) -> float:
        torch.cuda.synchronize()
        self.begin.record()
        call()
        self.end.record()
        self.end.synchronize()
        return float(self.begin.elapsed_time(self.end)) * 1e3


def in_rounds(calls: Mapping[str, Call], clock: Clock, *, seconds: float, least: int, most: int = MOST) -> pd.DataFrame:
    """Microseconds of every call, a column each, a row a round: rounds until the seconds are spent, at least
    `least`."""
    order, draw = list(calls), random.Random(0)
    for _ in range(WARM):
        for call in calls.values():
            clock.time(call)
    begun = clock.now()
    rows: list[dict[str, float]] = []
    while len(rows) < least or (len(rows) < most and clock.now() - begun < seconds):
        draw.shuffle(order)
        rows.append({name: clock.time(calls[name]) for name in order})
    return pd.DataFrame(rows, columns=list(calls))


class Timer:
    """Times calls while nobody trains; what others did meanwhile, and what had to be timed anew, is kept.

    `hold` waits until nobody trains, and says whether somebody did since it was last asked.
    """

    def __init__(self, clock: Clock, hold: Callable[[], bool] = lambda: False) -> None:
        self.clock, self.hold = clock, hold
        self.others, self.again = Others(), 0

    def samples(
        self, calls: Mapping[str, Call], *, seconds: float, least: int, clock: Clock | None = None
    ) -> pd.DataFrame:
        """As `in_rounds`; anew, from the start, as often as a training began meanwhile."""
        self.hold()
        while True:
            with self.others:
                found = in_rounds(calls, clock or self.clock, seconds=seconds, least=least)
            if not self.hold():
                return found
            self.again += 1


def percentiles(samples: pd.DataFrame) -> pd.DataFrame:
    """A row a call: `variant`, `p50`, `p95`, `p99` and `repeats`; a percentile that so few repeats can't tell is
    NaN."""
    repeats = len(samples)
    found = samples.quantile([0.5, 0.95, 0.99]).T.set_axis(["p50", "p95", "p99"], axis=1)
    found.loc[:, [name for name, least in LEAST.items() if repeats < least]] = np.nan
    return found.assign(repeats=repeats).rename_axis("variant").reset_index()


def compared(samples: pd.DataFrame, pairs: Mapping[str, str]) -> pd.DataFrame:
    """Each form against another: `ratio` of the two medians and `overlap`, each with a 95% interval.

    `overlap` is how parallel a form really is, (t_other - t_form) / min(t_cross, t_deep): 1 where the shorter branch
    costs nothing, 0 where it costs all of its time. It is told against "sequential", by the columns "cross" and "deep",
    and against "graph of sequential" by theirs; NaN where `samples` lacks one of the two.
    Intervals are of a bootstrap over the rounds, in which all calls were timed together.
    """
    values = samples.to_numpy(np.float64)
    draws = np.random.default_rng(0).integers(0, len(values), (RESAMPLES, len(values)))
    medians = np.vstack((np.median(values, axis=0), np.median(values[draws], axis=1)))  # (1 + R, calls)
    at = {name: medians[:, place] for place, name in enumerate(samples.columns)}
    rows = []
    for form, other in pairs.items():
        row: dict[str, object] = {"variant": form, "against": other}
        row |= _with_interval("ratio", at[form] / at[other])
        family = other.removesuffix("sequential")
        if other != family and {f"{family}cross", f"{family}deep"} <= at.keys():
            shorter = np.minimum(at[f"{family}cross"], at[f"{family}deep"])
            row |= _with_interval("overlap", (at[other] - at[form]) / shorter)
        rows.append(row)
    return pd.DataFrame(rows, columns=COMPARED)


def _with_interval(name: str, drawn: Doubles) -> dict[str, float]:
    low, high = np.quantile(drawn[1:], [0.025, 0.975])
    return {name: float(drawn[0]), f"{name}_low": float(low), f"{name}_high": float(high)}


@contextmanager
def threads(
    count: int, asked: Callable[[], int] = torch.get_num_threads, change: Callable[[int], None] = torch.set_num_threads
) -> Iterator[None]:
    """So many threads an operation inside the block, as many as before after it; of torch, or of another library."""
    before = asked()
    change(count)
    try:
        yield
    finally:
        change(before)
