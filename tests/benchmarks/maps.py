"""Measures the maps: python tests/benchmarks/maps.py [--points 100000]

First which way of aligning two arms' UMAP of the showcase is best (each by itself and turned, begun at the other's, or
AlignedUMAP): trustworthiness of both maps, and how far the same item lies from its twin (1: as far as by lot). Then how
long the server needs for a map of so many points, and how many bytes go to the browser.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[2]))

from pdcn.analysis.layout import displacement, faith, nearest_by_angle, pca, turn_onto, umap_map
from pdcn.analysis.space import unit_rows
from pdcn.figures.maps import Colouring, map_figure, span
from pdcn.files import SHOWCASE
from pdcn.studies.folder import RunFolder
from pdcn.studies.inspection.space import item_vectors
from pdcn.studies.opened import Opened
from pdcn.training.device import one_thread

HOW = {"dimensions": 2, "distance": 0.1, "draw": 0}


def alignments() -> None:
    """Each way of aligning, on the items of the showcase."""
    run = Opened(RunFolder(SHOWCASE))
    one, other = (item_vectors(run.model(arm, 0), run.data) for arm in run.arms)
    near = [nearest_by_angle(vectors, 15) for vectors in (one, other)]
    umap_map(one, near[0], **HOW)  # compiles
    rows = []
    for name in ("turned", "begun at the left", "AlignedUMAP"):
        began = time.perf_counter()
        if name == "AlignedUMAP":
            from umap import AlignedUMAP

            same = [{at: at for at in range(len(one))}]
            mapper = AlignedUMAP(n_neighbors=15, min_dist=0.1, random_state=0)
            left, right = map(
                np.asarray, mapper.fit([unit_rows(one), unit_rows(other)], relations=same).embeddings_
            )
        else:
            left = umap_map(one, near[0], **HOW)
            right = umap_map(other, near[1], **HOW, start=None if name == "turned" else left)
        seconds = time.perf_counter() - began
        apart = displacement(left, turn_onto(left, right))
        trust = [faith(vectors, drawn).trust for vectors, drawn in ((one, left), (other, right))]
        rows.append((name, *trust, apart, seconds))
    print(
        pd.DataFrame(rows, columns=["way", "trust left", "trust right", "apart", "seconds"])
        .round(3)
        .to_string(index=False)
    )


def many(points: int) -> None:
    """A map of so many points, from vectors to what the browser gets."""
    vectors = np.random.default_rng(0).normal(size=(points, 32)).astype(np.float32)
    marks: list[tuple[str, float]] = []

    def mark(what: str, since: float) -> float:
        now = time.perf_counter()
        marks.append((what, now - since))
        return now

    at = time.perf_counter()
    drawn = pca(vectors, 2)
    at = mark("PCA", at)
    faith(vectors, drawn)
    at = mark("trustworthiness", at)
    colouring = Colouring.of(pd.Series(np.arange(points) % 12).astype(str), "Field")
    names = [f"Category {at % 100} — Type {at % 1000} · National (#{at})" for at in range(points)]
    figure = map_figure(drawn, np.arange(points), names, colouring, window=span(drawn))
    at = mark("figure", at)
    size = len(figure.to_json())
    mark("JSON", at)
    print(
        json.dumps(
            {"points": points, "megabytes": round(size / 1e6, 1), **{what: round(s, 2) for what, s in marks}}
        )
    )


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=100_000)
    points = parser.parse_args().points
    one_thread()
    warnings.simplefilter("ignore")
    many(points)
    alignments()


if __name__ == "__main__":
    main()
