"""Measures the maps: python tests/benchmarks/maps.py [--points 100000]

First which way of aligning two arms' UMAP of the showcase is best (each by itself and turned, begun at the other's, or
AlignedUMAP): trustworthiness of both maps, and how far the same item lies from its twin (1: as far as by lot). Then how
long the server needs for a map of so many points, and how many bytes go to the browser. Then what a real tab (Chromium,
without a graphics card) makes of two such maps: the longest time that it answers nobody, while they are drawn and while
a lasso is drawn around some, of all points and of the `DRAWN` that the page draws at most.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

sys.path.insert(0, str(Path(__file__).parents[2]))

from pdcn.files import SHOWCASE
from pdcn.pages.embeddings.figures.maps import DRAWN, Colouring, map_figure, span
from pdcn.pages.embeddings.work.layout import displacement, faith, nearest_by_angle, pca, turn_onto, umap_map
from pdcn.pages.embeddings.work.space import unit_rows
from pdcn.pages.embeddings.work.space_job import item_vectors
from pdcn.runs.folder import RunFolder
from pdcn.runs.trained import TrainedRun
from pdcn.training.device import one_thread
from tests.browser.driver import browser

HOW: dict[str, Any] = {"dimensions": 2, "distance": 0.1, "draw": 0}


def alignments() -> None:
    """Each way of aligning, on the items of the showcase."""
    run = TrainedRun(RunFolder(SHOWCASE))
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
            left, right = map(np.asarray, mapper.fit([unit_rows(one), unit_rows(other)], relations=same).embeddings_)
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


WATCH = """
window.longest = 0;
let last = performance.now();
setInterval(() => { const now = performance.now(); longest = Math.max(longest, now - last - 10); last = now; }, 10);
"""


def tab(figure: go.Figure) -> dict[str, float]:
    """Seconds that a tab with two of these maps takes to draw them, and at most does not answer meanwhile and in a
    lasso."""
    chart, found = figure.to_json(), {}
    with tempfile.TemporaryDirectory() as folder, browser() as chrome:
        path = Path(folder) / "maps.html"
        path.write_text(
            f"<script>{get_plotlyjs()}</script><script>{WATCH}const figure = {chart}; let drawn = 0;</script>"
            + "".join(f'<div id="map{at}" style="width:600px"></div>' for at in (0, 1))
            + "<script>const began = performance.now(); setTimeout(async () => { for (const id of ['map0', 'map1']) "
            "await Plotly.newPlot(id, structuredClone(figure)); requestAnimationFrame(() => setTimeout(() => { drawn = "
            "performance.now() - began; })); }, 50);</script>"
        )
        page = chrome.new_page(viewport={"width": 1400, "height": 1100})
        page.goto(path.as_uri())
        page.wait_for_function("drawn > 0", timeout=120_000)
        page.wait_for_timeout(500)
        found["drawn"] = page.evaluate("drawn / 1000")
        found["longest while drawn"] = page.evaluate("longest / 1000")
        box = page.locator("#map0 .nsewdrag").bounding_box()
        assert box
        x, y, side = box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.4, box["height"] * 0.2
        page.evaluate("longest = 0")
        page.mouse.move(x, y)
        page.mouse.down()
        for dx, dy in ((side, 0), (side, side), (0, side), (0, 5)):
            page.mouse.move(x + dx, y + dy, steps=3)
        page.mouse.up()
        page.wait_for_timeout(500)
        found["longest in a lasso"] = page.evaluate("longest / 1000")
    return {name: round(seconds, 2) for name, seconds in found.items()}


def drawn_map(vectors: np.ndarray) -> go.Figure:
    """A map of vectors, as the page draws it."""
    points, drawn = len(vectors), pca(vectors, 2)
    colouring = Colouring.of(pd.Series(np.arange(points) % 12).astype(str), "Field")
    names = [f"Category {at % 100} — Type {at % 1000} · National (#{at})" for at in range(points)]
    return map_figure(drawn, np.arange(points), names, colouring, window=span(drawn))


def many(points: int) -> None:
    """A map of so many points, from vectors to what the browser gets, and in a tab."""
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
    figure = drawn_map(vectors)
    at = mark("figure", at)
    size = len(figure.to_json())
    mark("JSON", at)
    print(json.dumps({"points": points, "megabytes": round(size / 1e6, 1), **{what: round(s, 2) for what, s in marks}}))
    for count in sorted({points, min(points, DRAWN)}):
        print(json.dumps({"points": count, **tab(drawn_map(vectors[:count]))}))


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
