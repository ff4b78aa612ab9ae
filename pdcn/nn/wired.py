"""A wiring as a module, built from its description (`pdcn.wirings`): parts, and what joins its branches.

It maps x0 (B, D) to (B, `out`) and lists its blocks, so that the same description draws the diagram and counts the
cost.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast, final

import torch
from torch import Tensor, nn

from pdcn.config import Network
from pdcn.nn.blocks import Block, Branch
from pdcn.nn.bridged import BridgedNetwork, End
from pdcn.nn.cross import CrossNetwork
from pdcn.nn.parts import DeepNetwork, Less, Project
from pdcn.wirings import CROSSED, X0, Wiring
from pdcn.wirings import Part as Described

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


@dataclass(frozen=True)
class Meeting:
    """A module in which several outputs meet, and their names in the order in which it is given them."""

    module: nn.Module
    names: tuple[str, ...]


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

    def meeting(self) -> Meeting | None:
        """Where its branches meet; None where there is one branch."""
        return Meeting(self.combine, tuple(self.wiring.branches)) if self.combine is not None else None

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
