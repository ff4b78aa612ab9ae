"""The first items that two models name for one typical event.

Shapes: n test events, N items of the catalogue.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pdcn.arrays import Doubles, Floats, Ints, spaced
from pdcn.config import RETRIEVAL
from pdcn.evaluation.typical import LISTED, typical
from pdcn.jobs.analysis import Say, Settings
from pdcn.nn.joint import Joint
from pdcn.nn.model import Model
from pdcn.nn.two_tower import two_towers
from pdcn.runs.trained import TrainedRun
from pdcn.sources import speech_of
from pdcn.sources.spoken import ItemWords, spoken_time
from pdcn.tasks.retrieval.batches import DeviceData
from pdcn.tasks.retrieval.ranks import Catalogue, encode_rows, rank_in_chunks

LENGTH = 10
"""Items of each list."""
PAIRS, FEWEST, CHUNK = 200_000, 20, 8_192
"""Pairs of a query and an item that a joint network scores to find a typical event, the fewest events for it, and items
that it reads at once."""


def inspect(opened: TrainedRun, settings: Settings, say: Say) -> dict[str, pd.DataFrame]:
    """Tables `event` (one row) and `lists` (a row an item of each arm's list, and one for the item that was chosen
    where it is further down), of the first seed that both arms have.

    Ranks count from 0. `SettingError` where a run of two towers kept no ranks, out of which the event is chosen. A
    joint network has none to keep: it is asked about every item, for at most so many events that `PAIRS` is not
    exceeded, evenly spaced among those in which something was chosen.
    """
    data = opened.data
    dataset, words = data.dataset, ItemWords(data.dataset)
    arms = (str(settings["left"]), str(settings["right"]))
    seed, rows, (left, right) = _ranked(opened, arms, say)
    event = typical(left, right)
    row = int(rows[event])
    item, speech = int(dataset.positive[row]), speech_of(dataset.name)
    answers: dict[str, Floats] = {}
    for at, arm in enumerate(arms):
        say(at / len(arms), "")
        answers[arm] = _answer(opened.any_model(arm, seed), data, row)
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
        "sampled": len(left) < len(opened.events()),
        "listed": LISTED,
        "apart": bool(((left != right) & (np.maximum(left, right) < LISTED)).any()),
        "left_rank": float(answers[arms[0]][item]),
        "right_rank": float(answers[arms[1]][item]),
        "left_ahead": float((left < right).mean()),
        "right_ahead": float((right < left).mean()),
    }
    return {"event": pd.DataFrame([told]), "lists": pd.DataFrame(lists)}


def _ranked(opened: TrainedRun, arms: tuple[str, str], say: Say) -> tuple[int, Ints, list[Doubles]]:
    """The seed that is told, rows of test events (n,), and the rank (n,) of each one's item in each of both arms."""
    folder, data = opened.folder, opened.data
    outcome = data.dataset.outcome
    if folder.experiment.task == RETRIEVAL or outcome is None:
        measured = folder.measured if folder.experiment.task == RETRIEVAL else None
        if measured is None:
            raise folder.damaged("ranks.parquet")
        seed = next(one for one in folder.seeds_of(*arms) if one in measured.seeds(*arms))
        return seed, opened.events(), [measured.cells[arm, seed].astype(np.float64) for arm in arms]
    seed, every = folder.seeds_of(*arms)[0], opened.events()
    chosen = every[outcome[every] > 0]
    rows = chosen[spaced(len(chosen), max(FEWEST, PAIRS // len(data.dataset.items)))]
    ranks = []
    for at, arm in enumerate(arms):
        say(at / len(arms), "")
        model = opened.any_model(arm, seed)
        ranks.append(np.array([_answer(model, data, int(row))[data.dataset.positive[row]] for row in rows]))
    return seed, rows, [one.astype(np.float64) for one in ranks]


def _scores(model: Model, data: DeviceData, row: int) -> Tensor:
    """Scores (1, N) of all items for an event: products of two towers, or logits of a joint network."""
    query = data.queries[torch.tensor([row])]
    if isinstance(model, Joint):
        every = torch.arange(len(data.items.codes)).split(CHUNK)  # type: ignore[no-untyped-call]
        return torch.cat([model.candidates(query, data.items[part]) for part in every])[None]
    towers = two_towers(model)
    return Catalogue.of(encode_rows(towers.item, data.items)).scores(towers.query(*query))


@torch.inference_mode()
def _answer(model: Model, data: DeviceData, row: int) -> Floats:
    """The rank (N,) of every item for an event, as `rank_in_chunks` counts; what the user had before comes last."""
    score = _scores(model, data, row)
    if (had := data.dataset.had_before(np.array([row]))) is not None:
        score[:, torch.from_numpy(had.pairs(slice(None))[1])] = -torch.inf
    every = torch.arange(score.shape[1])
    return rank_in_chunks(lambda at: score.expand(len(every[at]), -1), every, len(every))
