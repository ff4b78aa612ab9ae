"""The synthetic experiments of the DCN-V2 paper (arXiv 2008.13535, RQ1), repeated with this project's layers.

Three tables: functions of the second order that get harder, a function of the orders 1 to 4 that wants depth, and
homogeneous polynomials that want the bias and the residual (Fig. 4). Features are uniform in [-1, 1]. The paper states
neither the random weights, nor how many features the second function has, nor how it trained. Here weights are normal,
with a standard deviation of 1, and of 0.2 in the second table, where one layer then errs about as much as in the
paper. The second function has 100 features, as the largest of the first table: of few features, terms share so many
that three layers cannot hold all of them.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from multiprocessing import active_children, get_context
from typing import Any

import numpy as np
import pandas as pd

from pdcn.arrays import Doubles
from pdcn.files import read_json
from pdcn.host import cores
from pdcn.research import words as say
from pdcn.research.findings import FOLDER
from pdcn.words import listed

NAME = "dcnv2-synthetic"
SEEDS = 5
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


def run(tick: Callable[[Entry, int], object], entries: Sequence[Entry], seeds: int) -> dict[str, Any]:
    """Train every entry from every seed, a process a core; `tick` is told of each that is through."""
    from pdcn.research.fitting import fitted
    from pdcn.runs.result import made_on

    pairs = [(entry, seed) for entry in entries for seed in range(seeds)]
    with ProcessPoolExecutor(min(cores(), len(pairs)), get_context("spawn"), initializer=_deaf) as pool:
        try:
            waiting = [pool.submit(fitted, *pair) for pair in pairs]
            found = []
            for pair, one in zip(pairs, waiting, strict=True):
                found.append(one.result())
                tick(*pair)
        except BaseException:
            for child in active_children():
                child.terminate()
            raise
    rows = []
    for at, entry in enumerate(entries):
        own = found[at * seeds : (at + 1) * seeds]
        kept = {name: [getattr(one, name) for one in own] for name in ("rmse", "spread", "seconds")}
        rows.append({**asdict(entry), "parameters": own[0].parameters, **kept})
    return {"name": NAME, "command": f"python -m pdcn study {NAME}", "made_on": made_on(), "rows": rows}


def _deaf() -> None:
    """Ctrl-C goes to all processes at once; who started this one ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def frame(record: Mapping[str, Any]) -> pd.DataFrame:
    """A row an entry: `table`, `target`, `model`, `layers`, the mean `rmse` with its `low` and `high` over seeds, the
    `spread` of what is to be learned, `parameters`, and `published` and `published_size` where the paper has them."""
    rows = []
    for row in record["rows"]:
        seeds = row["rmse"]
        rows.append(
            {
                **{name: row[name] for name in ("table", "target", "model", "layers", "parameters")},
                "rmse": float(np.mean(seeds)),
                "low": min(seeds),
                "high": max(seeds),
                "spread": float(np.mean(row["spread"])),
                "published": row["published"],
                "published_size": row["published_size"],
            }
        )
    return pd.DataFrame(rows)


def bundled_frame() -> pd.DataFrame | None:
    """The tidy rows of the study that comes with the project; None where none does."""
    record = read_json(FOLDER / f"{NAME}.json")
    return frame(record) if isinstance(record, dict) else None


def answer(rows: pd.DataFrame) -> list[str]:
    """What the rows of `frame` say, a sentence a table."""

    def errors(**wanted: object) -> pd.Series[float]:
        chosen = rows
        for name, value in wanted.items():
            chosen = chosen[chosen[name] == value]
        return chosen["rmse"]

    second = rows[rows["target"].isin(["f1", "f2", "f3"])]
    exact, shallow = (second[(second["model"] == model) & (second["layers"] == 1)] for model in ("DCN-V2", "DNN"))
    depth, deep = (errors(target="orders 1-4", model=model) for model in ("DCN-V2", "DNN"))
    published = rows[(rows["target"] == "orders 1-4") & (rows["model"] == "DCN-V2")]["published"]
    bare, whole = (errors(target="order 3", model=model) for model in ("x0 * (W x)", "DCN-V2"))
    return [
        say.ONE_LAYER(
            ours=f"{exact['rmse'].max():.1e}",
            published=f"{exact['published'].max():.1e}",
            mlp=f"{shallow['rmse'].min():.2g}",
        ),
        say.DEPTH(ours=_listed(depth), published=_listed(published), mlps=_listed(deep)),
        say.BIAS(bare=_listed(bare), whole=_listed(whole)),
    ]


def _listed(errors: pd.Series[float]) -> str:
    return listed(f"{error:.3g}" for error in errors)
