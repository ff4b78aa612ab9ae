"""Levels of metrics as records have them: by arm, by seed and by K, of arms and of baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pdcn.arrays import Numbers
from pdcn.tasks.measured import Measured
from pdcn.tasks.metric import Metric


def means(measured: Measured, columns: Mapping[int, Numbers], alike: Sequence[Metric], *, by_user: bool = True) -> Any:
    """The mean over columns, by their seeds, of metrics of one class, by K; None of no column."""
    found = of_columns(measured, columns, alike, by_user=by_user)
    return by_k(alike, [float(np.mean(values)) if values else None for values in found])


def of_columns(
    measured: Measured, columns: Mapping[int, Numbers], alike: Sequence[Metric], *, by_user: bool = True
) -> list[list[float]]:
    """The values of metrics of one class, a list of every column's for each."""
    found = [measured.means(column, alike, seed, by_user=by_user).tolist() for seed, column in columns.items()]
    return [[values[at] for values in found] for at in range(len(alike))]


def by_k(alike: Sequence[Metric], values: Sequence[Any]) -> Any:
    """Values by K, or the one value of a metric that has no K."""
    if alike[0].k is None:
        return values[0]
    return {str(metric.k): value for metric, value in zip(alike, values, strict=True)}


def of_arm(measured: Measured, arm: str, alike: Sequence[Metric]) -> dict[str, Any]:
    """An arm's metrics of one class: the mean over users, `_events` that over all events alike, `_per_seed` each
    seed's."""
    name, columns = alike[0].name, {seed: measured.cells[arm, seed] for seed in measured.seeds(arm)}
    if not columns:
        return dict.fromkeys((name, f"{name}_events", f"{name}_per_seed"), {} if alike[0].k is not None else None)
    return {
        name: means(measured, columns, alike),
        f"{name}_events": means(measured, columns, alike, by_user=False),
        f"{name}_per_seed": by_k(alike, of_columns(measured, columns, alike)),
    }


def of_baselines(measured: Measured, alike: Sequence[Metric]) -> dict[str, Any]:
    """The mean over users of metrics of one class, of each baseline."""
    return {name: {alike[0].name: means(measured, {-1: own}, alike)} for name, own in measured.baselines.items()}
