"""The layout analysis: UMAP of two arms, each map begun at the one it should be comparable with."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pdcn.arrays import Floats
from pdcn.inert import quoted, short
from pdcn.jobs.analysis import Say, Settings
from pdcn.nn.two_tower import TwoTower
from pdcn.pages.embeddings import words
from pdcn.pages.embeddings.work.layout import Map, import_umap, nearest_by_angle, turn_onto, umap_map
from pdcn.pages.embeddings.work.space import spread
from pdcn.pages.embeddings.work.space_job import MOVING, item_vectors, moment, query_vectors, sample
from pdcn.runs.trained import TrainedRun
from pdcn.settings import SettingError

ENDED = -1
"""Stands for the step of the finished model in the table."""
MOMENT_EPOCHS = 200
"""Of a moment of training, which starts where the next one ended; finished maps of both arms get UMAP's own number."""


def inspect(opened: TrainedRun, settings: Settings, say: Say) -> dict[str, pd.DataFrame]:
    """Table `maps`: `arm`, `step` (ENDED for the finished model), `point`, and `x`, `y` (and `z`).

    The right arm's map begins at the left arm's, and over training each moment begins at the one after it: told
    backwards from the finished map. So positions can be compared, and no force pulls maps together that disagree.
    Measured against AlignedUMAP on the showcase in `tests/benchmarks/maps.py`.
    """
    data = opened.data
    events, items = sample(opened, int(settings["queries"]), int(settings["items"]))
    points, seed, training = str(settings["points"]), int(settings["seed"]), bool(settings["over_training"])
    counts = {"items": len(items), "queries": len(events), "both": len(items) + len(events)}
    if points not in counts:
        raise SettingError(f"layout: expected points among {', '.join(counts)}, got {quoted(points)}")
    count = counts[points]
    chosen = spread(count, MOVING) if training else np.arange(count)
    wanted = str(settings["left"]), str(settings["right"])
    arms = [arm for arm in wanted if arm in opened.arms]
    if not arms:
        raise SettingError(
            f"layout: expected left or right among {', '.join(opened.arms)}, got {' and '.join(map(short, wanted))}"
        )
    for arm in arms:
        if seed not in opened.folder.seeds_of(arm):
            raise SettingError(f"layout: expected a seed whose weights of {arm} are kept, got {seed}")

    def vectors(model: TwoTower) -> Floats:
        parts = []
        if points != "queries":
            parts.append(item_vectors(model, data)[items])
        if points != "items":
            parts.append(query_vectors(model, data, events))
        return np.concatenate(parts)[chosen]

    steps = {arm: opened.folder.steps_of(arm)[::-1] if training else () for arm in arms}
    draw = _Draw(settings, sum(1 + len(found) for found in steps.values()), say)
    first = len(items) if points == "queries" else 0  # where these points begin among all
    found: list[pd.DataFrame] = []
    start: Map | None = None
    for arm in arms:
        drawn = draw(vectors(opened.model(arm, seed)), start)
        start = drawn if start is None else start
        found.append(moment(arm, ENDED, chosen + first, drawn, coarse=training))
        for step in steps[arm]:
            drawn = draw(vectors(opened.snapshot(arm, step)), drawn, MOMENT_EPOCHS)
            found.append(moment(arm, step, chosen + first, drawn, coarse=training))
    return {"maps": pd.concat(found, ignore_index=True)}


class _Draw:
    """Draws one map after the other and says which."""

    def __init__(self, settings: Settings, total: int, say: Say) -> None:
        self.settings, self.total, self.say, self.done = settings, total, say, 0
        say(0.0, words.IMPORTING)
        import_umap()

    def __call__(self, vectors: Floats, start: Map | None, epochs: int | None = None) -> Map:
        settings, which = self.settings, {"map": self.done + 1, "maps": self.total}
        self.say((self.done + 0.1) / self.total, words.NEARING(**which))
        near = nearest_by_angle(vectors, min(int(settings["neighbours"]), len(vectors)))
        self.say((self.done + 0.3) / self.total, words.MOVING_POINTS(**which, points=f"{len(vectors):,}"))
        drawn = umap_map(
            vectors,
            near,
            dimensions=int(settings["dimensions"]),
            distance=float(settings["distance"]),
            draw=int(settings["draw"]),
            start=start,
            epochs=epochs,
        )
        self.done += 1
        return drawn if start is None else turn_onto(start, drawn)
