"""End to end: from a query's codes to the K items of highest score, exactly and by an approximate index.

Shapes: b queries of a call, N items, H output width. Times are microseconds, of the host: the list is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from typing import TypeVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pdcn.host import cores
from pdcn.jobs.analysis import Say
from pdcn.nn.two_tower import TwoTower
from pdcn.pages.latency.plan import Plan
from pdcn.pages.latency.work.indexes import Found, Index, faiss_threads, indexes
from pdcn.pages.latency.work.timing import Bench, Call, Clock, HostClock, percentiles, threads
from pdcn.sources.schema import Table
from pdcn.tasks.retrieval.batches import DeviceData, Rows
from pdcn.tasks.retrieval.ranks import encode_rows

X = TypeVar("X")
BATCHES = (1, 64)
"""Queries a call."""
TURNS = 32
"""Different batches that take turns: one alone would always find its part of the index in the cache."""
COLUMNS = [
    *("arm", "index", "setting", "threads", "batch", "k", "items"),
    *("encode_p50", "search_p50", "p50", "p95", "p99"),
    *("overlap_with_exact", "recall", "recall_exact", "build_seconds"),
]


@dataclass(frozen=True)
class Served:
    """An arm with a catalogue, its indexes, and how good the list of each is (`overlap_with_exact`, `recall`, ...)."""

    arm: str
    model: TwoTower
    items: int
    indexes: list[Index]
    quality: list[dict[str, float]]


def filled_up(table: Table, count: int, seed: int = 0) -> Table:
    """The catalogue followed by made-up items up to so many, each field of which is that of some item drawn for it
    alone."""
    draw, more = np.random.default_rng(seed), max(0, count - len(table))
    codes = np.stack([draw.choice(column, more) for column in table.codes.T], axis=1) if more else table.codes[:0]
    values = table.values[draw.integers(0, len(table), more)]
    return Table(
        table.categories, table.numbers, np.concatenate((table.codes, codes)), np.concatenate((table.values, values))
    )


def share_found(found: Found, exact: Found, items: int) -> float:
    """Mean share of the exact lists (b, K) that the found ones have, in any order.

    >>> share_found(np.array([[2, 1, -1], [0, 1, 2]]), np.array([[1, 2, 3], [2, 1, 0]]), items=4).__round__(3)
    0.833
    """
    place = np.arange(len(exact))[:, None] * items
    inside = np.isin(np.where(found < 0, -1, found + place), exact + place)
    return float(inside.sum() / exact.size)


@torch.inference_mode()
def serving_frame(
    models: Mapping[str, TwoTower], data: DeviceData, plan: Plan, bench: Bench, say: Say = lambda share, words: None
) -> pd.DataFrame:
    """A row an arm, catalogue, index, setting, number of threads and batch size.

    `overlap_with_exact` is the share of the exact first K that the index finds; `recall` and `recall_exact` are the
    shares of test events whose true item is in the list, over events evenly spaced, each counted once. Columns as in
    `COLUMNS`, shares between 0 and 1; `build_seconds` with all cores.
    """
    events = data.dataset.events("test", plan.events)
    own = len(data.dataset.items)
    sizes = [own, plan.items] if plan.items > own else [own]
    cells = [(size, count, batch) for size in sizes for count in plan.threads for batch in BATCHES]
    clock = HostClock(torch.cuda.synchronize) if data.device.type == "cuda" else HostClock()
    rows: list[dict[str, object]] = []
    served: list[Served] = []
    for done, (size, count, batch) in enumerate(cells):
        if not served or served[0].items != size:
            say(done / len(cells), f"building indexes of {size:,} items")
            served = [_served(arm, model, data, size, events, plan.k) for arm, model in models.items()]
        say(done / len(cells), f"timing lists from {size:,} items at batch {batch}, {count} threads an operation")
        drawn = np.random.default_rng(0).choice(events, (TURNS, batch))
        batches = [data.queries[torch.from_numpy(row).to(data.device)] for row in drawn]
        with threads(count), faiss_threads(count):
            timed = _timed(served, batches, bench, plan, clock)
        cell = {"threads": count, "batch": batch, "k": min(plan.k, size), "items": size}
        rows += [row | cell for row in timed]
    return pd.DataFrame(rows)[COLUMNS]


def _served(arm: str, model: TwoTower, data: DeviceData, size: int, events: np.ndarray, k: int) -> Served:
    rows = Rows.of(filled_up(data.dataset.items, size), data.device)
    with threads(cores()), faiss_threads(cores()):
        found = indexes(encode_rows(model.item, rows), k)
        query = model.query(*data.queries[torch.from_numpy(events).to(data.device)])
        lists = [one.search(query) for one in found]
    truth = data.dataset.positive[events][:, None]
    recalls = [float((found == truth).any(axis=1).mean()) for found in lists]
    quality = [
        {"overlap_with_exact": share_found(own, lists[0], size), "recall": recall, "recall_exact": recalls[0]}
        for own, recall in zip(lists, recalls, strict=True)
    ]
    return Served(arm, model, size, found, quality)


def _timed(
    served: Sequence[Served], batches: list[tuple[Tensor, Tensor]], bench: Bench, plan: Plan, clock: Clock
) -> list[dict[str, object]]:
    """A row an arm and index: encoding alone, searching alone and both, of all of them in turns."""
    calls: dict[str, Call] = {}
    for at, one in enumerate(served):
        encode = one.model.query
        vectors = [encode(*rows) for rows in batches]
        calls[f"encode {at}"] = in_turn(partial(_encoded, encode), batches)
        for place, index in enumerate(one.indexes):
            calls[f"search {at} {place}"] = in_turn(index.search, vectors)
            calls[f"both {at} {place}"] = in_turn(partial(_both, encode, index), batches)
    samples = bench.samples(calls, seconds=plan.seconds, least=plan.repeats, clock=clock)
    found = percentiles(samples).set_index("variant")
    return [
        {
            "arm": one.arm,
            "index": index.index,
            "setting": index.setting,
            "encode_p50": found.loc[f"encode {at}", "p50"],
            "search_p50": found.loc[f"search {at} {place}", "p50"],
            **{name: found.loc[f"both {at} {place}", name] for name in ("p50", "p95", "p99")},
            **one.quality[place],
            "build_seconds": index.build_seconds,
        }
        for at, one in enumerate(served)
        for place, index in enumerate(one.indexes)
    ]


def _encoded(encode: Callable[..., Tensor], rows: tuple[Tensor, Tensor]) -> Tensor:
    return encode(*rows)


def _both(encode: Callable[..., Tensor], index: Index, rows: tuple[Tensor, Tensor]) -> Found:
    return index.search(encode(*rows))


def in_turn(work: Callable[[X], object], inputs: Sequence[X]) -> Call:
    """A call that does its work on the next of the inputs, again from the first after the last."""
    turns = cycle(inputs)
    return lambda: work(next(turns))
