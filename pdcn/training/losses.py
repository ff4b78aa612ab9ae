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


ROWS_IN_CACHE = 256
"""Rows of the scores that a CPU works through at a time: what fits its cache is quick to pass over again."""


class _SampledSoftmax(torch.autograd.Function):
    """The same value and gradient, a few rows at a time; the (B, C) scores never exist as a whole."""

    @staticmethod
    def forward(ctx: Any, query: Tensor, items: Tensor, log_q: Tensor, hits: Tensor) -> Tensor:
        rows = ROWS_IN_CACHE if query.device.type == "cpu" else len(query)
        ones = torch.cat((query, query.new_ones(len(query), 1)), dim=1)  # (B, H + 1)
        corrected = torch.cat((items, -log_q[:, None]), dim=1).T  # (H + 1, C)
        loss = query.new_zeros(())
        to_query, to_items = torch.empty_like(query), torch.zeros_like(items)
        for start in range(0, len(query), rows):
            part = slice(start, start + rows)
            error = ones[part] @ corrected  # (rows, C): scores, then shares, then their error
            positive = error.diagonal(start)
            loss -= positive.sum()
            error.masked_fill_(hits[part], -torch.inf)
            top = error.amax(1, keepdim=True)
            total = error.sub_(top).exp_().sum(1, keepdim=True)
            loss += (total.log() + top).sum()
            error.div_(total)
            positive.sub_(1.0)  # d loss / d scores is (softmax - one hot) / B
            to_query[part] = error @ items
            to_items.addmm_(error.T, query[part])
        ctx.save_for_backward(to_query, to_items)
        return loss / len(query)

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, Tensor, None, None]:
        to_query, to_items = ctx.saved_tensors
        scale = outer[0] / len(to_query)
        return to_query * scale, to_items * scale, None, None


def sampled_softmax(query: Tensor, items: Tensor, log_q: Tensor, hits: Tensor) -> Tensor:
    """`sampled_softmax_plainly`, with its backward pass written by hand because it is the hot path.

    >>> one = torch.eye(2)
    >>> none = torch.zeros(2, 2, dtype=torch.bool)
    >>> round(sampled_softmax(one, one, torch.zeros(2), none).item(), 4)  # log(1 + 1/e)
    0.3133
    """
    return cast(Tensor, _SampledSoftmax.apply(query, items, log_q, hits))  # type: ignore[no-untyped-call]
