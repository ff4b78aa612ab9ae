"""How fast test events are ranked, beside the scores' matrix product alone."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import torch

from pdcn.config import Experiment
from pdcn.evaluation import words
from pdcn.nn.model import initialise
from pdcn.nn.two_tower import TwoTower
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.ranks import encode_rows, model_ranks, rows_at_once
from pdcn.training.device import one_thread
from pdcn.training.throughput import settle_on, spreads_of, turns
from pdcn.words import spoken


def evaluating_frame(
    data: DeviceData, experiment: Experiment, rounds: int, say: Callable[[float, str], None] = lambda *_: None
) -> pd.DataFrame:
    """Scores (queries x items) per second of ranking all test events, a row an arm and way.

    `way` is "floor", the product of query and item vectors alone in the same chunks, or "ranking", all of it: both
    towers, scores, ranks. Columns `arm`, `way`, `events`, `items`, `median`, `low`, `high` and `of_floor`, a ratio of
    medians.
    """
    one_thread()
    events, items = data.dataset.events("test"), len(data.dataset.items)
    index = torch.from_numpy(events).to(data.device)
    rows = []
    for place, arm in enumerate(experiment.arms):
        say(place / len(experiment.arms), words.RANKING(arm=spoken(arm)))
        model = TwoTower(data.dataset.queries, data.dataset.items, experiment, arm)
        initialise(model, experiment.seed, experiment.training.embedding_std)
        model.to(data.device).eval()
        with torch.inference_mode():
            query = torch.cat([model.query(*data.queries[part]) for part in index.split(8_192)])  # type: ignore[no-untyped-call]
            catalogue = encode_rows(model.item, data.items).T.contiguous()
        size = rows_at_once(items)

        def floor(query: torch.Tensor = query, catalogue: torch.Tensor = catalogue, size: int = size) -> None:
            for part in query.split(size):  # type: ignore[no-untyped-call]
                torch.mm(part, catalogue)

        def ranking(model: TwoTower = model) -> None:
            model_ranks(model, data, events)

        floor()
        ranking()
        took = turns([floor, ranking], rounds, settle_on(data.device))
        speeds = [[len(events) * items / seconds for seconds in own] for own in took]
        rows += [
            {"arm": arm, "way": way, "events": len(events), "items": items, **one}
            for way, one in zip(("floor", "ranking"), spreads_of(speeds), strict=True)
        ]
    return pd.DataFrame(rows)
