"""In-batch sampled softmax with logQ correction and accidental hits masked.

Shapes: B batch, C candidates (the B positives of the batch, then any uniform negatives), U different items among them,
H width.
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
    """Value and gradient at once, a few rows at a time; the (B, U) scores never exist as a whole.

    An item that is a candidate k times adds log k to its score; of its own positive a row counts one, the others are
    its accidental hits.
    """

    @staticmethod
    def forward(ctx: Any, query: Tensor, items: Tensor, log_q: Tensor, times: Tensor, own: Tensor) -> Tensor:
        step = ROWS_IN_CACHE if query.device.type == "cpu" else len(query)
        several = times.to(query).log()  # (U,)
        bias, surplus = several - log_q.to(query), several[own]  # (U,), (B,)
        loss = query.new_zeros(())
        to_query, to_items = torch.empty_like(query), items.new_zeros(items.T.shape)  # (B, H), (H, U)
        room = query.new_empty(2, min(step, len(query)), len(items))  # fresh memory costs a pass of its own
        for start in range(0, len(query), step):
            part = slice(start, start + step)
            scores, error = room[:, : len(query[part])]  # (step, U) each
            torch.addmm(bias, query[part], items.T, out=scores)
            at = own[part, None]  # (step, 1)
            positive = scores.gather(1, at) - surplus[part, None]
            scores.scatter_(1, at, positive)
            top = scores.amax(1)
            torch.softmax(scores, 1, out=error)
            # log sum exp, from the largest share, which is never zero
            loss += (top - error.amax(1).log()).sum() - positive.sum()
            error.scatter_add_(1, at, -torch.ones_like(positive))  # d loss / d scores is (softmax - one hot) / B
            torch.mm(error, items, out=to_query[part])
            to_items.addmm_(query[part].T, error)
        ctx.save_for_backward(to_query, to_items)
        return loss / len(query)

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, Tensor, None, None, None]:
        to_query, to_items = ctx.saved_tensors
        scale = outer[0] / len(to_query)
        return to_query * scale, to_items.T * scale, None, None, None


def sampled_softmax(query: Tensor, items: Tensor, log_q: Tensor, times: Tensor, own: Tensor) -> Tensor:
    """`sampled_softmax_plainly` over different items, with its backward pass written by hand: the hot path.

    items (U, H), log_q (U,), times (U,) how often each item is a candidate, own (B,) the place of each row's positive.

    >>> one, once = torch.eye(2), torch.ones(2)
    >>> round(sampled_softmax(one, one, torch.zeros(2), once, torch.tensor([0, 1])).item(), 4)  # log(1 + 1/e)
    0.3133
    """
    return cast(Tensor, _SampledSoftmax.apply(query, items, log_q, times, own))  # type: ignore[no-untyped-call]
