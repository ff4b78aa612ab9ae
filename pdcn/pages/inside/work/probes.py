"""Linear probes: what of each input field can still be read from a layer, on rows that the probe never saw.

A number is read by ridge regression, its score is R². A category is read by the ridge-penalised linear discriminant
(Hastie, Buja & Tibshirani, Annals of Statistics 1995): class means and one covariance within classes, so it is in
closed form like the ridge and has no trouble with hundreds of values. Its score is (accuracy - majority) / (1 -
majority), where majority is the accuracy of always saying the commonest value: 1 is all of the field, 0 nothing more
than that, however lopsided the field. Columns are standardised on the rows that the probe learns from.

Penalty: width of the layer / rows learned from, in units of a column's variance: the more a wide layer could learn by
heart, the more it is held back. On the showcase run, a penalty a hundred times smaller moves no point's mean over its
fields by more than two points.

Shapes: n rows, w the width of a layer, V values of a field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

from pdcn.arrays import Flags, Ints, Numbers
from pdcn.pages.inside.work import words as say
from pdcn.sources.encoded_table import Table

NEVER = -1
"""The fold of rows that are only learned from."""
LEAST = 0.5
"""A field is probed where at least this share of the judged rows has a value that the probe has met."""
MINORITY = 30
"""A category is probed where at least so many judged rows have another value than the commonest."""
FOLDS = 5


@dataclass(frozen=True)
class Field:
    """A field to read back: its name, label, kind, how many values, and its column (n,) of codes or numbers."""

    name: str
    label: str
    kind: str
    values: int
    column: NDArray[Any]


@dataclass(frozen=True)
class JudgedField:
    """A field with the folds (n,) by which it is judged; `split` says in words how rows were held out."""

    field: Field
    fold: Ints
    split: str
    judged: Flags  # (n,) rows that count


def fields_of(table: Table, rows: Ints) -> list[Field]:
    """The fields of some rows of a table."""
    codes, values = table.codes[rows], table.values[rows]
    return [
        *(
            Field(f.name, f.label, "category", len(f.values), codes[:, at].astype(np.int64))
            for at, f in enumerate(table.categories)
        ),
        *(
            Field(f.name, f.label, "bag", len(f.values), held[rows])
            for f, held in zip(table.bags, table.held, strict=True)
        ),
        *(Field(f.name, f.label, "number", 0, values[:, at].astype(np.float64)) for at, f in enumerate(table.numbers)),
    ]


def third_by(group: Ints) -> Ints:
    """Folds (n,): 0 for the rows of a third of the groups, drawn by lot, `NEVER` for the rest."""
    groups, index = np.unique(group, return_inverse=True)
    held = np.zeros(len(groups), bool)
    held[np.random.default_rng(0).permutation(len(groups))[: max(1, len(groups) // 3)]] = True
    return np.where(held[index], 0, NEVER).astype(np.int64)


def crossed(rows: int) -> Ints:
    """Folds (rows,) of a cross-validation in which every row is judged once."""
    return np.random.default_rng(0).permutation(rows).astype(np.int64) % FOLDS


def judged_fields(fields: list[Field], splits: Mapping[str, Ints]) -> tuple[list[JudgedField], dict[str, str]]:
    """Each field with the first of the splits (by its words) that can judge it; fields without one, and why.

    A split can judge a field where enough of the judged rows have a value that occurs among the rows learned from:
    a household is never known from other households. Rows with a value never met are not counted.
    """
    asked, left_out = [], {}
    for field in fields:
        if field.kind == "bag":
            left_out[field.label] = say.SEVERAL_VALUES
            continue
        if len(np.unique(field.column)) < 2:
            left_out[field.label] = say.ONE_VALUE
            continue
        why = ""
        for split, fold in splits.items():
            judged = _known(field, fold)
            if judged.sum() < LEAST * (fold != NEVER).sum():
                why = why or say.HARDLY_TWICE
            elif field.kind == "category" and judged.sum() - np.bincount(field.column[judged]).max() < MINORITY:
                why = say.LOPSIDED(rows=MINORITY)
            else:
                asked.append(JudgedField(field, fold, split, judged))
                break
        else:
            left_out[field.label] = why
    return asked, left_out


def _known(field: Field, fold: Ints) -> Flags:
    judged: Flags = fold != NEVER
    if field.kind == "number":
        return judged
    for one in np.unique(fold[judged]):
        held = fold == one
        judged[held] = np.isin(field.column[held], field.column[~held])
    return judged


def probe(layer: Numbers, asked: list[JudgedField]) -> pd.DataFrame:
    """What a layer (n, w) keeps of each field: columns field, label, kind, values, split, rows, majority, score.

    `rows` are those judged, over all folds together; `majority` is NaN for a number.
    """
    found: dict[int, list[Any]] = {place: [] for place in range(len(asked))}
    for fold, one in {(q.fold.tobytes(), f): (q.fold, f) for q in asked for f in np.unique(q.fold) if f >= 0}.values():
        learn = fold != one
        fit = Fitted.of(np.asarray(layer, np.float64)[learn])
        z = fit.scaled(layer[~learn])  # (held, w)
        for place, q in enumerate(asked):
            if not np.array_equal(q.fold, fold):
                continue
            target, counted = q.field.column, q.judged[~learn]
            read = fit.number if q.field.kind == "number" else fit.category
            said = read(target[learn], z[counted])
            plain = target[learn].mean() if q.field.kind == "number" else np.bincount(target[learn]).argmax()
            truth = target[~learn][counted]
            found[place].append((truth, said, np.full(len(truth), plain)))
    rows = []
    for place, q in enumerate(asked):
        truth, said, plain = (np.concatenate(parts) for parts in zip(*found[place], strict=True))
        if q.field.kind == "number":
            majority, score = np.nan, 1 - ((truth - said) ** 2).sum() / ((truth - plain) ** 2).sum()
        else:
            majority = float((truth == plain).mean())
            score = ((truth == said).mean() - majority) / (1 - majority)
        rows.append(
            (q.field.name, q.field.label, q.field.kind, q.field.values, q.split, len(truth), majority, float(score))
        )
    return pd.DataFrame(rows, columns=["field", "label", "kind", "values", "split", "rows", "majority", "score"])


@dataclass(frozen=True)
class Fitted:
    """Standardised rows z (n, w) to learn from, with z'z / n (w, w) and the penalty."""

    z: Numbers
    gram: Numbers
    mean: Numbers
    spread: Numbers
    penalty: float

    @classmethod
    def of(cls, layer: Numbers) -> Fitted:
        """From the rows (n, w) of a layer; a column that does not vary is zero."""
        mean, spread = layer.mean(0), layer.std(0)
        spread = np.where(spread > 1e-9 * max(1.0, float(np.abs(layer).max())), spread, np.inf)
        z = (layer - mean) / spread
        return cls(z, z.T @ z / len(z), mean, spread, layer.shape[1] / len(layer))

    def scaled(self, layer: Numbers) -> Numbers:
        """Other rows on the same scale."""
        return (layer - self.mean) / self.spread

    def number(self, target: Numbers, z: Numbers) -> Numbers:
        """Ridge: what the target (n,) is said to be on rows z (m, w)."""
        middle = target.mean()
        weights = self._solve(self.gram, self.z.T @ (target - middle) / len(target))
        said: Numbers = z @ weights + middle
        return said

    def category(self, target: Ints, z: Numbers) -> Ints:
        """Linear discriminant: the likeliest value of rows z (m, w), of those that target (n,) has."""
        values, index, counts = np.unique(target, return_inverse=True, return_counts=True)
        n = len(target)
        which = csr_matrix((np.ones(n), (index, np.arange(n))), shape=(len(values), n))
        means = (which @ self.z) / counts[:, None]  # (V, w)
        within = self.gram - (means.T * counts) @ means / n
        toward = self._solve(within, means.T)  # (w, V)
        score = z @ toward + (np.log(counts / n) - (means.T * toward).sum(0) / 2)  # (m, V)
        said: Ints = values[score.argmax(1)]
        return said

    def _solve(self, gram: Numbers, right: Numbers) -> Numbers:
        solved: Numbers = cho_solve(cho_factor(gram + self.penalty * np.eye(len(gram))), right)
        return solved
