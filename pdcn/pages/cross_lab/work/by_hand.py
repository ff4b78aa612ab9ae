"""Numbers of cross layers that are small enough to follow by hand, from the project's own layers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from pdcn.arrays import Doubles
from pdcn.nn.cross import CrossLayer, FullCross, GatedCross, LowRankCross, MixtureCross


def outputs(x0: Doubles, W: Doubles, b: Doubles, count: int, itself: bool = False) -> Doubles:
    """x0 and the outputs of `count` layers with the same W (D, D) and b (D), (count + 1, D).

    With `itself` each layer is Cross(x, x): it multiplies with what it reads, and not with x0.
    """
    layer = _with(FullCross(len(b)), **{"W.weight": W, "W.bias": b})
    found = [torch.from_numpy(x0)[None]]
    with torch.no_grad():
        for _ in range(count):
            found.append(layer(found[-1] if itself else found[0], found[-1]))
    return torch.cat(found).numpy()


@dataclass(frozen=True)
class Shortened:
    """W of the best rank r, and what is lost: ||W - W_r||_F, and how far x1 moves."""

    W: Doubles
    lost: float
    x1: Doubles


def shortened(x0: Doubles, W: Doubles, b: Doubles, rank: int) -> Shortened:
    """The low-rank layer (Eq. 2) whose U V^T is as near to W as one of that rank can be (Eckart and Young, 1936)."""
    left, sizes, right = np.linalg.svd(W)
    U, V = left[:, :rank] * sizes[:rank], right[:rank]  # (D, r), (r, D)
    layer = _with(LowRankCross(len(b), rank), **{"V.weight": V, "U.weight": U, "U.bias": b})
    return Shortened(U @ V, float(np.linalg.norm(sizes[rank:])), _one(layer, x0))


def mixed(x0: Doubles, W: Doubles, b: Doubles, sharp: float) -> tuple[Doubles, Doubles]:
    """x1 of two experts (Eq. 3), the two strongest parts of W of rank 1 each, and the share of each, (2,).

    The gate is a softmax that reads the first number of x0 times `sharp` for one expert and against the other; at 0
    both have a half.
    """
    left, sizes, right = np.linalg.svd(W)
    gate = np.zeros((2, len(b)))
    gate[:, 0] = sharp, -sharp
    weights = {"V": right[:2, None], "U": (left * sizes).T[:2, :, None], "b": b, "gate.weight": gate}
    layer = _with(MixtureCross(len(b), 1, 2, "softmax", "none"), **weights)
    assert isinstance(layer, MixtureCross)
    with torch.no_grad():
        shares = layer.shares(layer.gate(torch.from_numpy(x0)))
    return _one(layer, x0), shares.numpy()


def gated(x0: Doubles, W: Doubles, b: Doubles, sharp: float) -> tuple[Doubles, Doubles]:
    """x1 of the gated layer of GDCN, whose gate reads each number times `sharp`, and the gate of each, (D,)."""
    G = sharp * np.eye(len(b))
    layer = _with(GatedCross(len(b)), **{"W.weight": W, "W.bias": b, "G.weight": G})
    return _one(layer, x0), torch.sigmoid(torch.from_numpy(G @ x0)).numpy()


def _with(layer: nn.Module, **weights: Doubles) -> CrossLayer:
    """The layer with these weights, in double precision."""
    layer.double().load_state_dict({name: torch.from_numpy(np.ascontiguousarray(own)) for name, own in weights.items()})
    assert isinstance(layer, CrossLayer)
    return layer


def _one(layer: CrossLayer, x0: Doubles) -> Doubles:
    """What a layer makes of one x0, (D) -> (D)."""
    x: Tensor = torch.from_numpy(x0)[None]
    with torch.no_grad():
        return np.asarray(layer(x, x)[0].numpy(), dtype=np.float64)
