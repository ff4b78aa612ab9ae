"""Binary cross-entropy from logits, and the scores of a joint model.

Shapes: B batch, S seeds, n events.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from pdcn.arrays import Floats, Ints
from pdcn.config import JOINT
from pdcn.nn.joint import Joint, together
from pdcn.nn.model import Model
from pdcn.tasks.retrieval.batches import DeviceData, Rows
from pdcn.tasks.retrieval.distinct import Distinct
from pdcn.tasks.retrieval.loss import with_branches
from pdcn.tasks.task import Towers

SCORED = 8_192
"""Events that are scored at once."""


def inputs(data: DeviceData, events: Tensor) -> tuple[Tensor, Tensor]:
    """Codes and values of events (B,), or of S seeds' (S, B), as the joint network reads them."""
    items, dataset = data.positive[events], data.dataset
    single = len(dataset.queries.categories), len(dataset.items.categories)
    return together(_rows(data.queries, events), _rows(data.items, items), single)


def _rows(rows: Rows, index: Tensor) -> tuple[Tensor, Tensor]:
    return rows[index] if index.dim() == 1 else (rows.codes[index], rows.values[index])


def cross_entropy(towers: Towers, data: DeviceData, events: Tensor) -> Tensor:
    """The mean of -log of the chance of each event's label, a number; of S seeds (S,).

    An event counts its weight, which is one on average. Where branches have losses of their own, those join it.
    """
    assert data.outcome is not None
    events = events.to(data.device, non_blocking=True)
    label, weight = data.outcome[events], None if data.weight is None else data.weight[events]

    def loss(logits: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(
            logits.squeeze(-1), label, weight=weight, reduction="none"
        ).mean(-1)

    each = towers.own_losses
    found = towers.run(JOINT, *inputs(data, events), each=each)
    return with_branches(*map(loss, found)) if each else loss(found)


@torch.inference_mode()
def logits_of(model: Model, data: DeviceData, events: Ints) -> Floats:
    """The logit of each of the events, (n,); equal rows have equal ones, to the last bit."""
    model.eval()
    codes, values = inputs(data, torch.from_numpy(events).to(data.device))
    alike = Distinct.of(codes, values)
    parts = alike.first.split(SCORED)  # type: ignore[no-untyped-call]
    found = torch.cat([scored(model, codes[part], values[part]) for part in parts])
    return np.asarray(found[alike.place].cpu().numpy())


def scored(model: Model, codes: Tensor, values: Tensor) -> Tensor:
    """Logits (B,) of rows as the joint network reads them, calibrated where the model is."""
    logits: Tensor = model.towers[JOINT](codes, values).squeeze(-1)
    return model.calibrated(logits, codes) if isinstance(model, Joint) else logits
