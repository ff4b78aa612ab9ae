"""The branches of a wiring: what a model loses without one, and each one's share of the output and of the gradient.

Branches have the names that their wiring gives them, and meet in a join: of the parallel wirings the "cross" and the
"deep" network, of stacked parallel the crosses with the deep network behind them, and the deep network beside. A cross
network ends in x0 plus its crosses, so muting it takes x0's straight way away too; bypassing takes the crosses alone.
Experts, networks of one wiring that each surface mixes in shares of its own, meet as branches do, and can be muted too.
Shapes: n rows, w the width of a branch, J of the join, H of what the head makes of it first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, cast

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch import Tensor, nn

from pdcn.arrays import Ints
from pdcn.evaluation.near import Near
from pdcn.evaluation.sides import rows_of, table_of
from pdcn.evaluation.similarity import linear_cka
from pdcn.evaluation.taps import CHUNK
from pdcn.nn.bridged import BridgedNetwork
from pdcn.nn.hooks import Hook, hooked
from pdcn.nn.model import Model
from pdcn.nn.tower import Tower
from pdcn.nn.two_tower import TwoTower
from pdcn.pages.inside.work.reliance import BYPASS
from pdcn.tasks.retrieval.batches import DeviceData, Rows
from pdcn.tasks.retrieval.ranks import encode_rows
from pdcn.tasks.task import Task
from pdcn.training.loop import OneModel

Means = dict[str, list[dict[str, Tensor]]]
"""Of each side the mean outputs (w,) by name, of each of the tower's meetings."""


def branches_of(tower: Tower) -> tuple[str, ...]:
    """The names of a tower's branches that meet in a join; none where its wiring has one branch."""
    wired = tower.networks[0]
    return tuple(wired.wiring.branches) if wired.combine is not None else ()


def changes_of(tower: Tower) -> tuple[str, ...]:
    """What can be done to a tower: "mute NAME" of whatever meets in it, which are branches and experts, and a bypass of
    its crosses where it has any."""
    names = dict.fromkeys(name for meeting in tower.meetings() for name in meeting.names)
    muted = tuple(f"mute {name}" for name in names)
    return (*muted, BYPASS) if any(wired.crosses() for wired in tower.networks) else muted


@contextmanager
def changed(model: Model, change: str, means: Means, sides: Iterable[str]) -> Iterator[None]:
    """The model with a change to the towers of some sides, for as long as the block lasts.

    A muted branch puts out its mean over a sample (`branch_means`), whatever the input: in every expert, where there
    are several. A bypassed cross network is the identity: it passes on what its first layer is given.
    """
    with ExitStack() as stack:
        for side in sides:
            tower = model.tower(side)
            if change == BYPASS:
                layers = [layer for wired in tower.networks for cross in wired.crosses() for layer in cross.layers]
                stack.enter_context(hooked(*((layer, _pass_on) for layer in layers)))
            else:
                name = change.removeprefix("mute ")
                held = [
                    (meeting.module, _hold(meeting.names.index(name), mean[name]))
                    for meeting, mean in zip(tower.meetings(), means[side], strict=True)
                    if name in meeting.names
                ]
                stack.enter_context(hooked(*held))
        yield


def _pass_on(module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> Tensor:
    return given[1]  # what the layer below put out


def _hold(place: int, mean: Tensor) -> Hook:
    def held(join: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> Tensor:
        still = mean.expand_as(given[place])
        return cast(Tensor, join.forward(*given[:place], still, *given[place + 1 :]))

    return held


@torch.inference_mode()
def branch_outputs(tower: Tower, rows: Rows, index: Tensor) -> list[dict[str, Tensor]]:
    """Outputs (n, w) by name of what meets in each of a tower's meetings (`Tower.meetings`)."""
    meetings = tower.meetings()
    given: list[list[tuple[Tensor, ...]]] = [[] for _ in meetings]

    def keep(place: int) -> Hook:
        return lambda module, inputs, out: given[place].append(inputs)

    with hooked(*((meeting.module, keep(place)) for place, meeting in enumerate(meetings))):
        for part in torch.split(index, CHUNK):
            tower(*rows[part])
    return [
        dict(zip(meeting.names, map(torch.cat, zip(*parts, strict=True)), strict=False))  # a mixture reads shares, too
        for meeting, parts in zip(meetings, given, strict=True)
    ]


def branch_means(model: Model, data: DeviceData, events: Ints) -> Means:
    """Mean output (w,) of each branch: of a query tower or a joint network over the events, of an item tower over the
    catalogue."""
    found: Means = {}
    for side, tower in model.towers.items():
        if tower.meetings():
            outputs = branch_outputs(tower, *rows_of(data, side, events))
            found[side] = [{name: out.mean(0) for name, out in own.items()} for own in outputs]
    return found


@torch.inference_mode()
def output_shares(tower: Tower, rows: Rows, index: Tensor) -> dict[str, float]:
    """How much of the output comes through the first branch, which is the cross branch; the rest through the others.

    Its share of the "output", the "cosine" of both contributions, and the "cka" of what the branches put out.

    The head's first matrix W (H, J) maps the joined branches; with the terms t that the branches put into the join
    (`Join.terms`), u = W (t - mean) of the first and v = W (t - mean) of the others together add up to exactly what W
    makes of the join, centred. The share is |u| / (|u| + |v|), norms over all rows. Exact for a concatenation and a
    sum; for a gated join u and v still add up, but the gate that scales both reads both, as do the gates of experts.
    The cosine of u and v tells whether they pull together (1), are unrelated (0), or cancel (-1).
    """
    branches = branches_of(tower)
    outputs = [own for own in branch_outputs(tower, rows, index) if {*own} == {*branches}]
    first, *rest = contributions(tower, rows, index).values()
    u, v = first, torch.stack(rest).sum(0) if len(rest) > 1 else rest[0]
    size_u, size_v = u.norm(), v.norm()
    total = size_u + size_v
    cross, *others = (torch.cat([own[branch] for own in outputs], -1) for branch in branches)
    return {
        "output": float(size_u / total) if total else float("nan"),
        "cosine": float((u * v).sum() / (size_u * size_v)) if size_u * size_v else float("nan"),
        "cka": linear_cka(cross.cpu().numpy(), torch.cat(others, -1).cpu().numpy()),
    }


@torch.inference_mode()
def contributions(tower: Tower, rows: Rows, index: Tensor) -> dict[str, Tensor]:
    """What the head's first matrix makes of each branch's term, centred, (n, H): u and v of `output_shares`."""
    made = []
    for part in torch.split(index, CHUNK):
        codes, values = rows[part]
        made.append(tower.terms(tower.x0(codes, values), codes))
    whole = torch.cat(made, 1)
    return dict(zip(branches_of(tower), whole - whole.mean(1, keepdim=True), strict=True))


def stages(tower: Tower) -> dict[str, list[nn.Parameter]]:
    """Parameters of the first ("cross") and of all other branches ("deep"); only where both learn.

    Of a wiring whose parts are one behind the other: of its cross networks and of all else. A bridged part holds both.
    Those of all experts go together. What joins the branches, or the experts, belongs to neither.
    """
    found: dict[str, list[nn.Parameter]] = {"cross": [], "deep": []}
    for wired in tower.networks:
        columns = wired.columns()
        cross = (
            columns[0]
            if sum(map(bool, columns)) > 1
            else [n for n, part in wired.wiring.parts.items() if part.kind == "cross"]
        )
        for name in wired.wiring.parts:
            part = wired.part(name)
            own = {"cross" if name in cross else "deep": list(part.parameters())}
            for stage, weights in (part.sides() if isinstance(part, BridgedNetwork) else own).items():
                found[stage] += weights
    return found if all(found.values()) else {}


def gradient_norms(model: Model, data: DeviceData, batches: list[Any], task: Task) -> dict[str, dict[str, float]]:
    """Of each side with stages the norm of the loss's gradient with respect to the parameters of each, `STAGE_norm`,
    and how many these are, `STAGE_parameters`.

    The root mean square over the batches, with the model in the mode that it is in; its own gradients stay as they are.
    """
    owners = [(side, stage, found) for side in model.towers for stage, found in stages(model.tower(side)).items()]
    if not owners:
        return {}
    wanted = [p for _, _, found in owners for p in found]
    before = [p.requires_grad for p in wanted]
    squares = np.zeros(len(owners))
    try:
        for p in wanted:
            p.requires_grad_(True)
        for batch in batches:
            found = torch.autograd.grad(task.loss(OneModel(model, data), data, batch), wanted)
            each = iter(float(g.double().square().sum()) for g in found)
            squares += [sum(next(each) for _ in part) for _, _, part in owners]
    finally:
        for p, was in zip(wanted, before, strict=True):
            p.requires_grad_(was)
    norms: dict[str, dict[str, float]] = {}
    for (side, stage, part), norm in zip(owners, np.sqrt(squares / len(batches)), strict=True):
        size = sum(p.numel() for p in part)
        norms[side] = norms.get(side, {}) | {f"{stage}_norm": norm, f"{stage}_parameters": size}
    return norms


@torch.inference_mode()
def gate_frame(tower: Tower, data: DeviceData, side: str, events: Ints, surface: str) -> pd.DataFrame:
    """How much each expert counts on each surface, which a field of that name says, the mean over the events there: a
    row a surface and expert (from 1), with its `share` and the `rows` that it is of."""
    (rows, index), (table, at) = rows_of(data, side, events), table_of(data.dataset, side, events)
    codes, values = rows[index]
    shares = tower.shares(tower.x0(codes, values), codes).double().cpu().numpy()  # (n, E)
    column = [field.name for field in table.categories].index(surface)
    own, names = table.single[at, column], table.categories[column].values
    found = []
    for code in np.unique(own):
        here = own == code
        told = {"surface": names[code], "rows": int(here.sum())}
        found += [
            {**told, "expert": expert, "share": float(share)}
            for expert, share in enumerate(shares[here].mean(0), start=1)
        ]
    return pd.DataFrame(found)


@torch.inference_mode()
def first_items(model: TwoTower, data: DeviceData, events: Ints, k: int) -> Near:
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
