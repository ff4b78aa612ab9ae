"""The learned weights of cross layers: as matrices, per block of fields, as singular values, and in pairs of values.

A cross layer adds x0 * (W xl + b) to xl (DCN-V2, arXiv 2008.13535, Eq. 1). Row p of W says what position p of x0 is
multiplied with, so block (i, j) writes at field i and reads field j: W is directed, and its map not symmetric.
Shapes: B rows, D width of x0, L layers, K experts, r rank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pdcn.arrays import Doubles, Ints
from pdcn.nn.cross import CrossLayer, CrossNetwork
from pdcn.nn.fields import Blocks
from pdcn.nn.hooks import hooked
from pdcn.nn.tower import Tower
from pdcn.pages.crosses import words as say
from pdcn.sources.encoded_table import Table

Matrix = Doubles
TOGETHER = 20
"""Two values count as a pair where at least so many training events (or one item) have both."""


def crosses_of(tower: Tower) -> tuple[CrossNetwork, ...]:
    """The first cross network that has layers, of each network that a tower has: one, or one an expert; none where
    there is no such."""
    return tuple(cross for wired in tower.networks for cross in wired.crosses()[:1])


def effective_weight(layer: CrossLayer, xl: Tensor) -> Matrix | None:
    """The W (D, D) of a layer that reads xl (B, D), or what stands for it; None where nothing does."""
    with torch.no_grad():
        found = layer.matrix(xl)
    return None if found is None else found.double().cpu().numpy()


@dataclass(frozen=True)
class Weights:
    """One cross layer and what it meets: W (D, D), and the root mean square of each position of what it multiplies,
    which is x0 unless the layer says otherwise, and of xl, (D,)."""

    layer: int
    W: Matrix
    x0: Matrix
    xl: Matrix


def cross_layers(tower: Tower, x0: Tensor, place: int = 0) -> Iterator[Weights]:
    """The layers of a tower's cross network as they meet the inputs x0 (B, D); none where there is no
    cross network, and no layer without a W. Where there are experts, of the one at a `place`."""
    wired = tower.networks[place]
    for cross in wired.crosses()[:1]:
        yield from _layers(cross, lambda: wired(x0))


def projection_layers(tower: Tower, bag: int, codes: Tensor) -> Iterator[Weights]:
    """The cross layers that project a tower's sequence, as they meet rows of codes (B, F + P): over all actions side by
    side, a field each. None where no cross projects it."""
    encoder = tower.embedding.encoder(bag)
    if encoder is not None and encoder.crosses is not None:
        actions = tower.embedding.actions(bag, tower.embedding.held(codes, bag))
        yield from _layers(encoder.crosses, lambda: encoder(*actions))


@torch.no_grad()
def _layers(cross: CrossNetwork, run: Callable[[], object]) -> Iterator[Weights]:
    """The layers of a cross network as `run` brings their inputs."""
    met: list[tuple[Tensor, Tensor]] = []
    with hooked(*((layer, lambda _, given, __: met.append(given)) for layer in cross.layers)):
        run()
    for place, (module, given) in enumerate(zip(cross.layers, met, strict=True)):
        layer = cast(CrossLayer, module)
        W = effective_weight(layer, given[1])
        if W is not None:
            yield Weights(place, W, _rms(layer.multiplied(*given)), _rms(given[1]))


def _rms(x: Tensor) -> Matrix:
    return x.double().square().mean(0).sqrt().cpu().numpy()


def block_frame(found: Weights, blocks: Blocks) -> pd.DataFrame:
    """One row a directed block: `write`, `read` (names), `norm` and `scaled`.

    `norm` is the Frobenius norm of the block, ||W_ij||_F (DCN-V2, Fig. 6b). `scaled` weighs each weight with the root
    mean squares of what it multiplies, sqrt(sum_pq W_pq^2 rms(x0_p)^2 rms(xl_q)^2): the size of the term that the block
    adds if x0 and xl were independent. Embeddings twice as large with weights half as large are the same model:
    `scaled` says so, `norm` does not.

    >>> layer = Weights(0, np.array([[3.0, 1.0], [0.0, 4.0]]), np.array([1.0, 2.0]), np.array([1.0, 0.5]))
    >>> block_frame(layer, Blocks(("a", "b"), ("A", "B"), (1, 1)))["scaled"].tolist()
    [3.0, 0.5, 0.0, 4.0]
    """
    square = found.W**2
    norm = np.sqrt(blocks.summed(square))
    scaled = np.sqrt(blocks.summed(square * np.outer(found.x0**2, found.xl**2)))
    write, read = np.meshgrid(np.array(blocks.names), np.array(blocks.names), indexing="ij")
    return pd.DataFrame(
        {
            "layer": found.layer,
            "write": write.ravel(),
            "read": read.ravel(),
            "norm": norm.ravel(),
            "scaled": scaled.ravel(),
        }
    )


def spectrum_frame(W: Matrix) -> pd.DataFrame:
    """Singular values of a matrix, the largest first, one row each: `index` from 1, `value`, `share` of the largest."""
    values = np.linalg.svd(W, compute_uv=False)
    share = values / values[0] if values[0] > 0 else values
    return pd.DataFrame({"index": np.arange(1, len(values) + 1), "value": values, "share": share})


def cut_to_rank(W: Matrix, rank: int) -> Matrix:
    """The closest matrix of that rank (Eckart & Young 1936).

    >>> cut_to_rank(np.diag([5.0, 1.0]), 1).tolist()
    [[5.0, 0.0], [0.0, 0.0]]
    """
    left, values, right = np.linalg.svd(W)
    cut: Matrix = (left[:, :rank] * values[:rank]) @ right[:rank]
    return cut


@dataclass(frozen=True)
class FieldValues:
    """A field as real rows have it: which value each row has (rows,), each value's x0 (values, E) and its name.

    Value 0 of a categorical field is the unknown one, and no pair is made of it.
    """

    codes: Ints
    x0: Matrix
    names: tuple[str, ...]


def field_values(tower: Tower, table: Table, rows: Ints, place: int) -> FieldValues:
    """The values of the field at a place among the blocks. A number has one: a standard deviation above its mean.

    Of a bag it is the value that stands first, as if it were alone there.
    """
    fields, several = [*table.categories, *table.bags], len(table.categories)
    if place >= len(fields):
        number = table.numbers[place - len(fields)]
        high = say.HIGH(value=number.told(1.0))
        return FieldValues(np.ones(len(rows), np.int64), np.array([[0.0], [1.0]]), ("", high))
    codes = table.codes[rows, place] if place < several else table.held[place - several][rows, 0]
    x0 = tower.embedding.tables()[place].detach().double().cpu().numpy()
    return FieldValues(codes.astype(np.int64), x0, fields[place].values)


def value_frame(there: Matrix, back: Matrix | None, a: FieldValues, b: FieldValues, least: int) -> pd.DataFrame:
    """How large a cross term each pair of values of fields a and b makes, in the first layer, where xl is x0.

    For values u, v that at least `least` rows have together, the length of [x_a(u) * (W_ab x_b(v)), x_b(v) * (W_ba
    x_a(u))] with the blocks `there` W_ab and `back` W_ba, which is None where the fields are one. Columns `value_a`,
    `value_b`, `together` and `size`.
    """
    pair, together = np.unique(a.codes * len(b.names) + b.codes, return_counts=True)
    u, v = pair // len(b.names), pair % len(b.names)
    known = (together >= least) & (u > 0) & (v > 0)
    u, v = u[known], v[known]
    xa, xb = a.x0[u], b.x0[v]  # (pairs, E)
    square = ((xa * (xb @ there.T)) ** 2).sum(1)
    if back is not None:
        square += ((xb * (xa @ back.T)) ** 2).sum(1)
    names_a, names_b = np.array(a.names, dtype=object), np.array(b.names, dtype=object)
    return pd.DataFrame(
        {"value_a": names_a[u], "value_b": names_b[v], "together": together[known], "size": np.sqrt(square)}
    )
