"""What a dataset looks like, as one JSON record: fields, distributions, split, examples, truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pdcn.sources.schema import PARTS, Dataset, Table, spoken_time

TOP_VALUES = 12
BINS = 24
EXAMPLES = 5


def profile(dataset: Dataset) -> dict[str, Any]:
    """The record that the Data page shows; kept with every run, so that it needs no data then."""
    train = dataset.part("train")
    chosen = dataset.positive[train]
    return {
        "name": dataset.name,
        "title": dataset.title,
        "note": dataset.note,
        "hash": dataset.hash,
        "events": len(dataset.queries),
        "items": len(dataset.items),
        "users": dataset.users(),
        "zone": dataset.zone,
        "fields": [
            *_fields("query", dataset.queries, slice(None), train),
            *_fields("item", dataset.items, chosen, slice(None)),
        ],
        "split": [_part(dataset, part) for part in PARTS],
        "timeline": _timeline(dataset),
        "popularity": _popularity(dataset),
        "examples": [_example(dataset, int(event)) for event in _spread(dataset)],
        "truth": _truth(dataset),
    }


def _spread(dataset: Dataset) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Test events far apart in time."""
    start, stop = dataset.bounds[1], len(dataset.queries)
    return np.linspace(start, stop - 1, EXAMPLES + 2).astype(np.int64)[1:-1]


def _fields(side: str, table: Table, rows: Any, train: slice) -> list[dict[str, Any]]:
    """Each field of a side over the training events; `rows` leads from events to table rows."""
    found: list[dict[str, Any]] = []
    for column, field in enumerate(table.categories):
        codes = table.codes[rows, column]
        counts = np.bincount(codes[train], minlength=len(field.values))
        top = np.argsort(-counts, kind="stable")[:TOP_VALUES]
        shares = counts / max(1, counts.sum())
        found.append(
            {
                "side": side,
                "name": field.name,
                "label": field.label,
                "kind": "category",
                "values": len(field.values) - 1,
                "unknown": float((table.codes[rows, column] == 0).mean()),
                "top": [[field.values[code], float(shares[code])] for code in top if counts[code]],
            }
        )
    for bag, held in zip(table.bags, table.held, strict=True):
        codes = held[rows][train]
        shares = np.bincount(codes.ravel(), minlength=len(bag.values)) / max(1, len(codes))
        shares[0] = 0.0  # of places that nothing fills
        top = np.argsort(-shares, kind="stable")[:TOP_VALUES]
        found.append(
            {
                "side": side,
                "name": bag.name,
                "label": bag.label,
                "kind": "bag",
                "values": len(bag.values) - 1,
                "places": bag.places,
                "held": float((codes > 0).sum(1).mean()),
                "top": [[bag.values[code], float(shares[code])] for code in top if shares[code]],
            }
        )
    for column, number in enumerate(table.numbers):
        raw = number.raw(table.values[rows, column][train])
        low, high = np.quantile(raw, [0.01, 0.99])
        counts, edges = np.histogram(raw.clip(low, high), bins=BINS)
        found.append(
            {
                "side": side,
                "name": number.name,
                "label": number.label,
                "kind": "number",
                "unit": number.unit,
                "mean": number.mean,
                "scale": number.scale,
                "edges": [float(edge) for edge in edges],
                "shares": [float(count / max(1, counts.sum())) for count in counts],
            }
        )
    return found


def _day(dataset: Dataset, seconds: int) -> str:
    return str(pd.Timestamp(seconds, unit="s", tz=dataset.zone).date())


def _part(dataset: Dataset, part: Any) -> dict[str, Any]:
    rows = dataset.part(part)
    when = dataset.when[rows]
    return {
        "part": part,
        "events": len(when),
        "users": dataset.users(rows),
        "from": _day(dataset, int(when[0])),
        "to": _day(dataset, int(when[-1])),
    }


def _timeline(dataset: Dataset) -> list[dict[str, Any]]:
    """Events in each of sixty equal stretches of time, by part."""
    edges = np.linspace(dataset.when[0], dataset.when[-1] + 1, 61)
    found = []
    for part in PARTS:
        counts, _ = np.histogram(dataset.when[dataset.part(part)], edges)
        found += [
            {"part": part, "from": _day(dataset, int(edge)), "events": int(count)}
            for edge, count in zip(edges, counts, strict=False)
            if count
        ]
    return found


def _popularity(dataset: Dataset) -> list[list[float]]:
    """Share of the training events that the most popular items hold: [share of items, share of events]."""
    ordered = np.sort(dataset.counts)[::-1].cumsum() / max(1, dataset.counts.sum())
    cuts = np.unique(np.geomspace(1, len(ordered), 40).astype(np.int64))
    return [[float(cut / len(ordered)), float(ordered[cut - 1])] for cut in cuts]


def _example(dataset: Dataset, event: int) -> dict[str, Any]:
    item = int(dataset.positive[event])
    return {
        "event": event,
        "when": spoken_time(int(dataset.when[event]), dataset.zone),
        "user": int(dataset.user[event]),
        "item": dataset.item_names[item],
        "query_words": list(map(list, dataset.queries.words(event))),
        "item_words": list(map(list, dataset.items.words(item))),
    }


def _truth(dataset: Dataset) -> list[dict[str, Any]] | None:
    if dataset.truth is None:
        return None
    labels = {field.name: field.label for table in (dataset.queries, dataset.items) for field in table.fields}
    return [
        {"side": cross.side, "fields": [labels[name] for name in cross.fields], "strength": cross.strength}
        for cross in dataset.truth.crosses
    ]
