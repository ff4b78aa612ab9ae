"""What a cross is worth: the same events with it taken away, with it shuffled, and with W cut to a rank.

A norm says how large a weight is, not whether anything depends on it. Here each pair of fields is taken out of one
cross layer, in both directions and in every expert where there are several (ablation), or is given another row's value
(permutation, Breiman 2001), and the same events are measured anew: ranks of two towers, odds of a joint network.
Positive drops are what the metric loses.
Shapes: S seeds, U users, P pairs, n events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import cast

import numpy as np
import pandas as pd
import torch

from pdcn.arrays import Doubles, Floats, Ints
from pdcn.evaluation.statistics import paired_interval
from pdcn.nn.cross import CrossLayer
from pdcn.pages.crosses.work.edits import both_ways, weights_in_place
from pdcn.pages.crosses.work.scoring import Scored
from pdcn.pages.crosses.work.weights import cross_layers, crosses_of, cut_to_rank
from pdcn.tasks.metric import Metric, user_mean

MEASURES = ("ablation", "permutation")


@dataclass(frozen=True)
class Removal:
    """One thing to take away: a pair of blocks in a layer, by one of the measures."""

    side: str
    layer: int
    a: int
    b: int
    measure: str


def removals(scoring: Scored) -> list[Removal]:
    """Every pair of fields of every cross layer, by both measures."""
    found = []
    for side in scoring.towers:
        crosses, blocks = crosses_of(scoring.towers[side]), range(len(scoring.blocks[side]))
        for layer in range(len(crosses[0].layers) if crosses else 0):
            for a, b in combinations_with_replacement(blocks, 2):
                found += [Removal(side, layer, a, b, measure) for measure in MEASURES]
    return found


def measured_without(scoring: Scored, asked: Sequence[Removal], seed: int, step: Callable[[], None]) -> Floats:
    """What is measured without each of the asked (n, 1 + P), after the intact model's in column 0.

    `seed` draws the permutations: one a side, the same for every pair. `step` is called after each.
    """
    draws = torch.Generator().manual_seed(seed)
    orders: dict[str, torch.Tensor] = {
        side: torch.randperm(len(scoring.x0[side]), generator=draws) for side in scoring.towers
    }
    columns = [scoring.intact]
    for one in asked:
        order = orders[one.side] if one.measure == "permutation" else None
        columns.append(scoring.measured(one.side, both_ways(one.layer, one.a, one.b, 0.0, order)))
        step()
    return np.stack(columns, axis=1)


@dataclass(frozen=True)
class Losses:
    """What each removal costs: by seed `drop` and `moved` (S, P), and `frame` with the drop's interval, a row a
    removal."""

    drop: Doubles
    moved: Doubles
    frame: pd.DataFrame


def losses(measured: Sequence[Floats], user: Ints, metric: Metric, sets: Sequence[int] = ()) -> Losses:
    """What the metric loses, and how far events move, over seeds and users.

    An event moves by doublings: of its item's rank, or, where the metric orders pairs of events, of its odds.
    `measured` holds what `measured_without` gave for each seed, over the same events of the users `user` (n,).
    `sets`: the training set of each seed, where they were drawn anew.
    """
    lost = np.stack([_lost(one, user, metric) for one in measured])  # (S, U, P)
    places = [np.log2(np.abs(one).astype(np.float64) + (not metric.company)) for one in measured]
    moved = np.stack([user_mean(np.abs(one[:, 1:] - one[:, :1]), user).mean(0) for one in places])
    found = paired_interval(lost, sets=sets)
    frame = pd.DataFrame(
        {"drop": found.mean, "low": found.low, "high": found.high, "p": found.p, "moved": moved.mean(0)}
    )
    return Losses(lost.mean(1), moved, frame)


def _lost(measured: Floats, user: Ints, metric: Metric) -> Doubles:
    """What each user loses by each removal, (U, P)."""
    if metric.company:
        levels = np.hstack([metric.by_user([metric], column, user) for column in measured.T])
        return levels[:, :1] - levels[:, 1:]
    values = metric.values(measured).astype(np.float64)
    return user_mean(values[:, :1] - values[:, 1:], user)


def named(asked: Sequence[Removal], scoring: Scored) -> pd.DataFrame:
    """The removals as columns `side`, `layer`, `a`, `b` (field names) and `measure`."""
    names = {side: blocks.names for side, blocks in scoring.blocks.items()}
    rows = [(one.side, one.layer, names[one.side][one.a], names[one.side][one.b], one.measure) for one in asked]
    return pd.DataFrame(rows, columns=["side", "layer", "a", "b", "measure"])


def ranks_to_try(width: int) -> list[int]:
    """Ranks from 0 up to half the width, doubling: 0 leaves no cross at all.

    >>> ranks_to_try(58)
    [0, 1, 2, 4, 8, 16, 29]
    """
    doubling = [2**power for power in range(width.bit_length()) if 2**power < width // 2]
    return [0, *doubling, width // 2]


def cuts(scoring: Scored) -> Iterator[tuple[str, int, Floats]]:
    """Side, rank and what is measured (n,) where every cross layer of that side is cut to that rank.

    Nothing for a tower without cross layers, or with layers that have no one W, such as those that mix experts.
    """
    for side in scoring.towers:
        tower = scoring.towers[side]
        crosses = crosses_of(tower)
        every = [layer for cross in crosses for layer in cross.layers]
        if not crosses or any(cast(CrossLayer, layer).linear() is None for layer in every):
            continue
        layers = [one for place in range(len(crosses)) for one in cross_layers(tower, scoring.x0[side], place)]
        for rank in ranks_to_try(crosses[0].out):
            cut = [cut_to_rank(one.W, rank) for one in layers]
            yield side, rank, scoring.measured_within(side, weights_in_place(every, cut))
