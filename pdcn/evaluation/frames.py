"""Tidy frames from a run's table of ranks: recall curves, and paired differences between arms.

The table has a row a test event: `user`, `popularity`, `oracle` where there is one, and a column
`ARM.SEED` for each training. Needs no torch, so that pages read results at no cost.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pdcn.evaluation.metrics import event_weights, log_cuts, recall_curve, user_recall
from pdcn.evaluation.statistics import outcome, paired_interval
from pdcn.evaluation.verdict import Comparison

LARGEST_K = 1000
HEADLINE_K = 100
"""The K of the verdict sentence, or the catalogue's size where that is smaller."""
BASELINES = ("popularity", "oracle")


def baseline_arm(arms: tuple[str, ...]) -> str:
    """The arm that the others are held against: sequential where it runs, else the last.

    >>> baseline_arm(("parallel", "sequential", "deep_only")), baseline_arm(("parallel", "deep_only"))
    ('sequential', 'deep_only')
    """
    return "sequential" if "sequential" in arms else arms[-1]


def cuts_of(items: int) -> list[int]:
    """The K of a record: 1, 10, 100, 1000, as far as the catalogue goes.

    >>> cuts_of(500)
    [1, 10, 100]
    """
    return [k for k in (1, 10, 100, LARGEST_K) if k <= items]


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


def paired_differences(
    ranks: pd.DataFrame, arm: str, against: str, cuts: NDArray[np.int64]
) -> NDArray[np.float64] | None:
    """(S, U, K) recall of `arm` minus that of `against`, by seed and user; None without a shared seed."""
    ours, theirs = columns_of(ranks, arm), columns_of(ranks, against)
    user = ranks["user"].to_numpy()
    shared = sorted(ours.keys() & theirs.keys())
    if not shared:
        return None

    def recall(name: str) -> NDArray[np.float64]:
        return user_recall(ranks[name].to_numpy(), user, cuts)

    return np.stack([recall(ours[seed]) - recall(theirs[seed]) for seed in shared])


def compare(
    ranks: pd.DataFrame, arms: tuple[str, ...], cuts: list[int] | NDArray[np.int64]
) -> list[Comparison]:
    """Every arm against the baseline arm at each K, over the seeds that both finished."""
    against = baseline_arm(arms)
    found = []
    for arm in arms:
        difference = paired_differences(ranks, arm, against, np.asarray(cuts)) if arm != against else None
        if difference is None:
            continue
        interval = paired_interval(difference)
        seeds, users = difference.shape[:2]
        for k, mean, low, high in zip(cuts, interval.mean, interval.low, interval.high, strict=True):
            verdict = outcome(low, high, seeds)
            found.append(
                Comparison(
                    arm,
                    against,
                    int(k),
                    float(mean),
                    float(low),
                    float(high),
                    verdict,
                    seeds,
                    users,
                    len(ranks),
                )
            )
    return found


def difference_frame(ranks: pd.DataFrame, arms: tuple[str, ...], items: int) -> pd.DataFrame:
    """`Comparison` by row, for K on a log scale: the paired difference curve with its interval."""
    rows: list[dict[str, Any]] = [asdict(c) for c in compare(ranks, arms, log_cuts(min(LARGEST_K, items)))]
    return pd.DataFrame(rows, columns=list(Comparison.__dataclass_fields__))
