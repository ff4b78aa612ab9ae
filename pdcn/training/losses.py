"""In-batch sampled softmax with logQ correction and accidental hits masked.

Shapes: B batch, C candidates (the B positives of the batch, then any uniform negatives), H width.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional


def sampled_softmax_plainly(query: Tensor, items: Tensor, log_q: Tensor, hits: Tensor) -> Tensor:
    """Mean over the batch of -log softmax at the positive: the definition, in autograd's own steps.

    query (B, H), already divided by the temperature; items (C, H), whose first B rows are the
    positives; log_q (C,), log of how likely each candidate was to be sampled; hits (B, C), true
    where a candidate is the row's own positive under another index.
    Corrected scores s_ij - log q_j: Yi et al., RecSys 2019, Section 3.
    """
    scores = (query @ items.T - log_q).masked_fill(hits, -torch.inf)  # (B, C)
    return functional.cross_entropy(scores, torch.arange(len(query), device=query.device))


class _SampledSoftmax(torch.autograd.Function):
    """The same value and gradient with five passes over the (B, C) scores instead of a dozen."""

    @staticmethod
    def forward(ctx: Any, query: Tensor, items: Tensor, log_q: Tensor, hits: Tensor) -> Tensor:
        scores = torch.addmm(log_q, query, items.T, beta=-1).masked_fill_(hits, -torch.inf)
        shares = torch.log_softmax(scores, dim=-1)
        loss = -shares.diagonal().mean()
        error = shares.exp_()  # d loss / d scores is (softmax - one hot) / B
        error.diagonal().sub_(1.0)
        ctx.save_for_backward(query, items, error)
        return loss

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, Tensor, None, None]:
        query, items, error = ctx.saved_tensors
        scale = outer[0] / len(query)
        return (error @ items).mul_(scale), (error.T @ query).mul_(scale), None, None


def sampled_softmax(query: Tensor, items: Tensor, log_q: Tensor, hits: Tensor) -> Tensor:
    """`sampled_softmax_plainly`, with its backward pass written by hand because it is the hot path.

    >>> one = torch.eye(2)
    >>> none = torch.zeros(2, 2, dtype=torch.bool)
    >>> round(sampled_softmax(one, one, torch.zeros(2), none).item(), 4)  # log(1 + 1/e)
    0.3133
    """
    return cast(Tensor, _SampledSoftmax.apply(query, items, log_q, hits))  # type: ignore[no-untyped-call]
