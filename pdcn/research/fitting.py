"""How a model of the synthetic experiments is trained: regression on draws of a known function.

A cross network on a function without noise is a problem of least squares that can be solved to the last digit, by
Gauss-Newton steps. Everything else sees fresh draws at every step of Adam.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import cast, final

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from pdcn.config import Network
from pdcn.nn.cross import CrossNetwork, FullCross
from pdcn.nn.parts import DeepNetwork
from pdcn.research.targets import TARGETS, Entry, Target
from pdcn.training.device import calm_threads

TEST = 20_000
"""Draws of a test, none of which was trained on; their noise is part of the error, as in the paper."""
CHUNK = 64
"""Batches that are drawn at once."""
STEPS = 30
"""Steps of Gauss-Newton at most."""
IDLE = 5
"""Gauss-Newton steps in a row without gain after which it is over."""


@final
class BareCross(nn.Module):
    """x0 * (W xl), Eq. (1) without bias and residual: crosses of one order alone."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.W = nn.Linear(width, width, bias=False)

    def forward(self, x0: Tensor, xl: Tensor) -> Tensor:
        """(B, D), (B, D) -> (B, D)."""
        return cast(Tensor, x0 * self.W(xl))


@final
class VectorCross(nn.Module):
    """x0 * (1 w^T xl + b) + xl: DCN-V2 where W is 1 w^T. DCN itself (`DotCross`) has b outside of the product."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.w = nn.Linear(width, 1, bias=False)
        self.b = nn.Parameter(torch.zeros(width))

    def forward(self, x0: Tensor, xl: Tensor) -> Tensor:
        """(B, D), (B, D) -> (B, D)."""
        return cast(Tensor, x0 * (self.w(xl) + self.b) + xl)  # (B, 1) + (D) -> (B, D)


LAYERS: dict[str, type[nn.Module]] = {"DCN": VectorCross, "DCN-V2": FullCross, "x0 * (W x)": BareCross}


@final
class Regression(nn.Module):
    """A network over x (B, D), and a number (B) that is linear in what it makes of them.

    The head of a cross network starts at one: where it starts close to zero, the problem is a thousand times worse
    conditioned. On the orders 1 to 4 the layers start close to the identity, so that crosses that are not there need
    not be unlearned; on a single high order they would take too long to leave it.
    """

    def __init__(self, width: int, entry: Entry) -> None:
        super().__init__()
        network = Network(cross_layers=entry.layers)
        self.network: nn.Module
        if entry.deep:
            self.network = DeepNetwork(width, network, entry.deep)
        else:
            self.network = CrossNetwork((width,), network)
            self.network.layers = nn.ModuleList(LAYERS[entry.model](width) for _ in range(entry.layers))
        self.head = nn.Linear(entry.deep[-1] if entry.deep else width, 1, bias=False)
        if not entry.deep:
            nn.init.ones_(self.head.weight)
            if entry.target == "orders 1-4":
                for name, weight in self.network.named_parameters():
                    (nn.init.zeros_ if name.endswith("bias") else partial(nn.init.normal_, std=0.02))(weight)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.head(self.network(x))[:, 0])


@dataclass(frozen=True)
class Regressed:
    """The root mean squared error of a model on draws that it has not seen, and how far the function deviates there.

    `seconds` are those of one core, whoever else was at work.
    """

    rmse: float
    spread: float
    parameters: int
    seconds: float


def fitted(entry: Entry, seed: int) -> Regressed:
    """Train an entry from a seed, which draws the function, the data and the initial weights."""
    draws = np.random.default_rng(seed)
    return trained(entry, TARGETS[entry.target](draws), draws, seed)[1]


def trained(
    entry: Entry, target: Target, draws: np.random.Generator, seed: int, plan: tuple[int, int, float] | None = None
) -> tuple[Regression, Regressed]:
    """Train an entry on any function, and say how well it does; `draws` draw the data, the seed the initial weights.

    `plan` has steps, batch and highest rate of Adam, where they are to be other than those of the study.
    """
    calm_threads()
    begun = time.process_time()
    kind = torch.float64 if entry.exact else torch.float32
    torch.manual_seed(seed)
    model = Regression(target.width, entry).to(kind)

    def draw(count: int) -> tuple[Tensor, Tensor]:
        x = draws.uniform(-1, 1, (count, target.width))
        y = target(x) + target.noise * draws.standard_normal(count)
        return torch.from_numpy(x).to(kind), torch.from_numpy(y).to(kind)

    if entry.exact:
        least_squares(model, *draw(max(1_000, 80 * target.width)))
    else:
        adam(model, draw, *(plan or _plan(entry)))
    x, y = draw(TEST)
    with torch.no_grad():
        rmse = float((model(x) - y).square().mean().sqrt())
    parameters = sum(weight.numel() for weight in model.parameters())
    return model, Regressed(rmse, float(y.std()), parameters, time.process_time() - begun)


def _plan(entry: Entry) -> tuple[int, int, float]:
    """Steps, batch and highest rate of Adam: what is cheap sees more."""
    if entry.deep:
        return (1_000, 512, 0.002) if entry.deep[0] > 200 else (4_000, 256, 0.003)
    if entry.target == "orders 1-4":
        return (30_000, 256, 0.01) if entry.layers > 2 else (10_000, 128, 0.01)
    return 6_000, 128, 0.02


def adam(model: nn.Module, draw: Callable[[int], tuple[Tensor, Tensor]], steps: int, batch: int, rate: float) -> None:
    """Steps of Adam, each on draws of its own, the rate rising over a twentieth and falling along a cosine."""
    optimiser = torch.optim.Adam(model.parameters(), lr=rate, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rate, total_steps=steps, pct_start=0.05, final_div_factor=1_000, cycle_momentum=False
    )
    for step in range(steps):
        at = step % CHUNK
        if not at:
            x, y = draw(CHUNK * batch)
        own = slice(at * batch, (at + 1) * batch)
        optimiser.zero_grad()
        (model(x[own]) - y[own]).square().mean().backward()
        optimiser.step()
        schedule.step()


def least_squares(
    model: nn.Module, x: Tensor, y: Tensor, steps: int = STEPS, products: int = 100, good: float = 1e-13
) -> None:
    """Bring the model's weights to where its squared error over all (x, y) is least, if there is one near.

    Gauss-Newton steps p += s with (J^T J / n + m D) s = -J^T r / n, where r are the errors (B), J = dr/dp, and D the
    diagonal of J^T J / n: Marquardt's scaling, without which features that hardly count stay unlearned. D is estimated
    from random signs z, as E[(J^T z)^2] (Hutchinson). Each system is solved by conjugate gradients preconditioned with
    D. The damping m follows how well the error was foretold. It ends where the root mean squared error is `good`, or
    several steps in a row gain next to nothing.
    """
    named, count = dict(model.named_parameters()), len(x)
    sizes = [weight.numel() for weight in named.values()]
    signs = torch.Generator().manual_seed(0)

    def weights(p: Tensor) -> dict[str, Tensor]:
        parts = torch.split(p, sizes)
        return {name: part.view_as(weight) for (name, weight), part in zip(named.items(), parts, strict=True)}

    def errors(p: Tensor) -> Tensor:
        return cast(Tensor, functional_call(model, weights(p), (x,))) - y

    p = torch.cat([weight.detach().flatten() for weight in named.values()])
    damping, loss, idle = 0.01, float(errors(p).square().mean()), 0
    for _ in range(steps):
        turned = _Slopes(errors, p)
        flips = (2.0 * torch.randint(0, 2, (10, count), generator=signs) - 1).to(p)
        D = torch.stack([turned.back(z).square() for z in flips]).mean(0) / count
        D += 1e-12 * D.max()
        slope = turned.back(turned.errors) / count
        s = _solved(partial(turned.damped, damping * D), -slope, D, products)
        foretold = -float(2 * slope @ s + turned.forth(s).square().mean())
        better = float(errors(p + s).square().mean())
        idle = idle + 1 if loss - better < 1e-3 * loss else 0
        if better < loss:
            share = (loss - better) / foretold
            p, loss = p + s, better
            damping *= 0.2 if share > 0.75 else 2.0 if share < 0.25 else 1.0
        else:
            damping *= 5.0
        if loss < good**2 or idle == IDLE:
            break
    with torch.no_grad():
        for name, weight in weights(p).items():
            named[name].copy_(weight)


class _Slopes:
    """The errors r (B) at some weights p (P), and products with J = dr/dp."""

    def __init__(self, errors: Callable[[Tensor], Tensor], p: Tensor) -> None:
        self.at = p.clone().requires_grad_()
        self.r = errors(self.at)
        self.errors = self.r.detach()
        self.v = torch.zeros_like(self.errors, requires_grad=True)
        (self.jtv,) = torch.autograd.grad(self.r, self.at, self.v, create_graph=True)  # linear in v: its slope is J

    def back(self, z: Tensor) -> Tensor:
        """J^T z, (B) -> (P)."""
        return torch.autograd.grad(self.r, self.at, z, retain_graph=True)[0]

    def forth(self, q: Tensor) -> Tensor:
        """J q, (P) -> (B)."""
        return torch.autograd.grad(self.jtv, self.v, q, retain_graph=True)[0]

    def damped(self, damping: Tensor, q: Tensor) -> Tensor:
        """(J^T J / B + damping) q, (P) -> (P)."""
        return self.back(self.forth(q)) / len(self.errors) + damping * q


def _solved(product: Callable[[Tensor], Tensor], b: Tensor, D: Tensor, most: int) -> Tensor:
    """x with A x = b, by conjugate gradients preconditioned with D, to a thousandth or after so many products."""
    x, left = torch.zeros_like(b), b
    z = left / D
    q, size = z, left @ z
    first = size
    for _ in range(most):
        if size <= 1e-6 * first:
            break
        Aq = product(q)
        step = size / (q @ Aq)
        x, left = x + step * q, left - step * Aq
        z = left / D
        before, size = size, left @ z
        q = z + size / before * q
    return x
