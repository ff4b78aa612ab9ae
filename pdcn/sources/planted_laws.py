"""The laws of a planted world: main effects, crosses and a smooth part, each of a variance that is known.

Shapes as in `pdcn.sources.planted_world`, which says how the parts make a latent.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.random import Generator

from pdcn.arrays import Codes, Doubles, Floats
from pdcn.sources.planted import PlantedData
from pdcn.sources.truth import PlantedCross

SideName = Literal["query", "item"]
WIDTH = 16
"""h: coordinates of a latent."""
ZIPF = 0.6
"""Value k of a field has a chance in proportion to k^-ZIPF."""
WAVES = 16
"""K: sines in the smooth part."""
FREQUENCY = 1.2
"""Typical length of w_k, in radians per standard deviation of the numbers."""
_GRID = 4096.0  # steps of a quantised number in 1
_ROWS = 65_536  # rows whose latents are made at once


@dataclass(frozen=True)
class Cross:
    """One planted cross: row -> (A[a] * B[b] (* C[d])) P, a vector of h, already scaled."""

    fields: tuple[int, ...]
    factors: Doubles  # (order, V, r), each of mean zero under the field's distribution
    mix: Doubles  # (r, h), P transposed

    def at(self, picks: Codes) -> Doubles:
        """The cross of every row: picks (rows, F) to (rows, h)."""
        product = self.factors[0][picks[:, self.fields[0]]]  # (rows, r)
        for factor, field in zip(self.factors[1:], self.fields[1:], strict=True):
            product = product * factor[picks[:, field]]
        return np.asarray(product @ self.mix)

    def variance(self, chances: Doubles) -> Doubles:
        """Exact variance of each coordinate, (h,), when values have these `chances` (V,).

        var_j = P_j (E[A A^T] * E[B B^T] (* E[C C^T])) P_j^T, as fields are independent.
        """
        moments = np.einsum("v,ovr,ovs->ors", chances, self.factors, self.factors).prod(axis=0)
        return np.asarray(np.einsum("rj,rs,sj->j", self.mix, moments, self.mix))


@dataclass(frozen=True)
class Waves:
    """The smooth part: x -> sum_k (sin(w_k . x + p_k) - mean_k) m_k, already scaled."""

    frequency: Doubles  # (M, K)
    phase: Doubles  # (K,)
    mix: Doubles  # (K, h)

    def at(self, numbers: Doubles) -> Doubles:
        """The smooth part of every row: numbers (rows, M) to (rows, h)."""
        return np.asarray((np.sin(numbers @ self.frequency + self.phase) - self.mean()) @ self.mix)

    def mean(self) -> Doubles:
        """E sin(w . x + p) = exp(-|w|^2 / 2) sin(p) for standard normal x, (K,)."""
        return np.asarray(np.exp(-(self.frequency**2).sum(axis=0) / 2) * np.sin(self.phase))

    def variance(self) -> Doubles:
        """Exact variance of each coordinate, (h,), from 2 sin a sin b = cos(a-b) - cos(a+b)."""
        w, p = self.frequency.T, self.phase

        def cosine(sign: int) -> Doubles:  # E cos((w_k + sign w_l) . x + p_k + sign p_l), (K, K)
            length = ((w[:, None] + sign * w[None, :]) ** 2).sum(axis=-1)
            return np.asarray(np.exp(-length / 2) * np.cos(p[:, None] + sign * p[None, :]))

        moments = (cosine(-1) - cosine(1)) / 2 - np.outer(self.mean(), self.mean())
        return np.asarray(np.einsum("kj,kl,lj->j", self.mix, moments, self.mix))


@dataclass(frozen=True)
class Law:
    """The law of one side: how a row's fields and numbers become its latent."""

    name: SideName
    chances: Doubles  # (V,), of every field
    tables: Doubles  # (F, V, h)
    planted: tuple[Cross, ...]
    waves: Waves | None

    def main(self, picks: Codes) -> Doubles:
        """Main effects: picks (rows, F) to (rows, h)."""
        each = (table[column] for table, column in zip(self.tables, picks.T, strict=True))
        return sum(each, np.zeros((len(picks), WIDTH)))

    def crossed(self, picks: Codes) -> Doubles:
        """All planted crosses together: picks (rows, F) to (rows, h)."""
        return sum((cross.at(picks) for cross in self.planted), np.zeros((len(picks), WIDTH)))

    def smooth(self, numbers: Doubles) -> Doubles:
        """The smooth part: numbers (rows, M) to (rows, h)."""
        return self.waves.at(numbers) if self.waves else np.zeros((len(numbers), WIDTH))

    def latents(self, picks: Codes, numbers: Floats) -> Floats:
        """Everything that can be known of the rows: z = main + crossed + smooth, (rows, h)."""
        latents = np.zeros((len(picks), WIDTH), np.float32)
        for rows in slices(len(picks), _ROWS):
            seen = self.main(picks[rows]) + self.crossed(picks[rows])
            latents[rows] = quantised(seen + self.smooth(numbers[rows].astype(np.float64)))
        return latents

    def truths(self, names: Sequence[str] = ()) -> tuple[PlantedCross, ...]:
        """The crosses by field name; a strength is the cross's spread, root mean square over h."""
        names = names or [field_name(self.name, field) for field in range(len(self.tables))]
        return tuple(
            PlantedCross(
                self.name,
                tuple(names[field] for field in cross.fields),
                math.sqrt(float(cross.variance(self.chances).mean())),
            )
            for cross in self.planted
        )

    def with_blank(self) -> Law:
        """The law with one value more, V, which has no effect and never comes by itself: of a field that does not
        apply."""
        crosses = (replace(c, factors=np.pad(c.factors, ((0, 0), (0, 1), (0, 0)))) for c in self.planted)
        tables = np.pad(self.tables, ((0, 0), (0, 1), (0, 0)))
        return replace(self, chances=np.append(self.chances, 0.0), tables=tables, planted=tuple(crosses))


def side_law(
    name: SideName, generator: Generator, settings: PlantedData, sets: Sequence[tuple[int, ...]] | None = None
) -> Law:
    """Draw one side; main effects, crosses and waves each from a generator of their own.

    `sets` are the fields of each cross, by default drawn.
    """
    main, crosses, waves = generator.spawn(3)
    chances = value_chances(settings.values)
    return Law(
        name,
        chances,
        _tables(main, chances, settings),
        _crosses(crosses, chances, settings, sets),
        _waves(waves, settings) if settings.numbers else None,
    )


def value_chances(values: int, skew: float = ZIPF) -> Doubles:
    """How likely each value of a field is, (V,): in proportion to k^-skew."""
    weights: Doubles = np.power(np.arange(1.0, values + 1), -skew)
    chances: Doubles = weights / weights.sum()
    return chances


def _tables(generator: Generator, chances: Doubles, settings: PlantedData) -> Doubles:
    """Main effects (F, V, h): sum_f E T_f[a_f] = 0 and sum_f Var T_f[a_f] = 1 a coordinate."""
    tables = generator.standard_normal((settings.fields, settings.values, WIDTH))
    tables -= np.einsum("v,fvj->fj", chances, tables)[:, None]
    return np.asarray(tables / np.sqrt(np.einsum("v,fvj->j", chances, tables**2)))


def _crosses(
    generator: Generator, chances: Doubles, settings: PlantedData, sets: Sequence[tuple[int, ...]] | None
) -> tuple[Cross, ...]:
    """Planted crosses of different field sets, together of variance strength^2 a coordinate.

    A factor gives the values of its field evenly spaced levels in random order. Products of
    Gaussian factors have heavy tails: a few items of long latents would take most of the choices.
    """
    if sets is None:
        every = list(combinations(range(settings.fields), settings.order))
        sets = [every[index] for index in generator.permutation(len(every))[: settings.crosses]]
    raw = []
    for chosen in sets:
        levels = np.linspace(-1, 1, settings.values)[None, :, None]
        factors = generator.permuted(np.tile(levels, (settings.order, 1, settings.rank)), axis=1)  # (order, V, r)
        factors -= np.einsum("v,ovr->or", chances, factors)[:, None]
        raw.append(Cross(chosen, factors, generator.standard_normal((settings.rank, WIDTH))))
    spread = np.sqrt(sum((cross.variance(chances) for cross in raw), np.zeros(WIDTH)))
    return tuple(Cross(cross.fields, cross.factors, settings.strength * cross.mix / spread) for cross in raw)


def _waves(generator: Generator, settings: PlantedData) -> Waves:
    """A smooth part of mean 0 and variance nonlinear^2 a coordinate."""
    frequency = generator.standard_normal((settings.numbers, WAVES))
    frequency = quantised(frequency * FREQUENCY / math.sqrt(settings.numbers))
    phase = generator.uniform(0, 2 * math.pi, WAVES)
    raw = Waves(frequency, phase, generator.standard_normal((WAVES, WIDTH)))
    return Waves(frequency, phase, settings.nonlinear * raw.mix / np.sqrt(raw.variance()))


def picked(generator: Generator, chances: Doubles, rows: int, fields: int) -> Codes:
    """Values of `fields` independent fields, numbered from 0, (rows, fields)."""
    edges = np.cumsum(chances)[:-1]
    picks = np.zeros((rows, fields), np.int32)
    for field in range(fields):
        picks[:, field] = np.searchsorted(edges, generator.random(rows), side="right")
    return picks


def normals(generator: Generator, rows: int, columns: int) -> Floats:
    """Standard normal numbers, (rows, columns), exact in float32."""
    numbers = np.zeros((rows, columns), np.float32)
    for column in range(columns):
        numbers[:, column] = quantised(generator.standard_normal(rows))
    return numbers


def quantised(values: Doubles) -> Doubles:
    """Multiples of 2^-12.

    Products and sums of such numbers are exact in float64, so no order of summation, and no last
    bit of a sine, can make one machine draw another world.
    """
    return np.asarray(np.rint(values * _GRID) / _GRID)


def slices(rows: int, step: int) -> Iterator[slice]:
    """All rows, so many at a time."""
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))


def field_name(side: SideName, field: int) -> str:
    """What a field of a planted world is called: q1 is the first of a query, i1 the first of an item."""
    return f"{side[0]}{field + 1}"
