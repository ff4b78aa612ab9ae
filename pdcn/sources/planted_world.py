"""A world whose crosses, and whose best scores, are known: synthetic queries, items and choices.

A row has F categorical fields with values a_1..a_F and M standard normal numbers x. Its latent is

    z = sum_f T_f[a_f]                                         main effects, std 1 a coordinate
      + strength * sum_c P_c (A_c[a] * B_c[b] (* C_c[d]))      planted crosses, std 1 together
      + nonlinear * sum_k m_k (sin(w_k . x + p_k) - mean_k)    smooth part, std 1
      + noise * gaussian                                       queries only, nobody can know it

and a query u chooses item v of the catalogue with probability

    softmax_v(u . v / temperature),  temperature = sqrt(h) s_u s_v / sqrt(SHARPNESS ln N)

where s_u and s_v are the spreads of a coordinate of either side, all parts together. So the logits
spread by sqrt(SHARPNESS ln N) whatever the dials say: a dial shifts the share of the signal that
its part carries, not how sharp the choice is, and a larger catalogue is not a blurrier one.

Tables T_f and factors A_c, B_c, C_c have mean zero under the distribution of their field. Hence a
cross averages to zero over any one of its fields: nothing of it is seen by main effects, nor by
crosses of a lower order. All scales follow in closed form from the fields' distribution, so they
hold for the law from which rows are drawn and only nearly for the rows drawn.

Shapes: n events, N items, F fields of V values, M numbers, h latent width, r rank, K waves.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence

from pdcn.arrays import Codes, Doubles, Floats, Ints
from pdcn.sources import words as say
from pdcn.sources.dataset import Dataset
from pdcn.sources.encode import numbered, time_bounds
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import CategoryField, NumberField
from pdcn.sources.planted import PlantedData
from pdcn.sources.planted_laws import WIDTH, Law, SideName, field_name, normals, picked, quantised, side_law, slices
from pdcn.sources.truth import Truth

SHARPNESS = 0.7
"""Variance of the logits over ln N; at 2 a softmax over Gaussian logits freezes onto one item."""

_CELLS = 2**22  # scores held at once, 32 MB; with fewer, BLAS threads wait more than they work
_START = 1_704_067_200  # 2024-01-01 00:00 UTC
_PURPOSES = ("query world", "item world", "user", "users", "context", "items", "noise", "positive")


def planted(settings: PlantedData) -> Dataset:
    """Draw the world of `settings` and its events; equal settings, equal data on every machine.

    A user keeps the first half of the query's fields and numbers; the rest is context, drawn anew
    for each event. `truth` ranks items by what can be known; see `_oracle`. Time grows as events x
    items, memory only as the data.
    """
    law = world(settings)
    draws = generators(settings.data_seed)
    n, users = settings.events, settings.users
    user = draws["user"].integers(0, users, n)
    picks = picked(draws["users"], law[0].chances, users, settings.fields // 2)[user]
    numbers = normals(draws["users"], users, settings.numbers // 2)[user]
    context = draws["context"]
    picks = np.hstack([picks, picked(context, law[0].chances, n, settings.fields - picks.shape[1])])
    numbers = np.hstack([numbers, normals(context, n, settings.numbers - numbers.shape[1])])
    item_picks = picked(draws["items"], law[1].chances, settings.items, settings.fields)
    item_numbers = normals(draws["items"], settings.items, settings.numbers)

    query = law[0].latents(picks, numbers)
    item = law[1].latents(item_picks, item_numbers)
    heat = temperature(settings)
    positive = _choices(query, item, settings.noise, heat, draws["noise"], draws["positive"])
    bounds = time_bounds(n)
    digits = max(4, len(str(settings.items)))
    return Dataset(
        name="planted",
        title="Planted crosses",
        note=_note(settings),
        queries=_table("query", picks, numbers, settings.values, bounds[0]),
        items=_table("item", item_picks, item_numbers, settings.values, settings.items),
        item_names=tuple(f"Item {number:0{digits}}" for number in range(1, settings.items + 1)),
        positive=positive,
        user=user,
        when=_START + 60 * np.arange(n, dtype=np.int64),
        bounds=bounds,
        truth=Truth(law[0].truths() + law[1].truths(), *_oracle(query, item, settings.noise, heat)),
    )


def world(settings: PlantedData) -> tuple[Law, Law]:
    """The laws of the query and of the item side, without drawing any row."""
    draws = generators(settings.data_seed)
    return side_law("query", draws["query world"], settings), side_law("item", draws["item world"], settings)


def temperature(settings: PlantedData) -> float:
    """What u . v is divided by: sqrt(h) s_u s_v / sqrt(SHARPNESS ln N).

    s_v^2 = 1 + strength^2 + nonlinear^2 over the parts that exist; s_u^2 adds noise^2.

    >>> flat = PlantedData(strength=0, nonlinear=0, noise=0, items=2_000)
    >>> temperature(flat) == math.sqrt(16 / (SHARPNESS * math.log(2000)))
    True
    """
    item = 1.0
    item += settings.strength**2 if settings.crosses else 0.0
    item += settings.nonlinear**2 if settings.numbers else 0.0
    query = item + settings.noise**2
    return math.sqrt(WIDTH * query * item / (SHARPNESS * math.log(settings.items)))


def generators(seed: int, purposes: Sequence[str] = _PURPOSES) -> dict[str, Generator]:
    """One generator a purpose, so that a dial changes only the draws that it is about."""
    children = SeedSequence(seed).spawn(len(purposes))
    return {name: Generator(PCG64(child)) for name, child in zip(purposes, children, strict=True)}


def _choices(query: Floats, item: Floats, noise: float, heat: float, tastes: Generator, chances: Generator) -> Ints:
    """Draw v ~ softmax_v((u + noise * gaussian) . v / heat) for every query, (n,).

    By inverse CDF, a chunk of events at a time.
    """
    columns = np.ascontiguousarray(item.T, np.float64)  # (h, N)
    positive = np.zeros(len(query), np.int64)
    for rows in chunks(len(query), len(item)):
        taste = quantised(noise * tastes.standard_normal((rows.stop - rows.start, WIDTH)))
        positive[rows] = choose(query[rows] + taste, columns, heat, chances)
    return positive


def choose(query: Doubles, columns: Doubles, heat: float, chances: Generator) -> Ints:
    """Draw v ~ softmax_v(query @ columns / heat) for queries (c, h) and items as columns (h, N), (c,)."""
    mass = query @ columns  # (c, N)
    mass -= mass.max(axis=1, keepdims=True)
    mass /= heat
    # exp may differ between machines in its last bit. That moves a draw only if a uniform falls
    # within 1e-15 or so of an edge: once in some 10^9 worlds of the default size.
    np.exp(mass, out=mass)
    np.cumsum(mass, axis=1, out=mass)
    target = chances.random((len(mass), 1)) * mass[:, -1:]  # (c, 1)
    # A target may round up to the whole mass, one past the last item.
    chosen: Ints = np.minimum(np.count_nonzero(mass <= target, axis=1), columns.shape[1] - 1)
    return chosen


def _oracle(query: Floats, item: Floats, noise: float, heat: float) -> tuple[Floats, Floats]:
    """Latents (n, h + 1) and (N, h + 1) whose products are heat times the best known logits.

    The noise g is unknown, so the best logit is that of the mean chance, which is

        log E exp((u + g) . v / heat) = u . v / heat + noise^2 |v|^2 / (2 heat^2)

    up to what g does to the softmax's denominator. The second term, of no weight unless the noise
    is large, is the last coordinate. Without noise the products are exactly heat times the logits
    from which choices are drawn.
    """
    known = item.astype(np.float64)
    length = quantised(noise**2 * (known**2).sum(axis=1, keepdims=True) / (2 * heat))
    one = np.ones((len(query), 1), np.float32)
    return np.hstack([query, one]), np.hstack([item, length.astype(np.float32)])


def chunks(rows: int, items: int) -> Iterator[slice]:
    """As many rows at a time as have scores (c, N) that take bounded memory."""
    yield from slices(rows, max(1, _CELLS // items))


def _table(side: SideName, picks: Codes, numbers: Floats, values: int, train: int) -> Table:
    """Rows as a table, with the vocabulary of the first `train` rows as `encode` would number it.

    Direct rather than through `encode`, whose strings would take gigabytes at ten million rows.
    """
    title = side.capitalize()
    words = [f"v{value:0{len(str(values))}}" for value in range(1, values + 1)]
    fields, codes = [], np.zeros_like(picks)
    for column in range(picks.shape[1]):
        known, codes[:, column] = numbered(words, picks[:, column], slice(train))
        fields.append(CategoryField(field_name(side, column), f"{title} field {column + 1}", known))
    # Mean and scale are those of the law: nothing has to be learned from the rows.
    standards = tuple(
        NumberField(f"{side[0]}n{column + 1}", f"{title} number {column + 1}", "", 0.0, 1.0)
        for column in range(numbers.shape[1])
    )
    return Table(tuple(fields), standards, codes, numbers)


def _note(settings: PlantedData) -> str:
    """What is planted, in a sentence.

    >>> _note(PlantedData(crosses=0))
    'Synthetic data in which no cross is planted (data seed 0).'
    """
    if not settings.crosses:
        return say.NO_CROSS(seed=settings.data_seed)
    known = {"order": settings.order, "strength": f"{settings.strength:g}", "seed": settings.data_seed}
    return say.ONE_CROSS(**known) if settings.crosses == 1 else say.CROSSES(crosses=settings.crosses, **known)
