"""The first items that two models name for one typical event.

Shapes: n test events, N items of the catalogue.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch

from pdcn.arrays import Floats
from pdcn.config import RETRIEVAL
from pdcn.evaluation.typical import LISTED, typical
from pdcn.jobs.analysis import Say, Settings
from pdcn.nn.two_tower import TwoTower
from pdcn.runs.trained import TrainedRun
from pdcn.sources import speech_of
from pdcn.sources.schema import spoken_time
from pdcn.sources.spoken import ItemWords
from pdcn.tasks.base import Measured
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.ranks import Catalogue, encode_rows, ranks_of

LENGTH = 10
"""Items of each list."""


def inspect(opened: TrainedRun, settings: Settings, say: Say) -> dict[str, pd.DataFrame]:
    """Tables `event` (one row) and `lists` (a row an item of each arm's list, and one for the item that was chosen
    where it is further down), of the first seed that both arms have.

    Ranks count from 0. `SettingError` where the run kept no ranks, out of which the event is chosen.
    """
    folder, data = opened.folder, opened.data
    dataset, words = data.dataset, ItemWords(data.dataset)
    arms = (str(settings["left"]), str(settings["right"]))
    measured = folder.measured if folder.experiment.task == RETRIEVAL else None
    if measured is None:
        raise folder.damaged("ranks.parquet")
    (seed, *_) = (one for one in folder.seeds_of(*arms) if one in measured.seeds(*arms))
    event = _chosen(measured, arms, seed)
    row = dataset.bounds[1] + event
    item, speech = int(dataset.positive[row]), speech_of(dataset.name)
    answers = {}
    for at, arm in enumerate(arms):
        say(at / len(arms), "")
        answers[arm] = _answer(opened.model(arm, seed), data, row)
    lists = [
        {
            "arm": arm,
            "place": place,
            "name": words.name(one),
            "features": words.features(one),
            "true": one == item,
            "both": one in {*tops[other]},
        }
        for tops in ({arm: _top(rank) for arm, rank in answers.items()},)
        for arm, other in (arms, arms[::-1])
        for place, one in _listed(tops[arm], item, float(answers[arm][item]))
    ]
    ahead = {
        arm: float((_of(measured, arm, seed) < _of(measured, other, seed)).mean()) for arm, other in (arms, arms[::-1])
    }
    told: dict[str, Any] = {
        "event": event,
        "seed": seed,
        "when": spoken_time(int(dataset.when[row]), dataset.zone),
        "who": speech.who,
        "did": speech.did,
        "chosen": speech.chosen,
        "thing": speech.thing,
        "item": words.name(item),
        "items": len(dataset.items),
        "events": len(measured.user),
        "listed": LISTED,
        "left_rank": float(answers[arms[0]][item]),
        "right_rank": float(answers[arms[1]][item]),
        "left_ahead": ahead[arms[0]],
        "right_ahead": ahead[arms[1]],
        "apart": _apart(measured, arms, seed),
    }
    return {"event": pd.DataFrame([told]), "lists": pd.DataFrame(lists)}


def _of(measured: Measured, arm: str, seed: int) -> Floats:
    """Ranks (n,) of an arm, counted from 0."""
    return measured.cells[arm, seed].astype(np.float64)


def _chosen(measured: Measured, arms: tuple[str, str], seed: int) -> int:
    """The typical event, from 0."""
    return typical(*(_of(measured, arm, seed) for arm in arms))


def _apart(measured: Measured, arms: tuple[str, str], seed: int) -> bool:
    """Whether the two differ anywhere within their first items."""
    left, right = (_of(measured, arm, seed) for arm in arms)
    return bool(((left != right) & (np.maximum(left, right) < LISTED)).any())


@torch.inference_mode()
def _answer(model: TwoTower, data: DeviceData, row: int) -> Floats:
    """The rank (N,) of every item for an event, as `ranks_of` counts; what the user had before comes last."""
    score = Catalogue.of(encode_rows(model.item, data.items)).scores(model.query(*data.queries[torch.tensor([row])]))
    if (had := data.dataset.had_before(np.array([row]))) is not None:
        score[:, torch.from_numpy(had.pairs(slice(None))[1])] = -torch.inf
    every = torch.arange(score.shape[1])
    return np.concatenate([ranks_of(score.expand(len(part), -1), part).numpy() for part in every.split(1_000)])


def _top(rank: Floats) -> list[int]:
    """The first items, tied ones in the order of the catalogue."""
    return [int(one) for one in np.argsort(rank, kind="stable")[:LENGTH]]


def _listed(top: list[int], item: int, rank: float) -> list[tuple[float, int]]:
    """Places from 1, and items; the chosen one at the end where it is further down."""
    listed: list[tuple[float, int]] = [(at + 1.0, one) for at, one in enumerate(top)]
    return listed if item in top else [*listed, (rank + 1, item)]
