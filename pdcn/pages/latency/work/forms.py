"""The forms in which one tower can be served, all from x0 (B, D) to its output (B, H), and its parts alone.

Forms for a GPU (two streams, graphs) are built only there. They were written by torch's rules for streams and captures
and have not been run yet: `python -m pdcn bench latency --device cuda` runs them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast, final

import torch
from torch import Tensor, nn
from torch.nn import functional

from pdcn.evaluation.timing import Call
from pdcn.nn.tower import Tower
from pdcn.nn.wired import Part
from pdcn.wirings import X0

Form = Callable[[Tensor], Tensor]
GRAPH = "graph of "
"""How the name of a form begins that is one recorded graph."""
CAPTURE_WARM = 3
"""Calls before a graph is captured: libraries settle on kernels and workspaces in them, which a capture may not."""


@final
class Fused:
    """A tower whose parts that read x0 begin with one product, [W_cross; W_deep] x0; else the same sums.

    Only for parts that begin with one linear layer, as full cross layers do. Outputs equal the plain tower's but for
    the order of the sums: within 1e-5 of outputs of length one, in float32.
    """

    def __init__(self, tower: Tower) -> None:
        self.tower, self.wired = tower, tower.wiring
        self.fronts = fronts(tower)
        linears = [linear for _, linear in self.fronts.values()]
        self.sizes = [linear.out_features for linear in linears]
        self.weight = torch.cat([linear.weight for linear in linears]).detach()  # (D + deep width, D)
        # the plain layers read the same memory from here on, so that no form finds its weights in the cache more often
        for linear, own in zip(linears, self.weight.split(self.sizes), strict=True):  # type: ignore[no-untyped-call]
            linear.weight.data = own
        none = self.weight.new_zeros(max(self.sizes))
        biases: list[Tensor] = [
            none[:size] if x.bias is None else x.bias for x, size in zip(linears, self.sizes, strict=True)
        ]
        self.bias = torch.cat(biases).detach()

    @staticmethod
    def fits(tower: Tower) -> bool:
        """Whether there are two products of x0 to make at once."""
        return len(fronts(tower)) > 1

    def __call__(self, x0: Tensor) -> Tensor:
        both = functional.linear(x0, self.weight, self.bias)  # (B, D) -> (B, D + deep width)
        held = {X0: x0}
        products = both.split(self.sizes, -1)  # type: ignore[no-untyped-call]
        for (name, (part, _)), product in zip(self.fronts.items(), products, strict=True):
            held[name] = part.after(x0, x0, product)
        return self.tower.finished(self.wired.joined(self.wired.run(held)))


def fronts(tower: Tower) -> dict[str, tuple[Part, nn.Linear]]:
    """The parts that read x0 with one linear layer first, and that layer."""
    made = {name: tower.wiring.part(name) for name, part in tower.wiring.wiring.parts.items() if part.reads == X0}
    return {name: (part, linear) for name, part in made.items() if (linear := part.first()) is not None}


@final
class TwoThreads:
    """A tower of several branches, all but the first of which run in a second thread, on a second core."""

    def __init__(self, tower: Tower) -> None:
        self.tower, self.wired, self.beside = tower, tower.wiring, beside(tower)
        self.pool = ThreadPoolExecutor(1, "deep branch", initializer=torch.set_num_threads, initargs=(1,))

    def _deep(self, x0: Tensor) -> dict[str, Tensor]:
        with torch.inference_mode():  # a thread has a mode of its own
            return self.wired.run({X0: x0}, *self.beside)

    def __call__(self, x0: Tensor) -> Tensor:
        deep = self.pool.submit(self._deep, x0)
        first = self.wired.run({X0: x0}, *self.wired.columns()[0])
        return self.tower.finished(self.wired.joined({**first, **deep.result()}))


def beside(tower: Tower) -> list[str]:
    """The parts that can run beside the first branch, because none of them reads any of it; else none."""
    first, *others = tower.wiring.columns()
    rest = [name for column in others for name in column]
    return rest if all(tower.wiring.wiring.parts[name].reads not in first for name in rest) else []


@final
class TwoStreams:
    """A tower of several branches on a GPU, all but the first of which run on a second stream until they meet.

    The second stream begins only once the first has come to the call, and the first goes on only once the second is
    done: so what one allocates is never given away while the other reads it, also inside a graph.
    """

    def __init__(self, tower: Tower) -> None:
        self.tower, self.wired, self.parts = tower, tower.wiring, beside(tower)
        made: Any = torch.cuda.Stream  # torch leaves it untyped
        self.beside = made()

    def __call__(self, x0: Tensor) -> Tensor:
        main: Any = torch.cuda.current_stream()
        self.beside.wait_stream(main)
        with torch.cuda.stream(self.beside):
            deep = self.wired.run({X0: x0}, *self.parts)
        first = self.wired.run({X0: x0}, *self.wired.columns()[0])
        main.wait_stream(self.beside)
        return self.tower.finished(self.wired.joined({**first, **deep}))


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
    """A tower's parts alone: each branch that has any block, of x0; `join` and `head`, which read the real output of
    those before them instead of what they are given."""
    wired = tower.wiring
    held = wired.run({X0: x0})
    joined = wired.joined(held)

    def alone(names: tuple[str, ...]) -> Form:
        return lambda given: wired.run({X0: given}, *names)[names[-1]]

    chains = {branch: wired.wiring.chain(branch) for branch in wired.wiring.branches}
    branches = {
        branch: alone(names)
        for branch, names in chains.items()
        if any(True for name in names for _ in wired.part(name).blocks())
    }
    return {**branches, "join": lambda _: wired.joined(held), "head": lambda _: tower.finished(joined)}


def forms(parallel: Tower, sequential: Tower, *, spare: bool) -> dict[str, Form]:
    """What is served as plain calls; `spare` says that an operation uses one core, and that there is a second one."""
    found: dict[str, Form] = {"sequential": sequential.above, "parallel": parallel.above}
    if Fused.fits(parallel):
        found["fused"] = Fused(parallel)
    if beside(parallel) and next(parallel.parameters()).is_cuda:
        found["two streams"] = TwoStreams(parallel)
    elif beside(parallel) and spare:
        found["two threads"] = TwoThreads(parallel)
    return found


def graphs(plain: Mapping[str, Form], x0: Tensor) -> dict[str, Call]:
    """On a GPU, graphs of forms: what is left once launching kernels costs next to nothing. Elsewhere none."""
    return {GRAPH + name: graph(form, x0) for name, form in plain.items()} if x0.is_cuda else {}


COMPILED = ("sequential", "parallel", "fused")
"""Forms that are compiled too; the others are threads and streams of ours."""


def compiled(plain: Mapping[str, Form]) -> dict[str, Form]:
    """Forms to be compiled at their first call, for any batch size, for the threads an operation has at that moment."""
    torch.compiler.reset()
    return {
        f"compiled {name}": cast(Form, torch.compile(plain[name], dynamic=True)) for name in COMPILED if name in plain
    }
