"""What says how likely a choice is without a network: constant, item's rate, user's rate, both; and the oracle.

All of it is learned from the training part alone. Only the three numbers that join the rates come from validation.
Shapes: n events, N items.
"""

from __future__ import annotations

import numpy as np

from pdcn.arrays import Doubles, Floats, Ints, spaced
from pdcn.config import RankingSettings
from pdcn.sources.dataset import Dataset
from pdcn.tasks.ranking.examples import chances
from pdcn.tasks.ranking.metrics import signed_odds

PRIOR = 20.0
"""So many events at the mean rate join those of every item and every user, so that few events say little."""
STEPS = 25
"""Newton's steps of the logistic regression; it has settled after ten."""
RIDGE = 1e-3
"""A pull towards nothing that keeps the regression from running off where labels are all of one kind."""
CHOICES = 2_000
"""So many choices tell how sharp the true ones are."""
SCORES_AT_ONCE = 4_000_000


def rates(dataset: Dataset, whose: Ints, events: Ints) -> Doubles:
    """Logits (n,) of the smoothed rate of label 1 in the training part, of what `whose` says of every event."""
    assert dataset.outcome is not None
    train = dataset.part("train")
    mean = float(dataset.outcome[train].mean())
    many = int(whose.max()) + 1
    shown = np.bincount(whose[train], minlength=many)
    chosen = np.bincount(whose[train], dataset.outcome[train], many)
    rate = (chosen + PRIOR * mean) / (shown + PRIOR)
    return logit(rate[whose[events]])


def logit(rate: Doubles | float) -> Doubles:
    """log(p / (1 - p)), a little away from 0 and 1.

    >>> logit(0.5).tolist()
    0.0
    """
    kept = np.clip(rate, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(kept / (1 - kept)))


def joined(dataset: Dataset, events: Ints) -> dict[str, Doubles]:
    """Logits (n,) of each baseline that reads rates alone.

    Where items that were not chosen are drawn, as many for every event, users have one rate, which says nothing.
    """
    assert dataset.outcome is not None
    train, validation = dataset.part("train"), dataset.events("validation")
    found = {"constant_rate": np.full(len(events), logit(float(dataset.outcome[train].mean())))}
    whose = {"item_rate": dataset.positive, "user_rate": dataset.user}
    if dataset.feedback is None:
        return found | {"item_rate": rates(dataset, whose["item_rate"], events)}
    found |= {name: rates(dataset, own, events) for name, own in whose.items()}
    seen = np.column_stack([rates(dataset, own, validation) for own in whose.values()])
    weights = logistic(seen, dataset.outcome[validation])
    both = weights[0] + np.column_stack([found[name] for name in whose]) @ weights[1:]
    return {**found, "both_rates": both}


def logistic(inputs: Doubles, label: Floats) -> Doubles:
    """Weights (1 + C,) of a logistic regression of labels (n,) on inputs (n, C), the constant first; Newton's method.

    >>> logistic(np.array([[0.0], [0.0], [1.0], [1.0], [1.0]]), np.array([0, 1, 0, 1, 1], np.float32)).round(2).tolist()
    [0.0, 0.69]
    """
    x = np.column_stack([np.ones(len(inputs)), inputs])
    weights = np.zeros(x.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (label - p) - RIDGE * weights
        curve = (x * (p * (1 - p))[:, None]).T @ x + RIDGE * np.eye(len(weights))
        weights = weights + np.linalg.solve(curve, slope)
    return np.asarray(weights)


def oracle(dataset: Dataset, settings: RankingSettings, events: Ints) -> Doubles:
    """Logits (n,) of the best chances that can be known where items that were not chosen are drawn.

    An event chose item i with chance softmax_i of the true scores, and k draws came from the shares q: so the odds that
    a pair was the choice are softmax_i / (k q_i) (Gutmann & Hyvarinen, AISTATS 2010). That a draw is never what was
    chosen at the same moment is left out.
    """
    scale = sharpness(dataset)
    found = np.empty(len(events))
    size = max(1, SCORES_AT_ONCE // len(dataset.items))
    for at in (slice(start, start + size) for start in range(0, len(events), size)):
        score = scale * _true_scores(dataset, events[at])
        top = score.max(1, keepdims=True)
        total = top[:, 0] + np.log(np.exp(score - top).sum(1))
        found[at] = score[np.arange(len(score)), dataset.positive[events[at]]] - total
    share = chances(dataset, settings.sampled_power)[dataset.positive[events]]
    return np.asarray(found - np.log(settings.sampled * share))


def sharpness(dataset: Dataset) -> float:
    """What true scores are multiplied by to be logits: most likely for choices of the training part, Newton's method.

    A truth says how scores are ordered, not how sharp the choice was.
    """
    assert dataset.outcome is not None
    chosen = np.flatnonzero(dataset.outcome[dataset.part("train")] > 0)
    most = max(1, min(CHOICES, SCORES_AT_ONCE // len(dataset.items)))
    events = chosen[spaced(len(chosen), most)]
    score = _true_scores(dataset, events)
    own = score[np.arange(len(score)), dataset.positive[events]]
    scale = 1.0 / max(float(score.std()), 1e-12)
    for _ in range(STEPS):
        share = np.exp(scale * (score - score.max(1, keepdims=True)))
        share /= share.sum(1, keepdims=True)
        mean = (share * score).sum(1)
        curve = float(((share * score**2).sum(1) - mean**2).mean())
        scale += float((own - mean).mean()) / max(curve, 1e-12)
    return scale


def _true_scores(dataset: Dataset, events: Ints) -> Doubles:
    """(b, N)."""
    assert dataset.truth is not None
    return dataset.truth.query[events].astype(np.float64) @ dataset.truth.item.T.astype(np.float64)


def measured(dataset: Dataset, events: Ints, logits: dict[str, Doubles]) -> dict[str, Floats]:
    """The same as a task measures of a model, (n,) by name."""
    assert dataset.outcome is not None
    return {name: signed_odds(one, dataset.outcome[events]) for name, one in logits.items()}
