"""The playground's two networks once more, in torch and in float64; and Node, which runs its JavaScript."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright._impl._driver import compute_driver_executable
from torch import Tensor

from pdcn.pages.cross_lab.play import HERE

POINTS, BATCH, MASK = 256, 32, 2**32 - 1
TARGETS: dict[str, Callable[[float, float], float]] = {
    "product": lambda a, b: 3 * a * b,
    "tilted": lambda a, b: math.sqrt(18 / 5) * (a * b + (a + b) / 2),
    "circle": lambda a, b: math.sqrt(45 / 8) * (a * a + b * b - 2 / 3),
    "line": lambda a, b: math.sqrt(3 / 2) * (a + b),
    "third": lambda a, b: math.sqrt(15) * a * a * b,
}
FEATURES: dict[str, Callable[[float, float], float]] = {
    "x1": lambda a, b: a,
    "x2": lambda a, b: b,
    "sq1": lambda a, b: a * a,
    "sq2": lambda a, b: b * b,
    "sin1": lambda a, b: math.sin(math.pi * a),
    "sin2": lambda a, b: math.sin(math.pi * b),
}


@dataclass(frozen=True)
class Played:
    """The settings of a playground."""

    target: str = "product"
    features: tuple[str, ...] = ("x1", "x2")
    layers: int = 1
    width: int = 6
    noise: float = 0.0
    rate: float = 0.01
    seed: int = 1

    @property
    def settings(self) -> dict[str, Any]:
        """As the JavaScript has them."""
        return {**vars(self), "features": list(self.features)}


def node() -> str:
    """Node: that of this machine, or that of Playwright; a test without either is skipped."""
    of_playwright = str(compute_driver_executable()[0])
    found = shutil.which("node") or (of_playwright if Path(of_playwright).exists() else None)
    if found is None:
        pytest.skip("no Node here, neither on the path nor in Playwright")
    return found


def ran(script: str) -> Any:
    """What a module of JavaScript prints as JSON; it finds the playground's modules beside it."""
    done = subprocess.run(
        [node(), "--input-type=module", "--no-warnings", "--eval", script], cwd=HERE, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def stream(seed: int, name: str) -> Iterator[float]:
    """mulberry32, started from FNV-1a of the name."""
    state = 2166136261
    for letter in f"{seed}/{name}".encode():
        state = ((state ^ letter) * 16777619) & MASK
    while True:
        state = (state + 0x6D2B79F5) & MASK
        mixed = ((state ^ state >> 15) * (1 | state)) & MASK
        mixed ^= (mixed + ((mixed ^ mixed >> 7) * (61 | mixed) & MASK)) & MASK
        yield (mixed ^ mixed >> 14) / 2**32


def drawn(played: Played, name: str, noise: float) -> tuple[Tensor, Tensor]:
    """Features (POINTS, D) and targets (POINTS)."""
    place, luck = stream(played.seed, f"{name} points"), stream(played.seed, f"{name} noise")
    rows, targets = [], []
    for _ in range(POINTS):
        a, b = 2 * next(place) - 1, 2 * next(place) - 1
        normal = math.sqrt(-2 * math.log(1 - next(luck))) * math.cos(2 * math.pi * next(luck))
        rows.append([FEATURES[one](a, b) for one in played.features])
        targets.append(TARGETS[played.target](a, b) + noise * normal)
    return torch.tensor(rows, dtype=torch.float64), torch.tensor(targets, dtype=torch.float64)


def weight(seed: int, kind: str, layer: int, rows: int, columns: int) -> Tensor:
    """First weights (rows, columns)."""
    bound = math.sqrt(3 / columns)
    streams = [stream(seed, f"{kind} {layer} {row}") for row in range(rows)]
    found = [[bound * (2 * next(one) - 1) for _ in range(columns)] for one in streams]
    return torch.tensor(found, dtype=torch.float64, requires_grad=True)


def bias(rows: int) -> Tensor:
    """Zeros (rows)."""
    return torch.zeros(rows, dtype=torch.float64, requires_grad=True)


@dataclass
class Net:
    """One wiring in torch: its tensors in the order of the flat weights."""

    wiring: str
    played: Played
    tensors: list[Tensor] = field(default_factory=list)

    def __post_init__(self) -> None:
        D, seed = len(self.played.features), self.played.seed
        H = self.played.width - (self.wiring == "parallel" and D > 2)
        for layer in range(1, self.played.layers + 1):
            self.tensors += [weight(seed, "cross", layer, D, D), bias(D)]
        reads = D + H if self.wiring == "parallel" else H
        self.tensors += [weight(seed, "deep", 0, H, D), bias(H), weight(seed, "head", 0, 1, reads), bias(1)]

    def __call__(self, x0: Tensor) -> Tensor:
        """(B, D) -> (B)."""
        *crosses, V, c, w, b = self.tensors
        x = x0
        for W, own in zip(crosses[::2], crosses[1::2], strict=True):
            x = x0 * (x @ W.T + own) + x  # (B, D), Eq. (1)
        parallel = self.wiring == "parallel"
        hidden = torch.relu((x0 if parallel else x) @ V.T + c)  # (B, H)
        last = torch.cat((x, hidden), -1) if parallel else hidden  # (B, D + H) or (B, H)
        return (last @ w.T + b)[:, 0]

    @property
    def flat(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """All weights, one after the other."""
        return torch.cat([one.detach().reshape(-1) for one in self.tensors]).numpy()


def trained(played: Played, steps: int) -> dict[str, Net]:
    """Both wirings after so many steps of torch's Adam."""
    nets = {wiring: Net(wiring, played) for wiring in ("sequential", "parallel")}
    optimisers = {wiring: torch.optim.Adam(net.tensors, lr=played.rate) for wiring, net in nets.items()}
    x0, target = drawn(played, "train", played.noise)
    luck, order = stream(played.seed, "order"), list[int]()
    for _ in range(steps):
        if not order:
            order = list(range(POINTS))
            for at in range(POINTS - 1, 0, -1):
                other = math.floor(next(luck) * (at + 1))
                order[at], order[other] = order[other], order[at]
        batch, order = order[:BATCH], order[BATCH:]
        for wiring, net in nets.items():
            optimisers[wiring].zero_grad()
            ((net(x0[batch]) - target[batch]) ** 2).mean().backward()  # type: ignore[no-untyped-call]
            optimisers[wiring].step()
    return nets
