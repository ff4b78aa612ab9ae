"""What the synthetic experiments of the DCN-V2 paper learn (arXiv 2008.13535, RQ1), and every number of its tables.

Features are uniform in [-1, 1]. The paper states neither the random weights nor how many features the second function
has. Here weights are normal, with a standard deviation of 1, and of 0.2 in the second table, where one layer then errs
about as much as in the paper. The second function has 100 features, as the largest of the first table: of few features,
terms share so many that three layers cannot hold all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pdcn.arrays import Doubles

HARDER = "crosses that get harder"
"""The first table."""
Term = tuple[int, ...]


@dataclass(frozen=True)
class Target:
    """sum_t c_t prod_{i in t} x_i, with `wave` w also x.w + 0.1 sin(2 x.w + 0.1), and noise of that deviation.

    >>> float(Target(3, ((0, 0), (1, 2)), np.array([1.0, 2.0]))(np.array([[3.0, 5.0, 7.0]]))[0])  # 3 * 3 + 2 * 5 * 7
    79.0
    """

    width: int
    terms: tuple[Term, ...]
    coefficients: Doubles
    wave: Doubles | None = None
    noise: float = 0.0

    def __call__(self, x: Doubles) -> Doubles:
        """Its values (N,) at x (N, width), without noise."""
        one = np.concatenate((x, np.ones((len(x), 1))), axis=1)
        y: Doubles = one[:, self.index].prod(-1) @ self.coefficients  # (N, T, order) -> (N,)
        if self.wave is not None:
            line = x @ self.wave
            y = y + line + 0.1 * np.sin(2 * line + 0.1)
        return y

    @property
    def index(self) -> Any:
        """(T, order): the features of each term, filled up with the one that stands behind the last."""
        longest = max(map(len, self.terms))
        return np.array([[*term, *[self.width] * (longest - len(term))] for term in self.terms])


def f1(draws: np.random.Generator) -> Target:
    """x1^2 + x1 x2 + x3 x1 + x4 x1: one feature in every cross."""
    return Target(4, ((0, 0), (0, 1), (0, 2), (0, 3)), np.ones(4))


def f2(draws: np.random.Generator) -> Target:
    """x1^2 + 0.1 x1 x2 + x2 x3 + 0.1 x3^2: crosses of unlike strength."""
    return Target(3, ((0, 0), (0, 1), (1, 2), (2, 2)), np.array([1, 0.1, 1, 0.1]))


def f3(draws: np.random.Generator) -> Target:
    """A hundred random crosses of a hundred features."""
    return Target(100, drawn_terms(draws, 100, 2, 100), draws.normal(size=100))


def combined(draws: np.random.Generator) -> Target:
    """Random crosses of the orders 1 to 4 of a hundred features, a sine, and noise of 0.01."""
    terms = sum((drawn_terms(draws, 100, order, count) for order, count in ((2, 20), (3, 10), (4, 5))), ())
    wave = draws.normal(size=100)
    wave *= 0.63 / np.linalg.norm(wave)  # 2 x.w deviates by 0.73: the sine bends, and no order above 4 matters
    return Target(100, terms, draws.normal(0, 0.2, len(terms)), wave, 0.01)


def order3(draws: np.random.Generator) -> Target:
    """Twenty random crosses of three of fifty features."""
    return Target(50, drawn_terms(draws, 50, 3, 20), draws.normal(size=20))


def order4(draws: np.random.Generator) -> Target:
    """Twenty random crosses of four of fifty features."""
    return Target(50, drawn_terms(draws, 50, 4, 20), draws.normal(size=20))


def drawn_terms(draws: np.random.Generator, width: int, order: int, count: int) -> tuple[Term, ...]:
    """So many different crosses of an order; a feature may stand in one more than once."""
    found: set[Term] = set()
    while len(found) < count:
        found.add(tuple(sorted(draws.integers(width, size=order).tolist())))
    return tuple(sorted(found))


TARGETS: Mapping[str, Callable[[np.random.Generator], Target]] = {
    **{"f1": f1, "f2": f2, "f3": f3},
    **{"orders 1-4": combined, "order 3": order3, "order 4": order4},
}


@dataclass(frozen=True)
class Entry:
    """One number of a table: a model of so many layers on a function, with what was published of it."""

    table: str
    target: str
    model: str
    layers: int
    published: float | None = None
    published_size: str = ""
    deep: tuple[int, ...] = field(default=(), kw_only=True)

    @property
    def exact(self) -> bool:
        """Whether its weights are solved for to the last digit, and not trained by Adam."""
        return not self.deep and self.table == HARDER


def _entries() -> list[Entry]:
    first = HARDER
    found = [
        Entry(first, "f1", "DCN", 1, 8.9e-13, "12"),
        Entry(first, "f1", "DCN-V2", 1, 5.1e-13, "24"),
        Entry(first, "f1", "DNN", 1, 2.7e-2, "24", deep=(4,)),
        Entry(first, "f1", "DNN, large", 2, 4.7e-3, "41K", deep=(200, 200)),
        Entry(first, "f2", "DCN", 1, 1.0e-1, "9"),
        Entry(first, "f2", "DCN-V2", 1, 4.5e-15, "15"),
        Entry(first, "f2", "DNN", 1, 3.0e-2, "15", deep=(3,)),
        Entry(first, "f2", "DNN, large", 2, 1.4e-3, "41K", deep=(200, 200)),
        Entry(first, "f3", "DCN", 1, 2.6, "300"),
        Entry(first, "f3", "DCN-V2", 1, 6.7e-7, "10K"),
        Entry(first, "f3", "DNN", 1, 2.7e-1, "10K", deep=(100,)),
        Entry(first, "f3", "DNN, large", 3, 7.8e-2, "758K", deep=(1024, 512, 256)),
    ]
    second = "layers on orders 1 to 4"
    published = {"DCN-V2": (0.143, 0.0289, 0.00982, 0.00987, 0.00992), "DNN": (0.132, 0.103, 0.103, 0.109, 0.105)}
    for model, values in published.items():
        for layers, value in enumerate(values, 1):
            deep = (100,) * layers if model == "DNN" else ()
            found.append(Entry(second, "orders 1-4", model, layers, value, deep=deep))
    third = "bias and residual"
    for order in ("order 3", "order 4"):
        found += [Entry(third, order, model, layers) for model in ("x0 * (W x)", "DCN-V2") for layers in (1, 2, 3, 4)]
    return found


ENTRIES = _entries()
"""Every number, table by table."""
