"""Retrieval, then ranking: what the towers of one run find, ranked again by the networks of another.

Both stages are judged on the same test events: recall and NDCG by the rank of the true item. After the second stage an
item that was among the candidates has its place among these, and one that was not stays where retrieval had it.
Shapes: n events, N items, C candidates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pdcn.arrays import Floats, Ints, Numbers
from pdcn.config import RANKING, RETRIEVAL
from pdcn.evaluation.compare import compare
from pdcn.evaluation.comparison import Comparison
from pdcn.nn.joint import Joint
from pdcn.nn.two_tower import TwoTower
from pdcn.research import words as say
from pdcn.runs.folder import RunFolder
from pdcn.runs.trained import TrainedRun
from pdcn.settings import SettingError
from pdcn.tasks.measured import Measured
from pdcn.tasks.metric import Metric
from pdcn.tasks.retrieval.batches import DeviceData, Rows
from pdcn.tasks.retrieval.metrics import NDCG, Recall
from pdcn.tasks.retrieval.ranks import Catalogue, encode_rows, ranks_of
from pdcn.training.device import one_thread
from pdcn.training.throughput import turns

FIRST_STAGE = "retrieved"
"""The name of the first stage alone among the arms that rank."""
AT = 10
"""The K of recall and NDCG."""
ROUNDS, TIMED = 15, 8
"""A stage's time is the median over so many rounds of so many queries."""
Tell = Callable[[float, str], None]


@dataclass(frozen=True)
class Stages:
    """What both stages found: means over users and seeds by stage and metric, differences to the first stage, the
    share of events whose item is among the candidates, and microseconds of a query by stage."""

    arm: str
    candidates: int
    seeds: tuple[int, ...]
    measured: Measured
    levels: dict[str, dict[str, float]]
    comparisons: tuple[Comparison, ...]
    ceiling: float
    times: dict[str, float]

    def record(self) -> dict[str, Any]:
        """As JSON has it."""
        users, events = self.measured.size(self.seeds)
        return {
            "retrieval_arm": self.arm,
            "candidates": self.candidates,
            "seeds": list(self.seeds),
            "users": users,
            "events": events,
            "in_candidates": self.ceiling,
            "stages": self.levels,
            "microseconds": self.times,
            "comparison": [one.record() for one in self.comparisons],
        }


def pipeline(
    retrieval: RunFolder,
    ranking: RunFolder,
    *,
    arm: str = "",
    candidates: int = 100,
    events: int = 1_000,
    tell: Tell = lambda *_: None,
) -> Stages:
    """Both stages, of the seeds that both runs trained from; `SettingError` where they do not fit together."""
    first, second = retrieval.experiment, ranking.experiment
    if first.task != RETRIEVAL:
        raise SettingError(say.NO_RETRIEVAL(task=first.task))
    if second.task != RANKING:
        raise SettingError(say.NO_RANKING(task=second.task))
    if first.data != second.data:
        raise SettingError(say.OTHER_DATA(run=retrieval.run))
    towers, networks = TrainedRun(retrieval), TrainedRun(ranking)
    chosen = arm or towers.arms[0]
    if chosen not in towers.arms:
        raise SettingError(say.NOT_TRAINED(arms=", ".join(towers.arms), arm=chosen))
    seeds = {*retrieval.seeds_of(chosen)}.intersection(*(ranking.seeds_of(one) for one in networks.arms))
    if not seeds:
        raise SettingError(say.NO_SHARED_SEED)
    one_thread()
    data, dataset = towers.data, towers.data.dataset
    rows = dataset.events("test", events)
    many = min(candidates, len(dataset.items))
    cells: dict[tuple[str, int], Numbers] = {}
    steps, done = len(seeds) * (1 + len(networks.arms)), 0
    for seed in sorted(seeds):
        tell(done / steps, say.RETRIEVING(seed=seed))
        found, ranks = found_by(towers.model(chosen, seed), data, rows, many)
        cells[FIRST_STAGE, seed] = ranks
        done += 1
        for name in networks.arms:
            tell(done / steps, say.RERANKING(arm=name, seed=seed))
            cells[name, seed] = reranked(_joint(networks, name, seed), data, rows, found, ranks)
            done += 1
    measured = Measured(dataset.user[rows], cells, {}, sets=first.drawn_sets)
    metrics: list[Metric] = [Recall(AT), NDCG(AT)]
    stages = (FIRST_STAGE, *networks.arms)
    own = sorted(seeds)
    levels = {
        stage: {str(one): float(measured.by_user(stage, own, [one]).mean()) for one in metrics} for stage in stages
    }
    in_list = np.mean([cells[FIRST_STAGE, seed] < many for seed in own])
    models = {name: _joint(networks, name, own[0]) for name in networks.arms}
    return Stages(
        chosen,
        many,
        tuple(own),
        measured,
        levels,
        tuple(compare(measured, stages, FIRST_STAGE, metrics, metrics[0])),
        float(in_list),
        timed(towers.model(chosen, own[0]), models, data, rows, many),
    )


def _joint(run: TrainedRun, arm: str, seed: int) -> Joint:
    model = run.any_model(arm, seed)
    assert isinstance(model, Joint)
    return model


@torch.inference_mode()
def found_by(model: TwoTower, data: DeviceData, events: Ints, many: int) -> tuple[Ints, Floats]:
    """The candidates (n, C) of each event, the best first, and the rank (n,) of its own item in the catalogue."""
    catalogue = Catalogue.of(encode_rows(model.item, data.items))
    index = torch.from_numpy(events).to(data.device)
    had = data.dataset.had_before(events)
    query, positive = encode_rows(model.query, Rows(*data.queries[index])), data.positive[index]
    found = []
    for start in range(0, len(events), ROWS):
        at = slice(start, start + ROWS)
        score = catalogue.scores(query[at]).clone()
        if had is not None:
            score[tuple(torch.from_numpy(part).to(score.device) for part in had.pairs(at))] = -torch.inf
        found.append(score.topk(many).indices.cpu().numpy())
    return np.concatenate(found), catalogue.ranks(query, positive, had)


ROWS = 256
"""Events whose candidates are found at once."""


@torch.inference_mode()
def reranked(model: Joint, data: DeviceData, events: Ints, found: Ints, before: Floats) -> Floats:
    """Ranks (n,) of the events' items once their candidates (n, C) are ordered by the network."""
    after = before.copy()
    for row, event in enumerate(events):
        own = np.flatnonzero(found[row] == data.dataset.positive[event])
        if len(own):
            logits = scores_of(model, data, int(event), found[row])
            after[row] = float(ranks_of(logits[None], torch.from_numpy(own[:1]).to(logits.device))[0])
    return after


def scores_of(model: Joint, data: DeviceData, event: int, items: Ints) -> Tensor:
    """Logits (C,) of items for the query of an event."""
    at = torch.from_numpy(np.asarray(items)).to(data.device)
    return model.candidates(data.queries[event : event + 1], data.items[at])


@torch.inference_mode()
def timed(towers: TwoTower, networks: dict[str, Joint], data: DeviceData, events: Ints, many: int) -> dict[str, float]:
    """Microseconds of one query in each stage, with all that came before left out: the query tower and an exact search,
    then scoring and ordering the candidates."""
    catalogue = encode_rows(towers.item, data.items).T.contiguous()
    asked = [int(event) for event in events[:TIMED]]
    found, _ = found_by(towers, data, events[:TIMED], many)

    def search() -> None:
        for event in asked:
            torch.mm(towers.query(*data.queries[event : event + 1]), catalogue).topk(many)

    def order(model: Joint) -> None:
        for event, items in zip(asked, found, strict=True):
            scores_of(model, data, event, items).sort(descending=True)

    work: list[Callable[[], None]] = [search, *(partial(order, model) for model in networks.values())]
    for one in work:
        one()
    took = turns(work, ROUNDS, lambda: None)
    names = (FIRST_STAGE, *networks)
    return {name: 1e6 * median(own) / len(asked) for name, own in zip(names, took, strict=True)}
