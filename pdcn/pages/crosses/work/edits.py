"""A model with some of its crosses changed: a block scaled or zeroed, shuffled, or W cut to a rank.

An edit says: in this layer the positions of field `write` see field `read` only so much. For layers with one W that is
W with its block (write, read) times a factor. For others, such as a mixture of experts, the same words hold: there the
positions of `write` are computed as if field `read` were not there, by the gates neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from pdcn.nn.cross import CrossLayer
from pdcn.nn.fields import Blocks
from pdcn.nn.hooks import Hook, hooked
from pdcn.nn.tower import Tower
from pdcn.pages.crosses.work.weights import Matrix, crosses_of


@dataclass(frozen=True)
class Edit:
    """Scale what field `write` gets from field `read` (numbers of blocks) in a cross layer by `factor`.

    With `layer` None in every layer; with `expert` None in every expert, where there are several, else in the one at
    that place. `order` (B,) instead of a factor of zero puts another row's value in its place:
    the permutation check.
    """

    layer: int | None
    write: int
    read: int
    factor: float = 0.0
    order: Tensor | None = None
    expert: int | None = None


def both_ways(
    layer: int | None, a: int, b: int, factor: float = 0.0, order: Tensor | None = None, expert: int | None = None
) -> tuple[Edit, ...]:
    """The edits of a pair of fields: a reads b, and b reads a."""
    there = Edit(layer, a, b, factor, order, expert)
    return (there,) if a == b else (there, Edit(layer, b, a, factor, order, expert))


@contextmanager
def edited(tower: Tower, blocks: Blocks, edits: Sequence[Edit]) -> Iterator[None]:
    """The tower computes with the edits for as long as the block lasts. Not for two threads at once."""
    hooks = []
    for expert, cross in enumerate(crosses_of(tower)):
        for place, layer in enumerate(cross.layers):
            own = [edit for edit in edits if edit.layer in (None, place) and edit.expert in (None, expert)]
            if own:
                hooks.append((layer, _Changed(own, blocks)))
    with hooked(*hooks):
        yield


@dataclass(frozen=True)
class _Changed:
    edits: Sequence[Edit]
    blocks: Blocks

    def __call__(self, layer: nn.Module, given: tuple[Tensor, Tensor], out: Tensor) -> Tensor:
        x0, xl = given
        cross = cast(CrossLayer, layer)
        changed = out.clone()
        for edit in self.edits:
            write, read = self.blocks.slices[edit.write], self.blocks.slices[edit.read]
            instead = 0.0 if edit.order is None else xl[edit.order, read]
            lost = cross.term(x0, xl, out, xl[:, read] - instead, write, read)
            changed[:, write] += (edit.factor - 1.0) * lost
        return changed


@contextmanager
def weights_in_place(layers: Sequence[nn.Module], matrices: Sequence[Matrix]) -> Iterator[None]:
    """Cross layers compute with these W (D, D) in place of their own for as long as the block lasts.

    Their biases stay. Only for layers that are linear in xl (`CrossLayer.linear`).
    """

    def instead(W: Tensor) -> Hook:
        def hook(layer: nn.Module, given: tuple[Tensor, Tensor], _: Tensor) -> Tensor:
            x0, xl = given
            exact = cast(CrossLayer, layer).linear()
            if exact is None:
                raise ValueError("expected layers with one W, got one without")
            return x0 * (xl @ W.T + exact[1]) + xl

        return hook

    given = [torch.as_tensor(W, dtype=torch.float32) for W in matrices]
    with hooked(*((layer, instead(W)) for layer, W in zip(layers, given, strict=True))):
        yield
