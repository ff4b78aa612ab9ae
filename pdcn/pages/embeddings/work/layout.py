"""Maps: vectors brought down to two or three dimensions, made comparable, and held against the full space.

UMAP is imported where it is used: its import and its first map take tens of seconds (numba compiles them).
Shapes: n points, H width, d dimensions of the map.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy.linalg import orthogonal_procrustes
from scipy.sparse import csr_matrix

from pdcn.arrays import Doubles, Floats, Ints, Numbers
from pdcn.evaluation.near import chances, different
from pdcn.pages.embeddings import words as say
from pdcn.pages.embeddings.work.space import unit_rows
from pdcn.settings import SettingError

Map = Floats

POOR = 0.9
"""A map below this trustworthiness says so. A map drawn by lot scores about 0.5: at 0.9 a fifth of that error is
left."""
NEAREST = 10
CHUNK = 10_000_000
FEW_ASKED = 32
"""So many distances are looked up one by one; more are, in an order of all."""


def pca(vectors: Numbers, dimensions: int) -> Map:
    """The directions that spread (n, H) most, (n, d), centred; each turned so that its largest weight is positive.

    By eigenvectors of the (H, H) covariance, in milliseconds: it is what a page draws first.
    """
    centred = np.asarray(vectors, np.float64) - np.mean(vectors, axis=0, dtype=np.float64)
    _, directions = np.linalg.eigh(centred.T @ centred)
    first = directions[:, ::-1][:, :dimensions]  # (H, d)
    largest = np.abs(first).argmax(0)
    first = first * np.sign(first[largest, np.arange(first.shape[1])])
    found = np.zeros((len(centred), dimensions), np.float32)  # narrower outputs than the map leave zeros
    found[:, : first.shape[1]] = centred @ first
    return found


def rotation(fixed: Numbers, moving: Numbers) -> Doubles:
    """The rotation or mirroring (d, d) that brings centred `moving` (n, d) closest to centred `fixed`.

    Orthogonal Procrustes (Schoenemann 1966); distances within a map stay as they are.
    """
    fixed, moving = np.asarray(fixed, np.float64), np.asarray(moving, np.float64)
    turned, _ = orthogonal_procrustes(moving - moving.mean(0), fixed - fixed.mean(0))
    return cast(Doubles, turned)


def turn_onto(fixed: Numbers, moving: Numbers) -> Map:
    """`moving` (n, d) centred and turned so that its points lie closest to those of `fixed`."""
    centred = np.asarray(moving, np.float64) - np.mean(moving, axis=0)
    return cast(Map, (centred @ rotation(fixed, moving)).astype(np.float32))


INNER = 0.9


def drawn_in(maps: list[Map]) -> list[Map]:
    """The maps (n, d) with what lies far out drawn nearer, all by one rule, so that positions still compare.

    UMAP throws small groups of near equals far out, by a distance that means nothing, and all others would be drawn
    tiny. Beyond the radius r that holds INNER of all points, a distance d from the middle becomes r (1 + ln(d / r)).
    """
    every = np.concatenate(maps)
    middle = np.median(every, axis=0)
    radius = float(np.quantile(np.linalg.norm(every - middle, axis=1), INNER))
    found = []
    for drawn in maps:
        away = drawn - middle
        far = np.linalg.norm(away, axis=1, keepdims=True) / (radius or 1.0)
        beyond = np.maximum(far, 1.0)
        found.append((middle + away * (1 + np.log(beyond)) / beyond).astype(np.float32))
    return found


def displacement(one: Numbers, other: Numbers) -> float:
    """How far apart the same point lies in two maps, as a share of how far apart two points drawn by lot lie.

    Medians, of centred maps (n, d). 0: the same picture; 1: knowing one says nothing about the other.
    """
    one, other = one - one.mean(0), other - other.mean(0)
    shuffled = np.random.default_rng(0).permutation(len(one))
    by_lot = float(np.median(np.linalg.norm(one - other[shuffled], axis=1)))
    same = float(np.median(np.linalg.norm(one - other, axis=1)))
    return same / by_lot if by_lot else float("nan")


@dataclass(frozen=True)
class Faith:
    """How far a map can be trusted. `trust` is its trustworthiness; `kept` the share of the true nearest that are
    nearest on it; both over `rows` points, each held against all."""

    trust: float
    kept: float
    rows: int

    @property
    def poor(self) -> bool:
        """Whether the map must not be read without a warning."""
        return self.trust < POOR


def faith(vectors: Numbers, drawn: Numbers, k: int = NEAREST) -> Faith:
    """How well a map (n, d) keeps who is near whom in (n, H), by angle.

    Trustworthiness: Venna & Kaski 2001, Eq. (1), as in scikit-learn: 1 less the ranks, beyond k, that the map's k
    nearest have in the full space. scikit-learn ranks all points for all; here the rows are sampled and each is
    ranked among all, so that it takes a moment even with 100,000 points. Ties, on the map and in the full space, are
    drawn by lot each for itself, and both numbers are what the draws give on average.
    """
    unit, drawn = unit_rows(vectors).astype(np.float64), np.asarray(drawn, np.float64)
    n = len(unit)
    k = min(k, (n - 1) // 2)
    if k < 1:
        return Faith(1.0, 1.0, n)
    many = min(n, 1_000, max(100, CHUNK // n))
    rows = np.sort(np.random.default_rng(0).choice(n, many, replace=False))
    lost = kept = 0.0
    full, flat = different(unit), different(drawn)
    size = max(1, CHUNK // n)
    for at in range(0, many, size):
        own = rows[at : at + size]
        far = _squared_distances(unit[own], unit[full[0]])
        true = chances(-far, full[2], [k], full[1][own])[k]
        near = -_squared_distances(drawn[own], drawn[flat[0]])
        shown = chances(near, flat[2], [k], flat[1][own])[k]
        for row, point in enumerate(own):
            chance, beside = _members(shown, row, flat)  # every point that may be drawn as near
            chance, beside = chance[beside != point], beside[beside != point]
            place = full[1][beside]
            kept += float((chance * true[row].toarray()[0, place]).sum())
            lost += float((chance * _beyond(far[row], full[2], int(full[1][point]), place, k)).sum())
    worst = many * k * (2 * n - 3 * k - 1) / 2
    return Faith(1 - lost / worst, kept / (many * k), many)


def _members(chance: csr_matrix, row: int, alike: tuple[Ints, Ints, Ints]) -> tuple[Numbers, Ints]:
    """The points with a chance in a row (1, U) of different ones, and their chances."""
    (first, place, _), own = alike, chance[row]
    if len(first) == len(place):
        return own.data, first[own.indices]
    every = own.toarray()[0]
    points = np.flatnonzero(every[place])
    return every[place[points]], points


def _beyond(far: Numbers, times: Ints, own: int, asked: Ints, k: int) -> Doubles:
    """How far beyond k the ranks of the `asked` lie on average, by distance (U,) of different rows of so many `times`.

    Ranks count from 1 and leave out one of the `own` rows. The m rows of one distance that follow b nearer ones have
    the ranks b + 1 to b + m, in any order.
    """
    each = times.astype(np.float64)
    each[own] -= 1
    wanted, back = np.unique(far[asked], return_inverse=True)
    if len(wanted) <= FEW_ASKED:
        before, upto = (far < wanted[:, None]) @ each, (far <= wanted[:, None]) @ each
    else:
        order = np.argsort(far)
        reached = np.concatenate(([0], each[order].cumsum()))
        before, upto = (reached[np.searchsorted(far[order], wanted, side)] for side in ("left", "right"))
    low, high = (before + 1 - k).clip(min=1), (upto - k).clip(min=0)
    total = np.where(high > 0, (high * (high + 1) - low * (low - 1)) / 2, 0.0)
    return (total / np.maximum(upto - before, 1))[back]


def _squared_distances(of: Numbers, among: Numbers) -> Numbers:
    lengths = (of**2).sum(1)[:, None] + (among**2).sum(1)
    return cast(Numbers, lengths - 2 * of @ among.T)


def nearest_by_angle(vectors: Numbers, k: int) -> tuple[Ints, Floats]:
    """Indices and distances (n, k) of the nearest rows, each row itself first; exact."""
    from sklearn.neighbors import NearestNeighbors

    unit = unit_rows(vectors)
    distances, found = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(unit).kneighbors(unit)
    return found, distances


def import_umap() -> Any:
    """The umap package; `SettingError` where it can't be imported."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about Tensorflow, which only its parametric sister needs
            import umap
    except Exception as error:  # numba fails in its own ways on machines that it does not know
        raise SettingError(say.NO_UMAP(why=error)) from None
    return umap


def umap_map(
    vectors: Numbers,
    near: tuple[Ints, Floats],
    *,
    dimensions: int,
    distance: float,
    draw: int,
    start: Numbers | None = None,
    epochs: int | None = None,
) -> Map:
    """UMAP (McInnes et al. 2018) of (n, H) by angle from the neighbours `near`, (n, d), centred.

    `start` (n, d) lets it begin at another map: what both have in common then lies in the same place, without a
    force that pulls them together. `draw` makes it repeatable; `epochs` are UMAP's own choice unless given.
    """
    found, distances = near
    if not 2 <= found.shape[1] <= len(vectors):
        raise SettingError(say.TOO_FEW_POINTS(points=len(vectors)))
    umap = import_umap()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about transforming new points, which nobody asks of it
        drawn = umap.UMAP(
            n_neighbors=found.shape[1],
            min_dist=distance,
            n_components=dimensions,
            random_state=draw,
            n_jobs=1,
            init="spectral" if start is None else np.array(start, np.float32),
            n_epochs=epochs,
            precomputed_knn=(found, distances),
            force_approximation_algorithm=True,
        ).fit_transform(unit_rows(vectors))
    lost = ~np.isfinite(drawn).all(1)  # points with no neighbour at all
    drawn[lost] = 0.0
    return cast(Map, (drawn - drawn.mean(0)).astype(np.float32))
