"""End to end: from a query's codes to the K items of highest score, exactly and by an approximate index.

Shapes: b queries of a call, N items, H output width. Times are microseconds, of the host: the list is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import cycle, product
from typing import TypeVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pdcn.arrays import Ints
from pdcn.evaluation.timing import Call, HostClock, Timer, percentiles, threads
from pdcn.host import cores
from pdcn.jobs.analysis import Say
from pdcn.nn.tower import Tower
from pdcn.nn.two_tower import TwoTower
from pdcn.pages.latency import words
from pdcn.pages.latency.plan import Plan
from pdcn.pages.latency.work.indexes import Index, Search, faiss_threads, indexes
from pdcn.sources.encoded_table import Table
from pdcn.tasks.retrieval.batches import DeviceData, Rows
from pdcn.tasks.retrieval.ranks import encode_rows
from pdcn.words import plural

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


def filled_up(table: Table, count: int, seed: int = 0) -> Table:
    """The catalogue followed by made-up items up to so many, each field of which is that of some item drawn for it
    alone."""
    draw, more = np.random.default_rng(seed), max(0, count - len(table))
    columns = [*table.single.T, *table.of_bags]
    codes = np.column_stack([draw.choice(column, more) for column in columns]) if more else table.codes[:0]
    values = table.values[draw.integers(0, len(table), more)]
    every = np.concatenate((table.codes, codes)), np.concatenate((table.values, values))
    return Table(table.categories, table.numbers, *every, table.bags)


def share_found(found: Ints, exact: Ints, items: int) -> float:
    """Mean share of the exact lists (b, K) that the found ones have, in any order.

    >>> share_found(np.array([[2, 1, -1], [0, 1, 2]]), np.array([[1, 2, 3], [2, 1, 0]]), items=4).__round__(3)
    0.833
    """
    place = np.arange(len(exact))[:, None] * items
    inside = np.isin(np.where(found < 0, -1, found + place), exact + place)
    return float(inside.sum() / exact.size)


@torch.inference_mode()
def serving_frame(
    models: Mapping[str, TwoTower],
    data: DeviceData,
    plan: Plan,
    timer: Timer,
    say: Say = lambda share, words: None,
    events: Ints | None = None,
) -> pd.DataFrame:
    """A row an arm, catalogue, index, setting, number of threads and batch size.

    `overlap_with_exact` is the share of the exact first K that the index finds; `recall` and `recall_exact` are the
    shares of test events whose true item is in the list, over `events` (n,), by default evenly spaced ones of all, each
    counted once. Columns as in `COLUMNS`, shares between 0 and 1; `build_seconds` with all cores.
    """
    events = data.dataset.events("test", plan.events) if events is None else events
    catalogue = len(data.dataset.items)
    sizes = [catalogue, plan.items] if plan.items > catalogue else [catalogue]
    cells = list(product(plan.threads, BATCHES))
    clock = HostClock(torch.cuda.synchronize) if data.device.type == "cuda" else HostClock()
    rows: list[dict[str, object]] = []
    for at, size in enumerate(sizes):
        say(at / len(sizes), words.BUILDING(items=f"{size:,}"))
        built = {arm: _built(model, data, size, events, plan.k) for arm, model in models.items()}
        for done, (count, batch) in enumerate(cells):
            share = (at + done / len(cells)) / len(sizes)
            say(share, words.TIMING_LISTS(items=f"{size:,}", batch=batch, threads=plural(count, "thread")))
            drawn = np.random.default_rng(0).choice(events, (TURNS, batch))
            batches = [data.queries[torch.from_numpy(row).to(data.device)] for row in drawn]
            calls: dict[str, Call] = {}
            with threads(count), faiss_threads(count):
                for arm, own in built.items():
                    calls |= _calls(arm, models[arm].query, own, batches)
                samples = timer.samples(calls, seconds=plan.seconds, least=plan.repeats, clock=clock)
            times = percentiles(samples).set_index("variant")
            rows += [
                {
                    **{"arm": arm, "index": index.index, "setting": index.setting, "threads": count, "batch": batch},
                    **{"k": min(plan.k, size), "items": size, **quality, "build_seconds": index.build_seconds},
                    "encode_p50": times.at[f"encode {arm}", "p50"],
                    "search_p50": times.at[f"search {arm} {index.name}", "p50"],
                    **times.loc[f"both {arm} {index.name}", ["p50", "p95", "p99"]],
                }
                for arm, own in built.items()
                for index, quality in own.items()
            ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _built(model: TwoTower, data: DeviceData, size: int, events: Ints, k: int) -> dict[Index, dict[str, float]]:
    """The indexes of a catalogue of so many items, and how good the lists of each are."""
    rows = Rows.of(filled_up(data.dataset.items, size), data.device)
    with threads(cores()), faiss_threads(cores()):
        found = indexes(encode_rows(model.item, rows), k)
        query = model.query(*data.queries[torch.from_numpy(events).to(data.device)])
        lists = [index.search(query) for index in found]
    truth = data.dataset.positive[events][:, None]
    recall = [float((own == truth).any(axis=1).mean()) for own in lists]
    return {
        index: {"overlap_with_exact": share_found(own, lists[0], size), "recall": hit, "recall_exact": recall[0]}
        for index, own, hit in zip(found, lists, recall, strict=True)
    }


def _calls(arm: str, encode: Tower, searched: Iterable[Index], batches: list[tuple[Tensor, Tensor]]) -> dict[str, Call]:
    """Encoding alone, and of each index searching alone and both; batches take turns."""
    vectors = [encode(*rows) for rows in batches]

    def both(search: Search, rows: tuple[Tensor, Tensor]) -> Ints:
        return search(encode(*rows))

    calls = {f"encode {arm}": in_turn(lambda rows: encode(*rows), batches)}
    for index in searched:
        calls[f"search {arm} {index.name}"] = in_turn(index.search, vectors)
        calls[f"both {arm} {index.name}"] = in_turn(partial(both, index.search), batches)
    return calls


def in_turn(work: Callable[[X], object], inputs: Sequence[X]) -> Call:
    """A call that does its work on the next of the inputs, again from the first after the last."""
    turns = cycle(inputs)
    return lambda: work(next(turns))
