"""Cross networks and MLPs of one to three layers on a polynomial, with the layers and the optimisers of
`pdcn.research.fitting`, and budgets small enough to wait for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from torch import nn

from pdcn.arrays import Doubles
from pdcn.jobs.analysis import Say, Settings
from pdcn.nn.cross import FullCross
from pdcn.pages.cross_lab.learn import words as say_words
from pdcn.research.fitting import Regressed, Regression, trained
from pdcn.research.targets import HARDER, Entry, Target

MODELS = ("DCN", "DCN-V2", "DNN", "DNN, large")
DEPTHS = (1, 2, 3)
LARGE = 200
"""Width of the layers of the large MLP."""
PLANS = {"DNN": (1_000, 256, 0.01), "DNN, large": (600, 256, 0.003)}
"""Steps, batch and highest rate of Adam: a quarter of what the bundled study has, or less."""
TRIES = {"DNN, large": 1}
OTHERWISE = 3
"""Beginnings of a small network, of which the one that errs least is kept: a single one may end in a hollow."""
GOOD = 1e-8
"""An error after which no other beginning is tried."""


def target_of(terms: Sequence[tuple[float, Sequence[int]]]) -> Target:
    """The function of these terms, as wide as its last feature, and at least two wide."""
    features = tuple(tuple(own) for _, own in terms)
    width = max(2, 1 + max(at for own in features for at in own))
    return Target(width, features, np.array([factor for factor, _ in terms]))


def entries(width: int) -> list[Entry]:
    """Every model that is trained, the quick ones first. An MLP as wide as x has exactly as many parameters as DCN-V2
    with as many layers: each layer has D^2 + D, and the head D."""
    wide = {"DNN": width, "DNN, large": LARGE}
    return [
        Entry(HARDER, "typed", model, layers, deep=(wide[model],) * layers if model in wide else ())
        for model in MODELS
        for layers in DEPTHS
    ]


def inspect(
    opened: None, settings: Settings, say: Say, so_far: Callable[[Mapping[str, pd.DataFrame]], None] = lambda _: None
) -> dict[str, pd.DataFrame]:
    """The tables of `one_by_one` for the function that the settings hold, whose terms a person typed."""
    target = target_of(json.loads(str(settings["terms"])))
    asked = [(entry, 1.0) for entry in entries(target.width)]
    return one_by_one(asked, target, lambda entry: best(entry, target), say, so_far)


def one_by_one(
    asked: Sequence[tuple[Entry, float]],
    target: Target,
    train: Callable[[Entry], tuple[Regression, Regressed]],
    say: Say,
    so_far: Callable[[Mapping[str, pd.DataFrame]], None],
) -> dict[str, pd.DataFrame]:
    """`errors`: a row a model and depth; `weights`: of one layer of DCN-V2 what each pair and each feature got, where
    it was solved for.

    Each entry comes with its share of the time. `so_far` is given both tables after each training.
    """
    whole, through = sum(share for _, share in asked), 0.0
    rows: list[dict[str, object]] = []
    tables: dict[str, pd.DataFrame] = {}
    for entry, share in asked:
        say(through / whole, say_words.NOW(model=say_words.LEGEND[entry.model], layers=entry.layers))
        model, found = train(entry)
        through += share
        rows.append(
            {
                **{"model": entry.model, "layers": entry.layers, "parameters": found.parameters},
                **{"rmse": found.rmse, "spread": found.spread},
            }
        )
        tables["errors"] = pd.DataFrame(rows)
        if entry.exact and entry.model == "DCN-V2" and entry.layers == 1:
            tables["weights"] = beside(model, target)
        so_far(tables)
    return tables


def best(entry: Entry, target: Target) -> tuple[Regression, Regressed]:
    """The training that errs least, of a few beginnings; of a large MLP there is one."""
    kept: tuple[Regression, Regressed] | None = None
    for seed in range(TRIES.get(entry.model, OTHERWISE)):
        found = trained(entry, target, np.random.default_rng(seed), seed, PLANS.get(entry.model))
        if kept is None or found[1].rmse < kept[1].rmse:
            kept = found
        if kept[1].rmse < GOOD:
            break
    assert kept is not None
    return kept


def beside(model: nn.Module, target: Target) -> pd.DataFrame:
    """What one layer of DCN-V2 learned of each pair (`one` <= `other`) and of each feature alone (`other` = -1), beside
    the `true` coefficients.

    head . (x * (W x + b) + x) = sum_ij h_i W_ij x_i x_j + sum_i h_i (b_i + 1) x_i. A pair stands there twice, as
    h_i W_ij and as h_j W_ji; only their sum can be learned.
    """
    assert isinstance(model, Regression)
    pairs, alone = coefficients(model)
    true = dict(zip((tuple(sorted(term)) for term in target.terms), target.coefficients, strict=True))
    rows = [
        {"one": i, "other": -1, "learned": float(alone[i]), "true": float(true.get((i,), 0.0))}
        for i in range(target.width)
    ]
    for i in range(target.width):
        for j in range(i, target.width):
            both = pairs[i, j] + pairs[j, i] if i < j else pairs[i, i]
            rows.append({"one": i, "other": j, "learned": float(both), "true": float(true.get((i, j), 0.0))})
    return pd.DataFrame(rows)


def coefficients(model: Regression) -> tuple[Doubles, Doubles]:
    """h_i W_ij (D, D) and h_i (b_i + 1) (D) of a regression with one full cross layer."""
    with torch.no_grad():
        layer = model.network.layers[0]  # type: ignore[index]
        assert isinstance(layer, FullCross)
        head = model.head.weight[0].double()
        pairs, alone = head[:, None] * layer.W.weight.double(), head * (layer.W.bias.double() + 1)
    return pairs.numpy(), alone.numpy()
