"""What it costs to score some candidates of one query: by a dot product with stored vectors, or by a joint network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pdcn.config import RANKING, Experiment
from pdcn.evaluation import words
from pdcn.nn.joint import Joint, together
from pdcn.nn.model import initialise
from pdcn.nn.two_tower import TwoTower
from pdcn.sources.dataset import Dataset
from pdcn.tasks.retrieval.batches import Rows
from pdcn.tasks.retrieval.ranks import encode_rows
from pdcn.training.device import one_thread
from pdcn.training.throughput import settle_on, turns
from pdcn.words import spoken

CANDIDATES = 1_000
"""So many candidates has a query, or the catalogue where that has fewer."""
LOW, HIGH = 0.05, 0.95
"""Quantiles over the rounds: what else ran meanwhile would make the slowest of all."""
WAYS = (words.DOT_PRODUCT, words.EACH_CANDIDATE, words.QUERY_ONCE)
"""The query tower and a dot product with each stored vector; the joint network on whole rows; and with the query's
fields looked up once for all."""


def candidates_frame(
    dataset: Dataset,
    experiment: Experiment,
    device: torch.device,
    rounds: int,
    say: Callable[[float, str], None] = lambda *_: None,
    candidates: int = CANDIDATES,
) -> pd.DataFrame:
    """Microseconds of scoring the candidates of one query, a row an arm and way, with untrained weights.

    Columns `arm`, `way`, `candidates`, `median`, `low` and `high`, between which nine of ten rounds lie, and
    `of_floor`, the ratio of medians to the first way's.
    """
    one_thread()
    asked = experiment.model_copy(update={"task": RANKING})
    rows, many = list[dict[str, Any]](), min(candidates, len(dataset.items))
    surface = dataset.feedback.surface if dataset.feedback else ""
    first = dataset.queries.at(slice(1))
    query, items = Rows.of(first, device)[:1], Rows.of(dataset.items, device)[:many]
    for place, arm in enumerate(experiment.arms):
        say(place / len(experiment.arms), words.SCORING(arm=spoken(arm)))
        towers = TwoTower(dataset.queries, dataset.items, experiment, arm)
        joint = Joint(dataset.queries, dataset.items, asked, arm, surface)
        for model in (towers, joint):
            initialise(model, experiment.seed, experiment.training.embedding_std)
            model.to(device).requires_grad_(False).eval()
        stored = encode_rows(towers.item, Rows(*items)).T.contiguous()
        work = _ways(towers, joint, stored, query, items)
        for one in work:
            one()
        took = turns(work, rounds, settle_on(device))
        for way, seconds in zip(WAYS, took, strict=True):
            low, middle, high = np.quantile(1e6 * np.array(seconds), (LOW, 0.5, HIGH)).tolist()
            rows.append({"arm": arm, "way": way, "candidates": many, "median": middle, "low": low, "high": high})
            rows[-1]["of_floor"] = middle / rows[-1 - WAYS.index(way)]["median"]
    return pd.DataFrame(rows)


def _ways(
    towers: TwoTower, joint: Joint, stored: Tensor, query: tuple[Tensor, Tensor], items: tuple[Tensor, Tensor]
) -> list[Callable[[], Tensor]]:
    """What scores the candidates, by each of `WAYS`."""
    many = len(items[0])

    @torch.inference_mode()
    def product() -> Tensor:
        return torch.mm(towers.query(*query), stored)

    @torch.inference_mode()
    def whole() -> Tensor:
        rows = query[0].expand(many, -1), query[1].expand(many, -1)
        found: Tensor = joint.joint(*together(rows, items, joint.single))
        return found

    @torch.inference_mode()
    def once() -> Tensor:
        return joint.candidates(query, items)

    return [product, whole, once]
