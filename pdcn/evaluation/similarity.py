"""How alike two representations of the same rows are, and how many directions one of them uses.

Shapes: rows are examples, columns the positions of a layer.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from pdcn.arrays import Doubles, Numbers


def centred(a: Numbers) -> Doubles:
    """Each column less its mean, in double precision."""
    a = np.asarray(a, np.float64)
    return cast(Doubles, a - a.mean(0))


def linear_cka(a: Numbers, b: Numbers) -> float:
    """Linear CKA of (rows, P) and (rows, Q): 1 up to rotation, shift and common scale, 0 where nothing is shared.

    With centred columns |b'a|^2 / (|a'a| |b'b|) in Frobenius norms: Kornblith et al., ICML 2019, Eq. (4) with
    linear kernels. NaN where one of them does not vary.

    >>> a = np.array([[1.0, 0], [0, 1], [-1, -1]])
    >>> round(linear_cka(a, 3 * a[:, ::-1] + 7), 12)
    1.0
    """
    if len(a) != len(b):
        raise ValueError(f"expected the same rows in both, got {len(a)} and {len(b)}")
    a, b = centred(a), centred(b)
    scale = float(np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b))
    return float(np.linalg.norm(b.T @ a) ** 2 / scale) if scale else float("nan")


def effective_rank(a: Numbers) -> float:
    """Directions that (rows, columns) uses: exp of the entropy of its singular values' shares.

    Roy & Vetterli, EUSIPCO 2007, Eqs. (2) to (4), of the centred columns: between 1, all of it along one line, and
    the width, the same spread in every direction. 0 where nothing varies.

    >>> round(effective_rank(np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])), 12)
    2.0
    """
    a = centred(a)
    gram = a.T @ a if a.shape[1] <= len(a) else a @ a.T
    singular = np.sqrt(np.linalg.eigvalsh(gram).clip(min=0))
    total = singular.sum()
    if not total:
        return 0.0
    share = singular / total
    share = share[share > 0]
    return float(np.exp(-(share * np.log(share)).sum()))
