"""How far trainings from other seeds give a user the same list, where conversions are rare and where they are not.

Pinterest (2026-04-27) has embeddings of queries become stable where few conversions cover them, and does not state how
that was measured. This measure is ours: of one query of each user, the share of the K nearest items that two seeds have
in common, averaged over pairs of seeds. Turning a space, or stretching it, changes nothing.
Shapes: U users, N items, H output width.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import torch

from pdcn.arrays import Doubles, Floats, Ints, spaced
from pdcn.evaluation.near import Near, shared
from pdcn.nn.two_tower import TwoTower
from pdcn.tasks.retrieval.batches import DeviceData, Rows
from pdcn.tasks.retrieval.ranks import encode_rows

LISTED = 20
"""Items of each list: what a first screen holds. Of a small catalogue a twentieth, or all overlap by chance."""
USERS = 500
"""At most so many users of either kind, evenly spaced."""
HALF_WIDTH = 1.96


def listed_of(items: int) -> int:
    """How many items of a catalogue each list has.

    >>> listed_of(1_200), listed_of(100)
    (20, 5)
    """
    return max(1, min(LISTED, items // 20))


def few_and_many(user: Ints, converted: Ints) -> dict[str, Ints]:
    """Places of the first event of each user among `user` (n,), of those with few conversions and those with many.

    `converted` has the user of each conversion of the training part. Few is the median over these users at most.

    >>> found = few_and_many(np.array([7, 7, 8, 9]), np.array([7, 9, 9, 5]))
    >>> {name: places.tolist() for name, places in found.items()}
    {'few': [0, 2], 'many': [3]}
    """
    users, first = np.unique(user, return_index=True)
    known, counts = np.unique(converted, return_counts=True)
    had = np.zeros(len(users), np.int64)
    at = np.searchsorted(known, users).clip(max=max(0, len(known) - 1))
    if len(known):
        had = np.where(known[at] == users, counts[at], 0)
    few = had <= np.median(had)
    return {"few": first[few], "many": first[~few]}


def overlap(vectors: Sequence[tuple[Floats, Floats]], k: int) -> Doubles:
    """Share (U,) of the first k items that two seeds have in common, meaned over pairs of seeds.

    `vectors` are the queries (U, H) and the items (N, H) of each seed.

    >>> queries, items = np.eye(2), np.array([[1.0, 0.1], [0.0, 1.0], [0.9, 0.0]])
    >>> turned = np.array([[0.0, 1.0], [-1.0, 0.0]])
    >>> overlap([(queries, items), (queries @ turned, 3 * items @ turned)], 1).tolist()
    [1.0, 1.0]
    """
    near = [Near.of(queries, items, (k,)) for queries, items in vectors]
    pairs: Doubles = np.mean([shared(one, other, k) for one, other in combinations(near, 2)], axis=0)
    return pairs


def stability(models: Iterable[tuple[str, Iterable[TwoTower]]], data: DeviceData) -> dict[str, Any]:
    """What a record says of the arms' models, those of several seeds each: `k` and, for users with few and with many
    conversions, how many they are and the overlap of each arm that has several models."""
    dataset = data.dataset
    told_of, outcome, k = dataset.feedback, dataset.outcome, listed_of(len(dataset.items))
    assert told_of is not None
    assert outcome is not None
    train, events = dataset.part("train"), dataset.events("test")
    converted = dataset.user[train][told_of.within("conversion", outcome[train])]
    chosen = {
        name: events[places[spaced(len(places), USERS)]]
        for name, places in few_and_many(dataset.user[events], converted).items()
        if len(places)
    }
    found: dict[str, dict[str, Doubles]] = {name: {} for name in chosen}
    for arm, several in models:
        held = [_vectors(model, data, chosen) for model in several]
        for name in chosen if len(held) > 1 else ():
            found[name][arm] = overlap([(queries[name], items) for queries, items in held], k)
    users = {name: {"users": len(rows)} for name, rows in chosen.items()}
    return {"k": k, **{name: {**users[name], "arms": told(own)} for name, own in found.items()}}


@torch.inference_mode()
def _vectors(model: TwoTower, data: DeviceData, chosen: Mapping[str, Ints]) -> tuple[dict[str, Floats], Floats]:
    """Vectors of the queries of each kind of user, and of all items."""
    index = {name: torch.from_numpy(events).to(data.device) for name, events in chosen.items()}
    queries = {name: encode_rows(model.query, Rows(*data.queries[at])) for name, at in index.items()}
    items = encode_rows(model.item, data.items)
    return {name: vectors.cpu().numpy() for name, vectors in queries.items()}, items.cpu().numpy()


def told(found: Mapping[str, Doubles]) -> dict[str, Any]:
    """Of each arm's overlaps (U,) the mean, and its 95% interval over users, for these seeds alone."""
    record: dict[str, dict[str, float]] = {}
    for arm, values in found.items():
        mean, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
        record[arm] = {"overlap": mean, "low": mean - HALF_WIDTH * error, "high": mean + HALF_WIDTH * error}
    return record
