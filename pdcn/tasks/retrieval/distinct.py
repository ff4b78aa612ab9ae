"""Rows that are the same, found once: what is worked out for one of them then holds for all, to the last bit.

A row's sums are rounded in an order that depends on where it stands: the last rows of a chunk, a chunk of few rows and
the last columns of a product all have kernels of their own. Two rows of equal numbers can so get scores that differ in
the last bit, and no longer tie. Hence equal rows are computed once, and the result is handed to each of them.
Shapes: N rows, U different ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

CHUNK = 2_048
"""Rows whose bits are widened at once, few enough that they stay in a processor's cache."""
_FACTOR = -7_046_029_254_386_353_131  # 2^64 / golden ratio, odd: Knuth, TAOCP 3, Sec. 6.4, multiplicative hashing


@dataclass(frozen=True)
class Distinct:
    """The different rows: the `first` (U,) of each, in order; which of them each row is, `place` (N,); how often,
    `times` (U,).

    >>> alike = Distinct.of(torch.tensor([[2.0, 1.0], [0.0, 3.0], [2.0, 1.0]]))
    >>> alike.first.tolist(), alike.place.tolist(), alike.times.tolist()
    ([0, 1], [0, 1, 0], [2, 1])
    """

    first: Tensor
    place: Tensor
    times: Tensor

    @classmethod
    def of(cls, *columns: Tensor) -> Distinct:
        """The different rows of tables (N, W) beside each other, of 32-bit whole numbers or floats; -0 equals 0."""
        rows = len(columns[0])
        _, place, times = torch.unique(_hash(columns), return_inverse=True, return_counts=True)
        if len(times) == rows:
            order = torch.arange(rows, device=place.device)
            return cls(order, order, torch.ones_like(order))
        found = cls._in_order(place, times)
        if not all(torch.equal(table[found.first][found.place], table) for table in columns):  # a collision, or NaN
            every = torch.cat([table.double() for table in columns], dim=1)
            _, place, times = torch.unique(every, dim=0, return_inverse=True, return_counts=True)
            found = cls._in_order(place, times)
        return found

    @classmethod
    def _in_order(cls, place: Tensor, times: Tensor) -> Distinct:
        """Different rows in the order in which they first come, not in that of their hashes."""
        rows = torch.arange(len(place), device=place.device)
        first = torch.full_like(times, len(place)).scatter_reduce_(0, place, rows, "amin")
        order = first.argsort()
        back = torch.empty_like(order)
        back[order] = torch.arange(len(order), device=order.device)
        return cls(first[order], back[place], times[order])

    def __len__(self) -> int:
        return len(self.first)

    @property
    def repeats(self) -> bool:
        """Whether any row comes twice."""
        return len(self.first) < len(self.place)


def _hash(columns: tuple[Tensor, ...]) -> Tensor:
    """A whole number (N,) for each row, the same for equal rows: a sum of its bits times factors, modulo 2^64
    (multilinear hashing: Lemire & Kaser, "Strongly universal string hashing is fast", 2014); by chunks, so that no wide
    copy is held."""
    found = torch.zeros(len(columns[0]), dtype=torch.int64, device=columns[0].device)
    for table in columns:
        factors = _factors(table.shape[1]).to(table.device)
        for rows, hashes in zip(torch.split(table, CHUNK), torch.split(found, CHUNK), strict=True):
            bits = (rows.float() + 0.0).view(torch.int32) if rows.is_floating_point() else rows
            # PyTorch has no product of whole numbers on a GPU
            own = torch.mv(bits.long(), factors) if bits.is_cpu else (bits.long() * factors).sum(1)
            hashes.copy_(hashes * _FACTOR + own)
    return found


@cache
def _factors(width: int) -> Tensor:
    """An odd factor (width,) for each column, drawn once."""
    generator = torch.Generator().manual_seed(0)
    return torch.randint(-(2**63), 2**63 - 1, (width,), generator=generator, dtype=torch.int64) | 1
