"""In-batch sampled softmax with logQ correction and accidental hits masked: of one model, or of S models at once.

Shapes: B batch, U items among the candidates, H width; of S models each with S in front.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor

ROWS_IN_CACHE = 256
"""Rows of the scores that a CPU works through at a time: what fits its cache is quick to pass over again."""


class _SampledSoftmax(torch.autograd.Function):
    """Value and gradient at once, a few rows at a time; the (B, U) scores never exist as a whole.

    An item that is a candidate k times adds log k to its score; of its own positive a row counts one, the others are
    its accidental hits. So is what the row's user has had, where that is left out: it counts nothing.
    """

    @staticmethod
    def forward(
        ctx: Any,
        query: Tensor,
        items: Tensor,
        log_q: Tensor,
        times: Tensor,
        own: Tensor,
        weight: Tensor | None,
        had: Tensor | None,
    ) -> Tensor:
        rows = query.shape[-2]
        step = ROWS_IN_CACHE if query.device.type == "cpu" else rows
        plus = torch.addmm if query.dim() == 2 else torch.baddbmm
        several = times.to(query).log()  # (U,)
        bias, surplus = several - log_q.to(query), several.gather(-1, own)  # (U,), (B,)
        loss = query.new_zeros(query.shape[:-2])
        to_query, to_items = torch.empty_like(query), items.new_zeros(items.mT.shape)  # (B, H), (H, U)
        room = query.new_empty(2, *query.shape[:-2], min(step, rows), items.shape[-2])  # fresh memory costs a pass
        for start in range(0, rows, step):
            part = query[..., start : start + step, :]
            scores, error = room[..., : part.shape[-2], :]  # (step, U) each
            plus(bias[..., None, :], part, items.mT, out=scores)
            if had is not None:
                scores.masked_fill_(had[..., start : start + step, :], -torch.inf)
            at = own[..., start : start + step, None]  # (step, 1)
            positive = scores.gather(-1, at) - surplus[..., start : start + step, None]
            scores.scatter_(-1, at, positive)
            top = scores.amax(-1)
            torch.softmax(scores, -1, out=error)
            # log sum exp, from the largest share, which is never zero
            spread = top - error.amax(-1).log()
            error.scatter_add_(-1, at, -torch.ones_like(positive))  # d loss / d scores is (softmax - one hot) / B
            if weight is None:
                loss += spread.sum(-1) - positive.sum((-2, -1))
            else:
                counts = weight[..., start : start + step]
                loss += ((spread - positive.squeeze(-1)) * counts).sum(-1)
                error.mul_(counts[..., None])
            torch.matmul(error, items, out=to_query[..., start : start + step, :])
            plus(to_items, part.mT, error, out=to_items)
        ctx.save_for_backward(to_query, to_items)
        return loss / rows

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, Tensor, None, None, None, None, None]:
        to_query, to_items = ctx.saved_tensors
        scale = outer[0][..., None, None] / to_query.shape[-2]
        return to_query * scale, to_items.mT * scale, None, None, None, None, None


def sampled_softmax(
    query: Tensor,
    items: Tensor,
    log_q: Tensor,
    times: Tensor,
    own: Tensor,
    weight: Tensor | None = None,
    had: Tensor | None = None,
) -> Tensor:
    """Mean over the batch of -log softmax at the positive, with its backward pass written by hand: the hot path.

    query (B, H), already divided by the temperature; items (U, H); log_q (U,), log of how likely each was to be
    sampled; times (U,) how often each is a candidate, where 0 leaves it out; own (B,) the place of each row's positive;
    weight (B,) what each row counts in the mean, where they do not count alike; had (B, U) candidates that are left out
    of a row, never its positive.
    Corrected scores s_ij - log q_j: Yi et al., RecSys 2019, Section 3.

    >>> one, once = torch.eye(2), torch.ones(2)
    >>> round(sampled_softmax(one, one, torch.zeros(2), once, torch.tensor([0, 1])).item(), 4)  # log(1 + 1/e)
    0.3133
    """
    return cast(Tensor, _SampledSoftmax.apply(query, items, log_q, times, own, weight, had))  # type: ignore[no-untyped-call]


def with_branches(whole: Tensor, *branches: Tensor) -> Tensor:
    """L + sum over branches k of max(0, L_k - L) L_k, the loss of FCN (arXiv 2407.13349), from L and every L_k.

    The weights max(0, L_k - L) are numbers here, through which no gradient goes. In the authors' code it does, and
    then L itself counts 1 - sum_k L_k: more than zero of their log losses below 0.5, but far below zero of a softmax
    over hundreds of items, where losses begin at 5: training would drive L up.

    >>> with_branches(torch.tensor(2.0), torch.tensor(3.0), torch.tensor(1.5)).item()  # 2 + (3 - 2) 3 + 0
    5.0
    """
    return whole + torch.stack([(own - whole).relu().detach() * own for own in branches]).sum(0)
