"""Tidy frames from a run's table of ranks: recall curves, and paired differences between arms.

The table has a row a test event: `user`, `popularity`, `oracle` where there is one, and a column
`ARM.SEED` for each training. Needs no torch, so that pages read results at no cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pdcn.evaluation.statistics import (
    detectable,
    expected_spread,
    holm,
    outcome,
    paired_interval,
    seeds_needed,
    usual_spread,
)
from pdcn.evaluation.verdict import Comparison, Metric
from pdcn.tasks.retrieval.metrics import (
    event_weights,
    log_cuts,
    ndcg_at,
    recall_curve,
    reciprocal_rank,
    user_mean,
    user_recall,
)

ByUser = Callable[[NDArray[np.float32], NDArray[np.int64]], NDArray[np.float64]]
NDCG_CUTS = (10, 100)

LARGEST_K = 1000
HEADLINE_K = 100
"""The K of the verdict sentence, or the catalogue's size where that is smaller."""
BASELINES = ("popularity", "oracle")


def cuts_of(items: int) -> list[int]:
    """The K of a record: 1, 10, 100, 1000, as far as the catalogue goes; all of it would be no test.

    >>> cuts_of(500)
    [1, 10, 100]
    """
    return [k for k in (1, 10, 100, LARGEST_K) if k < items]


def headline_k(items: int) -> int:
    """The K of the verdict in a catalogue.

    >>> headline_k(2_726), headline_k(60)
    (100, 10)
    """
    return min(HEADLINE_K, cuts_of(items)[-1])


CLEARLY_BELOW = 5
"""Validation watches recall at a K of at most one in so many items."""
VALIDATED_BEFORE = "recall@100"
"""What validation measured in records that do not name it."""


def validated_on(items: int) -> str:
    """What validation measures in a catalogue: recall at the headline K, or MRR where that K is a large part of it.

    A list of a fifth of the catalogue holds the item of one event in five by chance alone; of a longer one recall
    comes so close to its ceiling that checks can't be told apart. MRR asks where in the list the item stands.

    >>> validated_on(2_726), validated_on(101), validated_on(60)
    ('recall@100', 'MRR', 'recall@10')
    """
    k = headline_k(items)
    return f"recall@{k}" if CLEARLY_BELOW * k <= items else "MRR"


def columns_of(ranks: pd.DataFrame, arm: str) -> dict[int, str]:
    """Columns of an arm by seed."""
    parts = {name: name.rpartition(".") for name in ranks.columns}
    return {int(seed): name for name, (owner, _, seed) in parts.items() if owner == arm}


def recall_frame(ranks: pd.DataFrame, arms: tuple[str, ...], items: int) -> pd.DataFrame:
    """Every recall curve: columns `arm`, `seed` (-1 for baselines), `k`, `recall`; mean over users."""
    weights = event_weights(ranks["user"].to_numpy(), by_user=True)
    largest = min(LARGEST_K, items)
    cuts = log_cuts(largest)
    owners = [(arm, seed, name) for arm in arms for seed, name in columns_of(ranks, arm).items()]
    owners += [(name, -1, name) for name in BASELINES if name in ranks]
    frames = []
    for arm, seed, name in owners:
        curve = recall_curve(ranks[name].to_numpy(), weights, largest)
        frames.append(pd.DataFrame({"arm": arm, "seed": seed, "k": cuts, "recall": curve[cuts - 1]}))
    return pd.concat(frames, ignore_index=True)


def shared_seeds(ranks: pd.DataFrame, arm: str, against: str) -> list[int]:
    """Seeds from which both arms have a result."""
    return sorted(columns_of(ranks, arm).keys() & columns_of(ranks, against).keys())


def user_values(ranks: pd.DataFrame, arm: str, seeds: list[int], of: ByUser) -> NDArray[np.float64]:
    """(S, U, K) values of an arm by seed and user; `of` makes (U, K) from ranks and their users."""
    columns, user = columns_of(ranks, arm), ranks["user"].to_numpy()
    return np.stack([of(ranks[columns[seed]].to_numpy(), user) for seed in seeds])


def compare(
    ranks: pd.DataFrame,
    arms: tuple[str, ...],
    against: str,
    cuts: list[int] | NDArray[np.int64],
    *,
    detect: float | None = None,
    metrics: tuple[Metric, ...] = ("recall", "ndcg", "mrr"),
) -> list[Comparison]:
    """Every arm against the baseline arm in each metric, at each K, over the seeds that both finished.

    p-values are adjusted (Holm) over the arms and K of a metric. The number of seeds is estimated for a
    difference of `detect`, a share, and what the seeds that there are can find; not where that is None.
    """
    return [c for metric in metrics for c in _compare(ranks, arms, against, metric, np.asarray(cuts), detect)]


def _compare(
    ranks: pd.DataFrame,
    arms: tuple[str, ...],
    against: str,
    metric: Metric,
    cuts: NDArray[np.int64],
    detect: float | None,
) -> list[Comparison]:
    levels = _levels(metric, cuts)
    found, users = [], ranks["user"].nunique()
    together = len(levels) * max(1, sum(arm != against and bool(shared_seeds(ranks, arm, against)) for arm in arms))
    for arm in arms:
        seeds = shared_seeds(ranks, arm, against)
        if arm == against or not seeds:
            continue
        base = user_values(ranks, against, seeds, _by_user(metric, cuts))
        interval = paired_interval(user_values(ranks, arm, seeds, _by_user(metric, cuts)) - base)
        level = base.mean((0, 1))
        for at, k in enumerate(levels):
            mean, error = float(interval.mean[at]), float(interval.user_error[at])
            spread = float(interval.seed_spread[at])
            usual = usual_spread(float(interval.seed_floor[at]), float(level[at]))
            needed = reach = None
            if detect is not None and len(seeds) > 1 and metric == "recall":
                expected, freedom = expected_spread(spread, usual, len(seeds))
                needed = seeds_needed(expected, error, detect, together, freedom)
                reach = detectable(expected, error, len(seeds), together, freedom)
            found.append(
                Comparison(
                    arm,
                    against,
                    k,
                    mean,
                    float(interval.low[at]),
                    float(interval.high[at]),
                    "too few seeds",
                    len(seeds),
                    users,
                    len(ranks),
                    metric,
                    100 * mean / float(level[at]) if level[at] else None,
                    float(interval.p[at]),
                    seed_spread=spread if len(seeds) > 1 else None,
                    usual_spread=usual if len(seeds) > 1 else None,
                    user_error=error,
                    seeds_needed=needed,
                    detectable=reach,
                )
            )
    adjusted = holm(np.array([c.p for c in found])).tolist() if found else []
    return [
        replace(c, adjusted=p, verdict=outcome(c.difference, p, c.seeds)) for c, p in zip(found, adjusted, strict=True)
    ]


def _levels(metric: Metric, cuts: NDArray[np.int64]) -> list[int | None]:
    if metric == "recall":
        return [int(k) for k in cuts]
    return [None] if metric == "mrr" else list(NDCG_CUTS)


def _by_user(metric: Metric, cuts: NDArray[np.int64]) -> ByUser:
    if metric == "recall":
        return lambda ranks, user: user_recall(ranks, user, cuts)
    if metric == "ndcg":
        return lambda ranks, user: user_mean(np.stack([ndcg_at(ranks, k) for k in NDCG_CUTS], axis=1), user)
    return lambda ranks, user: user_mean(reciprocal_rank(ranks)[:, None], user)


def difference_frame(ranks: pd.DataFrame, arms: tuple[str, ...], against: str, items: int) -> pd.DataFrame:
    """`Comparison` by row, for K on a log scale: the paired difference curve with its interval."""
    found = compare(ranks, arms, against, log_cuts(min(LARGEST_K, items)), metrics=("recall",))
    rows: list[dict[str, Any]] = [asdict(c) for c in found]
    return pd.DataFrame(rows, columns=list(Comparison.__dataclass_fields__))
