"""The branches of a wiring: what a model loses without one, and each one's share of the output and of the gradient.

A wiring with two branches has a "cross" and a "deep" one that meet in a join: of the parallel wirings the cross and the
deep network, of stacked parallel the crosses with the deep network behind them, and the deep network beside. The cross
network ends in x0 plus its crosses, so muting it takes x0's straight way away too; bypassing takes the crosses alone.
Shapes: n rows, w the width of a branch, J of the join, H of what the head makes of it first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import singledispatch
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch import Tensor, nn

from pdcn.evaluation.near import Near
from pdcn.evaluation.similarity import linear_cka
from pdcn.nn.towers import Concat, Gated, ParallelTower, StackedParallelTower, Sum
from pdcn.nn.two_tower import Tower, TwoTower
from pdcn.pages.inside.work.taps import Hook, chunks, hooked
from pdcn.tasks.base import Task
from pdcn.tasks.retrieval.batches import DeviceData, Rows
from pdcn.tasks.retrieval.ranks import encode_rows
from pdcn.training.loop import OneModel

Side = Literal["query", "item"]
SIDES: tuple[Side, ...] = ("query", "item")
Change = Literal["mute cross", "mute deep", "bypass cross"]
CHANGES: tuple[Change, ...] = ("mute cross", "mute deep", "bypass cross")


@dataclass(frozen=True)
class Pair:
    """The last module of each of a wiring's two branches, and the module that joins them."""

    cross: nn.Module
    deep: nn.Module
    join: nn.Module


def pair_of(tower: Tower) -> Pair | None:
    """The two branches of a tower; None where its wiring has one."""
    wiring = tower.wiring
    if isinstance(wiring, ParallelTower):
        return Pair(wiring.cross, wiring.deep, wiring.combine)
    if isinstance(wiring, StackedParallelTower):
        return Pair(wiring.deep, wiring.beside, Concat(wiring.deep.out, wiring.beside.out))
    return None


def changes_of(tower: Tower) -> tuple[Change, ...]:
    """What can be done to a tower: muting needs two branches, a bypass at least one cross layer."""
    found: tuple[Change, ...] = ("mute cross", "mute deep") if pair_of(tower) else ()
    cross = getattr(tower.wiring, "cross", None)
    return (*found, "bypass cross") if cross is not None and len(cross.layers) else found


@contextmanager
def changed(
    model: TwoTower, change: Change, means: dict[Side, dict[str, Tensor]], sides: Iterable[Side]
) -> Iterator[None]:
    """The model with a change to the towers of some sides, for as long as the block lasts.

    A muted branch puts out its mean over a sample (`branch_means`), whatever the input. A bypassed cross network is the
    identity: it passes on what its first layer is given.
    """
    with ExitStack() as stack:
        for side in sides:
            tower: Tower = getattr(model, side)
            hook: tuple[nn.Module, Hook]
            if change == "bypass cross":
                hook = (tower.wiring.cross, _pass_on)  # type: ignore[assignment]
            else:
                branch = change.removeprefix("mute ")
                hook = (getattr(pair_of(tower), branch), _hold(means[side][branch]))
            stack.enter_context(hooked(hook))
        yield


def _pass_on(module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> Tensor:
    return given[-1]  # the start where there is one, else x0


def _hold(mean: Tensor) -> Hook:
    return lambda module, given, out: mean.expand_as(out)


@torch.inference_mode()
def branch_outputs(tower: Tower, rows: Rows, index: Tensor) -> dict[str, Tensor]:
    """Outputs (n, w) of both branches, "cross" and "deep", of a tower that has two."""
    pair = pair_of(tower)
    assert pair is not None
    kept: dict[str, list[Tensor]] = {"cross": [], "deep": []}

    def keep(branch: str) -> Hook:
        return lambda module, given, out: kept[branch].append(out)

    with hooked((pair.cross, keep("cross")), (pair.deep, keep("deep"))):
        for part in chunks(index):
            tower(*rows[part])
    return {branch: torch.cat(parts) for branch, parts in kept.items()}


def branch_means(model: TwoTower, data: DeviceData, events: NDArray[np.int64]) -> dict[Side, dict[str, Tensor]]:
    """Mean output (w,) of each branch: of the query tower over the events, of the item tower over the catalogue."""
    found: dict[Side, dict[str, Tensor]] = {}
    for side in SIDES:
        tower: Tower = getattr(model, side)
        if pair_of(tower):
            outputs = branch_outputs(tower, *rows_of(data, side, events))
            found[side] = {branch: out.mean(0) for branch, out in outputs.items()}
    return found


def rows_of(data: DeviceData, side: Side, events: NDArray[np.int64]) -> tuple[Rows, Tensor]:
    """What a tower is looked at with: the events for the query tower, the whole catalogue for the item tower."""
    if side == "query":
        return data.queries, torch.from_numpy(events).to(data.device)
    return data.items, torch.arange(len(data.items.codes), device=data.device)


@singledispatch
def terms(join: nn.Module, cross: Tensor, deep: Tensor) -> tuple[Tensor, Tensor]:
    """What each branch puts into the join: two terms (n, J) whose sum is the join's output, but for a constant."""
    raise TypeError(f"expected Concat, Sum or Gated, got {type(join).__name__}")


@terms.register
def _(join: Concat, cross: Tensor, deep: Tensor) -> tuple[Tensor, Tensor]:
    none = torch.zeros_like
    return torch.cat((cross, none(deep)), -1), torch.cat((none(cross), deep), -1)


@terms.register
def _(join: Sum, cross: Tensor, deep: Tensor) -> tuple[Tensor, Tensor]:
    return join.project(cross), deep


@terms.register
def _(join: Gated, cross: Tensor, deep: Tensor) -> tuple[Tensor, Tensor]:
    projected = join.project(cross)
    g = torch.sigmoid(join.gate(torch.cat((projected, deep), -1)))  # (n, J)
    return g * projected, (1 - g) * deep


@dataclass(frozen=True)
class Shares:
    """The cross branch's share of the head's input, the cosine of both contributions, and the branches' CKA."""

    output: float
    cosine: float
    cka: float


@torch.inference_mode()
def output_shares(tower: Tower, rows: Rows, index: Tensor) -> Shares:
    """How much of the output comes through the cross branch; the rest comes through the deep one.

    The head's first matrix W (H, J) maps the joined branches; with the branches' terms t_c + t_d = join (`terms`),
    u = W (t_c - mean) and v = W (t_d - mean) add up to exactly what W makes of the join, centred. The share is
    |u| / (|u| + |v|), norms over all rows. Exact for a concatenation and a sum; for a gated join u and v still add up,
    but the gate that scales both reads both. The cosine of u and v tells whether they pull together (1), are
    unrelated (0), or cancel (-1).
    """
    pair = pair_of(tower)
    assert pair is not None
    out = branch_outputs(tower, rows, index)
    u, v = contributions(tower, pair, out["cross"], out["deep"])
    size_u, size_v = u.norm(), v.norm()
    total = size_u + size_v
    return Shares(
        output=float(size_u / total) if total else float("nan"),
        cosine=float((u * v).sum() / (size_u * size_v)) if size_u * size_v else float("nan"),
        cka=linear_cka(out["cross"].cpu().numpy(), out["deep"].cpu().numpy()),
    )


def contributions(tower: Tower, pair: Pair, cross: Tensor, deep: Tensor) -> tuple[Tensor, Tensor]:
    """u and v (n, H) of `output_shares`."""
    first = cast(nn.Linear, tower.hidden.linears[0] if len(tower.hidden.linears) else tower.head)
    u, v = ((term - term.mean(0)).double() @ first.weight.T.double() for term in terms(pair.join, cross, deep))
    return u, v


def stages(tower: Tower) -> dict[str, list[nn.Parameter]]:
    """Parameters of the cross and of the deep branch, or of the stages of a wiring with one; only where both learn.

    What joins the branches belongs to neither. A projection behind the deep network belongs to it.
    """
    wiring = tower.wiring
    names = {"cross": ("cross",), "deep": ("deep", "project")}
    if isinstance(wiring, StackedParallelTower):
        names = {"cross": ("cross", "deep"), "deep": ("beside",)}
    found = {
        stage: [p for name in parts if (part := getattr(wiring, name, None)) is not None for p in part.parameters()]
        for stage, parts in names.items()
    }
    return found if all(found.values()) else {}


def gradient_norms(model: TwoTower, data: DeviceData, batches: list[Any], task: Task) -> pd.DataFrame:
    """Norm of the loss's gradient with respect to each stage's parameters: side, stage, norm, parameters.

    The root mean square over the batches, with the model in the mode that it is in; its own gradients stay as they are.
    """
    owners = [(side, stage, found) for side in SIDES for stage, found in stages(getattr(model, side)).items()]
    if not owners:
        return pd.DataFrame(columns=["side", "stage", "norm", "parameters"])
    wanted = [p for _, _, found in owners for p in found]
    before = [p.requires_grad for p in wanted]
    squares = np.zeros(len(owners))
    try:
        for p in wanted:
            p.requires_grad_(True)
        for batch in batches:
            found = torch.autograd.grad(task.loss(OneModel(model, data), data, batch), wanted)
            size = iter(float(g.double().square().sum()) for g in found)
            squares += [sum(next(size) for _ in part) for _, _, part in owners]
    finally:
        for p, was in zip(wanted, before, strict=True):
            p.requires_grad_(was)
    norms = np.sqrt(squares / len(batches))
    return pd.DataFrame(
        [
            (side, stage, norm, sum(p.numel() for p in part))
            for (side, stage, part), norm in zip(owners, norms, strict=True)
        ],
        columns=["side", "stage", "norm", "parameters"],
    )


@torch.inference_mode()
def first_items(model: TwoTower, data: DeviceData, events: NDArray[np.int64], k: int) -> Near:
    """The K items that each event is given first, those of equal scores drawn by lot."""
    rows = Rows(*data.queries[torch.from_numpy(events).to(data.device)])
    query, items = encode_rows(model.query, rows), encode_rows(model.item, data.items)
    return Near.of(query.cpu().numpy(), items.cpu().numpy(), [k])


def rank_correlation(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Spearman's correlation; NaN where one does not vary.

    >>> rank_correlation(np.array([1, 2, 3]), np.array([10, 40, 90]))
    1.0
    """
    x, y = rankdata(a), rankdata(b)
    if x.std() == 0 or y.std() == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])
