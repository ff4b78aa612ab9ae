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
from pdcn.jobs.analysis import Say, Settings
from pdcn.nn.two_tower import SIDES, Side, TowerPlan
from pdcn.pages.story.work.words import FOLLOWING
from pdcn.runs.trained import TrainedRun
from pdcn.sources import speech_of
from pdcn.sources.schema import Table, spoken_time
from pdcn.sources.spoken import field_words

LISTED = 100
"""The story's item is among so many first ones of every arm: what nobody finds tells nothing."""


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
    row = dataset.bounds[1] + event
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
        "events": len(dataset.queries) - dataset.bounds[1],
        "listed": LISTED,
        **_higher(*list(ranks.values())[:2]),
    }
    frames = {"event": [told], "fields": fields, "blocks": blocks, "outcome": outcome}
    return {name: pd.DataFrame(rows) for name, rows in frames.items()}


def typical(left: Doubles, right: Doubles) -> int:
    """An event, from 0, with a typical difference between two arms: neither the largest nor none.

    `left` and `right` are ranks (n,) counted from 0; a difference is a number of doublings, so 2 against 4 counts as
    much as 20 against 40. Of the events that both arms rank among the first 100, and not alike, it takes those in which
    the arm is better that is so more often. Of these it is the one whose difference is the median, and the first in
    time of several. Where there is none, it is the one with the best worst rank.

    >>> typical(np.array([0.0, 9.0, 1.0, 1.0, 3.0]), np.array([0.0, 4.0, 7.0, 500.0, 4.0]))  # 0, -1, +2, far off, +0.3
    4
    """
    size = np.log2(right + 1) - np.log2(left + 1)
    size[np.maximum(left, right) >= LISTED] = 0
    sign = 1 if (size > 0).sum() >= (size < 0).sum() else -1
    found = np.flatnonzero(sign * size > 0)
    if not len(found):
        return int(np.argmin(np.maximum(left, right)))
    own = np.abs(size[found])
    return int(found[np.argmin(np.abs(own - np.quantile(own, 0.5, method="lower")))])


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
