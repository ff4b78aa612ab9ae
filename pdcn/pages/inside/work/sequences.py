"""What a projection keeps of a sequence: facts of it, read back by linear probes at three places.

The mean of the actions' embeddings, which is what a tower without an encoder has; all that the Transformer puts out,
side by side; and what the projection makes of it. Shapes: n rows, P places, W width of an action.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import torch

from pdcn.arrays import Floats, Ints
from pdcn.evaluation.taps import CHUNK
from pdcn.nn.tower import Tower
from pdcn.pages.inside.work import words
from pdcn.pages.inside.work.probes import Field, JudgedField, probe
from pdcn.sources.dataset import Dataset
from pdcn.sources.fields import SequenceField, parts_of
from pdcn.tasks.retrieval.batches import DeviceData

Facts = Mapping[int, list[JudgedField]]
"""What is asked of each sequence, by its place among the bags of the queries."""
STAGES = ("mean", "whole", "projected")


def facts_of(dataset: Dataset, rows: Ints) -> dict[int, list[Field]]:
    """Of each sequence of some queries: every channel of the latest action, how many there are, and the taste.

    The taste is the main direction in which the truth varies over these rows, where there is a truth.
    """
    table = dataset.queries
    found = {}
    for at, (bag, codes) in enumerate(zip(table.bags, table.of_bags, strict=True)):
        if not isinstance(bag, SequenceField):
            continue
        parts = [part[rows] for part in parts_of(bag, codes)]
        own = [
            Field(
                f"last {channel.name}",
                words.LAST(channel=channel.label) if place else words.LATEST,
                "category",
                len(channel.values),
                part[:, 0].astype(np.int64),
            )
            for place, (channel, part) in enumerate(zip(bag.channels, parts, strict=True))
        ]
        many = (np.max(parts, axis=0) > 0).sum(1).astype(np.float64)
        own.append(Field("many", words.MANY, "number", 0, many))
        if dataset.truth is not None:
            taste = dataset.truth.query[rows].astype(np.float64)
            taste -= taste.mean(0)
            main = np.linalg.eigh(taste.T @ taste)[1][:, -1]
            own.append(Field("taste", words.TASTE, "number", 0, taste @ main))
        found[at] = own
    return found


@torch.inference_mode()
def stages_of(tower: Tower, bag: int, data: DeviceData, events: Ints) -> dict[str, Floats]:
    """What the query tower has of a sequence at each of `STAGES`, (n, width); the sequence has an encoder."""
    encoder = tower.embedding.encoder(bag)
    assert encoder is not None
    parts: dict[str, list[torch.Tensor]] = {stage: [] for stage in STAGES}
    for index in torch.split(torch.from_numpy(events).to(data.device), CHUNK):
        held = tower.embedding.held(data.queries[index][0], bag)
        actions, there = tower.embedding.actions(bag, held)
        whole = encoder.actions(actions, there)
        found = tower.embedding.mean(bag, held), whole, encoder.projected(whole, there)
        for stage, part in zip(STAGES, found, strict=True):
            parts[stage].append(part)
    return {stage: torch.cat(own).cpu().numpy() for stage, own in parts.items()}


def kept_of_sequences(tower: Tower, data: DeviceData, events: Ints, facts: Facts) -> Iterator[pd.DataFrame]:
    """For each encoded sequence a row a fact and stage, as `probe` has it, with `sequence`, `stage`, `place` and
    `width`."""
    for bag, asked in facts.items():
        if tower.embedding.encoder(bag) is None or not asked:
            continue
        label = data.dataset.queries.bags[bag].label
        for place, (stage, layer) in enumerate(stages_of(tower, bag, data, events).items()):
            named = {"sequence": label, "stage": stage, "place": place, "width": layer.shape[1]}
            yield probe(layer, asked).assign(**named)
