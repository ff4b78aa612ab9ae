"""Platt's scaling: after training, logits are scaled and shifted so that chances are right on validation.

After training and not along with it, so that nothing of the network depends on it, and on events that it has not
learned from. Platt, "Probabilistic outputs for support vector machines" (1999).
Shapes: n events, K surfaces.
"""

from __future__ import annotations

import numpy as np
import torch

from pdcn.arrays import Doubles, Numbers
from pdcn.nn.joint import Joint
from pdcn.nn.model import Model
from pdcn.tasks.ranking.loss import logits_of
from pdcn.tasks.retrieval.batches import DeviceData

STEPS = 30
"""Newton's steps; it has settled after ten."""
RIDGE = 1.0
"""How strongly a scale is held to 1 and a shift to 0, so that few events move them little."""


def calibrate(model: Model, data: DeviceData) -> None:
    """Fit a model's scales and shifts: one of each for all surfaces, or for each surface; nothing where it has none."""
    if not isinstance(model, Joint) or model.calibration == "none":
        return
    dataset = data.dataset
    assert dataset.outcome is not None
    model.scale.fill_(1.0)
    model.shift.fill_(0.0)
    events = dataset.events("validation")
    logits, label = logits_of(model, data, events), dataset.outcome[events]
    of = dataset.queries.codes[events, model.surface]
    groups = [np.full(len(of), True)]
    places = [torch.arange(len(model.scale))]
    if model.calibration == "surface":
        groups = [of == one for one in range(len(model.scale))]
        places = [torch.tensor([one]) for one in range(len(model.scale))]
    for rows, at in zip(groups, places, strict=True):
        scale, shift = platt(logits[rows], label[rows])
        model.scale[at], model.shift[at] = scale, shift


def platt(logits: Numbers, label: Numbers) -> tuple[float, float]:
    """The scale and the shift that make labels (n,) most likely, held to 1 and 0 by `RIDGE`; Newton's method.

    >>> platt(np.zeros(0), np.zeros(0))
    (1.0, 0.0)
    """
    x = np.column_stack([logits, np.ones(len(logits))]).astype(np.float64)
    plain: Doubles = np.array([1.0, 0.0])
    weights = plain
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (label - p) - RIDGE * (weights - plain)
        curve = (x * (p * (1 - p))[:, None]).T @ x + RIDGE * np.eye(2)
        weights = weights + np.linalg.solve(curve, slope)
    return float(weights[0]), float(weights[1])
