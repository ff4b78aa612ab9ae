"""The forms in which one tower can be served, all from x0 (B, D) to its output (B, H), and its parts alone.

Forms for a GPU (two streams, graphs) are built only there. They were written by torch's rules for streams and captures
and have not been run yet: `python -m pdcn bench latency --device cuda` runs them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast, final

import torch
from torch import Tensor
from torch.nn import functional

from pdcn.nn.cross import FullCross
from pdcn.nn.towers import ParallelTower
from pdcn.nn.two_tower import Tower, unit
from pdcn.pages.latency.work.timing import Call

Form = Callable[[Tensor], Tensor]
CAPTURE_WARM = 3
"""Calls before a graph is captured: libraries settle on kernels and workspaces in them, which a capture may not."""


def finished(tower: Tower, joined: Tensor) -> Tensor:
    """What stands above the wiring: (B, out) -> (B, H)."""
    out = tower.head(tower.hidden(joined))
    return unit(out) if tower.normalise else cast(Tensor, out)


@final
class Fused:
    """A parallel tower whose two first layers are one product, [W_cross; W_deep] x0; else the same sums.

    Only for full cross layers, whose first layer reads x0 with one matrix. Outputs equal the plain tower's but for
    the order of the sums: within 1e-5 of outputs of length one, in float32.
    """

    def __init__(self, tower: Tower) -> None:
        wiring = cast(ParallelTower, tower.wiring)
        first, linear = cast(FullCross, wiring.cross.layers[0]), cast(torch.nn.Linear, wiring.deep.linears[0])
        self.tower, self.wiring, self.width = tower, wiring, tower.width
        self.later = list(wiring.cross.layers)[1:]
        self.weight = torch.cat((first.W.weight, linear.weight)).detach()  # (D + deep width, D)
        # the plain layers read the same memory from here on, so that no form finds its weights in the cache more often
        first.W.weight.data, linear.weight.data = self.weight[: self.width], self.weight[self.width :]
        self.bias = torch.cat((first.W.bias, linear.bias)).detach()

    @staticmethod
    def fits(tower: Tower) -> bool:
        """Whether the tower has two branches and begins with a full cross layer."""
        wiring = tower.wiring
        return (
            isinstance(wiring, ParallelTower)
            and len(wiring.cross.layers) > 0
            and isinstance(wiring.cross.layers[0], FullCross)
        )

    def __call__(self, x0: Tensor) -> Tensor:
        deep = self.wiring.deep
        both = functional.linear(x0, self.weight, self.bias)  # (B, D) -> (B, D + deep width)
        xl = x0 * both[:, : self.width] + x0  # (B, D)
        for layer in self.later:
            xl = layer(x0, xl)
        x = both[:, self.width :]  # (B, deep width)
        for depth, linear in enumerate(deep.linears):
            x = linear(x) if depth else x
            if deep.norms:
                x = deep.norms[depth](x)
            x = deep.dropout(deep.activation(x))
        return finished(self.tower, self.wiring.combine(xl, x))


@final
class TwoThreads:
    """A parallel tower whose deep branch runs in a second thread, on a second core, beside the cross branch."""

    def __init__(self, tower: Tower) -> None:
        self.tower, self.wiring = tower, cast(ParallelTower, tower.wiring)
        self.pool = ThreadPoolExecutor(1, "deep branch", initializer=torch.set_num_threads, initargs=(1,))

    def _deep(self, x0: Tensor) -> Tensor:
        with torch.inference_mode():  # a thread has a mode of its own
            return cast(Tensor, self.wiring.deep(x0))

    def __call__(self, x0: Tensor) -> Tensor:
        deep = self.pool.submit(self._deep, x0)
        c = self.wiring.cross(x0)
        return finished(self.tower, self.wiring.combine(c, deep.result()))


@final
class TwoStreams:
    """A parallel tower on a GPU whose deep branch runs on a second stream, joined before the branches meet.

    The second stream begins only once the first has come to the call, and the first goes on only once the second is
    done: so what one allocates is never given away while the other reads it, also inside a graph.
    """

    def __init__(self, tower: Tower) -> None:
        self.tower, self.wiring = tower, cast(ParallelTower, tower.wiring)
        made: Any = torch.cuda.Stream  # torch leaves it untyped
        self.beside = made()

    def __call__(self, x0: Tensor) -> Tensor:
        main: Any = torch.cuda.current_stream()
        self.beside.wait_stream(main)
        with torch.cuda.stream(self.beside):
            d = self.wiring.deep(x0)
        c = self.wiring.cross(x0)
        main.wait_stream(self.beside)
        return finished(self.tower, self.wiring.combine(c, d))


def graph(form: Form, x0: Tensor) -> Call:
    """A form on a GPU as a CUDA graph of this x0: one launch for all of its kernels."""
    made: Any = torch.cuda.Stream  # torch leaves it untyped
    aside = made()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(CAPTURE_WARM):
            form(x0)
    torch.cuda.current_stream().wait_stream(aside)
    captured = torch.cuda.CUDAGraph()
    with torch.cuda.graph(captured):
        out = form(x0)

    def replay(kept: tuple[Tensor, Tensor] = (x0, out)) -> None:  # the graph reads and writes their memory
        captured.replay()

    return replay


def parts(tower: Tower, x0: Tensor) -> dict[str, Form]:
    """A parallel tower's parts alone: `cross`, where it has cross layers, and `deep`, of x0; `join` and `head`, which
    read the real output of those before them instead of what they are given."""
    wiring = cast(ParallelTower, tower.wiring)
    c, d = wiring.cross(x0), wiring.deep(x0)
    joined = wiring.combine(c, d)
    cross: dict[str, Form] = {"cross": wiring.cross} if len(wiring.cross.layers) else {}
    return {
        **cross,
        "deep": wiring.deep,
        "join": lambda _: cast(Tensor, wiring.combine(c, d)),
        "head": lambda _: finished(tower, joined),
    }


def forms(parallel: Tower, sequential: Tower, *, spare: bool) -> dict[str, Form]:
    """What is served as plain calls; `spare` says that an operation uses one core, and that there is a second one."""
    found: dict[str, Form] = {"sequential": sequential.above, "parallel": parallel.above}
    if Fused.fits(parallel):
        found["fused"] = Fused(parallel)
    if next(parallel.parameters()).is_cuda:
        found["two streams"] = TwoStreams(parallel)
    elif spare:
        found["two threads"] = TwoThreads(parallel)
    return found


def graphs(plain: Mapping[str, Form], x0: Tensor) -> dict[str, Call]:
    """On a GPU, graphs of forms: what is left once launching kernels costs next to nothing. Elsewhere none."""
    return {f"graph of {name}": graph(form, x0) for name, form in plain.items()} if x0.is_cuda else {}


COMPILED = ("sequential", "parallel", "fused")
"""Forms that are compiled too; the others are threads and streams of ours."""


def compiled(plain: Mapping[str, Form]) -> dict[str, Form]:
    """Forms to be compiled at their first call, for any batch size, for the threads an operation has at that moment."""
    torch.compiler.reset()
    return {
        f"compiled {name}": cast(Form, torch.compile(plain[name], dynamic=True)) for name in COMPILED if name in plain
    }
