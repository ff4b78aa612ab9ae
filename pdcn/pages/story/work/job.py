"""One typical event on its way through both towers of every arm: what each block holds of it, and where it ends.

Shapes: n test events; w the width of a block.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import torch

from pdcn.arrays import Doubles
from pdcn.config import RETRIEVAL
from pdcn.evaluation.taps import points_of, taps
from pdcn.evaluation.typical import LISTED, typical
from pdcn.jobs.analysis import Say, Settings
from pdcn.nn.tower import TowerPlan
from pdcn.nn.two_tower import SIDES, Side
from pdcn.pages.story.work.words import FOLLOWING
from pdcn.runs.trained import TrainedRun
from pdcn.sources import speech_of
from pdcn.sources.encoded_table import Table
from pdcn.sources.spoken import field_words, spoken_time


def inspect(opened: TrainedRun, settings: Settings, say: Say) -> dict[str, pd.DataFrame]:
    """Tables event (one row), fields, blocks and outcome, of each arm's first seed.

    Without ranks that were kept (another task than retrieval, or a file that is gone) it is the first test event, and
    nobody knows where its item ranks.
    """
    folder, dataset = opened.folder, opened.data.dataset
    seeds = {arm: folder.seeds_of(arm)[0] for arm in opened.arms}
    measured = folder.measured if folder.experiment.task == RETRIEVAL else None
    ranks = {arm: measured.cells[arm, seed].astype(np.float64) for arm, seed in seeds.items()} if measured else {}
    event = typical(*list(ranks.values())[:2]) if len(ranks) > 1 else 0
    events = opened.events()
    row = int(events[event])
    item, speech = int(dataset.positive[row]), speech_of(dataset.name)
    index: dict[Side, int] = {"query": row, "item": item}
    tables: dict[Side, Table] = {"query": dataset.queries, "item": dataset.items}
    fields = [
        {"side": side, "label": label, "value": value}
        for side, table in tables.items()
        for label, value in field_words(table, index[side])
    ]
    blocks, outcome = [], []
    for at, arm in enumerate(opened.arms):
        say(at / len(opened.arms), FOLLOWING)
        ends = {}
        for side in SIDES:
            tower = opened.model(arm, seeds[arm]).tower(side)
            rows = opened.data.queries if side == "query" else opened.data.items
            held = taps(tower, rows, torch.tensor([index[side]], device=rows.codes.device))
            ends[side] = held["head"][0].astype(np.float64)
            blocks += [
                {"arm": arm, "side": side, **block, "values": held[block["point"]][0].tolist()}
                for block in _blocks(tower.plan())
            ]
        outcome.append(
            {
                "arm": arm,
                "rank": ranks[arm][event] if arm in ranks else np.nan,
                "score": float(ends["query"] @ ends["item"]),
            }
        )
    told: dict[str, Any] = {
        "event": event,
        "seed": min(seeds.values()),
        "when": spoken_time(int(dataset.when[row]), dataset.zone),
        "who": speech.who,
        "did": speech.did,
        "thing": speech.thing,
        "item": dataset.item_names[item],
        "items": len(dataset.items),
        "events": len(events),
        "listed": LISTED,
        **_higher(*list(ranks.values())[:2]),
    }
    frames = {"event": [told], "fields": fields, "blocks": blocks, "outcome": outcome}
    return {name: pd.DataFrame(rows) for name, rows in frames.items()}


def _higher(*ranks: Doubles) -> dict[str, float]:
    """The share of all events in which each of two arms ranks the item higher, of ranks (n,) each."""
    if len(ranks) < 2:
        return {}
    left, right = ranks
    return {"left": float((left < right).mean()), "right": float((right < left).mean())}


def _blocks(plan: TowerPlan) -> Iterator[dict[str, Any]]:
    """The blocks of a tower from below upwards: the point that reads each, its name, kind, widths and parameters."""
    drawn = {"embedding": plan.embedding, "head": plan.head}
    drawn |= {f"{column}.{row}": one for column, branch in enumerate(plan.branches) for row, one in enumerate(branch)}
    drawn |= {"join": plan.join} if plan.join else {}
    for point in points_of(plan):
        block = drawn[point.key]
        named = {"point": point.key, "name": point.name, "kind": block.kind}
        yield named | {"into": block.into, "out": block.out, "parameters": block.parameters}
