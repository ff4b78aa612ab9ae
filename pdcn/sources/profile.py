"""What a dataset looks like, as one JSON record: fields, distributions, split, examples, truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pdcn.arrays import Codes, Ints
from pdcn.sources import words as say
from pdcn.sources.dataset import Dataset
from pdcn.sources.encoded_table import Table
from pdcn.sources.feedback import Feedback
from pdcn.sources.fields import CategoryField
from pdcn.sources.split import PARTS
from pdcn.sources.spoken import spoken_time

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
        **({"outcomes": outcomes_of(dataset, dataset.feedback)} if dataset.feedback else {}),
    }


def outcomes_of(dataset: Dataset, feedback: Feedback) -> dict[str, Any]:
    """What impressions come to on each surface, how conversions spread over advertisers, and what is of one surface.

    Counts are of all impressions, those without engagement among them; the first kind is theirs.
    """
    outcome = np.asarray(dataset.outcome).astype(np.int64)
    surface, of_surface = _column(dataset.queries, feedback.surface)
    _, passed = _column(feedback.passed.queries, feedback.surface)
    shown = np.bincount(passed, minlength=len(surface.values))
    shares = []
    for code, name in enumerate(surface.values):
        counts = np.bincount(outcome[of_surface == code], minlength=len(feedback.kinds))
        counts[0] = shown[code]
        if counts.sum():
            shares.append({"surface": name, "counts": counts.tolist()})
    group = next(iter(feedback.groups))
    advertiser, of_item = _column(dataset.items, feedback.advertiser)
    train = np.arange(dataset.bounds[0])
    hits = train[feedback.within(group, outcome[train])]
    each = np.bincount(of_item[dataset.positive[hits]], minlength=len(advertiser.values))[1:]
    timed = feedback.value[: dataset.bounds[0]][feedback.value[: dataset.bounds[0]] > 0]
    counts, edges = np.histogram(timed.clip(max=feedback.cap), bins=BINS, range=(0, feedback.cap))
    return {
        "kinds": list(feedback.kinds),
        "surface": surface.label,
        "shares": shares,
        "groups": {
            name: {part: int(feedback.within(name, outcome[dataset.part(part)]).sum()) for part in PARTS}
            for name in feedback.groups
        },
        "of_one": _of_one(dataset.queries, surface, of_surface),
        "advertiser": advertiser.label,
        "advertisers": len(each),
        "spread": _held(each),
        "value": {
            "unit": feedback.unit,
            "cap": feedback.cap,
            "edges": edges.tolist(),
            "shares": (counts / max(1, counts.sum())).tolist(),
        },
    }


def _column(table: Table, name: str) -> tuple[CategoryField, Codes]:
    """A category of a table by its name, and its codes."""
    at = [field.name for field in table.categories].index(name)
    return table.categories[at], table.codes[:, at]


def _of_one(table: Table, surface: CategoryField, of_surface: Codes) -> list[dict[str, str]]:
    """The fields that are filled on one surface and on no other."""
    found = []
    for bag, codes in zip(table.bags, table.held, strict=True):
        filled = np.unique(of_surface[(codes > 0).any(1)])
        if len(filled) == 1:
            found.append({"field": bag.label, "surface": surface.values[int(filled[0])]})
    return found


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
    if not dataset.zone:
        return say.UNKNOWN_DAY
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
    """Events in each of sixty equal stretches of time, by part; in one where no time is known."""
    edges = np.linspace(dataset.when.min(), dataset.when.max() + 1, 61 if dataset.zone else 2)
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
    return _held(dataset.counts)


def _held(counts: Ints) -> list[list[float]]:
    """Share of all that the largest counts hold: [share of what is counted, share of all]."""
    ordered = np.sort(counts)[::-1].cumsum() / max(1, counts.sum())
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
