"""A wiring as a module, built from its description (`pdcn.wirings`): parts, and what joins its branches.

It maps x0 (B, D) to (B, `out`) and lists its blocks, so that the same description draws the diagram and counts the
cost.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import cast, final

import torch
from torch import Tensor, nn

from pdcn.config import Network
from pdcn.nn.blocks import Block, Branch
from pdcn.nn.cross import CrossNetwork
from pdcn.wirings import CROSSED, X0, Wiring
from pdcn.wirings import Part as Described

ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "gelu": nn.GELU, "silu": nn.SiLU, "tanh": nn.Tanh}


@final
class DeepNetwork(nn.Module):
    """An MLP: Linear, layer norm where wanted, activation, dropout, for each width.

    >>> network = Network(deep=(4, 3))
    >>> [(block.into, block.out) for block in DeepNetwork(5, network).blocks()]
    [(5, 4), (4, 3)]
    """

    def __init__(self, width: int, network: Network, widths: tuple[int, ...] | None = None) -> None:
        super().__init__()
        widths = network.deep if widths is None else widths
        self.widths = (width, *widths)
        self.linears = nn.ModuleList(map(nn.Linear, self.widths[:-1], self.widths[1:]))
        self.norms = nn.ModuleList(nn.LayerNorm(w) for w in widths if network.layer_norm)
        self.activation = ACTIVATIONS[network.activation]()
        self.dropout = nn.Dropout(network.dropout)

        self.out = self.widths[-1]

    def forward(self, x: Tensor) -> Tensor:
        return self._rest(self.linears[0](x)) if len(self.linears) else x

    def after(self, x0: Tensor, given: Tensor, product: Tensor) -> Tensor:
        """All that follows the output of `first`, (B, widths[1]) -> (B, out)."""
        return self._rest(product)

    def _rest(self, x: Tensor) -> Tensor:
        for depth, linear in enumerate(self.linears):
            x = linear(x) if depth else x  # (B, widths[depth + 1])
            if self.norms:
                x = self.norms[depth](x)
            x = self.dropout(self.activation(x))
        return x

    def first(self) -> nn.Linear:
        """The layer that reads the input."""
        return cast(nn.Linear, self.linears[0])

    def steps(self) -> tuple[nn.Module, ...]:
        """The dropout, which runs after each layer and in evaluation passes on what it is given."""
        return (self.dropout,)

    def blocks(self) -> Iterator[Block]:
        """One block a layer."""
        for depth, linear in enumerate(self.linears):
            norms = [self.norms[depth]] if self.norms else []
            into, out = self.widths[depth : depth + 2]
            yield Block.of(f"Deep {depth + 1}", "deep", into, out, linear, *norms)


@final
class Project(nn.Linear):
    """One linear layer, (B, in) -> (B, D): back to the width of x0."""

    @property
    def out(self) -> int:
        """Width of the output."""
        return self.out_features

    def blocks(self) -> Iterator[Block]:
        """One block."""
        yield Block.of("Project", "deep", self.in_features, self.out, self)

    def first(self) -> nn.Linear:
        """Itself."""
        return self

    def after(self, x0: Tensor, given: Tensor, product: Tensor) -> Tensor:
        """Nothing follows."""
        return product

    def steps(self) -> tuple[nn.Module, ...]:
        """Itself."""
        return (self,)


@final
class Less(nn.Module):
    """What it is given, less x0: (B, D), (B, D) -> (B, D). Of a cross network's output, what the crosses add."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.out = width

    def forward(self, x0: Tensor, given: Tensor) -> Tensor:
        return given - x0

    def blocks(self) -> Iterator[Block]:
        """One block without a weight."""
        yield Block.of("Less x0", "cross", self.out, self.out)

    def first(self) -> None:
        """It begins with no linear layer."""
        return

    def after(self, x0: Tensor, given: Tensor, product: Tensor) -> Tensor:
        """Never asked for."""
        raise NotImplementedError

    def steps(self) -> tuple[nn.Module, ...]:
        """Itself."""
        return (self,)


@final
class FieldGate(nn.Module):
    """x times F softmax(w), one share for each of the F fields: the regulation of EDCN, (B, D) -> (B, D).

    Times F, which the paper leaves out, so that equal shares, with which it begins, pass x on at its own size. The
    paper's temperature is 1 here.
    """

    field: Tensor

    def __init__(self, fields: tuple[int, ...]) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.zeros(len(fields)))
        places = [at for at, width in enumerate(fields) for _ in range(width)]
        self.register_buffer("field", torch.tensor(places), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return x * (len(self.w) * self.w.softmax(-1))[self.field]


@final
class Bridge(nn.Module):
    """c * d, which of the bridges that EDCN tries is the best."""

    def forward(self, c: Tensor, d: Tensor) -> Tensor:
        return c * d


@final
class BridgedNetwork(nn.Module):
    """The two networks of EDCN (CIKM 2021, DOI 10.1145/3459637.3481915), (B, D) -> (B, 3 D).

    With b_0 = x0, layer l makes c_l = cross(start, G_l b_{l-1}), d_l = deep(G'_l b_{l-1}) and b_l = c_l * d_l. G and G'
    are field gates, and start, in the place of x0, is what the first cross layer is given, G_1 x0. Out come c_L, d_L
    and b_L side by side, which without layers all are x0. Deep layers are as many as cross layers and as wide as x0:
    the network's deep widths do not apply.
    """

    ENDS = ("cross", "deep", "bridge")

    def __init__(self, fields: tuple[int, ...], network: Network, crossing: str = "") -> None:
        super().__init__()
        self.width = sum(fields)
        self.out = len(self.ENDS) * self.width
        self.cross = CrossNetwork(fields, network, crossing)
        layers = range(len(self.cross.layers))
        self.deep = nn.ModuleList(DeepNetwork(self.width, network, (self.width,)) for _ in layers)
        self.to_cross, self.to_deep = (nn.ModuleList(FieldGate(fields) for _ in layers) for _ in range(2))
        self.bridge = Bridge()

    def forward(self, x0: Tensor) -> Tensor:
        start, c, d, b = None, x0, x0, x0
        for to_cross, cross, to_deep, deep in zip(
            self.to_cross, self.cross.layers, self.to_deep, self.deep, strict=True
        ):
            given = to_cross(b)
            start = given if start is None else start
            d, c = deep(to_deep(b)), cross(start, given)
            b = self.bridge(c, d)
        return torch.cat((c, d, b), -1)

    def blocks(self) -> Iterator[Block]:
        """Of each layer the deep and the cross one, each with its gate, and the bridge."""
        for depth, cross in enumerate(self.cross.blocks()):
            gated = cross.parameters + sum(weight.numel() for weight in self.to_cross[depth].parameters())
            deep = self.to_deep[depth], self.deep[depth]
            yield Block.of(f"Deep {depth + 1}", "deep", self.width, self.width, *deep)
            yield replace(cross, parameters=gated)
            yield Block.of(f"Bridge {depth + 1}", "cross", self.width, self.width, self.bridge)

    def sides(self) -> dict[str, list[nn.Parameter]]:
        """Parameters of its cross and of its deep network, gates included."""
        both = {"cross": (self.to_cross, self.cross), "deep": (self.to_deep, self.deep)}
        return {side: [weight for own in modules for weight in own.parameters()] for side, modules in both.items()}

    def first(self) -> None:
        """It begins with gates."""
        return

    def after(self, x0: Tensor, given: Tensor, product: Tensor) -> Tensor:
        """Never asked for."""
        raise NotImplementedError

    def steps(self) -> tuple[nn.Module, ...]:
        """Its layers and the bridge, which run in the order of the blocks."""
        deep = (step for network in self.deep for step in cast(DeepNetwork, network).steps())
        return (*self.cross.layers, *deep, self.bridge)


@final
class End(nn.Module):
    """One of the three that a bridged network puts out, (B, 3 D) -> (B, D)."""

    def __init__(self, end: str, width: int) -> None:
        super().__init__()
        self.end, self.out = end, width // len(BridgedNetwork.ENDS)

    def forward(self, given: Tensor) -> Tensor:
        start = BridgedNetwork.ENDS.index(self.end) * self.out
        return given[..., start : start + self.out]

    def blocks(self) -> Iterator[Block]:
        """One block without a weight."""
        kind = "deep" if self.end == "deep" else "cross"
        yield Block.of(f"Last {self.end}", kind, self.out, self.out)

    def first(self) -> None:
        """It begins with no linear layer."""
        return

    def after(self, x0: Tensor, given: Tensor, product: Tensor) -> Tensor:
        """Never asked for."""
        raise NotImplementedError

    def steps(self) -> tuple[nn.Module, ...]:
        """Itself."""
        return (self,)


SEES_X0 = ("cross", "less")
"""Kinds of parts that are given x0 beside what they read."""
Part = CrossNetwork | DeepNetwork | Project | Less | BridgedNetwork | End
"""A part of a wiring: its width `out`, its blocks, the modules (`steps`) that put out what each block holds, and the
linear layer that reads its input (`first`), from whose output `after` goes on."""


class Join(nn.Module, ABC):
    """Where branches meet: their outputs (B, w) in, (B, out) out. It is made for branches of such widths."""

    out: int

    @abstractmethod
    def terms(self, *branches: Tensor) -> tuple[Tensor, ...]:
        """What each branch puts in, (B, out) each: terms whose sum is the output, but for a constant."""


@final
class Concat(Join):
    """[c, d, ...]: side by side, (B, sum of widths)."""

    def __init__(self, *widths: int) -> None:
        super().__init__()
        self.out = sum(widths)

    def forward(self, *branches: Tensor) -> Tensor:
        return torch.cat(branches, dim=-1)

    def terms(self, *branches: Tensor) -> tuple[Tensor, ...]:
        """Each branch at its place among zeros."""
        none = [torch.zeros_like(branch) for branch in branches]
        return tuple(torch.cat((*none[:at], branch, *none[at + 1 :]), dim=-1) for at, branch in enumerate(branches))


@final
class Sum(Join):
    """P c + d, where P (H, C) brings the cross branch to the deep branch's width."""

    def __init__(self, cross: int, deep: int) -> None:
        super().__init__()
        self.project = nn.Linear(cross, deep)
        self.out = deep

    def forward(self, c: Tensor, d: Tensor) -> Tensor:
        return cast(Tensor, self.project(c) + d)

    def terms(self, *branches: Tensor) -> tuple[Tensor, ...]:
        """P c and d."""
        c, d = branches
        return self.project(c), d


@final
class Gated(Join):
    """g * P c + (1 - g) * d with g = sigmoid(A P c + B d + b), one share for each position."""

    def __init__(self, cross: int, deep: int) -> None:
        super().__init__()
        self.project = nn.Linear(cross, deep)
        self.gate = nn.Linear(2 * deep, deep)
        self.out = deep

    def forward(self, c: Tensor, d: Tensor) -> Tensor:
        c, d = self.terms(c, d)
        return c + d

    def terms(self, *branches: Tensor) -> tuple[Tensor, ...]:
        """g * P c and (1 - g) * d; the gate that scales both reads both."""
        c, d = self.project(branches[0]), branches[1]  # (B, C) -> (B, H)
        g = torch.sigmoid(self.gate(torch.cat((c, d), dim=-1)))  # (B, H)
        return g * c, (1 - g) * d


JOINS: dict[str, type[Join]] = {"concat": Concat, "sum": Sum, "gated": Gated}


@final
class Wired(nn.Module):
    """The module of a wiring over an x0 of fields of such widths: (B, D) -> (B, out)."""

    def __init__(self, fields: tuple[int, ...], network: Network, wiring: Wiring) -> None:
        super().__init__()
        self.wiring = wiring
        widths = {X0: sum(fields)}
        for name, part in wiring.parts.items():
            made = _made(part, widths[part.reads], fields, network)
            self.add_module(name, made)
            widths[name] = made.out
        ends = [widths[end] for end in wiring.branches.values()]
        self.combine = JOINS[wiring.join](*ends) if wiring.join else None
        self.into = sum(ends)
        self.out = self.combine.out if self.combine else ends[0]

    def part(self, name: str) -> Part:
        """The part of that name."""
        return cast(Part, self._modules[name])

    def crosses(self) -> list[CrossNetwork]:
        """Its cross networks that have layers, in the order of its parts."""
        found = [self.part(name) for name, part in self.wiring.parts.items() if part.kind in CROSSED]
        crosses = (part.cross if isinstance(part, BridgedNetwork) else part for part in found)
        return [cross for cross in crosses if isinstance(cross, CrossNetwork) and len(cross.layers)]

    def forward(self, x0: Tensor) -> Tensor:
        return self.joined(self.run({X0: x0}))

    def run(self, held: dict[str, Tensor], *names: str) -> dict[str, Tensor]:
        """What x0 and the parts of such names hold, by default all; those that `held` has already are not run again."""
        for name in names or self.wiring.parts:
            if name not in held:
                part, given = self.wiring.parts[name], held[self.wiring.parts[name].reads]
                module = self.part(name)
                held[name] = module(held[X0], given) if part.kind in SEES_X0 else module(given)
        return held

    def joined(self, held: Mapping[str, Tensor]) -> Tensor:
        """The output, from what the ends of the branches hold."""
        ends = self._ends(held)
        return cast(Tensor, self.combine(*ends)) if self.combine is not None else ends[0]

    def each(self, x0: Tensor) -> Tensor:
        """The output, then the term that each of several branches puts into it: (B, D) -> (1 + branches, B, out)."""
        if self.combine is None:
            raise ValueError("expected a wiring with several branches, got one with a single branch")
        ends = self._ends(self.run({X0: x0}))
        return torch.stack((self.combine(*ends), *self.combine.terms(*ends)))

    def _ends(self, held: Mapping[str, Tensor]) -> list[Tensor]:
        return [held[end] for end in self.wiring.branches.values()]

    def columns(self) -> list[list[str]]:
        """The parts of each branch from x0 upwards; one that several branches share stands in the first of them."""
        drawn: set[str] = set()
        found = []
        for branch in self.wiring.branches:
            found.append([name for name in self.wiring.chain(branch) if name not in drawn])
            drawn |= {*found[-1]}
        return found

    def branches(self) -> tuple[Branch, ...]:
        """The blocks of each branch, as in `columns`."""
        return tuple(tuple(block for name in own for block in self.part(name).blocks()) for own in self.columns())

    def starts(self) -> tuple[str, ...]:
        """Where each of these columns begins: "" at x0, else the key "COLUMN.ROW" of the block below it."""
        keys, found, columns = {X0: ""}, list[str](), self.columns()
        for place, (own, end) in enumerate(zip(columns, self.wiring.branches.values(), strict=True)):
            found.append(keys[self.wiring.parts[own[0]].reads if own else end])
            row = -1
            for name in own:
                row += sum(1 for _ in self.part(name).blocks())
                keys[name] = f"{place}.{row}" if row >= 0 else keys[self.wiring.parts[name].reads]
        return tuple(found)

    def join_block(self) -> Block | None:
        """The block in which the branches meet; None where there is one branch."""
        if self.combine is None:
            return None
        return Block.of(type(self.combine).__name__, "join", self.into, self.out, self.combine)


def _made(part: Described, into: int, fields: tuple[int, ...], network: Network) -> Part:
    makers: dict[str, Callable[[], Part]] = {
        "cross": lambda: CrossNetwork(fields, network, part.crossing),
        "deep": lambda: DeepNetwork(into, network),
        "project": lambda: Project(into, sum(fields)),
        "less": lambda: Less(into),
        "bridged": lambda: BridgedNetwork(fields, network, part.crossing),
        "end": lambda: End(part.end, into),
    }
    return makers[part.kind]()
