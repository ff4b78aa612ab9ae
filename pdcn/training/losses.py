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
    positives; log_q (C,), log of how likely each candidate was to be sampled; hits (n,), ascending places in the
    flattened (B, C) where a candidate is the row's own positive under another index.
    Corrected scores s_ij - log q_j: Yi et al., RecSys 2019, Section 3.
    """
    scores = query @ items.T - log_q  # (B, C)
    kept = scores.flatten().index_fill(0, hits, -torch.inf).view_as(scores)
    return functional.cross_entropy(kept, torch.arange(len(query), device=query.device))


ROWS_IN_CACHE = 256
"""Rows of the scores that a CPU works through at a time: what fits its cache is quick to pass over again."""


class _SampledSoftmax(torch.autograd.Function):
    """The same value and gradient, a few rows at a time; the (B, C) scores never exist as a whole."""

    @staticmethod
    def forward(ctx: Any, query: Tensor, items: Tensor, log_q: Tensor, hits: Tensor) -> Tensor:
        step = ROWS_IN_CACHE if query.device.type == "cpu" else len(query)
        starts = torch.arange(0, len(query) + step, step, device=hits.device)
        of_part = torch.searchsorted(hits, starts * len(items)).tolist()
        loss, width, bias = query.new_zeros(()), len(items), (-log_q).to(query)
        to_query, to_items = torch.empty_like(query), items.new_zeros(items.T.shape)  # (B, H), (H, C)
        room = query.new_empty(2, min(step, len(query)), width)  # fresh memory costs a pass of its own
        for place, start in enumerate(range(0, len(query), step)):
            part = slice(start, start + step)
            scores, error = room[:, : len(query[part])]  # (step, C) each
            torch.addmm(bias, query[part], items.T, out=scores)
            loss -= scores.diagonal(start).sum()
            own = hits[of_part[place] : of_part[place + 1]] - start * width
            scores.view(-1).index_fill_(0, own, -torch.inf)
            top = scores.amax(1)
            torch.softmax(scores, 1, out=error)
            loss += (top - error.amax(1).log()).sum()  # log sum exp: the largest share is never zero
            error.diagonal(start).sub_(1.0)  # d loss / d scores is (softmax - one hot) / B
            torch.mm(error, items, out=to_query[part])
            to_items.addmm_(query[part].T, error)
        ctx.save_for_backward(to_query, to_items)
        return loss / len(query)

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, Tensor, None, None]:
        to_query, to_items = ctx.saved_tensors
        scale = outer[0] / len(to_query)
        return to_query * scale, to_items.T * scale, None, None


def sampled_softmax(query: Tensor, items: Tensor, log_q: Tensor, hits: Tensor) -> Tensor:
    """`sampled_softmax_plainly`, with its backward pass written by hand because it is the hot path.

    >>> one = torch.eye(2)
    >>> none = torch.zeros(0, dtype=torch.int64)
    >>> round(sampled_softmax(one, one, torch.zeros(2), none).item(), 4)  # log(1 + 1/e)
    0.3133
    """
    return cast(Tensor, _SampledSoftmax.apply(query, items, log_q, hits))  # type: ignore[no-untyped-call]
