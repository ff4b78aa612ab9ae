"""The space analysis: every arm's output vectors, what the points are in words, the numbers, and PCA over training.

Rows of `vectors` are points: first the items, then the sampled test queries, in the same order for every arm.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pdcn.arrays import Floats, Ints
from pdcn.jobs.analysis import Say, Settings
from pdcn.nn.two_tower import TwoTower
from pdcn.pages.embeddings import words as say
from pdcn.pages.embeddings.words import COMPARING, FOLLOWING
from pdcn.pages.embeddings.work.layout import Map, pca, turn_onto
from pdcn.pages.embeddings.work.space import Vectors, collapsed_in_words, numbers, spread
from pdcn.runs.trained import TrainedRun
from pdcn.sources.dataset import Dataset
from pdcn.sources.encoded_table import Table
from pdcn.sources.spoken import spoken_time
from pdcn.tasks.retrieval.batches import DeviceData, Rows
from pdcn.tasks.retrieval.ranks import encode_rows


def sample(opened: TrainedRun, queries: int, items: int) -> tuple[Ints, Ints]:
    """The test events and the items that are points of the map: evenly spaced, all of them if there are no more."""
    events = opened.events()
    return events[spread(len(events), queries)], spread(len(opened.data.dataset.items), items)


def item_vectors(model: TwoTower, data: DeviceData) -> Floats:
    """Output vectors of the whole catalogue, (N, H)."""
    return encode_rows(model.item, data.items).cpu().numpy()


def query_vectors(model: TwoTower, data: DeviceData, events: Ints) -> Floats:
    """Output vectors of some events, (n, H)."""
    rows = Rows(*data.queries[data.positive.new_tensor(events).long()])
    return encode_rows(model.query, rows).cpu().numpy()


def inspect(opened: TrainedRun, settings: Settings, say: Say) -> dict[str, pd.DataFrame]:
    """Tables `items`, `queries` and `fields` (what the points are), `vectors`, `numbers` and `training`."""
    data, dataset = opened.data, opened.data.dataset
    events, items = sample(opened, int(settings["queries"]), int(settings["items"]))
    models: dict[tuple[str, int], Vectors] = {}
    vectors: dict[str, NDArray[np.float16]] = {}
    wanted = [(arm, seed) for arm in opened.arms for seed in opened.folder.seeds_of(arm)]
    for at, (arm, seed) in enumerate(wanted):
        say(0.5 * at / len(wanted), "")
        model = opened.model(arm, seed)
        found = Vectors(item_vectors(model, data), query_vectors(model, data, events), dataset.positive[events])
        models[arm, seed] = found
        if arm not in vectors:
            vectors[arm] = np.concatenate((found.items[items], found.queries)).astype(np.float16)
    say(0.5, COMPARING)
    measured = numbers(models)
    return {
        "items": _items(dataset, items),
        "queries": _queries(dataset, events),
        "fields": _fields(dataset),
        "vectors": wide(vectors),
        "numbers": measured,
        "training": _training(opened, items, vectors, say),
    }


def remarks(frames: dict[str, pd.DataFrame]) -> list[str]:
    """What must be said beside these tables: a sentence for each collapsed space."""
    return [say.COLLAPSED_SPACE(found=said) for said in collapsed_in_words(frames["numbers"])]


def wide(vectors: dict[str, NDArray[np.float16]]) -> pd.DataFrame:
    """Arrays (points, H) by arm as one table with columns `arm.0`, `arm.1`, ..."""
    columns = {f"{arm}.{at}": column for arm, array in vectors.items() for at, column in enumerate(array.T)}
    return pd.DataFrame(columns)


def _words(table: Table, rows: Ints) -> dict[str, object]:
    """Each field's values, in words or in its own unit, by the field's name."""
    found: dict[str, object] = {
        field.name: pd.Categorical(np.array(field.values, object)[table.codes[rows, at]])
        for at, field in enumerate(table.categories)
    }
    for bag, codes in zip(table.bags, table.held, strict=True):
        found[bag.name] = pd.Categorical([bag.told(held) for held in codes[rows]])
    for at, number in enumerate(table.numbers):
        raw = number.raw(table.values[rows, at])
        found[number.name] = (np.rint(raw) if number.whole else raw).astype(np.float32)
    return found


def _items(dataset: Dataset, items: Ints) -> pd.DataFrame:
    """A row an item: `_item` its index, `_name`, `_chosen` how often it was chosen in training, and its fields."""
    names = [dataset.item_names[item] for item in items]
    own = {"_item": items, "_name": names, "_chosen": dataset.counts[items]}
    return pd.DataFrame({**own, **_words(dataset.items, items)})


def _queries(dataset: Dataset, events: Ints) -> pd.DataFrame:
    """A row an event: `_event` its index, `_when`, `_item` and `_true` what was chosen, and its fields."""
    positive = dataset.positive[events]
    when = [spoken_time(int(seconds), dataset.zone) for seconds in dataset.when[events]]
    true = pd.Categorical([dataset.item_names[item] for item in positive])
    own = {"_event": events, "_when": when, "_item": positive, "_true": true}
    return pd.DataFrame({**own, **_words(dataset.queries, events)})


def _fields(dataset: Dataset) -> pd.DataFrame:
    rows = []
    for side, table in (("query", dataset.queries), ("item", dataset.items)):
        rows += [(side, field.name, field.label, "", False) for field in (*table.categories, *table.bags)]
        rows += [(side, number.name, number.label, number.unit, True) for number in table.numbers]
    return pd.DataFrame(rows, columns=["side", "name", "label", "unit", "number"])


MOVING = 6_000
"""Items that the film over training shows at most."""


def _training(opened: TrainedRun, items: Ints, vectors: dict[str, NDArray[np.float16]], say: Say) -> pd.DataFrame:
    """PCA of the items at every snapshot of the first seed: `arm`, `step`, `point`, `x`, `y`.

    Told backwards: each map is turned onto the one after it, the last one onto that of the finished model.
    """
    points = spread(len(items), MOVING)
    snapshots = [(arm, step) for arm in vectors for step in opened.folder.steps_of(arm)[::-1]]
    found: list[pd.DataFrame] = []
    after: dict[str, Map] = {arm: pca(array[: len(items)], 2)[points] for arm, array in vectors.items()}
    for at, (arm, step) in enumerate(snapshots):
        say(0.6 + 0.4 * at / len(snapshots), FOLLOWING)
        drawn = pca(item_vectors(opened.snapshot(arm, step), opened.data)[items], 2)[points]
        after[arm] = turn_onto(after[arm], drawn)
        found.append(moment(arm, step, points, after[arm]))
    return (
        pd.concat(found[::-1], ignore_index=True) if found else pd.DataFrame(columns=["arm", "step", "point", "x", "y"])
    )


def moment(arm: str, step: int, points: Ints, drawn: Map, *, coarse: bool = True) -> pd.DataFrame:
    """A map (n, d) as a table: `arm`, `step`, `point`, and `x`, `y` (and `z`), in half precision if `coarse`."""
    kind = np.float16 if coarse else np.float32
    axes = {axis: column.astype(kind) for axis, column in zip("xyz", drawn.T, strict=False)}
    return pd.DataFrame({"arm": arm, "step": step, "point": points.astype(np.int32), **axes})
