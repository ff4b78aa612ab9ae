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
from pdcn.sources.spoken import ItemWords, spoken_time
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.ranks import Catalogue, encode_rows, rank_in_chunks

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
    seed = next(one for one in folder.seeds_of(*arms) if one in measured.seeds(*arms))
    left, right = (measured.cells[arm, seed].astype(np.float64) for arm in arms)
    event = typical(left, right)
    row = int(opened.events()[event])
    item, speech = int(dataset.positive[row]), speech_of(dataset.name)
    answers: dict[str, Floats] = {}
    for at, arm in enumerate(arms):
        say(at / len(arms), "")
        answers[arm] = _answer(opened.model(arm, seed), data, row)
    tops = {arm: np.argsort(rank, kind="stable")[:LENGTH].tolist() for arm, rank in answers.items()}
    lists = [
        {
            "arm": arm,
            "place": float(answers[arm][one]),
            "name": words.name(one),
            "features": words.features(one),
            "true": one == item,
            "both": one in tops[arm] and one in tops[other],
            "further": one not in tops[arm],
        }
        for arm, other in (arms, arms[::-1])
        for one in dict.fromkeys([*tops[arm], item])
    ]
    told: dict[str, Any] = {
        "event": event,
        "seed": seed,
        "when": spoken_time(int(dataset.when[row]), dataset.zone),
        "who": speech.who,
        "did": speech.did,
        "chosen": speech.chosen,
        "thing": speech.thing,
        "items": len(dataset.items),
        "events": len(left),
        "listed": LISTED,
        "apart": bool(((left != right) & (np.maximum(left, right) < LISTED)).any()),
        "left_rank": float(answers[arms[0]][item]),
        "right_rank": float(answers[arms[1]][item]),
        "left_ahead": float((left < right).mean()),
        "right_ahead": float((right < left).mean()),
    }
    return {"event": pd.DataFrame([told]), "lists": pd.DataFrame(lists)}


@torch.inference_mode()
def _answer(model: TwoTower, data: DeviceData, row: int) -> Floats:
    """The rank (N,) of every item for an event, as `rank_in_chunks` counts; what the user had before comes last."""
    score = Catalogue.of(encode_rows(model.item, data.items)).scores(model.query(*data.queries[torch.tensor([row])]))
    if (had := data.dataset.had_before(np.array([row]))) is not None:
        score[:, torch.from_numpy(had.pairs(slice(None))[1])] = -torch.inf
    every = torch.arange(score.shape[1])
    return rank_in_chunks(lambda at: score.expand(len(every[at]), -1), every, len(every))
