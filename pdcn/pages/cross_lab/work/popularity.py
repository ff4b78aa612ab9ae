"""What in-batch negatives teach of popular and of rare items, with the logQ correction and without, on made-up data.

Kinds of shoppers choose among items that are chosen as often as Zipf's law says. Each kind's true scores are the logs
of how likely it chooses each item, so what is learned can be compared with what is true.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from pdcn.arrays import Doubles
from pdcn.tasks.retrieval.loss import sampled_softmax
from pdcn.training.device import one_thread

ITEMS, KINDS, TASTE = 50, 8, 0.7
"""Items, kinds of shoppers, and how far the log odds of their tastes deviate."""
STEPS, RATE = 600, 0.2
"""Steps of a training, whatever the batch, and the highest rate of Adam."""


@dataclass(frozen=True)
class World:
    """How likely each kind of shopper chooses each item, (kinds, items); items from the most popular to the rarest."""

    chosen: Doubles

    @property
    def popularity(self) -> Doubles:
        """The share of all events that each item has, (items,): kinds are equally frequent."""
        shares: Doubles = self.chosen.mean(0)
        return shares


def world(zipf: float, seed: int = 0) -> World:
    """Tastes around a popularity of rank ** -zipf; the same tastes for every `zipf`."""
    taste = TASTE * np.random.default_rng(seed).standard_normal((KINDS, ITEMS))
    odds = np.exp(taste - zipf * np.log(np.arange(1, ITEMS + 1)))
    chosen = odds / odds.sum(1, keepdims=True)
    return World(chosen[:, np.argsort(-chosen.mean(0))])


def learned(of: World, batch: int, corrected: bool, seed: int = 0) -> Doubles:
    """Scores (kinds, items) that in-batch sampled softmax learns, a free number for each, by Adam.

    The project's own loss (Yi et al., RecSys 2019): s_c - log p_c with the correction, s_c without it.
    """
    draws = np.random.default_rng(seed)
    cumulated = of.chosen.cumsum(1)
    scores = torch.zeros(ITEMS, KINDS, requires_grad=True)
    log_q = torch.from_numpy(np.log(of.popularity)).float() if corrected else torch.zeros(ITEMS)
    one_hot = torch.eye(KINDS)
    optimiser = torch.optim.Adam([scores], lr=RATE, fused=True)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    for _ in range(STEPS):
        kind = draws.integers(KINDS, size=batch)
        own = (draws.random(batch)[:, None] > cumulated[kind]).sum(1).clip(max=ITEMS - 1)
        times = torch.from_numpy(np.bincount(own, minlength=ITEMS))
        optimiser.zero_grad()
        sampled_softmax(one_hot[kind], scores, log_q, times, torch.from_numpy(own)).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        fall.step()
    return scores.detach().double().numpy().T


def compared(zipf: float, batch: int, seed: int = 0) -> pd.DataFrame:
    """A row an item and way of training: `item` by popularity from 0, its `popularity`, whether `corrected`, the `bias`
    (learned minus true score, the mean over kinds), and `found`, the share of each kind's true best five among its
    learned best five.

    Scores of a kind count up to a constant, so its mean bias is taken off.
    """
    one_thread()  # several would wait for each other far longer than they work
    of = world(zipf, seed)
    parts = []
    for corrected in (False, True):
        scores = learned(of, batch, corrected, seed)
        bias = scores - np.log(of.chosen)
        bias -= bias.mean(1, keepdims=True)
        columns = {"popularity": of.popularity, "corrected": corrected, "bias": bias.mean(0), "found": best(of, scores)}
        parts.append(pd.DataFrame({"item": range(ITEMS), **columns}))
    return pd.concat(parts, ignore_index=True)


def best(of: World, scores: Doubles, count: int = 5) -> float:
    """The share of each kind's `count` likeliest items that are among its `count` highest scores."""
    true, own = (np.argsort(-one, 1)[:, :count] for one in (of.chosen, scores))
    return float(np.mean([len({*a} & {*b}) / count for a, b in zip(true, own, strict=True)]))


def slope(rows: pd.DataFrame) -> float:
    """How far the bias rises when the popularity rises by a factor e: least squares over the items of one training."""
    x = np.log(rows["popularity"].to_numpy())
    x = x - x.mean()
    return float(x @ rows["bias"].to_numpy() / (x @ x))
